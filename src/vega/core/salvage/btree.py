"""The rows on one page of a database file (https://sqlite.org/fileformat2.html, 1.6 and 2).

What cannot be one is left out: a page may be trash.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from vega.core.life.sqlite import PAGE_BYTES
from vega.core.salvage.pages import USABLE_BYTES

INTERIOR_INDEX, INTERIOR_TABLE, LEAF_INDEX, LEAF_TABLE = 2, 5, 10, 13
#: Of a tree's page that holds rows.
ROW_KINDS = (INTERIOR_INDEX, LEAF_INDEX, LEAF_TABLE)
Value = int | float | str | bytes | None

_FILE_HEAD_BYTES = 100
_MOST_VARINT_BYTES = 9
#: Of a cell that goes on elsewhere (section 1.6 calls them X and M).
_MOST_LOCAL_OF_TABLE = USABLE_BYTES - 35
_MOST_LOCAL_OF_INDEX = (USABLE_BYTES - 12) * 64 // 255 - 23
_LEAST_LOCAL = (USABLE_BYTES - 12) * 32 // 255 - 23
#: No row of a life is larger than a block.
MOST_ROW_BYTES = 300 * 1024 * 1024
_INTEGER_BYTES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FLOAT, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12

#: A page of the rest of a row, and whether it is to be believed.
Overflow = Callable[[int], tuple[bytes, bool] | None]


class Row(NamedTuple):
    """One row of a page."""

    #: None in an index.
    id: int | None
    values: tuple[Value, ...]
    #: Whether all of the pages that it goes on on are to be believed.
    is_sound: bool


class _Trash(Exception):
    """What stands here is no row."""


def kind_of(data: bytes, number: int) -> int:
    """Which kind of a tree's page it seems to be."""
    return data[_FILE_HEAD_BYTES if number == 1 else 0]


def rows_of(data: bytes, number: int, overflow: Overflow) -> Iterator[Row]:
    """Those that can be read of a page of a tree, in their order."""
    start = _FILE_HEAD_BYTES if number == 1 else 0
    kind = data[start]
    if kind not in ROW_KINDS:
        return
    count = int.from_bytes(data[start + 3 : start + 5])
    first = start + (12 if kind == INTERIOR_INDEX else 8)
    for place in range(first, min(first + 2 * count, USABLE_BYTES - 1), 2):
        cell = int.from_bytes(data[place : place + 2])
        try:
            yield _row(data, cell, kind, overflow)
        except (_Trash, IndexError, struct.error, UnicodeDecodeError):
            continue


def _row(data: bytes, cell: int, kind: int, overflow: Overflow) -> Row:
    place = cell + 4 if kind == INTERIOR_INDEX else cell
    size, place = _varint(data, place)
    row_id = None
    if kind == LEAF_TABLE:
        unsigned, place = _varint(data, place)
        row_id = unsigned - (1 << 64) if unsigned >> 63 else unsigned
    payload, is_sound = _payload(data, place, size, kind, overflow)
    return Row(row_id, decode(payload), is_sound)


def _payload(
    data: bytes, place: int, size: int, kind: int, overflow: Overflow
) -> tuple[bytes, bool]:
    """The row's bytes, and whether all that is not on this page is to be believed."""
    if not 0 < size <= MOST_ROW_BYTES:
        raise _Trash
    most = _MOST_LOCAL_OF_TABLE if kind == LEAF_TABLE else _MOST_LOCAL_OF_INDEX
    if size <= most:
        if place + size > USABLE_BYTES:
            raise _Trash
        return data[place : place + size], True
    local = _LEAST_LOCAL + (size - _LEAST_LOCAL) % (USABLE_BYTES - 4)
    local = local if local <= most else _LEAST_LOCAL
    if place + local + 4 > USABLE_BYTES:
        raise _Trash
    parts = [data[place : place + local]]
    left, is_sound = size - local, True
    following = int.from_bytes(data[place + local : place + local + 4])
    while left > 0:
        page = overflow(following)
        if page is None:
            raise _Trash
        rest, is_right = page
        is_sound &= is_right
        parts.append(rest[4 : min(4 + left, USABLE_BYTES)])
        left -= len(parts[-1])
        following = int.from_bytes(rest[:4])
    return b"".join(parts), is_sound


def decode(payload: bytes) -> tuple[Value, ...]:
    """A record's values (section 2.1)."""
    size, place = _varint(payload, 0)
    kinds = []
    while place < size:
        kind, place = _varint(payload, place)
        kinds.append(kind)
    values = []
    for kind in kinds:
        value, place = _value(payload, place, kind)
        values.append(value)
    if place != len(payload):
        raise _Trash
    return tuple(values)


def _value(payload: bytes, place: int, kind: int) -> tuple[Value, int]:
    if kind == 0:
        return None, place
    if kind in (_ZERO, _ONE):
        return kind - _ZERO, place
    if kind in (10, 11):
        raise _Trash
    size = _INTEGER_BYTES.get(kind, 8) if kind < _ZERO else (kind - _FIRST_BLOB) // 2
    part = payload[place : place + size]
    if len(part) != size:
        raise _Trash
    place += size
    if kind in _INTEGER_BYTES:
        return int.from_bytes(part, signed=True), place
    if kind == _FLOAT:
        return float(struct.unpack(">d", part)[0]), place
    return (part.decode() if kind % 2 else part), place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    if not 0 <= place < max(len(data), PAGE_BYTES):
        raise _Trash
    value = 0
    for count in range(_MOST_VARINT_BYTES):
        byte = data[place + count]
        if count == _MOST_VARINT_BYTES - 1:
            return value << 8 | byte, place + count + 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + count + 1
    raise _Trash
