"""From one time to another: "between Monday and Wednesday", "from 3 to 7 March"."""

from dataclasses import replace
from datetime import timedelta

from vega.core.recall.times.calendar import DAY, date_or_none, days, midnight
from vega.core.recall.times.clocks import read_clock
from vega.core.recall.times.compounds import Compound, read_compound
from vega.core.recall.times.pieces import Said
from vega.core.recall.times.values import Choice, LocalSpan, Meaning

RANGE_JOINTS = {"between": ("and",), "from": ("to", "till", "until", "through")}


def read_clocks(said: Said, at: int) -> tuple[Meaning, int] | None:
    """As "between 2 and 4 yesterday"."""
    if read_clock(said, at + 1, said.word(at)) is None:
        return None
    found = read_compound(said, at + 1, said.word(at), said.choice)
    return (found.span, found.end) if found else None


def read_range(said: Said, at: int) -> tuple[LocalSpan, int] | None:
    """As "Between Monday and Wednesday", "from 3 to 7 March", "from June till August 2023"."""
    preposition = said.word(at)
    first = _range_end(said, at + 1, preposition)
    if first is None or said.word(first[1]) not in RANGE_JOINTS[preposition]:
        return None
    second = _range_end(said, first[1] + 1, "and" if preposition == "between" else "to")
    if second is None:
        return None
    span = _between(said, (at + 1, first), (first[1] + 1, second), preposition)
    return (span, second[1]) if span else None


def _range_end(said: Said, at: int, preposition: str) -> tuple[int | None, int] | None:
    """A bare number of a day, or None for a time that is read again; and what is behind it."""
    found = _read_end(said, at, preposition, said.choice)
    if found:
        return None, found.end
    number = said.ordinal(said.skip(at, "the")) or said.cardinal(at)
    return number if number and 1 <= number[0] <= 31 else None


def _read_end(said: Said, at: int, preposition: str, choice: Choice) -> Compound | None:
    is_range = preposition in ("between", "from")
    plain = "on" if is_range else preposition
    for each in (plain, "in", "at"):
        if each == "at" and said.cardinal(at):
            continue
        found = read_compound(said, at, each, choice)
        if found and isinstance(found.span, LocalSpan):
            span = found.span
            if found.has_clock:
                moment = span.first + (span.until - span.first) / 2
                span = LocalSpan(moment, moment)
            return Compound(span, found.end)
    return None


def _between(
    said: Said,
    first: tuple[int, tuple[int | None, int]],
    second: tuple[int, tuple[int | None, int]],
    preposition: str,
) -> LocalSpan | None:
    (first_at, (first_day, _)), (second_at, (second_day, _)) = first, second
    if first_day is not None and second_day is not None:
        return None
    if first_day is not None:
        last = _read_end(said, second_at, "on", said.choice)
        return _day_to(first_day, last.span) if last and isinstance(last.span, LocalSpan) else None
    is_past = said.prefers == "past"
    if second_day is not None:
        begin = _read_end(said, first_at, "on", said.choice)
        if begin is None or not isinstance(begin.span, LocalSpan) or not begin.span.is_day:
            return None
        day = begin.span.first.date()
        last_day = date_or_none(day.year, day.month, second_day)
        return days(day, last_day) if last_day and last_day > day else None
    if not is_past:
        begin = _read_end(said, first_at, "on", said.choice)
        if begin is None or not isinstance(begin.span, LocalSpan):
            return None
        later = replace(said, now=begin.span.until)
        last = _read_end(later, second_at, "on", said.choice)
        return _joined(begin, last)
    last = _read_end(said, second_at, "on", said.choice)
    if last is None or not isinstance(last.span, LocalSpan):
        return None
    begin = _read_end(said, first_at, "on", said.choice)
    if begin and isinstance(begin.span, LocalSpan) and begin.span.first >= last.span.first:
        earlier = replace(said, now=last.span.first - timedelta(microseconds=1))
        begin = _read_end(earlier, first_at, "on", said.choice)
    return _joined(begin, last)


def _joined(begin: Compound | None, last: Compound | None) -> LocalSpan | None:
    if begin is None or last is None:
        return None
    if not isinstance(begin.span, LocalSpan) or not isinstance(last.span, LocalSpan):
        return None
    first, until = begin.span.first, last.span.until
    return LocalSpan(first, until) if first < until else None


def _day_to(day: int, last: LocalSpan) -> LocalSpan | None:
    """As "3 to 7 March": from a day of the month in which the other ends."""
    found = date_or_none(last.first.year, last.first.month, day)
    if not last.is_day or found is None or midnight(found) >= last.first:
        return None
    return LocalSpan(midnight(found), last.until)


def read_days_of_month(said: Said, month: Compound) -> tuple[LocalSpan, int] | None:
    """As "July 2025 between the 10th and the 20th"."""
    at = month.end + said.is_mark(month.end, ",")
    joints, span = RANGE_JOINTS.get(said.word(at)), month.span
    if joints is None or not isinstance(span, LocalSpan) or not _is_month(span):
        return None
    first = _day_number(said, at + 1)
    second = _day_number(said, first[1] + 1) if first and said.word(first[1]) in joints else None
    if first is None or second is None or not said.may_end(second[1]):
        return None
    year, number = span.first.year, span.first.month
    begin, last = (date_or_none(year, number, day) for day in (first[0], second[0]))
    return (days(begin, last), second[1]) if begin and last and begin < last else None


def _is_month(span: LocalSpan) -> bool:
    return span.first.day == span.until.day == 1 and span.until - span.first <= 31 * DAY


def _day_number(said: Said, at: int) -> tuple[int, int] | None:
    return said.ordinal(said.skip(at, "the")) or said.cardinal(at)
