"""What kind of question it is."""

from datetime import UTC, datetime

import pytest

from vega.core.recall.asking import (
    Subject,
    asked_whether,
    asks_for_questions,
    asks_for_the_past,
    asks_for_time_alone,
    asks_what_was_said,
    sought_words,
    subject_of,
)
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


def test_a_word_is_looked_for_in_all_its_forms() -> None:
    assert sought_words("What did I eat?") == ["eat", "ate", "eaten"]
    assert sought_words("What did I tell you about the op?") == ["op", "operation"]


@pytest.mark.parametrize(
    ("question", "things", "deeds"),
    [
        ("Where did I lose my hat?", {"hat"}, {"lose"}),
        # What wants a nod, or says why it is asked, is nothing that is looked for.
        ("I told you about the midges, didn't I?", {"midges"}, set()),
        ("We talked about slugs once, right?", {"slugs"}, set()),
        ("Where did I park the car, I forgot", {"car"}, {"park"}),
        ("What did I say about the right of way?", {"right", "way"}, set()),
        ("Did I ever say the word Funchal?", {"funchal"}, set()),
        ("Which recipe did you suggest with asparagus?", {"recipe", "asparagus"}, set()),
        ("How much is my rent?", {"rent"}, set()),
        ("What did I get for Christmas?", {"christmas"}, set()),
        ("What was the name of the hostel in Lisbon?", {"hostel", "lisbon"}, set()),
        ("How much did my landlord raise the rent?", {"landlord", "rent"}, {"raise"}),
        # Where nothing else is named, what was done is what it is about.
        ("What am I knitting?", {"knitting"}, set()),
    ],
)
def test_what_a_question_is_about_is_told_from_what_was_done(
    question: str, things: set[str], deeds: set[str]
) -> None:
    subject = subject_of(question)

    assert {forms[0] for forms in subject.things} == things
    assert {forms[0] for forms in subject.deeds} == deeds


def test_a_word_is_known_in_forms_that_only_a_list_tells() -> None:
    assert subject_of("Where did I lose my hat?").deeds == (("lose", "lost"),)


def test_a_time_is_no_subject() -> None:
    assert subject_of("What did I bake in March?", "in March") == Subject((("bake",),))


@pytest.mark.parametrize(
    ("question", "about"),
    [
        ("Have we ever talked about chess?", "chess"),
        ("Did I ever mention Marta?", "Marta"),
        ("Did you ever tell me about black holes?", "black holes"),
        ("have i told you about my uncle", "my uncle"),
        ("Vega, did we discuss taxes?", "taxes"),
        ("What did we talk about?", None),
        ("Did I lose my hat?", None),
        ("I mentioned Marta", None),
    ],
)
def test_whether_something_was_spoken_of_is_a_question_of_its_own(
    question: str, about: str | None
) -> None:
    whether = asked_whether(question)

    assert (whether.about if whether else None) == about


@pytest.mark.parametrize(
    ("question", "is_topic"),
    [
        ("Did I ever mention Marta?", True),
        ("Have we talked about my sister's rented flat?", True),
        ("Did I mention the lost ring?", True),
        ("Did I mention the old shed?", True),
        ("Did I ever say the word Funchal?", True),
        ("Did I say I would not run Snowdonia?", False),
        ("Did I say Kev never gave back the drill?", False),
        ("Did I tell you that Olu is leaving?", False),
        ("Did I mention Kev lost the drill?", False),
        ("Did I mention Olu resigned?", False),
        ("Did we talk about how Kev broke his arm?", False),
        ("Did I tell you about not running Snowdonia?", False),
        ("Did you ever tell me a good joke?", False),
    ],
)
def test_a_thing_that_was_spoken_of_is_told_from_what_was_said_of_it(
    question: str, *, is_topic: bool
) -> None:
    whether = asked_whether(question)

    assert whether is not None
    assert whether.is_topic is is_topic


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("What did I tell you about the garden?", True),
        ("Which film did you recommend?", True),
        ("Do you remember what I said about Anna?", True),
        # Of the world, or told.
        ("Can you tell me how to prune a tree?", False),
        ("What should I say to my boss?", False),
        ("I told you that I am tired.", False),
        ("Remind me what I said to call Ana", False),
    ],
)
def test_a_question_about_the_past_is_told_from_one_about_the_world(
    text: str, *, is_so: bool
) -> None:
    assert asks_for_the_past(text) is is_so


def test_a_question_may_ask_for_questions() -> None:
    assert asks_for_questions("What did I ask about TCP?")
    assert not asks_for_questions("What did I say about TCP?")
