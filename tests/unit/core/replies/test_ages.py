"""Ages are counted from what was told, exactly where that allows it."""

from datetime import UTC, datetime

import pytest

from vega.core.memory import Fact, FactKind
from vega.core.replies.ages import Life

TOLD = datetime(2024, 3, 3, 10, tzinfo=UTC)
NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)


def fact(attribute: str, value: str, told: datetime = TOLD) -> Fact:
    return Fact(1, 7, FactKind.DATE, attribute, attribute, value, told, None, None, "UTC")


def life(age: str = "", birthday: str = "", year: str = "") -> Life:
    return Life(
        "You",
        fact("age", age) if age else None,
        fact("birthday", birthday) if birthday else None,
        fact("birth year", year) if year else None,
    )


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        (life("34"), "You told me on 3 March 2024 that you are 34, so you are 36 or 37 now."),
        (life("thirty-four"), "so you are 36 or 37 now."),
        (life("34", "14 March"), "You are 37 years old: "),
        (life("34", "1 March"), "You are 36 years old: "),
        (life(birthday="3 May 1990"), "You are 36 years old: your birthday is 3 May 1990"),
        (life(birthday="December 3rd, 1990"), "You are 35 years old: "),
        (life(birthday="1990-11-25"), "You are 36 years old: "),
        (life(birthday="26.11.1990"), "You are 35 years old: "),
        (life(year="1991"), "You are 34 or 35 years old: the year is 1991"),
        (life(birthday="14 March", year="1991"), "You are 35 years old: "),
        (life(birthday="29 February 1992"), "You are 34 years old: "),
    ],
)
def test_how_old(known: Life, answer: str) -> None:
    reply = known.how_old(NOW)

    assert reply is not None
    assert answer in reply.text
    assert reply.sources == (7,)


def test_an_age_told_today_is_that_age() -> None:
    told = Life("You", fact("age", "34", NOW), None, None).how_old(NOW)

    assert told is not None
    assert told.text == "You are 34 years old: you told me today at 09:00 that you are 34."


def test_before_the_day_of_a_year_the_age_is_one_less() -> None:
    early = datetime(2026, 1, 1, 9, tzinfo=UTC)
    reply = life("34").how_old(early)

    assert reply is not None
    assert "35 or 36" in reply.text


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        (life(birthday="3 May 1990"), "You were born on 3 May 1990: "),
        (life(birthday="14 March", year="1991"), "You were born on 14 March 1991: "),
        (life("34", "14 March"), "You were born on 14 March 1989: "),
        (life("34"), "You were born in 1989 or 1990: "),
        (life(year="1991"), "You were born in 1991: "),
        (life(birthday="14 March"), "You have not told me the year."),
        (life(birthday="31 February 1990"), "You were born in 1990: "),
    ],
)
def test_when_born(known: Life, answer: str) -> None:
    reply = known.when_born(NOW)

    assert reply is not None
    assert answer in reply.text


def test_nothing_told_is_nothing_known() -> None:
    assert life().how_old(NOW) is None
    assert life().when_born(NOW) is None
    assert life(birthday="14 March").how_old(NOW) is None
    assert life(age="ageless").how_old(NOW) is None


def test_another_is_named() -> None:
    emil = Life("Emil", fact("Emil's age", "7"), None, None).how_old(NOW)

    assert emil is not None
    assert emil.text == "You told me on 3 March 2024 that Emil is 7, so Emil is 9 or 10 now."
