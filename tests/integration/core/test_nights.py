"""Nights: what is due is done once, whatever the clock and the jobs do."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import until
from vega.core.nights import Job, Nights
from vega.core.store import Store
from vega.errors import StorageFull

#: In Vienna a Sunday at ten in the morning.
MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NIGHT = time(3, 30)


class Watch:
    """The nights of one life, and what was done in them."""

    def __init__(self, store: Store, clock: FakeClock) -> None:
        self.store = store
        self.clock = clock
        self.done: list[str] = []
        self.nights = self.anew()

    def anew(self, **nightly: Job) -> Nights:
        """As after a restart."""
        jobs = nightly or {"cleanup": self.job("cleanup"), "backup": self.job("backup")}
        self.nights = Nights(
            *(self.store, self.clock, NIGHT, jobs, {"digests": self.job("digests")}),
            look_seconds=0.01,
        )
        return self.nights

    def job(self, name: str, *errors: BaseException) -> Job:
        left = list(errors)

        async def do() -> None:
            if left:
                raise left.pop(0)
            self.done.append(name)

        return do

    async def look(self, moment: datetime | None = None) -> list[str]:
        """What is done at that moment."""
        if moment is not None:
            self.clock.set(moment)
        self.done.clear()
        await self.nights.look()
        return list(self.done)


@pytest.fixture
def watch(store: Store) -> Watch:
    return Watch(store, FakeClock(MORNING))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """By the clocks of Vienna, in November 2026."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


async def test_in_a_life_that_has_just_begun_no_night_was_missed(watch: Watch) -> None:
    assert await watch.look() == ["digests"]
    assert await watch.look() == []


async def test_what_an_import_brings_is_told_within_the_hour(watch: Watch) -> None:
    watch.nights = Nights(
        *(watch.store, watch.clock, NIGHT, {}, {"digests": watch.job("digests")}),
        daily_again_seconds=0.05,
    )
    assert await watch.look() == ["digests"]
    assert await watch.look() == []

    await asyncio.sleep(0.06)

    assert await watch.look() == ["digests"]
    assert await watch.look() == []


async def test_a_night_is_one_by_the_owners_clock(watch: Watch) -> None:
    await watch.look()

    assert await watch.look(at(22, 23, 59)) == []
    assert await watch.look(at(23, 1)) == ["digests"]
    assert await watch.look(at(23, 3, 29)) == []
    assert await watch.look(at(23, 3, 30)) == ["cleanup", "backup"]
    assert await watch.look(at(23, 3, 31)) == []
    assert await watch.look(at(24, 3, 29)) == ["digests"]
    assert await watch.look(at(24, 3, 31)) == ["cleanup", "backup"]


async def test_nights_that_were_missed_are_made_up_for_once_at_the_next_start(
    watch: Watch,
) -> None:
    await watch.look()
    watch.anew()

    assert await watch.look(at(26, 12)) == ["digests", "cleanup", "backup"]
    watch.anew()
    assert await watch.look(at(26, 13)) == ["digests"]
    assert await watch.look(at(27, 3, 30)) == ["digests", "cleanup", "backup"]


async def test_a_clock_that_jumps_a_day_ahead_and_back_has_no_night_done_twice(
    watch: Watch,
) -> None:
    await watch.look()
    assert "cleanup" in await watch.look(at(23, 4))

    assert "cleanup" in await watch.look(at(24, 4))
    assert "cleanup" not in await watch.look(at(23, 4, 5))
    assert "cleanup" not in await watch.look(at(24, 4, 5))
    assert "cleanup" in await watch.look(at(25, 4))


async def test_a_clock_that_jumps_a_day_back_and_ahead_has_no_night_done_twice(
    watch: Watch,
) -> None:
    await watch.look()
    assert "cleanup" in await watch.look(at(23, 4))

    assert "cleanup" not in await watch.look(at(22, 4, 5))
    assert "cleanup" not in await watch.look(at(23, 4, 10))
    assert "cleanup" in await watch.look(at(24, 4))


async def test_a_clock_that_was_years_ahead_does_not_end_the_nights(watch: Watch) -> None:
    await watch.look()
    assert "cleanup" in await watch.look(MORNING + timedelta(days=3000))

    assert "cleanup" in await watch.look(at(23, 4))
    assert "cleanup" not in await watch.look(at(23, 5))
    assert "cleanup" in await watch.look(at(24, 4))


async def test_a_night_in_which_the_clocks_are_changed_is_one(watch: Watch) -> None:
    watch.clock.set(datetime(2026, 10, 24, 9, 0, tzinfo=UTC))
    await watch.look()
    done = []
    for minute in range(0, 24 * 60, 10):
        done += await watch.look(
            datetime(2026, 10, 24, 22, 0, tzinfo=UTC) + timedelta(minutes=minute)
        )

    assert sorted(done) == ["backup", "cleanup", "digests"]


async def test_a_job_that_fails_keeps_no_other_away_and_is_told_until_it_succeeds(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    await watch.look()
    watch.anew(
        cleanup=watch.job("cleanup", StorageFull()),
        verification=watch.job("verification", ZeroDivisionError("never mind")),
        backup=watch.job("backup"),
    )

    assert await watch.look(at(23, 4)) == ["digests", "backup"]
    assert watch.nights.failures == {
        "cleanup": str(StorageFull()),
        "verification": "ZeroDivisionError; the log says more.",
    }
    assert "verification failed" in caplog.text
    assert await watch.look(at(24, 4)) == ["digests", "cleanup", "verification", "backup"]
    assert watch.nights.failures == {}


async def test_work_that_ends_vega_does_not_end_it_again_at_each_start(watch: Watch) -> None:
    await watch.look()
    watch.anew(cleanup=watch.job("cleanup", KeyboardInterrupt()))

    with pytest.raises(KeyboardInterrupt):
        await watch.look(at(23, 4))
    watch.anew()
    assert await watch.look() == ["digests"]


async def test_it_looks_by_itself_and_a_life_that_cannot_be_read_does_not_end_that(
    watch: Watch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await watch.look()
    path, hidden = tmp_path / "vega.db", tmp_path / "hidden"
    path.rename(hidden)
    watch.clock.set(at(23, 4))
    await watch.nights.start()
    await until(lambda: "What is due at night cannot be told" in caplog.text)
    hidden.rename(path)
    await until(lambda: "backup" in watch.done)
    await watch.nights.close()
    watch.clock.set(at(24, 4))
    await asyncio.sleep(0.05)

    assert watch.done.count("backup") == 1


async def test_an_error_that_nobody_foresaw_does_not_end_the_nights(
    watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    await watch.look()
    watch.clock.zone = "Nowhere/Nothing"
    watch.clock.set(at(23, 4))
    await watch.nights.start()
    await until(lambda: "Nowhere/Nothing" in caplog.text)
    watch.clock.zone = "Europe/Vienna"
    await until(lambda: "backup" in watch.done)
    await watch.nights.close()


async def test_nights_that_never_began_can_be_ended(watch: Watch) -> None:
    await watch.nights.close()
