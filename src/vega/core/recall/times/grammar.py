"""Whole expressions of time: with their prepositions, before and after, beside another."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from vega.core.recall.times.anchors import read_anchor, read_first_talk
from vega.core.recall.times.calendar import (
    DAY,
    WEEKENDS,
    midnight,
    pick,
    weekday,
)
from vega.core.recall.times.clocks import part_span, read_clock
from vega.core.recall.times.compounds import Compound, combine, read_compound
from vega.core.recall.times.pieces import Clock, PartOfDay, Said
from vega.core.recall.times.ranges import (
    RANGE_JOINTS,
    read_clocks,
    read_days_of_month,
    read_range,
)
from vega.core.recall.times.values import (
    EARLIEST,
    LATEST,
    Choice,
    ElapsedSpan,
    LocalSpan,
    Meaning,
)
from vega.core.recall.times.words import (
    CONVERSATIONS,
    EACH,
    MONTHS,
    PARTS,
    SEASONS,
    THINGS,
    WEEKDAYS,
    of,
)

_PREPOSITIONS = of(
    """
    in on at during over around about throughout of from for by within through roughly
    """
)
_OPEN = ("before", "after", "since", "until", "till", "by")
_LENGTHS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "year": 365}
#: The last word of a time that may be the first of a name: "Friday night lights".
_NAMING = {*MONTHS, *SEASONS, *WEEKDAYS, "christmas", "easter", "halloween", "night", "morning"}


@dataclass(frozen=True, slots=True)
class Expression:
    """What is meant, and from which token to which it was said."""

    meaning: Meaning
    start: int
    end: int


def read_expressions(said: Said) -> list[Expression]:
    """All times that are spoken of, in their order."""
    found = list[Expression]()
    at = 0
    while at < len(said.tokens):
        expression = _read(said, at)
        if expression:
            found.append(expression)
        at = expression.end if expression else at + 1
    return found


def _read(said: Said, at: int) -> Expression | None:
    token = said.token(at)
    if token is None or token.kind == "mark":
        return None
    try:
        found = _read_meaning(said, at)
    except (OverflowError, ValueError):
        # Beyond the calendar: "9999 years ago".
        return None
    if found is None:
        return None
    meaning, end = found
    if not _is_sound(meaning) or _is_part_of_a_name(said, at, end):
        return None
    owned = _possessive_end(said, end)
    return Expression(meaning, at, owned) if owned else None


def _read_meaning(said: Said, at: int) -> tuple[Meaning, int] | None:
    if first := read_first_talk(said, at):
        return first
    word = said.word(at)
    if word in RANGE_JOINTS and (found := read_clocks(said, at) or read_range(said, at)):
        return found
    if adjacent := _adjacent(said, at):
        return adjacent
    if word in _OPEN:
        return _open(said, at) or read_anchor(said, at)
    if word in _PREPOSITIONS or word == "between":
        # "Of the first" names no day, "the evening of the first" does.
        compound = read_compound(said, at + 1, word if word != "of" else "", said.choice)
        if compound is None:
            return read_anchor(said, at)
        if word == "for" and said.prefers == "past" and not compound.is_rolling:
            # "The plan for Monday" was not made on it.
            return None
        if bounded := _bounded(said, compound):
            return bounded
        span = compound.span
        if word == "around" and isinstance(span, LocalSpan) and not compound.has_clock:
            span = _widened(span)
        return span, compound.end
    if word in ("when", "while"):
        return read_anchor(said, at)
    if said.word(at - 1) == "for" and said.prefers == "past":
        return None
    alone = read_compound(said, at, "", said.choice)
    return (_bounded(said, alone) or (alone.span, alone.end)) if alone else None


def _bounded(said: Said, day: Compound) -> tuple[LocalSpan, int] | None:
    """As "yesterday before noon", "on Monday after 5"; or days of a month that is said."""
    if found_days := read_days_of_month(said, day):
        return found_days
    relation, span = said.word(day.end), day.span
    if relation not in ("before", "after") or not isinstance(span, LocalSpan) or not span.is_day:
        return None
    found = read_clock(said, day.end + 1, relation)
    if found is None or not isinstance(found.piece, Clock) or not said.may_end(found.end):
        return None
    around_it = combine(said, [span, found.piece], said.choice)
    if not isinstance(around_it, LocalSpan):
        return None
    return _beside_clock(around_it, relation, said.now), found.end


def _widened(span: LocalSpan) -> LocalSpan:
    """As "Around Christmas": some days more, before a long time and behind it ten."""
    length = span.until - span.first
    if length < DAY:
        return LocalSpan(span.first - length / 2, span.until + length / 2)
    more = (3 if length <= 7 * DAY else 10) * DAY
    return LocalSpan(span.first - more, span.until + more)


def _open(said: Said, at: int) -> tuple[LocalSpan, int] | None:
    """Before, after, since or until a time."""
    relation = said.word(at)
    found = read_compound(said, at + 1, relation, said.choice)
    if relation == "after" and said.prefers == "past" and _is_not_over(said, found):
        found = read_compound(said, at + 1, relation, Choice.OVER) or found
    if found is None or found.is_rolling or not isinstance(found.span, LocalSpan):
        return None
    now = said.now
    if found.has_clock:
        return _beside_clock(found.span, relation, now), found.end
    first, until = found.span.first, found.span.until
    begin = now if said.prefers == "future" and first > now else EARLIEST
    match relation:
        case "before":
            span = LocalSpan(begin, first)
        case "after":
            span = LocalSpan(until, now if until < now else LATEST)
        case "since":
            span = LocalSpan(first, now)
        case _:
            span = LocalSpan(begin, until)
    return span, found.end


def _is_not_over(said: Said, found: Compound | None) -> bool:
    """Whether nothing can have been said after it yet, so that an earlier one is meant."""
    return (
        found is not None
        and isinstance(found.span, LocalSpan)
        and not found.has_clock
        and found.span.until > said.now
    )


def _beside_clock(span: LocalSpan, relation: str, now: datetime) -> LocalSpan:
    """Within the day of that time; since it, up to now."""
    moment = span.first + (span.until - span.first) / 2
    day = midnight(moment.date())
    if relation == "since":
        return LocalSpan(moment, now)
    if relation == "after":
        return LocalSpan(moment, now if moment < now < day + DAY else day + DAY)
    return LocalSpan(day, moment)


def _adjacent(said: Said, at: int) -> tuple[Meaning, int] | None:
    """As "The week before Christmas", "two days after my birthday"."""
    behind = said.skip(at, "in", "on")
    if named := _day_beside(said, behind):
        return named
    if part := _part_beside(said, behind):
        return part
    is_one = said.word(behind) == "the"
    amount = None if is_one else said.amount(behind)
    unit_at = behind + 1 if is_one else amount.end if amount else -1
    unit, relation = said.unit(unit_at), said.word(unit_at + 1)
    if unit not in _LENGTHS or relation not in ("before", "after"):
        return None
    if said.word(unit_at + 2) in ("last", "next", "yesterday", "tomorrow") and is_one:
        return None
    count = int(amount.high) if amount else 1
    length = _LENGTHS[unit] * count * DAY
    found = read_compound(said, unit_at + 2, relation, said.choice)
    if found is None or not isinstance(found.span, LocalSpan):
        if is_one and unit == "day":
            return read_anchor(said, unit_at + 1, day=-1 if relation == "before" else 1)
        within = length if is_one else length + timedelta(days=1)
        return read_anchor(said, unit_at + 1, within)
    sign = -1 if relation == "before" else 1
    first, until = found.span.first, found.span.until
    if is_one:
        span = LocalSpan(first - length, first) if sign < 0 else LocalSpan(until, until + length)
        return span, found.end
    day = first + sign * length if sign < 0 else until - DAY + length
    half = _LENGTHS[unit] // 2 * DAY
    return LocalSpan(day - half, day + DAY + half), found.end


def _part_beside(said: Said, at: int) -> tuple[Meaning, int] | None:
    """As "the morning after the party", "the evening before Christmas"."""
    name, relation = said.word(at + 1), said.word(at + 2)
    if said.word(at) != "the" or name not in PARTS or relation not in ("before", "after"):
        return None
    if said.word(at + 3) in ("last", "next", "yesterday", "tomorrow"):
        return None
    # The evening after something is that of the same day.
    day = -1 if relation == "before" else int(name in ("morning", "afternoon"))
    found = read_compound(said, at + 3, relation, said.choice)
    if found is None or not isinstance(found.span, LocalSpan):
        return read_anchor(said, at + 2, day=day, part=name)
    first, last = found.span.first.date(), (found.span.until - timedelta(microseconds=1)).date()
    return part_span(PartOfDay(name), (first if day < 0 else last) + day * DAY), found.end


def _day_beside(said: Said, at: int) -> tuple[Meaning, int] | None:
    """As "the Monday after Easter", "the weekend before Christmas"."""
    name, relation = said.word(at + 1), said.word(at + 2)
    is_named = name == "weekend" or name in WEEKDAYS
    if said.word(at) != "the" or not is_named or relation not in ("before", "after"):
        return None
    found = read_compound(said, at + 3, relation, said.choice)
    if found is None or not isinstance(found.span, LocalSpan):
        return read_anchor(said, at + 2, day=0, part=name)
    recurring = WEEKENDS if name == "weekend" else weekday(WEEKDAYS[name])
    is_before = relation == "before"
    moment = found.span.first if is_before else found.span.until
    span = pick(recurring, moment, Choice.OVER if is_before else Choice.COMING)
    return (span, found.end) if span else None


def _is_sound(meaning: Meaning) -> bool:
    match meaning:
        case LocalSpan(first, until):
            return EARLIEST <= first < until <= LATEST
        case ElapsedSpan(start, end):
            return start < end
    return True


def _is_part_of_a_name(said: Said, start: int, end: int) -> bool:
    """As "Every Monday", "post-Christmas", "Friday night lights"."""
    if said.word(start - 1) in EACH or _touches_hyphen(said, start) or _touches_hyphen(said, end):
        return True
    last = said.token(end - 1)
    return said.word(end) in THINGS and last is not None and last.text in _NAMING


def _touches_hyphen(said: Said, at: int) -> bool:
    before, token, behind = said.token(at - 2), said.token(at - 1), said.token(at)
    for left, mark, right in ((before, token, behind), (token, behind, said.token(at + 1))):
        if left and mark and right and mark.text == "-" and left.end == mark.start:
            return mark.end == right.start
    return False


def _possessive_end(said: Said, end: int) -> int | None:
    """Where it ends with its 's; None where it owns something that is no conversation."""
    if not (said.is_mark(end, "'s") or said.is_mark(end, "'") or said.is_mark(end, "’")):
        return end
    token, before = said.token(end), said.token(end - 1)
    if token is None or before is None or token.start > before.end or not said.word(end + 1):
        return end
    is_talk = said.word(end + 1) in CONVERSATIONS
    return end + 1 if is_talk or said.prefers == "future" else None
