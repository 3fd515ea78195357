"""The stream of the whole life: in order, none left out, resumable at any event."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from vega.core.conversation import EventKind, Outcome, TurnEvent, TurnStatus
from vega.core.live_turns import LINKS_AT_ONCE, LiveTurn, LiveTurns
from vega.core.store import Store
from vega.errors import InvalidInput

Events = AsyncGenerator[TurnEvent, None]


@pytest.fixture
def live_turns(store: Store) -> LiveTurns:
    return LiveTurns(store)


async def take(events: Events, count: int) -> list[TurnEvent]:
    async with asyncio.timeout(5):
        return [await anext(events) for _ in range(count)]


async def begin(store: Store, live_turns: LiveTurns) -> LiveTurn:
    turn, _ = await store.accept_turn(new_turn())
    live = live_turns.add(turn)
    await store.begin_attempt(turn.id, live.generation, "", SOME_MOMENT)
    live_turns.running = live
    live_turns.changed.notify()
    return live


async def accept(store: Store, live_turns: LiveTurns) -> None:
    turn, _ = await store.accept_turn(new_turn())
    live_turns.add(turn)


def kinds(events: list[TurnEvent]) -> list[tuple[EventKind, int]]:
    return [(event.kind, event.turn_id) for event in events]


async def test_everything_after_an_event_is_replayed_in_order(
    store: Store, live_turns: LiveTurns
) -> None:
    for _ in range(LINKS_AT_ONCE):
        await tell(store)

    events = await take(live_turns.follow_life("0"), 2 * LINKS_AT_ONCE)

    assert [event.id for event in events] == [str(n + 1) for n in range(2 * LINKS_AT_ONCE)]
    assert kinds(events)[:4] == [
        (EventKind.ACCEPTED, 1),
        (EventKind.COMPLETED, 1),
        (EventKind.ACCEPTED, 2),
        (EventKind.COMPLETED, 2),
    ]


async def test_without_an_id_it_begins_now(store: Store, live_turns: LiveTurns) -> None:
    await tell(store)
    events = live_turns.follow_life(None)

    live = await begin(store, live_turns)
    accepted = await take(events, 1)
    live.add("Hi")
    delta = await take(events, 1)
    live.restart("Ho")
    restarted = await take(events, 1)
    turn = await store.end_turn(2, completed("Ho", generation=2), (), SOME_MOMENT)
    live_turns.running = None
    live_turns.end(turn)
    end = await take(events, 1)

    assert kinds(accepted + restarted + end) == [
        (EventKind.ACCEPTED, 2),
        (EventKind.RESTARTED, 2),
        (EventKind.COMPLETED, 2),
    ]
    assert delta[0].kind in (EventKind.DELTA, EventKind.RESTARTED)
    assert [event.text for event in delta + restarted] == ["Hi", "Ho"]


async def test_a_reader_goes_on_within_the_running_turn(
    store: Store, live_turns: LiveTurns
) -> None:
    live = await begin(store, live_turns)
    events = live_turns.follow_life(None)
    live.add("Hello")
    first = (await take(events, 1))[0]
    await events.aclose()

    live.add(", you")
    second = (await take(live_turns.follow_life(first.id), 1))[0]

    assert (first.text, second.text) == ("Hello", ", you")


async def test_a_reader_that_saw_another_prompt_arrive_does_not_get_the_text_twice(
    store: Store, live_turns: LiveTurns
) -> None:
    live = await begin(store, live_turns)
    events = live_turns.follow_life(None)
    live.add("Hello")
    seen = await take(events, 1)
    await accept(store, live_turns)
    seen += await take(events, 1)
    await events.aclose()

    live.add(", you")
    seen += await take(live_turns.follow_life(seen[-1].id), 1)

    text = ""
    for event in seen:
        if event.kind is EventKind.RESTARTED:
            text = event.text
        elif event.kind is EventKind.DELTA:
            text += event.text
    assert text == "Hello, you"


async def test_an_id_from_the_future_begins_now(store: Store, live_turns: LiveTurns) -> None:
    await tell(store)
    events = live_turns.follow_life("999999")

    await tell(store)
    live_turns.changed.notify()

    assert kinds(await take(events, 2)) == [(EventKind.ACCEPTED, 2), (EventKind.COMPLETED, 2)]


@pytest.mark.parametrize("last_id", ["", "x", "-1", "1.2", "1.2.3", "1.2.3.4.5", "1" * 30, "1.end"])
async def test_an_id_that_this_stream_never_gave_is_refused(
    live_turns: LiveTurns, last_id: str
) -> None:
    with pytest.raises(InvalidInput, match="no id of this stream"):
        live_turns.follow_life(last_id)


async def test_each_replayed_end_is_the_one_that_it_was(
    store: Store, live_turns: LiveTurns
) -> None:
    turn, _ = await store.accept_turn(new_turn())
    await store.end_turn(turn.id, Outcome(TurnStatus.FAILED, "", reason="no"), (), SOME_MOMENT)
    await store.ask_again(turn.id)
    await store.end_turn(turn.id, completed("yes", generation=2), (), SOME_MOMENT)

    events = await take(live_turns.follow_life("0"), 3)

    assert kinds(events) == [
        (EventKind.ACCEPTED, 1),
        (EventKind.FAILED, 1),
        (EventKind.COMPLETED, 1),
    ]


async def test_a_turn_that_is_asked_again_is_not_replayed_as_ended_with_half_an_answer(
    store: Store, live_turns: LiveTurns
) -> None:
    turn = await tell(store, answer="whole")
    await store.ask_again(turn.id)
    await store.begin_attempt(turn.id, 2, "hal", SOME_MOMENT)

    events = await take(live_turns.follow_life("0"), 2)

    ended = events[1].turn
    assert ended is not None
    assert (ended.status, ended.response) == (TurnStatus.COMPLETED, "whole")


async def test_two_readers_see_the_same(store: Store, live_turns: LiveTurns) -> None:
    readers = [live_turns.follow_life(None) for _ in range(2)]
    await tell(store)
    live_turns.changed.notify()

    one, other = [await take(reader, 2) for reader in readers]

    assert one == other


async def test_a_turn_taken_up_again_is_silent_until_there_is_text(
    store: Store, live_turns: LiveTurns
) -> None:
    live = await begin(store, live_turns)
    live.restart("")
    events = live_turns.follow_life(None)
    following = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0.01)
    was_silent = not following.done()

    live.add("Hi")

    assert was_silent
    assert (await following).text == "Hi"


async def test_the_stream_ends_when_vega_does(store: Store, live_turns: LiveTurns) -> None:
    events = live_turns.follow_life(None)
    following = asyncio.ensure_future(anext(events, None))
    await asyncio.sleep(0)

    live_turns.close()

    assert await following is None


async def test_the_stream_ends_also_when_vega_does_while_it_reads_the_store(
    store: Store, live_turns: LiveTurns
) -> None:
    await tell(store)
    reading = asyncio.ensure_future(anext(live := live_turns.follow_life("0")))
    await asyncio.sleep(0)

    live_turns.close()

    async with asyncio.timeout(5):
        events = [await reading, *[event async for event in live]]
    assert [event.id for event in events] == ["1", "2"]
