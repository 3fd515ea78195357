"""Forgetting that is real: shown first, then erased in every place that holds any of it.

A turn that is forgotten is marked in one transaction and seen by nobody from then on. Its text then
goes out of rows, blocks, the index, the vectors, the model's caches, the log and the pages of the
file. Where Vega dies in between it goes on at the next start: what is left to do is in the store,
as the numbers of turns. What a backup still holds is not touched.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from vega.core.clock import Clock
from vega.core.life.forget_plan import ForgetPlan, ForgetTarget
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.errors import DatabaseError, ForgettingChanged, StorageFull, VegaError, as_sentence

log = logging.getLogger(__name__)

#: How long the answer that is being written is waited for: its model may have read what goes.
PATIENCE_SECONDS = 60.0
#: How long each step of the work behind it lets live turns go first.
STEP_PATIENCE_SECONDS = 1.0
#: The log is emptied when nobody reads; so often it is tried, with so long in between.
LOG_TRIES = 40
LOG_PAUSE_SECONDS = 0.25
#: What could not be finished is tried again after so long.
RETRY_SECONDS = 60.0
#: New messages may come into the index while it is merged; so often it is begun again.
MOST_MERGES = 5
_AGAIN = "This is tried again in a minute."


class HasVectors(Protocol):
    """What holds vectors of messages."""

    def remove(self, message_ids: Collection[int]) -> None:
        """Nothing of these messages' vectors is left when it returns. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class ForgetReport:
    """What a forgetting erased."""

    turn_ids: tuple[int, ...]
    facts: int
    digests: int
    #: Blocks of the archive that were written anew.
    blocks: int = 0
    #: Whether every page of the file was written anew, since older text stood on some.
    is_rewritten: bool = False
    #: What could not be done yet, each in a sentence; it is tried again.
    left: tuple[str, ...] = ()


class Forgetting:
    """Forgets for one life, one thing at a time."""

    def __init__(
        self,
        store: Store,
        live_turns: LiveTurns,
        clock: Clock,
        *,
        vectors: HasVectors | None = None,
        forget_caches: Callable[[], Awaitable[None]] | None = None,
        forget_counts: Callable[[], None] = lambda: None,
    ) -> None:
        """`forget_caches` takes what models have read out of their files and processes, and
        `forget_counts` lets go of texts whose tokens were counted."""
        self._store = store
        self._live_turns = live_turns
        self._clock = clock
        self._vectors = vectors
        self._forget_caches = forget_caches
        self._forget_counts = forget_counts
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def start(self) -> None:
        """Goes on with what a crash has ended in the middle: text is erased before it returns, and
        the rest is done in the background. Never fails."""
        try:
            await self._store.forgetting.remember()
        except VegaError as exc:
            log.error("What was forgotten could not be put on record beside the life: %s", exc)
        try:
            pending = await self._store.forgetting.pending()
            if not pending:
                return
            log.warning("%d turns are still being forgotten; this goes on now.", len(pending))
            await self._store.forgetting.erase_texts(pending)
        except VegaError as exc:
            log.error("What was to be forgotten could not be erased yet: %s", exc)
        self._go_on_later(pause_seconds=0.0)

    async def close(self) -> None:
        """Ends; what is left is gone on with at the next start."""
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        # A step that has begun comes to its end.
        async with self._lock:
            pass

    async def preview(self, target: ForgetTarget) -> ForgetPlan:
        """What would be erased; changes nothing.

        Raises TurnNotFound, FactNotFound, TurnForgotten, TurnNotEnded, TurnDamaged, InvalidInput.
        """
        return await self._store.forgetting.plan(target)

    async def forget(self, target: ForgetTarget, token: str) -> ForgetReport:
        """Erases just what was shown under that token, also when the caller leaves meanwhile.

        Raises ForgettingChanged where anything else would go by now, AnswerRunning, and what
        `preview` raises; then nothing was erased. Raises StorageFull or DatabaseError where it
        could not be ended; then it goes on by itself.
        """
        return await asyncio.shield(asyncio.ensure_future(self._forget(target, token)))

    async def _forget(self, target: ForgetTarget, token: str) -> ForgetReport:
        async with self._lock:
            async with self._live_turns.at_rest(PATIENCE_SECONDS):
                plan = await self._store.forgetting.plan(target)
                if plan.token != token:
                    raise ForgettingChanged
                await self._store.forgetting.begin(plan, self._clock.now())
                report = ForgetReport(plan.turn_ids, len(plan.facts), len(plan.digests))
                try:
                    await self._tell(plan.turn_ids)
                    erased = await self._store.forgetting.erase_texts(plan.turn_ids)
                    await self._forget_what_models_read()
                except (VegaError, OSError):
                    self._go_on_later()
                    raise
            report = replace(report, blocks=erased.blocks)
            if erased.unread_blocks:
                report = replace(report, left=(_unread(erased.unread_blocks),))
            return await self._clear(report, (*erased.texts, *_fact_texts(plan)))

    async def _tell(self, turn_ids: Sequence[int]) -> None:
        """Whoever reads along drops what they hold of these turns."""
        self._live_turns.tell_forgotten(turn_ids)

    async def _forget_what_models_read(self) -> None:
        self._forget_counts()
        if self._forget_caches is not None:
            await self._forget_caches()

    async def _clear(self, report: ForgetReport, texts: Sequence[bytes] | None) -> ForgetReport:
        """Takes out of files what is in no row any more. Without the texts, which only who erased
        them knows, every page is written anew."""
        pending = await self._store.forgetting.pending()
        left = list(report.left)
        is_rewritten = False
        try:
            await self._remove_vectors(pending)
            await self._drop_old_indexes()
            await self._merge_index()
            while await self._store.forgetting.drop_free_pages():
                await self._let_live_turns_go_first()
            is_empty = await self._empty_log()
            if not is_empty:
                left.append(f"Another program reads the database, whose log holds it. {_AGAIN}")
            if await self._must_be_rewritten(texts):
                await self._store.forgetting.rewrite_file()
                is_rewritten = True
                is_empty = await self._empty_log() and is_empty
            await self._store.forgetting.shrink()
            if is_empty:
                await self._store.forgetting.finish(pending)
        except (StorageFull, DatabaseError, OSError) as exc:
            left.append(f"Not every file could be cleared: {as_sentence(str(exc))} {_AGAIN}")
        if len(left) > len(report.left):
            self._go_on_later()
        return replace(report, is_rewritten=is_rewritten, left=tuple(left))

    async def _must_be_rewritten(self, texts: Sequence[bytes] | None) -> bool:
        if texts is None or await self._store.forgetting.is_rewriting_due():
            return True
        return await self._store.forgetting.find_leftovers(texts) > 0

    async def _remove_vectors(self, turn_ids: Sequence[int]) -> None:
        if self._vectors is not None and turn_ids:
            ids = [2 * turn_id + part for turn_id in turn_ids for part in (0, 1)]
            await asyncio.to_thread(self._vectors.remove, ids)

    async def _drop_old_indexes(self) -> None:
        """What was an index of words, and was damaged or made anew, holds its terms."""
        while await self._store.word_index.drop_some():
            await self._let_live_turns_go_first()
        if await self._store.word_index.has_stuck():
            await self._store.word_index.give_up_stuck()
            await self._store.forgetting.rewrite_file()

    async def _merge_index(self) -> None:
        """Until all that was indexed up to now is in one piece, without what was deleted."""
        for _ in range(MOST_MERGES):
            if not await self._store.forgetting.merge_index(is_first=True):
                return
            await self._let_live_turns_go_first()
            while await self._store.forgetting.merge_index(is_first=False):
                await self._let_live_turns_go_first()

    async def _empty_log(self) -> bool:
        for _ in range(LOG_TRIES):
            if await self._store.forgetting.empty_log():
                return True
            await asyncio.sleep(LOG_PAUSE_SECONDS)
        return False

    async def _let_live_turns_go_first(self) -> None:
        await self._live_turns.wait_until_idle(STEP_PATIENCE_SECONDS)

    def _go_on_later(self, pause_seconds: float | None = None) -> None:
        pause = RETRY_SECONDS if pause_seconds is None else pause_seconds
        is_waiting = self._task is not None and not self._task.done()
        if not self._is_closed and not (is_waiting and self._task is not asyncio.current_task()):
            self._task = asyncio.create_task(self._go_on(pause), name="go on forgetting")

    async def _go_on(self, pause_seconds: float) -> None:
        await asyncio.sleep(pause_seconds)
        async with self._lock:
            try:
                pending = await self._store.forgetting.pending()
                if not pending:
                    return
                await self._store.forgetting.erase_texts(pending)
                await self._forget_what_models_read()
            except (VegaError, OSError) as exc:
                log.error("What was to be forgotten could not be erased yet: %s", exc)
                self._go_on_later()
                return
            report = await self._clear(ForgetReport(tuple(pending), 0, 0), None)
        for sentence in report.left:
            log.warning("%s", sentence)
        if not report.left:
            log.info("%d turns have been forgotten.", len(pending))


def _fact_texts(plan: ForgetPlan) -> tuple[bytes, ...]:
    return tuple(fact.value.encode() for fact in plan.facts)


def _unread(count: int) -> str:
    one = "One damaged block" if count == 1 else f"{count} damaged blocks"
    return (
        f"{one} of the archive cannot be read, so that it is not known whether an earlier copy is "
        "in there; `vega doctor --repair` mends what a backup still has."
    )
