"""What the owner told of appointments and journeys, and asks for by its words."""

from datetime import UTC, datetime
from pathlib import Path

from tests.lives import Life, living
from vega.core.conversation import Turn


def utc(day: int, hour: int) -> datetime:
    """A moment of March 2026."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


async def ask(life: Life, prompt: str, at: datetime) -> Turn:
    life.clock.set(at)
    return await life.ask(prompt)


def source_ids(turn: Turn) -> list[int]:
    assert turn.answer is not None
    return [source.turn_id for source in turn.answer.sources]


async def test_an_appointment_is_told_back_with_the_day_on_which_it_was_told(
    tmp_path: Path,
) -> None:
    async with living(tmp_path) as life:
        told = await ask(life, "I have a dentist appointment on Monday at 10", utc(3, 9))
        await ask(life, "I'm flying to Lisbon on Friday", utc(3, 10))
        dentist = await ask(life, "When is my dentist appointment?", utc(4, 9))
        lisbon = await ask(life, "When am I flying to Lisbon?", utc(4, 10))
        other_day = await ask(life, "Do I have a dentist appointment on Tuesday?", utc(4, 11))
        same_day = await ask(life, "Do I have a dentist appointment on Monday?", utc(4, 12))

        assert told.response == (
            "Got it! I'll remember that you have a dentist appointment on Monday at 10."
        )
        assert (dentist.response or "").startswith(
            "You have a dentist appointment on Monday at 10: you told me yesterday at "
        )
        assert source_ids(dentist) == [told.id]
        assert (lisbon.response or "").startswith("You are flying to Lisbon on Friday: you told me")
        assert (other_day.response or "").startswith("You have a dentist appointment on Monday")
        assert (same_day.response or "").startswith("Yes! You have a dentist appointment on Monday")


async def test_what_nobody_planned_is_not_made_up(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "My flight leaves at 7:40 on Sunday", utc(3, 9))
        oslo = await ask(life, "When am I flying to Oslo?", utc(3, 10))
        exam = await ask(life, "Do I have an exam?", utc(3, 11))
        flight = await ask(life, "When is my flight?", utc(3, 12))
        schedule = await ask(life, "What are my plans?", utc(3, 13))

        assert "no record" in (oslo.response or "")
        assert "no record" in (exam.response or "")
        assert (flight.response or "").startswith("Your flight leaves at 7:40 on Sunday: you told")
        assert "your flight leaves at 7:40 on Sunday" in (schedule.response or "")


async def test_the_newest_of_two_comes_first(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        older = await ask(life, "I have an exam on Friday", utc(3, 9))
        newer = await ask(life, "I have an exam next Tuesday", utc(20, 9))
        asked = await ask(life, "When is my exam?", utc(20, 10))

        assert set(source_ids(asked)) == {newer.id, older.id}
        assert (asked.response or "").startswith("You have an exam next Tuesday: you told me today")


async def test_what_puts_a_colour_right_makes_no_appointment(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "I have an exam on Friday", utc(3, 9))
        asked = await ask(life, "No, green", utc(3, 10))

        assert "Got it" not in (asked.response or "")


async def test_a_favourite_that_is_over_is_none_any_more(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "My favourite colour is blue", utc(3, 9))
        await ask(life, "My favourite colour isn't blue any more", utc(3, 10))
        asked = await ask(life, "What is my favourite colour?", utc(3, 11))
        await ask(life, "My favorite food used to be pizza, now it's sushi", utc(3, 12))
        food = await ask(life, "What is my favorite food?", utc(3, 13))

        assert not (asked.response or "").startswith("Your favourite colour is blue")
        assert (food.response or "").startswith("Your favorite food is sushi")


async def test_how_something_is_served_is_known(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "I like my coffee black", utc(3, 9))
        asked = await ask(life, "How do I like my coffee?", utc(3, 10))

        assert (asked.response or "").startswith("You prefer your coffee black: you told me")


async def test_a_book_is_nothing_booked(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "I read a book on sailing and it was dull", utc(3, 9))
        none = await ask(life, "Do I have any plans?", utc(3, 10))
        await ask(life, "The ferry is booked, it was cheap", utc(3, 11))
        one = await ask(life, "Do I have any plans?", utc(3, 12))

        assert "I have no record of any" in (none.response or "")
        assert "The ferry is booked" in (one.response or "")
        assert "sailing" not in (one.response or "")


async def test_what_was_to_be_reminded_of_is_told(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        none = await ask(life, "What did I want to be reminded of?", utc(3, 8))
        milk = await ask(life, "Remind me to buy milk", utc(3, 9))
        await ask(life, "Remind me about that project we discussed yesterday", utc(3, 10))
        told = await ask(life, "What did I ask you to remind me of?", utc(3, 11))

        assert none.response == "I have no record of that."
        assert (told.response or "").startswith("I do not remind by myself yet, but you asked me: ")
        assert "Remind me to buy milk" in (told.response or "")
        assert "project" not in (told.response or "")
        assert source_ids(told) == [milk.id]


async def test_a_moved_appointment_stands_once_among_the_plans(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "I have an appointment with Dr Shah on Tuesday at 3", utc(3, 9))
        await ask(life, "My appointment with Dr Shah was moved to Thursday", utc(3, 10))
        plans = await ask(life, "What's planned for March?", utc(3, 11))

        assert "Dr Shah on Thursday" in (plans.response or "")
        assert "Tuesday" not in (plans.response or "")
