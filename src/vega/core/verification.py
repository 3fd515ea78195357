"""Proves that the life is complete and unaltered: the hash chain over all of it, recomputed.

A run is made of short looks, between which turns go first. How far it has come is on the disk, so
that it goes on where it was, the next night or after a crash. What is looked at, and how, is in
`vega.core.proof`.
"""

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from vega.core import repair
from vega.core.clock import Clock
from vega.core.life.verification_store import Verdict
from vega.core.proof import Flaw, Place
from vega.core.repair import Repair
from vega.core.store import Store
from vega.errors import DatabaseError

log = logging.getLogger(__name__)

#: Of a night. What is left is done in the next one.
TIME_LIMIT_SECONDS = 600.0
#: For so long a look waits while a turn is being answered; then it is taken all the same.
PATIENCE_SECONDS = 1.0
#: What a crash may cost: a run is saved so often, or when it has found so much.
SAVE_SECONDS = 5.0
MOST_UNSAVED = 1_000


class Rest(Protocol):
    """When nobody waits for an answer."""

    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether nobody does now, or within that time."""
        ...


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of whether the life is as it was stored, and what is being done for it."""

    verdict: Verdict
    is_running: bool
    #: Of the present run, or of the last one that was begun: 0 to 1.
    progress: float
    #: Why the last run did not come to its end.
    error: str | None

    @property
    def finding(self) -> str | None:
        """What is wrong, for the owner."""
        found = self.verdict
        if not found.flaws:
            return None
        count = found.damaged_count
        others = f" {count} turns are damaged in all." if count > 1 else ""
        mending = " `vega doctor --repair` mends what a backup still has." if count else ""
        return f"{found.flaws[0].text}{others}{mending}"


class Verification:
    """Verifies one life, one run at a time."""

    def __init__(self, store: Store, rest: Rest, clock: Clock) -> None:
        self._store = store
        self._rest = rest
        self._clock = clock
        self._lock = asyncio.Lock()
        #: How many things wait that the owner wants, for which a nightly run makes way.
        self._wishes = 0
        self._whole: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._next_link = 0
        self._error: str | None = None

    async def run(self, time_limit_seconds: float | None = TIME_LIMIT_SECONDS) -> bool:
        """Goes on with the run that was not finished, or begins one: whether it came to its end.

        Raises DatabaseError where what must be read or written for it cannot be.
        """
        async with self._lock:
            return await self._try(math.inf if time_limit_seconds is None else time_limit_seconds)

    async def start(self) -> None:
        """A whole run goes on in the background: one from the first link, begun now or before."""
        if self._whole is None or self._whole.done():
            self._begun = asyncio.Event()
            self._whole = asyncio.create_task(self._verify(self._begun), name="verification")
        await self._begun.wait()

    async def wait(self) -> None:
        """Until the whole run has ended."""
        if self._whole is not None:
            await self._whole

    async def report(self) -> Report:
        # First, so that nobody sees a run that has ended and has not come to its end.
        is_running = self._lock.locked()
        verdict = await self._store.verification.verdict()
        next_link = self._next_link if is_running else verdict.place.next_link
        links = max(self._store.newest_link, next_link - 1)
        progress = (next_link - 1) / links if links else 1.0
        is_complete = verdict.run == verdict.completed_run
        return Report(
            verdict=verdict,
            is_running=is_running,
            progress=1.0 if is_complete and verdict.run else max(0.0, progress),
            error=self._error,
        )

    async def repair(self, backups: Sequence[Path]) -> Repair:
        """Damaged blocks of the archive are mended from these backups, the first before others."""
        async with self._instead():
            return await repair.mend(self._store, backups)

    async def close(self) -> None:
        """Ends what is being done; what is on record of it stays."""
        if self._whole is not None:
            self._whole.cancel()
            await asyncio.gather(self._whole, return_exceptions=True)

    async def _verify(self, begun: asyncio.Event) -> None:
        try:
            async with self._instead():
                await self._try(math.inf, begun)
        except DatabaseError as exc:
            log.error("The verification of this life was given up: %s", exc)
        finally:
            begun.set()

    @contextlib.asynccontextmanager
    async def _instead(self) -> AsyncIterator[None]:
        """Nothing else is done meanwhile; a nightly run makes way."""
        self._wishes += 1
        try:
            await self._lock.acquire()
        finally:
            self._wishes -= 1
        try:
            yield
        finally:
            self._lock.release()

    async def _try(self, time_limit_seconds: float, begun: asyncio.Event | None = None) -> bool:
        """Whether a run came to its end; with `begun`, which then is set, it is a new one.

        Raises DatabaseError.
        """
        self._error = None
        try:
            known = await self._store.verification.verdict()
            if begun is not None or known.run == known.completed_run:
                await self._store.verification.begin(self._clock.now())
                known = await self._store.verification.verdict()
            self._next_link = known.place.next_link
            if begun is not None:
                begun.set()
            makes_way = begun is None
            return await self._go_on(known.place, time_limit_seconds, makes_way=makes_way)
        except DatabaseError as exc:
            self._error = str(exc)
            raise

    async def _go_on(self, place: Place, time_limit_seconds: float, *, makes_way: bool) -> bool:
        began = saved = time.monotonic()
        flaws: list[Flaw] = []
        while True:
            found = await self._store.verification.look(place)
            place = found.place
            self._next_link = place.next_link
            flaws += found.flaws
            now = time.monotonic()
            if found.is_end:
                flaws += await self._file_flaws(found.head.link)
                await self._store.verification.complete(found, flaws, self._clock.now())
                _tell(await self.report())
                return True
            is_over = now - began >= time_limit_seconds or (makes_way and self._wishes > 0)
            if is_over or now - saved >= SAVE_SECONDS or len(flaws) >= MOST_UNSAVED:
                await self._store.verification.save(place, flaws)
                flaws, saved = [], now
            if is_over:
                return False
            await self._rest.wait_until_idle(PATIENCE_SECONDS)

    async def _file_flaws(self, link: int) -> list[Flaw]:
        text = await self._store.verification.file_flaw()
        # The index of words holds nothing that is not in the turns, and is made anew from them.
        if text and await self._store.word_index.mend():
            text = await self._store.verification.file_flaw()
        advice = "`vega doctor --repair`, with Vega stopped, puts the life together anew."
        return [Flaw(link, None, f"{text} {advice}")] if text else []


def summary(report: Report) -> dict[str, Any]:
    """The most important of it."""
    names = ("completed_at", "links", "is_running", "progress", "finding", "damaged_turns")
    found = shape(report)
    return {name: found[name] for name in names}


def shape(report: Report) -> dict[str, Any]:
    """As it is shown."""
    found = report.verdict
    return {
        "is_running": report.is_running,
        "progress": round(report.progress, 4),
        "run": found.run,
        "completed_run": found.completed_run,
        "completed_at": found.completed_at.isoformat() if found.completed_at else None,
        "turns": found.turns,
        "links": found.head.link,
        "head": found.head.hash.hex(),
        "finding": report.finding,
        "findings": [
            {"link": each.link, "turn_id": each.turn_id, "text": each.text} for each in found.flaws
        ],
        "finding_count": found.flaw_count,
        "damaged_turns": list(found.damaged_turns),
        "damaged_count": found.damaged_count,
        "lost": [
            {"link": each.link, "turn_id": each.turn_id, "text": each.text} for each in found.lost
        ],
        "lost_count": found.lost_count,
        "error": report.error,
    }


def _tell(report: Report) -> None:
    if report.finding:
        log.error("This life is not as it was stored. %s", report.finding)
    else:
        found = report.verdict
        log.info("All %d turns are as they were stored (%d links).", found.turns, found.head.link)
