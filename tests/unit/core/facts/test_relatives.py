"""What is told of family and pets is a fact of theirs, and never one of the owner's."""

import pytest

from vega.core.facts import acknowledge, read_statements

TOLD = [
    ("My daughter's favourite colour is green", [("daughter's favorite color", "green")]),
    ("My wife's favorite color is red", [("wife's favorite color", "red")]),
    (
        "My wife's name is Maria and she works at Bosch",
        [("wife", "Maria"), ("wife's employer", "Bosch")],
    ),
    ("My dog is called Bruno, he's a beagle", [("dog", "Bruno"), ("Bruno's breed", "beagle")]),
    ("My dog is called Bruno. He's a beagle.", [("dog", "Bruno"), ("Bruno's breed", "beagle")]),
    ("I have a beagle called Bruno", [("dog", "Bruno"), ("Bruno's breed", "beagle")]),
    ("My son Emil is 7", [("son", "Emil"), ("Emil's age", "7")]),
    ("My son is 7 and loves trains", [("son's age", "7")]),
    ("My mom's name is Helga and my dad is Franz", [("mother", "Helga"), ("father", "Franz")]),
    (
        "My brother lives in Berlin and works at Siemens",
        [("brother's home", "Berlin"), ("brother's employer", "Siemens")],
    ),
    ("My sister Anna is a nurse", [("sister", "Anna"), ("Anna's job", "nurse")]),
    ("My parents are Helga and Franz", [("parent", "Helga"), ("parent", "Franz")]),
    ("I have two cats and a dog", [("cat", "two cats"), ("dog", "a dog")]),
]
NOT_TOLD = [
    "My wife is Catholic",
    "My husband is German-born",
    "My Dog Is Sick",
    "My mum is Italian",
    "My dad is Superman",
    "My sister is Head Nurse",
    "My dog is a menace",
    "My son is a genius",
    "My wife works for hours",
    "My dad is Mr. Right",
    "My son is Down with the flu",
    "My husband works nights",
    "My husband works for himself",
    "My son lives in his room",
    "My brother is 40 minutes late",
    "My dad's favorite team is losing",
    "My favorite is the second one",
    "My son lives in a fantasy world",
    "My dog is called hungry",
    "My brother's friend works at Bosch",
    "Is my wife's favorite color red?",
    "If my wife worked at Bosch we'd be rich",
    "My mother met Anna yesterday. She is 34.",
]
CLAUSES = [
    ("My wife works at Bosch", "your wife works at Bosch."),
    ("My son Emil is 7", "your son is called Emil and Emil is 7 years old."),
    ("My dog is a border collie", "your dog is a border collie."),
    ("My sister lives in Utrecht", "your sister lives in Utrecht."),
    ("My dad is an electrician", "your father is an electrician."),
    ("My daughter's favourite colour is green", "your daughter's favorite color is green."),
]


@pytest.mark.parametrize(("prompt", "expected"), TOLD)
def test_it_is_a_fact_of_who_is_spoken_of(prompt: str, expected: list[tuple[str, str]]) -> None:
    found = read_statements(prompt).statements

    assert [(one.attribute, one.value) for one in found] == expected


@pytest.mark.parametrize("prompt", NOT_TOLD)
def test_what_is_no_fact_of_theirs_is_left(prompt: str) -> None:
    assert read_statements(prompt).statements == ()


@pytest.mark.parametrize(("prompt", "clause"), CLAUSES)
def test_it_is_told_back_of_them(prompt: str, clause: str) -> None:
    assert acknowledge(read_statements(prompt).said) == f"Got it! I'll remember that {clause}"
