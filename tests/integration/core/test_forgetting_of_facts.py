"""What is known of what was forgotten goes with it, and is drawn from no turn again."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.forgetting_homes import WORD, Home, at_home
from tests.lives import tell
from tests.traces import traces
from vega.core.conversation import Turn
from vega.core.life.reading_store import Read
from vega.core.memory import Fact, FactKind, Statement

HOUR = timedelta(hours=1)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with at_home(tmp_path) as opened:
        yield opened


def like(value: str, *, is_over: bool = False) -> Statement:
    return Statement("like", value, FactKind.LIKE, is_one_of_many=True, is_over=is_over)


async def tell_often(home: Home, *statements: Statement, count: int = 3) -> list[Turn]:
    """Turns one hour after the other that say it in words of their own."""
    return [
        await tell(home.store, "As I said.", facts=statements, at=SOME_MOMENT + number * HOUR)
        for number in range(count)
    ]


async def known(home: Home) -> list[Fact]:
    return await home.store.facts.all(50)


async def redraw(home: Home, *statements: Statement) -> None:
    """Every turn is read again, and says this again."""
    await home.store.readings.begin_again()
    place, turns = await home.store.readings.unread_again(100)
    drawn = [(statement, None) for statement in statements]
    await home.store.readings.take_again([Read(turn, drawn) for turn in turns], place, 0)


async def test_a_fact_goes_with_every_turn_in_which_it_was_told(home: Home) -> None:
    turns = await tell_often(home, like("tea"))
    [tea] = await known(home)

    plan = await home.plan(fact_id=tea.id)

    assert plan.turn_ids == tuple(turn.id for turn in turns)
    await home.forget(fact_id=tea.id)
    await redraw(home, like("tea"))
    assert await known(home) == []


async def test_a_fact_that_holds_a_phrase_is_drawn_from_no_turn_again(home: Home) -> None:
    said = like(WORD)
    turns = await tell_often(home, said)

    report = await home.forget(phrase=WORD)
    await redraw(home, said)

    assert report.turn_ids == ()
    assert await known(home) == []
    assert traces(home.path, WORD) == set()
    assert [(await home.store.turn(turn.id)).prompt for turn in turns] == ["As I said."] * 3


async def test_what_the_phrase_was_put_right_from_goes_with_it(home: Home) -> None:
    said = like("tea")
    await tell_often(home, said)
    [tea] = await known(home)
    await home.store.facts.correct(tea.id, WORD, SOME_MOMENT + 9 * HOUR)

    await home.forget(phrase=WORD)
    await redraw(home, said)

    assert await known(home) == []


async def test_what_says_that_it_is_over_goes_with_it(home: Home) -> None:
    said, over = like(WORD), like(WORD, is_over=True)
    await tell(home.store, "As I said.", facts=(said,))
    await tell(home.store, "No more of it.", facts=(over,), at=SOME_MOMENT + HOUR)

    await home.forget(phrase=WORD)
    await redraw(home, over)

    assert traces(home.path, WORD) == set()


@pytest.mark.parametrize("kept", range(4))
async def test_a_fact_holds_from_the_turns_that_stay(home: Home, kept: int) -> None:
    turns = await tell_often(home, like("tea"), count=4)

    for number, turn in enumerate(turns):
        if number != kept:
            plan = await home.plan(turn_id=turn.id)
            assert plan.facts == ()
            await home.forget(turn_id=turn.id)

    [fact] = await known(home)
    assert (fact.turn_id, fact.held_from) == (turns[kept].id, turns[kept].at)
    assert fact.said_again_in is None
    assert await home.store.facts.told_in(fact) == [turns[kept].id]


async def test_a_fact_that_only_the_forgotten_turns_told_is_shown_with_them(home: Home) -> None:
    turns = await tell_often(home, like("tea"))
    for turn in turns[:2]:
        await home.forget(turn_id=turn.id)

    plan = await home.plan(turn_id=turns[2].id)

    assert [fact.value for fact in plan.facts] == ["tea"]
    await home.forget(turn_id=turns[2].id)
    assert await known(home) == []
