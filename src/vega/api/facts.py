"""Facts: what Vega knows of its owner, and what the owner makes of that."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict

from vega.api.parts import TheParts
from vega.core.memory import Fact, FactKind
from vega.errors import InvalidInput

router = APIRouter(prefix="/api/facts", tags=["memory"])

#: Beyond it lies no row id of SQLite.
FactId = Annotated[int, Path(ge=1, le=2**63 - 1)]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLACE = re.compile(r"(-?\d{1,17})-(\d{1,18})")


class FactChange(BaseModel):
    """What the owner changes; what is left out stays."""

    model_config = ConfigDict(extra="forbid", strict=True)

    value: str | None = None
    is_pinned: bool | None = None
    is_private: bool | None = None


@router.get("")
async def facts(
    parts: TheParts,
    kind: Annotated[list[FactKind] | None, Query()] = None,
    has_all: Annotated[
        bool, Query(alias="all", description="Also what is over, or was put right.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: str | None = None,
) -> dict[str, Any]:
    """The facts that hold, the newest first; `next_before` leads to the older ones."""
    place = _place(before) if before else None
    found = await parts.store.facts.all(limit + 1, place, kind, include_ended=has_all)
    shown = found[:limit]
    return {
        "facts": [fact_shape(fact) for fact in shown],
        "next_before": _cursor(shown[-1]) if len(found) > limit else None,
    }


@router.post("/redraw", status_code=202)
async def redraw(parts: TheParts) -> dict[str, Any]:
    """Draw facts again from the whole life, in the background, with today's rules and model."""
    await parts.facts.begin_again()
    return {"pending": await parts.facts.pending()}


@router.get("/{fact_id}")
async def show_fact(fact_id: FactId, parts: TheParts) -> dict[str, Any]:
    """One fact, with every value that ever stood in its place."""
    fact = await parts.store.facts.get(fact_id)
    history = await parts.store.facts.trail(fact)
    return {**fact_shape(fact), "history": [fact_shape(each) for each in history]}


@router.patch("/{fact_id}")
async def change_fact(fact_id: FactId, change: FactChange, parts: TheParts) -> dict[str, Any]:
    """Put a fact right, pin it, keep it on this machine, all of it or nothing: the fact as it then
    is."""
    wanted = change.model_dump(exclude_none=True)
    if not wanted:
        raise InvalidInput("Give one of value, is_pinned and is_private.")
    return fact_shape(await parts.store.facts.change(fact_id, parts.clock.now(), **wanted))


@router.delete("/{fact_id}")
async def forget_fact(fact_id: FactId, parts: TheParts) -> dict[str, Any]:
    """Erase a fact; the words in which it was told stay in their turns."""
    told_in = await parts.store.facts.told_in(await parts.store.facts.get(fact_id))
    fact = await parts.store.facts.forget(fact_id)
    return {"forgotten": fact.id, "told_in": told_in}


def fact_shape(fact: Fact) -> dict[str, Any]:
    return {
        "id": fact.id,
        "kind": fact.kind,
        "attribute": fact.attribute,
        "value": fact.value,
        "turn_id": fact.turn_id,
        "held_from": fact.held_from.isoformat(),
        "held_until": fact.held_until.isoformat() if fact.held_until else None,
        "ending": fact.ending,
        "timezone": fact.zone,
        "said_again_at": fact.said_again_at.isoformat() if fact.said_again_at else None,
        "said_again_in": fact.said_again_in,
        "is_pinned": fact.is_pinned,
        "is_private": fact.is_private,
        "model": fact.model,
    }


def _cursor(fact: Fact) -> str:
    return f"{(fact.held_from - _EPOCH) // _MICROSECOND}-{fact.id}"


def _place(cursor: str) -> tuple[datetime, int]:
    match = _PLACE.fullmatch(cursor)
    if match is None:
        raise InvalidInput("before must be a next_before that GET /api/facts gave.")
    try:
        return _EPOCH + int(match[1]) * _MICROSECOND, int(match[2])
    except OverflowError as exc:
        raise InvalidInput("before names a time that no calendar has.") from exc
