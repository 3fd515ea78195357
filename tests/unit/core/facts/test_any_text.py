"""The rules meet any text whatever: they end, never fail, and hold to their bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.facts import (
    MAX_VALUE_CHARS,
    MAX_VALUE_WORDS,
    acknowledge,
    read_correction,
    read_question,
    read_statements,
)
from vega.core.facts.forgetting import read_forgetting
from vega.core.facts.sentences import shown

_WORDS = [
    "my", "name", "favorite", "favourite", "fav", "color", "is", "are", "was", "not", "and", "but",
    "or", "what", "what's", "who", "do", "you", "remember", "call", "me", "Bob", "Ana", "blue", "i",
    "I'm", "called", "if", "say", "translate", "please", "thanks", "vega", "hey", "now", "'s",
    "the", "best", "like", "tell", "live", "in", "Graz", "work", "as", "a", "nurse", "at", "dog",
    "wife", "two", "love", "hate", "allergic", "to", "peanuts", "no", "longer", "any more", "drive",
    "Volvo", "always", "never", "use", "emojis", "answer", "prefer", "short", "answers", "over",
    "birthday", "born", "on", "3 May", "going", "June", "want", "learn", "Spanish", "don't", "eat",
    "from now on", "again", "may", "have", "got", "between us", "before", "where", "it's", "green",
    "changed", "to", "has", "because", "still", "A.", "Dr.", "isn't",
]  # fmt: skip
_JOINTS = [" ", " ", " ", " ", ", ", ". ", "? ", "! ", "; ", ": ", "\n", "  ", "-", "'", '"', "’"]

prose = st.lists(st.tuples(st.sampled_from(_WORDS), st.sampled_from(_JOINTS)), max_size=30).map(
    lambda pairs: "".join(word + joint for word, joint in pairs)
)

#: Beginnings of statements, behind which anything may stand.
_OPENINGS = [
    "My name is ", "My favorite color is ", "I live in ", "I moved to ", "My address is ",
    "I'm from ", "I work as a ", "I work at ", "I'm a ", "I love ", "I can't stand ",
    "I don't like ", "I prefer ", "My wife's name is ", "My daughter ", "I have a dog called ",
    "I have a ", "I have two ", "I drive a ", "My birthday is ", "I was born on ",
    "I'm allergic to ", "I don't eat ", "I take ", "I'm going to ", "I want to learn ",
    "I bought a ", "My PIN is ", "I speak ", "Always answer ", "Never use ", "From now on, ",
    "You may use ", "I no longer live in ", "Hi, I'm ", "Between us, ", "We got married ",
    "I got divorced from ", "I used to love ", "My dog is called Bruno, he is a ",
    "My name is not ", "My son Emil is ", "I was born in ", "My wife works at ", "I am 34 and ",
    "Call me ", "Forget that ", "My dad is ", "My password for ",
]  # fmt: skip
openings = st.builds(
    lambda opening, text, behind: opening + text + behind,
    st.sampled_from(_OPENINGS),
    st.one_of(
        st.text(min_size=1, max_size=40), prose, st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True)
    ),
    st.sampled_from(["", ".", " any more", ", and I like tea", ", between us", "!", "?"]),
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
    "i live in Graz and " * 100,
    "i love a, " * 190,
    "i'm allergic to " + "a and " * 320,
    "please , , " * 180,
    "over also take 2.5" * 110,
    "always answer " * 140,
    "you may use " * 150 + "again",
    "no, " * 480 + "green",
    "it's not a, " * 160,
    "i really also still now actually " * 60,
    "what did i " * 180,
    ":" * 2_000,
    "i have a dog called " + "Rex and " * 240,
    "my wife works and " * 100,
    "my dog is Rex. he is a " * 80,
    "i used to love " * 130,
    "my name is not a, it's " * 80,
    "i have a cat and " * 110,
    "forget that i said " * 100,
    "my wife and i " * 140,
    "is this so " * 20_000,
    "i love hiking " * 20_000,
]


@given(st.one_of(st.text(), prose, openings))
def test_any_text_can_be_read(text: str) -> None:
    reading = read_statements(text)
    read_question(text)
    read_correction(text)
    read_forgetting(text)

    assert not reading.is_all or reading.said
    for one in reading.statements:
        assert one.attribute == one.attribute.strip()
        # But for a name: "Emil's age".
        assert "'s " in one.attribute or one.attribute == one.attribute.lower()
        assert one.value == one.value.strip() != ""
        assert len(one.value) <= MAX_VALUE_CHARS
        assert len(one.value.split()) <= MAX_VALUE_WORDS


@given(st.one_of(prose, openings))
def test_words_of_a_fact_occur_in_its_prompt(text: str) -> None:
    for one in read_statements(text).statements:
        assert one.value in shown(text).replace("’", "'")


@given(st.one_of(prose, openings))
def test_what_is_drawn_can_be_told_back(text: str) -> None:
    said = read_statements(text).said

    assert all(one.clause == one.clause.strip() for one in said)
    assert any(one.clause for one in said) or not said
    if said:
        assert acknowledge(said).startswith(("Got it! I'll remember", "I am sorry. I'll remember"))


@given(st.one_of(prose, openings))
def test_a_prompt_is_not_both_all_statement_and_a_question(text: str) -> None:
    assert not (read_statements(text).is_all and read_question(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("text", LONG_TEXTS, ids=range(len(LONG_TEXTS)))
def test_no_text_keeps_the_rules_busy(text: str) -> None:
    read_statements(text)
    read_question(text)
    read_correction(text)
    read_forgetting(text)
