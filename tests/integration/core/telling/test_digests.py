"""Digests are written for what is over, each once, from whatever tier, by the owner's calendar."""

import asyncio
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.diaries import LONG_DAY, VIENNA, Diary, local
from vega.core.conversation import NewTurn, Outcome, TurnStatus
from vega.core.life.archive import pack
from vega.core.life.digest_store import Passage
from vega.core.memory import Digest, DigestKind, Summary
from vega.core.store import Store
from vega.core.telling.digests import MOST_CHARS, MOST_TURNS, WORDLESS
from vega.core.telling.extract import extract, summary_budget

TOKYO, HONOLULU = "Asia/Tokyo", "Pacific/Honolulu"
DAY, WEEK, MONTH, YEAR = DigestKind


@pytest.fixture
async def diary(store: Store, tmp_path: Path) -> Diary:
    """On Friday, 6 March 2026, at noon."""
    return Diary(store, FakeClock(local("2026-03-06T12:00")), tmp_path)


# What gets one


async def test_a_day_that_is_over_gets_one_and_today_none(diary: Diary) -> None:
    first = await diary.say("2026-03-05T09:00", "How high is Mont Blanc?", "It is 4,806 m high.")
    last = await diary.say("2026-03-05T23:59", "My sister moves to Graz.")
    await diary.say("2026-03-06T00:00", "A new day begins.")

    assert await diary.write() == 1

    assert await diary.found() == [
        Digest(
            kind=DAY,
            first_day=date(2026, 3, 5),
            last_day=date(2026, 3, 5),
            text=(
                "You asked: How high is Mont Blanc? Vega answered: It is 4,806 m high. "
                "You said: My sister moves to Graz."
            ),
            turns=2,
            first_turn_id=first.id,
            last_turn_id=last.id,
            model=None,
            written_at=diary.clock.now(),
        )
    ]


async def test_it_is_due_right_at_midnight_and_not_a_moment_before(diary: Diary) -> None:
    await diary.say("2026-03-05T23:00")
    diary.clock.set(local("2026-03-06T00:00") - timedelta(microseconds=1))
    assert await diary.write() == 0

    diary.clock.set(local("2026-03-06T00:00"))
    assert await diary.write() == 1


async def test_nothing_is_written_where_nothing_was_said(diary: Diary) -> None:
    assert await diary.write() == 0
    assert await diary.found() == []


async def test_what_is_written_is_not_written_again(diary: Diary) -> None:
    await diary.say("2024-12-31T10:00")
    assert await diary.write() == 4
    before = await diary.found()
    diary.clock.advance(hours=1)

    assert await diary.write() == 0
    assert await diary.found() == before


async def test_weeks_months_and_years_roll_up_when_they_are_over(diary: Diary) -> None:
    await diary.say("2025-12-30T10:00", "My sister Ana moves to Graz.")
    await diary.say("2026-01-02T10:00", "The crown on my tooth is done.")
    await diary.say("2026-03-02T10:00", "The van is booked.")

    await diary.write()

    spans = {
        (each.kind, f"{each.first_day} {each.last_day}", each.turns) for each in await diary.found()
    }
    assert spans == {
        (DAY, "2025-12-30 2025-12-30", 1),
        (DAY, "2026-01-02 2026-01-02", 1),
        (DAY, "2026-03-02 2026-03-02", 1),
        (WEEK, "2025-12-29 2026-01-04", 2),
        (MONTH, "2025-12-01 2025-12-31", 1),
        (MONTH, "2026-01-01 2026-01-31", 1),
        (YEAR, "2025-01-01 2025-12-31", 1),
    }
    assert await diary.text(WEEK) == (
        "Tuesday: My sister Ana moves to Graz. Friday: The crown on my tooth is done."
    )
    assert await diary.text(YEAR) == "December: My sister Ana moves to Graz."


async def test_a_week_of_two_years_points_at_its_own_turns(diary: Diary) -> None:
    first = await diary.say("2025-12-30T10:00")
    await diary.say("2025-12-31T10:00")
    last = await diary.say("2026-01-04T23:00")

    await diary.write()

    [week] = await diary.found(WEEK)
    assert (week.first_turn_id, week.last_turn_id) == (first.id, last.id)


async def test_old_years_that_are_imported_are_told_the_newest_first(diary: Diary) -> None:
    years = [*range(1990, 2020)]
    for year in years:
        await diary.say(f"{year}-07-01T12:00", f"In {year} I moved to another flat.")

    assert await diary.write(limit=40) == 40
    assert {each.first_day.year for each in await diary.found(DAY)} == {*range(2000, 2020)}
    assert {each.first_day.year for each in await diary.found(MONTH)} == {*range(2010, 2020)}
    assert await diary.write() == 4 * len(years) - 40
    assert [each.text for each in await diary.found(YEAR)] == [
        f"July: In {year} I moved to another flat." for year in reversed(years)
    ]


async def test_what_came_later_makes_a_digest_be_written_anew(diary: Diary) -> None:
    await diary.say("2024-05-14T10:00", "The van is booked.")
    await diary.write()
    await diary.say("2024-05-16T10:00", "My sister Ana moves to Graz.")

    assert await diary.write() == 4

    assert {each.turns for each in await diary.found(WEEK, MONTH, YEAR)} == {2}
    assert await diary.days() == {"2024-05-14": 1, "2024-05-16": 1}
    assert "Ana" in await diary.text(YEAR)
    assert await diary.due() == 0


async def test_a_turn_that_still_waits_is_told_by_its_prompt(diary: Diary) -> None:
    at = local("2026-03-05T23:59")
    await diary.store.accept_turn(NewTurn("Is the museum open on Monday?", at, VIENNA))
    failed, _ = await diary.store.accept_turn(NewTurn("Who painted the ceiling?", at, VIENNA))
    outcome = Outcome(TurnStatus.FAILED, "Half a thou", reason="It broke.")
    await diary.store.end_turn(failed.id, outcome, (), at)

    assert await diary.write() == 1

    assert await diary.text() == (
        "You asked: Is the museum open on Monday? Who painted the ceiling?"
    )


async def test_a_day_without_words_has_one_that_says_so(diary: Diary) -> None:
    await diary.say("2026-03-05T10:00", "", "")

    assert await diary.write() == 1
    assert await diary.text() == WORDLESS


async def test_a_day_of_thousands_of_turns_is_told_from_all_of_it(diary: Diary) -> None:
    await diary.say("2026-03-05T00:10", "My first wish is a walnut desk.")
    begin = local("2026-03-05T01:00")
    for number in range(1, 1_000):
        new = NewTurn(f"Tell me fact {number}.", begin + number * timedelta(minutes=1), VIENNA)
        await diary.store.accept_turn(new)
    last = await diary.say("2026-03-05T23:50", "My last wish is a copper kettle.")

    assert await diary.write() == 1

    ids = await diary.store.digests.turns_of_day(date(2026, 3, 5), MOST_TURNS)
    gaps = {after - before for before, after in pairwise(ids)}
    [digest] = await diary.found()
    assert len(ids) <= MOST_TURNS + 1
    assert max(gaps) <= 1_000 // MOST_TURNS + 1
    assert (digest.first_turn_id, digest.last_turn_id) == (1, last.id)
    assert digest.turns == 1_001
    assert "walnut" in digest.text
    assert "kettle" in digest.text
    assert len(digest.text) <= MOST_CHARS[DAY]


# The owner's calendar


async def test_who_flies_to_tokyo_has_days_of_tokyo_from_then_on(diary: Diary) -> None:
    await diary.say("2026-03-03T23:30", "Still at home.", zone=VIENNA)
    await diary.say("2026-03-05T00:30", "Here at last.", zone=TOKYO)

    diary.clock.set(local("2026-03-05T23:59", TOKYO))
    assert await diary.write() == 1
    diary.clock.set(local("2026-03-06T00:00", TOKYO))
    assert await diary.write() == 1

    assert await diary.days() == {"2026-03-03": 1, "2026-03-05": 1}


async def test_who_flies_west_lives_a_day_twice_as_long(diary: Diary) -> None:
    """The first thing of Tuesday was said before the last of Monday."""
    await diary.say("2026-03-02T09:00", "Monday in Tokyo.", zone=TOKYO)
    tuesday = await diary.say("2026-03-03T08:00", "Tuesday in Tokyo.", zone=TOKYO)
    monday = await diary.say("2026-03-02T14:00", "Monday in Honolulu.", zone=HONOLULU)
    assert monday.at > tuesday.at

    diary.clock.set(local("2026-03-09T01:00", HONOLULU))
    await diary.write()

    assert await diary.days() == {"2026-03-02": 2, "2026-03-03": 1}
    [week] = await diary.found(WEEK)
    assert (week.first_turn_id, week.last_turn_id) == (1, monday.id)
    digests = {each.first_day.day: each for each in await diary.found(DAY)}
    assert (digests[2].first_turn_id, digests[2].last_turn_id) == (1, monday.id)
    assert digests[3].last_turn_id == tuesday.id


async def test_a_day_that_came_back_is_told_anew(diary: Diary) -> None:
    """Over in Tokyo, and then lived on in Honolulu."""
    await diary.say("2026-03-05T10:00", "Breakfast in Tokyo.", zone=TOKYO)
    diary.clock.set(local("2026-03-06T00:30", TOKYO))
    assert await diary.write() == 1

    await diary.say("2026-03-05T09:00", "Another breakfast in Honolulu.", zone=HONOLULU)
    diary.clock.set(local("2026-03-05T23:30", HONOLULU))
    assert await diary.write() == 0
    diary.clock.set(local("2026-03-06T00:00", HONOLULU))
    assert await diary.write() == 1

    assert await diary.days() == {"2026-03-05": 2}


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
async def test_the_days_on_which_clocks_are_set_are_whole(
    diary: Diary, day: str, hours: int
) -> None:
    begin = local(f"{day}T00:00")
    for hour in range(-1, hours + 1):
        new = NewTurn(f"It is hour {hour}.", begin + timedelta(hours=hour), VIENNA)
        await diary.store.accept_turn(new)
    diary.clock.set(begin + timedelta(hours=hours + 1, days=1))

    await diary.write()

    assert (await diary.days())[day] == hours


async def test_a_clock_that_jumps_forth_and_back_loses_and_doubles_nothing(diary: Diary) -> None:
    await diary.say("2026-03-05T10:00", "Before the jump.")
    diary.clock.set(local("2026-03-07T10:00"))
    await diary.say("2026-03-07T10:00", "In the future.")
    await diary.write()
    assert await diary.days() == {"2026-03-05": 1}

    diary.clock.set(local("2026-03-05T11:00"))
    assert await diary.write() == 0
    await diary.say("2026-03-05T12:00", "Behind the jump.")
    assert await diary.write() == 0
    diary.clock.set(local("2026-03-08T00:00"))
    assert await diary.write() == 2

    assert await diary.days() == {"2026-03-05": 2, "2026-03-07": 1}


# Tiers


async def test_a_digest_is_the_same_from_whatever_tier(tmp_path: Path) -> None:
    texts = set()
    for moved in (0, 1, 2):
        home = tmp_path / str(moved)
        home.mkdir()
        store = await Store.open(home)
        diary = Diary(store, FakeClock(local("2026-03-06T12:00")), home)
        turns = [
            await diary.say(f"2026-03-05T1{hour}:00", prompt[:40], answer)
            for hour, (prompt, answer) in enumerate(LONG_DAY)
        ]
        await diary.say("2026-03-05T20:00", "", "Your parcel from Lisbon has come at noon.")
        originals = await store.archive.originals([turn.id for turn in turns])
        summaries = {
            turn.id: Summary(extract(turn.response, summary_budget(turn.response)), None)
            for turn in turns
        }
        if moved:
            await store.archive.compress(originals, pack(originals), summaries)
        if moved == 2:
            await store.archive.archive(originals[:2])

        assert await diary.write() == 1

        texts.add(await diary.text())
        await store.close()

    [text] = texts
    assert "Lisbon" in text
    assert "Ten hours" in text


async def test_a_damaged_turn_is_left_out_and_the_others_are_told(diary: Diary) -> None:
    turns = await diary.say_long_day("2026-03-05")
    originals = await diary.store.archive.originals([turns[0].id])
    summaries = {turns[0].id: Summary("", None)}
    await diary.store.archive.compress(originals, pack(originals), summaries)
    await diary.store.archive.archive(originals)

    def flip(connection: object) -> None:
        connection.execute("UPDATE archive_blocks SET checksum = zeroblob(32)")  # type: ignore[attr-defined]

    await diary.store._db.write(flip)

    assert await diary.write() == 1

    [digest] = await diary.found()
    assert "sourdough" not in digest.text
    assert "Ana" in digest.text
    assert digest.turns == 3
    assert digest.first_turn_id == turns[0].id


# Bounds and breaks


async def test_it_stops_at_its_bounds_and_goes_on_there(diary: Diary) -> None:
    for number in range(1, 6):
        await diary.say(f"2026-03-0{number}T10:00")
    # The days of March, and the week that the first of them ends.
    assert await diary.writer().write_due(seconds=0) == 0
    assert await diary.write(limit=2) == 2
    assert sorted(await diary.days()) == ["2026-03-04", "2026-03-05"]

    assert await diary.write() == 4
    assert await diary.due() == 0


async def test_a_writer_that_is_cancelled_anywhere_doubles_nothing(diary: Diary) -> None:
    for number in range(1, 5):
        await diary.say(f"2025-12-{number:02}T10:00", f"In {number} days I move to Graz.")
    for steps in range(40):
        writing = asyncio.create_task(diary.writer().write_due())
        for _ in range(steps):
            await asyncio.sleep(0.0005)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)

    await diary.write()

    found = [(each.kind, each.first_day) for each in await diary.found()]
    assert len(found) == len(set(found)) == 4 + 1 + 1 + 1
    assert await diary.due() == 0


async def test_two_writers_at_once_double_nothing(diary: Diary) -> None:
    for number in range(1, 5):
        await diary.say(f"2025-12-{number:02}T10:00")

    await asyncio.gather(diary.writer().write_due(), diary.writer().write_due())

    assert len(await diary.found()) == 7
    assert await diary.due() == 0


async def test_a_day_whose_turns_are_gone_keeps_no_other_from_being_written(diary: Diary) -> None:
    await diary.say("2026-03-04T10:00")

    def count_lost_turns(connection: object) -> None:
        connection.execute("INSERT INTO days VALUES (20517, 3), (10000, 1)")  # type: ignore[attr-defined]

    await diary.store._db.write(count_lost_turns)

    assert await diary.write() == 1
    assert await diary.days() == {"2026-03-04": 1}


async def test_a_turn_that_is_gone_has_nothing_to_tell(diary: Diary) -> None:
    assert await diary.store.digests.passages([7], 100) == [Passage("", "")]


async def test_a_failed_answer_is_not_told_from_the_archive_either(diary: Diary) -> None:
    at = local("2026-03-05T10:00")
    turn, _ = await diary.store.accept_turn(NewTurn("Who painted the ceiling?", at, VIENNA))
    outcome = Outcome(TurnStatus.FAILED, "Half a thought of Michelangelo", reason="It broke.")
    await diary.store.end_turn(turn.id, outcome, (), at)
    originals = await diary.store.archive.originals([turn.id])
    await diary.store.archive.compress(originals, pack(originals), {turn.id: Summary("", None)})
    await diary.store.archive.archive(originals)

    await diary.write()

    assert await diary.text() == "You asked: Who painted the ceiling?"
