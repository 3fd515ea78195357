"""What puts right the thing that was spoken of last, and what only begins so."""

import pytest

from vega.core.facts import Correction, read_correction

PUT_RIGHT = [
    ("No, green", "green"),
    ("no green", "green"),
    ("No, it's green.", "green"),
    ("I meant green", "green"),
    ("Sorry, I meant Ana", "Ana"),
    ("It's actually Rex", "Rex"),
    ("Not blue, green", "green"),
    ("No, not blue, green", "green"),
    ("No. It's 3 May.", "3 May"),
    ("wrong, it's Graz", "Graz"),
    ("No, it's dark blue, not light blue", "dark blue"),
    ("That's wrong. It's Peter.", "Peter"),
    ("Correction: green", "green"),
    ("No, make that 4712", "4712"),
]
CHANGED = [
    ("Actually it's green now", "green"),
    ("It's green now", "green"),
    ("No, it's green now", "green"),
    ("it's green these days", "green"),
    ("now it's green", "green"),
    ("It changed to green", "green"),
]
NOT_CORRECTED = [
    "",
    "No",
    "No thanks",
    "no problem",
    "It's fine now",
    "It's raining now",
    "It's late now",
    "It's Monday now",
    "It's over now",
    "It's green",
    "green",
    "Is it green now?",
    "no idea",
    "No, you are wrong",
    "No, I live in Graz",
    "Actually it's not",
    "No, that's not what I meant",
    "No, do it again",
    "No, try again",
    "Wait, stop",
    "I mean it",
    "No, nothing",
    "Sorry, wrong chat",
    "No, the other one",
    "No, write it in French",
    "No, shorter please",
    "No, green or blue",
    'No, "green"' + "x" * 2_000,
]


@pytest.mark.parametrize(("prompt", "value"), PUT_RIGHT)
def test_what_never_was_right_is_put_right(prompt: str, value: str) -> None:
    assert read_correction(prompt) == Correction(value, was_wrong=True)


@pytest.mark.parametrize(("prompt", "value"), CHANGED)
def test_what_has_changed_was_right_before(prompt: str, value: str) -> None:
    assert read_correction(prompt) == Correction(value, was_wrong=False)


@pytest.mark.parametrize("prompt", NOT_CORRECTED)
def test_what_names_no_other_value_corrects_nothing(prompt: str) -> None:
    assert read_correction(prompt) is None
