"""The write-ahead log, read frame by frame past what is damaged in it.

SQLite takes everything up to the first frame that fails its checksum, and drops the rest without a
word. Each frame's sum begins with the one before, as it is stored, so that those behind a damaged
one can be told all the same (https://sqlite.org/fileformat2.html, section 4).
"""

import struct
from collections import Counter
from dataclasses import dataclass, field

from vega.core.life.checksums import Sum, find_flipped_bits, fold, is_one_bit_off, with_bit

#: How a log begins that is being overwritten: by then all of it is in the database, and SQLite
#: takes nothing of a log with such a head.
OVERWRITTEN = b"Vega: all of it is in the database.\n"
HEADER_BYTES = 32
FRAME_BYTES = 24
_MAGIC = (0x377F0682, 0x377F0683)
_SUMMED_BYTES = 24
#: Of a frame's head: which page it is, and how many there are behind the commit.
_PLACE_BYTES = 8


@dataclass(slots=True)
class Log:
    """What a log says of the pages of its database."""

    #: As they were last committed.
    pages: dict[int, bytes] = field(default_factory=dict)
    #: Of these a newer one is damaged.
    outdated: set[int] = field(default_factory=set)
    #: Such as were perhaps never committed, are damaged, or are older: by page, in their order.
    doubtful: list[tuple[int, bytes]] = field(default_factory=list)
    #: How many pages the database has by the last commit; 0 where there is none.
    page_count: int = 0
    damaged_frames: int = 0
    #: Something that was committed and synced is damaged: SQLite would drop it, with all behind it.
    is_damaged: bool = False
    #: So may the last thing be that was committed: one bit of it is another one.
    is_end_doubtful: bool = False


@dataclass(frozen=True, slots=True)
class _Frame:
    page: int
    page_count: int
    data: bytes
    is_sound: bool
    #: SQLite takes it.
    is_untouched: bool
    #: One bit of it is another one.
    is_flip: bool
    #: With which the next frame's begins.
    sum: Sum


def read_log(data: bytes, page_bytes: int) -> Log:
    """The log of a database whose pages are that large."""
    found = Log()
    size = FRAME_BYTES + page_bytes
    starts = range(HEADER_BYTES, len(data) - size + 1, size)
    if not starts or data.startswith(OVERWRITTEN):
        return found
    salts, before, is_big_endian, is_intact = _head(data, starts)
    # Something before is damaged; the commit behind that was seen, too.
    is_touched, is_sure = not is_intact, False
    waiting: list[_Frame] = []
    for start in starts:
        if not _is_of(salts, data[start + 8 : start + 16]):
            # Of an earlier log, or trash: the sum goes on behind it.
            before = _stored_sum(data, start + 16)
            continue
        frame = _frame(data[start : start + size], salts, before, is_big_endian=is_big_endian)
        before = frame.sum
        waiting.append(frame)
        # What comes behind a commit is written when that is synced; only then no power cut has
        # left it so.
        found.is_damaged |= is_sure and frame.is_sound
        is_touched |= not frame.is_untouched
        is_sure |= is_touched and frame.is_sound and frame.page_count > 0
        # A power cut leaves more of a difference behind than one bit, mostly.
        found.is_end_doubtful |= frame.is_flip
        if frame.is_sound and frame.page_count:
            _commit(found, waiting)
            waiting = []
    found.doubtful += [(each.page, each.data) for each in waiting]
    found.damaged_frames += sum(not each.is_sound for each in waiting)
    found.is_end_doubtful &= not found.is_damaged
    return found


def _commit(found: Log, frames: list[_Frame]) -> None:
    for frame in frames:
        if frame.is_sound:
            if frame.page in found.pages:
                found.doubtful.append((frame.page, found.pages[frame.page]))
            found.pages[frame.page] = frame.data
            found.outdated.discard(frame.page)
        else:
            found.doubtful.append((frame.page, frame.data))
            found.outdated.add(frame.page)
            found.damaged_frames += 1
    found.page_count = frames[-1].page_count


def _head(data: bytes, starts: range) -> tuple[bytes, Sum, bool, bool]:
    """The salts of the log's frames, the sum that they begin with, how it counts, and whether all
    that is as it was written."""
    magic = int.from_bytes(data[:4])
    stored = _stored_sum(data, _SUMMED_BYTES)
    for is_big_endian in (False, True):
        head = data[:_SUMMED_BYTES]
        found = fold(head, is_big_endian=is_big_endian)
        if found != stored:
            bits = find_flipped_bits(head, found, stored, is_big_endian=is_big_endian)
            if len(bits) == 1:
                head, found = with_bit(head, bits[0]), stored
            elif not is_one_bit_off(found, stored):
                continue
        if int.from_bytes(head[:4]) == _MAGIC[is_big_endian]:
            is_intact = head == data[:_SUMMED_BYTES] and found == stored
            return head[16:24], found, is_big_endian, is_intact
    # It is gone: those that most frames have.
    salts = Counter(data[start + 8 : start + 16] for start in starts)
    return salts.most_common(1)[0][0], stored, magic == _MAGIC[True], False


def _is_of(salts: bytes, found: bytes) -> bool:
    """The salts are in no sum; a flipped bit makes no other ones of them."""
    return (int.from_bytes(salts) ^ int.from_bytes(found)).bit_count() <= 1


def _frame(data: bytes, salts: bytes, before: Sum, *, is_big_endian: bool) -> _Frame:
    stored = _stored_sum(data, 16)
    place, page = data[:_PLACE_BYTES], data[FRAME_BYTES:]
    found = fold(place + page, before, is_big_endian=is_big_endian)
    is_untouched = found == stored and data[8:16] == salts
    is_flip = is_one_bit_off(found, stored) or data[8:16] != salts
    is_sound = found == stored or is_one_bit_off(found, stored)
    if not is_sound:
        bits = find_flipped_bits(place + page, found, stored, is_big_endian=is_big_endian)
        is_flip = bool(bits)
        if len(bits) == 1:
            whole = with_bit(place + page, bits[0])
            place, page, found, is_sound = whole[:_PLACE_BYTES], whole[8:], stored, True
    number, page_count = struct.unpack(">II", place)
    total = found if is_sound else stored
    return _Frame(number, page_count, page, is_sound, is_untouched, is_flip, total)


def _stored_sum(data: bytes, offset: int) -> Sum:
    first, second = struct.unpack_from(">II", data, offset)
    return first, second
