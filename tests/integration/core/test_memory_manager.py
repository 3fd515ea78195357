"""The memory manager: what it sees, what it has done about it, and what it counts."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.clocks import FakeClock
from tests.lives import set_room, until
from tests.watched_lives import KEPT, TRIGGER, watching
from vega.core import cleanup, memory_manager
from vega.core.live_turns import LiveTurns
from vega.core.memory import CleanupKind, Pressure, Tier
from vega.core.memory_manager import MOST_CONTEXT_ENTRIES, MemoryManager
from vega.core.pressure.memory_release import GivenBack, give_back
from vega.errors import ConfigError


@pytest.fixture(autouse=True)
def _no_ram_to_give(monkeypatch: pytest.MonkeyPatch) -> None:
    """How much RAM goes back, and so whether that counts, is different on each machine."""

    async def give(*_: object, **__: object) -> GivenBack:
        return GivenBack({})

    monkeypatch.setattr(memory_manager, "give_back", give)


# The founding values


@pytest.mark.parametrize(
    ("warning", "critical", "kept"), [(80.0, 90.0, 50), (85.0, 95.0, 100), (70.0, 85.0, 30)]
)
async def test_the_founding_values_hold(
    tmp_path: Path, warning: float, critical: float, kept: int
) -> None:
    values: dict[str, Any] = {
        "warning_threshold_percent": warning,
        "critical_threshold_percent": critical,
    }
    async with watching(tmp_path, kept=kept, compression_trigger=20, **values) as life:
        await life.say(kept + 21)
        await life.cleaned(1)
        states = []
        for percent in (warning - 0.1, warning, critical - 0.1, critical):
            life.probe.percent = percent
            states.append(await life.manager.look())
        tiers = await life.tiers()

    assert states == [Pressure.NORMAL, Pressure.WARNING, Pressure.WARNING, Pressure.CRITICAL]
    assert tiers == [kept, 21, 0]


def test_those_of_the_founding_document_are_the_default() -> None:
    manager = MemoryManager()

    assert manager.warning_threshold_percent == 80
    assert manager.critical_threshold_percent == 90
    assert (manager.max_context_entries, manager.check_interval_seconds) == (50, 30)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"warning_threshold_percent": 95.0}, "0 < warning < critical <= 100"),
        ({"warning_threshold_percent": 90.0}, "0 < warning < critical <= 100"),
        ({"warning_threshold_percent": 0.0}, "0 < warning < critical <= 100"),
        ({"warning_threshold_percent": -1.0}, "0 < warning < critical <= 100"),
        ({"critical_threshold_percent": 100.1}, "0 < warning < critical <= 100"),
        ({"critical_threshold_percent": float("nan")}, "0 < warning < critical <= 100"),
        ({"max_context_entries": 0}, "from 1 to 10,000"),
        ({"max_context_entries": MOST_CONTEXT_ENTRIES + 1}, "from 1 to 10,000"),
        ({"max_context_entries": 1_000_000}, "from 1 to 10,000"),
        ({"compression_trigger": 0}, "must be positive"),
        ({"check_interval_seconds": 0}, "must be positive"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(values: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        MemoryManager(**values)


# What is done when


async def test_a_backlog_is_compressed_as_soon_as_the_turn_is_stored_that_makes_it(
    tmp_path: Path,
) -> None:
    async with watching(tmp_path) as life:
        await life.say(KEPT + TRIGGER)
        await life.settled()
        before = (await life.tiers(), life.manager.report().cleanup_count)
        await life.say(1)
        await life.cleaned(1)

        assert before == ([KEPT + TRIGGER, 0, 0], 0)
        assert await life.tiers() == [KEPT, TRIGGER + 1, 0]
        assert life.probe.look_count == 2
        assert life.manager.report().cleanups[CleanupKind.BACKLOG] == 1


async def test_a_backlog_that_was_there_before_is_seen_at_the_start(tmp_path: Path) -> None:
    async with watching(tmp_path, compression_trigger=1000) as life:
        await life.say(KEPT + TRIGGER + 1)
    async with watching(tmp_path) as life:
        await life.cleaned(1)

        assert await life.tiers() == [KEPT, TRIGGER + 1, 0]


async def test_many_turns_at_once_as_an_import_stores_them_are_a_backlog(tmp_path: Path) -> None:
    async with watching(tmp_path, compression_trigger=50) as life:
        await life.say(40)
        await life.settled()
        for tell in life.store.on_stored:
            tell(20)
        await life.cleaned(1)

        assert await life.tiers() == [KEPT, 35, 0]


async def test_memory_that_becomes_scarce_has_older_turns_compressed_and_then_archived(
    tmp_path: Path,
) -> None:
    async with watching(tmp_path, compression_trigger=1000) as life:
        said = await life.say(12, minutes_apart=20)
        calm = await life.tiers()
        life.probe.percent = 82
        assert await life.manager.look() is Pressure.WARNING
        await life.cleaned(1)
        warned = await life.tiers()
        life.probe.percent = 92
        assert await life.manager.look() is Pressure.CRITICAL
        await life.cleaned(2)
        critical = await life.tiers()
        report = life.manager.report()
        shown = [(await life.store.turn(turn.id)).response for turn in said]

    assert (calm, warned, critical) == ([12, 0, 0], [5, 7, 0], [5, 1, 6])
    assert report.cleanups[CleanupKind.GENTLE] == report.cleanups[CleanupKind.AGGRESSIVE] == 1
    assert report.last_cleanup is not None
    assert report.last_cleanup.archived == 6
    assert report.last_cleanup.kind is CleanupKind.AGGRESSIVE
    assert shown == [turn.response for turn in said]


async def test_a_backlog_is_compressed_whatever_its_age_at_critical_too(tmp_path: Path) -> None:
    async with watching(tmp_path, percent=95) as life:
        await life.settled()
        await life.say(KEPT + TRIGGER + 1)
        await until(lambda: life.manager.report().cleanup_count >= 1)
        await life.settled()

        assert await life.tiers() == [KEPT, TRIGGER + 1, 0]


async def test_at_warning_a_backlog_goes_before_what_is_old(tmp_path: Path) -> None:
    async with watching(tmp_path, percent=82) as life:
        await life.settled()
        await life.say(KEPT + TRIGGER + 1)
        await life.cleaned(1)

        assert await life.tiers() == [KEPT, TRIGGER + 1, 0]


async def test_pressure_that_trembles_around_a_threshold_stays_what_it_was(tmp_path: Path) -> None:
    states = []
    async with watching(tmp_path) as life:
        for percent in (79, 80, 79, 81, 76, 74, 79, 90, 89, 86, 84, 74):
            life.probe.percent = percent
            states.append(str(await life.manager.look()))

    assert states == [
        *("normal", "warning", "warning", "warning", "warning", "normal", "normal"),
        *("critical", "critical", "critical", "warning", "normal"),
    ]


@pytest.mark.parametrize("error", [OSError("No such file or directory"), KeyError("MemTotal")])
async def test_it_looks_by_itself_again_and_again_whatever_a_look_ran_into(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    async with watching(tmp_path, check_interval_seconds=0.01) as life:
        await life.say(KEPT + 2, minutes_apart=60)
        life.probe.error = error
        await until(lambda: "Memory could not be looked at" in caplog.text)
        life.probe.percent = 85
        await life.cleaned(1)

        assert await life.tiers() == [KEPT, 2, 0]


# What is counted


async def test_passes_that_did_nothing_are_not_counted(tmp_path: Path) -> None:
    async with watching(tmp_path, percent=85) as life:
        await life.say(KEPT + 3)
        for _ in range(3):
            await life.manager.look()
            await life.settled()
        nothing = life.manager.report()
        for kind in CleanupKind:
            await life.manager.clean(kind)
        counted = life.manager.report()
        on_record = await life.store.upkeep.cleanup_count()

    assert (nothing.cleanup_count, nothing.last_cleanup) == (0, None)
    assert counted.cleanup_count == on_record == 1
    assert counted.cleanups == {kind: int(kind == "backlog") for kind in CleanupKind}


async def test_the_count_goes_on_over_restarts(tmp_path: Path) -> None:
    async with watching(tmp_path) as life:
        await life.say(KEPT + TRIGGER + 1)
        await life.cleaned(1)
        last = life.manager.report().last_cleanup
    async with watching(tmp_path) as life:
        report = life.manager.report()

    assert (report.cleanup_count, report.last_cleanup) == (1, last)
    assert sum(report.cleanups.values()) == 0


async def test_a_cleanup_counts_from_its_first_step_on_and_never_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []
    activities: list[str | None] = []

    class Rest(LiveTurns):
        async def wait_until_idle(self, timeout_seconds: float) -> bool:
            note()
            return True

    def note() -> None:
        report = life.manager.report()
        counts.append(report.cleanup_count)
        activities.append(report.activity)

    async def give(*_: object, **__: object) -> GivenBack:
        note()
        return GivenBack({})

    monkeypatch.setattr(memory_manager, "give_back", give)
    async with watching(tmp_path, compression_trigger=1000) as life:
        await life.say(100, minutes_apart=60)
        life.manager._cleaner._rest = Rest(life.store)
        await life.manager.clean(CleanupKind.AGGRESSIVE)
        note()

    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, 1)
    # While the pass is still under way.
    assert activities[counts.index(1)] is not None
    assert activities[0] is not None
    assert activities[0].startswith("Older turns are being compressed")
    assert activities[-1] is None


async def test_ram_is_given_back_at_each_look_while_critical_and_seldom_at_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unloads: list[bool] = []

    async def give(*_: object, unload: bool) -> GivenBack:
        unloads.append(unload)
        return GivenBack({"heap": 1_000})

    monkeypatch.setattr(memory_manager, "give_back", give)
    async with watching(tmp_path) as life:
        await life.manager.clean(CleanupKind.GENTLE)
        calm = list(unloads)
        life.probe.percent = 82
        await life.manager.look()
        await life.settled()
        for _ in range(3):
            await life.manager.clean(CleanupKind.GENTLE)
        warned = list(unloads)
        for _ in range(2):
            await life.manager.clean(CleanupKind.AGGRESSIVE)
        report = life.manager.report()

    assert (calm, warned) == ([], [False])
    assert unloads == [False, True, True]
    assert report.released == {"heap": 1_000}


# Faults


async def test_a_pass_that_finds_no_room_leaves_all_as_it_was_and_is_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with watching(tmp_path, compression_trigger=1000) as life:
        said = await life.say(30, minutes_apart=60, noise=8_000)
        await set_room(life.store, 0)
        life.probe.percent = 85
        await life.manager.look()
        await until(lambda: "cleanup was broken off" in caplog.text)
        full = await life.tiers()
        await set_room(life.store, None)
        await life.manager.look()
        await life.cleaned(1)
        shown = [(await life.store.turn(turn.id)).response for turn in said]

        assert full == [30, 0, 0]
        assert await life.tiers() == [KEPT, 25, 0]
        assert shown == [turn.response for turn in said]


async def test_what_was_given_back_is_told_by_part_and_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_manager, "give_back", give_back)
    async with watching(tmp_path) as life:
        first = await life.manager.clean(CleanupKind.AGGRESSIVE)
        second = await life.manager.clean(CleanupKind.AGGRESSIVE)
        report = life.manager.report()

    assert set(report.released) == {"heap", "database", "token_counts", "garbage", "models"}
    assert sum(report.released.values()) == second.memory_bytes
    assert sum(report.released_in_all.values()) == first.memory_bytes + second.memory_bytes


async def test_an_error_that_nobody_foresaw_ends_one_pass_and_not_the_manager(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Rest(LiveTurns):
        is_broken = True

        async def wait_until_idle(self, timeout_seconds: float) -> bool:
            if self.is_broken:
                raise RuntimeError("broken")
            return True

    async with watching(tmp_path, compression_trigger=1000) as life:
        rest = life.manager._cleaner._rest = Rest(life.store)
        await life.say(10, minutes_apart=60)
        life.probe.percent = 85
        await life.manager.look()
        await until(lambda: "gentle cleanup failed" in caplog.text)
        rest.is_broken = False
        await life.manager.look()
        await life.cleaned(1)

        assert await life.tiers() == [KEPT, 5, 0]


@pytest.mark.parametrize("days", [1, -1])
async def test_a_clock_that_jumps_a_day_loses_nothing_and_keeps_the_most_recent(
    tmp_path: Path, days: int
) -> None:
    async with watching(tmp_path, compression_trigger=1000) as life:
        said = await life.say(10, minutes_apart=30)
        life.clock.advance(days=days)
        said += await life.say(3)
        for kind in (CleanupKind.GENTLE, CleanupKind.AGGRESSIVE, CleanupKind.NIGHTLY):
            await life.manager.clean(kind)
        life.clock.advance(days=-days)
        said += await life.say(2)
        for kind in CleanupKind:
            await life.manager.clean(kind)
        found = [await life.store.turn(turn.id) for turn in said]
        recent = sorted(said, key=lambda turn: (turn.at, turn.id))[-KEPT:]

    assert [(turn.prompt, turn.response, turn.at) for turn in found] == [
        (turn.prompt, turn.response, turn.at) for turn in said
    ]
    tiers = {turn.id: turn.tier for turn in found}
    assert {tiers[turn.id] for turn in recent} == {Tier.FULL}
    assert sum(tier is not Tier.FULL for tier in tiers.values()) == len(said) - KEPT


async def test_a_cleanup_that_is_under_way_at_the_end_goes_on_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleanup, "TURNS_AT_ONCE", 1)
    async with watching(tmp_path, compression_trigger=1000) as life:
        await life.say(60)
    async with watching(tmp_path) as life:
        while (await life.tiers())[1] == 0:
            await asyncio.sleep(0.001)
    async with watching(tmp_path) as life:
        await life.settled()

        assert await life.tiers() == [KEPT, 55, 0]


async def test_what_is_reported_is_what_was_seen(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
    async with watching(tmp_path, percent=83.5, clock=clock) as life:
        report = life.manager.report()

    assert report.pressure is Pressure.WARNING
    assert report.reason == "The system's memory is 83 % in use."
    assert report.reading.percent == 83.5
