"""The memory manager: keeps RAM, prompts and the disk bounded for ever, without losing a word.

It looks at memory every 30 seconds and has a cleanup made before anything runs short: gentle at
warning, aggressive at critical, and one for the backlog as soon as too many turns stand
uncompressed, whatever the memory. What a cleanup does is `vega.core.cleanup`'s.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from vega.core.cleanup import Cleaner, Rest
from vega.core.clock import Clock
from vega.core.memory import Cleanup, CleanupKind, MemoryReading, Pressure, Tier
from vega.core.pressure.gauge import PressureGauge
from vega.core.pressure.memory_probe import MemoryProbe
from vega.core.pressure.memory_release import Part, Together, give_back, trim_heap
from vega.core.store import Store
from vega.core.telling.summaries import Summarizer
from vega.errors import ConfigError, DatabaseError
from vega.llm.base import HoldsMemory, Models

log = logging.getLogger(__name__)

MOST_CONTEXT_ENTRIES = 10_000
#: At warning, RAM is given back again after so long; at critical with every look.
RELEASE_INTERVAL_SECONDS = 300.0

_DOING = {
    CleanupKind.GENTLE: "Older turns are being compressed.",
    CleanupKind.AGGRESSIVE: "Older turns are being compressed and archived, and RAM given back.",
    CleanupKind.BACKLOG: "Older turns are being compressed.",
    CleanupKind.NIGHTLY: "The nightly cleanup is under way.",
}


@dataclass(frozen=True, slots=True)
class MemoryReport:
    """What the memory manager sees, does and has done."""

    pressure: Pressure
    #: Why, in a sentence.
    reason: str
    #: What is being done about it now, in a sentence; None when nothing is.
    activity: str | None
    #: The newest, at most some seconds old.
    reading: MemoryReading
    #: Over the whole life, without those that did nothing.
    cleanup_count: int
    #: Since this start.
    cleanups: Mapping[CleanupKind, int]
    last_cleanup: Cleanup | None
    #: The bytes that were last given back to the machine, by part.
    released: Mapping[Part, int]
    #: The same since this start.
    released_in_all: Mapping[Part, int]
    #: How often a model's summary was not taken, by reason.
    summary_failures: Mapping[str, int]
    longest_step_seconds: float


class _Leisure:
    """When a model may be asked for summaries: nobody waits for an answer, and memory is not so
    scarce that it must be given back at once."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._is_critical = asyncio.Event()

    def set_critical(self, is_critical: bool) -> None:
        if is_critical:
            self._is_critical.set()
        else:
            self._is_critical.clear()

    @property
    def is_idle(self) -> bool:
        return self._rest.is_idle and not self._is_critical.is_set()

    async def wait_until_busy(self) -> None:
        waits = self._rest.wait_until_busy(), self._is_critical.wait()
        waiting = [asyncio.ensure_future(each) for each in waits]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waiting:
                each.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)


class MemoryManager:
    """Watches the memory of one Vega. Does nothing until it is started."""

    def __init__(
        self,
        warning_threshold_percent: float = 80.0,
        critical_threshold_percent: float = 90.0,
        max_context_entries: int = 50,
        *,
        compression_trigger: int = 100,
        check_interval_seconds: float = 30.0,
    ) -> None:
        """Percentages are of the memory in use, of the system or of a limit set for Vega,
        whichever is scarcer. Raises ConfigError where the numbers make no sense."""
        if not 0 < warning_threshold_percent < critical_threshold_percent <= 100:
            raise ConfigError(
                "The thresholds must stand in this order: 0 < warning < critical <= 100 "
                f"({warning_threshold_percent} and {critical_threshold_percent} given)."
            )
        if not 1 <= max_context_entries <= MOST_CONTEXT_ENTRIES:
            raise ConfigError(
                f"max_context_entries must be from 1 to {MOST_CONTEXT_ENTRIES:,} "
                f"({max_context_entries} given)."
            )
        if compression_trigger < 1 or check_interval_seconds <= 0:
            raise ConfigError("compression_trigger and check_interval_seconds must be positive.")
        self.warning_threshold_percent = warning_threshold_percent
        self.critical_threshold_percent = critical_threshold_percent
        self.max_context_entries = max_context_entries
        self.compression_trigger = compression_trigger
        self.check_interval_seconds = check_interval_seconds
        self._gauge = PressureGauge(warning_threshold_percent, critical_threshold_percent)
        self._due = asyncio.Event()
        self._cleaning = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        #: How many turns stand in full at most: known at the last count, and stored since.
        self._full_turns = 0
        self._cleanup_count = 0
        #: Whether a pass did something that is not on record yet.
        self._is_uncounted = False
        self._cleanups = dict.fromkeys(CleanupKind, 0)
        self._last_cleanup: Cleanup | None = None
        self._released: Mapping[Part, int] = {}
        self._released_in_all: Counter[Part] = Counter()
        self._released_at = float("-inf")

    async def start(
        self,
        store: Store,
        models: Models,
        rest: Rest,
        clock: Clock,
        forget_counts: Callable[[], None],
        probe: MemoryProbe | None = None,
        embedder: HoldsMemory | None = None,
    ) -> None:
        """Begins to watch."""
        self._store = store
        self._models = Together(models, embedder) if embedder is not None else models
        self._forget_counts = forget_counts
        self._probe = probe or MemoryProbe()
        self._reading = self._probe.read()
        self._leisure = _Leisure(rest)
        self._summarizer = Summarizer(models, self._leisure, privacy=store.facts.privacy)
        self._cleaner = Cleaner(store, self._summarizer, rest, clock, self.max_context_entries)
        self._cleanup_count = await store.upkeep.cleanup_count()
        self._last_cleanup = await store.upkeep.last_cleanup()
        self._full_turns = await self._count_full_turns()
        store.on_stored.append(self._note_stored)
        await self.look()
        self._tasks = [
            asyncio.create_task(self._watch(), name="memory watch"),
            asyncio.create_task(self._clean(), name="cleanups"),
        ]

    async def close(self) -> None:
        """Ends; a cleanup that is under way is left as it is, and goes on at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def look(self) -> Pressure:
        """Looks at memory and disk now; has a cleanup made where one is needed."""
        before = self._gauge.pressure
        self._reading = await asyncio.to_thread(self._probe.read)
        pressure = self._gauge.judge(self._reading)
        if pressure is not before:
            log.log(
                logging.INFO if pressure is Pressure.NORMAL else logging.WARNING,
                "Memory: %s (was %s). %s",
                *(pressure, before, self._gauge.reason),
            )
        self._leisure.set_critical(pressure is Pressure.CRITICAL)
        if pressure is not Pressure.NORMAL or self._is_backlog:
            self._due.set()
        await asyncio.to_thread(self._store.disk.look)
        return pressure

    async def clean(self, kind: CleanupKind) -> Cleanup:
        """Makes one pass now, and gives RAM back where it is scarce. Raises DatabaseError."""
        async with self._cleaning:
            cleanup = await self._cleaner.run(kind)
            self._is_uncounted = cleanup.did_anything
            try:
                released = await self._give_memory_back(kind)
                cleanup = replace(cleanup, memory_bytes=released)
                self._full_turns = await self._count_full_turns()
                if cleanup.did_anything:
                    await self._note(cleanup)
            finally:
                self._is_uncounted = False
            return cleanup

    def report(self) -> MemoryReport:
        running = self._cleaner.running
        begun = running is not None and running.did_anything
        return MemoryReport(
            pressure=self._gauge.pressure,
            reason=self._gauge.reason,
            activity=_DOING[running.kind] if running else None,
            reading=self._reading,
            cleanup_count=self._cleanup_count + (begun or self._is_uncounted),
            cleanups=dict(self._cleanups),
            last_cleanup=self._last_cleanup,
            released=dict(self._released),
            released_in_all=dict(self._released_in_all),
            summary_failures=dict(self._summarizer.failures),
            longest_step_seconds=self._cleaner.longest_step_seconds,
        )

    def is_critical(self) -> bool:
        """Whether memory was critical at the last look."""
        return self._gauge.pressure is Pressure.CRITICAL

    @property
    def _is_backlog(self) -> bool:
        return self._full_turns > self.max_context_entries + self.compression_trigger

    def _note_stored(self, count: int) -> None:
        self._full_turns += count
        if self._is_backlog:
            self._due.set()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.check_interval_seconds)
            try:
                await self.look()
            except (DatabaseError, OSError) as exc:
                log.error("Memory could not be looked at: %s", exc)
            except Exception:
                log.exception("Memory could not be looked at")

    async def _clean(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            for kind in self._needed():
                try:
                    await self.clean(kind)
                except DatabaseError as exc:
                    # What was done stays done; the next look tries again.
                    log.error("The %s cleanup was broken off: %s", kind, exc)
                except Exception:
                    log.exception("The %s cleanup failed", kind)

    def _needed(self) -> Sequence[CleanupKind]:
        """Only a backlog is compressed whatever its age."""
        backlog = [CleanupKind.BACKLOG] if self._is_backlog else []
        match self._gauge.pressure:
            case Pressure.CRITICAL:
                return [CleanupKind.AGGRESSIVE, *backlog]
            case Pressure.WARNING:
                return backlog or [CleanupKind.GENTLE]
        return backlog

    async def _give_memory_back(self, kind: CleanupKind) -> int:
        now = asyncio.get_running_loop().time()
        is_critical = kind is CleanupKind.AGGRESSIVE
        is_scarce = self._gauge.pressure is not Pressure.NORMAL or kind is CleanupKind.NIGHTLY
        if not is_critical and (
            not is_scarce or now < self._released_at + RELEASE_INTERVAL_SECONDS
        ):
            # At least what the pass itself has used.
            await trim_heap()
            return 0
        self._released_at = now
        given = await give_back(self._store, self._models, self._forget_counts, unload=is_critical)
        self._released = given.by_part
        self._released_in_all.update(given.by_part)
        return given.total

    async def _note(self, cleanup: Cleanup) -> None:
        await self._store.upkeep.add_cleanup(cleanup)
        self._cleanup_count += 1
        self._cleanups[cleanup.kind] += 1
        self._last_cleanup = cleanup
        log.info(
            "Cleanup (%s): %d turns compressed, %d archived, %.1f MB of text saved; "
            "%.1f MB of disk and %.1f MB of RAM given back.",
            *(cleanup.kind, cleanup.compressed, cleanup.archived, cleanup.saved_bytes / 1e6),
            *(cleanup.disk_bytes / 1e6, cleanup.memory_bytes / 1e6),
        )

    async def _count_full_turns(self) -> int:
        return (await self._store.tier_totals())[Tier.FULL].turns
