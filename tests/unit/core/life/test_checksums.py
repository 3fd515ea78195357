"""The sum of pages and frames, and the one bit that makes all the difference."""

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.life.checksums import find_flipped_bits, fold, is_one_bit_off, with_bit


def plain_fold(data: bytes, start: tuple[int, int], order: str) -> tuple[int, int]:
    """As https://sqlite.org/fileformat2.html has it, word by word."""
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for place in range(0, len(words), 2):
        first = (first + words[place] + second) & 0xFFFFFFFF
        second = (second + words[place + 1] + first) & 0xFFFFFFFF
    return first, second


@given(
    st.binary(min_size=1, max_size=40).map(lambda data: data * 8),
    st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    st.booleans(),
)
def test_it_is_sqlites_sum(data: bytes, start: tuple[int, int], is_big_endian: bool) -> None:
    order = ">" if is_big_endian else "<"

    assert fold(data, start, is_big_endian=is_big_endian) == plain_fold(data, start, order)


@pytest.mark.parametrize("is_big_endian", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_is_found(seed: int, is_big_endian: bool) -> None:
    chance = random.Random(seed)
    page, bit = chance.randbytes(4088), chance.randrange(8 * 4088)
    stored = fold(page, is_big_endian=is_big_endian)
    damaged = with_bit(page, bit)
    found = fold(damaged, is_big_endian=is_big_endian)
    # Of a word's highest bits the sum keeps too little to tell which word it was.
    is_high = bit // 8 % 4 == (0 if is_big_endian else 3)

    bits = find_flipped_bits(damaged, found, stored, is_big_endian=is_big_endian)

    assert bit in bits
    assert is_high or bits == [bit]


@pytest.mark.parametrize("seed", range(20))
def test_two_flipped_bits_are_not_taken_for_one(seed: int) -> None:
    chance = random.Random(seed)
    page = chance.randbytes(4088)
    damaged = page
    for byte in chance.sample(range(0, 4088, 4), 2):
        damaged = with_bit(damaged, 8 * byte + chance.randrange(8))

    assert find_flipped_bits(damaged, fold(damaged), fold(page)) == []


def test_a_flipped_bit_of_the_sum_itself_is_told() -> None:
    assert is_one_bit_off((6, 9), (6, 9 ^ 1024))
    assert not is_one_bit_off((6, 9), (7, 8))
    assert not is_one_bit_off((6, 9), (6, 9))
