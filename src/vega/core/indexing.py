"""Makes the vectors of what was said, in the background: the newest first.

What is left to do is on the disk: a message waits until its vectors are there, so that a crash
loses none and makes none twice. Live turns go first, and nothing runs while nothing waits.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vega.core.importing import Role
from vega.core.life.embedding_store import WaitingMessage
from vega.core.life.vector_codes import Floats
from vega.core.life.vectors import VectorRecord, Vectors
from vega.core.recall.passages import embedded_text, pieces, speaker
from vega.core.store import Store
from vega.errors import ModelUnavailable, StorageFull, VegaError
from vega.llm.base import Embedder

log = logging.getLogger(__name__)

#: Characters that are embedded between two looks at live turns: 0.3 s on one core.
BATCH_CHARS = 4_000
#: Messages and characters of which the vectors go to the disk together: some 100 ms of fsync must
#: be worth it, and a new message waits for no more.
ROUND_MESSAGES = 64
ROUND_CHARS = 16_000
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

    async def start(self) -> None:
        """Begins, in the background."""
        self._store.on_stored.append(self._note_stored)
        self._task = asyncio.create_task(self._run(), name="indexing")

    async def close(self) -> None:
        """Ends; what is left waits for the next start."""
        if self._note_stored in self._store.on_stored:
            self._store.on_stored.remove(self._note_stored)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        # A write that has begun in its thread comes to its end.
        async with self._lock:
            pass

    async def rebuild(self) -> None:
        """The vectors of all messages are made anew, in the background; each takes the place of
        the old one when it is there. Raises DatabaseError."""
        await self._store.embedding.queue_all()
        self._stored.set()

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
            messages = _one_round(await self._store.embedding.waiting(ROUND_MESSAGES))
            if not messages:
                return 0
            records = await self._embed(messages)
            writing = asyncio.create_task(asyncio.to_thread(self._vectors.add, records, mark))
            try:
                await asyncio.shield(writing)
            except asyncio.CancelledError:
                await asyncio.wait([writing])
                raise
            await self._store.embedding.done(messages)
        return len(messages)

    async def _run(self) -> None:
        pause, is_checked = FIRST_PAUSE_SECONDS, False
        while True:
            try:
                if not is_checked:
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
                    await self._stored.wait()
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

    async def _embed(self, messages: Sequence[WaitingMessage]) -> list[VectorRecord]:
        texts, owners = [], []
        for message in messages:
            for number, text in enumerate(_texts(message)):
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
        for piece in pieces(message.text)
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
