"""Answers about the past, from the store alone, in every tier."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import Life, completed, living, new_turn, only_model, tell
from tests.tiers import put_into
from vega.core.conversation import Turn
from vega.core.memory import Tier
from vega.core.recall.recall import Recall
from vega.core.replies.answering import NOT_YET
from vega.core.telling.digests import DigestWriter

TIERS = list(Tier)


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026; in Vienna it is an hour later."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


async def ask(life: Life, prompt: str, at: datetime) -> Turn:
    life.clock.set(at)
    return await life.ask(prompt)


def source_ids(turn: Turn) -> list[int]:
    assert turn.answer is not None
    return [source.turn_id for source in turn.answer.sources]


async def told(life: Life, *said: tuple[str, datetime], tier: Tier) -> list[int]:
    """Turns, and then all of them in that tier."""
    ids = [(await tell(life.store, prompt, "All right.", at=at)).id for prompt, at in said]
    await put_into(life.store, tier, ids)
    return ids


@pytest.mark.parametrize("tier", TIERS)
async def test_what_was_asked_in_a_time_is_told_with_its_times(tmp_path: Path, tier: Tier) -> None:
    async with living(tmp_path) as life:
        ids = await told(
            life,
            ("What is the moon?", utc(2, 22)),
            ("What is tea made of?", utc(3, 7, 12)),
            ("I had two cups.", utc(3, 7, 20)),
            ("Why is it green?", utc(3, 8, 30)),
            ("Is it late?", utc(3, 13)),
            tier=tier,
        )

        asked = await ask(life, "What did I ask you this morning?", utc(3, 17))
        said = await ask(life, "What did I say this morning?", utc(3, 17))

        assert asked.response == (
            'This morning you asked: at 08:12 "What is tea made of?"; at 09:30 "Why is it green?".'
        )
        assert source_ids(asked) == [ids[1], ids[3]]
        assert '"I had two cups."' in said.response
        assert source_ids(said) == ids[1:4]


@pytest.mark.parametrize("tier", TIERS)
async def test_a_time_alone_is_known_in_other_words_too(tmp_path: Path, tier: Tier) -> None:
    async with living(tmp_path) as life:
        ids = await told(
            life, ("Why is tea green?", utc(2, 9)), ("I had two cups.", utc(2, 10)), tier=tier
        )

        for prompt, sources in (
            ("Can you tell me what I asked you yesterday?", ids[:1]),
            ("Tell me what I said yesterday", ids),
            ("Do you remember what we talked about yesterday?", ids),
            ("Remind me what you told me yesterday", ids),
        ):
            asked = await ask(life, prompt, utc(3, 9))
            assert "Why is tea green?" in asked.response, prompt
            assert source_ids(asked) == sources, prompt


@pytest.mark.parametrize("tier", TIERS)
async def test_many_prompts_are_a_list_with_a_count_of_the_rest(tmp_path: Path, tier: Tier) -> None:
    async with living(tmp_path) as life:
        said = [(f"What is {number}?", utc(3, 6, number)) for number in range(22)]
        ids = await told(life, *said, tier=tier)

        asked = await ask(life, "What did I ask you this morning?", utc(3, 17))

        assert asked.response.startswith('This morning you asked:\n- at 07:00 "What is 0?"\n')
        assert asked.response.endswith("\n\nand 12 more.")
        assert source_ids(asked) == ids[:10]


async def test_of_a_time_without_a_word_it_is_said_which_was_looked_at(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        asked = await ask(life, "What did I ask you this morning?", utc(3, 17))
        talked = await ask(life, "What did we talk about on Monday?", utc(5, 17))

        assert asked.response == "I have no record of anything from this morning (3 March 2026)."
        assert talked.response == (
            "I have no record of anything on Monday (2 March 2026). "
            "We first talked on Tuesday at 18:00."
        )
        assert source_ids(asked) == []
        assert source_ids(talked) == [asked.id]


@pytest.mark.parametrize("tier", TIERS)
async def test_the_first_and_the_last_words_are_known(tmp_path: Path, tier: Tier) -> None:
    async with living(tmp_path) as life:
        ids = await told(life, ("Hello, I am new", utc(1, 9)), ("And tea?", utc(2, 9)), tier=tier)

        first = await ask(life, "When did we first talk?", utc(4, 9))
        last = await ask(life, "What was the first thing I said?", utc(4, 9))

        when = "We first talked on Sunday at 10:00."
        assert first.response == f'{when} You said: "Hello, I am new"'
        assert last.response == first.response
        assert source_ids(first) == ids[:1]


async def test_the_last_question_is_the_one_before_this(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await told(life, ("And tea?", utc(2, 9)), tier=Tier.FULL)

        asked = await ask(life, "What was the last thing I asked?", utc(3, 9))
        answered = await ask(life, "What did you just say?", utc(3, 9))

        assert asked.response == 'Yesterday at 10:00 you asked: "And tea?"'
        assert answered.response.startswith('Today at 10:00 I answered: "Yesterday at 10:00')


async def test_a_long_day_is_told_by_its_digest(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        said = [(f"The bees of garden {number} are ill.", utc(2, 8, number)) for number in range(9)]
        ids = await told(life, *said, tier=Tier.FULL)
        life.clock.set(utc(3, 9))
        models = only_model(life.model, tmp_path)
        await DigestWriter(life.store, models, life.live_turns, life.clock).write_due()

        asked = await ask(life, "What did we talk about yesterday?", utc(3, 10))

        assert asked.response.startswith(
            "Yesterday we talked 9 times. You said: The bees of garden"
        )
        assert source_ids(asked) == [ids[0], ids[-1]]


@pytest.mark.parametrize("tier", TIERS)
async def test_chatter_is_told_of_only_where_there_is_nothing_else(
    tmp_path: Path, tier: Tier
) -> None:
    async with living(tmp_path) as life:
        ids = []
        for number, origin in enumerate(("home", "title", "tool", "page", "home")):
            new = replace(new_turn(f"What is {number}?", at=utc(3, 7, number)), origin=origin)
            turn, _ = await life.store.accept_turn(new)
            await life.store.end_turn(turn.id, completed(), (), utc(3, 7, number))
            ids.append(turn.id)
        new = replace(new_turn("Lights off", at=utc(1, 7)), origin="home")
        turn, _ = await life.store.accept_turn(new)
        await life.store.end_turn(turn.id, completed(), (), utc(1, 7))
        await put_into(life.store, tier, [*ids, turn.id])

        asked = await ask(life, "What did I ask you this morning?", utc(3, 17))
        other = await ask(life, "What did I say on Sunday?", utc(3, 17))

        assert source_ids(asked) == [ids[3]]
        assert source_ids(other) == [turn.id]


async def test_no_fact_is_drawn_from_chatter(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        new = replace(new_turn("My favorite color is blue", at=utc(3, 7)), origin="home")
        turn = await life.assistant.submit(new)
        await life.ended(turn.id)

        assert await life.store.facts.find("favorite color") is None


async def test_it_is_what_the_last_turns_were_about(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "My favorite color is blue", utc(1, 9))
        changed = await ask(life, "Actually it is green now", utc(3, 9))
        before = await ask(life, "What was it before?", utc(3, 10))
        then = await ask(life, "What was my favorite color on 2 March?", utc(3, 11))
        await ask(life, "Tell me about the moon", utc(3, 12))
        lost = await ask(life, "Actually it is red now", utc(3, 12))
        still = await ask(life, "What is my favorite color?", utc(3, 13))

        assert changed.response == "Got it! I'll remember that your favorite color is green."
        assert before.response == "Before that it was blue: from 1 March until 3 March 2026."
        assert source_ids(before) == [1, 2]
        assert then.response.startswith("On 2 March your favorite color was blue")
        assert "Got it" not in lost.response
        assert still.response.startswith("Your favorite color is green")


async def test_what_is_no_color_does_not_become_one(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await ask(life, "My favorite color is blue", utc(1, 9))
        weather = await ask(life, "It is raining now", utc(1, 10))

        assert "favorite color" not in weather.response


async def test_a_schedule_is_not_made_up(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        asked = await ask(life, "Vega, what's on my schedule today?", utc(3, 7))

        assert asked.response.startswith("I have no calendar yet")
        assert "no record of any" in asked.response


@pytest.mark.parametrize("tier", TIERS)
async def test_plans_that_were_told_are_told_back(tmp_path: Path, tier: Tier) -> None:
    async with living(tmp_path) as life:
        ids = await told(
            life,
            ("What is a doctor of law?", utc(2, 6)),
            ("The dentist appointment is on 20 March at 10.", utc(2, 7)),
            tier=tier,
        )

        asked = await ask(life, "Do I have any appointments this month?", utc(3, 7))

        assert '"The dentist appointment is on 20 March at 10."' in asked.response
        assert source_ids(asked) == ids[1:]


@pytest.mark.parametrize("tier", TIERS)
async def test_what_was_said_about_something_is_quoted_with_its_time(
    tmp_path: Path, tier: Tier
) -> None:
    async with living(tmp_path) as life:
        ids = await told(
            life,
            ("We should plan the Vega upgrade project for June.", utc(2, 14, 20)),
            ("I put the spare key under the green flowerpot.", utc(2, 15)),
            ("The boiler makes a strange noise.", utc(2, 16)),
            tier=tier,
        )

        project = await ask(life, "Remind me about that project we discussed yesterday", utc(3, 9))
        key = await ask(life, "Where did I put the spare key?", utc(3, 9))
        boiler = await ask(life, "When did I tell you about the boiler?", utc(3, 9))

        assert project.response == (
            'Yesterday at 15:20 you said: "We should plan the Vega upgrade project for June."'
        )
        assert source_ids(project) == ids[:1]
        assert "under the green flowerpot" in key.response
        assert source_ids(key) == ids[1:2]
        assert boiler.response.startswith("Yesterday at 17:00 you said:")
        assert source_ids(boiler) == ids[2:]


@pytest.mark.parametrize("tier", TIERS)
async def test_what_was_told_of_others_is_quoted_where_it_surely_is_that(
    tmp_path: Path, tier: Tier
) -> None:
    async with living(tmp_path) as life:
        ids = await told(
            life,
            ("Bob called about the leak.", utc(2, 14, 20)),
            ("What did Einstein say about God?", utc(2, 15)),
            ("The spare key hangs behind the boiler.", utc(2, 16)),
            tier=tier,
        )

        call = await ask(life, "When did Bob call?", utc(3, 9))
        world = await ask(life, "What did Einstein say about God?", utc(3, 9))
        key = await ask(life, "Where is the spare key?", utc(3, 9))
        tower = await ask(life, "Where is the tower?", utc(3, 9))

        assert call.response == 'Yesterday at 15:20 you said: "Bob called about the leak."'
        assert source_ids(call) == ids[:1]
        assert key.response == (
            'Yesterday at 17:00 you said: "The spare key hangs behind the boiler."'
        )
        for turn in (world, tower):
            assert turn.answer is not None
            assert turn.answer.model == "scripted"


async def test_what_a_model_made_of_it_is_not_quoted_beside_the_owners_words(
    tmp_path: Path,
) -> None:
    async with living(tmp_path) as life:
        first = await tell(
            life.store,
            "The Vega upgrade project is delayed since the supplier of the boards went bankrupt",
            "I see, the Vega upgrade project is delayed by the boards of a bankrupt supplier.",
            at=utc(2, 14, 20),
        )

        project = await ask(life, "Remind me about that project we discussed", utc(3, 9))

        assert project.response == (
            'Yesterday at 15:20 you said: "The Vega upgrade project is delayed since the supplier '
            'of the boards went bankrupt"'
        )
        assert source_ids(project) == [first.id]


async def test_what_is_known_of_the_owner_is_told(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        nothing = await ask(life, "What do you know about me?", utc(1, 8))
        await ask(life, "My name is Ana", utc(1, 9))
        await ask(life, "My favorite color is blue", utc(1, 9))

        known = await ask(life, "What do you know about me?", utc(1, 10))

        assert nothing.response == "You have not told me anything about yourself yet."
        assert known.response == "Your name is Ana. Your favorite color is blue."
        assert source_ids(known) == [2, 3]


NEVER_SAID: Sequence[str] = (
    "What did I say about submarines?",
    "Where did I put the passport?",
    "What is the name of my landlord?",
    "Which recipe did you suggest?",
    "What did we decide about the holiday?",
)


@pytest.mark.parametrize("prompt", NEVER_SAID)
async def test_what_was_never_said_is_not_invented(tmp_path: Path, prompt: str) -> None:
    async with living(tmp_path) as life:
        await told(life, ("The boiler makes a strange noise.", utc(2, 16)), tier=Tier.FULL)

        asked = await ask(life, prompt, utc(3, 9))

        assert asked.response.startswith("I have no record of that")
        assert source_ids(asked) == []


async def test_nothing_is_said_to_be_unknown_while_the_index_is_not_whole(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        await tell(life.store, "The submarine leaves on Monday.", at=utc(2, 9))
        await life.store.word_index.set_aside()

        early = await ask(life, "What did I say about submarines?", utc(3, 9))
        while await life.store.word_index.go_on():
            pass
        late = await ask(life, "What did I say about the submarine?", utc(3, 10))

        assert early.response == NOT_YET
        assert '"The submarine leaves on Monday."' in late.response


async def test_the_world_is_the_models(tmp_path: Path) -> None:
    async with living(tmp_path) as life:
        asked = await ask(life, "What is the capital of France?", utc(3, 9))

        assert asked.answer is not None
        assert asked.answer.model == "scripted"


async def test_a_recall_that_fails_is_neither_silent_nor_taken_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise ValueError("the words of the owner")

    monkeypatch.setattr(Recall, "find", fail)
    async with living(tmp_path, clock=FakeClock()) as life:
        asked = await life.ask("What did I say about the boiler?")
        world = await life.ask("What is the capital of France?")

        assert asked.response.startswith("I cannot look that up right now")
        assert world.response.startswith("You said:")
    assert "ValueError" in caplog.text
    assert "the words of the owner" not in caplog.text
