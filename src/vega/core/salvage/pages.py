"""The pages of a damaged database file, with what its log says of them; only ever read.

Nothing of SQLite is asked here: it gives up a file whose first page is gone.
"""

import contextlib
import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from vega.core.life.checksums import find_flipped_bits, fold, is_one_bit_off, with_bit
from vega.core.life.log_frames import read_log
from vega.core.life.sqlite import CHECKSUM_BYTES, PAGE_BYTES

#: Without its checksum.
USABLE_BYTES = PAGE_BYTES - CHECKSUM_BYTES
#: An entry of the pages that say which page belongs to which: a kind, and the page above it.
_ENTRY_BYTES = 5
_ENTRIES = USABLE_BYTES // _ENTRY_BYTES

ROOT, FREE, FIRST_OVERFLOW, LATER_OVERFLOW, CHILD = range(1, 6)


class Image(NamedTuple):
    """A page as the life last had it."""

    data: bytes
    #: Its checksum is right, and no newer one is known to be damaged.
    is_sound: bool


class PageFile:
    """A database file and its log, whatever is left of them."""

    def __init__(self, path: Path) -> None:
        self._bytes = _mapped(path)
        log_path = Path(f"{path}-wal")
        log = log_path.read_bytes() if log_path.is_file() else b""
        self.log = read_log(log, PAGE_BYTES)
        #: Of the pages that say which page belongs to which.
        self._maps: dict[int, Image | None] = {}
        in_file = len(self._bytes) // PAGE_BYTES
        first = self.image(1)
        told = int.from_bytes(first.data[28:32]) if first and first.is_sound else 0
        #: Of the whole database; pages behind the end of the file are missing ones.
        self.page_count = self.log.page_count or told or max(in_file, *self.log.pages, 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self._bytes, mmap.mmap):
            self._bytes.close()

    def image(self, number: int) -> Image | None:
        """None where there is no such page any more."""
        logged = self.log.pages.get(number)
        if logged is not None:
            return Image(logged, number not in self.log.outdated)
        stored = self.stored(number)
        if stored is None:
            return None
        data, is_right = _checked(stored)
        return Image(data, is_right and number not in self.log.outdated)

    def stored(self, number: int) -> bytes | None:
        """The page as it stands in the file, without the log."""
        start = (number - 1) * PAGE_BYTES
        data = self._bytes[start : start + PAGE_BYTES] if number > 0 else b""
        return bytes(data) if len(data) == PAGE_BYTES else None

    def doubtful(self) -> Iterator[tuple[int, bytes]]:
        """Pages that are not to be believed: damaged ones, older ones, and those that were perhaps
        never committed."""
        for number in range(1, self.page_count + 1):
            image = self.image(number)
            if image is not None and not image.is_sound:
                yield number, image.data
        for number in sorted(self.log.pages):
            stored = self.stored(number)
            if stored is not None:
                yield number, stored
        yield from self.log.doubtful

    def owner(self, number: int) -> int | None:
        """The root of the tree that a page belongs to; 0 where it is in no tree, None where that
        cannot be told."""
        for _ in range(self.page_count + 1):
            if number == 1:
                return 1
            found = self.entry(number)
            if found is None:
                return None
            kind, parent = found
            if kind == ROOT:
                return number
            if kind == FREE:
                return 0
            number = parent
        return None

    def entry(self, number: int) -> tuple[int, int] | None:
        """What the database notes of a page: its kind, and the page that leads to it."""
        place = (number - 2) // (_ENTRIES + 1) * (_ENTRIES + 1) + 2
        if place not in self._maps:
            self._maps[place] = self.image(place)
        image = self._maps[place] if number > place else None
        if image is None or not image.is_sound:
            return None
        kind, parent = struct.unpack_from(">BI", image.data, _ENTRY_BYTES * (number - place - 1))
        is_known = ROOT <= kind <= CHILD and parent <= self.page_count
        return (kind, parent) if is_known else None

    def is_map(self, number: int) -> bool:
        """Whether the page is one of those that say which page belongs to which."""
        return number > 1 and (number - 2) % (_ENTRIES + 1) == 0


def _checked(data: bytes) -> tuple[bytes, bool]:
    """The page, and whether it is as it was written: a single bit is turned back."""
    found, stored = fold(data[:USABLE_BYTES]), struct.unpack("<II", data[USABLE_BYTES:])
    if found == stored:
        # Zeros have that of themselves. An empty page is one of a tree, and not zeros.
        return data, found != (0, 0) or any(data)
    if is_one_bit_off(found, stored):
        return data, True
    bits = find_flipped_bits(data[:USABLE_BYTES], found, stored)
    return (with_bit(data, bits[0]), True) if len(bits) == 1 else (data, False)


def _mapped(path: Path) -> mmap.mmap | bytes:
    with contextlib.suppress(OSError, ValueError), path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    return b""
