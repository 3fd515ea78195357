"""Lives whose messages are embedded in the background, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tests.embedders import WordEmbedder, vector_of
from vega.core.indexing import Indexer
from vega.core.life.vectors import Vectors
from vega.core.live_turns import LiveTurns
from vega.core.store import Store


@asynccontextmanager
async def embedding(
    store: Store,
    home: Path,
    embedder: WordEmbedder,
    is_scarce: Callable[[], bool] = lambda: False,
    rest: LiveTurns | None = None,
) -> AsyncIterator[tuple[Indexer, Vectors]]:
    vectors = Vectors.open(home, embedder.name, embedder.dimension, store.session_id)
    indexer = Indexer(store, embedder, vectors, rest or LiveTurns(store), is_scarce)
    await indexer.start()
    try:
        yield indexer, vectors
    finally:
        await indexer.close()
        vectors.close()


async def until_embedded(store: Store) -> None:
    async with asyncio.timeout(10):
        while await store.embedding.count():
            await asyncio.sleep(0.005)


def alike(vectors: Vectors, text: str) -> list[int]:
    found = vectors.search(vector_of(text), 10)
    return [key for key, score in zip(found.message_ids, found.scores, strict=True) if score > 0.4]
