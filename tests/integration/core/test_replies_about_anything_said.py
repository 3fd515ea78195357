"""Answers about what was said of something: how sure they are, and what never counts as said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import Life, living, lookup_in, tell
from vega.core.lookup import Lookup
from vega.core.recall.recall import Recall
from vega.errors import DatabaseError

NOW = datetime(2026, 6, 25, 8, 0, tzinfo=UTC)


async def told(life: Life, *said: tuple[int, str, str]) -> None:
    """So many days ago."""
    for days, prompt, answer in said:
        await tell(life.store, prompt, answer, at=NOW - timedelta(days=days))
    life.clock.set(NOW)


async def ask(life: Life, prompt: str) -> str:
    life.clock.advance(minutes=1)
    return (await life.ask(prompt)).response


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Did I ever mention Marta?", "Yes, once: on 16 June at 10:00, you said: "),
        ("Have we ever talked about chess?", "Yes, in 2 turns. First on 26 May at 10:00, you "),
        ("Did you ever tell me about chess?", 'Yes, once: on 26 May at 10:00, I answered: "It is'),
        ("Did I ever mention a submarine?", "I have no record of that."),
    ],
)
async def test_whether_something_was_ever_spoken_of_is_told_with_when(
    tmp_path: Path, question: str, answer: str
) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(
            life,
            (30, "Explain chess to me.", "It is a game of sixty-four squares."),
            (20, "I lost at chess again.", "A pity."),
            (9, "Lunch with Marta was fun.", "Good."),
        )
        # To have asked before is not to have spoken of it.
        await ask(life, question)

        assert (await ask(life, question)).startswith(answer)


async def test_what_holds_the_thing_and_not_what_was_done_is_quoted_as_no_more_than_near(
    tmp_path: Path,
) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(life, (9, "I bought a grey hat for the wedding.", "Very elegant."))

        sure = await ask(life, "Where did I buy the hat?")
        near = await ask(life, "Where did I lose the hat?")
        nothing = await ask(life, "Where did I lose the umbrella?")

        assert sure.startswith("On 16 June at 10:00 you said: ")
        assert near.startswith("The nearest that I find is: on 16 June at 10:00 you said: ")
        assert nothing == "I have no record of that."


async def test_what_vega_suggested_is_found_by_what_it_was_asked(tmp_path: Path) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(life, (9, "Can you suggest a recipe with leeks?", "Bake them under cheese."))

        asked = await ask(life, "Which recipe did you suggest?")

        assert asked == 'On 16 June at 10:00 I answered: "Bake them under cheese."'


async def test_a_question_tells_of_no_time(tmp_path: Path) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(
            life,
            (60, "What is a fjord?", "A drowned valley."),
            (20, "My trip to Norway begins today!", "Have fun."),
            (5, "What is a ferry?", "A boat."),
        )
        question = "What did I ask you before my trip to Norway?"

        first = await ask(life, question)
        again = await ask(life, question)

        assert "What is a fjord?" in first
        assert "What is a ferry?" not in first
        assert again == first


async def test_where_nothing_tells_of_a_time_it_is_said(tmp_path: Path) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(life, (60, "What is a fjord?", "A drowned valley."))

        asked = await ask(life, "What did I ask you before my wedding?")

        assert asked == 'I have no record of when that was: "before my wedding".'


async def test_what_only_repeats_the_past_comes_behind_what_was_said_and_is_found(
    tmp_path: Path,
) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(life, (9, "The boiler of the summer house is leaking.", "Boilers do."))
        for question in ("What did I say about the boiler?", "What did I tell you of the boiler?"):
            await ask(life, question)
        recall = Recall(life.store, None, None, day_first=True)

        said = await recall.find("What about the boiler?", now=NOW, zone="Europe/Vienna")
        asked = await recall.find("What did I ask about the boiler?", now=NOW, zone="Europe/Vienna")
        recall.close()

        texts = [item.found.text for item in said.items]
        assert texts[0] == "The boiler of the summer house is leaking."
        assert texts.index("What did I say about the boiler?") > texts.index("Boilers do.")
        assert "What did I say about the boiler?" in [item.found.text for item in asked.items[:2]]


@pytest.mark.parametrize(
    ("error", "is_traced"), [(KeyError("what I said"), True), (DatabaseError("gone"), False)]
)
async def test_an_error_that_nobody_expects_is_logged_with_where_it_came_up(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    *,
    is_traced: bool,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Recall, "find", fail)
    async with living(tmp_path, clock=FakeClock()) as life:
        turn = await tell(life.store, "Hello")
        lookup: Lookup = lookup_in(life.store)

        assert await lookup.find(turn, NOW, 100) is None

    assert ("in fail" in caplog.text) is is_traced
    assert "what I said" not in caplog.text


async def test_what_was_only_supposed_is_no_answer(tmp_path: Path) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(life, (9, "If I had the money my boat would be a schooner.", "One day."))

        said = await ask(life, "What kind of boat do I have?")

        assert not said.startswith("On 16 June")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        # What was said of a thing is not proved by its words.
        ("Did I say I would not run Snowdonia?", "The nearest that I find is: on 1 June at 10:00"),
        ("Did I say Kev never gave back the drill?", "The nearest that I find is: on 10 June"),
        ("Did I say that Kev gave back the drill?", "On 10 June at 10:00 you said: "),
        ("Did I mention the drill?", "Yes, once: on 10 June"),
        # What was asked is told from what was told.
        (
            "Did I already ask you where I parked?",
            "Yes, in 2 turns. First on Saturday at",
        ),
        ("Have I asked you this before: where did I park?", "Yes, in 2 turns. First on Saturday"),
        ("Have I ever asked you about Snowdonia?", "The nearest that I find is: on 1 June"),
        ("How many times did I ask you where I parked?", "2 questions of yours hold "),
        ("When was the last time I asked you where I parked?", "On Monday at 10:00 you asked: "),
        ("Haven't I asked you where I parked?", "Yes, in 2 turns. First on Saturday"),
        # To ask who somebody is, of whom was told, is not to speak of them.
        ("Did I ever mention Gus?", "Yes, once: on 5 June at 10:00, you said: "),
        ("How often did I mention Gus?", '1 message of yours holds "Gus": on 5 June at 10:00'),
        ("When did I last mention Gus?", "On 5 June at 10:00 you said: "),
        ("At what time did I ask about the chicken?", "On 18 June at 10:00 you asked: "),
        ("How often have I asked you for a joke?", '1 question of yours holds "a joke": on 15 '),
        # What was asked for may not be what was answered.
        (
            "Did you ever tell me a joke?",
            'The nearest that I find is: on 15 June at 10:00 you asked "Tell me a joke", and I ',
        ),
        ("Did you ever mention chicken?", "On 18 June at 10:00 I answered: "),
        ("On how many days did we talk in June?", "On 9 days we talked in June"),
        ("How many days have I talked to you this month?", "On 9 days we talked this month"),
        ("How many days did we talk about Snowdonia?", 'On 1 day you spoke of "Snowdonia": on 1 '),
    ],
)
async def test_no_more_is_claimed_of_what_was_said_than_it_says(
    tmp_path: Path, question: str, answer: str
) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        await told(
            life,
            (24, "My resolution is to run the Snowdonia marathon", "Brave."),
            (20, "Gus Rafferty came to mend the boiler", "Good."),
            (15, "Kev finally gave back the Makita drill", "At last."),
            (10, "Tell me a joke", "I would look at the manual first."),
            (7, "How long do I roast a chicken?", "An hour."),
            (6, "I parked the car on level 3", "Noted."),
            (5, "where did i park?", "On level 3."),
            (4, "who is Gus Rafferty?", "A writer."),
            (4, "What did we say about the chicken", "Much."),
            (4, "Have you ever heard me mention Gus?", "A writer."),
            (4, "What do I know about Gus?", "A writer."),
            (3, "where did i park?", "On level 3."),
        )
        # To have asked before changes nothing.
        first = await ask(life, question)

        assert first.startswith(answer)
        if " days " not in question or "about" in question:
            assert (await ask(life, question)).startswith(answer)


async def test_of_a_long_time_the_first_is_told_and_before_something_the_last(
    tmp_path: Path,
) -> None:
    async with living(tmp_path, clock=FakeClock()) as life:
        for number in range(230):
            at = NOW - timedelta(days=400) + timedelta(hours=8 * number)
            await tell(life.store, f"Note {number} on the roof", "Noted.", at=at)
        life.clock.set(NOW)

        since = await ask(life, "What did I say since last year?")
        before = await ask(life, "What did I say before this month?")

        assert all(f"Note {number} on" in since for number in range(3)), since
        assert "Note 229 on" in before
        assert "Note 228 on" in before
