"""`/api/index`: what messages are found by, how far it is, and making it anew."""

from typing import Any

from fastapi import APIRouter

from vega.api.parts import Parts, TheParts

router = APIRouter(prefix="/api/index", tags=["memory"])


@router.get("")
async def show_index(parts: TheParts) -> dict[str, Any]:
    """How far the index of words is, and that by meaning."""
    return await _shape(parts)


@router.post("/rebuild", status_code=202)
async def rebuild_index(parts: TheParts) -> dict[str, Any]:
    """Make both anew in the background; what is being made already goes on."""
    await parts.word_index.rebuild()
    if parts.indexer is not None:
        await parts.indexer.rebuild()
    return await _shape(parts)


async def indexing_shape(parts: Parts) -> dict[str, Any]:
    """The most important of it, as the status has it."""
    words = await parts.word_index.report()
    waiting = 0 if words.is_complete else words.total - words.done
    trouble = parts.word_index.trouble if words.is_rebuilding else None
    if parts.indexer is None:
        return {"pending": waiting, "embedded": 0, "trouble": trouble, "is_on": False}
    vectors = await parts.indexer.report()
    return {
        "pending": max(waiting, vectors.pending),
        "embedded": vectors.embedded,
        "trouble": vectors.trouble or trouble,
        "is_on": True,
    }


async def _shape(parts: Parts) -> dict[str, Any]:
    words = await parts.word_index.report()
    vectors: dict[str, Any] = {"state": "off", "pending": 0, "embedded": 0, "trouble": None}
    if parts.indexer is not None:
        found = await parts.indexer.report()
        vectors = {
            "state": "indexing" if found.pending else "ready",
            "pending": found.pending,
            "embedded": found.embedded,
            "trouble": found.trouble,
        }
    return {
        "words": {
            "state": "rebuilding" if words.is_rebuilding else "ready",
            "done": words.done,
            "total": words.total,
            "complete": words.is_complete,
            "trouble": parts.word_index.trouble if words.is_rebuilding else None,
            "notice": await parts.word_index.notice(),
        },
        "vectors": vectors,
    }
