"""Makes the vectors of what was said, in the background: the newest first.

What is left to do is on the disk: a message waits until its vectors are there, so that a crash
loses none and makes none twice. Live turns go first, and nothing runs while nothing waits.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from vega.core.importing import Role
from vega.core.life.embedding_store import WaitingMessage
from vega.core.life.vector_codes import Floats
from vega.core.life.vector_file import PIECE_BITS
from vega.core.life.vectors import VectorRecord, Vectors
from vega.core.recall.passages import embedded_text, pieces, speaker
from vega.core.store import Store
from vega.errors import DatabaseDamaged, ModelUnavailable, StorageFull, VegaError
from vega.llm.base import Embedder

log = logging.getLogger(__name__)

#: Characters that are embedded between two looks at live turns: 0.3 s on one core.
BATCH_CHARS = 4_000
#: Messages and characters of which the vectors go to the disk together: some 100 ms of fsync must
#: be worth it, and a new message waits for no more.
ROUND_MESSAGES = 64
ROUND_CHARS = 16_000
#: A piece's number has room for so many.
MOST_PIECES = 1 << PIECE_BITS
#: A message with which the model fails so often, first among others and then alone, keeps no other
#: waiting: it is left for so long.
MOST_FAILURES = 3
LEFT_SECONDS = 3600.0
#: Turns that are looked at together for vectors that are missing: some 10 ms, on a reader.
TURNS_AT_ONCE = 5_000
#: A live turn is waited for so long before the next batch.
PATIENCE_SECONDS = 10.0
#: After a failure, doubled each time.
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60.0
#: While memory is critical.
SCARCE_PAUSE_SECONDS = 10.0


class Rest(Protocol):
    """When nobody waits for an answer."""

    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether nobody does now, or within that time."""
        ...


@dataclass(frozen=True, slots=True)
class IndexingReport:
    """How far the vectors of one life are."""

    #: Messages whose vectors are still to be made, and those that have them.
    pending: int
    embedded: int
    #: Why there is no progress, in a sentence; None where there is, or nothing is to be done.
    trouble: str | None


class Indexer:
    """Embeds what waits in one life."""

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        vectors: Vectors,
        rest: Rest,
        is_scarce: Callable[[], bool] = lambda: False,
    ) -> None:
        """Does nothing yet. While `is_scarce` (memory), it rests."""
        self._store = store
        self._embedder = embedder
        self._vectors = vectors
        self._rest = rest
        self._is_scarce = is_scarce
        self._lock = asyncio.Lock()
        self._stored = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._trouble: str | None = None
        #: How often the model, though it was there, has failed with a message.
        self._failures: Counter[int] = Counter()

    async def start(self) -> None:
        """Begins, in the background."""
        self._store.on_stored.append(self._note_stored)
        self._store.embedding.on_queued.append(self._stored.set)
        self._task = asyncio.create_task(self._run(), name="indexing")

    async def close(self) -> None:
        """Ends; what is left waits for the next start."""
        if self._task is not None:
            self._store.on_stored.remove(self._note_stored)
            self._store.embedding.on_queued.remove(self._stored.set)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        # A write that has begun in its thread comes to its end.
        async with self._lock:
            pass

    async def rebuild(self) -> None:
        """The vectors of all messages are made anew, in the background; each takes the place of
        the old one when it is there. Raises DatabaseError."""
        self._failures.clear()
        await self._store.embedding.queue_all()

    async def report(self) -> IndexingReport:
        """Raises DatabaseError."""
        pending = await self._store.embedding.count()
        trouble = self._trouble if pending else None
        return IndexingReport(pending, self._vectors.message_count, trouble)

    async def index_waiting(self) -> int:
        """Embeds the newest messages that wait, some of them: how many; 0 where none do.

        Raises ModelUnavailable, DatabaseError, OSError; then they wait.
        """
        async with self._lock:
            # Before they are read: what is forgotten from now on is not added.
            mark = self._vectors.mark
            messages = await self._next()
            if not messages:
                return 0
            records = await self._embed_or_note(messages)
            writing = asyncio.create_task(asyncio.to_thread(self._vectors.add, records, mark))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await asyncio.wait([writing])
                raise
            await self._store.embedding.done(messages)
            for message in messages:
                del self._failures[message.id]
        return len(messages)

    async def _next(self) -> list[WaitingMessage]:
        """The newest that wait. Those with which the model has failed come one by one, behind the
        others."""
        limit = ROUND_MESSAGES + len(self._failures)
        waiting = await self._store.embedding.waiting(limit)
        fresh = [message for message in waiting if message.id not in self._failures]
        if fresh:
            return _one_round(fresh)
        for message in waiting:
            if self._failures[message.id] < MOST_FAILURES:
                return [message]
        return []

    async def _embed_or_note(self, messages: Sequence[WaitingMessage]) -> list[VectorRecord]:
        """Raises ModelUnavailable; where the model was there and failed with these, that counts."""
        was_there = self._embedder.is_available
        try:
            return await self._embed(messages)
        except ModelUnavailable:
            if was_there:
                self._failures.update(message.id for message in messages)
                failed = messages[0].id
                if len(messages) == 1 and self._failures[failed] >= MOST_FAILURES:
                    log.error("The embedding model fails with message %d.", failed)
            raise

    async def _run(self) -> None:
        pause, is_checked = FIRST_PAUSE_SECONDS, False
        while True:
            try:
                if not is_checked or self._vectors.needs_rebuild:
                    await self._check()
                    is_checked = True
                self._stored.clear()
                while self._is_scarce():
                    self._trouble = "Memory is scarce."
                    await asyncio.sleep(SCARCE_PAUSE_SECONDS)
                # The last room is for what is said.
                await asyncio.to_thread(self._store.disk.require_room)
                has_more = bool(await self.index_waiting())
                self._trouble, pause = None, FIRST_PAUSE_SECONDS
                if not has_more:
                    await self._wait()
                continue
            except ModelUnavailable as exc:
                # While it is fetched or loads this is no news; its host tells of failures.
                self._trouble = str(exc)
            except StorageFull as exc:
                # Of which the owner hears elsewhere.
                self._trouble = str(exc)
            except (VegaError, OSError) as exc:
                log.error("Messages could not be embedded, which is tried again: %s", exc)
                self._trouble = str(exc)
            except Exception as exc:
                log.exception("Messages could not be embedded, which is tried again")
                # By its kind alone: its words may be the owner's.
                self._trouble = f"{type(exc).__name__}; the log says more."
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _wait(self) -> None:
        """For more to do."""
        if self._failures:
            self._trouble = "The embedding model fails with some messages. They are tried again."
        try:
            async with asyncio.timeout(LEFT_SECONDS if self._failures else None):
                await self._stored.wait()
        except TimeoutError:
            self._failures.clear()

    async def _check(self) -> None:
        """What is wrong with the vectors is seen, and made again."""
        vectors, embedding = self._vectors, self._store.embedding
        if vectors.greatest_message_id > await embedding.last_message_id():
            log.warning("There are vectors of turns that this life does not have; all are made.")
            await asyncio.to_thread(vectors.clear)
        found = vectors.check()
        while (damaged := await asyncio.to_thread(next, found, None)) is not None:
            if damaged:
                log.warning("The vectors of %d messages are damaged, and made anew.", len(damaged))
                await embedding.queue(damaged)
            await self._rest.wait_until_idle(PATIENCE_SECONDS)
        if vectors.needs_rebuild:
            await embedding.queue_all()
            await asyncio.to_thread(vectors.note_queued)
        await self._compare()

    async def _compare(self) -> None:
        """Messages that neither have vectors nor wait, wait again; vectors of none are removed: as
        where files were cut short, or older ones were put in their place."""
        vectors, embedding = self._vectors, self._store.embedding
        last = await embedding.last_message_id() // 2
        having = await asyncio.to_thread(vectors.having, 2 * last + 2)
        for first in range(1, last + 1, TURNS_AT_ONCE):
            end = min(first + TURNS_AT_ONCE - 1, last)
            try:
                stretch = await embedding.stretch(first, end)
            except DatabaseDamaged as exc:
                log.warning("It is not known which of some messages have vectors: %s", exc)
                continue
            if missing := [id_ for id_ in stretch.settled_ids if not having[id_]]:
                await embedding.queue(missing)
            known = {2 * turn_id + part for turn_id in stretch.turn_ids for part in (0, 1)}
            found = (np.flatnonzero(having[2 * first : 2 * end + 2]) + 2 * first).tolist()
            if extra := [id_ for id_ in found if id_ not in known]:
                log.warning("Vectors of %d messages that are no more are removed.", len(extra))
                await asyncio.to_thread(vectors.remove, extra)
            await self._rest.wait_until_idle(PATIENCE_SECONDS)

    async def _embed(self, messages: Sequence[WaitingMessage]) -> list[VectorRecord]:
        texts, owners = [], []
        for message in messages:
            # Of a long one that takes a while.
            for number, text in enumerate(await asyncio.to_thread(_texts, message)):
                texts.append(text)
                owners.append((message, number))
        rows: list[Floats] = []
        for first, end in _batches(texts):
            await self._rest.wait_until_idle(PATIENCE_SECONDS)
            rows.extend(await self._embedder.embed(texts[first:end]))
        return [
            VectorRecord(message.id, number, message.day, row)
            for (message, number), row in zip(owners, rows, strict=True)
        ]

    def _note_stored(self, _count: int) -> None:
        self._stored.set()


def _texts(message: WaitingMessage) -> list[str]:
    """What is embedded of it, piece by piece."""
    name = speaker(message.name, is_owner=message.role is Role.USER)
    return [
        embedded_text(name, message.at, message.zone, message.text[piece.start : piece.end])
        for piece in pieces(message.text)[:MOST_PIECES]
    ]


def _one_round(messages: Sequence[WaitingMessage]) -> list[WaitingMessage]:
    """The first of them, at least one."""
    taken: list[WaitingMessage] = []
    chars = 0
    for message in messages:
        chars += len(message.text)
        if taken and chars > ROUND_CHARS:
            break
        taken.append(message)
    return taken


def _batches(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """From where to where, for one request each."""
    first, chars = 0, 0
    for number, text in enumerate(texts):
        chars += len(text)
        if number > first and chars > BATCH_CHARS:
            yield first, number
            first, chars = number, len(text)
    if texts:
        yield first, len(texts)
