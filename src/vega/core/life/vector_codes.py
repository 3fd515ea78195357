"""A vector of length 1 in few bytes: the sign of each component, and what refines it.

Each component becomes one of 2 ** BITS steps of the same width. The highest bit of the step is the
sign: these bits alone, side by side, are the *code*, whose Hamming distance tells roughly how far
two vectors are apart. The lower bits are the *planes*. Code and planes together give a likeness
(the cosine) that is close to the exact one; how close, is in
docs/decisions/0013-vectors-in-files-of-their-own.md. Pure arithmetic; knows no file.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

#: Of each component.
BITS = 4
_STEPS = 2**BITS
_MIDDLE = (_STEPS - 1) / 2
#: The components of a unit vector of n dimensions are spread by 1 / sqrt(n); what lies further out
#: than so many times that is taken for the outermost step.
REACH = 2.8
#: A code is compared in words of so many bits.
WORD_BITS = 64


def plane_bytes(dimension: int) -> int:
    """How many bytes the planes of one vector are."""
    return (BITS - 1) * dimension // 8


def encode(vectors: Floats) -> tuple[NDArray[np.uint64], NDArray[np.uint8], Floats]:
    """Codes (n, dimension / 64), planes (n, plane_bytes) and scales (n) of n vectors."""
    dimension = vectors.shape[1]
    width = 2 * REACH / (_STEPS * dimension**0.5)
    found = np.floor(vectors / width) + _STEPS // 2
    steps = np.clip(found, 0, _STEPS - 1).astype(np.uint8)
    bits = [_packed(steps & np.uint8(1 << place)) for place in reversed(range(BITS))]
    values = steps.astype(np.float32) - _MIDDLE
    # With which the likeness of a vector to itself is 1.
    scales = 1 / np.maximum((values * vectors).sum(axis=1), 1e-6)
    return bits[0].view(np.uint64), np.hstack(bits[1:]), scales.astype(np.float32)


def likenesses(
    query: Floats, codes: NDArray[np.uint64], planes: NDArray[np.uint8], scales: Floats
) -> Floats:
    """The cosine of the query with each of n vectors, by what `encode` made of them."""
    count, dimension = len(codes), len(query)
    steps = _unpacked(codes.view(np.uint8).reshape(count, -1))
    for plane in np.split(planes, BITS - 1, axis=1):
        np.add(steps, steps, out=steps)
        np.bitwise_or(steps, _unpacked(plane), out=steps)
    found: Floats = steps.reshape(count, dimension).astype(np.float32) @ query
    found -= np.float32(_MIDDLE) * query.sum()
    found *= scales
    return found


def code_of(query: Floats) -> NDArray[np.uint64]:
    """The code of one vector."""
    bits = _packed((query >= 0).astype(np.uint8)[None])
    code: NDArray[np.uint64] = bits[0].view(np.uint64)
    return code


def distances(code: NDArray[np.uint64], codes: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """In how many signs each of n codes (n, words) differs from that one."""
    found = np.zeros(len(codes), np.uint16)
    # Word by word: a sum over the short axis takes three times as long.
    for place, word in enumerate(code):
        found += np.bitwise_count(codes[:, place] ^ word)
    return found


def _packed(bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.packbits(bits, axis=1, bitorder="little")


def _unpacked(packed: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.unpackbits(packed, axis=1, bitorder="little")
