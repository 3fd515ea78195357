"""Long messages are embedded in pieces that hold every word, each with who said it and when."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.recall.passages import LEAST_WORDS, MOST_WORDS, embedded_text, pieces, speaker

SENTENCE = "The boat lay in the harbour until the wind had turned to the north. "


def _texts(text: str) -> list[str]:
    return [text[piece.start : piece.end] for piece in pieces(text)]


def test_a_short_message_is_one_piece() -> None:
    assert _texts("  I like tea. And coffee!\n") == ["I like tea. And coffee!"]


@pytest.mark.parametrize("text", ["", " \n\t "])
def test_a_message_without_a_word_has_no_piece(text: str) -> None:
    assert pieces(text) == []


def test_a_long_message_is_cut_where_sentences_end() -> None:
    found = _texts(SENTENCE * 40)

    assert len(found) > 3
    assert all(each.endswith("north.") for each in found)
    assert all(LEAST_WORDS <= len(each.split()) <= MOST_WORDS + LEAST_WORDS for each in found)


def test_words_without_a_sentence_are_cut_all_the_same() -> None:
    found = _texts("word " * 1000)

    assert all(len(each.split()) <= MOST_WORDS + LEAST_WORDS for each in found)


def test_a_script_without_spaces_is_cut_too() -> None:
    found = _texts("今日はとても良い天気でしたので、海まで歩いて行きました。" * 30)

    assert len(found) > 2
    assert all(each.endswith("。") for each in found)


def test_a_paragraph_is_an_end_of_sentence() -> None:
    found = _texts("\n\n".join(["- an entry of a list without any mark"] * 60))

    assert all(each.endswith("mark") for each in found)


def test_what_is_left_over_goes_with_the_piece_before_it() -> None:
    found = _texts(SENTENCE * 9 + "And that was all.")

    assert found[-1].endswith("And that was all.")
    assert len(found[-1].split()) > LEAST_WORDS


@given(st.text(alphabet=st.sampled_from("ab .!?\n语。x\u200b😀"), max_size=3000))
def test_pieces_follow_each_other_and_hold_every_word(text: str) -> None:
    found = pieces(text)
    ends = [0, *(piece.end for piece in found)]

    assert all(piece.start < piece.end for piece in found)
    assert all(piece.start >= end for piece, end in zip(found, ends, strict=False))
    assert "".join("".join(_texts(text)).split()) == "".join(text.split())


def test_who_said_it_and_when_stand_before_it_by_the_owners_day() -> None:
    late = datetime(2023, 5, 7, 23, 30, tzinfo=UTC)

    said = embedded_text("Ann", late, "Europe/Vienna", "I moved house.")

    assert said == "Ann (8 May 2023): I moved house."


def test_a_speaker_without_a_name_is_the_owner_or_vega() -> None:
    assert speaker("Ann", is_owner=False) == "Ann"
    assert speaker(None, is_owner=True) == "Owner"
    assert speaker(None, is_owner=False) == "Vega"
