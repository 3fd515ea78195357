"""`GET /api/search`: messages by their words, whole, wherever they live."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from vega.api.parts import TheParts
from vega.api.shapes import found_shape
from vega.core.importing import read_moment
from vega.core.search import parse_query

router = APIRouter(tags=["memory"])


@router.get("/api/search")
async def search(
    parts: TheParts,
    q: str,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    before: str | None = None,
) -> dict[str, Any]:
    """The messages that fit best; what stands in quotes is found word for word."""
    until = None if before is None else read_moment(before, parts.clock.zone)
    found = await parts.store.search.search(parse_query(q), limit, until)
    return {
        "items": [found_shape(message) for message in found.items],
        "complete": found.is_complete,
    }
