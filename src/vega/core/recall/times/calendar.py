"""What comes again and again on the calendar (Mondays, Marches, Christmas), and which is meant.

Seasons are those of the northern half of the earth, in whole months.
"""

from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import IntEnum

from vega.core.recall.times.values import EARLIEST, LATEST, Choice, LocalSpan
from vega.core.recall.times.words import SEASONS

DAY = timedelta(days=1)
#: 29 February comes again after so many years at the latest.
_YEARS = 9
_WINTER = 12


class Size(IntEnum):
    """How long it is, from short to long."""

    WEEKDAY = 0
    DAY = 1
    WEEKEND = 2
    FEAST = 3
    WEEK = 4
    MONTH = 5
    SEASON = 6
    YEAR = 7


@dataclass(frozen=True, slots=True)
class Recurring:
    """A time that comes again and again."""

    size: Size
    #: Those that begin in a year, in their order.
    in_year: Callable[[int], list[LocalSpan]]


def midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def days(first: date, last: date) -> LocalSpan:
    """From one day to another, both included."""
    return LocalSpan(midnight(first), midnight(last) + DAY)


def month(year: int, number: int) -> LocalSpan:
    return days(date(year, number, 1), date(year, number, monthrange(year, number)[1]))


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last of that month if it has none such."""
    year, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, index + 1, min(day.day, monthrange(year, index + 1)[1]))


def weekday(number: int) -> Recurring:
    """0 is Monday."""

    def in_year(year: int) -> list[LocalSpan]:
        first = date(year, 1, 1)
        day = first + (number - first.weekday()) % 7 * DAY
        count = ((date(year, 12, 31) - day).days // 7) + 1
        return [days(day + 7 * index * DAY, day + 7 * index * DAY) for index in range(count)]

    return Recurring(Size.WEEKDAY, in_year)


def _weekly(size: Size, from_weekday: int, length: int) -> Recurring:
    starts = weekday(from_weekday)

    def in_year(year: int) -> list[LocalSpan]:
        return [LocalSpan(s.first, s.first + length * DAY) for s in starts.in_year(year)]

    return Recurring(size, in_year)


WEEKS = _weekly(Size.WEEK, 0, 7)
#: Saturday and Sunday.
WEEKENDS = _weekly(Size.WEEKEND, 5, 2)
YEARS = Recurring(Size.YEAR, lambda year: [days(date(year, 1, 1), date(year, 12, 31))])
MONTHS = Recurring(Size.MONTH, lambda year: [month(year, number) for number in range(1, 13)])


def month_named(number: int) -> Recurring:
    return Recurring(Size.MONTH, lambda year: [month(year, number)])


def day_of_month(day: int) -> Recurring:
    """The 31st only of months that have one."""

    def in_year(year: int) -> list[LocalSpan]:
        found = (date_or_none(year, number, day) for number in range(1, 13))
        return [days(each, each) for each in found if each]

    return Recurring(Size.DAY, in_year)


def date_in_year(number: int, day: int) -> Recurring:
    """29 February only of leap years."""

    def in_year(year: int) -> list[LocalSpan]:
        found = date_or_none(year, number, day)
        return [days(found, found)] if found else []

    return Recurring(Size.DAY, in_year)


def date_or_none(year: int, number: int, day: int) -> date | None:
    try:
        return date(year, number, day)
    except ValueError:
        return None


def quarter(number: int) -> Recurring:
    """Of a year, from 1 on."""

    def in_year(year: int) -> list[LocalSpan]:
        first = date(year, 3 * number - 2, 1)
        return [LocalSpan(midnight(first), midnight(add_months(first, 3)))]

    return Recurring(Size.SEASON, in_year)


def season(name: str) -> Recurring:
    """A winter is of the year in which it begins."""
    number = SEASONS[name]

    def in_year(year: int) -> list[LocalSpan]:
        first = date(year, number, 1)
        return [LocalSpan(midnight(first), midnight(add_months(first, 3)))]

    return Recurring(Size.SEASON, in_year)


def feast(from_day: Callable[[int], date], length: int) -> Recurring:
    """A feast that begins on a day of each year and lasts so many days."""

    def in_year(year: int) -> list[LocalSpan]:
        first = from_day(year)
        return [days(first, first + (length - 1) * DAY)]

    return Recurring(Size.FEAST if length > 1 else Size.DAY, in_year)


def easter(year: int) -> date:
    """Easter Sunday of the western churches.

    The anonymous Gregorian algorithm (Meeus, Astronomical Algorithms, 1991, chapter 8).
    """
    a = year % 19
    b, c = divmod(year, 100)
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    number, day = divmod(h + n - 7 * m + 114, 31)
    return date(year, number, day + 1)


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November, as in the United States."""
    first = date(year, 11, 1)
    return first + ((3 - first.weekday()) % 7 + 21) * DAY


def pick(recurring: Recurring, now: datetime, choice: Choice) -> LocalSpan | None:
    """That one of them which is meant at this moment; None where there is none."""
    match choice:
        case Choice.BEGUN:
            found = (span for span in _back(recurring, now) if span.first <= now)
        case Choice.OVER:
            found = (span for span in _back(recurring, now) if span.until <= now)
        case Choice.COMING:
            found = (span for span in _on(recurring, now) if span.until > now)
        case Choice.NEXT:
            if recurring.size <= Size.WEEKEND:
                # "Next Friday" is that of next week, also while this week's is still to come.
                return within(recurring, _week(now + 7 * DAY))
            found = (span for span in _on(recurring, now) if span.first > now)
        case Choice.THIS:
            return _this(recurring, now)
    return next(found, None)


def within(recurring: Recurring, outer: LocalSpan) -> LocalSpan | None:
    """The one that begins in a range; None where there is none, or more than one."""
    found = [
        span
        for year in range(outer.first.year, min(outer.until.year, outer.first.year + _YEARS) + 1)
        for span in recurring.in_year(year)
        if outer.first <= span.first < outer.until
    ]
    return found[0] if len(found) == 1 else None


def both(one: Recurring, other: Recurring) -> Recurring:
    """What is both: a Friday that is a 13th."""

    def in_year(year: int) -> list[LocalSpan]:
        others = set(other.in_year(year))
        return [span for span in one.in_year(year) if span in others]

    return Recurring(one.size, in_year)


def nth_within(recurring: Recurring, outer: LocalSpan, number: int) -> LocalSpan | None:
    """The first (1), second, ... or the last (-1) of those that lie in a range of a year or so."""
    found = [
        span
        for year in range(outer.first.year, min(outer.until.year, outer.first.year + 1) + 1)
        for span in recurring.in_year(year)
        if outer.first <= span.first and span.until <= outer.until
    ]
    index = number - 1 if number > 0 else number
    return found[index] if -len(found) <= index < len(found) else None


def part_of(span: LocalSpan, which: str) -> LocalSpan:
    """The "early", "mid" or "late" part of a range: a third, or of a few days a half."""
    length = span.until - span.first
    if length > 45 * DAY:
        months = (span.until.year - span.first.year) * 12 + span.until.month - span.first.month
        third = max(months // 3, 1)
        cuts = [midnight(add_months(span.first.date(), third * index)) for index in (1, 2)]
    elif length >= 28 * DAY:
        cuts = [span.first + 10 * DAY, span.first + 20 * DAY]
    elif length == 7 * DAY:
        return _part_of_week(span, which)
    else:
        quarters = [span.first + length / 4 * count for count in range(5)]
        first = ("early", "mid", "late").index(which)
        return LocalSpan(quarters[first], quarters[first + 2])
    bounds = [span.first, *cuts, span.until]
    index = ("early", "mid", "late").index(which)
    return LocalSpan(bounds[index], bounds[index + 1])


def _part_of_week(span: LocalSpan, which: str) -> LocalSpan:
    first, until = {"early": (0, 3), "mid": (2, 5), "late": (4, 7)}[which]
    return LocalSpan(span.first + first * DAY, span.first + until * DAY)


def _week(moment: datetime) -> LocalSpan:
    day = moment.date() - moment.weekday() * DAY
    return days(day, day + 6 * DAY)


def _this(recurring: Recurring, now: datetime) -> LocalSpan | None:
    if recurring is WEEKS:
        return _week(now)
    if recurring is MONTHS:
        return month(now.year, now.month)
    if recurring.size <= Size.WEEKEND and (found := within(recurring, _week(now))):
        return found
    near = [span for year in range(-1, 2) for span in recurring.in_year(now.year + year)]
    if recurring.size in (Size.MONTH, Size.YEAR) or _is_warm_season(recurring, now):
        near = recurring.in_year(now.year)
    # "This winter", "this Christmas", said in January, are those of the year before.
    return min(near, key=lambda span: _distance(span, now), default=None)


def _is_warm_season(recurring: Recurring, now: datetime) -> bool:
    return recurring.size is Size.SEASON and (recurring.in_year(now.year)[0].first.month != _WINTER)


def _distance(span: LocalSpan, now: datetime) -> timedelta:
    return max(span.first - now, now - span.until, timedelta())


def _back(recurring: Recurring, now: datetime) -> Iterator[LocalSpan]:
    for year in range(now.year, max(now.year - _YEARS, EARLIEST.year) - 1, -1):
        yield from reversed(recurring.in_year(year))


def _on(recurring: Recurring, now: datetime) -> Iterator[LocalSpan]:
    for year in range(now.year - 1, min(now.year + _YEARS, LATEST.year) + 1):
        yield from recurring.in_year(year)
