"""Whatever is said, wherever and whenever: no error, right offsets, windows that hold together."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.said_times import NOW, at, local
from vega.core.recall.times import (
    Anchor,
    ElapsedSpan,
    LocalSpan,
    TimeExpression,
    around,
    is_future,
    read_time,
    resolve,
    subject,
)
from vega.core.recall.times.calendar import easter
from vega.core.recall.times.words import of

ZONES = [
    *("Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo"),
    *("Asia/Beirut", "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu", "UTC"),
]
MONTHS = [
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WORDS = """
on in at the of last this next past yesterday today tonight morning night week ago month year hour
three a few couple days 3rd 3 31 2024 0 99999 3/4 14:30 5pm 3.4. '24 since before after until
between and from to around when I was my trip first we Monday friday March may MAY Christmas Easter
winter weekend early end half second 90s noon midnight earlier just now every ' 's , . - ? decades
weeks 9999 talked
"""

zones = st.sampled_from(ZONES)
moments = st.datetimes(local("1970-01-02"), local("2100-01-01")).map(
    lambda moment: moment.replace(tzinfo=UTC)
)
spoken = st.lists(st.sampled_from(sorted(of(WORDS))), max_size=12).map(" ".join)
texts = st.one_of(st.text(), spoken, st.lists(st.one_of(st.text(), spoken)).map(" ".join))
preferences = st.sampled_from(["past", "future"])
locals_ = st.datetimes(local("1901-01-01"), local("2150-01-01"))


@given(texts, moments, zones, st.booleans(), preferences)
def test_any_text_is_read_without_an_error(
    text: str, now: datetime, zone: str, day_first: bool, prefers: str
) -> None:
    there = now.astimezone(ZoneInfo(zone))
    found = read_time(
        text, there, day_first=day_first, prefers="past" if prefers == "past" else "future"
    )

    if found is not None:
        assert 0 <= found.start < found.end <= len(text)
        assert found.words.split()[-1][-1:].casefold() in text[found.start : found.end].casefold()
        assert len(subject(text, found)) <= len(text)
        is_future(found.meaning, there)
        _assert_holds(found, there, zone)


def _assert_holds(found: TimeExpression, now: datetime, zone: str) -> None:
    match found.meaning:
        case LocalSpan() | ElapsedSpan() as span:
            window = resolve(span, lambda _: zone, found.words)
        case Anchor() as anchor:
            window = around(anchor, now - timedelta(days=9), zone, now)
        case _:
            return
    assert window.start < window.end


@given(locals_, st.timedeltas(timedelta(microseconds=1), timedelta(days=800)), zones, zones)
def test_a_window_is_never_empty_and_never_turned_around(
    first: datetime, length: timedelta, one: str, other: str
) -> None:
    middle = (first + length / 2).date()

    window = resolve(
        LocalSpan(first, first + length), lambda day: one if day <= middle else other, "then"
    )

    assert window.start < window.end


@given(moments, zones)
def test_a_moment_lies_in_the_windows_of_its_day_and_hour(moment: datetime, zone: str) -> None:
    there = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    day = there.replace(hour=0, minute=0, second=0, microsecond=0)
    hour = there.replace(minute=0, second=0, microsecond=0)

    for span in (
        LocalSpan(day, day + timedelta(days=1)),
        LocalSpan(hour, hour + timedelta(hours=1)),
    ):
        window = resolve(span, lambda _: zone, "then")

        assert window.start <= moment < window.end


@given(st.sampled_from(MONTHS), moments, zones)
def test_a_month_is_within_it_and_has_begun(name: str, now: datetime, zone: str) -> None:
    there, span = _span(f"in {name}", now, zone)

    assert span.first.month == (span.until - timedelta(days=1)).month == MONTHS.index(name) + 1
    assert span.first.year == (span.until - timedelta(days=1)).year
    assert span.first <= there < span.first + timedelta(days=366)


@given(st.sampled_from(WEEKDAYS), moments, zones)
def test_a_weekday_is_today_or_of_the_last_six_days(name: str, now: datetime, zone: str) -> None:
    there, span = _span(f"on {name}", now, zone)

    assert span.first.weekday() == WEEKDAYS.index(name)
    assert span.is_day
    assert timedelta() <= there - span.first < timedelta(days=7)


@given(
    st.sampled_from(["", " morning", " afternoon", " evening", " at 9", " at 3"]), moments, zones
)
def test_yesterday_is_within_the_day_before(part: str, now: datetime, zone: str) -> None:
    there, span = _span(f"yesterday{part}", now, zone)
    yesterday = local(str(there.date())) - timedelta(days=1)

    assert yesterday <= span.first < span.until <= yesterday + timedelta(days=1)


@given(st.integers(1, 31), moments, zones)
def test_a_day_of_the_month_is_the_latest_that_there_was(
    number: int, now: datetime, zone: str
) -> None:
    there, span = _span(f"on the {number}th", now, zone)

    assert span.first.day == number
    assert span.is_day
    assert timedelta() <= there - span.first < timedelta(days=62)


@given(st.integers(1, 500), st.sampled_from(["days", "weeks", "months", "years"]), moments)
def test_what_is_some_time_ago_is_over(count: int, unit: str, now: datetime) -> None:
    found = read_time(f"{count} {unit} ago", now)

    if found is None:
        # Before 1900.
        assert unit in ("months", "years")
        return
    assert isinstance(found.meaning, LocalSpan)
    assert found.meaning.until <= now.replace(tzinfo=None)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_written_date_is_that_day(day: date) -> None:
    for text in (
        f"on {day.isoformat()}",
        f"on {day:%-d %B %Y}",
        f"on {day:%B %-d, %Y}",
        f"on {day:%-d/%-m/%Y}",
        f"on {day:%-d.%-m.%Y}",
    ):
        found = read_time(text, at(NOW))

        assert found is not None
        assert isinstance(found.meaning, LocalSpan)
        assert (found.meaning.first.date(), found.meaning.is_day) == (day, True)


@pytest.mark.parametrize(
    "filler", ["lorem ipsum ", "3 4 ", "the first week of ", "later ", "a few of ", "in "]
)
def test_of_a_very_long_text_both_ends_are_read(filler: str) -> None:
    long = filler * 20_000
    asked_last = f"{long}. What did I ask you yesterday?"
    asked_first = f"What did I ask you yesterday? {long}"
    in_between = f"{long}. What did I ask you yesterday? {long}"

    for text in (asked_last, asked_first):
        found = read_time(text, at(NOW))

        assert found is not None
        assert text[found.start : found.end] == "yesterday"
    assert read_time(in_between, at(NOW)) is None


@pytest.mark.parametrize("text", ["9" * 100_000, "3." * 50_000, "'" * 99_999, "ー" * 40_000, ""])
def test_long_runs_of_one_thing_are_no_time(text: str) -> None:
    assert read_time(text, at(NOW)) is None


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1913, 3, 23), (1961, 4, 2), (2000, 4, 23), (2019, 4, 21), (2024, 3, 31), (2038, 4, 25)],
)
def test_easter_falls_on_the_sunday_that_it_fell_on(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        read_time("yesterday", local("2026-11-25"))


def _span(text: str, now: datetime, zone: str) -> tuple[datetime, LocalSpan]:
    there = now.astimezone(ZoneInfo(zone))
    found = read_time(text, there)
    assert found is not None
    assert isinstance(found.meaning, LocalSpan)
    return there.replace(tzinfo=None, fold=0), found.meaning
