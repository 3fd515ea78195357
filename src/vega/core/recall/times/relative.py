"""Times told from the present: "yesterday", "last week", "two weeks ago", "the last three days"."""

from dataclasses import dataclass
from datetime import timedelta

from vega.core.recall.times.calendar import (
    DAY,
    MONTHS,
    WEEKENDS,
    WEEKS,
    YEARS,
    Recurring,
    add_months,
    days,
    midnight,
    nth_within,
    pick,
    season,
    weekday,
)
from vega.core.recall.times.dates import read_month, read_season, read_weekday
from vega.core.recall.times.feasts import read_feast
from vega.core.recall.times.pieces import Amount, PartOfDay, Reading, Said, Slice
from vega.core.recall.times.values import Choice, ElapsedSpan, LocalSpan
from vega.core.recall.times.words import NUMBERS, PARTS, SEASONS, VERBS, WEEKDAYS

_UNITS = {"week": WEEKS, "weekend": WEEKENDS, "month": MONTHS, "year": YEARS}
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
#: Nobody counts minutes exactly.
_LEAST_MARGIN = timedelta(minutes=5)
_JUST_NOW = timedelta(minutes=10)
_DAYS = {"today": 0, "yesterday": -1, "tomorrow": 1}
#: "This time last year": so many months and days back, and days around it.
_THIS_TIME = {"week": (0, 7, 0), "month": (1, 0, 1), "year": (12, 0, 3)}
_MODIFIERS: dict[str, Choice] = {
    "this": Choice.THIS,
    "last": Choice.OVER,
    "past": Choice.OVER,
    "previous": Choice.OVER,
    "next": Choice.NEXT,
    "coming": Choice.COMING,
    "upcoming": Choice.COMING,
}
_SLICES = {
    "early": "early",
    "beginning": "early",
    "start": "early",
    "mid": "mid",
    "middle": "mid",
    "late": "late",
    "end": "late",
}


def read_day(said: Said, at: int) -> Reading | None:
    """As "Today", "the day before yesterday", "the other day", "just now", "earlier today"."""
    if said.word(at) in _DAYS:
        day = said.today + _DAYS[said.word(at)] * DAY
        return Reading(days(day, day), at + 1)
    behind = said.skip(at, "the")
    for words, shift in ((("day", "before", "yesterday"), -2), (("day", "after", "tomorrow"), 2)):
        if said.has(behind, *words):
            day = said.today + shift * DAY
            return Reading(days(day, day), behind + 3)
    if said.has(at, "the", "other") and said.word(at + 2) in ("day", "week", *PARTS):
        length = 21 if said.word(at + 2) == "week" else 7
        span = days(said.today - length * DAY, said.today - DAY)
        return Reading(span, at + 3)
    if said.has(at, "this", "time", "last") and said.word(at + 3) in _THIS_TIME:
        months, length, around = _THIS_TIME[said.word(at + 3)]
        day = add_months(said.today, -months) - length * DAY
        return Reading(days(day - around * DAY, day + around * DAY), at + 4)
    if said.has(at, "just", "now"):
        return Reading(ElapsedSpan(said.instant - _JUST_NOW, said.instant), at + 2)
    if said.word(at) in ("earlier", "later"):
        return _earlier_or_later(said, at)
    return None


def _earlier_or_later(said: Said, at: int) -> Reading | None:
    """As "Earlier today", "later this week"; "earlier" alone ends a sentence."""
    is_earlier = said.word(at) == "earlier"
    if said.word(at + 1) in ("earlier", "later"):
        return None
    found = read_day(said, at + 1) or read_modified(said, at + 1)
    if found and isinstance(found.piece, LocalSpan):
        span = found.piece
        if not span.first <= said.now < span.until:
            return None
        part = LocalSpan(span.first, said.now) if is_earlier else LocalSpan(said.now, span.until)
        return Reading(part, found.end)
    token = said.token(at + 1)
    if is_earlier and (token is None or (token.kind == "mark" and token.text in ".?!")):
        if said.word(at - 1) in ("much", "any", "no", "even", *NUMBERS) or said.unit(at - 1):
            return None
        return Reading(LocalSpan(midnight(said.waking_day), said.now), at + 1)
    return None


def read_modified(said: Said, at: int) -> Reading | None:
    """As "Last week", "this past Friday", "next March", "the weekend before last"."""
    start = said.skip(at, "the")
    if found := _before_last(said, start):
        return found
    modifier = said.word(start)
    choice = _MODIFIERS.get(modifier)
    if choice is None or said.is_owned(at):
        return None
    behind = start + 1
    if modifier == "this" and said.word(behind) in ("past", "last", "coming"):
        choice, behind = _MODIFIERS[said.word(behind)], behind + 1
    if modifier == "past" and said.word(start - 1) not in ("the", "this"):
        return None
    if choice is Choice.THIS and start > at:
        return None
    unit = _UNITS.get(said.word(behind))
    is_rolling = (start > at and modifier == "last") or said.word(behind - 1) == "past"
    if unit and not (is_rolling and unit is not WEEKENDS):
        return _picked(said, unit, choice, behind + 1)
    named = _named(said, behind, modifier)
    if named is None or not isinstance(named.piece, Recurring):
        return None
    return _picked(said, named.piece, choice, named.end)


def _named(said: Said, at: int, modifier: str) -> Reading | None:
    """A weekday, month, season or feast of which one is meant by a word like "last"."""
    is_the_last = said.word(at - 2) == "the"
    if said.word(at) == "the" or (is_the_last and read_season(said, at, modifier)):
        return None
    if said.word(at) in VERBS and modifier == "this" and not said.is_capital(at):
        return None
    for read in (read_weekday, read_feast, read_month, read_season):
        if found := read(said, at, modifier):
            return found
    return None


def _picked(said: Said, recurring: Recurring, choice: Choice, end: int) -> Reading | None:
    span = pick(recurring, said.now, choice)
    return Reading(span, end) if span else None


def _before_last(said: Said, at: int) -> Reading | None:
    """As "The week before last", "the week after next", "the night before last"."""
    is_last = said.has(at + 1, "before", "last")
    if not is_last and not said.has(at + 1, "after", "next"):
        return None
    if is_last and said.word(at) in ("night", "evening"):
        return Reading(PartOfDay(said.word(at), said.waking_day - 2 * DAY), at + 3)
    word = said.word(at)
    recurring = _UNITS.get(word)
    if word in WEEKDAYS:
        recurring = weekday(WEEKDAYS[word])
    elif word in SEASONS:
        recurring = season(word)
    elif word == "christmas" and (found := read_feast(said, at, "at")):
        recurring = found.piece if isinstance(found.piece, Recurring) else None
    if recurring is None:
        return None
    choice = Choice.OVER if is_last else Choice.NEXT
    first = pick(recurring, said.now, choice)
    second = pick(recurring, first.first, choice) if first else None
    return Reading(second, at + 3) if second else None


def read_ago(said: Said, at: int) -> Reading | None:
    """As "Two weeks ago", "an hour ago", "a year ago today", "in three days"."""
    if said.word(at) == "a" and said.has(at + 1, "moment", "ago"):
        return Reading(ElapsedSpan(said.instant - _JUST_NOW, said.instant), at + 3)
    amount = said.amount(at)
    if amount is None:
        return None
    unit = said.unit(amount.end)
    if not unit:
        return _weekdays_ago(said, amount)
    end = amount.end + 1
    if said.has(end, "and", "a", "half"):
        amount, end = Amount(amount.low + 0.5, amount.high + 0.5, amount.end), end + 3
    if said.word(end) in ("ago", "back"):
        if said.word(end + 1) == "today":
            return _same_day(said, amount, unit, end + 2)
        return _shifted(said, amount, unit, -1, end + 1)
    if said.has(end, "from", "now"):
        return _shifted(said, amount, unit, 1, end + 2)
    is_plural = amount.low == 1 or said.word(amount.end) != unit
    if said.word(at - 1) == "in" and is_plural:
        if said.word(at) in ("a", "an") and amount.high == 1 and said.prefers == "past":
            # "How much is that in a month?"
            return None
        end += 2 if said.is_mark(end, "'") and said.word(end + 1) == "time" else 0
        return _shifted(said, amount, unit, 1, end)
    return None


def _weekdays_ago(said: Said, amount: Amount) -> Reading | None:
    """As "two Mondays ago"."""
    name = said.word(amount.end).removesuffix("s")
    count = int(amount.low)
    if name not in WEEKDAYS or said.word(amount.end + 1) != "ago" or not 0 < count < 100:
        return None
    last = pick(weekday(WEEKDAYS[name]), said.now, Choice.OVER)
    if last is None:
        return None
    day = last.first.date() - 7 * (count - 1) * DAY
    return Reading(days(day, day), amount.end + 2)


def _same_day(said: Said, amount: Amount, unit: str, end: int) -> Reading | None:
    if unit in _SECONDS or amount.low != amount.high:
        return None
    count = int(amount.low)
    months = {"month": 1, "year": 12, "decade": 120}.get(unit)
    length = {"day": 1, "week": 7, "fortnight": 14}.get(unit, 0)
    day = add_months(said.today, -months * count) if months else said.today - length * count * DAY
    return Reading(days(day, day), end)


def _shifted(said: Said, amount: Amount, unit: str, sign: int, end: int) -> Reading | None:
    """So long before or behind now; as exact as its unit: half of one either way."""
    low, high = amount.low, amount.high
    if unit in _SECONDS:
        return Reading(_elapsed(said, low, high, _SECONDS[unit], sign), end)
    if unit == "year" and low % 1:
        low, high, unit = low * 12, high * 12, "month"
    if low < 1:
        # Half a day, a week or a month is nothing that people count by.
        return None
    near, far = (low, high) if sign > 0 else (-low, -high)
    today = said.today
    months = {"month": 1, "year": 12, "decade": 120}.get(unit)
    if months:
        half = 15 * DAY if unit == "month" else timedelta()
        more = months // 2
        bounds = [add_months(today, int(near * months) + sign * -more) - sign * half]
        bounds.append(add_months(today, int(far * months) + sign * more) + sign * half)
    else:
        length, half_days = {"day": (1, 0), "week": (7, 3), "fortnight": (14, 3)}[unit]
        bounds = [today + (int(near * length) - sign * half_days) * DAY]
        bounds.append(today + (int(far * length) + sign * half_days) * DAY)
    return Reading(days(min(bounds), max(bounds)), end)


def _elapsed(said: Said, low: float, high: float, seconds: int, sign: int) -> ElapsedSpan:
    unit = timedelta(seconds=seconds)
    margin = max(_LEAST_MARGIN, low * unit / 2 if low < 1 else unit / 2, low * unit / 4)
    near, far = low * unit - margin, high * unit + margin
    near = max(near, timedelta())
    if sign < 0:
        return ElapsedSpan(said.instant - far, said.instant - near)
    return ElapsedSpan(said.instant + near, said.instant + far)


def read_rolling(said: Said, at: int) -> Reading | None:
    """As "The last three days", "the past week", "the next two hours": up to now, or from now."""
    behind = said.skip(at, "the", "these", "this")
    word = said.word(behind)
    if word not in ("last", "past", "next", "previous") or said.is_owned(at):
        return None
    amount = said.amount(behind + 1)
    if amount is None:
        if behind == at and word != "past":
            return None
        if said.unit(behind + 1) != said.word(behind + 1):
            return None
        if said.unit(behind + 1) in ("day", "second") or word in ("next", "previous"):
            return None
        if said.word(behind + 2) == "of":
            # "The last year of the war."
            return None
        amount = Amount(1, 1, behind + 1)
    unit = said.unit(amount.end)
    if not unit or (amount.low < 1 and unit != "hour"):
        return None
    return _rolled(said, amount.high, unit, 1 if word == "next" else -1, amount.end + 1)


def _rolled(said: Said, count: float, unit: str, sign: int, end: int) -> Reading:
    if unit in _SECONDS:
        span = timedelta(seconds=_SECONDS[unit] * count)
        bounds = sorted((said.instant, said.instant + sign * span))
        return Reading(ElapsedSpan(*bounds), end)
    months = {"month": 1, "year": 12, "decade": 120}.get(unit)
    length = {"day": 1, "week": 7, "fortnight": 14}.get(unit, 0)
    number = int(count)
    if months:
        day = add_months(said.today, sign * months * number)
    else:
        day = said.today + sign * length * number * DAY
    if sign > 0:
        return Reading(LocalSpan(said.now, midnight(day) + DAY), end)
    return Reading(LocalSpan(midnight(day), said.now), end)


def read_slice(said: Said, at: int) -> Reading | None:
    """As "Early", "the end of": of what is said behind it."""
    behind = said.skip(at, "the")
    word = said.word(behind)
    which = _SLICES.get(word)
    if which is None:
        return None
    end = behind + 1
    if said.word(end) == "hours":
        return None
    if word in ("early", "mid", "late"):
        end += said.is_mark(end, "-")
        end = said.skip(end, "in", "on")
    elif said.word(end) == "of":
        end += 1
    else:
        return None
    return Reading(Slice(which), end)


@dataclass(frozen=True, slots=True)
class Nth:
    """A part of a longer time by its number: "the first week of", "the last two days of"."""

    #: From 1 on; -1 is the last.
    number: int
    #: "half", "quarter", or how long it is, or what comes again and again.
    kind: Recurring | timedelta | str
    #: The token behind its "of".
    end: int


def read_nth(said: Said, at: int) -> Nth | None:
    """As "The first week of", "the last Monday of", "the first three days of"."""
    behind = said.skip(at, "the")
    found = said.ordinal(behind)
    number, end = (-1, behind + 1) if said.word(behind) == "last" else found or (0, behind)
    count = said.cardinal(end) if number in (1, -1) else None
    end = count[1] if count else end
    word = said.word(end)
    kind: Recurring | timedelta | str
    if not number or said.word(end + 1) not in ("of", "in"):
        return None
    if length := {"day": DAY, "week": 7 * DAY}.get(said.unit(end)):
        kind = length * (count[0] if count else 1)
    elif count:
        return None
    elif word == "quarter" or (word == "half" and number in (1, 2, -1)):
        kind = word
    elif word in WEEKDAYS:
        kind = weekday(WEEKDAYS[word])
    elif word in ("weekend", "month"):
        kind = _UNITS[word]
    else:
        return None
    return Nth(number, kind, end + 2)


def read_the_unit(said: Said, at: int) -> Reading | None:
    """As "The month", behind "the end of": the present one."""
    behind = said.skip(at, "the", "this")
    unit = _UNITS.get(said.word(behind))
    if unit is None or behind == at:
        return None
    return _picked(said, unit, Choice.THIS, behind + 1)


def nth_of(span: LocalSpan, nth: Nth) -> LocalSpan | None:
    """That part of a month or a year; weeks are counted from its first day."""
    number, length = nth.number, nth.kind
    if isinstance(length, Recurring):
        return nth_within(length, span, number)
    if isinstance(length, str):
        months = (span.until.year - span.first.year) * 12 + span.until.month - span.first.month
        if length == "quarter":
            if months != 12 or number > 4:
                return None
            first_day = add_months(span.first.date(), 9 if number < 0 else 3 * (number - 1))
            return LocalSpan(midnight(first_day), midnight(add_months(first_day, 3)))
        middle = midnight((span.first + (span.until - span.first) / 2).date())
        if months > 1 and months % 2 == 0:
            middle = midnight(add_months(span.first.date(), months // 2))
        first, second = LocalSpan(span.first, middle), LocalSpan(middle, span.until)
        return first if number == 1 else second
    first_at = span.until - length if number < 0 else span.first + (number - 1) * length
    if not span.first <= first_at < span.until:
        return None
    return LocalSpan(first_at, min(first_at + length, span.until))
