"""What kind of question it is."""

from datetime import UTC, datetime

import pytest

from vega.core.recall.asking import asks_for_time_alone, asks_what_was_said, sought_words
from vega.core.recall.times import read_time

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "question",
    [
        "What did I ask you this morning?",
        "what did we talk about yesterday?",
        "What did I say last night",
        "Tell me what we discussed on Monday.",
        "Vega, what happened last week?",
        "Can you summarize yesterday?",
        "What was said between Monday and Wednesday?",
        "Do you remember what I told you two weeks ago?",
        "Which questions did I ask earlier today?",
    ],
)
def test_a_question_of_time_alone_has_no_other_subject(question: str) -> None:
    expression = read_time(question, NOW)

    assert expression is not None
    assert asks_for_time_alone(question, expression)


@pytest.mark.parametrize(
    "question",
    [
        "Remind me about that project we discussed yesterday",
        "What did I say about the garden yesterday?",
        "What did Nate win last week?",
        "I met Anna yesterday.",
        "When does the train to Graz go tomorrow?",
    ],
)
def test_a_question_of_a_subject_is_not_of_time_alone(question: str) -> None:
    expression = read_time(question, NOW)

    assert expression is not None
    assert not asks_for_time_alone(question, expression)


@pytest.mark.parametrize(
    ("question", "is_so"),
    [
        ("Remind me about that project we discussed yesterday", True),
        ("Can you remind me about that project we discussed yesterday?", True),
        ("What did I say about the garden yesterday?", True),
        ("What did you tell me about moles on Monday?", True),
        ("When does the train go tomorrow?", False),
        ("How was the weather in March?", False),
        ("Nate said yesterday that it rained.", False),
    ],
)
def test_what_was_said_at_a_time_is_told_from_what_happened_then(
    question: str, is_so: bool
) -> None:
    assert asks_what_was_said(question) is is_so


def test_looked_for_is_what_does_not_speak_of_the_talk() -> None:
    assert sought_words("Do you remember what I told you about the Garden?") == ["garden"]


def test_where_there_is_nothing_else_all_words_are_looked_for() -> None:
    assert sought_words("What did I say?")
    assert sought_words("to be or not to be") == ["to", "be", "or", "not", "to", "be"]
    assert sought_words("😀 !?") == []
