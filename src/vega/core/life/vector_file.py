"""The two files that hold a life's vectors, record by record.

`vectors.codes` is read whole by every search, so its records are 64 bytes: which piece of which
message, the owner's day, a checksum, the code. `vectors.planes` holds for the record of the same
place what refines it, and says a second time whose it is. Both begin with the same page, which
says what made them. A record of zeros is none: it was removed. What follows the last whole record
is cut off when the files are opened. They are never the only copy of anything: whatever is wrong
with them, the vectors are made again.
"""

import contextlib
import json
import logging
import os
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from vega.core.life.disk import VECTORS_FOLDER
from vega.core.life.vector_codes import BITS, WORD_BITS, plane_bytes

log = logging.getLogger(__name__)

FORMAT = 1
HEADER_BYTES = 4096
#: Records that are read at a time: of codes 512 kB, which stay in the processor's cache.
CHUNK_RECORDS = 8192
#: As many as are written at once at most, of which a power cut may have left some in parts.
TAIL_RECORDS = 8192
#: A piece's key is its message's id and, in so many bits, its number.
PIECE_BITS = 16

Codes = NDArray[Any]
Planes = NDArray[Any]
Places = NDArray[np.int64]


class VectorFile:
    """One life's vectors on the disk. One thread writes, any number read meanwhile."""

    def __init__(self, home: Path, description: dict[str, Any], dimension: int) -> None:
        """Opens nothing yet. The description is what makes vectors comparable."""
        self.folder = home / VECTORS_FOLDER
        self.code_type = np.dtype(
            [
                ("key", "<i8"),
                ("day", "<i4"),
                ("check", "<u4"),
                ("code", "<u8", (dimension // WORD_BITS,)),
            ]
        )
        self.plane_type = np.dtype(
            [
                ("key", "<i8"),
                ("check", "<u4"),
                ("scale", "<f4"),
                ("planes", "u1", (plane_bytes(dimension),)),
            ]
        )
        self._description = {"format": FORMAT, "bits": BITS, **description}
        self._code_file = self._plane_file = -1
        #: Records, those that were removed included.
        self.count = 0
        #: A sync has failed. What is on the disk cannot be told any more, nor by a later sync: the
        #: files are to be begun anew (https://lwn.net/Articles/752063/).
        self.is_doubtful = False

    # The files

    def open(self) -> bool:
        """Opens the files, or makes new ones where there are none of this description, or they
        are damaged: whether what was there was kept. Raises OSError."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        try:
            is_kept = self._try()
        except (FileNotFoundError, ValueError, LookupError, TypeError):
            is_kept = False
        if not is_kept:
            self.begin()
        return is_kept

    @property
    def is_incomplete(self) -> bool:
        """Whether these files were begun anew, and it is not on record yet what they lack."""
        return self._marker.exists()

    def note_incomplete(self) -> None:
        """Raises OSError."""
        self._marker.touch(mode=0o600)
        _sync_folder(self.folder)

    def note_complete(self) -> None:
        """What they lack is on record elsewhere. Raises OSError."""
        self._marker.unlink(missing_ok=True)

    def begin(self) -> None:
        """New files in place of those that are there. Raises OSError."""
        self.close()
        # First: a crash leaves no empty files that seem to be all there is.
        self.note_incomplete()
        page = json.dumps({**self._description, "pair": secrets.token_hex(8)}).encode()
        for path in self._paths:
            made = path.with_suffix(".new")
            with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(page.ljust(HEADER_BYTES))
                file.flush()
                os.fsync(file.fileno())
            made.replace(path)
        _sync_folder(self.folder)
        self.is_doubtful = False
        if not self._try():
            raise OSError(f"{self.folder} does not give back what was written to it.")

    def close(self) -> None:
        for file in (self._code_file, self._plane_file):
            if file >= 0:
                os.close(file)
        self._code_file = self._plane_file = -1
        self.count = 0

    @property
    def byte_count(self) -> int:
        """What both files take."""
        record = self.code_type.itemsize + self.plane_type.itemsize
        return 2 * HEADER_BYTES + self.count * record

    @property
    def _paths(self) -> tuple[Path, Path]:
        return self.folder / "vectors.codes", self.folder / "vectors.planes"

    @property
    def _marker(self) -> Path:
        return self.folder / "incomplete"

    def _try(self) -> bool:
        pages = []
        for path in self._paths:
            with path.open("rb") as file:
                pages.append(json.loads(file.read(HEADER_BYTES)))
        if pages[0] != pages[1] or pages[0] != {**self._description, "pair": pages[0]["pair"]}:
            return False
        self._code_file, self._plane_file = (
            os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0)) for path in self._paths
        )
        self.count = min(
            (os.fstat(file).st_size - HEADER_BYTES) // kind.itemsize for file, kind in self._parts
        )
        self._cut_tail()
        return True

    @property
    def _parts(self) -> tuple[tuple[int, np.dtype[Any]], ...]:
        return (self._code_file, self.code_type), (self._plane_file, self.plane_type)

    def _cut_tail(self) -> None:
        """What a power cut has left of records that were being written."""
        first = max(0, self.count - TAIL_RECORDS)
        codes = self.read_codes(first, self.count)
        planes = self.read_planes(first, self.count)
        bad = set(_broken(codes)) | set(_broken(planes))
        while self.count and self.count - 1 - first in bad:
            self.count -= 1
        self.truncate(self.count)

    # Records

    def read_codes(self, first: int, end: int) -> Codes:
        """The records from one place up to another; fewer where the file ends."""
        return _read(self._code_file, self.code_type, first, end - first)

    def read_planes(self, first: int, end: int) -> Planes:
        return _read(self._plane_file, self.plane_type, first, end - first)

    def chunks(self, count: int) -> Iterator[tuple[int, Codes]]:
        """The first so many codes in parts, each with the place of its first record. A part
        holds until the next one is asked for."""
        room = np.zeros(min(CHUNK_RECORDS, count), self.code_type)
        for first in range(0, count, CHUNK_RECORDS):
            wanted = min(CHUNK_RECORDS, count - first)
            codes = _read(self._code_file, self.code_type, first, wanted, room)
            if len(codes):
                yield first, codes

    def codes_at(self, places: Places) -> Codes:
        """The codes at these places; zeros where there are none any more."""
        return _read_scattered(self._code_file, self.code_type, places)

    def planes_at(self, places: Places) -> Planes:
        return _read_scattered(self._plane_file, self.plane_type, places)

    def append(self, codes: Codes, planes: Planes) -> None:
        """On the disk when it returns. Raises OSError; then none of them counts, and what was
        written of them stands behind the last record until something is written or cut there."""
        for number, check in enumerate(_checks(codes)):
            codes["check"][number] = check
        for number, check in enumerate(_checks(planes)):
            planes["check"][number] = check
        self._write(self.count, codes, planes)
        self._sync()
        self.count += len(codes)

    def erase(self, places: Places) -> None:
        """Nothing is left at these places; on the disk when it returns. Raises OSError."""
        codes, planes = np.zeros(1, self.code_type), np.zeros(1, self.plane_type)
        for place in places.tolist():
            self._write(place, codes, planes)
        if len(places):
            self._sync()

    def find(self, message_ids: Collection[int]) -> tuple[Places, Codes]:
        """Where the pieces of these messages are, and their codes."""
        wanted = np.unique(np.fromiter(message_ids, np.int64, len(message_ids)))
        # By the last bits of their ids first: one look at a small table for each record.
        may_be = np.zeros(1 << 16, np.bool_)
        may_be[wanted & 0xFFFF] = True
        places, found = [np.zeros(0, np.int64)], [np.zeros(0, self.code_type)]
        for first, codes in self.chunks(self.count):
            ids = codes["key"] >> PIECE_BITS
            near = np.flatnonzero(may_be[ids & 0xFFFF])
            near = near[np.isin(ids[near], wanted) & (ids[near] > 0)]
            places.append(near + first)
            found.append(codes[near])
        return np.concatenate(places), np.concatenate(found)

    def flawed(self, first: int, end: int) -> tuple[Places, list[int] | None]:
        """Which records from one place to another are not as they were written, and of which
        messages; None where that cannot be told."""
        codes, planes = self.read_codes(first, end), self.read_planes(first, end)
        size = min(len(codes), len(planes))
        bad_codes, bad_planes = set(_broken(codes)), set(_broken(planes))
        differ = np.flatnonzero(codes["key"][:size] != planes["key"][:size]).tolist()
        ids: list[int] | None = []
        places = sorted(bad_codes | bad_planes | set(differ))
        for place in places:
            keys = [
                int(records["key"][place])
                for records, bad in ((codes, bad_codes), (planes, bad_planes))
                if place not in bad
            ]
            # A place that was being erased is zero in one file already.
            keys = [key for key in keys if key]
            if keys and ids is not None:
                ids += [key >> PIECE_BITS for key in keys]
            elif not keys:
                ids = None
        return np.array(places, np.int64) + first, ids

    def move_down(self, holes: Places, places: Places) -> None:
        """What is at these places goes into those holes too; cut off the places afterwards."""
        for hole, place in zip(holes.tolist(), places.tolist(), strict=True):
            self._write(hole, self.read_codes(place, place + 1), self.read_planes(place, place + 1))
        self._sync()

    def truncate(self, count: int) -> None:
        """Only the first so many records stay. Raises OSError."""
        self.count = count
        for file, kind in self._parts:
            size = HEADER_BYTES + count * kind.itemsize
            if os.fstat(file).st_size != size:
                os.ftruncate(file, size)
        self._sync()

    def _write(self, place: int, codes: Codes, planes: Planes) -> None:
        for (file, kind), records in zip(self._parts, (codes, planes), strict=True):
            raw = memoryview(records.tobytes())
            at = HEADER_BYTES + place * kind.itemsize
            while raw:
                written = os.pwrite(file, raw, at)
                raw, at = raw[written:], at + written

    def _sync(self) -> None:
        try:
            for file, _ in self._parts:
                os.fsync(file)
        except OSError:
            self.is_doubtful = True
            raise


def _read(
    file: int, kind: np.dtype[Any], first: int, count: int, room: NDArray[Any] | None = None
) -> NDArray[Any]:
    records: NDArray[Any] = np.zeros(count, kind) if room is None else room[:count]
    raw = records.view(np.uint8).data if count else memoryview(b"")
    done = 0
    while done < len(raw):
        got = os.preadv(file, [raw[done:]], HEADER_BYTES + first * kind.itemsize + done)
        if not got:
            break
        done += got
    return records[: done // kind.itemsize]


def _read_scattered(file: int, kind: np.dtype[Any], places: Places) -> NDArray[Any]:
    size = kind.itemsize
    raw = bytearray(len(places) * size)
    for number, place in enumerate(places.tolist()):
        piece = os.pread(file, size, HEADER_BYTES + place * size)
        if len(piece) == size:
            raw[number * size : (number + 1) * size] = piece
    return np.frombuffer(raw, kind)


def _checks(records: NDArray[Any]) -> list[int]:
    """Of each record, over all of it but the checksum's own place."""
    clean = records.copy()
    clean["check"] = 0
    raw, size = memoryview(clean.tobytes()), records.dtype.itemsize
    # None is zero: a record of zeros is none.
    return [crc32(raw[at : at + size]) or 1 for at in range(0, len(raw), size)]


def _broken(records: NDArray[Any]) -> list[int]:
    """The numbers of those that are neither whole nor all zeros."""
    nothing = bytes(records.dtype.itemsize)
    expected = np.array(_checks(records), np.uint32)
    wrong = np.flatnonzero(expected != records["check"]).tolist()
    return [number for number in wrong if records[number].tobytes() != nothing]


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
