"""What a statement puts an end to, beyond the older value of its own slot."""

from datetime import UTC, datetime

import pytest

from vega.core.facts import ends, is_same_value, read_statements
from vega.core.facts.matching import about
from vega.core.memory import Fact, Statement

SOME_MOMENT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def held(prompt: str) -> Fact:
    one: Statement = read_statements(prompt).statements[0]
    return Fact(1, 7, one.kind, one.attribute, one.slot, one.value, SOME_MOMENT, None, None, "UTC")


def stated(prompt: str) -> Statement:
    return read_statements(prompt).statements[0]


@pytest.mark.parametrize(
    ("said", "before"),
    [
        ("I hate olives", "I love olives"),
        ("I love olives", "I can't stand olives"),
        ("I don't like coffee any more", "I like coffee"),
        ("I no longer live in Graz", "I live in Graz"),
        ("I sold my car", "I drive a Volvo"),
        ("I lost my job", "I work as a nurse"),
        ("I lost my job", "I work at Siemens"),
        ("I no longer work at Siemens", "I work at Siemens"),
        ("I'm not vegetarian any more", "I'm vegetarian"),
        ("I'm not allergic to nuts any more", "I'm allergic to nuts"),
        ("Our dog Rex died", "I have a dog called Rex"),
        ("You may use emojis again", "Never use emojis"),
        ("You don't have to answer in German any more", "Always answer in German"),
    ],
)
def test_what_is_said_to_be_over_ends(said: str, before: str) -> None:
    assert ends(stated(said), held(before))


@pytest.mark.parametrize(
    ("said", "before"),
    [
        ("I hate olives", "I love cheese"),
        ("I love olives", "I love cheese"),
        ("I no longer live in Graz", "I live in Linz"),
        ("I no longer work at Siemens", "I work as a nurse"),
        ("I don't like coffee any more", "I like tea"),
        ("You may use emojis again", "Never use bullet points"),
        ("I live in Graz", "I live in Linz"),
        ("Our dog Rex died", "I have a dog called Balu"),
    ],
)
def test_nothing_else_ends(said: str, before: str) -> None:
    assert not ends(stated(said), held(before))


@pytest.mark.parametrize(
    ("one", "other"), [("a Volvo", "volvo"), ("the sea", "Sea"), ("Rex.", "rex"), ("x", "x")]
)
def test_an_article_and_a_capital_make_no_other_value(one: str, other: str) -> None:
    assert is_same_value(one, other)
    assert not is_same_value(one, "something else")


DENTIST = held("I have a dentist appointment on Monday at 10")
LISBON = held("I'm flying to Lisbon on Friday")
ROME = held("We're going to Rome in June")
FLIGHT = held("My flight leaves at 7:40 on Sunday")


@pytest.mark.parametrize(
    ("subject", "named", "is_exact"),
    [
        ("dentist appointment", [DENTIST], True),
        ("dentist", [DENTIST], True),
        ("seeing the dentist", [DENTIST], True),
        ("dentist appointment on Monday", [DENTIST], True),
        ("dentist appointment on Tuesday", [DENTIST], False),
        ("flying to Lisbon", [LISBON], True),
        ("flight to Lisbon", [LISBON], True),
        ("going to Lisbon", [LISBON], True),
        ("flight", [LISBON, FLIGHT], True),
        ("flight on Sunday", [FLIGHT], True),
        ("leave on Sunday", [FLIGHT], True),
        ("going in June", [ROME], True),
        ("going in July", [], True),
        ("flying to Oslo", [], True),
        ("doctor's appointment", [], True),
        ("", [], True),
    ],
)
def test_a_plan_is_named_by_its_words(subject: str, named: list[Fact], is_exact: bool) -> None:
    found, was_exact = about(subject, [DENTIST, LISBON, ROME, FLIGHT])

    assert found == named
    assert not found or was_exact is is_exact
