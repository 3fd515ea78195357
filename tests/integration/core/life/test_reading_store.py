"""What is drawn from turns is kept in short steps, and one that cannot be kept stops no other."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import tell
from vega.core.conversation import Turn, TurnStatus
from vega.core.life import reading_store
from vega.core.life.reading_store import Read
from vega.core.life.sqlite import Connection
from vega.core.memory import FactKind, Statement
from vega.core.store import Store

HOUR = timedelta(hours=1)
Work = Callable[[Connection], object]
#: No database takes it.
NONSENSE = Statement("name", "\ud800", FactKind.NAME)


def like(value: str) -> Statement:
    return Statement("like", value, FactKind.LIKE, is_one_of_many=True)


async def turns(store: Store, count: int) -> list[Turn]:
    """The newest first."""
    told = [await tell(store, at=SOME_MOMENT + number * HOUR) for number in range(count)]
    return told[::-1]


async def known(store: Store) -> set[str]:
    return {fact.value for fact in await store.facts.current(100)}


def drawn(told: list[Turn]) -> list[Read]:
    return [Read(turn, [(like(f"thing {turn.id}"), None)]) for turn in told]


async def test_an_answer_is_kept_whatever_its_facts(store: Store) -> None:
    turn = await tell(store, facts=[like("tea"), NONSENSE])
    await tell(store, facts=[like("coffee")])

    assert (await store.turn(turn.id)).status is TurnStatus.COMPLETED
    assert await known(store) == {"coffee"}


async def test_a_turn_whose_facts_cannot_be_kept_keeps_none_from_being_read(store: Store) -> None:
    told = await turns(store, 3)
    read = drawn(told)
    read[1] = Read(told[1], [(NONSENSE, None)])

    await store.readings.take(read)
    assert await store.readings.pending() == 0
    assert await known(store) == {"thing 3", "thing 1"}

    place = await store.readings.begin_again()
    await store.readings.take_again(read, place, 0)
    assert await store.readings.pending() == 0
    assert await known(store) == {"thing 3", "thing 1"}


async def test_each_step_is_short_and_keeps_its_progress(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_store, "STEP_SECONDS", 0.0)
    told = await turns(store, 4)
    steps = list[int]()
    write = store._db.write

    async def watched(work: Work) -> object:
        done: object = await write(work)
        steps.append(await store.readings.pending())
        return done

    monkeypatch.setattr(store._db, "write", watched)
    await store.readings.take(drawn(told))
    assert steps == [3, 2, 1, 0]
    assert len(await known(store)) == 4

    place = await store.readings.begin_again()
    steps.clear()
    await store.readings.take_again(drawn(told), place, 0)
    assert steps == [3, 2, 1, 0]


async def test_what_is_begun_anew_between_two_steps_goes_on_from_there(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_store, "STEP_SECONDS", 0.0)
    told = await turns(store, 4)
    place = await store.readings.begin_again()
    write = store._db.write
    steps = list[object]()

    async def interrupted(work: Work) -> object:
        steps.append(work)
        done: object = await write(work)
        if len(steps) == 2:
            await write(reading_store._begin_again)
        return done

    monkeypatch.setattr(store._db, "write", interrupted)
    await store.readings.take_again(drawn(told), place, 0)

    assert len(steps) == 3
    assert (await store.readings.unread_again(1))[0] == told[0].id
