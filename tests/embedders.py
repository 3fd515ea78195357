"""An embedder for tests of what is done with vectors, not of what they mean.

The real one takes a process and a tenth of a second a text; here a test has thousands, held up,
refused or counted where it wants. Texts with the same words lie close together.
"""

import asyncio
import re
import zlib
from collections.abc import Sequence

import numpy as np

from vega.core.life.vector_codes import Floats
from vega.errors import ModelUnavailable

DIMENSION = 384


class WordEmbedder:
    """Each word is a direction of its own."""

    name = "words 1"
    dimension = DIMENSION

    def __init__(self) -> None:
        #: Every text that it was given, in order.
        self.texts: list[str] = []
        #: Cleared to hold requests up.
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        #: How many of the next requests fail.
        self.failures = 0
        #: With a text that holds this it fails, though it is there.
        self.poison: str | None = None

    @property
    def is_available(self) -> bool:
        return not self.failures

    async def embed(self, texts: Sequence[str]) -> Floats:
        self.texts += texts
        if self.failures:
            self.failures -= 1
            raise ModelUnavailable("The embedding model is not there yet.")
        if self.poison and any(self.poison in text for text in texts):
            raise ModelUnavailable("The embedding model's process has ended.")
        await self.may_answer.wait()
        return np.array([vector_of(text) for text in texts], np.float32).reshape(-1, DIMENSION)


def vector_of(text: str) -> Floats:
    row = np.full(DIMENSION, 1e-6, np.float32)
    for word in re.findall(r"\w+", text.casefold()):
        row += np.random.default_rng(zlib.crc32(word.encode())).normal(size=DIMENSION)
    unit: Floats = row / np.linalg.norm(row)
    return unit
