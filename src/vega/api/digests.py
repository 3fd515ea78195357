"""Digests: what was said in a day, a week, a month, a year."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query

from vega.api.parts import TheParts
from vega.core.memory import Digest, DigestKind
from vega.errors import NoAbleModel

router = APIRouter(tags=["memory"])


@router.get("/api/digests")
async def digests(
    parts: TheParts,
    kind: DigestKind | None = None,
    first: Annotated[date, Query(alias="from")] = date.min,
    last: Annotated[date, Query(alias="to")] = date.max,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> dict[str, Any]:
    """The digests that tell of any day from one to another, newest first; and how many of these
    spans of time are over and not written yet."""
    kinds = list(DigestKind) if kind is None else [kind]
    today = await parts.store.digests.today(parts.clock)
    due = [
        each.period
        for each in await parts.store.digests.due(today)
        if each.period.kind in kinds and each.period.first <= last and each.period.last >= first
    ]
    found = await parts.store.digests.find(kinds, first, last, limit)
    return {
        "digests": [_shape(digest) for digest in found],
        "unwritten": len(due),
        "today": today.isoformat(),
    }


@router.post("/api/digests/redraw", status_code=202)
async def redraw(parts: TheParts) -> dict[str, Any]:
    """Have the model that answers now write every digest that it has not written, in the
    background; the old ones stay until then. 409 where it is not able to."""
    profile = await parts.models.profile()
    if not profile.is_able:
        raise NoAbleModel(
            f"{profile.name} is too small to write digests; choose a better model first "
            "(`vega model list`)."
        )
    count = await parts.store.digests.redo(profile.name)
    parts.nights.hurry()
    return {"pending": count}


def _shape(digest: Digest) -> dict[str, Any]:
    return {
        "kind": digest.kind,
        "from": digest.first_day.isoformat(),
        "to": digest.last_day.isoformat(),
        "text": digest.text,
        "turns": digest.turns,
        "first_turn_id": digest.first_turn_id,
        "last_turn_id": digest.last_turn_id,
        "model": digest.model,
        "written_at": digest.written_at.isoformat(),
    }
