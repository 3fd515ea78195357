"""One pass over the tiers: full, compressed, archived.

It works in short transactions, each of which leaves the life whole; so it can be killed anywhere,
goes on where it was, and does nothing more when it is run again. A live turn goes first. Why and
when a pass is made, and what else gives memory back, `vega.core.memory_manager` knows.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, cast

from vega.core.clock import Clock
from vega.core.life.archive import BLOCK_BYTES, ArchivedTurn, pack
from vega.core.life.archive_store import Batch, TurnsChanged
from vega.core.memory import Cleanup, CleanupKind, Summary, Tier
from vega.core.store import Store
from vega.core.telling.scribe import Activity
from vega.core.telling.summaries import Summarizer
from vega.errors import BlockDamaged, SummaryFailed

log = logging.getLogger(__name__)

Result = TypeVar("Result")

COMPRESSED_AFTER = timedelta(hours=1)
ARCHIVED_AFTER = timedelta(hours=2)
#: At night, with no need: what was said this week is still at hand.
ARCHIVED_AT_NIGHT_AFTER = timedelta(days=7)
#: So many turns may stand compressed, whatever their age: the active tables do not grow.
MOST_COMPRESSED = 500
#: Of one transaction, which nobody can write beside: some 10 ms.
TURNS_AT_ONCE = 16
#: For so long a step waits while a turn is being answered; then it is done all the same, since a
#: life that never rests must stay bounded too.
PATIENCE_SECONDS = 1.0
#: After so many of its summaries in a row were not taken, a model is not asked again in this pass.
MOST_FAILURES = 3
#: For so long a pass has a model write summaries; those that are left are made without it, since an
#: import of years would else hold up every other pass, and the nights, for days.
MODEL_SECONDS = 1800.0
#: Turns whose summary a model failed at are remembered, and need none the next time.
REMEMBERED_FAILURES = 10_000
#: A megabyte of the file is given back at a time.
VACUUMED_PAGES = 256


class Rest(Activity, Protocol):
    """Whether somebody waits for an answer, and when nobody does any more."""

    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether nobody does now, or within that time."""
        ...


@dataclass(frozen=True, slots=True)
class _Plan:
    """How far a pass goes: how old a turn must be. None: of any age to be compressed, and none is
    archived for its age."""

    compressed_after: timedelta | None
    archived_after: timedelta | None = None
    gives_disk_back: bool = False
    merges: bool = False


_PLANS = {
    CleanupKind.GENTLE: _Plan(COMPRESSED_AFTER),
    CleanupKind.AGGRESSIVE: _Plan(COMPRESSED_AFTER, ARCHIVED_AFTER, gives_disk_back=True),
    CleanupKind.BACKLOG: _Plan(None),
    CleanupKind.NIGHTLY: _Plan(
        COMPRESSED_AFTER, ARCHIVED_AT_NIGHT_AFTER, gives_disk_back=True, merges=True
    ),
}


class Cleaner:
    """Makes the passes over one life."""

    def __init__(
        self, store: Store, summarizer: Summarizer, rest: Rest, clock: Clock, kept: int
    ) -> None:
        """The `kept` most recent turns are never touched."""
        self._store = store
        self._summarizer = summarizer
        self._rest = rest
        self._clock = clock
        self._kept = kept
        self._failed: dict[int, None] = {}
        #: In a row, in this pass.
        self._model_failures = 0
        #: The event loop's time from which on this pass does without a model.
        self._model_until = 0.0
        self._is_night = False
        #: What the pass that is being made has done; None between passes.
        self.running: Cleanup | None = None
        #: The longest that one step of a pass took, in seconds: a transaction with the wait for it,
        #: and of a merge what it reads and packs before. No turn waited longer for one.
        self.longest_step_seconds = 0.0

    async def run(self, kind: CleanupKind) -> Cleanup:
        """Makes one pass to its end. Raises DatabaseError; what was done by then stays done."""
        now = self._clock.now()
        self.running = Cleanup(kind, now, now)
        try:
            await self._compress(kind)
            await self._archive(kind)
            if _PLANS[kind].merges:
                await self._merge()
            if _PLANS[kind].gives_disk_back:
                await self._give_disk_back()
            return replace(self.running, ended_at=self._clock.now())
        finally:
            self.running = None

    async def _compress(self, kind: CleanupKind) -> None:
        until = self._until(_PLANS[kind].compressed_after)
        archive = self._store.archive
        self._model_failures = 0
        self._model_until = asyncio.get_running_loop().time() + MODEL_SECONDS
        self._is_night = kind is CleanupKind.NIGHTLY

        async def find(limit: int) -> list[int]:
            return await archive.turns_to_move(Tier.FULL, self._kept, until, limit)

        await self._in_batches(find, self._compress_batch)

    async def _archive(self, kind: CleanupKind) -> None:
        after = _PLANS[kind].archived_after
        archive = self._store.archive
        if after is not None:
            until = self._until(after)

            async def find_old(limit: int) -> list[int]:
                return await archive.turns_to_move(Tier.COMPRESSED, self._kept, until, limit)

            await self._in_batches(find_old, self._archive_batch)

        async def find_many(limit: int) -> list[int]:
            most = MOST_COMPRESSED
            return await archive.turns_past_rank(Tier.COMPRESSED, self._kept, most, limit)

        await self._in_batches(find_many, self._archive_batch)

    def _until(self, age: timedelta | None) -> datetime | None:
        return None if age is None else self._clock.now() - age

    async def _in_batches(
        self,
        find: Callable[[int], Awaitable[list[int]]],
        move: Callable[[Batch], Awaitable[set[int]]],
    ) -> None:
        """Moves what is found, batch by batch, until nothing is left but what cannot be moved now;
        `move` says which these are."""
        stuck: set[int] = set()
        while True:
            found = [each for each in await find(TURNS_AT_ONCE + len(stuck)) if each not in stuck]
            if not found:
                return
            await self._let_live_turns_go_first()
            batch = await self._store.archive.batch(found[:TURNS_AT_ONCE], BLOCK_BYTES)
            stuck |= batch.stuck | await move(batch)

    async def _compress_batch(self, batch: Batch) -> set[int]:
        summaries: dict[int, Summary] = {}
        patience = PATIENCE_SECONDS
        for original in batch.originals:
            patience -= await self._let_live_turns_go_first(patience)
            summary = await self._summary(original)
            if summary is not None:
                summaries[original.id] = summary
        packed = [each for each in batch.originals if each.id in summaries]
        failed = {each.id for each in batch.originals} - summaries.keys()
        if not packed:
            return failed
        block = await asyncio.to_thread(pack, packed)
        await self._let_live_turns_go_first()
        try:
            saved = await self._timed(self._store.archive.compress(packed, block, summaries))
        except TurnsChanged:
            return failed | summaries.keys()
        self._note(compressed=len(packed), saved_bytes=saved)
        return failed

    async def _archive_batch(self, batch: Batch) -> set[int]:
        if batch.originals:
            saved = await self._timed(self._store.archive.archive(batch.originals))
            self._note(archived=len(batch.originals), saved_bytes=saved)
        return set()

    async def _summary(self, original: ArchivedTurn) -> Summary | None:
        """None where a model failed at it: the turn stays in full until the next pass."""
        answer = original.answer
        text = answer.text if answer else ""
        without_model = (
            original.id in self._failed
            or self._model_failures >= MOST_FAILURES
            or asyncio.get_running_loop().time() >= self._model_until
        )
        try:
            summary = await self._summarizer.summarize(
                original.prompt,
                text,
                original.id,
                without_model=without_model,
                at_leisure=self._is_night,
            )
        except SummaryFailed as exc:
            log.info("Turn %d stays in full for now; its summary failed: %s", original.id, exc)
            self._model_failures += 1
            self._failed[original.id] = None
            if len(self._failed) > REMEMBERED_FAILURES:
                self._failed.pop(next(iter(self._failed)))
            return None
        if summary.model is not None:
            self._model_failures = 0
        return summary

    async def _merge(self) -> None:
        """Small blocks become whole ones, and the index one of few pieces."""
        for group in await self._store.archive.small_blocks():
            await self._let_live_turns_go_first()
            try:
                await self._timed(self._store.archive.merge(group))
            except (TurnsChanged, BlockDamaged) as exc:
                log.info("Blocks of the archive stay as they are: %s", exc)
        while await self._timed(self._store.upkeep.merge_index()):
            await self._let_live_turns_go_first()

    async def _give_disk_back(self) -> None:
        while given := await self._timed(self._store.upkeep.vacuum(VACUUMED_PAGES)):
            self._note(disk_bytes=given)
            await self._let_live_turns_go_first()

    async def _let_live_turns_go_first(self, patience_seconds: float = PATIENCE_SECONDS) -> float:
        """Waits while a turn is being answered, at most so long: how long it was."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        await self._rest.wait_until_idle(max(0.0, patience_seconds))
        return loop.time() - began

    async def _timed(self, step: Awaitable[Result]) -> Result:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            return await step
        finally:
            self.longest_step_seconds = max(self.longest_step_seconds, loop.time() - began)

    def _note(
        self, *, compressed: int = 0, archived: int = 0, saved_bytes: int = 0, disk_bytes: int = 0
    ) -> None:
        # Steps are made within a pass alone.
        running = cast(Cleanup, self.running)
        self.running = replace(
            running,
            compressed=running.compressed + compressed,
            archived=running.archived + archived,
            saved_bytes=running.saved_bytes + saved_bytes,
            disk_bytes=running.disk_bytes + disk_bytes,
        )
