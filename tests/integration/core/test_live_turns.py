"""Readers of a running turn and of the whole life: whoever joins whenever sees the same text."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from vega.core.conversation import EventKind, Outcome, TurnEvent, TurnStatus
from vega.core.live_turns import LiveTurn, LiveTurns
from vega.core.store import Store
from vega.errors import AnswerDelayed, InvalidInput, TurnNotFound

Events = AsyncGenerator[TurnEvent, None]


@pytest.fixture
def live_turns(store: Store) -> LiveTurns:
    return LiveTurns(store)


class Reader:
    """Reads as a client does: pieces are put together, a restart replaces the text."""

    def __init__(self) -> None:
        self.text = ""
        self.last_id: str | None = None
        self.kinds: list[EventKind] = []

    def take(self, event: TurnEvent) -> None:
        self.kinds.append(event.kind)
        self.last_id = event.id
        if event.kind is EventKind.DELTA:
            self.text += event.text
        elif event.kind is EventKind.RESTARTED:
            self.text = event.text


async def pending(events: Events, reader: Reader) -> None:
    """Reads what there is now, as far as the reader need not wait."""
    while True:
        following = asyncio.ensure_future(anext(events, None))
        done, _ = await asyncio.wait((following,), timeout=0.05)
        if not done:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            return
        event = following.result()
        if event is None:
            return
        reader.take(event)


async def all_of(events: Events | None) -> list[TurnEvent]:
    assert events is not None
    async with asyncio.timeout(5):
        return [event async for event in events]


async def begin(store: Store, live_turns: LiveTurns, prompt: str = "Hello") -> LiveTurn:
    turn, _ = await store.accept_turn(new_turn(prompt))
    live = live_turns.add(turn)
    await store.begin_attempt(turn.id, live.generation, live.text, SOME_MOMENT)
    live_turns.running = live
    return live


async def finish(store: Store, live_turns: LiveTurns, live: LiveTurn) -> None:
    outcome = completed(live.text, generation=live.generation)
    turn = await store.end_turn(live.turn.id, outcome, (), SOME_MOMENT)
    live_turns.running = None
    live_turns.end(turn)


async def test_a_turn_is_followed_from_its_beginning_to_its_end(
    store: Store, live_turns: LiveTurns
) -> None:
    live = await begin(store, live_turns)
    events = await live_turns.follow(1, None)
    assert events is not None
    accepted = await anext(events)
    live.add("Hel")
    first = await anext(events)
    live.add("lo")
    live.add("!")
    second = await anext(events)
    await finish(store, live_turns, live)
    end = await anext(events)

    assert (accepted.kind, accepted.id) == (EventKind.ACCEPTED, "0.0")
    assert (first.kind, first.text, first.id) == (EventKind.DELTA, "Hel", "1.3")
    assert (second.kind, second.text, second.id) == (EventKind.DELTA, "lo!", "1.6")
    assert (end.kind, end.id) == (EventKind.COMPLETED, "1.6.end")
    assert end.turn == await store.turn(1)
    assert [event async for event in events] == []


async def test_an_ended_turn_is_followed_from_the_store(
    store: Store, live_turns: LiveTurns
) -> None:
    await tell(store, answer="Hello!")

    events = await all_of(await live_turns.follow(1, None))

    assert [event.kind for event in events] == ["turn.accepted", "turn.delta", "turn.completed"]
    assert events[1].text == "Hello!"


async def test_a_reader_that_saw_the_end_gets_nothing_more(
    store: Store, live_turns: LiveTurns
) -> None:
    await tell(store)
    events = await all_of(await live_turns.follow(1, None))

    assert await live_turns.follow(1, events[-1].id) is None
    assert [event.kind for event in await all_of(await live_turns.follow(1, "1.6"))] == [
        EventKind.COMPLETED
    ]


async def test_a_failed_turn_ends_as_failed(store: Store, live_turns: LiveTurns) -> None:
    turn, _ = await store.accept_turn(new_turn())
    await store.end_turn(turn.id, Outcome(TurnStatus.FAILED, "", reason="no"), (), SOME_MOMENT)

    events = await all_of(await live_turns.follow(turn.id, None))

    assert [event.kind for event in events] == [EventKind.ACCEPTED, EventKind.FAILED]


@pytest.mark.parametrize("seen", range(7))
async def test_a_reader_may_join_again_at_any_event(
    store: Store, live_turns: LiveTurns, seen: int
) -> None:
    live = await begin(store, live_turns)
    live.add("Hello!")

    events = await live_turns.follow(1, f"1.{seen}")
    await finish(store, live_turns, live)

    pieces = [event for event in await all_of(events) if event.kind is EventKind.DELTA]
    assert "".join(piece.text for piece in pieces) == "Hello!"[seen:]


@pytest.mark.parametrize("last_id", ["1.7", "1.999999999", "2.3", "9.1", "3.2.end"])
async def test_a_place_from_the_future_or_another_writing_is_answered_by_the_whole_text(
    store: Store, live_turns: LiveTurns, last_id: str
) -> None:
    live = await begin(store, live_turns)
    live.add("Hello!")

    events = await live_turns.follow(1, last_id)
    assert events is not None
    event = await anext(events)
    await events.aclose()

    assert (event.kind, event.text, event.id) == (EventKind.RESTARTED, "Hello!", "1.6")


@pytest.mark.parametrize(
    "last_id",
    ["", " ", "abc", "1", "1.", ".1", "1.1.", "1.1.END", "-1.0", "1.1\n", "1" * 50, "1,2"],
)
async def test_an_id_that_no_stream_gave_is_refused(
    store: Store, live_turns: LiveTurns, last_id: str
) -> None:
    await tell(store)

    with pytest.raises(InvalidInput, match="no id of this stream"):
        await live_turns.follow(1, last_id)


async def test_an_unknown_turn_cannot_be_followed(live_turns: LiveTurns) -> None:
    with pytest.raises(TurnNotFound):
        await live_turns.follow(99, None)


async def test_a_reader_hears_that_the_answer_waits_for_a_model(
    store: Store, live_turns: LiveTurns
) -> None:
    live = await begin(store, live_turns)
    events = await live_turns.follow(1, None)
    assert events is not None
    reader = Reader()
    live.delay_for("away", is_short=False)
    await pending(events, reader)

    assert reader.kinds == [EventKind.ACCEPTED, EventKind.WAITING]


async def test_after_a_crash_a_reader_is_told_the_text_from_which_it_goes_on(
    tmp_path: Path,
) -> None:
    store = await Store.open(tmp_path)
    live_turns = LiveTurns(store)
    live = await begin(store, live_turns)
    live.add("Hello, I am")
    await store.save_part(1, live.generation, "Hello,")
    await store.close()

    store = await Store.open(tmp_path)
    live_turns = LiveTurns(store)
    again = live_turns.add((await store.take_up_turns())[0])
    events = await live_turns.follow(1, "1.11")
    assert events is not None
    event = await anext(events)
    await events.aclose()
    await store.close()

    assert (again.text, again.generation) == ("Hello,", 2)
    assert (event.kind, event.text, event.id) == (EventKind.RESTARTED, "Hello,", "2.6")


async def test_a_slow_reader_loses_nothing(store: Store, live_turns: LiveTurns) -> None:
    live = await begin(store, live_turns)
    events = await live_turns.follow(1, None)
    assert events is not None
    await anext(events)
    for number in range(1_000):
        live.add(f"{number} ")
    whole = live.text
    await finish(store, live_turns, live)

    rest = [event async for event in events]

    assert "".join(event.text for event in rest) == whole


async def test_readers_that_leave_stop_nothing(store: Store, live_turns: LiveTurns) -> None:
    live = await begin(store, live_turns)
    staying = await live_turns.follow(1, None)
    leaving = await live_turns.follow(1, None)
    assert leaving is not None
    await anext(leaving)
    await leaving.aclose()

    live.add("Hello!")
    await finish(store, live_turns, live)

    assert "".join(event.text for event in await all_of(staying)) == "Hello!"


async def test_whoever_waits_hears_of_the_end(store: Store, live_turns: LiveTurns) -> None:
    live = await begin(store, live_turns)
    waiting = asyncio.create_task(
        live_turns.wait_until_ended(1, patience_seconds=5, loading_patience_seconds=5)
    )
    await asyncio.sleep(0)

    live.add("Hello!")
    await finish(store, live_turns, live)

    assert (await waiting).response == "Hello!"


@pytest.mark.parametrize(("is_short", "is_patient"), [(False, False), (True, True)])
async def test_patience_with_a_model_that_is_away_ends_and_with_a_loading_one_later(
    store: Store, live_turns: LiveTurns, is_short: bool, is_patient: bool
) -> None:
    live = await begin(store, live_turns)
    live.delay_for("It is away.", is_short=is_short)
    waiting = asyncio.create_task(
        live_turns.wait_until_ended(1, patience_seconds=0.02, loading_patience_seconds=30)
    )

    await asyncio.sleep(0.1)

    assert waiting.done() is not is_patient
    if not is_patient:
        with pytest.raises(AnswerDelayed, match=r"It is away\. Your prompt is kept as turn 1"):
            await waiting
    waiting.cancel()


async def test_whoever_waits_or_reads_is_let_go_when_vega_ends(
    store: Store, live_turns: LiveTurns
) -> None:
    await begin(store, live_turns)
    events = await live_turns.follow(1, "0.0")
    waiting = asyncio.create_task(
        live_turns.wait_until_ended(1, patience_seconds=5, loading_patience_seconds=5)
    )
    await asyncio.sleep(0)

    live_turns.close()

    assert await all_of(events) == []
    with pytest.raises(AnswerDelayed, match="stopped or restarted"):
        await waiting


async def test_a_reader_is_let_go_also_when_vega_ends_while_it_reads_the_store(
    store: Store, live_turns: LiveTurns
) -> None:
    turn, _ = await store.accept_turn(new_turn())
    events = await live_turns.follow(turn.id, "0.0")
    reading = asyncio.create_task(all_of(events))
    await asyncio.sleep(0)

    live_turns.close()

    async with asyncio.timeout(5):
        assert await reading == []


async def test_a_reader_of_a_turn_that_is_not_taken_up_yet_waits_for_it(
    store: Store, live_turns: LiveTurns
) -> None:
    turn, _ = await store.accept_turn(new_turn())
    events = await live_turns.follow(turn.id, "0.0")
    reading = asyncio.create_task(all_of(events))
    await asyncio.sleep(0.01)

    live = live_turns.add(turn)
    live.add("Hello!")
    await finish(store, live_turns, live)

    assert [event.kind for event in await reading][-1] is EventKind.COMPLETED


actions = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=4).map(lambda text: ("add", text)),
        st.text(max_size=4).map(lambda text: ("restart", text)),
        st.just(("read", "")),
        st.just(("rejoin", "")),
    ),
    max_size=15,
)


class Play:
    """A turn with readers whose texts must equal its own whenever they have read."""

    def __init__(self, store: Store) -> None:
        self.live_turns = LiveTurns(store)
        self.reader = Reader()
        self.events: Events | None = None

    async def rejoin(self, turn_id: int) -> None:
        if self.events is not None:
            await self.events.aclose()
        self.events = await self.live_turns.follow(turn_id, self.reader.last_id)

    async def read(self) -> None:
        assert self.events is not None
        await read_now(self.events, self.reader)


async def read_now(events: Events, reader: Reader) -> None:
    """Reads what is there, without a clock: a reader that waits has let the loop go round."""
    while True:
        following = asyncio.ensure_future(anext(events, None))
        for _ in range(5):
            await asyncio.sleep(0)
        if not following.done():
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
            return
        event = following.result()
        if event is None:
            return
        reader.take(event)


@given(actions)
def test_whatever_happens_a_readers_text_is_the_live_text(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, str]]
) -> None:
    async def play() -> None:
        store = await Store.open(tmp_path_factory.mktemp("life"))
        game = Play(store)
        live = await begin(store, game.live_turns)
        await game.rejoin(live.turn.id)
        for action, text in actions:
            if action == "add":
                live.add(text)
            elif action == "restart":
                live.restart(text)
            elif action == "rejoin":
                await game.rejoin(live.turn.id)
            else:
                # A cancelled read ends its stream, so each reading is followed by a new one.
                await game.read()
                assert game.reader.text == live.text
                await game.rejoin(live.turn.id)
        await finish(store, game.live_turns, live)
        await game.rejoin(live.turn.id)
        rest = await all_of(game.events)
        for event in rest:
            game.reader.take(event)
        await store.close()
        assert game.reader.text == live.text
        assert game.reader.kinds[-1] is EventKind.COMPLETED

    asyncio.run(play())
