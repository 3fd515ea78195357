"""What the rules draw from sentences that were labelled by hand: little that is wrong."""

import pytest

from tests.labelled import DEVELOPED, HELD_OUT, UNSEEN, labelled, read_all

LEAST_PRECISION = 0.98
#: What is missed costs less than what is made up; a rule that is lost would show here.
LEAST_RECALL = 0.93


def test_there_are_enough_sentences_and_half_of_them_state_nothing() -> None:
    sentences = labelled(DEVELOPED)
    without = [one for one in sentences if not one.expected]

    assert len(sentences) >= 350
    assert len(without) >= len(sentences) / 2
    assert all(one.trap for one in without)


def test_no_sentence_is_in_two_sets() -> None:
    texts = [one.text for name in (DEVELOPED, HELD_OUT, UNSEEN) for one in labelled(name)]

    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("name", [DEVELOPED, HELD_OUT])
def test_hardly_anything_is_drawn_that_is_not_stated(name: str) -> None:
    result = read_all(labelled(name))

    assert result.total.precision >= LEAST_PRECISION, result.mistakes
    assert result.total.recall >= LEAST_RECALL, result.mistakes


@pytest.mark.parametrize("name", [DEVELOPED, HELD_OUT])
def test_every_kind_is_drawn_and_none_is_made_up(name: str) -> None:
    result = read_all(labelled(name))

    for kind, score in result.kinds.items():
        assert score.right > 0, kind
        assert score.wrong <= 1, (kind, result.mistakes)


def test_sentences_that_no_rule_was_made_for_are_read_as_well() -> None:
    """When a rule is mended by one of them, it belongs to the held-out ones."""
    result = read_all(labelled(UNSEEN))

    assert result.total.precision >= LEAST_PRECISION, result.mistakes


@pytest.mark.parametrize("name", [DEVELOPED, HELD_OUT])
def test_a_trap_is_seen(name: str) -> None:
    traps = read_all(labelled(name)).traps

    assert {trap: drawn for trap, (_, drawn) in traps.items() if drawn} == {}
