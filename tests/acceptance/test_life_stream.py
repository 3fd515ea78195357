"""The stream of the whole life: a reader who re-joins holds the same text as the store."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.acceptance.conftest import MakeVega
from tests.model_server import Behaviour, ModelServer
from tests.vega_process import Event, VegaProcess, free_ports

SLOW = "scripted:?words=40&delay_ms=50"


class Follower:
    """A reader of the life's stream that keeps what it was told of the first turn's answer."""

    def __init__(self, vega: VegaProcess) -> None:
        self.text = ""
        self.response: str | None = None
        self._vega = vega
        self._last_event_id = "0"
        self._stream = ExitStack()
        self._events: Iterator[Event] | None = None

    def read_until(self, kind: str, turn_id: int) -> None:
        if self._events is None:
            stream = self._vega.events("/api/events", last_event_id=self._last_event_id)
            self._events = self._stream.enter_context(stream)
        for event in self._events:
            self._take(event)
            if (event.kind, event.data["turn_id"]) == (kind, turn_id):
                return

    def leave(self) -> None:
        """The next read joins again."""
        self._events = None
        self._stream.close()

    def _take(self, event: Event) -> None:
        self._last_event_id = event.id
        if event.data["turn_id"] != 1:
            return
        match event.kind:
            case "turn.delta":
                self.text += event.data["text"]
            case "turn.restarted":
                self.text = event.data["text"]
            case "turn.completed":
                self.response = event.data["response"]


def test_a_reader_that_rejoins_within_an_answer_after_another_prompt_holds_its_text(
    make_vega: MakeVega,
) -> None:
    vega = make_vega(model_url=SLOW)
    vega.start()
    follower = Follower(vega)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(vega.chat, "The first.")
        follower.read_until("turn.delta", 1)
        pool.submit(vega.chat, "The second.")
        follower.read_until("turn.accepted", 2)
        follower.leave()
        follower.read_until("turn.completed", 1)
        follower.leave()

    assert follower.text == follower.response == vega.turn(1)["response"]


@pytest.mark.parametrize("leaves", [False, True], ids=["stays", "leaves"])
async def test_a_reader_holds_an_answer_that_broke_off_and_went_on_after_another_one(
    leaves: bool, make_vega: MakeVega
) -> None:
    (port,) = free_ports(1)
    vega = make_vega(model_url=f"http://127.0.0.1:{port}/v1")
    await asyncio.to_thread(vega.start)
    follower = Follower(vega)

    async with ModelServer(Behaviour(delay_seconds=0.05), port):
        asking = asyncio.create_task(asyncio.to_thread(vega.chat, "What is a tree?"))
        await asyncio.to_thread(follower.read_until, "turn.delta", 1)
    await asyncio.to_thread(vega.chat, "My favorite color is blue.")
    await asyncio.to_thread(follower.read_until, "turn.completed", 2)
    if leaves:
        follower.leave()
    async with ModelServer(Behaviour(), port):
        await asyncio.to_thread(follower.read_until, "turn.completed", 1)
        await asking
    follower.leave()

    assert follower.text == follower.response == vega.turn(1)["response"]


async def test_a_reader_is_told_when_the_store_answers_in_place_of_a_model_that_broke_off(
    make_vega: MakeVega,
) -> None:
    (port,) = free_ports(1)
    vega = make_vega(model_url=f"http://127.0.0.1:{port}/v1")
    await asyncio.to_thread(vega.start)
    text = ""

    async with ModelServer(Behaviour(delay_seconds=0.05), port):
        stack = ExitStack()
        events = stack.enter_context(vega.events("/chat", prompt="What is my favorite color?"))
        begun = [await asyncio.to_thread(next, events) for _ in range(4)]
    with stack:
        for event in [*begun, *await asyncio.to_thread(list, events)]:
            match event.kind:
                case "turn.delta":
                    text += event.data["text"]
                case "turn.restarted":
                    text = event.data["text"]

    assert event.kind == "turn.completed"
    assert event.data["response"].startswith("I have no record of that")
    assert text == event.data["response"]
