"""What was said of time, made exact: instants in UTC, by the zone that the owner had then."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from vega.core.memory import TimeWindow
from vega.core.recall.times.calendar import WEEKENDS, pick, weekday
from vega.core.recall.times.clocks import part_span
from vega.core.recall.times.pieces import PartOfDay
from vega.core.recall.times.values import EARLIEST, Anchor, Choice, ElapsedSpan, LocalSpan
from vega.core.recall.times.words import PARTS, WEEKDAYS

_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)
#: So many days before and after it, a turn that speaks of a stay or an event may lie.
_AROUND_DAYS = 3


def resolve(
    meaning: LocalSpan | ElapsedSpan, zone_at: Callable[[date], str], words: str
) -> TimeWindow:
    """The exact window of a range; never empty, never inverted.

    `zone_at` gives the IANA zone that the owner had on a day of their calendar. The start is told
    by the zone of its day, the end by that of the last day within. A time that the clocks skipped
    is the moment after the gap; of one that they showed twice, the range holds both.
    """
    if isinstance(meaning, ElapsedSpan):
        return TimeWindow(meaning.start.astimezone(UTC), meaning.end.astimezone(UTC), words)
    zone = ZoneInfo(zone_at(meaning.first.date()))
    last_zone = ZoneInfo(zone_at((meaning.until - _INSTANT).date()))
    start = _instant(meaning.first, zone, fold=0)
    end = _instant(meaning.until, last_zone, fold=1)
    if end <= start:
        # Who flew over the date line had those hours twice, or never.
        end = _instant(meaning.until, zone, fold=1)
    if end <= start:
        # All of it was skipped: as a clock showed it that was not put forward.
        before = (start - _INSTANT).astimezone(zone).utcoffset()
        end = meaning.until.replace(tzinfo=timezone(before or timedelta())).astimezone(UTC)
    return TimeWindow(start, end, words)


def around(anchor: Anchor, at: datetime, zone: str, now: datetime) -> TimeWindow:
    """The window of an anchor, once its turn is known: said at that moment, in that zone."""
    moment, asked = at.astimezone(UTC), now.astimezone(UTC)
    words = f"{anchor.relation} {anchor.phrase}"
    if anchor.day is not None:
        there = at.astimezone(ZoneInfo(zone)).date() + anchor.day * _DAY
        midnight = datetime.combine(there, time())
        span = LocalSpan(midnight, midnight + _DAY)
        if anchor.part in PARTS:
            span = part_span(PartOfDay(anchor.part), there)
        elif anchor.part:
            span = _named_day(anchor, span) or span
        return resolve(span, lambda _: zone, words)
    match anchor.relation:
        case "before":
            begin = EARLIEST.replace(tzinfo=UTC)
            start = max(begin, moment - anchor.within) if anchor.within else begin
            return TimeWindow(min(start, moment - _INSTANT), moment, words)
        case "after" | "since":
            # What is said in the same breath is not after it; the turn itself is left out.
            start = moment + _INSTANT if anchor.relation == "after" else moment
            end = start + anchor.within if anchor.within else max(asked, start + _INSTANT)
            return TimeWindow(start, end, words)
    day = datetime.combine(at.astimezone(ZoneInfo(zone)).date(), time())
    reach = _AROUND_DAYS * _DAY
    return resolve(LocalSpan(day - reach, day + _DAY + reach), lambda _: zone, words)


def _named_day(anchor: Anchor, day: LocalSpan) -> LocalSpan | None:
    """The weekend or weekday before or after a day."""
    recurring = WEEKENDS if anchor.part == "weekend" else weekday(WEEKDAYS[anchor.part])
    if anchor.relation == "before":
        return pick(recurring, day.first, Choice.OVER)
    return pick(recurring, day.until, Choice.COMING)


def _instant(local: datetime, zone: ZoneInfo, *, fold: int) -> datetime:
    """When a clock of that zone shows it: the first or the last time, or right after a gap."""
    there = local.replace(tzinfo=zone, fold=fold)
    instant = there.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    return _gap_end(local, zone)


def _gap_end(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks were put forward over that time."""
    before = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    offset = before.astimezone(zone).utcoffset()
    while after - before > _INSTANT:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
