"""What is shown of the messages that were found, under a budget of tokens."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.importing import Role
from vega.core.memory import Tier
from vega.core.recall import packing
from vega.core.recall.packing import HEAD_CHARS, ITEM_TOKENS, PATIENCE, Packer, head, token_cost
from vega.core.recollection import Found, Recalled


def found(text: str, turn_id: int = 1) -> Found:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    return Found(turn_id, None, Role.USER, None, at, text, 1.0, Tier.FULL)


def packed(budget: int, *texts: str, limit: int = 100) -> tuple[Recalled, ...]:
    packer = Packer(budget, limit)
    for text in texts:
        packer.add(found(text))
    return packer.items()


def sentences(count: int) -> str:
    """Each of 20 words, so that a passage ends with every fifth."""
    return " ".join(f"Sentence {number} " + "word " * 17 + "ends." for number in range(count))


def test_no_more_books_are_held_than_there_is_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_HELD_CHARS", 5_000)
    packer = Packer(100_000, 100)
    packer.add(found("word " * 500))
    assert not packer.is_full
    packer.add(found("word " * 500))

    assert packer.is_full


def test_of_many_books_not_all_are_searched_for_passages(monkeypatch: pytest.MonkeyPatch) -> None:
    text = sentences(100)
    monkeypatch.setattr(packing, "MOST_SEARCHED_CHARS", 2 * len(text))
    packer = Packer(100_000, 100)
    for turn_id in range(4):
        packer.add(found(text, turn_id), piece=15)

    shown = [len(item.text) for item in packer.items()]

    assert shown[0] == shown[1] > shown[2] == shown[3] == len(head(text))


def test_a_message_costs_a_quarter_of_its_characters_and_what_stands_around_it() -> None:
    (item,) = packed(100, "12345")

    assert item.tokens == token_cost("12345") == 2 + ITEM_TOKENS


def test_what_does_not_fit_is_passed_over_and_a_smaller_one_behind_it_is_shown() -> None:
    items = packed(40, "a" * 40, "b" * 40, "c")

    assert [item.text[0] for item in items] == ["a", "c"]


def test_no_more_are_shown_than_are_wanted() -> None:
    assert len(packed(1000, "a", "b", "c", limit=2)) == 2


def test_a_long_message_is_shown_by_its_exact_beginning_up_to_the_end_of_a_word() -> None:
    text = "word " * 400

    shown = head(text)

    assert shown.startswith(text[:HEAD_CHARS])
    assert shown.endswith("word…")


def test_of_a_message_without_spaces_just_so_many_characters_are_shown() -> None:
    assert head("漢" * 2000) == "漢" * HEAD_CHARS + "…"


def test_a_message_that_is_hardly_longer_is_shown_whole() -> None:
    text = "a" * (HEAD_CHARS + 20)

    assert head(text) == text


def test_the_passage_that_fits_stands_behind_the_beginning_where_there_is_room() -> None:
    text = sentences(40)
    roomy, tight = Packer(10_000, 100), Packer(token_cost(head(text)), 100)

    for packer in (roomy, tight):
        assert packer.add(found(text), piece=4)

    (shown,), (without,) = roomy.items(), tight.items()
    assert shown.text.startswith(text[:HEAD_CHARS])
    passage = shown.text.split("…\n")[1].rstrip("…")
    assert passage in text
    assert "Sentence 20 " in passage
    assert shown.tokens == token_cost(shown.text)
    assert without.text == head(text)


def test_a_passage_that_is_in_the_beginning_is_not_shown_twice() -> None:
    packer = Packer(10_000, 100)
    packer.add(found(sentences(40)), piece=0)

    assert packer.items()[0].text == head(sentences(40))


def test_after_many_that_do_not_fit_nothing_more_is_tried() -> None:
    packer = Packer(30, 100)
    for _ in range(PATIENCE):
        assert not packer.is_full
        packer.add(found("a" * 500))

    assert packer.is_full


@given(
    st.lists(st.tuples(st.text(max_size=3000), st.none() | st.integers(0, 5)), max_size=30),
    st.integers(1, 3000),
    st.integers(1, 20),
)
def test_the_budget_holds_whatever_comes(
    messages: list[tuple[str, int | None]], budget: int, limit: int
) -> None:
    packer = Packer(budget, limit)
    for text, piece in messages:
        packer.add(found(text), piece=piece)

    items = packer.items()

    assert sum(item.tokens for item in items) <= budget
    assert len(items) <= limit
    for item in items:
        assert item.tokens >= token_cost(item.text)
        assert item.text.startswith(item.found.text[:HEAD_CHARS])
