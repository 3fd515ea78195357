"""`GET /api/recall` over the whole application."""

import json
from datetime import timedelta

import httpx2
import pytest

from tests.clocks import SOME_MOMENT
from tests.integration.api.conftest import Vega
from tests.lives import tell


async def test_a_message_is_shown_with_where_it_comes_from_and_what_it_takes(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    line = {
        "external_id": "chat-7",
        "role": "assistant",
        "name": "Vi",
        "text": "Moles dig.",
        "at": "2020-05-01T12:00:00",
    }
    await client.post("/api/import", content=json.dumps(line).encode())

    found = (await client.get("/api/recall", params={"q": "What do moles do?"})).json()

    assert found["items"][0].pop("score") > 0
    assert found == {
        "window": None,
        "timezone": "Europe/Vienna",
        "complete": True,
        "tokens": 17,
        "items": [
            {
                "turn_id": 1,
                "external_id": "chat-7",
                "role": "assistant",
                "name": "Vi",
                "at": "2020-05-01T10:00:00+00:00",
                "timezone": "Europe/Vienna",
                "text": "Moles dig.",
                "tokens": 17,
                "tier": "full",
            }
        ],
    }


async def test_a_question_of_time_gives_its_window_and_what_was_said_in_it(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await tell(vega.life.store, "Old", "Older", at=SOME_MOMENT - timedelta(days=1))
    await tell(vega.life.store, "New", "Newer", at=SOME_MOMENT)

    params = {"q": "What did we talk about yesterday?", "at": "2026-11-22T12:00:00"}
    found = (await client.get("/api/recall", params=params)).json()

    assert found["window"] == {
        "from": "2026-11-20T23:00:00+00:00",
        "to": "2026-11-21T23:00:00+00:00",
    }
    assert [item["text"] for item in found["items"]] == ["Old", "Older"]


async def test_nothing_later_than_the_moment_of_asking_is_found(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    for days in (0, 1, 2):
        await tell(vega.life.store, f"mole {days}", "-", at=SOME_MOMENT + timedelta(days=days))

    params = {"q": "mole", "at": "2026-11-23T12:00:00Z"}
    found = (await client.get("/api/recall", params=params)).json()

    texts = {item["text"] for item in found["items"]}
    assert {"mole 0", "mole 1"} <= texts
    assert "mole 2" not in texts


async def test_the_budget_and_the_limit_hold(vega: Vega, client: httpx2.AsyncClient) -> None:
    for number in range(30):
        await tell(vega.life.store, f"mole {number} {'digs ' * 50}", "Yes, moles.")

    async def ask(**query: int) -> dict[str, object]:
        answer = await client.get("/api/recall", params={"q": "mole", **query})
        return dict(answer.json())

    small, few = await ask(budget_tokens=200), await ask(limit=3)
    assert 0 < small["tokens"] <= 200  # type: ignore[operator]
    assert len(few["items"]) == 3  # type: ignore[arg-type]


async def test_recalling_stores_nothing(vega: Vega, client: httpx2.AsyncClient) -> None:
    await tell(vega.life.store, "A mole?", "Yes")
    before = await vega.life.store.tier_totals()

    await client.get("/api/recall", params={"q": "What about the mole yesterday?"})

    assert await vega.life.store.tier_totals() == before


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "  \n"},
        {"q": "mole", "limit": 0},
        {"q": "mole", "limit": 101},
        {"q": "mole", "budget_tokens": 0},
        {"q": "mole", "budget_tokens": 100_001},
        {"q": "mole", "budget_tokens": "many"},
        {"q": "mole", "at": "yesterday"},
        {"q": "mole", "at": ""},
        {"q": "mole", "at": "0001-01-01T00:00:00+10:00"},
    ],
)
async def test_what_makes_no_question_is_refused(
    client: httpx2.AsyncClient, query: dict[str, str | int]
) -> None:
    refused = await client.get("/api/recall", params=query)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("at", ["1000-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-02"])
@pytest.mark.parametrize(
    "question", ["What did we talk about last week?", "mole", "before my trip"]
)
async def test_any_moment_of_asking_will_do(
    vega: Vega, client: httpx2.AsyncClient, at: str, question: str
) -> None:
    await tell(vega.life.store, "A mole on my trip", "Yes")

    answer = await client.get("/api/recall", params={"q": question, "at": at})

    assert answer.status_code in (200, 422)


@pytest.mark.parametrize(
    "address",
    [
        *("%00", "%ff%fe", "%F0%9F%A6%AD", "%22%22%22", "a%00b", "%ed%a0%80", "%22"),
        "NEAR(a%20b)%20AND%20NOT%20*%20OR%20col:x%20^%20-",
        "%D7%A9%D7%9C%D7%95%D7%9D",
    ],
)
async def test_whatever_is_typed_is_no_error(
    vega: Vega, client: httpx2.AsyncClient, address: str
) -> None:
    await tell(vega.life.store, "A mole", "Yes")

    assert (await client.get(f"/api/recall?q={address}")).status_code in (200, 422)


async def test_recall_needs_the_key(vega: Vega) -> None:
    async with vega.client(key="") as stranger:
        assert (await stranger.get("/api/recall?q=mole")).status_code == 401


@pytest.mark.parametrize("at", ["9999-12-31T23:59:00Z", "0001-01-01T00:00:00"])
async def test_a_time_at_the_end_of_the_calendar_is_refused(
    vega: Vega, client: httpx2.AsyncClient, at: str
) -> None:
    answer = await client.get("/api/recall", params={"q": "bees yesterday", "at": at})

    assert answer.status_code == 422
