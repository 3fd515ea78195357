"""Which answers only repeat an earlier one."""

import pytest

from vega.core.echoes import count_to_last_echo

MOON = "The moon goes around the earth once in about four weeks, and shows it one face."
SEA = "The sea is salt since rivers carry what they wash out of stones down to it."
TEA = "Let green tea draw for two minutes, and never pour boiling water on it."
LIKE_MOON = "Well, the moon goes around the earth once in about four weeks, I think."
SAME_OPENING = "The moon goes around the earth, and that is why there are tides in the evening."


@pytest.mark.parametrize(
    ("answers", "count"),
    [
        ([], 0),
        ([MOON], 0),
        ([MOON, SEA, TEA], 0),
        ([MOON, MOON], 2),
        ([MOON, SEA, MOON, TEA], 3),
        ([MOON, LIKE_MOON, TEA], 2),
        ([MOON, SAME_OPENING, TEA], 2),
        ([MOON, MOON.upper().replace(",", "!"), TEA], 2),
        (["Yes.", "No.", "Yes!"], 3),
        (["", "", TEA], 2),
        ([MOON, "Yes."], 0),
        (["You are welcome.", "You are most welcome, Ana."], 0),
    ],
)
def test_all_up_to_the_last_repetition_is_left_out(answers: list[str], count: int) -> None:
    assert count_to_last_echo(answers) == count


def test_what_is_only_compared_with_is_no_repetition_itself() -> None:
    assert count_to_last_echo([MOON, MOON, TEA], 2) == 2
    assert count_to_last_echo([MOON, MOON, TEA, MOON, SEA], 2) == 4
