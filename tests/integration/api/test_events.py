"""The stream of the whole life, and streams that wait."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from tests.integration.api import sse
from tests.integration.api.conftest import Vega, running
from tests.lives import tell
from tests.models import SteppedModel
from vega.api import events as events_module


def headers(vega: Vega, **more: str) -> dict[str, str]:
    return {"Host": "localhost:8000", "X-API-Key": vega.key, **more}


async def test_everyone_connected_sees_every_turn(vega: Vega) -> None:
    readers = [sse.Stream(vega.app, "/api/events", headers(vega)) for _ in range(2)]
    for reader in readers:
        await reader.opened()

    await vega.life.ask("Hello")
    first, second = [await reader.events(3) for reader in readers]
    for reader in readers:
        await reader.leave()

    assert readers[0].status == 200
    assert readers[0].headers["content-type"].startswith("text/event-stream")
    assert first[0].kind == second[0].kind == "turn.accepted"
    assert first[0].data["prompt"] == "Hello"


async def test_what_happened_meanwhile_is_replayed(vega: Vega) -> None:
    for number in range(3):
        await tell(vega.life.store, f"prompt {number}")

    reader = sse.Stream(vega.app, "/api/events", headers(vega, **{"Last-Event-ID": "2"}))
    events = await reader.events(4)
    await reader.leave()

    assert [(event.kind, event.data["turn_id"], event.id) for event in events] == [
        ("turn.accepted", 2, "3"),
        ("turn.completed", 2, "4"),
        ("turn.accepted", 3, "5"),
        ("turn.completed", 3, "6"),
    ]


async def test_an_id_from_the_future_begins_now(vega: Vega) -> None:
    await tell(vega.life.store)
    reader = sse.Stream(vega.app, "/api/events", headers(vega, **{"Last-Event-ID": "999"}))
    await reader.opened()

    turn = await vega.life.ask("Hello")
    events = await reader.events(1)
    await reader.leave()

    assert (events[0].kind, events[0].data["turn_id"]) == ("turn.accepted", turn.id)


async def test_a_silent_stream_says_that_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_module, "KEEP_ALIVE_SECONDS", 0.01)
    model = SteppedModel()
    async with running(tmp_path, model) as vega:
        await vega.life.say("Hello")
        reader = sse.Stream(vega.app, "/api/turns/1/events", headers(vega))
        await reader.events(1)
        async with asyncio.timeout(5):
            while reader._text.count(": keep-alive\n\n") < 3:
                await asyncio.sleep(0.01)
        model.go_on()
        await vega.life.ended(1)
        events = await reader.events(3)
        await reader.leave()

    assert [event.kind for event in events][:2] == ["turn.accepted", "turn.delta"]


async def test_a_reader_that_leaves_stops_nothing(tmp_path: Path) -> None:
    model = SteppedModel()
    async with running(tmp_path, model) as vega:
        await vega.life.say("Hello")
        reader = sse.Stream(vega.app, "/api/turns/1/events", headers(vega))
        model.step(2)
        await reader.events(2)
        await reader.leave()
        model.go_on()

        assert (await vega.life.ended(1)).response.endswith("word12")


async def test_streams_end_when_vega_does(vega: Vega, client: httpx2.AsyncClient) -> None:
    reader = sse.Stream(vega.app, "/api/events", headers(vega))
    await reader.opened()

    vega.life.live_turns.close()
    async with asyncio.timeout(5):
        await reader._task

    assert reader.status == 200


async def test_text_that_looks_like_an_event_stays_text(client: httpx2.AsyncClient) -> None:
    tricky = "a\n\nevent: turn.completed\ndata: {}\n\nb\r\nid: 7\u2028c"

    answer = await client.post("/chat", json={"prompt": tricky, "stream": True})
    found = sse.parse(answer.text)

    assert found[0].data["prompt"] == tricky
    assert [event.kind for event in found].count("turn.completed") == 1
