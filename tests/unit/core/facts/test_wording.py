"""Questions typed in haste or put otherwise are read as the plain ones."""

import pytest

from vega.core.facts import read_question
from vega.core.facts.wording import as_meant

SAME = [
    ("whats my wifes name", "What's my wife's name?"),
    ("what s my favorite color", "What's my favorite color?"),
    ("wats my fav color", "What is my fav color?"),
    ("favorite color?", "What is my favorite color?"),
    ("My favorite color", "What is my favorite color?"),
    ("my dog's name?", "What is my dog's name?"),
    ("WHAT IS MY FAVORITE COLOR", "What is my favorite color?"),
    ("I forgot my own birthday, when is it?", "When is my birthday?"),
    ("I can't remember my wife's name. What is it?", "What is my wife's name?"),
    ("what's my bday", "What is my birthday?"),
    ("When is my birthday, I forgot", "When is my birthday?"),
    ("My favorite color is blue, right?", "Is my favorite color blue?"),
    ("I live in Graz, don't I?", "Do I live in Graz?"),
    ("I'm vegetarian, aren't I?", "Am I vegetarian?"),
    ("Do you know whether I like jazz?", "Do I like jazz?"),
    ("Isn't green my favorite color?", "Is green my favorite color?"),
    ("Don't I have a dog?", "Do I have a dog?"),
    ("Am I not vegetarian?", "Am I vegetarian?"),
    ("say my name", "Tell me my name"),
    ("whats the wifi password", "What's my wifi password?"),
]


@pytest.mark.parametrize(("typed", "plain"), SAME)
def test_it_is_the_same_question(typed: str, plain: str) -> None:
    assert read_question(typed) is not None
    assert read_question(typed) == read_question(plain)


@pytest.mark.parametrize(
    "prompt",
    [
        "My favorite movie Titanic",
        "I forgot my wife's birthday",
        "I forgot my keys, where are they?",
        "I live in Graz, right next to the river.",
        "Do you know whether it rains?",
        "my head hurts",
        "favorite",
        "my dog is sick?",
    ],
)
def test_what_only_sounds_so_asks_nothing(prompt: str) -> None:
    assert read_question(prompt) is None


def test_what_is_plain_stays_as_it_is() -> None:
    assert as_meant("What is my wife's name?") == "What is my wife's name?"
    assert as_meant("Why is the sky blue?") == "Why is the sky blue?"
