"""A span of time in the words that were said in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.telling.retelling import MOST_SENTENCE_CHARS, Span, retell_spans, retell_turns

TAP = [
    (f"How do I fix the dripping tap in the kitchen{end}", "Turn off the water first.")
    for end in ("?", " today?", " with a new washer?", " cheaply?", " alone?")
]


def prompts(*texts: str) -> list[tuple[str, str]]:
    return [(text, "") for text in texts]


def test_a_day_is_told_by_what_was_asked_and_said_in_its_order() -> None:
    day = prompts("How long does sourdough rest?", "My sister Ana moves to Graz in May.")

    assert retell_turns(day, 400) == (
        "You asked: How long does sourdough rest? You said: My sister Ana moves to Graz in May."
    )


def test_an_answer_is_told_behind_its_question_where_there_is_room() -> None:
    day = [("How high is Mont Blanc?", "It is 4,806 m high."), ("Bring the umbrella!", "")]

    assert retell_turns(day, 400) == (
        "You asked: How high is Mont Blanc? Vega answered: It is 4,806 m high. "
        "You said: Bring the umbrella!"
    )
    assert "4,806" not in retell_turns(day, 75)


def test_what_was_only_answered_is_told_too() -> None:
    assert retell_turns([("", "The parcel from Lisbon has come.")], 400) == (
        "Vega answered: The parcel from Lisbon has come."
    )


def test_a_subject_that_fills_the_day_leaves_room_for_the_others() -> None:
    day = [*TAP, *prompts("My dentist said the crown is done.", "Book the train to Linz.")]

    told = retell_turns(day, 170)

    assert "tap" in told
    assert "crown" in told
    assert "Linz" in told


def test_what_the_owner_tells_of_themselves_goes_before_small_talk() -> None:
    day = prompts("Hi!", "Thanks, great!", "ok", "I got the job at the library.", "Cool.")

    assert retell_turns(day, 60) == "You said: I got the job at the library."


def test_code_logs_and_pictures_are_not_told() -> None:
    day = prompts(
        "Why does this fail?\n```python\nfor a in b:\n    print(secret_name)\n```\n"
        "0x7f 12:33:01 [eth0] {a:1, b:2} ==> 404;;\n[shares a photo: a cat]\nHere's my code."
    )

    assert retell_turns(day, 400) == "You asked: Why does this fail?"


def test_a_fence_that_is_never_closed_hides_only_what_follows_it() -> None:
    told = retell_turns(prompts("I broke my arm.\n~~~\nlog of everything"), 400)

    assert told == "You said: I broke my arm."


def test_a_long_sentence_ends_with_a_clause() -> None:
    long = (
        "I met Carla at the film festival in January, and she gave me such helpful feedback on the "
        "script of my documentary that I would like to rewrite it, so can you help me with that"
    )

    told = retell_turns(prompts(long), 400)

    assert told == "You said: I met Carla at the film festival in January…"


def test_words_before_the_matter_are_left_out() -> None:
    assert retell_turns(prompts("Hmm, so, what is a monad"), 400) == "You asked: What is a monad?"
    assert retell_turns(prompts("No problem with the bike."), 400).endswith(
        "No problem with the bike."
    )


@pytest.mark.parametrize("said", ["👍", "ok", "???", "…", "好"])
def test_a_day_of_next_to_nothing_is_told_as_it_was(said: str) -> None:
    assert said.rstrip("?") in retell_turns(prompts("", said), 400)


def test_a_day_without_words_is_not_told() -> None:
    assert retell_turns([], 400) == ""
    assert retell_turns([("", ""), (" \n", "")], 400) == ""


def test_a_week_names_the_days_of_what_it_tells() -> None:
    week = [
        Span("Monday", "You said: My sister Ana moves to Graz. Vega answered: Good luck to her."),
        Span("Friday", "You told Vega that the crown on your tooth is done."),
    ]

    assert retell_spans(week, 500) == (
        "Monday: My sister Ana moves to Graz. "
        "Friday: You told Vega that the crown on your tooth is done."
    )


def test_a_year_names_its_months_and_not_their_days() -> None:
    year = [Span("March", "3 March: I broke my arm. 9 March: The cast is blue. Monday: It itches.")]

    told = retell_spans(year, 600)

    assert told.startswith("March: I broke my arm. The cast is blue.")
    assert "9 March" not in told


def test_each_part_of_a_longer_span_is_told_before_one_is_told_twice() -> None:
    month = [
        Span(f"{number} March", f"You said: I saw the {bird} at the lake. I drew the {bird} twice.")
        for number, bird in enumerate(("heron", "kingfisher", "grebe", "bittern"), 1)
    ]

    told = retell_spans(month, 190)

    assert all(bird in told for bird in ("heron", "kingfisher", "grebe", "bittern"))


def test_a_span_of_answers_alone_is_told_by_them() -> None:
    told = retell_spans([Span("Monday", "Vega answered: The parcel has come.")], 500)

    assert told == "Monday: The parcel has come."


def test_spans_without_a_sentence_are_told_by_the_first() -> None:
    assert retell_spans([Span("Monday", "You said: 👍")], 500) == "Monday: You said: 👍"
    assert retell_spans([], 500) == ""


@given(
    st.lists(st.tuples(st.text(max_size=300), st.text(max_size=300)), max_size=8),
    st.integers(30, 400),
)
def test_no_text_is_longer_than_its_room(day: list[tuple[str, str]], room: int) -> None:
    told = retell_turns(day, room)

    assert len(told) <= room
    assert told == retell_turns(day, room)
    assert (
        len(retell_spans([Span("Monday", told), *(Span("Friday", a) for a, _ in day)], room))
        <= room
    )


def test_no_sentence_is_longer_than_it_may_be() -> None:
    assert len(retell_turns(prompts("word" * 500), 400)) <= MOST_SENTENCE_CHARS + len("You said: ")
