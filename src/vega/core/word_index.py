"""Keeps the index of words whole: looks at it, and makes it anew from the turns in the background.

How far that has come is on the disk, so that it goes on after a crash. It is made in short
transactions, between which live turns go first.
"""

import asyncio
import logging
from typing import Protocol

from vega.core.life.word_index_store import WordsReport
from vega.core.store import Store
from vega.errors import StorageFull, VegaError, as_sentence

log = logging.getLogger(__name__)

#: A live turn is waited for so long before each step; a life that never rests is indexed, too.
PATIENCE_SECONDS = 1.0
#: After a failure, doubled each time.
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


class Rest(Protocol):
    """When nobody waits for an answer."""

    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether nobody does now, or within that time."""
        ...


class WordIndex:
    """Looks after the index of one life."""

    def __init__(self, store: Store) -> None:
        """Does nothing yet."""
        self._store = store
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._checking = asyncio.Lock()
        self._trouble: str | None = None
        #: For room on the disk, of which the log was told.
        self._is_waiting = False

    async def start(self, rest: Rest) -> None:
        """Looks at the index, which does not take long, and begins; all of it is looked at in the
        background."""
        self._rest = rest
        loop = asyncio.get_running_loop()
        index = self._store.word_index

        def begin() -> None:
            loop.call_soon_threadsafe(self._due.set)

        index.on_begun = begin
        self._due.set()
        try:
            flaw = await index.look()
            if flaw:
                log.warning("%s", flaw)
                await index.set_aside()
        except VegaError as exc:
            # Messages go on all the same; the next write or search meets it.
            log.error("The index of words could not be looked at: %s", exc)
        self._tasks = [
            asyncio.create_task(self._run(), name="word index"),
            asyncio.create_task(self._check_once(), name="word index check"),
        ]

    async def close(self) -> None:
        """Ends; what is left is gone on with at the next start."""
        self._store.word_index.on_begun = lambda: None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def rebuild(self) -> None:
        """The index is made anew in the background; the old one is asked until then. Where it has
        to wait for room on the disk, `trouble` says so at once. Raises DatabaseError."""
        await self._store.word_index.begin()
        try:
            self._store.word_index.require_room()
        except StorageFull as exc:
            self._note_waiting(exc)

    async def check(self) -> str | None:
        """Looks at the whole index, in small steps: what was wrong with it, in a sentence. Then it
        is made anew. Raises DatabaseError."""
        async with self._checking:
            async for flaw in self._store.word_index.check():
                if flaw:
                    log.warning("%s", flaw)
                    await self._store.word_index.set_aside()
                    return flaw
                await self._rest.wait_until_idle(PATIENCE_SECONDS)
        return None

    async def tend(self) -> None:
        """At night: looks at all of it, and gives back the room of an index whose pages were so
        damaged that only a new file has none of them. Raises DatabaseError."""
        await self.check()
        if await self._store.word_index.has_stuck():
            await self._store.word_index.give_up_stuck()
            await self._store.forgetting.rewrite_file()

    async def report(self) -> WordsReport:
        """Raises DatabaseError."""
        return await self._store.word_index.report()

    @property
    def trouble(self) -> str | None:
        """Why it does not get on, in a sentence."""
        return self._trouble

    async def notice(self) -> str | None:
        """What the owner should know of it, in a sentence. Raises DatabaseError."""
        report = await self.report()
        trouble = f" {as_sentence(self._trouble)}" if self._trouble else ""
        if report.is_complete:
            if not (report.is_rebuilding and trouble):
                return None
            return f"The word index is being rebuilt; until then the old one is asked.{trouble}"
        return (
            f"The word index is being rebuilt ({report.percent} %); until then a search does not "
            f"find everything.{trouble}"
        )

    async def _check_once(self) -> None:
        try:
            await self.check()
        except VegaError as exc:
            log.error("The index of words could not be looked at: %s", exc)
        except Exception:
            log.exception("The index of words could not be looked at")

    async def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while True:
            await self._due.wait()
            self._due.clear()
            try:
                while await self._step():
                    self._trouble, self._is_waiting = None, False
                    pause = FIRST_PAUSE_SECONDS
                    await self._rest.wait_until_idle(PATIENCE_SECONDS)
                self._trouble, self._is_waiting = None, False
                continue
            except StorageFull as exc:
                self._note_waiting(exc)
            except VegaError as exc:
                if str(exc) != self._trouble:
                    log.error("The index of words does not get on: %s", exc)
                self._trouble = str(exc)
            except Exception as exc:
                log.exception("The index of words does not get on")
                # By its kind alone: its words may be the owner's.
                self._trouble = f"{type(exc).__name__}; the log says more."
            self._due.set()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _note_waiting(self, error: StorageFull) -> None:
        """The log hears of it once, however the room that is missing changes."""
        if not self._is_waiting:
            log.warning("The index of words is not made anew yet: %s", error)
        self._is_waiting = True
        self._trouble = str(error)

    async def _step(self) -> bool:
        """Whether there is more to be done."""
        index = self._store.word_index
        try:
            return await index.go_on() or await index.drop_some()
        except StorageFull:
            # What was set aside has room to give.
            if await index.drop_some():
                return True
            raise
