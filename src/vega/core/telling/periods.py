"""Spans of the owner's calendar: days, weeks from Monday to Sunday, months, years.

Pure: which zone a turn's day is of, and what was said on it, the store knows.
"""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from vega.core.memory import DigestKind
from vega.errors import InvalidInput

_DATE = re.compile(r"(\d{4})(?:-(?:(\d\d)(?:-(\d\d))?|w(\d\d)))?", re.ASCII)
_DAY = timedelta(days=1)
#: What a longer span is made from.
_PART_KINDS = {
    DigestKind.WEEK: DigestKind.DAY,
    DigestKind.MONTH: DigestKind.DAY,
    DigestKind.YEAR: DigestKind.MONTH,
}


@dataclass(frozen=True, slots=True)
class Period:
    """One span of the owner's calendar, both of its ends included."""

    kind: DigestKind
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Due:
    """A period that is over, and whose digest is missing or tells of fewer or more turns."""

    period: Period
    turns: int


def first_day(kind: DigestKind, day: date) -> date:
    """Of the period of that kind which holds that day."""
    if kind is DigestKind.DAY:
        return day
    if kind is DigestKind.WEEK:
        return day - day.weekday() * _DAY
    return day.replace(day=1) if kind is DigestKind.MONTH else day.replace(month=1, day=1)


def period_of(kind: DigestKind, day: date) -> Period:
    """The period of that kind which holds that day."""
    first = first_day(kind, day)
    match kind:
        case DigestKind.DAY:
            last = day
        case DigestKind.WEEK:
            # The calendar ends in the middle of a week.
            last = min(first, date.max - 6 * _DAY) + 6 * _DAY
        case DigestKind.MONTH:
            last = day.replace(day=monthrange(day.year, day.month)[1])
        case _:
            last = day.replace(month=12, day=31)
    return Period(kind, first, last)


def read_period(text: str, today: date) -> Period:
    """What a person means by "yesterday", "today", "2026-03-05", "2026-W12", "2026-03", "2026".

    Raises InvalidInput.
    """
    said = text.strip().lower()
    if said in ("today", "yesterday"):
        return period_of(DigestKind.DAY, today if said == "today" else today - _DAY)
    match = _DATE.fullmatch(said)
    if match is None:
        raise InvalidInput(
            f"{text!r} is no span of time; say yesterday, 2026-03-05, 2026-W12, 2026-03 or 2026."
        )
    year, month, day, week = match.groups()
    try:
        if week:
            return period_of(DigestKind.WEEK, date.fromisocalendar(int(year), int(week), 1))
        kind = DigestKind.DAY if day else DigestKind.MONTH if month else DigestKind.YEAR
        return period_of(kind, date(int(year), int(month or 1), int(day or 1)))
    except ValueError as exc:
        raise InvalidInput(f"There is no {text} on the calendar.") from exc


def name_of(period: Period) -> str:
    """As a person would say it."""
    first, last = period.first, period.last
    match period.kind:
        case DigestKind.DAY:
            return f"{first:%A}, {first.day} {first:%B} {first.year}"
        case DigestKind.WEEK:
            begin = str(first.day)
            if first.month != last.month:
                begin += f" {first:%B}"
            if first.year != last.year:
                begin += f" {first.year}"
            return f"{begin} to {last.day} {last:%B} {last.year}"
        case DigestKind.MONTH:
            return f"{first:%B} {first.year}"
        case _:
            return str(first.year)


def parts_of(period: Period) -> tuple[DigestKind, date, date] | None:
    """Which digests it is made from: their kind, and the first and the last of their first days.
    None where it is made from turns."""
    kind = _PART_KINDS.get(period.kind)
    return (kind, period.first, period.last) if kind else None


def find_due(
    said: Mapping[date, int], written: Mapping[tuple[DigestKind, date], int], today: date
) -> list[Due]:
    """What is over, and not written as it now is, newest first: `said` are the turns of each day,
    `written` those that each digest tells of, by its kind and first day."""
    found = list[Due]()
    for kind in DigestKind:
        totals = Counter[date]()
        for day, turns in said.items():
            totals[first_day(kind, day)] += turns
        changed = {
            period_of(kind, first): turns
            for first, turns in totals.items()
            if turns and written.get((kind, first)) != turns
        }
        found += (Due(each, turns) for each, turns in changed.items() if each.last < today)
    # Of those that end on the same day the shorter ones come first; sorting keeps their order.
    return sorted(found, key=lambda due: due.period.last, reverse=True)


def find_ready(due: Iterable[Due]) -> list[Due]:
    """Those of them that can be written now: longer ones only after all that they are made from."""
    due = list(due)
    waiting = {
        (kind, first_day(kind, each.period.first))
        for each in due
        for kind, part_kind in _PART_KINDS.items()
        if each.period.kind is part_kind
    }
    return [each for each in due if (each.period.kind, each.period.first) not in waiting]
