"""What is known of the owner, in sentences."""

from datetime import UTC, datetime

import pytest

from vega.core.facts import Question, acknowledge, read_statements
from vega.core.memory import Fact, FactKind
from vega.core.replies.known import recollect

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
COLOR = Question("favorite color", "favorite color", "is")


def known(value: str, told: datetime = NOW, zone: str = "Europe/Vienna") -> Fact:
    return Fact(
        1, 7, FactKind.FAVORITE, "favorite color", "favorite color", value, told, None, None, zone
    )


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("My favorite color is blue", "Got it! I'll remember that your favorite color is blue."),
        ("my fav color is blue", "Got it! I'll remember that your favorite color is blue."),
        (
            "My favourite colour is blue",
            "Got it! I'll remember that your favourite colour is blue.",
        ),
        (
            "My favorite colors are blue and red",
            "Got it! I'll remember that your favorite colors are blue and red.",
        ),
        ("Call me Al", "Got it! I'll remember that you go by Al."),
        ("My name is Mr. T.", "Got it! I'll remember that your name is Mr. T."),
        (
            "My name is Ana. My favorite color is red. My favorite food is rice.",
            "Got it! I'll remember that your name is Ana, your favorite color is red and your "
            "favorite food is rice.",
        ),
    ],
)
def test_what_was_understood_is_acknowledged_in_the_owners_words(prompt: str, reply: str) -> None:
    assert acknowledge(read_statements(prompt).said) == reply


def test_an_unknown_fact_is_not_invented() -> None:
    assert recollect(COLOR, None, NOW).startswith("I have no record of that")


@pytest.mark.parametrize(
    ("told", "zone", "when"),
    [
        (datetime(2026, 11, 22, 8, 5, tzinfo=UTC), "Europe/Vienna", "today at 09:05"),
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), "Europe/Vienna", "today at 00:30"),
        (datetime(2026, 11, 21, 22, 30, tzinfo=UTC), "Europe/Vienna", "yesterday at 23:30"),
        (datetime(2026, 11, 21, 23, 30, tzinfo=UTC), "UTC", "yesterday at 23:30"),
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), "Europe/Vienna", "on 20 November"),
        (datetime(2025, 11, 20, 12, 0, tzinfo=UTC), "Europe/Vienna", "on 20 November 2025"),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), "Pacific/Kiritimati", "today at 02:00"),
    ],
)
def test_a_fact_is_told_with_its_date_by_the_owners_clock(
    told: datetime, zone: str, when: str
) -> None:
    reply = recollect(COLOR, known("purple", told, zone), NOW)

    assert reply == f"Your favorite color is purple: you told me {when}."


def test_a_question_for_yes_or_no_gets_it() -> None:
    remembers = Question("favorite color", "favorite color", "is", wants_yes=True)
    blue = Question("favorite color", "favorite color", "is", value="Blue")
    red = Question("favorite color", "favorite color", "is", value="red")

    assert recollect(remembers, known("blue"), NOW).startswith("Yes! Your favorite color is blue")
    assert recollect(blue, known("blue"), NOW).startswith("Yes! Your favorite color is blue")
    assert recollect(red, known("blue"), NOW).startswith("No. Your favorite color is blue")
