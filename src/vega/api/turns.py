"""Turns after they were accepted: shown, followed, stopped, asked again; the history."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Response

from vega.api.events import event_response
from vega.api.parts import TheParts
from vega.api.shapes import turn_shape
from vega.core.conversation import Turn
from vega.errors import InvalidInput, TurnForgotten

router = APIRouter(tags=["conversation"])

#: Beyond it lies no row id of SQLite.
TurnId = Annotated[int, Path(ge=1, le=2**63 - 1)]
LastEventId = Annotated[str | None, Header()]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLACE = re.compile(r"(-?\d{1,17})-(\d{1,18})")


@router.get("/api/turns/{turn_id}")
async def show_turn(turn_id: TurnId, parts: TheParts) -> dict[str, Any]:
    """One turn, whole, whatever its tier; 410 where it was forgotten."""
    turn = await parts.store.turn(turn_id)
    if turn.forgotten_at is not None:
        raise TurnForgotten(turn_id)
    return turn_shape(turn)


@router.get("/api/turns/{turn_id}/events")
async def follow_turn(
    turn_id: TurnId, parts: TheParts, last_event_id: LastEventId = None
) -> Response:
    """The turn's events, from its beginning or after Last-Event-ID; 204 after its end."""
    events = await parts.live_turns.follow(turn_id, last_event_id)
    return event_response(events, parts.store.session_id) if events else Response(None, 204)


@router.delete("/api/turns/{turn_id}")
async def stop_turn(turn_id: TurnId, parts: TheParts) -> dict[str, Any]:
    """Stop this answer; what there is of it is kept."""
    return turn_shape(await parts.assistant.stop(turn_id))


@router.post("/api/turns/{turn_id}/again", status_code=202)
async def ask_again(turn_id: TurnId, parts: TheParts) -> dict[str, Any]:
    """Answer this turn once more; the earlier answers stay."""
    return turn_shape(await parts.assistant.ask_again(turn_id))


@router.get("/api/events")
async def follow_life(parts: TheParts, last_event_id: LastEventId = None) -> Response:
    """The events of every turn, from now on or after Last-Event-ID."""
    events = parts.live_turns.follow_life(last_event_id)
    return event_response(events, parts.store.session_id)


@router.get("/history")
async def history(
    parts: TheParts,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: str | None = None,
) -> dict[str, Any]:
    """Turns by the time they were said, newest first; `next_before` leads to the older ones."""
    turns = await parts.store.history(limit + 1, _place(before) if before else None)
    shown = turns[:limit]
    return {
        "turns": [turn_shape(turn) for turn in shown],
        "next_before": _cursor(shown[-1]) if len(turns) > limit else None,
    }


def _cursor(turn: Turn) -> str:
    return f"{(turn.at - _EPOCH) // _MICROSECOND}-{turn.id}"


def _place(cursor: str) -> tuple[datetime, int]:
    match = _PLACE.fullmatch(cursor)
    if match is None:
        raise InvalidInput("before must be a next_before that /history gave.")
    try:
        return _EPOCH + int(match[1]) * _MICROSECOND, int(match[2])
    except OverflowError as exc:
        raise InvalidInput("before names a time that no calendar has.") from exc
