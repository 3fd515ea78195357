"""What somebody types is read as phrases and words, and never as the index's own syntax."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.search import MAX_TERMS, is_held, parse_query
from vega.errors import InvalidInput


def test_words_outside_of_quotes_are_looked_up_one_by_one() -> None:
    query = parse_query('the Moon "lazy dog" and STARS moon')

    assert query.phrases == ("lazy dog",)
    assert query.phrase_terms == ('"lazy dog"',)
    assert query.word_terms == ('"moon"', '"stars"')
    assert not query.is_beyond_index


@pytest.mark.parametrize("text", ['"lazy dog"', "“lazy dog”", "„lazy dog“", "„lazy dog”"])
def test_a_phrase_stands_in_the_quotes_of_any_keyboard(text: str) -> None:
    assert parse_query(text).phrases == ("lazy dog",)


def test_straight_quotes_may_hold_others() -> None:
    assert parse_query('"he said “hello” to me"').phrases == ("he said “hello” to me",)


def test_a_quote_that_is_not_closed_begins_no_phrase() -> None:
    query = parse_query('lazy "dog')

    assert (query.phrases, query.word_terms) == ((), ('"lazy"', '"dog"'))


@pytest.mark.parametrize("text", ["", " ", "\n\t", '""', '" "'])
def test_nothing_to_look_for_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="q: is empty"):
        parse_query(text)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("😀", ("😀",)),
        ("😀 🎉", ("😀", "🎉")),
        ('"?!"', ("?!",)),
        ('"to be"', ("to be",)),
        ("\x00", ("\x00",)),
    ],
)
def test_what_the_index_does_not_know_is_looked_for_beside_it(
    text: str, phrases: tuple[str, ...]
) -> None:
    query = parse_query(text)

    assert (query.phrases, query.is_beyond_index) == (phrases, True)


def test_a_run_of_stop_words_is_in_the_index() -> None:
    query = parse_query('"So have you been up to"')

    assert query.phrase_terms == ('"so have you been up to"',)
    assert not query.is_beyond_index


def test_stop_words_alone_are_words() -> None:
    assert parse_query("what is it").word_terms == ('"what"', '"is"', '"it"')


def test_however_much_is_typed_so_many_words_are_looked_up() -> None:
    query = parse_query(" ".join(f"word{number}" for number in range(20_000)))
    phrase = parse_query('"' + "lazy dog " * 10_000 + '"')

    assert len(query.word_terms) == MAX_TERMS
    assert len(phrase.phrase_terms[0].split()) == MAX_TERMS
    assert len(phrase.phrases[0].split()) == 20_000


@given(st.text(max_size=40))
def test_no_text_is_syntax_of_the_index(text: str) -> None:
    try:
        query = parse_query(text)
    except InvalidInput:
        return
    for term in (*query.phrase_terms, *query.word_terms):
        assert re.fullmatch(r'"[^"\x00]+"', term)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("The Lazy  Dog's\nday", True),
        ("the lazy dogs day", False),
        ("the lazy dog's", False),
        ("THE LAZY DOG'S DAY.", True),
        ("the lazy, dog's day", False),
    ],
)
def test_a_phrase_is_held_word_for_word(text: str, is_so: bool) -> None:
    assert is_held(parse_query('"the lazy dog\'s day"'), text) is is_so


def test_every_phrase_must_be_held() -> None:
    query = parse_query('"lazy dog" "quick fox"')

    assert is_held(query, "A quick fox and a lazy dog")
    assert not is_held(query, "A lazy dog")


def test_an_umlaut_is_one_however_it_is_written() -> None:
    assert is_held(parse_query('"grüne Bäume"'), "gru\u0308ne Ba\u0308ume")
