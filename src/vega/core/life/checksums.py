"""The sum that SQLite's checksum VFS puts on each page and its write-ahead log on each frame, and
single flipped bits found by it.

Both are the same sum over 32-bit words, taken in pairs (https://sqlite.org/fileformat2.html, 4.2;
https://sqlite.org/cksumvfs.html): s1 += x1 + s2, then s2 += x2 + s1.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

Sum = tuple[int, int]
Words = NDArray[np.uint32]

_MASK = 0xFFFF_FFFF
#: 2^0 to 2^31.
_BITS = np.left_shift(np.uint32(1), np.arange(32, dtype=np.uint32))


def fold(data: bytes, start: Sum = (0, 0), *, is_big_endian: bool = False) -> Sum:
    """The sum behind these bytes, a multiple of 8, where it was `start` before them."""
    words = np.frombuffer(data, dtype=">u4" if is_big_endian else "<u4").astype(np.uint32)
    # What was before them counts as one more pair that is followed by them.
    first = np.array([start[0], (start[1] - start[0]) & _MASK], dtype=np.uint32)
    words = np.concatenate((first, words))
    weights = _weights(len(words) // 2)
    return int(words @ weights[0]), int(words @ weights[1])


def find_flipped_bits(
    data: bytes, found: Sum, stored: Sum, *, is_big_endian: bool = False
) -> list[int]:
    """Each bit of these bytes that may make all the difference between the two sums, counted in the
    file's order: none where no single one does, several where it was one of a word's highest, of
    which the sums keep too little."""
    words = np.frombuffer(data, dtype=">u4" if is_big_endian else "<u4").astype(np.uint32)
    weights = _weights(len(words) // 2)
    wanted = [np.uint32((stored[each] - found[each]) & _MASK) for each in (0, 1)]
    # Set bits became clear ones by it, or the other way about: what is added once it is undone.
    is_set = (words[:, None] & _BITS) != 0
    change = np.where(is_set, np.uint32(0) - _BITS, _BITS)
    fits = (change * weights[0][:, None] == wanted[0]) & (change * weights[1][:, None] == wanted[1])
    return [
        8 * (4 * word + (3 - bit // 8 if is_big_endian else bit // 8)) + bit % 8
        for word, bit in np.argwhere(fits).tolist()
    ]


def with_bit(data: bytes, number: int) -> bytes:
    """The bytes with that bit turned over."""
    changed = bytearray(data)
    changed[number // 8] ^= 1 << (number % 8)
    return bytes(changed)


def is_one_bit_off(found: Sum, stored: Sum) -> bool:
    """Whether it is the stored sum itself that one bit of was flipped."""
    return sum((one ^ other).bit_count() for one, other in zip(found, stored, strict=True)) == 1


@cache
def _weights(pairs: int) -> Words:
    """What each of so many pairs of words counts in both sums."""
    weights = np.zeros((2, 2 * pairs), dtype=np.uint32)
    first, second = (1, 1), (0, 1)
    for pair in range(pairs - 1, -1, -1):
        for sum_index in (0, 1):
            weights[sum_index, 2 * pair] = first[sum_index]
            weights[sum_index, 2 * pair + 1] = second[sum_index]
        first, second = _step(first), _step(second)
    return weights


def _step(counts: Sum) -> Sum:
    """What it counts one pair earlier."""
    one = (counts[0] + counts[1]) & _MASK
    return one, (one + counts[1]) & _MASK
