"""Pieces put together: "Monday morning", "on the 3rd of last month", "yesterday at 3"."""

from collections.abc import Iterator
from dataclasses import dataclass

from vega.core.recall.times.calendar import Recurring, Size, both, part_of, pick, within
from vega.core.recall.times.clocks import clock_span, find_part, part_span, read_clock, read_part
from vega.core.recall.times.dates import (
    read_decade,
    read_month,
    read_numeric_date,
    read_quarter,
    read_season,
    read_weekday,
    read_weekend,
    read_year,
)
from vega.core.recall.times.feasts import read_feast
from vega.core.recall.times.pieces import Clock, ClockRange, PartOfDay, Piece, Reading, Said, Slice
from vega.core.recall.times.relative import (
    nth_of,
    read_ago,
    read_day,
    read_modified,
    read_nth,
    read_rolling,
    read_slice,
    read_the_unit,
)
from vega.core.recall.times.values import Choice, ElapsedSpan, LocalSpan
from vega.core.recall.times.words import of

_ABOUT = ("about", "around")
_MOST_PIECES = 4
#: What may stand between two pieces.
_JOINTS = of("on in at of around about during between from the")


@dataclass(frozen=True, slots=True)
class Compound:
    """A range as it was said, and the token behind it."""

    span: LocalSpan | ElapsedSpan
    end: int
    #: Whether it is around one time of the clock.
    has_clock: bool = False
    #: Whether it is a stretch up to the present: "the last three days".
    is_rolling: bool = False


def read_compound(said: Said, at: int, preposition: str, choice: Choice) -> Compound | None:
    """The time that begins at a token, with as many pieces as make sense together."""
    return _nth(said, at, choice) or _compound(said, at, preposition, choice)


def _compound(said: Said, at: int, preposition: str, choice: Choice) -> Compound | None:
    if (rolling := read_rolling(said, at)) and isinstance(rolling.piece, LocalSpan | ElapsedSpan):
        return Compound(rolling.piece, rolling.end, is_rolling=True)
    readings = list(_pieces(said, at, preposition))
    for count in range(len(readings), 0, -1):
        pieces = [reading.piece for reading in readings[:count]]
        if span := combine(said, pieces, choice):
            has_clock = any(isinstance(piece, Clock) for piece in pieces)
            return Compound(span, readings[count - 1].end, has_clock)
    return None


def _nth(said: Said, at: int, choice: Choice) -> Compound | None:
    nth = read_nth(said, at)
    if nth is None:
        return None
    if unit := read_the_unit(said, nth.end):
        outer: Compound | None = None
        if isinstance(unit.piece, LocalSpan):
            outer = Compound(unit.piece, unit.end)
    else:
        outer = _compound(said, nth.end, "in", choice)
    if outer is None or not isinstance(outer.span, LocalSpan) or outer.has_clock:
        return None
    span = nth_of(outer.span, nth)
    return Compound(span, outer.end) if span else None


def _pieces(said: Said, at: int, preposition: str) -> Iterator[Reading]:
    is_sliced = False
    for index in range(_MOST_PIECES):
        reading = read_piece(said, at, preposition, is_first=index == 0, is_sliced=is_sliced)
        if reading is None:
            return
        if index and preposition in _ABOUT and not isinstance(reading.piece, Clock):
            # "On Monday about tomorrow": the one is when, the other what it was about.
            return
        yield reading
        at, preposition, is_sliced = reading.end, "", False
        is_weekday = isinstance(reading.piece, Recurring) and reading.piece.size is Size.WEEKDAY
        if isinstance(reading.piece, Slice):
            preposition, is_sliced = "in", True
            continue
        at += said.is_mark(at, ",")
        if said.word(at) in _JOINTS - {"the"}:
            preposition, at = said.word(at), at + 1
        elif is_weekday:
            # "Monday the 3rd".
            preposition = "on"


def read_piece(
    said: Said, at: int, preposition: str, *, is_first: bool, is_sliced: bool = False
) -> Reading | None:
    """One piece that begins at a token, if what it needs stands before it."""
    if preposition in ("between", "from"):
        found = read_clock(said, at, preposition)
        if found or not is_first or preposition == "between":
            return found
    if is_first and (slice_ := read_slice(said, at)):
        return slice_
    if is_sliced and (unit := read_the_unit(said, at) or read_decade(said, at)):
        return unit
    for found in _readings(said, at, preposition):
        if not found.needs or preposition in found.needs:
            is_bare_part = isinstance(found.piece, PartOfDay) and found.piece.needs_day
            if not (is_bare_part and is_first and said.word(found.end) not in ("of", "on")):
                return found
    return None


def _readings(said: Said, at: int, preposition: str) -> Iterator[Reading]:
    for read in (read_day, read_modified, read_ago, read_part):
        if found := read(said, at):
            yield found
    for read_said in (
        *(read_numeric_date, read_month, read_weekday, read_weekend, read_feast, read_season),
        *(read_quarter, read_year, read_clock),
    ):
        if found := read_said(said, at, preposition):
            yield found


def combine(said: Said, pieces: list[Piece], choice: Choice) -> LocalSpan | ElapsedSpan | None:
    """The one range that all of the pieces tell together; None where they do not fit."""
    if isinstance(pieces[0], ElapsedSpan):
        return pieces[0] if len(pieces) == 1 else None
    which = pieces[0].which if isinstance(pieces[0], Slice) else ""
    parts = [piece for piece in pieces if isinstance(piece, PartOfDay)]
    clocks = [piece for piece in pieces if isinstance(piece, Clock | ClockRange)]
    if len(parts) > 1 or len(clocks) > 1 or any(isinstance(p, ElapsedSpan) for p in pieces):
        return None
    recurring = [piece for piece in pieces if isinstance(piece, Recurring)]
    if which and len(recurring) == 1 and not parts and not clocks:
        recurring, which = [_sliced(recurring[0], which)], ""
    fixed = [piece for piece in pieces if isinstance(piece, LocalSpan)]
    found = _narrow(said, fixed, recurring, choice)
    if (fixed or recurring) and found is None:
        return None
    if parts or clocks:
        found = _in_day(said, found, parts, clocks, choice)
    if found is None:
        return None
    return part_of(found, which) if which else found


def _sliced(recurring: Recurring, which: str) -> Recurring:
    return Recurring(
        recurring.size, lambda year: [part_of(span, which) for span in recurring.in_year(year)]
    )


def _narrow(
    said: Said, fixed: list[LocalSpan], recurring: list[Recurring], choice: Choice
) -> LocalSpan | None:
    """From the longest to the shortest, each within the one before."""
    if len(fixed) > 1:
        return None
    found = fixed[0] if fixed else None
    sizes = [piece.size for piece in recurring]
    if not found and sorted(sizes) == [Size.WEEKDAY, Size.DAY]:
        found = pick(both(*recurring), said.now, choice)
        if found:
            return found
    for piece in sorted(recurring, key=lambda piece: piece.size, reverse=True):
        inner = within(piece, found) if found else pick(piece, said.now, choice)
        if inner is None and found and found.is_day and piece.size <= Size.DAY:
            # "Monday, 3 March": the date tells it alone, if it was no Monday.
            inner = found
        if inner is None or (inner == found and piece.size > Size.DAY):
            return None
        found = inner
    return found


def _in_day(
    said: Said,
    found: LocalSpan | None,
    parts: list[PartOfDay],
    clocks: list[Clock | ClockRange],
    choice: Choice,
) -> LocalSpan | None:
    """The part of the day, or the time by the clock, within the day that is said."""
    if found and (not found.is_day or (parts and parts[0].day)):
        return None
    day = found.first.date() if found else None
    part = parts[0] if parts else None
    if part is None and day is None and any(clock.needs_day for clock in clocks):
        return None
    if part:
        day = part.day or day
        if day is None:
            if not clocks and part.needs_day:
                return None
            span = find_part(part, said.now, choice)
        else:
            span = part_span(part, day)
        if not clocks:
            return span
        day = span.first.date()
    name = part.name if part else ""
    moment = clock_span(clocks[0], day, name, said.now, choice)
    if day is None or not found or name == "night":
        return moment
    # "Yesterday at 0:10" reaches into no other day; "yesterday at midnight" does.
    middle = moment.first + (moment.until - moment.first) / 2
    until = min(moment.until, found.until) if middle < found.until else moment.until
    return LocalSpan(max(moment.first, found.first), until)
