"""Builds what finds messages: the index of words, and for their meaning the embedding model, the
vectors, the indexer.

A part of `vega.assembly`, which alone calls it.
"""

import asyncio
import logging
from collections.abc import Callable

from vega.config import Settings
from vega.core.indexing import Indexer, Rest
from vega.core.life.disk import VECTORS_FOLDER
from vega.core.life.vectors import Vectors
from vega.core.recall.passages import PASSAGES
from vega.core.store import Store
from vega.core.word_index import WordIndex
from vega.llm.base import Models
from vega.llm.download import Progress
from vega.llm.embedding import EmbeddingModel
from vega.llm.host import LOAD_SECONDS

log = logging.getLogger(__name__)


class Indexes:
    """The parts that there are."""

    def __init__(
        self,
        store: Store,
        models: Models,
        embedder: EmbeddingModel | None,
        vectors: Vectors | None,
    ) -> None:
        self._store = store
        self._models = models
        self.words = WordIndex(store)
        #: None where embedding is switched off, or the vectors cannot be kept.
        self.embedder = embedder
        #: There also where embedding is switched off, so that they can be forgotten.
        self.vectors = vectors
        #: None where embedding is switched off, or not begun yet.
        self.indexer: Indexer | None = None

    @classmethod
    async def open(
        cls, settings: Settings, store: Store, models: Models, on_progress: Progress
    ) -> "Indexes":
        """As the settings want it. Never fails: a message is always found by its words."""
        is_on = settings.embedding != "off"
        embedder = EmbeddingModel(
            settings.models_folder, hub_url=settings.model_hub, on_progress=on_progress
        )
        if not is_on and not (settings.home / VECTORS_FOLDER).exists():
            return cls(store, models, None, None)
        name = f"{embedder.name} {PASSAGES}"
        opening = (settings.home, name, embedder.dimension, store.session_id)
        try:
            vectors = await asyncio.to_thread(Vectors.open, *opening)
        except OSError as exc:
            log.error("Messages are found by their words alone: %s", exc)
            return cls(store, models, None, None)
        return cls(store, models, embedder if is_on else None, vectors)

    async def start(self, rest: Rest, is_scarce: Callable[[], bool]) -> None:
        """The model is fetched and loaded, and messages are embedded, in the background; what
        answers comes first."""
        await self.words.start(rest)
        if self.embedder is None or self.vectors is None:
            return
        await self.embedder.start(lambda: self._models.wait_until_available(LOAD_SECONDS))
        self.indexer = Indexer(self._store, self.embedder, self.vectors, rest, is_scarce)
        await self.indexer.start()

    async def close(self) -> None:
        await self.words.close()
        if self.indexer is not None:
            await self.indexer.close()
        if self.embedder is not None:
            await self.embedder.close()
        if self.vectors is not None:
            await asyncio.to_thread(self.vectors.close)
