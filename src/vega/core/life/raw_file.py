"""The database's file as its bytes are, behind SQLite's back: only to be looked at.

SQLite's own word is that deleted text is gone; this is how that is checked. The file is opened once
and closed last: closing any descriptor of a file takes away the locks that the process holds on it
(fcntl(2)), and so those of SQLite.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Of one read.
CHUNK_BYTES = 1024 * 1024
#: How long the pieces are by which a text is looked for, and how far apart.
PIECE_BYTES = 24
PIECE_STEP = 160
#: At most so many of all texts together: each is looked for in the whole file.
MOST_PIECES = 96

#: Entries of a pointer map have a byte of kind and a page number.
_MAP_ENTRY = 5
_FREE = 2
_BTREE = (1, 5)
#: The first bytes of a b-tree page that is a leaf.
_LEAVES = (10, 13)
_FIRST_PAGE_HEADER = 100
_LOCK_BYTE = 0x40000000


class RawFile:
    """One file, read where it lies."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None

    def close(self) -> None:
        """Not before SQLite has closed it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def find_leftovers(self, pieces: Sequence[bytes]) -> int:
        """In how many places any of these stands where no row of the life is: between the rows of
        a page, or on a page that is not in use. The log is to be empty."""
        header = self._read(0, _FIRST_PAGE_HEADER)
        size = int.from_bytes(header[16:18]) if len(header) == _FIRST_PAGE_HEADER else 0
        page_bytes = 65536 if size == 1 else size
        if not page_bytes:
            return 0
        usable = page_bytes - header[20]
        return sum(self._is_leftover(place, page_bytes, usable) for place in self._find_all(pieces))

    def _find_all(self, pieces: Sequence[bytes]) -> Iterator[int]:
        length = max(map(len, pieces), default=1)
        start = 0
        while chunk := self._read(start, CHUNK_BYTES + length - 1):
            for piece in pieces:
                at = chunk.find(piece)
                while 0 <= at < CHUNK_BYTES:
                    yield start + at
                    at = chunk.find(piece, at + 1)
            start += CHUNK_BYTES

    def _is_leftover(self, place: int, page_bytes: int, usable: int) -> bool:
        number = place // page_bytes + 1
        kind = self._kind(number, page_bytes, usable)
        if kind == _FREE:
            return True
        if kind not in _BTREE:
            return False
        page = self._read((number - 1) * page_bytes, page_bytes)
        return any(
            first <= place % page_bytes < end for first, end in gaps(page, usable, number == 1)
        )

    def _kind(self, number: int, page_bytes: int, usable: int) -> int:
        """What the pointer map says that a page is; 0 for what stands in none."""
        if number == 1:
            return _BTREE[0]
        per_map = usable // _MAP_ENTRY + 1
        map_number = (number - 2) // per_map * per_map + 2
        if map_number == _LOCK_BYTE // page_bytes + 1:
            map_number += 1
        if number <= map_number:
            return 0
        offset = (map_number - 1) * page_bytes + _MAP_ENTRY * (number - map_number - 1)
        entry = self._read(offset, 1)
        return entry[0] if entry else 0

    def _read(self, offset: int, size: int) -> bytes:
        if self._file is None:
            self._file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        return os.pread(self._file, size, offset)


def gaps(page: bytes, usable: int, is_first: bool = False) -> Iterator[tuple[int, int]]:
    """Where on a b-tree page no cell is: from the first byte to the one behind the last."""
    start = _FIRST_PAGE_HEADER if is_first else 0
    cells = int.from_bytes(page[start + 3 : start + 5])
    content = int.from_bytes(page[start + 5 : start + 7]) or 65536
    pointers = start + (8 if page[start] in _LEAVES else 12)
    yield pointers + 2 * cells, min(content, usable)
    block = int.from_bytes(page[start + 1 : start + 3])
    # Blocks stand in the order of their places.
    while block and block + 4 <= usable:
        following, size = (int.from_bytes(page[block + at : block + at + 2]) for at in (0, 2))
        yield block, block + size
        if following <= block:
            return
        block = following


def pieces_of(texts: Sequence[bytes]) -> list[bytes]:
    """Parts of these texts by which a rest of them is known; short texts give none."""
    found = [
        text[start : start + PIECE_BYTES]
        for text in texts
        for start in range(0, len(text) - PIECE_BYTES + 1, PIECE_STEP)
    ]
    step = max(1, -(-len(found) // MOST_PIECES))
    return list(dict.fromkeys(found[::step]))
