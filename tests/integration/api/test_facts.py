"""`/api/facts`: what is known of the owner, shown, put right, pinned, hidden, forgotten."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from tests.clocks import SOME_MOMENT
from tests.integration.api.conftest import Vega
from tests.lives import tell
from vega.core.memory import FactKind, Statement

DAY = timedelta(days=1)


def color(value: str) -> Statement:
    return Statement("favorite color", value, FactKind.FAVORITE)


def like(value: str) -> Statement:
    return Statement("like", value, FactKind.LIKE, is_one_of_many=True)


@pytest.fixture
async def told(vega: Vega) -> Vega:
    """Three turns: blue, then green and tea, then the name."""
    await tell(vega.life.store, facts=[color("blue")])
    await tell(vega.life.store, facts=[color("green"), like("tea")], at=SOME_MOMENT + DAY)
    await tell(vega.life.store, facts=[Statement("name", "Ana", FactKind.NAME)], at=SOME_MOMENT)
    return vega


async def get(client: httpx2.AsyncClient, path: str = "") -> Any:
    response = await client.get(f"/api/facts{path}")
    assert response.status_code == 200, response.text
    return response.json()


async def listed(client: httpx2.AsyncClient, query: str = "") -> list[str]:
    return [f"{one['attribute']}: {one['value']}" for one in (await get(client, query))["facts"]]


async def id_of(client: httpx2.AsyncClient, value: str) -> int:
    found = (await get(client, "?all=true"))["facts"]
    return int(next(fact["id"] for fact in found if fact["value"] == value))


async def patch(client: httpx2.AsyncClient, fact_id: int, **change: object) -> httpx2.Response:
    return await client.patch(f"/api/facts/{fact_id}", json=change)


async def test_a_fact_is_shown_with_all_that_is_known_of_it(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    fact_id = await id_of(client, "green")

    shown = await get(client, f"/{fact_id}")

    expected = {
        "id": fact_id,
        "kind": "favorite",
        "attribute": "favorite color",
        "value": "green",
        "turn_id": 2,
        "held_from": (SOME_MOMENT + DAY).isoformat(),
        "held_until": None,
        "ending": None,
        "timezone": "Europe/Vienna",
        "said_again_at": None,
        "said_again_in": None,
        "is_pinned": False,
        "is_private": False,
        "model": None,
    }
    assert {**shown, "history": None} == {**expected, "history": None}
    assert [(one["value"], one["ending"]) for one in shown["history"]] == [
        ("blue", "superseded"),
        ("green", None),
    ]


async def test_facts_come_newest_first_and_of_a_kind(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    assert await listed(client) == ["like: tea", "favorite color: green", "name: Ana"]
    assert await listed(client, "?kind=name&kind=like") == ["like: tea", "name: Ana"]
    assert await listed(client, "?kind=pet") == []
    assert (await listed(client, "?all=true"))[-1] == "favorite color: blue"


async def test_the_list_can_be_turned_page_by_page(told: Vega, client: httpx2.AsyncClient) -> None:
    found, query = list[str](), "?all=true&limit=1"
    while True:
        page = await get(client, query)
        found += [fact["value"] for fact in page["facts"]]
        if page["next_before"] is None:
            break
        query = f"?all=true&limit=1&before={page['next_before']}"

    assert found == ["tea", "green", "Ana", "blue"]


async def test_a_fact_is_put_right_and_the_old_one_stays_as_history(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    fact_id = await id_of(client, "green")

    changed = (await patch(client, fact_id, value="  teal ")).json()

    assert (changed["value"], changed["turn_id"]) == ("teal", 2)
    assert changed["held_from"] == (SOME_MOMENT + DAY).isoformat()
    history = (await get(client, f"/{changed['id']}"))["history"]
    assert [(one["value"], one["ending"]) for one in history] == [
        ("blue", "superseded"),
        ("green", "corrected"),
        ("teal", None),
    ]
    again = await patch(client, fact_id, value="grey")
    assert (again.status_code, again.json()["code"]) == (409, "fact_over")


async def test_the_value_that_it_has_changes_nothing(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    fact_id = await id_of(client, "Ana")

    assert (await patch(client, fact_id, value="Ana")).json()["id"] == fact_id
    # It is only spelled otherwise.
    assert (await patch(client, fact_id, value="ANA")).json()["id"] == fact_id

    assert await listed(client, "?all=true&kind=name") == ["name: ANA"]


async def test_one_of_many_is_put_right_in_a_place_of_its_own(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    await patch(client, await id_of(client, "tea"), value="green tea")
    await tell(told.life.store, facts=[like("tea")], at=SOME_MOMENT + 2 * DAY)

    assert sorted(await listed(client, "?kind=like")) == ["like: green tea", "like: tea"]


async def test_a_fact_is_pinned_and_made_private(told: Vega, client: httpx2.AsyncClient) -> None:
    fact_id = await id_of(client, "green")

    changed = (await patch(client, fact_id, is_pinned=True, is_private=True)).json()
    assert (changed["is_pinned"], changed["is_private"]) == (True, True)

    changed = (await patch(client, fact_id, is_pinned=False, is_private=False)).json()
    assert (changed["is_pinned"], changed["is_private"]) == (False, False)


async def test_what_is_over_cannot_be_pinned(told: Vega, client: httpx2.AsyncClient) -> None:
    refused = await patch(client, await id_of(client, "blue"), is_pinned=True)

    assert (refused.status_code, refused.json()["code"]) == (409, "fact_over")


async def test_a_forgotten_fact_is_gone_and_is_not_drawn_again(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    fact_id = await id_of(client, "green")

    response = await client.delete(f"/api/facts/{fact_id}")

    assert response.json() == {"forgotten": fact_id, "told_in": [2]}
    assert (await client.get(f"/api/facts/{fact_id}")).status_code == 404
    # What it took the place of was no longer so, and is not so again.
    assert await listed(client, "?kind=favorite") == []
    assert await listed(client, "?kind=favorite&all=true") == ["favorite color: blue"]
    await client.post("/api/facts/redraw")
    await tell(told.life.store)
    assert await listed(client, "?kind=favorite") == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "value, is_pinned and is_private"),
        ({"value": ""}, "value: is empty"),
        ({"value": " \t"}, "value: is empty"),
        ({"value": "x" * 501}, "longer than 500"),
        ({"value": "a\nb"}, "line break"),
        ({"value": "a\x00b"}, "cannot be shown"),
        ({"value": 5}, "value"),
        ({"is_pinned": "yes"}, "is_pinned"),
        ({"color": "red"}, "color"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused(
    told: Vega, client: httpx2.AsyncClient, change: dict[str, object], words: str
) -> None:
    refused = await patch(client, await id_of(client, "tea"), **change)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert words in refused.json()["error"]
    assert await listed(client, "?kind=like") == ["like: tea"]


@pytest.mark.parametrize("query", ["?kind=mood", "?limit=0", "?limit=1001", "?before=x", "?all=7"])
async def test_a_question_that_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, query: str
) -> None:
    assert (await client.get(f"/api/facts{query}")).status_code == 422


async def test_a_fact_that_is_not_there_is_not_found(client: httpx2.AsyncClient) -> None:
    for method in ("GET", "DELETE"):
        missing = await client.request(method, "/api/facts/77")
        assert (missing.status_code, missing.json()["code"]) == (404, "fact_not_found")
    assert (await patch(client, 77, value="x")).status_code == 404
    assert (await client.get("/api/facts/0")).status_code == 422


async def test_facts_need_the_key_and_no_other_site_changes_them(told: Vega) -> None:
    async with told.client(key="") as stranger:
        assert (await stranger.get("/api/facts")).status_code == 401
        assert (await stranger.delete("/api/facts/1")).status_code == 401
    async with told.client() as owner:
        headers = {"Origin": "https://elsewhere.example"}
        for method, path in (
            ("DELETE", "/api/facts/1"),
            ("PATCH", "/api/facts/1"),
            ("POST", "/api/facts/redraw"),
            ("POST", "/api/digests/redraw"),
        ):
            refused = await owner.request(method, path, headers=headers, json={"value": "x"})
            assert refused.status_code == 403, path


async def test_what_is_to_be_read_again_is_counted(told: Vega, client: httpx2.AsyncClient) -> None:
    begun = await client.post("/api/facts/redraw")

    assert begun.status_code == 202
    assert begun.json()["pending"] >= 3
    status = (await client.get("/api/status")).json()
    assert status["facts"] == begun.json()


async def test_digests_are_not_written_again_by_a_model_that_is_not_able(
    client: httpx2.AsyncClient,
) -> None:
    refused = await client.post("/api/digests/redraw")

    assert (refused.status_code, refused.json()["code"]) == (409, "no_able_model")


async def test_what_is_changed_at_once_is_changed_together_or_not_at_all(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    fact_id = await id_of(client, "blue")

    refused = await patch(client, fact_id, value="navy", is_private=True, is_pinned=True)
    assert refused.status_code == 409
    shown = await get(client, f"/{fact_id}")
    assert (shown["value"], shown["ending"], shown["is_private"]) == ("blue", "superseded", False)
    assert "favorite color: navy" not in await listed(client, "?all=true")

    changed = (
        await patch(client, await id_of(client, "green"), value="teal", is_pinned=True)
    ).json()
    assert (changed["value"], changed["is_pinned"]) == ("teal", True)


async def test_a_change_of_nothing_is_refused(told: Vega, client: httpx2.AsyncClient) -> None:
    fact_id = await id_of(client, "green")

    assert (await patch(client, fact_id)).status_code == 422
    assert (await patch(client, fact_id, value=None)).status_code == 422


async def test_every_turn_that_told_what_is_forgotten_is_named(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    for number in range(4):
        await tell(vega.life.store, facts=[like("tea")], at=SOME_MOMENT + number * DAY)

    forgotten = await client.delete(f"/api/facts/{await id_of(client, 'tea')}")

    assert forgotten.json()["told_in"] == [1, 2, 3, 4]
