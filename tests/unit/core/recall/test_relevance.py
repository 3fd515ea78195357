"""Whether a message surely is about what was asked."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from vega.core.importing import Role
from vega.core.memory import Tier
from vega.core.recall.relevance import Fit, fit, is_about
from vega.core.recollection import Found, Recalled

QUESTION = "What did I tell you about the green garden gate?"


def recalled(share: float, likeness: float | None) -> Recalled:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    found = Found(1, None, Role.USER, None, at, "text", 1.0, Tier.FULL)
    return Recalled(found, "text", 15, likeness, share)


@pytest.mark.parametrize(
    ("share", "likeness", "is_so"),
    [
        (1.0, None, True),
        (0.8, 0.4, True),
        (0.6, 0.55, True),
        (0.3, 0.75, True),
        # The words, in quite another matter.
        (1.0, 0.1, False),
        # Near, and nothing named in common.
        (0.0, 0.9, False),
        (0.4, 0.5, False),
        (0.6, None, False),
        (0.6, 0.3, False),
    ],
)
def test_words_or_meaning_or_some_of_both(
    share: float, likeness: float | None, is_so: bool
) -> None:
    assert is_about(QUESTION, recalled(share, likeness)) is is_so


@pytest.mark.parametrize(
    ("question", "share", "is_so"),
    [
        ("Remind me about that project we discussed", 1.0, True),
        ("What did I tell you about the project?", 1.0, True),
        # Not said here.
        ("Is the project over?", 1.0, False),
        # Not named.
        ("Remind me about that project we discussed", 0.0, False),
        ("Remind me about the wedding project we discussed", 0.6, False),
    ],
)
def test_the_one_thing_that_was_talked_about_is_enough_whatever_the_likeness(
    question: str, share: float, *, is_so: bool
) -> None:
    assert is_about(question, recalled(share, 0.17)) is is_so


@pytest.mark.parametrize(
    ("subject_share", "word_share", "likeness", "how"),
    [
        # The thing, and not what was done with it.
        (1.0, 0.5, 0.3, Fit.NEAR),
        (0.5, 0.5, None, Fit.NEAR),
        (0.3, 0.3, 0.5, Fit.NEAR),
        # In other words.
        (0.0, 0.0, 0.6, Fit.NEAR),
        (0.0, 0.0, 0.5, Fit.NONE),
        (0.4, 0.4, 0.3, Fit.NONE),
        # The same word, and nothing of what it means.
        (1.0, 0.5, 0.1, Fit.NONE),
        (1.0, 1.0, 0.3, Fit.SURE),
    ],
)
def test_what_may_be_meant_is_told_from_what_is_and_what_is_not(
    subject_share: float, word_share: float, likeness: float | None, how: Fit
) -> None:
    item = replace(recalled(word_share, likeness), subject_share=subject_share)

    assert fit("Where did I lose the brown hat?", item) is how


@pytest.mark.parametrize("question", ["", "What did I say?", "who am I", "😀"])
def test_of_a_question_that_names_nothing_no_message_is_surely_about_it(question: str) -> None:
    assert not is_about(question, recalled(1.0, 1.0))
