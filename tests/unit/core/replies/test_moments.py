"""When something was, as a person says it."""

from datetime import UTC, datetime

import pytest

from vega.core.replies.moments import at_words, span_words, window_words

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
