"""Cleanups move turns between tiers, lose nothing, and do nothing twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cleanups import KEPT, Home, assert_unchanged
from tests.clocks import SOME_MOMENT, FakeClock
from tests.lives import completed, new_turn
from vega.core import cleanup
from vega.core.cleanup import ARCHIVED_AT_NIGHT_AFTER, MOST_COMPRESSED, Cleaner
from vega.core.live_turns import LiveTurns
from vega.core.memory import CleanupKind, Tier
from vega.core.store import Store


@pytest.fixture
def life(store: Store, tmp_path: Path) -> Home:
    return Home(store, FakeClock(), tmp_path)


async def test_a_backlog_is_compressed_whatever_its_age_but_for_the_most_recent(life: Home) -> None:
    said = await life.say(12)

    done = await life.cleaner.run(CleanupKind.BACKLOG)

    assert (done.compressed, done.archived) == (7, 0)
    assert await life.tiers() == [5, 7, 0]
    tiers = [(await life.store.turn(turn.id)).tier for turn in said]
    assert tiers == [Tier.COMPRESSED] * 7 + [Tier.FULL] * 5
    await assert_unchanged(life.store, said)


async def test_an_answers_active_text_shrinks_by_more_than_four_fifths(life: Home) -> None:
    said = await life.say(30)
    before = await life.store.tier_totals()

    done = await life.cleaner.run(CleanupKind.BACKLOG)

    after = await life.store.tier_totals()
    answers = sum(len(turn.response.encode()) for turn in said[:25])
    assert 0.8 * answers <= done.saved_bytes <= 0.95 * answers
    active = sum(total.active_bytes for total in after.values())
    assert active == sum(total.active_bytes for total in before.values()) - done.saved_bytes
    assert sum(total.bytes for total in after.values()) == before[Tier.FULL].bytes


async def test_a_gentle_cleanup_waits_for_an_hour(life: Home) -> None:
    await life.say(10)

    early = await life.cleaner.run(CleanupKind.GENTLE)
    life.clock.advance(minutes=52)
    later = await life.cleaner.run(CleanupKind.GENTLE)

    assert not early.did_anything
    # The oldest two are an hour old.
    assert (later.compressed, later.archived) == (2, 0)


async def test_an_aggressive_cleanup_archives_after_two_hours(life: Home) -> None:
    said = await life.say(10, minutes_apart=20)
    life.clock.advance(minutes=10)

    done = await life.cleaner.run(CleanupKind.AGGRESSIVE)

    assert (done.compressed, done.archived) == (5, 4)
    assert await life.tiers() == [5, 1, 4]
    await assert_unchanged(life.store, said)


async def test_at_night_what_is_older_than_a_week_is_archived(life: Home) -> None:
    said = await life.say(10)
    life.clock.set(life.clock.now() + ARCHIVED_AT_NIGHT_AFTER - timedelta(minutes=9))
    more = await life.say(8)

    done = await life.cleaner.run(CleanupKind.NIGHTLY)

    # The last eight are not an hour old.
    assert await life.tiers() == [8, 1, 9]
    assert done.archived == 9
    await assert_unchanged(life.store, [*said, *more])


async def test_no_more_than_so_many_turns_stand_compressed(life: Home) -> None:
    await life.say(MOST_COMPRESSED + 20)

    await life.cleaner.run(CleanupKind.BACKLOG)

    assert await life.tiers() == [KEPT, MOST_COMPRESSED, 15]


async def test_the_most_recent_are_not_archived_though_more_of_them_are_kept_than_before(
    life: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    await life.say(20)
    await life.cleaner.run(CleanupKind.BACKLOG)
    monkeypatch.setattr(cleanup, "MOST_COMPRESSED", 3)
    cleaner = Cleaner(life.store, life.summarizer, life.live_turns, life.clock, kept=12)

    await cleaner.run(CleanupKind.BACKLOG)

    assert await life.tiers() == [KEPT, 7, 8]


@pytest.mark.parametrize("kind", CleanupKind)
async def test_a_second_pass_does_nothing_more(life: Home, kind: CleanupKind) -> None:
    await life.say(20, minutes_apart=30)
    await life.cleaner.run(kind)
    tiers, blocks = await life.tiers(), await life.store.archive.total()

    again = await life.cleaner.run(kind)

    assert not again.did_anything
    assert (await life.tiers(), await life.store.archive.total()) == (tiers, blocks)


async def test_the_most_recent_are_so_by_the_time_they_were_said(life: Home) -> None:
    said = await life.say(KEPT)
    life.clock.advance(days=-4000)
    years_before = await life.say(3)

    await life.cleaner.run(CleanupKind.BACKLOG)

    assert [(await life.store.turn(turn.id)).tier for turn in said] == [Tier.FULL] * KEPT
    assert {(await life.store.turn(turn.id)).tier for turn in years_before} == {Tier.COMPRESSED}


async def test_turns_that_wait_for_their_answers_are_left_alone(life: Home) -> None:
    waiting, _ = await life.store.accept_turn(new_turn("What is going on?", at=SOME_MOMENT))
    await life.say(10)

    await life.cleaner.run(CleanupKind.BACKLOG)

    assert (await life.store.turn(waiting.id)).tier is Tier.FULL
    ended = await life.store.end_turn(waiting.id, completed("Nothing."), (), life.clock.now())
    assert ended.response == "Nothing."


async def test_small_blocks_become_one_at_night(life: Home) -> None:
    said = []
    for _ in range(4):
        said += await life.say(6)
        await life.cleaner.run(CleanupKind.BACKLOG)
    assert (await life.store.archive.total()).blocks == 4

    await life.cleaner.run(CleanupKind.NIGHTLY)

    total = await life.store.archive.total()
    assert total.blocks == 1
    assert total.text_bytes == sum(
        len(turn.prompt.encode()) + len(turn.response.encode()) for turn in said[:-KEPT]
    )
    await assert_unchanged(life.store, said)


async def test_a_turn_that_is_asked_again_comes_back_and_can_leave_again(life: Home) -> None:
    said = await life.say(10, minutes_apart=60)
    await life.cleaner.run(CleanupKind.AGGRESSIVE)
    first = said[0]
    assert (await life.store.turn(first.id)).tier is Tier.ARCHIVED

    await life.store.ask_again(first.id)
    again = await life.store.end_turn(first.id, completed("Another one."), (), life.clock.now())

    assert (again.tier, again.prompt, again.response) == (Tier.FULL, first.prompt, "Another one.")
    totals = await life.store.tier_totals()
    await life.cleaner.run(CleanupKind.AGGRESSIVE)
    later = await life.store.turn(first.id)
    assert (later.tier, later.response) == (Tier.ARCHIVED, "Another one.")
    originals = await life.store.archive.originals([first.id])
    assert [each.text for each in originals[0].answers] == [first.response, "Another one."]
    after = await life.store.tier_totals()
    assert sum(total.bytes for total in after.values()) == sum(t.bytes for t in totals.values())


async def test_a_pass_that_is_broken_off_goes_on_where_it_was(life: Home) -> None:
    said = await life.say(200)
    running = asyncio.create_task(life.cleaner.run(CleanupKind.BACKLOG))
    while (await life.tiers())[1] == 0:
        await asyncio.sleep(0.001)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    part = (await life.tiers())[1]

    rest = await life.cleaner.run(CleanupKind.BACKLOG)

    assert 0 < part < 195
    assert part + rest.compressed == 195
    await assert_unchanged(life.store, said)


async def test_a_turn_that_is_asked_again_while_a_pass_makes_way_for_it_is_left_alone(
    life: Home,
) -> None:
    said = await life.say(10)
    asked = said[0].id

    class AskedMeanwhile(LiveTurns):
        async def wait_until_idle(self, timeout_seconds: float) -> bool:
            if not (await life.store.turn(asked)).status.is_end:
                return False
            await life.store.ask_again(asked)
            await life.store.begin_attempt(asked, 2, "Ano", life.clock.now())
            return False

    cleaner = life.cleaner_beside(AskedMeanwhile(life.store))
    done = await cleaner.run(CleanupKind.BACKLOG)
    ended = await life.store.end_turn(asked, completed("Another one."), (), life.clock.now())

    assert done.compressed == 4
    assert (ended.tier, ended.response) == (Tier.FULL, "Another one.")
    assert (await life.store.turn(asked)).response == "Another one."
    originals = await life.store.archive.originals([asked])
    assert [each.text for each in originals[0].answers] == [said[0].response, "Another one."]
