"""Days, hours and years in which nothing can have been said."""

import pytest

from tests.said_times import NOW, at
from vega.core.recall.times import read_impossible, read_time, wrong_weekday

IMPOSSIBLE = [
    ("on February 29, 2023", "29 February 2023"),
    ("on 31 February", "31 February"),
    ("on the 31st of June 2022", "31 June 2022"),
    ("on Nov 31st", "31 November"),
    ("on the 32nd of May", "32 May"),
    ("on 2023-02-29", "29 February 2023"),
    ("on 29.2.2023", "29 February 2023"),
    ("on 2/30/2024", "30 February 2024"),
    ("on 31/4/2024", "31 April 2024"),
    ("on 30.2.", "30 February"),
    ("yesterday at 25:00", "25:00"),
    ("at 13:75", "13:75"),
    ("at 27 o'clock", "27 o'clock"),
    ("in the year 1850", "1850"),
    ("in 1492", "1492"),
    ("before 1900", "1900"),
    ("in 2500", "2500"),
]
POSSIBLE = [
    "on 29 February",
    "on 29 February 2024",
    "on 29.2.2024",
    "on 10/31/2022",
    "on 31/10/2022",
    "on 3/10",
    "at 24:00",
    "at 3 pm",
    "at 12:30pm",
    "in 1995",
    "in 1850 words",
    "room 1850",
    "version 1.2.3",
    "7.5.2024",
    "in May 2024",
    "May 40 people come?",
    "the talk about 31 February",
    "192.168.1.1",
]


@pytest.mark.parametrize(("text", "words"), IMPOSSIBLE)
def test_what_no_calendar_and_no_clock_shows_is_known(text: str, words: str) -> None:
    found = read_impossible(f"What did I say {text}?")

    assert found is not None
    assert found.words == words
    assert found.is_year == words.isdigit()


@pytest.mark.parametrize("text", POSSIBLE)
def test_all_else_may_have_been(text: str) -> None:
    assert read_impossible(f"What did I say {text}?") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("on Monday 17 August 2025", "17 August 2025 was a Sunday"),
        ("on Friday, the 1st of May 2024", "1 May 2024 was a Wednesday"),
        ("on Sunday 17 August 2025", None),
        ("the Monday after 17 August 2025", None),
        ("on Monday, 3 March", None),
        ("on Monday", None),
    ],
)
def test_a_date_that_was_no_such_weekday_is_known(text: str, told: str | None) -> None:
    time = read_time(text, at(NOW))

    assert time is not None
    assert wrong_weekday(time) == told
