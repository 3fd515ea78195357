"""What the model sees: stable in its beginning, within its budget."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from tests.models import CountingModel
from vega.core.context import MARGIN_TOKENS, MESSAGE_TOKENS, Context, Prompt
from vega.core.conversation import Outcome, Turn, TurnStatus
from vega.core.memory import Statement
from vega.core.store import Store
from vega.core.tokens import TokenCounter
from vega.llm.base import Message
from vega.llm.scripted import ScriptedModel

MINUTE = timedelta(minutes=1)


async def build(
    store: Store,
    turn: Turn,
    model: ScriptedModel | None = None,
    *,
    context: Context | None = None,
    part: str = "",
) -> Prompt:
    model = model or ScriptedModel()
    context = context or Context(store, 50)
    async with asyncio.timeout(10):
        return await context.build(turn, await model.profile(), TokenCounter(model), part)


async def ask(store: Store, prompt: str = "And now?", minutes: float = 60) -> Turn:
    turn, _ = await store.accept_turn(new_turn(prompt, at=SOME_MOMENT + minutes * MINUTE))
    return turn


def contents(prompt: Prompt) -> list[str]:
    return [message.content for message in prompt.messages]


async def size(messages: Sequence[Message], tokens: TokenCounter) -> int:
    return sum([await tokens.count(m.content) + MESSAGE_TOKENS for m in messages])


async def test_the_order_is_instructions_recent_turns_prompt(store: Store) -> None:
    await tell(store, "Hi", "Hello there!")
    turn = await ask(store, "How are you?")

    prompt = await build(store, turn)

    assert [message.role for message in prompt.messages] == ["system", "user", "assistant", "user"]
    assert prompt.messages[0].content.startswith("You are Vega")
    assert contents(prompt)[1:] == [
        "[Sun 22 Nov 2026, 10:00] Hi",
        "Hello there!",
        "[Sun 22 Nov 2026, 11:00] How are you?",
    ]
    assert prompt.max_tokens == 1024


async def test_facts_stand_in_the_instructions_with_their_day(store: Store) -> None:
    await tell(store, facts=(Statement("favorite color", "blue"), Statement("name", "Ana")))

    prompt = await build(store, await ask(store), ScriptedModel(is_able=True))

    assert "- favorite color: blue (told on 22 November 2026)" in prompt.messages[0].content
    assert "- name: Ana (told on 22 November 2026)" in prompt.messages[0].content


async def test_a_model_without_trust_sees_neither_facts_nor_the_stores_answers(
    store: Store,
) -> None:
    """Seeing them it makes up others in their manner; they are answered from the store."""
    acknowledged = Outcome(TurnStatus.COMPLETED, "Got it!")
    turn, _ = await store.accept_turn(new_turn("My favorite color is blue"))
    await store.end_turn(turn.id, acknowledged, (Statement("favorite color", "blue"),), SOME_MOMENT)

    prompt = await build(store, await ask(store), ScriptedModel(is_able=False))

    assert len(prompt.messages) == 2
    assert not any("blue" in message.content for message in prompt.messages)


async def test_of_too_many_facts_the_newest_are_kept(store: Store) -> None:
    facts = [Statement(f"favorite thing {number}", f"value {number}.") for number in range(250)]
    await tell(store, facts=facts)

    prompt = await build(
        store, await ask(store), ScriptedModel(context_tokens=100_000, is_able=True)
    )

    assert "value 249." in prompt.messages[0].content


async def test_turns_without_an_answer_are_left_out(store: Store) -> None:
    failed, _ = await store.accept_turn(new_turn("failing"))
    await store.end_turn(
        failed.id, Outcome(TurnStatus.FAILED, "half", reason="no"), (), SOME_MOMENT
    )
    unbegun, _ = await store.accept_turn(new_turn("stopped at once"))
    await store.end_turn(unbegun.id, Outcome(TurnStatus.STOPPED, ""), (), SOME_MOMENT)
    stopped, _ = await store.accept_turn(new_turn("stopped later"))
    await store.end_turn(
        stopped.id, Outcome(TurnStatus.STOPPED, "some", model="m"), (), SOME_MOMENT
    )
    await store.accept_turn(new_turn("still waiting"))

    prompt = await build(store, await ask(store))

    text = "\n".join(contents(prompt))
    assert "failing" not in text
    assert "at once" not in text
    assert "still waiting" not in text
    assert contents(prompt)[1:3] == ["[Sun 22 Nov 2026, 10:00] stopped later", "some"]


async def test_an_answer_to_be_continued_stands_last_and_shortens_the_rest(store: Store) -> None:
    turn = await ask(store)

    whole = await build(store, turn)
    continued = await build(store, turn, part="word " * 100)

    assert continued.messages[-1] == Message("assistant", "word " * 100)
    assert continued.messages[-2] == whole.messages[-1]
    assert continued.max_tokens < whole.max_tokens


async def test_each_prompt_begins_with_the_one_before_until_a_hop(store: Store) -> None:
    model = ScriptedModel(context_tokens=2048)
    context = Context(store, 50)
    hops = 0
    before: tuple[Message, ...] = ()
    for number in range(60):
        at = SOME_MOMENT + number * MINUTE
        turn, _ = await store.accept_turn(new_turn(f"prompt {number} " * 4, at=at))
        prompt = await build(store, turn, model, context=context)
        if prompt.messages[: len(before)] != before:
            hops += 1
        else:
            assert len(prompt.messages) == len(before) + 2 or not before
        before = prompt.messages
        facts = (Statement(f"favorite {number}", "x"),)
        await store.end_turn(turn.id, completed(f"answer {number} " * 4), facts, at)
        before = (*before, Message("assistant", f"answer {number} " * 4))[: len(before)]

    assert 1 <= hops <= 10


async def test_a_restart_sends_the_same_bytes(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    for number in range(12):
        at = SOME_MOMENT + number * MINUTE
        asked, _ = await store.accept_turn(new_turn(f"{number} " * 40, at=at))
        await build(store, asked, ScriptedModel(context_tokens=2048))
        await store.end_turn(asked.id, completed(), (Statement("name", f"{number}"),), at)
    turn = await ask(store)
    before = await build(store, turn, ScriptedModel(context_tokens=2048))
    await store.close()

    store = await Store.open(tmp_path)
    after = await build(store, turn, ScriptedModel(context_tokens=2048))
    await store.close()

    assert before == after
    assert len(before.messages) > 4


async def test_the_window_never_holds_more_than_twice_the_turns(store: Store) -> None:
    context = Context(store, 3)
    lengths = []
    for number in range(20):
        at = SOME_MOMENT + number * MINUTE
        turn, _ = await store.accept_turn(new_turn(f"{number}", at=at))
        prompt = await build(store, turn, context=context)
        lengths.append((len(prompt.messages) - 2) // 2)
        await store.end_turn(turn.id, completed(), (), at)

    assert max(lengths) == 6
    assert min(lengths[6:]) >= 3


async def test_a_giant_prompt_loses_its_middle(store: Store) -> None:
    turn = await ask(store, "Begin " + "x" * 1_000_000 + " end.")

    prompt = await build(store, turn)

    text = prompt.messages[-1].content
    assert text.startswith("[Sun 22 Nov 2026, 11:00] Begin xxx")
    assert text.endswith("xxx end.")
    assert "characters left out" in text
    assert len(text) < 30_000


async def test_a_giant_past_turn_leaves_room_for_others(store: Store) -> None:
    await tell(store, "giant " + "x" * 500_000, "y" * 500_000)
    await tell(store, "small", "talk", at=SOME_MOMENT + MINUTE)

    prompt = await build(store, await ask(store))

    assert "[Sun 22 Nov 2026, 10:01] small" in contents(prompt)
    assert sum(map(len, contents(prompt))) < 30_000


async def test_a_model_that_says_overflow_gets_less(store: Store) -> None:
    for number in range(40):
        await tell(store, "word " * 100, at=SOME_MOMENT + number * MINUTE)
    context = Context(store, 50)
    turn = await ask(store)
    model = ScriptedModel(context_tokens=4096)
    wide = await build(store, turn, model, context=context)

    for _ in range(3):
        context.narrow()
    narrow = await build(store, turn, model, context=context)

    assert sum(map(len, contents(narrow))) < 0.6 * sum(map(len, contents(wide)))


class WearyModel(ScriptedModel):
    """Ends a loop that would never let go of the test run."""

    counts = 0

    async def count_tokens(self, text: str) -> int | None:
        self.counts += 1
        assert self.counts < 500, "the prompt was measured without an end"
        return None


@pytest.mark.parametrize("narrowed", [0, 3, 30])
@pytest.mark.parametrize("part", ["", "word " * 5_000])
@pytest.mark.parametrize("prompt", ["Hello you there, and you", "x" * 5_000, "😀" * 5_000])
async def test_a_prompt_is_built_however_little_room_there_is(
    store: Store, narrowed: int, part: str, prompt: str
) -> None:
    context, model = Context(store, 50), WearyModel(context_tokens=512)
    for _ in range(narrowed):
        context.narrow()

    built = await build(store, await ask(store, prompt), model, context=context, part=part)

    said = next(message for message in reversed(built.messages) if message.role == "user")
    assert "[… -" not in said.content


async def test_a_long_text_in_a_script_of_many_tokens_is_clipped_for_the_built_in_window(
    store: Store,
) -> None:
    model = WearyModel(context_tokens=2048)
    tokens = TokenCounter(model)
    for _ in range(50):
        tokens.learn(sent_bytes=1_000, reported_tokens=1_000)
    turn = await ask(store, "漢字" * 2_000)

    prompt = await Context(store, 50).build(turn, await model.profile(), tokens, "")

    assert len(prompt.messages[-1].content) < 1_000


async def test_after_a_clock_that_was_ahead_the_conversation_is_still_seen(store: Store) -> None:
    years = timedelta(days=365 * 3)
    ahead, _ = await store.accept_turn(new_turn("said in the future", at=SOME_MOMENT + years))
    await build(store, ahead)
    await store.end_turn(ahead.id, completed(), (), SOME_MOMENT + years)
    await tell(store, "my cat is called Mia", "Nice.")

    prompt = await build(store, await ask(store, "What did I say?"))

    assert any("Mia" in content for content in contents(prompt))


@settings(max_examples=40)
@given(
    texts=st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 4_000)), max_size=12),
    prompt_length=st.integers(1, 20_000),
    part_length=st.integers(0, 200),
    context_tokens=st.integers(2_048, 9_000),
    has_tokenizer=st.booleans(),
)
async def test_the_budget_holds_for_any_sizes(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[tuple[int, int]],
    prompt_length: int,
    part_length: int,
    context_tokens: int,
    has_tokenizer: bool,
) -> None:
    store = await Store.open(tmp_path_factory.mktemp("life"))
    kind = CountingModel if has_tokenizer else ScriptedModel
    model = kind(context_tokens=context_tokens)
    for number, (said, answered) in enumerate(texts):
        at = SOME_MOMENT + number * MINUTE
        await tell(store, "p" + "a" * said, "r" + "b" * answered, at=at)
    turn = await ask(store, "c" * prompt_length)

    prompt = await build(store, turn, model, part="d" * part_length)

    tokens = TokenCounter(model)
    used = await size(prompt.messages, tokens)
    profile = await model.profile()
    assert used + profile.answer_tokens + MARGIN_TOKENS <= context_tokens
    assert prompt.max_tokens >= 1
    await store.close()


@pytest.mark.parametrize("has_tokenizer", [False, True])
async def test_the_budget_holds_for_the_smallest_window(store: Store, has_tokenizer: bool) -> None:
    kind = CountingModel if has_tokenizer else ScriptedModel
    model = kind(context_tokens=1024 if has_tokenizer else 512)
    await tell(store, "word " * 200, "word " * 200, facts=(Statement("name", "Ana"),))
    turn = await ask(store, "word " * 500)

    prompt = await build(store, turn, model)

    profile = await model.profile()
    used = await size(prompt.messages, TokenCounter(model))
    assert used + profile.answer_tokens + MARGIN_TOKENS <= profile.context_tokens


async def test_a_model_that_says_overflow_once_is_not_narrowed_for_ever(store: Store) -> None:
    """Otherwise each too long prompt of a life leaves less room to all that follow it."""
    for number in range(40):
        await tell(store, "word " * 100, at=SOME_MOMENT + number * MINUTE)
    context, model = Context(store, 50), ScriptedModel(context_tokens=4096)
    for _ in range(12):
        context.narrow()

    lengths = []
    for number in range(60):
        at = SOME_MOMENT + (100 + number) * MINUTE
        turn, _ = await store.accept_turn(new_turn("word " * 20, at=at))
        prompt = await build(store, turn, model, context=context)
        lengths.append(sum(map(len, contents(prompt))))
        await store.end_turn(turn.id, completed("word " * 20), (), at)

    assert max(lengths[-10:]) > 4_000
