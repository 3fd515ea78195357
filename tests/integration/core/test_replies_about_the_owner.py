"""Questions about the owner and those they know, over one told life: what was told is answered in
whatever words it is asked for, what was not is neither denied nor made up."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.integration.core.owner_questions import ASKED, IN_TURN, TOLD
from tests.lives import Life, living, tell
from vega.core.conversation import Turn
from vega.core.facts import read_statements
from vega.core.memory import FactKind, Statement

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
#: Where the answer is left to the model.
MODEL = "(model)"


async def live(life: Life) -> None:
    """All that the owner told, in its years."""
    for at, said in TOLD:
        moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
        facts = read_statements(said).statements
        await tell(life.store, said, "All right.", at=moment, facts=facts)
    life.clock.set(NOW)


async def answered(life: Life, prompt: str) -> str:
    turn = await life.ask(prompt)
    life.clock.set(life.clock.now() + timedelta(minutes=1))
    assert turn.answer is not None
    return (turn.response or "") if turn.answer.model is None else MODEL


def fault(answer: str, wanted: str, unwanted: str) -> bool:
    """Whether a decisive word is missing, or a forbidden one there."""
    is_told = all(word.casefold() in answer.casefold() for word in wanted.split("|"))
    is_wrong = any(word.casefold() in answer.casefold() for word in unwanted.split("|") if word)
    return not is_told or is_wrong


async def test_each_question_is_answered_from_what_was_told(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await live(life)

        faults = []
        for prompt, wanted, unwanted in ASKED:
            answer = await answered(life, prompt)
            if fault(answer, wanted, unwanted):
                faults.append((prompt, wanted, answer))

        assert faults == []
        assert len(ASKED) >= 120


@pytest.mark.parametrize("talk", IN_TURN, ids=lambda talk: str(talk[0][0]))
async def test_what_is_asked_next_is_of_what_was_spoken_of(
    tmp_path: Path, talk: tuple[tuple[str, str, str], ...]
) -> None:
    async with living(tmp_path) as life:
        await live(life)

        for prompt, wanted, unwanted in talk:
            answer = await answered(life, prompt)
            assert not fault(answer, wanted, unwanted), (prompt, answer)


async def test_what_the_owner_put_right_by_hand_is_told_so(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await live(life)
        fact = await life.store.facts.find("favorite band")
        assert fact is not None
        await life.store.facts.correct(fact.id, "Portishead", NOW)

        asked = await life.ask("What is my favorite band?")

        assert asked.response == (
            "Your favorite band is Portishead: you put it right today at 10:00."
        )


async def test_a_value_of_less_than_a_minute_is_told_as_such(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        for second, color in enumerate(("blue", "teal")):
            said = Statement("favorite color", color, FactKind.FAVORITE)
            at = datetime(2026, 11, 25, 5, 50, second, tzinfo=UTC)
            await tell(life.store, f"My favorite color is {color}", at=at, facts=[said])
        life.clock.set(NOW)

        asked = await life.ask("What was my favorite color before?")

        assert asked.response == (
            "Before that it was blue: you told me today at 06:50, and changed it within a minute."
        )


async def test_what_no_rule_reads_is_quoted_as_the_nearest(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        for said in (
            "We've got a whippet named Biscuit and a grumpy old tortoise called Gerald, bless him",
            "My mum is fine, my dad passed away in 2015, his name was Pat",
            "Keisha and I got married",
            "They found diabetes, so I'm on metformin these days",
            "Fed up, so I've got a pickup now, a Ford F-150",
            "She told me that I speak Welsh like a native",
            "Busy is no word for it with three daughters in the house",
            "My partner is called Sam, and guess what, they are a pastry chef",
        ):
            await tell(life.store, said, at=NOW)
        life.clock.set(NOW + timedelta(hours=1))

        for asked, told in (
            ("Do I have a dog?", "Biscuit"),
            ("Do I have any pets?", "Gerald"),
            ("What was my dad's name?", "Pat"),
            ("What's my wife called?", "Keisha"),
            ("What medication do I take?", "metformin"),
            ("What car do I drive?", "Ford"),
            ("What languages do I speak?", "Welsh"),
            ("How many daughters do I have?", "three daughters"),
            ("What are my daughters called?", "three daughters"),
            ("What does my partner do?", "chef"),
        ):
            answer = await answered(life, asked)
            assert not fault(answer, f"nearest|{told}", ""), (asked, answer)
        assert await answered(life, "Do I have a parrot?") == "I have no record of that."


async def test_an_answer_about_what_is_over_rests_on_both_turns(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await live(life)

        asked = await life.ask("What's my goldfish called?")

        assert _prompts(await _sources(life, asked)) == [
            "My goldfish is called Bubbles", "My goldfish Bubbles died",
        ]  # fmt: skip


async def test_what_was_only_said_to_be_over_is_known_to_be(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        for said in ("I'm not vegetarian any more", "I'm no longer allergic to peanuts"):
            facts = read_statements(said).statements
            await tell(life.store, said, at=NOW, facts=facts)
        life.clock.set(NOW)

        diet = await life.ask("Am I vegetarian?")
        allergy = await life.ask("Am I allergic to peanuts?")

        assert diet.response == ("You told me today at 10:00 that you are no longer vegetarian.")
        assert allergy.response == (
            "You told me today at 10:00 that you are no longer allergic to peanuts."
        )


async def test_all_that_is_known_begins_with_what_matters_and_counts_the_rest(
    tmp_path: Path,
) -> None:
    async with living(tmp_path) as life:
        await live(life)
        for number in range(30):
            said = Statement("like", f"song {number}", FactKind.LIKE, is_one_of_many=True)
            await tell(life.store, "I like it", at=NOW, facts=[said])
        life.clock.set(NOW + timedelta(hours=1))

        known = (await life.ask("What do you know about me?")).response or ""

        assert known.startswith("Your name is Katharina.")
        assert known.index("Tobias") < known.index("Vienna") < known.index("lasagna")
        assert "`vega facts` lists them" in known
        assert "allergic to peanuts" in known
        assert known.count("Emil") == 1


async def _sources(life: Life, turn: Turn) -> list[Turn]:
    assert turn.answer is not None
    return [await life.store.turn(source.turn_id) for source in turn.answer.sources]


def _prompts(turns: list[Turn]) -> list[str]:
    return [turn.prompt for turn in turns]
