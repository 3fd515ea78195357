"""Quotations show what was said, and nothing that cannot be seen."""

import pytest

from vega.core.replies.quoting import is_question, quote


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Hello \u202eevil\u202c there", '"Hello evil there"'),
        ("a\u2066b\u2069c\ufeff", '"abc"'),
        ("bell\x07 and\x1b[31m red", '"bell and[31m red"'),
        ("two\nlines\tand more", '"two lines and more"'),
        ("the \U0001f469\u200d\U0001f467 family", '"the \U0001f469\u200d\U0001f467 family"'),
        ("שלום and مرحبا", '"שלום and مرحبا"'),
        ('He said "no"', "\"He said 'no'\""),
    ],
)
def test_a_quotation_is_of_what_can_be_seen(text: str, shown: str) -> None:
    assert quote(text) == shown


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Can't get Ayla to sleep, she has a molar coming", False),
        ("can’t find the drill", False),
        ("Have to call mum", False),
        ("Was at the dentist", False),
        ("When I was in Rome, I met Ana", False),
        ("What a day!", False),
        ("can't you see it", True),
        ("Can dogs eat grapes", True),
        ("When I was in Rome, what did I say", True),
        ("Is baking soda safe", True),
    ],
)
def test_what_is_told_is_no_question_for_its_first_word(text: str, is_one: bool) -> None:
    assert is_question(text) is is_one
