"""Messages from elsewhere, as lines of JSON: a body cut into lines, a line read as a message.

A line is judged alone, so that one bad line keeps no other away. Knows no database; what becomes
of a message is for `vega.core.life.import_store` to say.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from vega.errors import ImportTooLong, InvalidInput

#: Of one request. Blank ones do not count.
MAX_LINES = 1000
#: A text of the most bytes, each of them written as an escape sequence, and what stands around it.
MAX_LINE_BYTES = 8 * 1024 * 1024
MAX_TEXT_BYTES = 1024 * 1024
#: Of an id, of a name.
MAX_LABEL_CHARS = 200
#: Clocks differ, and so do zones.
FUTURE = timedelta(days=1)
#: Calendars are not asked about what lies before.
EARLIEST = datetime(1000, 1, 1, tzinfo=UTC)
FIELDS = ("external_id", "role", "name", "text", "at")
#: Of offsets that are no whole hours: the zones that have, or at times had, them.
_ZONES_OF_ODD_MINUTES = {
    -570: ("Pacific/Marquesas",),
    -210: ("America/St_Johns",),
    -150: ("America/St_Johns",),
    210: ("Asia/Tehran",),
    270: ("Asia/Kabul", "Asia/Tehran"),
    330: ("Asia/Kolkata",),
    345: ("Asia/Kathmandu",),
    390: ("Asia/Yangon",),
    525: ("Australia/Eucla",),
    570: ("Australia/Darwin",),
    630: ("Australia/Adelaide", "Australia/Lord_Howe"),
    765: ("Pacific/Chatham",),
    825: ("Pacific/Chatham",),
}
#: Of what was sent, in a message about it.
_SHOWN_CHARS = 80


class Role(StrEnum):
    """Who said it."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One message from elsewhere, fit to be stored."""

    #: Of the request, from 1.
    line: int
    external_id: str
    role: Role
    #: The speaker's, as it came.
    name: str | None
    text: str
    at: datetime
    #: The owner's then: where the time says how far from UTC, one that is so far from it.
    zone: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line was not taken, in a sentence."""

    line: int
    error: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body that is not blank."""

    number: int
    #: None where it is longer than any line may be.
    content: bytes | None


class Lines:
    """The lines of a body that comes in pieces; holds no more of it than may be taken."""

    def __init__(self) -> None:
        self._found: list[Line] = []
        self._number = 1
        self._rest = bytearray()
        self._is_too_long = False
        self._is_over = False

    def add(self, piece: bytes) -> None:
        """The next piece, which may end anywhere."""
        # A line ends with this character alone: others may stand in a text.
        first, *others = piece.split(b"\n")
        self._go_on(first)
        for other in others:
            self._end_line()
            self._go_on(other)

    def end(self) -> list[Line]:
        """All of them, once the body has ended. Raises ImportTooLong."""
        self._end_line()
        if self._is_over:
            raise ImportTooLong
        return self._found

    def _go_on(self, piece: bytes) -> None:
        if len(self._rest) + len(piece) > MAX_LINE_BYTES:
            self._is_too_long = True
            self._rest.clear()
        elif not self._is_too_long:
            self._rest += piece

    def _end_line(self) -> None:
        content = None if self._is_too_long else bytes(self._rest)
        if content is None or content.strip():
            if len(self._found) < MAX_LINES:
                self._found.append(Line(self._number, content))
            else:
                # Nothing of it is taken, so nothing of it is kept while the rest comes.
                self._is_over = True
        self._number += 1
        self._rest.clear()
        self._is_too_long = False


def read_line(line: Line, now: datetime, zone: str) -> Message | Refusal:
    """The message in a line, or why there is none; a time without a zone is in that zone."""
    try:
        found = _fields(line.content)
        at = _moment(found["at"], now, zone)
        return Message(
            line=line.number,
            external_id=_label(found["external_id"], "external_id"),
            role=_role(found["role"]),
            name=None if found.get("name") is None else _label(found["name"], "name"),
            text=_text(found["text"]),
            at=at,
            zone=_zone_then(found["at"], at, zone),
        )
    except InvalidInput as exc:
        return Refusal(line.number, str(exc))


def read_moment(text: str, zone: str) -> datetime:
    """An ISO 8601 time, in UTC; one without a zone is in that zone. Raises InvalidInput."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(zone))
        # At the ends of the calendar it has no day there.
        return found.astimezone(ZoneInfo(zone)).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        raise InvalidInput(
            f"{_shown(text)} is no time; write it as 2026-11-23T08:30:00+01:00."
        ) from exc


def _zone_then(text: str, at: datetime, zone: str) -> str:
    """Where the owner was: in their zone, unless the time is written with another offset. UTC is
    none: what many programs write, wherever they are."""
    offset = datetime.fromisoformat(text).utcoffset()
    if not offset or offset == at.astimezone(ZoneInfo(zone)).utcoffset():
        return zone
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(minutes, 60)
    if not rest and -12 <= hours <= 14:
        # East of Greenwich has a minus in these names.
        return f"Etc/GMT{-hours:+d}"
    for name in _ZONES_OF_ODD_MINUTES.get(minutes, ()):
        if at.astimezone(ZoneInfo(name)).utcoffset() == offset:
            return name
    return zone


def _fields(content: bytes | None) -> dict[str, Any]:
    if content is None:
        raise InvalidInput(f"The line is longer than {MAX_LINE_BYTES:,} bytes.")
    try:
        # An editor may have put a mark of its encoding before the first line.
        found = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise InvalidInput(f"The line is not UTF-8 (byte {exc.start}).") from exc
    except (ValueError, RecursionError) as exc:
        raise InvalidInput(f"The line is not JSON ({exc}).") from exc
    if not isinstance(found, dict):
        raise InvalidInput("The line is not a JSON object.")
    if unknown := [name for name in found if name not in FIELDS]:
        raise InvalidInput(f"{_shown(unknown[0])} is no field; the fields are {', '.join(FIELDS)}.")
    if missing := [name for name in FIELDS if name not in found and name != "name"]:
        raise InvalidInput(f"{', '.join(missing)}: missing.")
    return found


def _label(value: object, field: str) -> str:
    label = _string(value, field)
    if not 0 < len(label) <= MAX_LABEL_CHARS:
        raise InvalidInput(f"{field}: must have 1 to {MAX_LABEL_CHARS} characters.")
    return label


def _role(value: object) -> Role:
    role = _string(value, "role")
    if role not in tuple(Role):
        raise InvalidInput(f"role: {_shown(role)} is neither user nor assistant.")
    return Role(role)


def _text(value: object) -> str:
    text = _string(value, "text")
    if not text.strip():
        raise InvalidInput("text: is empty.")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise InvalidInput(f"text: is longer than {MAX_TEXT_BYTES:,} bytes of UTF-8.")
    return text


def _moment(value: object, now: datetime, zone: str) -> datetime:
    at = read_moment(_string(value, "at"), zone)
    if at > now + FUTURE:
        raise InvalidInput(f"at: {at.isoformat()} is still to come.")
    if at < EARLIEST:
        raise InvalidInput(f"at: {at.isoformat()} is before the year {EARLIEST.year}.")
    return at


def _string(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{field}: must be a string.")
    if "\x00" in value:
        raise InvalidInput(f"{field}: holds a NUL character, which no text has.")
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise InvalidInput(
            f"{field}: holds half a character (a lone surrogate) at position {exc.start}."
        ) from exc
    return value


def _shown(text: str) -> str:
    """What was sent, fit to stand in a message: half a character would keep it from being sent."""
    return repr(text[:_SHOWN_CHARS].encode(errors="replace").decode())
