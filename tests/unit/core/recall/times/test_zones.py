"""A range of the wall clock as exact moments: DST, half hours of it, skipped days, travel."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.said_times import at, local
from vega.core.memory import TimeWindow
from vega.core.recall.times import (
    Anchor,
    ElapsedSpan,
    LocalSpan,
    around,
    read_time,
    resolve,
)

#: The zone, when and what is said, and the window in UTC.
EXACT = [
    # Clocks put forward at two, and back at three.
    ("Europe/Vienna", "2026-03-30 12:00", "yesterday", "03-28 23:00", "03-29 22:00"),
    ("Europe/Vienna", "2026-10-26 12:00", "yesterday", "10-24 22:00", "10-25 23:00"),
    ("Europe/Vienna", "2026-03-29 12:00", "last night", "03-28 17:00", "03-29 03:00"),
    ("Europe/Vienna", "2026-10-25 12:00", "last night", "10-24 16:00", "10-25 04:00"),
    ("Europe/Vienna", "2026-04-02 12:00", "in March", "02-28 23:00", "03-31 22:00"),
    ("America/New_York", "2026-03-09 12:00", "yesterday", "03-08 05:00", "03-09 04:00"),
    ("America/New_York", "2026-11-02 12:00", "yesterday", "11-01 04:00", "11-02 05:00"),
    ("America/New_York", "2026-11-02 12:00", "last week", "10-26 04:00", "11-02 05:00"),
    # A time that there was twice: both of them, and the hour between.
    (
        "Europe/Vienna",
        "2026-10-25 12:00",
        "between 2am and 3am today",
        "10-25 00:00",
        "10-25 02:00",
    ),
    (
        "America/New_York",
        "2026-11-01 12:00",
        "between 1am and 2am today",
        "11-01 05:00",
        "11-01 07:00",
    ),
    # Half an hour of it.
    ("Australia/Lord_Howe", "2026-10-05 12:00", "yesterday", "10-03 13:30", "10-04 13:00"),
    ("Australia/Lord_Howe", "2026-04-06 12:00", "yesterday", "04-04 13:00", "04-05 13:30"),
    # A midnight that there was not: the day began at one.
    ("America/Sao_Paulo", "2018-11-05 12:00", "yesterday", "11-04 03:00", "11-05 02:00"),
    ("Asia/Beirut", "2022-03-28 12:00", "yesterday", "03-26 22:00", "03-27 21:00"),
    # A midnight that there was twice: the day before had 25 hours.
    ("America/Havana", "2026-11-02 12:00", "yesterday", "11-01 04:00", "11-02 05:00"),
    # Zones off the hour.
    ("Asia/Kathmandu", "2026-11-25 12:00", "this morning", "11-24 22:15", "11-25 06:15"),
    # Samoa went over the date line: there was no 30 December 2011.
    ("Pacific/Apia", "2011-12-31 12:00", "in the last three days", "12-28 10:00", "12-30 22:00"),
    ("Pacific/Apia", "2012-01-02 12:00", "on 29 December", "12-29 10:00", "12-30 10:00"),
    ("Pacific/Apia", "2012-01-02 12:00", "on 31 December", "12-30 10:00", "12-31 10:00"),
    # Nothing was said on a day that was not; its clock would have shown the next.
    ("Pacific/Apia", "2012-01-02 12:00", "on 30 December", "12-30 10:00", "12-31 10:00"),
]


@pytest.mark.parametrize(("zone", "now", "text", "start", "end"), EXACT)
def test_a_window_is_exact_where_clocks_change(
    zone: str, now: str, text: str, start: str, end: str
) -> None:
    window = _window(text, at(now, zone), lambda _: zone)

    assert (f"{window.start:%m-%d %H:%M}", f"{window.end:%m-%d %H:%M}") == (start, end)
    assert window.start.tzinfo is window.end.tzinfo is UTC
    assert window.words


def test_a_time_that_was_skipped_is_the_moment_after_the_gap() -> None:
    window = resolve(
        LocalSpan(local("2026-03-29 02:30"), local("2026-03-29 04:00")),
        lambda _: "Europe/Vienna",
        "then",
    )

    assert window.start == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert window.end == datetime(2026, 3, 29, 2, tzinfo=UTC)


def test_a_range_within_a_gap_is_what_a_clock_showed_that_was_not_put_forward() -> None:
    window = resolve(
        LocalSpan(local("2026-03-29 02:10"), local("2026-03-29 02:20")),
        lambda _: "Europe/Vienna",
        "then",
    )

    assert window.start == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert window.end == datetime(2026, 3, 29, 1, 20, tzinfo=UTC)


def test_a_day_is_that_of_the_zone_that_the_owner_had_then() -> None:
    def zone_at(day: date) -> str:
        return "Asia/Tokyo" if day < date(2026, 11, 24) else "Europe/Vienna"

    now = at("2026-11-25 12:00")
    monday, tuesday = (_window(text, now, zone_at) for text in ("on Monday", "on Tuesday"))
    both = _window("between Monday and Tuesday", now, zone_at)

    assert monday.start == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert monday.end == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert tuesday.start == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert tuesday.end == datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert (both.start, both.end) == (monday.start, tuesday.end)


def test_a_flight_over_the_date_line_turns_no_window_around() -> None:
    def zone_at(day: date) -> str:
        return "Pacific/Niue" if day < date(2026, 11, 25) else "Pacific/Kiritimati"

    night = _window("last night", at("2026-11-25 12:00", "Pacific/Kiritimati"), zone_at)

    assert night.start == datetime(2026, 11, 25, 5, tzinfo=UTC)
    assert night.end - night.start == timedelta(hours=11)


def test_what_is_counted_from_now_needs_no_zone() -> None:
    def zone_at(day: date) -> str:
        raise AssertionError(day)

    span = ElapsedSpan(
        datetime(2026, 11, 25, 12, tzinfo=UTC), datetime(2026, 11, 25, 13, tzinfo=UTC)
    )

    assert resolve(span, zone_at, "an hour ago") == TimeWindow(span.start, span.end, "an hour ago")


@pytest.mark.parametrize("zone", ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe"])
def test_days_one_after_the_other_leave_nothing_out(zone: str) -> None:
    day, ends = date(2026, 1, 1), list[datetime]()
    while day.year == 2026:
        first = local(str(day))
        window = resolve(LocalSpan(first, first + timedelta(days=1)), lambda _: zone, "a day")
        assert not ends or window.start == ends[-1]
        ends.append(window.end)
        day += timedelta(days=1)

    assert len(ends) == 365
    assert ends[-1] == datetime(2027, 1, 1, tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("anchor", "start", "end"),
    [
        (Anchor("before", "my trip"), "1900-01-01 00:00", "2026-06-10 12:00"),
        (Anchor("before", "my trip", within=timedelta(7)), "2026-06-03 12:00", "2026-06-10 12:00"),
        (Anchor("after", "my trip"), "2026-06-10 12:00", "2026-11-25 11:00"),
        (Anchor("after", "my trip", within=timedelta(3)), "2026-06-10 12:00", "2026-06-13 12:00"),
        (Anchor("since", "I moved"), "2026-06-10 12:00", "2026-11-25 11:00"),
        # Three days either way, on the owner's calendar.
        (Anchor("during", "my trip"), "2026-06-06 22:00", "2026-06-13 22:00"),
        (Anchor("around", "my trip"), "2026-06-06 22:00", "2026-06-13 22:00"),
        # A whole day beside it, or a part of that.
        (Anchor("before", "my trip", day=-1), "2026-06-08 22:00", "2026-06-09 22:00"),
        (Anchor("after", "my trip", day=1), "2026-06-10 22:00", "2026-06-11 22:00"),
        (
            Anchor("before", "my trip", day=-1, part="evening"),
            "2026-06-09 15:00",
            "2026-06-09 22:00",
        ),
    ],
)
def test_an_anchor_becomes_a_window_once_its_turn_is_known(
    anchor: Anchor, start: str, end: str
) -> None:
    told = datetime(2026, 6, 10, 12, tzinfo=UTC)
    now = at("2026-11-25 12:00")

    window = around(anchor, told, "Europe/Vienna", now)

    assert (f"{window.start:%Y-%m-%d %H:%M}", f"{window.end:%Y-%m-%d %H:%M}") == (start, end)


def _window(text: str, now: datetime, zone_at: Callable[[date], str]) -> TimeWindow:
    found = read_time(text, now)
    assert found is not None
    assert isinstance(found.meaning, LocalSpan | ElapsedSpan)
    return resolve(found.meaning, zone_at, found.words)
