"""The rules meet any text whatever: they end, never fail, and hold to their bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.facts import (
    MAX_VALUE_CHARS,
    MAX_VALUE_WORDS,
    read_question,
    read_statements,
)

_WORDS = [
    "my", "name", "favorite", "favourite", "fav", "color", "is", "are", "was", "not", "and", "but",
    "or", "what", "what's", "who", "do", "you", "remember", "call", "me", "Bob", "Ana", "blue", "i",
    "I'm", "called", "if", "say", "translate", "please", "thanks", "vega", "hey", "now", "'s",
    "the", "best", "like", "tell", "changed", "to", "has", "because", "still", "A.", "Dr.", "isn't",
]  # fmt: skip
_JOINTS = [" ", " ", " ", " ", ", ", ". ", "? ", "! ", "; ", ": ", "\n", "  ", "-", "'", '"', "’"]

prose = st.lists(st.tuples(st.sampled_from(_WORDS), st.sampled_from(_JOINTS)), max_size=30).map(
    lambda pairs: "".join(word + joint for word, joint in pairs)
)

LONG_TEXTS = [
    "my favorite " * 5_000,
    "my favorite " * 160,
    "my favorite a " * 140,
    "my name is " + "a, " * 600,
    "my name is a" + " " * 1_900 + "b",
    "my name is Bob" + " now" * 480,
    "my name is x" + " and my" * 250,
    "my favorite a is b, " * 95,
    "what is my favorite " + "a " * 900,
    "what is my name" + " again" * 300,
    "a a a a is " * 150,
    "please " * 280,
    "please remember that " * 90,
    "and " * 490,
    "you can please just " * 90 + "call me",
    "Call me " + "A" * 1_900,
    "Call me " + "A." * 900,
    "A. " * 650,
    " " * 2_000,
    "," * 2_000,
    ", " * 1_000,
    "." * 2_000,
    "? " * 1_000,
    "\n" * 2_000,
    "\x0b " * 1_000,
    "-" * 2_000,
    "(" * 2_000,
    '"' * 2_000,
    "my name is " + '"' * 1_900,
    "my name is " + " ;" * 900,
    "my favorite " + "a-" * 900,
    "my favorite a" + " a" * 900,
]


@given(st.one_of(st.text(), prose))
def test_any_text_can_be_read(text: str) -> None:
    reading = read_statements(text)
    read_question(text)

    assert not reading.is_all or reading.said
    for one in reading.statements:
        assert one.attribute == one.attribute.lower() == one.attribute.strip()
        assert one.value == one.value.strip() != ""
        assert len(one.value) <= MAX_VALUE_CHARS
        assert len(one.value.split()) <= MAX_VALUE_WORDS


@given(prose)
def test_words_of_a_fact_occur_in_its_prompt(text: str) -> None:
    for one in read_statements(text).statements:
        assert one.value in text.replace("’", "'")


@given(prose)
def test_a_prompt_is_not_both_all_statement_and_a_question(text: str) -> None:
    assert not (read_statements(text).is_all and read_question(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", LONG_TEXTS, ids=range(len(LONG_TEXTS)))
def test_no_text_keeps_the_rules_busy(text: str) -> None:
    read_statements(text)
    read_question(text)
