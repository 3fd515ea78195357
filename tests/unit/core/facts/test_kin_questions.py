"""What is asked of those the owner knows, and of food."""

import pytest

from vega.core.facts import Acquaintance, read_food_question, read_kin_question

ASKED = [
    ("Who is Franz?", Acquaintance("who", name="Franz")),
    ("who's marta", Acquaintance("who", name="marta")),
    ("How old is Emil?", Acquaintance("age", name="Emil")),
    ("Do you know how old Emil is?", Acquaintance("age", name="Emil")),
    ("how old is my son?", Acquaintance("age", "son")),
    ("How old is my son Emil?", Acquaintance("age", "son", "Emil")),
    ("Is Emil 7?", Acquaintance("age", name="Emil", value="7")),
    ("What breed is Bruno?", Acquaintance("breed", name="Bruno")),
    ("What kind of dog is Bruno?", Acquaintance("breed", name="Bruno")),
    ("When is my mum's birthday?", Acquaintance("birthday", "mother")),
    ("When was my sister born?", Acquaintance("birthday", "sister")),
    ("When is her birthday?", Acquaintance("birthday", name="she")),
    ("Where does she live?", Acquaintance("home", name="she")),
    ("What does my husband do?", Acquaintance("work", "husband")),
    ("What does my sister like?", Acquaintance("likes", "sister")),
    ("Does Anna like pink?", Acquaintance("likes", name="Anna", value="pink")),
    ("What colour does Anna like?", Acquaintance("favorite color", name="Anna")),
    ("What's my sister's favourite colour?", Acquaintance("favorite color", "sister")),
    ("Is pink my sister's favorite color?", Acquaintance("favorite color", "sister", value="pink")),
    ("What's my best friend's favorite food?", Acquaintance("favorite food", "best friend")),
    ("What do you know about my husband?", Acquaintance("all", "husband")),
    ("Is Luna a cat?", Acquaintance("kind", name="Luna", value="cat")),
    ("Is my dad still alive?", Acquaintance("alive", "father")),
    ("Did my dog die?", Acquaintance("alive", "dog")),
    ("What is Emil's shoe size?", Acquaintance("shoe size", name="Emil")),
]  # fmt: skip


@pytest.mark.parametrize(("prompt", "expected"), ASKED)
def test_a_question_about_somebody_is_understood(prompt: str, expected: Acquaintance) -> None:
    assert read_kin_question(prompt) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "Who am I?",
        "Who is my wife?",
        "Who are you?",
        "Who is the president?",
        "How old is the universe?",
        "What is love?",
        "What's up?",
        "Where is Paris?",
        "When is her flight?",
        "Is my dog sick?",
        "What is my wife doing?",
        "What do you like?",
        "Where do I live?",
        "How old am I?",
    ],
)
def test_what_asks_of_nobody_is_no_such_question(prompt: str) -> None:
    assert read_kin_question(prompt) is None


@pytest.mark.parametrize(
    ("prompt", "food", "is_certain"),
    [
        ("Do I eat meat?", "meat", True),
        ("do i drink alcohol", "alcohol", True),
        ("Can I eat peanut butter?", "peanut butter", False),
        ("Am I allowed to have a steak?", "steak", False),
        ("Is sushi ok for me?", "sushi", False),
    ],
)
def test_a_question_about_food_is_understood(prompt: str, food: str, is_certain: bool) -> None:
    asked = read_food_question(prompt)

    assert asked is not None
    assert (asked.value, asked.attribute is not None) == (food, is_certain)


@pytest.mark.parametrize(
    "prompt", ["Can I have a look?", "Can I eat it?", "What should I eat?", "Can I try something?"]
)
def test_other_permissions_are_not_of_food(prompt: str) -> None:
    assert read_food_question(prompt) is None
