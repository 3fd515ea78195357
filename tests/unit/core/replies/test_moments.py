"""When something was, as a person says it."""

from datetime import UTC, datetime

import pytest

from vega.core.memory import TimeWindow
from vega.core.replies.moments import (
    ago_words,
    at_words,
    span_words,
    turned,
    window_name,
    window_words,
)

#: A Wednesday.
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("then", "zone", "words"),
    [
        (datetime(2026, 11, 25, 8, 5, tzinfo=UTC), "Europe/Vienna", "today at 09:05"),
        (datetime(2026, 11, 24, 22, 30, tzinfo=UTC), "Europe/Vienna", "yesterday at 23:30"),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "Europe/Vienna", "today at 00:30"),
        (datetime(2026, 11, 23, 13, 20, tzinfo=UTC), "Europe/Vienna", "on Monday at 14:20"),
        (datetime(2026, 11, 19, 13, 20, tzinfo=UTC), "UTC", "on Thursday at 13:20"),
        (datetime(2026, 11, 18, 13, 20, tzinfo=UTC), "UTC", "on 18 November at 13:20"),
        (datetime(2024, 3, 3, 10, 15, tzinfo=UTC), "UTC", "on 3 March 2024 at 10:15"),
        (datetime(2024, 7, 3, 10, 15, tzinfo=UTC), "Asia/Tokyo", "on 3 July 2024 at 19:15"),
        (datetime(2026, 12, 3, 10, 15, tzinfo=UTC), "UTC", "on 3 December at 10:15"),
    ],
)
def test_a_moment_is_told_by_the_owners_clock_then(then: datetime, zone: str, words: str) -> None:
    assert at_words(then, zone, NOW) == words


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ((2026, 3, 1, 9), (2026, 3, 3, 8), "from 1 March until 3 March 2026"),
        ((2025, 12, 30, 9), (2026, 1, 2, 8), "from 30 December 2025 until 2 January 2026"),
        ((2026, 3, 3, 9), (2026, 3, 3, 10), "on 3 March 2026 from 09:00 until 10:00"),
    ],
)
def test_a_span_is_told_with_its_ends(
    start: tuple[int, ...], end: tuple[int, ...], words: str
) -> None:
    first, last = (datetime(*each, tzinfo=UTC) for each in (start, end))  # type: ignore[misc, arg-type]

    assert span_words(first, last, "UTC") == words


def test_a_window_is_told_by_the_days_that_it_touches() -> None:
    day = datetime(2026, 11, 21, 23, 0, tzinfo=UTC), datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    days = datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)

    assert window_words(*day, "Europe/Vienna") == "22 November 2026"
    assert window_words(*days, "UTC") == "20 November to 22 November 2026"


@pytest.mark.parametrize(
    ("said", "turned_words"),
    [
        ("before my trip in June", "before your trip in June"),
        ("when I was in Lisbon", "when you were in Lisbon"),
        ("while I wasn't at home", "while you weren't at home"),
        ("since I've moved", "since you've moved"),
        ("after we moved", "after you moved"),
        ("during our holiday", "during your holiday"),
        ("when Anna visited me", "when Anna visited you"),
        ("before you told me about Norway", "before I told you about Norway"),
        ("after I told you about Norway", "after you told me about Norway"),
        ("when we first talked", "when we first talked"),
        ("in our last conversation", "in our last conversation"),
        ("when Anna was in Rome", "when Anna was in Rome"),
        ("this morning", "this morning"),
        ("in May", "in May"),
    ],
)
def test_the_owners_words_are_turned_when_vega_says_them(said: str, turned_words: str) -> None:
    assert turned(said) == turned_words


@pytest.mark.parametrize(
    ("words", "start", "end", "name"),
    [
        ("on Thanksgiving", (2025, 11, 27), (2025, 11, 28), "on Thanksgiving (27 November 2025)"),
        (
            "in December",
            (2025, 12, 1),
            (2026, 1, 1),
            "in December (1 December to 31 December 2025)",
        ),
        ("in March", (2026, 3, 1), (2026, 4, 1), "in March"),
        ("in June 2022", (2022, 6, 1), (2022, 7, 1), "in June 2022"),
        ("last year", (2025, 1, 1), (2026, 1, 1), "last year"),
        ("before my trip", (1900, 1, 1), (2025, 6, 1), "before your trip"),
    ],
)
def test_a_time_of_another_year_is_named_with_its_days(
    words: str, start: tuple[int, int, int], end: tuple[int, int, int], name: str
) -> None:
    window = TimeWindow(datetime(*start, tzinfo=UTC), datetime(*end, tzinfo=UTC), words)

    assert window_name(window, "UTC", NOW) == name


def test_a_time_without_a_beginning_is_told_by_its_end() -> None:
    start, end = datetime(1900, 1, 1, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)

    assert window_words(start, end, "UTC") == "up to 24 November 2026"


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ((2022, 3, 10), "4 years and 8 months"),
        ((2025, 11, 25), "1 year"),
        ((2026, 8, 26), "2 months"),
        ((2026, 11, 13), "12 days"),
        ((2026, 11, 25), "less than a day"),
    ],
)
def test_how_long_ago_it_was_is_told_in_whole_units(then: tuple[int, int, int], words: str) -> None:
    assert ago_words(datetime(*then, tzinfo=UTC), NOW, "UTC") == words
