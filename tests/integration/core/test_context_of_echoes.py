"""A model that can follow only a few turns is not shown that it repeats itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import new_turn
from vega.core.context import Context, Prompt
from vega.core.context_view import view
from vega.core.conversation import Outcome, TurnStatus
from vega.core.store import Store
from vega.core.tokens import TokenCounter
from vega.llm.scripted import ScriptedModel

MINUTE = timedelta(minutes=1)
MOON = "The moon goes around the earth once in about four weeks."
SEA = "Rivers carry salt that they wash out of stones to the sea."
TEA = "Green tea draws for two minutes, and not in boiling water."


async def build(store: Store, answers: Sequence[str], recent_turns: int | None) -> Prompt:
    """What is sent behind these answers of a model that can follow so many turns."""
    model = ScriptedModel()
    profile = replace(await model.profile(), recent_turns=recent_turns)
    context, tokens = Context(store, 50), TokenCounter(model)
    for number, answer in enumerate([*answers, "At last."]):
        asked = new_turn(f"Question {number}", at=SOME_MOMENT + number * MINUTE)
        turn, _ = await store.accept_turn(asked)
        async with asyncio.timeout(10):
            prompt = await context.build(turn, profile, tokens, "")
        outcome = Outcome(TurnStatus.COMPLETED, answer, model="scripted", place="here")
        ended = await store.end_turn(turn.id, outcome, (), turn.at, prompt.sent)
        seen = await view(store, ended)
        assert [part.text for each in seen.messages for part in each.sections] == [
            message.content for message in prompt.messages
        ]
    return prompt


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ((MOON, SEA, TEA), (SEA, TEA)),
        ((MOON, SEA, MOON), ()),
        ((MOON, MOON, SEA, TEA), (SEA, TEA)),
        ((MOON, SEA, MOON, TEA), (TEA,)),
        # The first of them is not in the window any more.
        ((MOON, SEA, TEA, SEA, TEA, MOON), ()),
    ],
)
async def test_nothing_is_shown_up_to_its_last_repetition(
    store: Store, answers: Sequence[str], shown: Sequence[str]
) -> None:
    prompt = await build(store, answers, recent_turns=4)

    answered = [each.content for each in prompt.messages if each.role == "assistant"]
    assert set(answered) >= set(shown)
    assert answered[len(answered) - len(shown) :] == list(shown)
    assert (not answered) == (not shown)


async def test_another_model_sees_the_conversation_whole(store: Store) -> None:
    prompt = await build(store, (MOON, SEA, MOON), recent_turns=None)

    assert [each.content for each in prompt.messages if each.role == "assistant"] == [
        MOON,
        SEA,
        MOON,
    ]
