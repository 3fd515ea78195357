"""Times by the clock and parts of a day: "at 3pm", "around 8 this morning", "last night"."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from vega.core.recall.times.calendar import DAY, midnight
from vega.core.recall.times.pieces import Clock, ClockRange, PartOfDay, Reading, Said
from vega.core.recall.times.values import Choice, LocalSpan
from vega.core.recall.times.words import BEFORE_CLOCKS, NUMBERS, PARTS

_NOON = 12 * 60
_MIDNIGHT = 24 * 60
#: Someone who says a whole hour, or minutes, may be off by so many minutes.
_HOUR_MARGIN = 30
_MINUTE_MARGIN = 15
#: About when people have it; told only beside a day.
_MEALS = {"breakfast": 8 * 60, "lunch": 13 * 60, "dinner": 19 * 60, "supper": 19 * 60}
_BESIDE_MEALS = frozenset({"before", "after", "since", "until", "till"})
_ABOUT = ("around", "about", "roughly", "approximately")
#: Before this hour a night's hour is of the morning.
_NIGHT_ENDS = 6


def read_part(said: Said, at: int) -> Reading | None:
    """A part of a day."""
    word = said.word(at)
    if word == "tonight":
        return Reading(PartOfDay("night", said.waking_day), at + 1)
    if word in ("this", "last") and said.word(at + 1) in PARTS:
        return _this_or_last(said, at)
    behind = said.skip(at, "the")
    name = said.word(behind)
    if name in ("small", "early") and said.word(behind + 1) == "hours":
        name, behind = "small hours", behind + 1
    if name not in PARTS:
        return None
    if name == "lunchtime":
        return Reading(PartOfDay(name), behind + 1, frozenset({"at", "around", "over", "since"}))
    if said.word(at) == "the":
        is_alone = said.word(at - 1) in ("in", "during")
        return Reading(PartOfDay(name, needs_day=not is_alone), behind + 1)
    # "Monday morning", "yesterday at night".
    return Reading(PartOfDay(name, needs_day=True), behind + 1)


def _this_or_last(said: Said, at: int) -> Reading | None:
    name = said.word(at + 1)
    if said.is_owned(at):
        return None
    if said.word(at) == "this":
        return Reading(PartOfDay(name, said.waking_day), at + 2)
    if name not in ("night", "evening"):
        return None
    return Reading(PartOfDay(name, said.waking_day - DAY), at + 2)


def read_clock(said: Said, at: int, preposition: str) -> Reading | None:
    """A time of the clock, or a range of them."""
    if preposition in ("between", "from"):
        return _range(said, at, "and" if preposition == "between" else "to")
    if said.word(at) in _ABOUT:
        preposition, at = "around", at + 1
    factor = 2 if preposition in _ABOUT else 1
    if found := _named(said, at) or _told(said, at):
        minutes, margin, end, needs = found
        return Reading(Clock(minutes, margin * factor, said.word(at) in _MEALS), end, needs)
    bare = _bare_hour(said, at)
    if bare is None or preposition not in BEFORE_CLOCKS:
        return None
    hour, end = bare
    if said.counts(end):
        return None
    is_alone = preposition == "at" and said.word(at) != "one" and said.may_end(end)
    clock = Clock(_minutes(hour, 0), _HOUR_MARGIN * factor, needs_day=not is_alone)
    return Reading(clock, end)


def _named(said: Said, at: int) -> tuple[tuple[int, ...], int, int, frozenset[str]] | None:
    """Noon and midnight; "12 noon"; meals."""
    number = said.cardinal(at)
    if number and number[0] == 12 and said.word(number[1]) in ("noon", "midnight"):
        at = number[1]
    if said.word(at) in ("noon", "midday"):
        return (_NOON,), _HOUR_MARGIN, at + 1, BEFORE_CLOCKS
    if said.word(at) in _MEALS and said.word(at + 1) != "with":
        return (_MEALS[said.word(at)],), _HOUR_MARGIN, at + 1, _BESIDE_MEALS
    if said.word(at) == "midnight":
        # "Yesterday at midnight" is the end of that day.
        return (_MIDNIGHT,), _HOUR_MARGIN, at + 1, BEFORE_CLOCKS
    return None


def _told(said: Said, at: int) -> tuple[tuple[int, ...], int, int, frozenset[str]] | None:
    """Minutes from midnight, margin, what is behind, and what must stand before: of a time that
    is told in full."""
    token = said.token(at)
    if token and token.kind == "clock":
        hour, minute = token.number("h") or 0, token.number("min") or 0
        half, end = (token.half, at + 1) if token.half else _half(said, at + 1)
        found = _of_half(hour, minute, half, is_long=token.text.startswith("0"))
        margin = _MINUTE_MARGIN if token.number("min") is not None else _HOUR_MARGIN
        return (found, margin, end, frozenset() if half else BEFORE_CLOCKS) if found else None
    if past := _past(said, at):
        minutes, end = past
        return minutes, _MINUTE_MARGIN, end, frozenset()
    bare = _bare_hour(said, at)
    if bare is None:
        return None
    hour, end = bare
    half, behind = _half(said, end)
    if half == "am" and said.word(end) == "am" and said.word(behind) in ("i", "not", "the"):
        return None
    if half:
        return _of_half(hour, 0, half), _HOUR_MARGIN, behind, frozenset()
    if said.word(end) in ("o'clock", "oclock"):
        return _minutes(hour, 0), _HOUR_MARGIN, end + 1, frozenset()
    return None


def _past(said: Said, at: int) -> tuple[tuple[int, ...], int] | None:
    """As "Half past three", "quarter to four", "twenty past nine"."""
    at = said.skip(at, "a")
    shift = {"half": 30, "quarter": 15}.get(said.word(at)) or NUMBERS.get(said.word(at), 0)
    side = said.word(at + 1)
    if shift not in (5, 10, 15, 20, 25, 30) or side not in ("past", "to"):
        return None
    bare = _bare_hour(said, at + 2)
    if bare is None or (said.word(at) not in ("half", "quarter") and not said.may_end(bare[1])):
        return None
    hour, end = bare
    sign = 1 if side == "past" else -1
    return tuple(minutes + sign * shift for minutes in _minutes(hour, 0)), end


def _range(said: Said, at: int, joint: str) -> Reading | None:
    first, behind = _range_end(said, at)
    if first is None or said.word(behind) not in (joint, "until", "till"):
        return None
    until, end = _range_end(said, behind + 1)
    if until is None or said.counts(end):
        return None
    is_told = any(_is_told(said, each) for each in (at, behind + 1))
    return Reading(ClockRange(first, until, needs_day=not is_told), end)


def _range_end(said: Said, at: int) -> tuple[Clock | None, int]:
    if found := _told(said, at) or _named(said, at):
        return Clock(found[0], 0), found[2]
    if bare := _bare_hour(said, at):
        return Clock(_minutes(bare[0], 0), 0), bare[1]
    return None, at


def _is_told(said: Said, at: int) -> bool:
    return (_told(said, at) or _named(said, at)) is not None


def _bare_hour(said: Said, at: int) -> tuple[int, int] | None:
    found = said.cardinal(at)
    return found if found and 1 <= found[0] <= 12 else None


def _half(said: Said, at: int) -> tuple[str, int]:
    word = said.word(at)
    return (word, at + 1) if word in ("am", "pm") else ("", at)


def _of_half(hour: int, minute: int, half: str, *, is_long: bool = False) -> tuple[int, ...]:
    """Minutes from midnight; none where there is no such time."""
    if not half:
        if hour > 24:
            return ()
        return (hour * 60 + minute,) if is_long or hour > 12 or not hour else _minutes(hour, minute)
    if not 1 <= hour <= 12:
        return (hour * 60 + minute,) if 12 < hour < 24 else ()
    return ((hour % 12 + (12 if half == "pm" else 0)) * 60 + minute,)


def _minutes(hour: int, minute: int) -> tuple[int, ...]:
    """The likeliest first: people are awake from seven to seven."""
    if hour == 12:
        return (_NOON + minute, _MIDNIGHT + minute)
    early, late = hour * 60 + minute, (hour + 12) * 60 + minute
    return (late, early) if hour < 7 else (early, late)


def part_span(part: PartOfDay, day: date) -> LocalSpan:
    first, until = PARTS[part.name]
    return LocalSpan(_moment(day, first * 60), _moment(day, until * 60))


def find_part(part: PartOfDay, now: datetime, choice: Choice) -> LocalSpan:
    """The latest that has begun, or the first that is not over."""
    if choice is Choice.COMING:
        spans = (part_span(part, now.date() + shift * DAY) for shift in (-1, 0, 1))
        return next(span for span in spans if span.until > now)
    spans = (part_span(part, now.date() - shift * DAY) for shift in (0, 1))
    return next(span for span in spans if span.first <= now)


def clock_span(
    clock: Clock | ClockRange, day: date | None, part: str, now: datetime, choice: Choice
) -> LocalSpan:
    """The range around a time of the clock: on a day, within a part of it where one is said."""
    first = clock.first if isinstance(clock, ClockRange) else clock
    if day is None:
        moment = _find_moment(first, now, choice)
    else:
        moment = _moment(day, _in_part(first, part))
    if isinstance(clock, Clock):
        margin = timedelta(minutes=clock.margin)
        return LocalSpan(moment - margin, moment + margin)
    # The first of such a time behind it: "from 11 to 2".
    start = midnight(moment.date())
    ends = [
        start + timedelta(minutes=minute) + shift * DAY
        for shift in (0, 1)
        for minute in sorted(clock.until.minutes)
    ]
    return LocalSpan(moment, next(end for end in ends if end > moment))


def _in_part(clock: Clock, part: str) -> int:
    """The minutes from the day's midnight that are meant beside "in the morning"."""
    if part == "morning":
        return min(minute % _MIDNIGHT for minute in clock.minutes)
    if part in ("afternoon", "evening", "lunchtime"):
        return max(clock.minutes)
    if part == "night":
        at = [minute % _MIDNIGHT for minute in clock.minutes]
        late = [minute for minute in at if minute >= 18 * 60]
        early = [minute + _MIDNIGHT for minute in at if minute < _NIGHT_ENDS * 60]
        return (late or early or list(clock.minutes))[0]
    return clock.minutes[0]


def _find_moment(clock: Clock, now: datetime, choice: Choice) -> datetime:
    moments = sorted(_moments(clock, now.date()))
    if choice is Choice.COMING:
        return next(moment for moment in moments if moment > now)
    return next(moment for moment in reversed(moments) if moment <= now)


def _moments(clock: Clock, today: date) -> Iterator[datetime]:
    for minutes in clock.minutes:
        # Nobody who says "at 3" means the night.
        if len(clock.minutes) == 1 or minutes >= 7 * 60:
            for shift in (-2, -1, 0, 1):
                yield _moment(today + shift * DAY, minutes)


def _moment(day: date, minutes: int) -> datetime:
    return midnight(day) + timedelta(minutes=minutes)
