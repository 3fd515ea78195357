"""Turns after they were accepted, and the history."""

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from tests.clocks import SOME_MOMENT
from tests.integration.api import sse
from tests.integration.api.conftest import Vega, running
from tests.lives import tell, until
from tests.models import SteppedModel


async def test_a_turn_is_shown_whole(vega: Vega, client: httpx2.AsyncClient) -> None:
    await tell(vega.life.store, "Hello", "Hi!")

    shown = await client.get("/api/turns/1")

    assert shown.json() == {
        "id": 1,
        "prompt": "Hello",
        "response": "Hi!",
        "status": "completed",
        "tier": "full",
        "created_at": "2026-11-22T09:00:00+00:00",
        "ended_at": "2026-11-22T09:00:00+00:00",
        "timezone": "Europe/Vienna",
        "origin": "api",
        "device": None,
        "error": None,
        "note": None,
        "model": "scripted",
        "sent_to": None,
        "prompt_tokens": None,
        "completion_tokens": None,
        "sources": [],
        "forgotten_at": None,
    }


@pytest.mark.parametrize("path", ["/api/turns/99", "/api/turns/99/events"])
async def test_an_unknown_turn_is_not_found(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "turn_not_found")


async def test_an_unknown_turn_can_neither_be_stopped_nor_asked_again(
    client: httpx2.AsyncClient,
) -> None:
    assert (await client.delete("/api/turns/99")).status_code == 404
    assert (await client.post("/api/turns/99/again")).status_code == 404


@pytest.mark.parametrize(
    "turn_id", [str(2**63), "9" * 5_000, "-1", "0", "abc", "1.5", "%00", "١", "1e3", "null"]
)
async def test_what_is_no_turn_id_is_refused(client: httpx2.AsyncClient, turn_id: str) -> None:
    answer = await client.get(f"/api/turns/{turn_id}")

    assert answer.status_code in (404, 422)
    assert "error" in answer.json()
    assert "Traceback" not in answer.text


async def test_the_largest_turn_id_is_only_unknown(client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"/api/turns/{2**63 - 1}")).status_code == 404


async def test_a_turns_events_are_resumed_after_the_last_seen(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await tell(vega.life.store, "Hello", "Hi, you!")

    whole = sse.parse((await client.get("/api/turns/1/events")).text)
    rest = await client.get("/api/turns/1/events", headers={"Last-Event-ID": "1.2"})
    ended = await client.get("/api/turns/1/events", headers={"Last-Event-ID": whole[-1].id})

    assert [event.kind for event in whole] == ["turn.accepted", "turn.delta", "turn.completed"]
    assert [event.data.get("text") for event in sse.parse(rest.text)] == [", you!", None]
    assert (ended.status_code, ended.content) == (204, b"")


async def test_a_last_event_id_from_the_future_brings_the_whole_text(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await tell(vega.life.store, "Hello", "Hi!")

    for future in ("1.9", "7.1", "7.1.end"):
        answer = await client.get("/api/turns/1/events", headers={"Last-Event-ID": future})
        events = sse.parse(answer.text)
        assert [event.kind for event in events] == ["turn.restarted", "turn.completed"]
        assert events[0].data == {"turn_id": 1, "text": "Hi!"}


@pytest.mark.parametrize("path", ["/api/turns/1/events", "/api/events"])
@pytest.mark.parametrize("last_id", ["x", "1.2.3.4.5", "-1", "9" * 60, "é", "1;DROP"])
async def test_a_malformed_last_event_id_is_refused(
    vega: Vega, client: httpx2.AsyncClient, path: str, last_id: str
) -> None:
    await tell(vega.life.store)

    answer = await client.get(path, headers={b"Last-Event-ID": last_id.encode()})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert "Last-Event-ID" in answer.json()["error"]


async def test_an_answer_is_stopped(tmp_path: Path) -> None:
    model = SteppedModel()
    async with running(tmp_path, model) as vega, vega.client() as client:
        await vega.life.say("Hello")
        model.step(3)
        live = vega.life.live_turns.find(1)
        assert live is not None
        await until(lambda: len(live.text) > 8)

        stopped = await client.delete("/api/turns/1")
        again = await client.delete("/api/turns/1")

        assert (stopped.status_code, stopped.json()["status"]) == (200, "stopped")
        assert stopped.json()["response"].startswith("You said")
        assert (again.status_code, again.json()["code"]) == (409, "turn_ended")


async def test_an_ended_turn_is_asked_again(vega: Vega, client: httpx2.AsyncClient) -> None:
    await tell(vega.life.store, "Hello", "Hi!")

    asked = await client.post("/api/turns/1/again")
    turn = await vega.life.ended(1)

    assert (asked.status_code, asked.json()["status"]) == (202, "pending")
    assert turn.response.startswith("You said: Hello")


async def test_history_is_read_page_by_page_newest_first(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    for number in range(7):
        await tell(vega.life.store, f"{number}", at=SOME_MOMENT + timedelta(minutes=number))

    pages, before = [], None
    while True:
        params = {"limit": "3"} | ({"before": before} if before else {})
        page = (await client.get("/history", params=params)).json()
        pages.append([turn["prompt"] for turn in page["turns"]])
        before = page["next_before"]
        if before is None:
            break

    assert pages == [["6", "5", "4"], ["3", "2", "1"], ["0"]]


async def test_an_exact_page_leads_nowhere(vega: Vega, client: httpx2.AsyncClient) -> None:
    await tell(vega.life.store)

    assert (await client.get("/history?limit=1")).json()["next_before"] is None
    assert len((await client.get("/history")).json()["turns"]) == 1


async def test_times_before_1970_have_their_place_too(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    for year in (1960, 1950):
        await tell(vega.life.store, f"{year}", at=SOME_MOMENT.replace(year=year))

    first = (await client.get("/history?limit=1")).json()
    second = (await client.get(f"/history?limit=1&before={first['next_before']}")).json()

    assert [first["turns"][0]["prompt"], second["turns"][0]["prompt"]] == ["1960", "1950"]


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=-1",
        "limit=x",
        f"limit={'9' * 30}",
        "before=x",
        "before=5",
        "before=1-2-3",
        "before=99999999999999999-1",
        "before=-99999999999999999-1",
        f"before={'9' * 50}-1",
    ],
)
async def test_a_page_that_cannot_be_is_refused(client: httpx2.AsyncClient, query: str) -> None:
    answer = await client.get(f"/history?{query}")

    assert answer.status_code in (200, 422), answer.text
    assert answer.headers["content-type"] == "application/json"
    if query != "before=99999999999999999-1":
        assert answer.status_code == 422
