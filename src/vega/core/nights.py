"""What is done once a night, by the owner's clock, and when a day of theirs is over.

A night that was missed, since the machine was off, is made up for at the next start. A job that
fails keeps no other from being done. What the jobs do is theirs.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import time
from zoneinfo import ZoneInfo

from vega.core.clock import Clock, day_number
from vega.core.store import Store
from vega.errors import VegaError

log = logging.getLogger(__name__)

#: How often the clock is looked at: it may jump, and the machine may sleep.
LOOK_SECONDS = 30.0
#: Old days may come by an import at any hour.
DAILY_AGAIN_SECONDS = 3600.0

Job = Callable[[], Awaitable[object]]


class Nights:
    """The nights of one life."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        at: time,
        nightly: Mapping[str, Job],
        daily: Mapping[str, Job],
        look_seconds: float = LOOK_SECONDS,
        daily_again_seconds: float = DAILY_AGAIN_SECONDS,
    ) -> None:
        """Jobs by what they are called in the log, in their order: those of a night, which begins
        at that local time, and those of each new day, done at the start too and now and then."""
        self._store = store
        self._clock = clock
        self._at = at
        self._nightly = nightly
        self._daily = daily
        self._look_seconds = look_seconds
        self._daily_again_seconds = daily_again_seconds
        self._day: int | None = None
        #: When the daily jobs are done next, whatever the day, in the event loop's time.
        self._daily_at = 0.0
        #: Why jobs last failed, by what they are called.
        self.failures: dict[str, str] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._watch(), name="nights")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def hurry(self) -> None:
        """The daily jobs are done again at the next look, within half a minute."""
        self._daily_at = 0.0

    async def look(self) -> None:
        """Does what is due at this moment, and nothing twice. Raises DatabaseError."""
        night, day = self._present()
        now = asyncio.get_running_loop().time()
        if day != self._day or now >= self._daily_at:
            self._day, self._daily_at = day, now + self._daily_again_seconds
            await self._do(self._daily)
        last = await self._store.upkeep.night()
        # In a life that has just begun nothing was missed; a night in the future was a wrong clock.
        is_due = last is not None and not last - 1 <= night <= last
        if last is None or is_due:
            # First, so that work which ends Vega does not end it again at each start.
            await self._store.upkeep.set_night(night)
        if is_due:
            await self._do(self._nightly)

    def _present(self) -> tuple[int, int]:
        """The day whose night began last, and the day that it is now, by the owner's calendar."""
        local = self._clock.now().astimezone(ZoneInfo(self._clock.zone))
        day = day_number(local.date())
        return (day if local.time() >= self._at else day - 1), day

    async def _do(self, jobs: Mapping[str, Job]) -> None:
        for name, job in jobs.items():
            try:
                await job()
            except VegaError as exc:
                log.error("%s: %s", name, exc)
                self.failures[name] = str(exc)
            except Exception as exc:
                log.exception("%s failed", name)
                # By its kind alone: its words may be the owner's.
                self.failures[name] = f"{type(exc).__name__}; the log says more."
            else:
                self.failures.pop(name, None)

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except VegaError as exc:
                log.error("What is due at night cannot be told: %s", exc)
            except Exception:
                log.exception("What is due at night cannot be told")
            await asyncio.sleep(self._look_seconds)
