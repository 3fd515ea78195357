"""What a question means, and which messages mean the like: as far as there are vectors.

Whatever fails leaves out only what it would have said.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from vega.core.life import records
from vega.core.life.vector_codes import Floats
from vega.core.life.vectors import Vectors
from vega.core.memory import TimeWindow
from vega.core.recall.asking import ends
from vega.core.recall.ranking import Places
from vega.core.recall.scoring import Likenesses
from vega.errors import ModelUnavailable
from vega.llm.base import Embedder

log = logging.getLogger(__name__)

#: Of a longer question its two ends are embedded.
EMBEDDED_CHARS = 1_000
#: A question is embedded in some milliseconds, unless a batch of the index is before it.
EMBEDDING_SECONDS = 1.5
#: Messages whose likeness is known without asking for each.
SEARCHED = 1_000
#: Pieces of messages. In a longer life only the likeness of those that are most alike is known: to
#: look up the others takes as long as the search did.
LONG_LIFE = 200_000
_DAY_MICROS = 86_400_000_000


class Meaning:
    """The embedder and the vectors of one life."""

    def __init__(self, embedder: Embedder | None, vectors: Vectors | None) -> None:
        self._embedder = embedder
        self._vectors = vectors

    async def vector(self, question: str) -> Floats | None:
        """None where there is no embedder now, or it takes too long."""
        if self._vectors is None or self._embedder is None or not self._embedder.is_available:
            return None
        text = [ends(question, EMBEDDED_CHARS)]
        try:
            async with asyncio.timeout(EMBEDDING_SECONDS):
                return cast(Floats, (await self._embedder.embed(text))[0])
        except (ModelUnavailable, TimeoutError) as exc:
            log.debug("A question is answered without its meaning: %s", exc)
            return None

    def similar(
        self, vector: Floats | None, waiting: int, window: TimeWindow | None = None
    ) -> Likenesses:
        """The messages most like it, of that window alone where there is one. So many
        messages still wait for their vectors."""
        if vector is None or self._vectors is None:
            return Likenesses()
        days = None
        if window is not None:
            first, last = (records.micros(at) // _DAY_MICROS for at in (window.start, window.end))
            # In some zone it was another day.
            days = (first - 1, last + 1)
        try:
            found = self._vectors.search(vector, SEARCHED, days)
        except OSError as exc:
            log.warning("A question is answered without its meaning: %s", exc)
            return Likenesses()
        ids = found.message_ids.tolist()
        scores = found.scores.tolist()
        return Likenesses(
            dict(zip(ids, scores, strict=True)),
            dict(zip(ids, found.pieces.tolist(), strict=True)),
            found.mean,
            found.deviation,
            coverage=self._vectors.message_count / max(self._vectors.message_count + waiting, 1),
            least=scores[-1] if len(scores) >= SEARCHED else None,
        )

    def completed(
        self, likenesses: Likenesses, vector: Floats | None, places: Places
    ) -> Likenesses:
        """With those of all messages of these turns, so that one that is still missing has no
        vector."""
        if vector is None or self._vectors is None or not likenesses.is_known:
            return likenesses
        if self._vectors.count > LONG_LIFE:
            return likenesses
        ids = [id_ for turn in places.values() for id_ in turn.message_ids]
        missing = [id_ for id_ in ids if id_ not in likenesses.scores]
        try:
            scores = self._vectors.scores_of(vector, missing)
        except OSError:
            return likenesses
        more = known_of(missing, scores)
        return replace(likenesses, scores={**likenesses.scores, **more}, least=None)


def known_of(message_ids: Sequence[int], scores: Floats) -> dict[int, float]:
    """Those of the scores that are no nan."""
    found = zip(message_ids, scores.tolist(), strict=True)
    return {id_: score for id_, score in found if not np.isnan(score)}
