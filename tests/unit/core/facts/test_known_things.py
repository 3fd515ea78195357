"""What a prompt states of what is known already, by its name, its make, or a pronoun alone."""

from datetime import UTC, datetime

import pytest

from vega.core.facts import may_be_of_known, read_of_known, read_statements
from vega.core.memory import Fact

PETS = ("My dog is called Biscuit.", "My cat is called Pudding.", "My cat is called Mittens.")
PLANS = (
    "I have an appointment with Dr Shah on Tuesday at 3.",
    "I have a dentist appointment on Friday at 9:30.",
    "I'm flying to Lagos in December.",
)
CAR = ("I drive a red Mazda 3.",)
STATED = [
    (PETS, "Biscuit died", [("dog", "Biscuit", True)]),
    (PETS, "Pudding passed away in spring :(", [("cat", "Pudding", True)]),
    (PETS, "We had to put Mittens down yesterday", [("cat", "Mittens", True)]),
    (PETS, "we gave Pudding away", [("cat", "Pudding", True)]),
    (PETS, "Biscuit is 4 years old", [("Biscuit's age", "4", False)]),
    (CAR, "I sold my Mazda", [("car", "a red Mazda 3", True)]),
    (CAR, "We got rid of the old Mazda last week", [("car", "a red Mazda 3", True)]),
    (
        CAR,
        "sold the old Mazda and bought a second-hand Skoda Octavia",
        [("car", "a second-hand Skoda Octavia", False)],
    ),
    (
        PLANS,
        "my appointment with Dr Shah was moved to Thursday",
        [
            ("appointment", "an appointment with Dr Shah on Thursday", False),
            ("appointment", "an appointment with Dr Shah on Tuesday at 3", True),
        ],
    ),
    (
        PLANS,
        "the dentist moved it to Monday at 11",
        [
            ("appointment", "a dentist appointment on Monday at 11", False),
            ("appointment", "a dentist appointment on Friday at 9:30", True),
        ],
    ),
    (PLANS, "The Lagos trip is cancelled", [("plan", "flying to Lagos in December", True)]),
    (PLANS, "I'm not flying to Lagos after all", [("plan", "flying to Lagos in December", True)]),
    (("I hate olives.",), "actually I don't hate olives", [("dislike", "olives", True)]),
    (("My daughter is 4.",), "she is called Destiny", [("daughter", "Destiny", False)]),
    (
        ("My daughter is called Destiny.", "My daughter is 4."),
        "Destiny turned 5 today",
        [("daughter's age", "5", False)],
    ),
    (("My sister is called Georgia.",), "She's 38", [("Georgia's age", "38", False)]),
    (
        ("My sister is called Georgia.",),
        "Georgia's birthday is on August 9",
        [("Georgia's birthday", "August 9", False)],
    ),
    (
        ("My wife is called Veronica.",),
        "she works at the post office",
        [("wife's employer", "the post office", False)],
    ),
    (
        ("My wife is called Veronica.",),
        "her favourite flower is the peony",
        [("wife's favorite flower", "the peony", False)],
    ),
]
NOTHING = [
    (PETS, "Biscuit is hungry"),
    (PETS, "Biscuit died in the movie"),
    (PETS, "Rex died"),
    (PETS, "Did Biscuit die?"),
    (CAR, "I sold my Toyota"),
    (PLANS, "the meeting is cancelled"),
    (PLANS, "my appointment is cancelled"),
    (PLANS, "I'm not flying to Lagos on Friday"),
    (("I hate olives.",), "I don't hate mornings"),
    (("My sister is called Georgia.",), "he is 38"),
    (("My sister is called Georgia.", "I like jazz."), "She's 38"),
]


def held(*prompts: str) -> list[Fact]:
    """The facts of those turns, which are the first of a life."""
    return [
        Fact(
            id=turn_id * 10 + at,
            turn_id=turn_id,
            kind=one.kind,
            attribute=one.attribute,
            slot=one.slot,
            value=one.value,
            held_from=datetime(2026, 1, turn_id, tzinfo=UTC),
            held_until=None,
            ending=None,
            zone="UTC",
        )
        for turn_id, prompt in enumerate(prompts, 1)
        for at, one in enumerate(read_statements(prompt).statements)
    ]


@pytest.mark.parametrize(("known", "prompt", "stated"), STATED)
def test_it_is_stated_of_what_is_known(
    known: tuple[str, ...], prompt: str, stated: list[tuple[str, str, bool]]
) -> None:
    reading = read_of_known(prompt, held(*known), len(known) + 1)

    assert [(one.attribute, one.value, one.is_over) for one in reading.statements] == stated
    assert may_be_of_known(prompt)


@pytest.mark.parametrize(("known", "prompt"), NOTHING)
def test_nothing_is_stated_where_it_is_not_clear_of_what(
    known: tuple[str, ...], prompt: str
) -> None:
    assert read_of_known(prompt, held(*known), len(known) + 1).statements == ()


@pytest.mark.parametrize("prompt", [prompt for _, prompt, _ in STATED])
def test_of_what_is_not_known_nothing_is_stated(prompt: str) -> None:
    assert read_of_known(prompt, [], 5).statements == ()
