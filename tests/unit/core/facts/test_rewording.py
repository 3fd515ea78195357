"""Sentences that leave out who does something, or put another right, say the same as at length."""

import pytest

from vega.core.facts import read_statements

#: What is no longer so begins with a "-"; what a value stands instead of follows a "/".
SAID = [
    ("I'm 34 and work as a nurse at LKH Graz", ["age=34", "job=nurse", "employer=LKH Graz"]),
    ("I am 34, live in Graz and love hiking", ["age=34", "home=Graz", "like=hiking"]),
    ("I am 34 and a nurse", ["age=34", "job=nurse"]),
    ("I live in Graz and work at Bosch", ["home=Graz", "employer=Bosch"]),
    ("I used to love jazz but now I prefer techno", ["-like=jazz", "like=techno"]),
    ("I used to love jazz but now I hate it", ["-like=jazz", "dislike=jazz"]),
    ("I used to like coffee, but I don't any more", ["-like=coffee"]),
    ("I've gone off coffee", ["-like=coffee"]),
    ("I stopped liking jazz", ["-like=jazz"]),
    ("I like jazz again", ["like=jazz"]),
    ("I'm vegan again", ["diet=vegan"]),
    ("I eat meat again", ["-does not eat=meat"]),
    ("My name is not Kathi, it's Karin", ["name=Karin/Kathi"]),
    ("My name is not Kathi. It's Karin.", ["name=Karin/Kathi"]),
    ("My name isn't Kathi but Karin", ["name=Karin/Kathi"]),
    ("I'm not called Kathi, I'm called Karin", ["name=Karin/Kathi"]),
    ("Sorry, my dog's name is Brutus, not Bruno", ["dog=Brutus/Bruno"]),
    ("My cat is not called Mimi, she's called Mitzi", ["cat=Mitzi/Mimi"]),
    ("I live in Linz, not in Vienna", ["home=Linz/Vienna"]),
    ("My birthday is actually on 15 March", ["birthday=15 March"]),
    ("I'm actually 35, not 34", ["age=35/34"]),
    ("I was born in 1991 in Linz", ["birth year=1991", "birthplace=Linz"]),
    ("I was born in Linz on 3 May 1990", ["birthday=3 May 1990", "birthplace=Linz"]),
    ("I started a new job at Siemens as an engineer", ["employer=Siemens", "job=engineer"]),
]
NOT_SAID = [
    "I like big butts and I cannot lie",
    "I used to think that I like jazz",
    "I used to live in Paris",
    "I'm working on the site, like SEO tags",
    "My name is not Kathi",
    "I was born in the 80s",
]


@pytest.mark.parametrize(("prompt", "expected"), SAID)
def test_it_states_what_it_says_at_length(prompt: str, expected: list[str]) -> None:
    found = [
        f"{'-' if one.is_over else ''}{one.attribute}={one.value}"
        + (f"/{one.instead_of}" if one.instead_of else "")
        for one in read_statements(prompt).statements
    ]

    assert found == expected


@pytest.mark.parametrize("prompt", NOT_SAID)
def test_nothing_is_read_into_it(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


@pytest.mark.parametrize(
    "mark", ["\u202e", "\u202d", "\u2066", "\u200f", "\u200b", "\x07", "\ufeff"]
)
def test_no_value_holds_what_is_not_seen_of_a_text(mark: str) -> None:
    (said,) = read_statements(f"My favorite color is {mark}bl{mark}ue{mark}.").said

    assert said.statement.value == "blue"
    assert said.clause == "your favorite color is blue"
