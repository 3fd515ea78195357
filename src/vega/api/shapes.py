"""The shapes that requests and answers have in JSON."""

from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from vega.core.conversation import EventKind, Turn, TurnEvent
from vega.core.life.import_store import Report
from vega.core.memory import TimeWindow
from vega.core.recollection import Found, Recollection

#: Of a text whose tokens nobody has counted.
CHARS_PER_TOKEN = 4


@cache
def _zones() -> set[str]:
    return available_timezones()


def _known_zone(name: str | None) -> str | None:
    if name is not None and name not in _zones():
        raise ValueError("not an IANA time zone, such as Europe/Vienna or UTC")
    return name


def _sayable(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; say something")
    if "\x00" in text:
        raise ValueError("holds a NUL character, which no text has; remove it")
    try:
        text.encode()
    except UnicodeEncodeError as exc:
        raise ValueError(
            f"holds half a character (a lone surrogate) at position {exc.start}"
        ) from exc
    return text


class ChatRequest(BaseModel):
    """One prompt of the owner."""

    model_config = ConfigDict(extra="forbid", strict=True)

    prompt: Annotated[str, AfterValidator(_sayable)]
    #: Server-sent events in place of one JSON answer.
    stream: bool = False
    #: Best left out; if it is sent it must be the permanent session's.
    session_id: str | None = None
    timezone: Annotated[str | None, AfterValidator(_known_zone)] = Field(
        default=None, description="The owner's IANA zone now; Vega's setting where it is left out."
    )
    origin: Literal["api", "page", "terminal", "home", "title", "tool"] = Field(
        default="api",
        description="The channel; commands of a home, titles and tags that other pages ask for, "
        "and chatter of tools drown nothing in what Vega remembers.",
    )
    device: Annotated[str, Field(max_length=100), AfterValidator(_sayable)] | None = None


def _showable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be printable text")
    return text


def _no_number(text: str) -> str:
    # By a number alone another one is meant.
    if text.strip().isdecimal():
        raise ValueError("must not be a number alone")
    return text


class PairRequest(BaseModel):
    """A browser with its one-time code."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Annotated[str, Field(max_length=100)]
    #: Shown in lists, also in a terminal: nothing that moves its cursor.
    name: Annotated[str, Field(max_length=100), AfterValidator(_showable)]


class NameRequest(BaseModel):
    """What a key or a browser is called."""

    model_config = ConfigDict(extra="forbid", strict=True)

    #: As a browser's: it is shown in lists.
    name: Annotated[
        str, Field(max_length=100), AfterValidator(_showable), AfterValidator(_no_number)
    ]


class ModelRequest(BaseModel):
    """Which model is meant."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[str, Field(max_length=1000)]


def turn_shape(turn: Turn) -> dict[str, Any]:
    """A turn as `GET /api/turns/{id}` and `/history` show it."""
    answer = turn.answer
    return {
        "id": turn.id,
        "prompt": turn.prompt,
        "response": turn.response,
        "status": turn.status,
        "tier": turn.tier,
        "created_at": turn.at.isoformat(),
        "ended_at": answer.ended_at.isoformat() if answer and answer.ended_at else None,
        "timezone": turn.zone,
        "origin": turn.origin,
        "device": turn.device,
        "error": _error(turn),
        "note": _note(turn),
        "model": answer.model if answer else None,
        "sent_to": answer.place if answer else None,
        "prompt_tokens": answer.prompt_tokens if answer else None,
        "completion_tokens": answer.completion_tokens if answer else None,
        "sources": _sources(turn),
        "forgotten_at": turn.forgotten_at.isoformat() if turn.forgotten_at else None,
    }


def chat_shape(turn: Turn, session_id: str) -> dict[str, Any]:
    """An ended turn as the answer to `POST /chat`."""
    return {
        "response": turn.response,
        "session_id": session_id,
        "turn_id": turn.id,
        "status": turn.status,
        "note": _note(turn),
        "sources": _sources(turn),
    }


def report_shape(report: Report) -> dict[str, Any]:
    """What became of an import."""
    return {
        "imported": report.imported,
        "skipped": report.skipped,
        "failed": [{"line": each.line, "error": each.error} for each in report.failed],
    }


def found_shape(message: Found) -> dict[str, Any]:
    """A message that was looked for."""
    return {
        "turn_id": message.turn_id,
        "external_id": message.external_id,
        "role": message.role,
        "name": message.name,
        "at": message.at.isoformat(),
        "timezone": message.zone,
        "text": message.text,
        "tokens": -(-len(message.text) // CHARS_PER_TOKEN),
        "score": message.score,
        "tier": message.tier,
    }


def recollection_shape(found: Recollection, zone: str) -> dict[str, Any]:
    """What was recalled: of each message what is shown, and what it takes of the budget; and the
    zone in which it was asked."""
    return {
        "window": _window(found.window),
        "timezone": zone,
        "complete": found.is_complete,
        "tokens": found.tokens,
        "items": [
            {**found_shape(item.found), "text": item.text, "tokens": item.tokens}
            for item in found.items
        ],
    }


def _window(window: TimeWindow | None) -> dict[str, str] | None:
    if window is None:
        return None
    return {"from": window.start.isoformat(), "to": window.end.isoformat()}


def event_shape(event: TurnEvent, session_id: str) -> dict[str, Any]:
    """The data of a server-sent event."""
    match event.kind:
        case EventKind.ACCEPTED:
            turn = _of(event)
            return {
                "turn_id": turn.id,
                "session_id": session_id,
                "prompt": turn.prompt,
                "created_at": turn.at.isoformat(),
                "origin": turn.origin,
                "device": turn.device,
            }
        case EventKind.DELTA | EventKind.RESTARTED:
            return {"turn_id": event.turn_id, "text": event.text}
        case EventKind.WAITING:
            return {"turn_id": event.turn_id, "reason": event.text}
        case EventKind.COMPLETED:
            return chat_shape(_of(event), session_id)
        case EventKind.FORGOTTEN:
            return {"turn_id": event.turn_id}
        case EventKind.FAILED:
            turn = _of(event)
            return {**chat_shape(turn, session_id), "error": _error(turn)}


def _of(event: TurnEvent) -> Turn:
    if event.turn is None:
        raise ValueError(f"{event.kind} without its turn")
    return event.turn


def _error(turn: Turn) -> str | None:
    """Why the answer failed."""
    return turn.answer.reason if turn.answer and turn.answer.is_failed else None


def _note(turn: Turn) -> str | None:
    """That another model than the usual one answered, and why."""
    return turn.answer.reason if turn.answer and not turn.answer.is_failed else None


def _sources(turn: Turn) -> list[dict[str, Any]]:
    sources = turn.answer.sources if turn.answer else ()
    return [
        {"turn_id": source.turn_id, "at": source.at.isoformat(), "timezone": turn.zone}
        for source in sources
    ]
