"""The past in the prompt: digests of the whole life in a bounded part of it."""

import asyncio
import re
from datetime import date, timedelta

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from tests.models import CountingModel
from vega.core.clock import day_number
from vega.core.context import Context
from vega.core.life.sqlite import Connection
from vega.core.memory import DigestKind, FactKind, Statement
from vega.core.preamble import DIGESTS_SHARE, DIGESTS_TITLE, INSTRUCTIONS, compose
from vega.core.sql import queries
from vega.core.store import Store
from vega.core.telling.periods import Due, period_of
from vega.core.tokens import TokenCounter
from vega.llm.scripted import ScriptedModel

#: A Sunday: the day of SOME_MOMENT.
TODAY = date(2026, 11, 22)
DAY, WEEK, MONTH, YEAR = DigestKind


async def put(store: Store, kind: DigestKind, within: date, text: str = "") -> None:
    due = Due(period_of(kind, within), 1)
    await store.digests.put(due, text or f"{kind} text", None, (1, 1), SOME_MOMENT)


async def put_years(store: Store, count: int, text: str = "") -> None:
    """Each day, week, month and year of the last so many years that is over."""
    days = (TODAY - timedelta(days=number) for number in range(1, 366 * count))
    periods = {period_of(kind, day) for day in days for kind in DigestKind}
    over = [period for period in periods if period.last < TODAY]
    rows = [
        {
            "kind": period.kind,
            "first_day": day_number(period.first),
            "first_turn_id": 1,
            "last_turn_id": 1,
            "turn_count": 1,
            "text": text or f"({period.first} {period.last})",
            "model": None,
            "written_at": 0,
        }
        for period in over
    ]

    def put_all(connection: Connection) -> None:
        connection.executemany(queries["put_digest"], rows)

    await store._db.write(put_all)


def day_of(text: str) -> int:
    return day_number(date.fromisoformat(text))


async def composed(store: Store, budget: int = 100_000, *, is_able: bool = True) -> list[str]:
    """The lines of the preamble that tell of the past."""
    model = CountingModel(is_able=is_able)
    async with asyncio.timeout(20):
        text = await compose(store, TODAY, budget, TokenCounter(model), is_able=is_able)
    _, _, lines = text.partition(f"{DIGESTS_TITLE}\n")
    return lines.split("\n") if lines else []


async def test_the_whole_life_is_told_the_oldest_first(store: Store) -> None:
    await put_years(store, 4)

    names = [line.removeprefix("- ").partition(": ")[0] for line in await composed(store)]

    assert names == [
        *("2022", "2023", "2024", "2025", "November 2025", "December 2025", "January 2026"),
        *("February 2026", "March 2026", "April 2026", "May 2026", "June 2026", "July 2026"),
        *("August 2026", "September 2026", "October 2026"),
        *("12 to 18 October 2026", "19 to 25 October 2026", "26 October to 1 November 2026"),
        *("2 to 8 November 2026", "9 to 15 November 2026"),
        *("Sunday, 15 November 2026", "Monday, 16 November 2026", "Tuesday, 17 November 2026"),
        *("Wednesday, 18 November 2026", "Thursday, 19 November 2026"),
        *("Friday, 20 November 2026", "Saturday, 21 November 2026"),
    ]


async def test_no_day_of_the_past_is_left_out_whatever_day_it_is(store: Store) -> None:
    await put_years(store, 6)
    model = ScriptedModel()
    for number in range(0, 2 * 365, 3):
        today = TODAY - timedelta(days=number)
        text = await compose(store, today, 1_000_000, TokenCounter(model), is_able=True)

        spans = re.findall(r"\((\S+) (\S+)\)", text.partition(DIGESTS_TITLE)[2])
        told = {day for first, last in spans for day in range(day_of(first), day_of(last) + 1)}
        assert told >= set(range(day_of("2022-01-01"), day_number(today)))
        assert max(told) < day_number(today)


async def test_facts_stand_before_digests(store: Store) -> None:
    await tell(store, facts=(Statement("name", "Ana"),))
    await put(store, DAY, TODAY - timedelta(days=1))
    model = ScriptedModel()

    text = await compose(store, TODAY, 10_000, TokenCounter(model), is_able=True)

    assert text.startswith(INSTRUCTIONS)
    assert text.index("name: Ana") < text.index("Saturday, 21 November 2026: day text")


async def test_a_model_without_trust_sees_the_instructions_alone(store: Store) -> None:
    wish = Statement("wish", "Answer in metric units", FactKind.WISH, is_one_of_many=True)
    await tell(store, facts=(wish, Statement("name", "Ana", FactKind.NAME)))
    await put_years(store, 1)
    model = ScriptedModel()

    text = await compose(store, TODAY, 10_000, TokenCounter(model), is_able=False)

    assert text == INSTRUCTIONS


async def test_a_window_that_was_made_for_another_model_begins_anew(store: Store) -> None:
    wish = Statement("wish", "Answer in metric units", FactKind.WISH, is_one_of_many=True)
    await tell(store, facts=(wish,))
    for is_able in (True, False, True):
        model = CountingModel(is_able=is_able)
        turn = await tell(store)
        prompt = await Context(store, 3).build(turn, await model.profile(), TokenCounter(model), "")
        assert ("metric" in prompt.messages[0].content) is is_able


async def test_a_life_without_digests_has_no_title_for_them(store: Store) -> None:
    model = ScriptedModel()

    assert DIGESTS_TITLE not in await compose(
        store, TODAY, 10_000, TokenCounter(model), is_able=True
    )


@pytest.mark.parametrize("budget", [64, 1_000, 7_000, 30_000])
async def test_digests_take_their_share_and_no_more(store: Store, budget: int) -> None:
    await put_years(store, 3, "word " * 60)

    lines = await composed(store, budget)

    size = sum(map(len, lines)) + len(DIGESTS_TITLE)
    assert size <= budget * DIGESTS_SHARE or not lines
    if budget == 30_000:
        assert size > 0.8 * budget * DIGESTS_SHARE


async def test_where_room_is_scarce_the_newest_of_each_kind_are_kept(store: Store) -> None:
    await put_years(store, 4, "word " * 40)

    lines = await composed(store, 22_000)

    names = [line.removeprefix("- ").partition(": ")[0] for line in lines]
    assert names[-1] == "Saturday, 21 November 2026"
    assert "9 to 15 November 2026" in names or "2 to 8 November 2026" in names
    assert "September 2026" in names
    assert "2024" in names
    assert "2023" not in names
    assert "Sunday, 15 November 2026" not in names


async def test_room_that_days_leave_is_for_what_was_before_them(store: Store) -> None:
    for year in range(1960, 2024):
        await put(store, YEAR, date(year, 1, 1), "word " * 15)

    lines = await composed(store, 14_000)

    assert 15 < len(lines) < 64
    assert lines[-1].startswith("- 2023: ")


async def test_the_prompt_has_digests_from_the_next_hop_on_and_is_frozen(store: Store) -> None:
    context, model = Context(store, 3), ScriptedModel(is_able=True)
    profile = await model.profile()
    seen = []
    for number in range(12):
        at = SOME_MOMENT + number * timedelta(minutes=1)
        turn, _ = await store.accept_turn(new_turn(f"prompt {number}", at=at))
        prompt = await context.build(turn, profile, TokenCounter(model), "")
        seen.append("Saturday, 21 November 2026" in prompt.messages[0].content)
        await store.end_turn(turn.id, completed(), (), at)
        if number == 0:
            await put(store, DAY, TODAY - timedelta(days=1))

    first = seen.index(True)
    assert 1 < first < 10
    assert not any(seen[:first])
    assert all(seen[first:])


async def test_at_the_beginning_of_the_calendar_nothing_fails(store: Store) -> None:
    model = ScriptedModel()

    assert await compose(store, date(1, 1, 3), 10_000, TokenCounter(model), is_able=True)
