"""`GET /api/recall`: what the past says to a question, packed as it would stand in a prompt."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from vega.api.parts import TheParts
from vega.api.shapes import recollection_shape
from vega.core.importing import read_moment
from vega.core.recall.recall import DEFAULT_BUDGET_TOKENS, DEFAULT_LIMIT
from vega.errors import InvalidInput

router = APIRouter(tags=["memory"])

#: Behind every turn of that moment.
_LAST_ID = 2**62


@router.get("/api/recall")
async def recall(
    parts: TheParts,
    q: str,
    budget_tokens: Annotated[int, Query(ge=1, le=100_000)] = DEFAULT_BUDGET_TOKENS,
    limit: Annotated[int, Query(ge=1, le=100)] = DEFAULT_LIMIT,
    at: str | None = None,
) -> dict[str, Any]:
    """By words, meaning and time, of every tier; `at` is the moment of asking, else now."""
    if not q.strip():
        raise InvalidInput("q: is empty; say what to recall.")
    zone = parts.clock.zone
    now = parts.clock.now() if at is None else read_moment(at, zone)
    found = await parts.recall.find(
        q,
        now=now,
        zone=zone,
        budget_tokens=budget_tokens,
        limit=limit,
        before=None if at is None else (now, _LAST_ID),
    )
    return recollection_shape(found, zone)
