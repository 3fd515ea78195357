"""Dates, weekdays, months, seasons, quarters and years, as they are said or written."""

from datetime import date

from vega.core.recall.times.calendar import (
    WEEKENDS,
    Recurring,
    date_in_year,
    date_or_none,
    day_of_month,
    days,
    feast,
    month,
    month_named,
    quarter,
    season,
    weekday,
    within,
)
from vega.core.recall.times.pieces import Reading, Said
from vega.core.recall.times.tokens import Token
from vega.core.recall.times.values import LocalSpan
from vega.core.recall.times.words import (
    BEFORE_DAYS,
    BEFORE_MONTHS,
    DECADES,
    MONTHS,
    NAMES,
    NEED_CAPITAL,
    NOT_A_WEEKDAY_AFTER,
    SEASONS,
    SHORT_MONTHS,
    SHORT_WEEKDAYS,
    VERBS,
    WEEKDAYS,
    of,
)

_STRONG = frozenset[str]()
_BEFORE_YEARS = BEFORE_MONTHS - {"over", "around"} | {"of"}
_BEFORE_NUMERIC = BEFORE_DAYS - {"of", "about", "to"}
#: What a month that is also a verb or a name needs before it, in lower case.
_BEFORE_VERBS = of("in since last until before during")
_FALLS = of(
    """
    over down apart off into under from on out short through asleep
    """
)


def read_numeric_date(said: Said, at: int, preposition: str) -> Reading | None:
    """As "2024-03-04", "3/4/2024", "on 3/4", "on 3.4. we"."""
    token = said.token(at)
    if token is None or token.kind not in ("date", "range"):
        return None
    if token.kind == "range":
        return _days_of_month(said, at, token)
    year = token.number("y")
    if token.number("m") is not None:
        return _iso(token, year or 0, at + 1)
    a, b = token.number("a") or 0, token.number("b") or 0
    if year is None and not said.day_first and (a, b) == (9, 11):
        # What happened on that day in 2001.
        return None
    day, number = (a, b) if said.day_first else (b, a)
    if not _is_date(number, day):
        day, number = number, day
    if not _is_date(number, day):
        return None
    if year is None:
        return Reading(date_in_year(number, day), at + 1, _BEFORE_NUMERIC)
    full = year if year > 99 else said.full_year(year)
    found = date_or_none(full, number, day)
    is_clear = year > 99 or "/" in token.text
    needs = _STRONG if is_clear else _BEFORE_NUMERIC
    return Reading(days(found, found), at + 1, needs) if found else None


def _iso(token: Token, year: int, end: int) -> Reading | None:
    number, day = token.number("m") or 0, token.number("d")
    if day is None:
        return Reading(month(year, number), end, BEFORE_MONTHS) if 0 < number < 13 else None
    found = date_or_none(year, number, day)
    return Reading(days(found, found), end) if found else None


def _days_of_month(said: Said, at: int, token: Token) -> Reading | None:
    """As "3-7 March"."""
    number = _month(said, said.skip(at + 1, "of"), _STRONG)
    return _several_days(said, number, token) if number else None


def _several_days(said: Said, named: tuple[int, int], token: Token) -> Reading | None:
    number, end = named
    first, last = token.number("a") or 0, token.number("b") or 0
    if not 0 < first < last or not _is_date(number, last):
        return None
    found = feast(lambda year: date(year, number, first), last - first + 1)
    return of_year(said, found, end, _STRONG)


def _is_date(number: int, day: int) -> bool:
    return date_or_none(2024, number, day) is not None


def _month(said: Said, at: int, needs: frozenset[str]) -> tuple[int, int] | None:
    """The number of the month that is named here, and what is behind it."""
    word = said.word(at)
    if word in MONTHS:
        return MONTHS[word], at + 1
    if word in SHORT_MONTHS and (word not in NEED_CAPITAL or said.is_capital(at)):
        return SHORT_MONTHS[word], at + 1 + said.is_mark(at + 1, ".") * bool(said.token(at + 2))
    return None


def read_month(said: Said, at: int, preposition: str) -> Reading | None:
    """As "March", "March 2024", "March 3rd", "3 March", "the 3rd of March 2024"."""
    return _month_first(said, at, preposition) or _day_first(said, at, preposition)


def _month_first(said: Said, at: int, preposition: str) -> Reading | None:
    found = _month(said, at, _STRONG)
    if found is None:
        return None
    number, end = found
    is_verb = said.word(at) in VERBS and not said.is_capital(at)
    token = said.token(end)
    if token and token.kind == "range":
        return _several_days(said, (number, end + 1), token)
    day = said.ordinal(said.skip(end, "the")) or said.cardinal(end)
    if day and _is_date(number, day[0]):
        is_plain = said.ordinal(said.skip(end, "the")) is None
        if is_plain and (said.counts(day[1]) or (is_verb and preposition != "on")):
            return None
        return of_year(said, date_in_year(number, day[0]), day[1], _STRONG)
    behind = said.skip(end + said.is_mark(end, ","), "of")
    if year := said.year(behind):
        if said.counts(year[1]):
            return None
        return Reading(month(year[0], number), year[1], BEFORE_MONTHS if is_verb else _STRONG)
    is_name = said.word(at) in NAMES and said.is_capital(end) and said.word(end) != "i"
    if is_name and said.word(end) not in (*WEEKDAYS, "i'm", "i'd", "i've", "we"):
        return None
    needs = BEFORE_MONTHS & _BEFORE_VERBS if is_verb else BEFORE_MONTHS
    return Reading(month_named(number), end, needs)


def _day_first(said: Said, at: int, preposition: str) -> Reading | None:
    behind = said.skip(at, "the")
    ordinal = said.ordinal(behind)
    day = ordinal or said.cardinal(behind)
    if day is None or not 1 <= day[0] <= 31:
        return None
    number, end = day
    named = _month(said, said.skip(end, "of"), _STRONG)
    if named and _is_date(named[0], number):
        is_verb = said.word(named[1] - 1) in VERBS and not said.is_capital(named[1] - 1)
        if is_verb and not ordinal and preposition not in ("on", "between", "from", "and", "to"):
            return None
        return of_year(said, date_in_year(named[0], number), named[1], _STRONG)
    if ordinal is None or behind == at:
        return None
    if said.has(end, "of", "the", "month"):
        return Reading(day_of_month(number), end + 3, BEFORE_DAYS)
    is_of_month = said.word(end) == "of" and said.word(end + 2) == "month"
    if said.may_end(end) or is_of_month:
        return Reading(day_of_month(number), end, BEFORE_DAYS - {"during", "about", "to"})
    return None


def of_year(said: Said, recurring: Recurring, end: int, needs: frozenset[str]) -> Reading:
    """In the year that is said behind it, where one is."""
    behind = end + said.is_mark(end, ",")
    year = said.year(said.skip(behind, "of", "in"))
    if year is None or said.counts(year[1]):
        return Reading(recurring, end, needs)
    found = within(recurring, days(date(year[0], 1, 1), date(year[0], 12, 31)))
    return Reading(found, year[1], _STRONG) if found else Reading(recurring, end, needs)


def read_weekday(said: Said, at: int, preposition: str) -> Reading | None:
    """As "Monday", "Mon."; none in "Black Friday" or "the Sunday Times"."""
    word = said.word(at)
    if word in SHORT_WEEKDAYS and (word not in NEED_CAPITAL or said.is_capital(at)):
        end = at + 1 + said.is_mark(at + 1, ".") * bool(said.token(at + 2))
        return Reading(weekday(SHORT_WEEKDAYS[word]), end, BEFORE_DAYS)
    if word not in WEEKDAYS or said.word(at - 1) in NOT_A_WEEKDAY_AFTER:
        return None
    if said.word(at - 1) == "the" and said.is_capital(at + 1):
        return None
    return Reading(weekday(WEEKDAYS[word]), at + 1)


def read_weekend(said: Said, at: int, preposition: str) -> Reading | None:
    """As "The weekend"."""
    if said.has(at, "the", "weekend") and not said.is_capital(at + 2):
        needs = of("on at over during since before after until till in from of")
        return Reading(WEEKENDS, at + 2, needs)
    return None


def read_season(said: Said, at: int, preposition: str) -> Reading | None:
    """As "The spring", "summer 2023"."""
    behind = said.skip(at, "the")
    name = said.word(behind)
    if name not in SEASONS:
        return None
    if name == "fall" and said.word(behind + 1) in _FALLS:
        return None
    needs = BEFORE_MONTHS - {"to", "and"}
    if name == "fall" and behind == at:
        needs = frozenset({"in", "last", "this", "next"})
    return of_year(said, season(name), behind + 1, needs)


def read_quarter(said: Said, at: int, preposition: str) -> Reading | None:
    """As "Q1 2024"; without its year it may be of a company's."""
    token = said.token(at)
    number = token.number() if token and token.kind == "quarter" else None
    found = of_year(said, quarter(number), at + 1, BEFORE_MONTHS) if number else None
    return found if found and isinstance(found.piece, LocalSpan) else None


def read_year(said: Said, at: int, preposition: str) -> Reading | None:
    """As "2023", "the nineties", "the 1990s"."""
    if said.word(at) == "the" and said.word(at + 1) != "year":
        return read_decade(said, at + 1)
    year = said.year(said.skip(said.skip(at, "the"), "year"))
    if year is None or said.counts(year[1]):
        return None
    span = days(date(year[0], 1, 1), date(year[0], 12, 31))
    return Reading(span, year[1], _BEFORE_YEARS)


def read_decade(said: Said, at: int) -> Reading | None:
    """As "Nineties", "90s", behind "the"."""
    token = said.token(at)
    first = DECADES.get(said.word(at))
    if token and token.kind == "decade":
        number = token.number() or 0
        if number < 100:
            number = said.full_year(number)
        first = number if number % 10 == 0 else None
    if first is None or not 1900 <= first <= said.now.year:
        return None
    span: LocalSpan = days(date(first, 1, 1), date(first + 9, 12, 31))
    return Reading(span, at + 1, BEFORE_MONTHS)
