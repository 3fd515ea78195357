"""The exact window of a time that a question speaks of, by what the life says of it: the zone that
the owner had then, the first turn, the turn that an anchor means."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vega.core.life import records
from vega.core.memory import TimeWindow
from vega.core.recall.stays import Occasion
from vega.core.recall.times import (
    Anchor,
    ElapsedSpan,
    FirstTalk,
    LocalSpan,
    TimeExpression,
    around,
    resolve,
)
from vega.core.store import Store

#: When the turn was said that a phrase speaks of; None where there is none. Told which window it
#: lies in, where that is known.
FindAnchor = Callable[[str, TimeWindow | None], Awaitable[Occasion | None]]
#: What is told so long before or after a time may still be of it.
_FAR = timedelta(days=45)
_INSTANT = timedelta(microseconds=1)


async def find_window(
    store: Store, expression: TimeExpression, asked: datetime, find_anchor: FindAnchor
) -> TimeWindow | None:
    """None where nothing tells when it was. `asked` is the moment of asking in the owner's zone."""
    match expression.meaning:
        case ElapsedSpan():
            return resolve(expression.meaning, lambda _: "UTC", expression.words)
        case LocalSpan() as span:
            return await _of_span(store, span, asked, expression.words)
        case Anchor() as anchor:
            within = None
            if anchor.span is not None:
                within = await _of_span(store, anchor.span, asked, expression.words)
            found = await find_anchor(anchor.phrase, within)
            if found is not None:
                window = await _of_occasion(store, anchor, found, asked)
                return TimeWindow(window.start, window.end, expression.words)
            # The span of "before my trip in June" says when the trip was, not what is meant.
            if within is None or anchor.relation not in ("during", "around"):
                return None
            elsewhere = await find_anchor(anchor.phrase, None)
            # "When I was in New York last week", and it was in spring: that week is not meant.
            return None if elsewhere is not None and _is_far(elsewhere, within) else within
        case FirstTalk():
            first = await store.recall.first_turn_at()
            if first is None:
                return None
            zone = await _zone_at(store, first, asked)
            day = datetime.combine(first.astimezone(ZoneInfo(zone)).date(), time())
            whole = LocalSpan(day, day + timedelta(days=1))
            return resolve(whole, lambda _: zone, expression.words)


async def _of_occasion(
    store: Store, anchor: Anchor, found: Occasion, asked: datetime
) -> TimeWindow:
    is_before = anchor.relation == "before"
    at = found.first if is_before else found.last
    zone = await _zone_at(store, at, asked)
    if found.is_stay and anchor.relation == "during":
        first_zone = await _zone_at(store, found.first, asked)
        first = found.first.astimezone(ZoneInfo(first_zone)).date()
        last = found.last.astimezone(ZoneInfo(zone)).date()
        days = LocalSpan(
            datetime.combine(first, time()), datetime.combine(last, time()) + timedelta(days=1)
        )
        return resolve(days, lambda day: first_zone if day < last else zone, anchor.phrase)
    if anchor.day is not None and found.day is not None:
        at = datetime.combine(found.day, time(12), ZoneInfo(zone))
    return around(anchor, at, zone, asked)


def _is_far(found: Occasion, window: TimeWindow) -> bool:
    return found.last < window.start - _FAR or found.first >= window.end + _FAR


def span_of(window: TimeWindow | None) -> tuple[int, int] | None:
    """The window in microseconds since 1970, its end not included."""
    return (records.micros(window.start), records.micros(window.end)) if window else None


async def _of_span(store: Store, span: LocalSpan, asked: datetime, said: str) -> TimeWindow:
    zones = {}
    for local in (span.first, span.until - _INSTANT):
        if local.date() not in zones:
            noon = datetime.combine(local.date(), time(12), asked.tzinfo)
            zones[local.date()] = await _zone_at(store, noon, asked)

    def zone_at(day: date) -> str:
        return zones[day]

    return resolve(span, zone_at, said)


async def _zone_at(store: Store, at: datetime, asked: datetime) -> str:
    """The owner's zone about that time: that of the nearest turn, the one of asking included."""
    near = [*await store.recall.zones_near(at), (asked, str(asked.tzinfo))]
    return min(near, key=lambda each: abs(each[0] - at))[1]
