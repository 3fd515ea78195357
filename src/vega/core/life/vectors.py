"""The vectors of one life's messages: kept in files of their own, and searched.

Up to EXACT_PIECES every piece is compared with the question. In a longer life the codes are: all
of them are read, and the pieces whose codes are nearest are then compared. What a search takes in
RAM does not grow with the life, but for two bytes a piece while it runs.

Methods are synchronous and may be called from any thread; whoever writes waits for each other.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vega.core.life.vector_codes import Floats, code_of, distances, encode, likenesses
from vega.core.life.vector_file import (
    CHUNK_RECORDS,
    PIECE_BITS,
    Codes,
    Places,
    Planes,
    VectorFile,
)

Ids = NDArray[np.int64]

#: Every piece is compared in a life of so many.
EXACT_PIECES = 20_000
#: In a longer one, those with the nearest codes: so many at least, such a part of all, and so many
#: for each message that is asked for.
CANDIDATES = 2_000
CANDIDATE_PART = 1 / 125
CANDIDATES_EACH = 4
#: In a longer life the mean and the deviation are those of runs of pieces, spread evenly over it.
SAMPLE_RUNS = 64
SAMPLE_RUN_PIECES = 64
#: Removed records take their room until they are so many of all.
DEAD_PART = 1 / 3
LEAST_DEAD = 1_000
#: Pieces that are compared at a time: their components as numbers take 3 MB.
COMPARED_AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class VectorRecord:
    """One piece of one message."""

    #: As in the full-text index: 2n is the prompt of turn n, 2n + 1 its answers.
    message_id: int
    #: Its number in the message, from 0.
    piece: int
    #: The owner's day when it was said, in days since 1970.
    day: int
    #: Of length 1.
    vector: Floats


@dataclass(frozen=True, slots=True)
class Similar:
    """Messages by likeness to a question, the best first. A message counts by its best piece."""

    message_ids: Ids
    #: Cosines.
    scores: Floats
    #: The best piece's number.
    pieces: Ids
    #: Of all messages' scores: exact where every piece was compared, else of a sample.
    mean: float
    deviation: float
    #: Pieces that were looked through.
    count: int


class Vectors:
    """The vectors of one life."""

    def __init__(self, file: VectorFile, dimension: int) -> None:
        self._file = file
        self._dimension = dimension
        self._lock = threading.RLock()
        self._dead = 0
        self._greatest = 0
        #: Messages, each of which has a piece 0.
        self._messages = 0
        #: What was removed since these were opened, in order.
        self._removed: list[frozenset[int]] = []

    @classmethod
    def open(cls, home: Path, model_name: str, dimension: int, life: str = "") -> "Vectors":
        """Those in that home folder. Where there are none of this model and this life (its
        session's id), or they are damaged, none, and `needs_rebuild`. Raises OSError."""
        description = {"model": model_name, "dimension": dimension, "life": life}
        vectors = cls(VectorFile(home, description, dimension), dimension)
        vectors._file.open()
        vectors._survey()
        return vectors

    def close(self) -> None:
        with self._lock:
            self._file.close()

    @property
    def count(self) -> int:
        """Pieces."""
        return self._file.count - self._dead

    @property
    def message_count(self) -> int:
        """Messages that have vectors."""
        return self._messages

    @property
    def byte_count(self) -> int:
        """What they take of the disk."""
        return self._file.byte_count

    @property
    def needs_rebuild(self) -> bool:
        """Whether vectors are missing, so that those of all messages must be made: until
        `note_queued`, also after a crash."""
        return self._file.is_incomplete

    def note_queued(self) -> None:
        """All messages wait to be embedded. Raises OSError."""
        self._file.note_complete()

    @property
    def mark(self) -> int:
        """The present moment, for `add`."""
        return len(self._removed)

    @property
    def greatest_message_id(self) -> int:
        """At least that of any message here; 0 where there is none."""
        return self._greatest

    # What is kept

    def add(self, records: Sequence[VectorRecord], mark: int | None = None) -> None:
        """In place of what these messages had; on the disk when it returns.

        All pieces of a message come in one call. What was removed since the mark, as when it was
        forgotten while its vector was made, is left out. Raises OSError; then a message may have
        none.
        """
        with self._lock:
            self._begin_if_doubtful()
            if mark is not None:
                gone = frozenset[int]().union(*self._removed[mark:])
                records = [record for record in records if record.message_id not in gone]
            if records:
                self._add(records)

    def remove(self, message_ids: Collection[int]) -> None:
        """Nothing of these messages' vectors is left in the files when it returns.

        Raises OSError; then some may be.
        """
        with self._lock:
            self._removed.append(frozenset(message_ids))
            self._begin_if_doubtful()
            # Behind the last record there may be some of a write that failed.
            self._file.truncate(self._file.count)
            self._erase(message_ids)
            self._compact()

    def clear(self) -> None:
        """New, empty files, and `needs_rebuild`. Raises OSError."""
        with self._lock:
            self._begin()

    def check(self) -> Iterator[list[int]]:
        """Looks at all records, some at a time: of which messages some were not as they were
        written, and so are removed.

        Raises OSError. Where it cannot be told of which, `needs_rebuild`.
        """
        first = 0
        while first < self._file.count:
            with self._lock:
                end = min(first + CHUNK_RECORDS, self._file.count)
                places, message_ids = self._file.flawed(first, end)
                if len(places):
                    self._file.erase(places)
                    self._survey()
                    if message_ids is None:
                        self._file.note_incomplete()
                first = end
            yield sorted(set(message_ids or ()))

    def having(self, count: int) -> NDArray[np.bool_]:
        """For each message id below `count` whether it has a vector. Raises OSError."""
        found = np.zeros(count, np.bool_)
        with self._lock:
            for _, codes in self._file.chunks(self._file.count):
                ids = codes["key"] >> PIECE_BITS
                found[ids[(ids > 0) & (ids < count)]] = True
        return found

    # What is looked for

    def search(self, query: Floats, limit: int, days: tuple[int, int] | None = None) -> Similar:
        """The messages most like a vector of length 1; with `days` only of those, both included."""
        count = self._file.count
        if count <= EXACT_PIECES:
            keys, scores, said_on = self._compare_all(query, count)
            mean, deviation = _spread(keys, scores)
        else:
            wanted = max(CANDIDATES, int(CANDIDATE_PART * count), CANDIDATES_EACH * limit)
            near = self._nearest(query, count, wanted, days)
            keys, scores, said_on = self._compare(query, *near)
            mean, deviation = self._sample(query, count)
        if days is not None:
            kept = (said_on >= days[0]) & (said_on <= days[1])
            keys, scores = keys[kept], scores[kept]
        message_ids, scores, pieces = _best_pieces(keys, scores)
        return Similar(
            message_ids[:limit], scores[:limit], pieces[:limit], mean, deviation, self.count
        )

    def scores_of(self, query: Floats, message_ids: Sequence[int] | Ids) -> Floats:
        """What each of these messages scores, by its best piece; nan where it has no vector."""
        wanted = np.asarray(message_ids, np.int64)
        found = np.full(len(wanted), np.nan, np.float32)
        if not len(wanted):
            return found
        keys, scores, _ = self._compare(query, *self._file.find(wanted.tolist()))
        known, best, _ = _best_pieces(keys, scores)
        by_id = dict(zip(known.tolist(), best.tolist(), strict=True))
        for number, message_id in enumerate(wanted.tolist()):
            found[number] = by_id.get(message_id, np.nan)
        return found

    def _begin(self) -> None:
        self._file.begin()
        self._dead = self._greatest = self._messages = 0

    def _begin_if_doubtful(self) -> None:
        """Where a sync has failed before. Raises OSError."""
        if self._file.is_doubtful:
            self._begin()

    def _survey(self) -> None:
        keys_seen = messages = 0
        for _, codes in self._file.chunks(self._file.count):
            keys = codes["key"]
            keys_seen += int(np.count_nonzero(keys))
            messages += _message_count(keys)
            self._greatest = max(self._greatest, int(keys.max()) >> PIECE_BITS)
        self._dead, self._messages = self._file.count - keys_seen, messages

    def _add(self, records: Sequence[VectorRecord]) -> None:
        matrix = np.array([record.vector for record in records], np.float32)
        codes = np.zeros(len(records), self._file.code_type)
        planes = np.zeros(len(records), self._file.plane_type)
        codes["key"] = [record.message_id << PIECE_BITS | record.piece for record in records]
        codes["day"] = [record.day for record in records]
        planes["key"] = codes["key"]
        codes["code"], planes["planes"], planes["scale"] = encode(matrix)
        message_ids = {record.message_id for record in records}
        # First, so that a crash leaves none rather than two.
        self._erase({each for each in message_ids if each <= self._greatest})
        self._greatest = max(self._greatest, *message_ids)
        self._file.append(codes, planes)
        self._messages += _message_count(codes["key"])
        self._compact()

    def _erase(self, message_ids: Collection[int]) -> None:
        if message_ids:
            places, codes = self._file.find(message_ids)
            self._file.erase(places)
            self._dead += len(places)
            self._messages -= _message_count(codes["key"])

    def _compact(self) -> None:
        """The newest records go where there are none, so that the files end sooner.

        Where it is broken off, a record may be there twice, which changes nothing.
        """
        if self._dead < max(LEAST_DEAD, DEAD_PART * self._file.count):
            return
        # Counted anew: what was broken off before has filled holes that were counted as such.
        is_alive = np.zeros(self._file.count, np.bool_)
        for first, codes in self._file.chunks(self._file.count):
            is_alive[first : first + len(codes)] = codes["key"] != 0
        alive = int(np.count_nonzero(is_alive))
        holes, moved = np.flatnonzero(~is_alive[:alive]), np.flatnonzero(is_alive[alive:]) + alive
        self._file.move_down(holes, moved)
        self._file.truncate(alive)
        self._dead = 0

    def _compare_all(self, query: Floats, count: int) -> tuple[Ids, Floats, Ids]:
        """Keys, scores and days of every piece."""
        parts = [
            self._compare_run(query, first, min(first + COMPARED_AT_ONCE, count))
            for first in range(0, count, COMPARED_AT_ONCE)
        ]
        return _joined(parts)

    def _compare_run(self, query: Floats, first: int, end: int) -> tuple[Ids, Floats, Ids]:
        codes, planes = self._file.read_codes(first, end), self._file.read_planes(first, end)
        size = min(len(codes), len(planes))
        return _scored(query, codes[:size], planes[:size])

    def _compare(self, query: Floats, places: Places, codes: Codes) -> tuple[Ids, Floats, Ids]:
        """Keys, scores and days of the pieces at these places, which have these codes."""
        parts = []
        for first in range(0, len(places), COMPARED_AT_ONCE):
            end = first + COMPARED_AT_ONCE
            planes = self._file.planes_at(places[first:end])
            parts.append(_scored(query, codes[first:end], planes))
        return _joined(parts)

    def _nearest(
        self, query: Floats, count: int, wanted: int, days: tuple[int, int] | None
    ) -> tuple[Places, Codes]:
        """So many pieces whose codes are nearest to the query's: their places and codes."""
        code = code_of(query)
        far = np.uint16(self._dimension + 1)
        found = np.full(count, far, np.uint16)
        for first, codes in self._file.chunks(count):
            part = distances(code, codes["code"])
            if days is not None:
                part[(codes["day"] < days[0]) | (codes["day"] > days[1])] = far
            part[codes["key"] == 0] = far
            found[first : first + len(codes)] = part
        # There are few distances: counted, they say up to which one to go.
        upto = np.cumsum(np.bincount(found, minlength=far + 1)[:far])
        if not len(upto) or not upto[-1]:
            return np.zeros(0, np.int64), np.zeros(0, self._file.code_type)
        last = int(np.searchsorted(upto, min(wanted, int(upto[-1]))))
        nearer = np.flatnonzero(found < last)
        # Of those that are equally near, as copies of one text are, the newest.
        equal = np.flatnonzero(found == last)[-(wanted - len(nearer)) :]
        # In the order of the files, which a slow disk reads faster.
        places = np.sort(np.concatenate([nearer, equal]))
        return places, self._file.codes_at(places)

    def _sample(self, query: Floats, count: int) -> tuple[float, float]:
        """Mean and deviation of the messages' scores, by runs of pieces spread over the life."""
        firsts = np.linspace(0, count - SAMPLE_RUN_PIECES, SAMPLE_RUNS).astype(np.int64)
        parts = [
            self._compare_run(query, first, first + SAMPLE_RUN_PIECES) for first in firsts.tolist()
        ]
        return _spread(*_joined(parts)[:2])


def _message_count(keys: Ids) -> int:
    """How many messages have their first piece among these."""
    return int(np.count_nonzero((keys != 0) & (keys & (1 << PIECE_BITS) - 1 == 0)))


def _scored(query: Floats, codes: Codes, planes: Planes) -> tuple[Ids, Floats, Ids]:
    # One that was removed, or moved, between the two reads says so by its key.
    kept = (codes["key"] != 0) & (codes["key"] == planes["key"])
    codes, planes = codes[kept], planes[kept]
    scores = likenesses(
        query,
        np.ascontiguousarray(codes["code"]),
        np.ascontiguousarray(planes["planes"]),
        planes["scale"],
    )
    return codes["key"].astype(np.int64), scores, codes["day"].astype(np.int64)


def _joined(parts: Sequence[tuple[Ids, Floats, Ids]]) -> tuple[Ids, Floats, Ids]:
    nothing: tuple[Any, ...] = (np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, "i8"))
    keys, scores, days = zip(nothing, *parts, strict=True)
    return np.concatenate(keys), np.concatenate(scores), np.concatenate(days)


def _best_pieces(keys: Ids, scores: Floats) -> tuple[Ids, Floats, Ids]:
    """Each message's best piece: ids, scores and piece numbers, the best first, of equal ones the
    newest."""
    order = np.lexsort((-keys, -scores))
    keys, scores = keys[order], scores[order]
    _, firsts = np.unique(keys >> PIECE_BITS, return_index=True)
    firsts.sort()
    best = keys[firsts]
    return best >> PIECE_BITS, scores[firsts], best & ((1 << PIECE_BITS) - 1)


def _spread(keys: Ids, scores: Floats) -> tuple[float, float]:
    best = _best_pieces(keys, scores)[1]
    return (float(best.mean()), float(best.std())) if len(best) else (0.0, 0.0)
