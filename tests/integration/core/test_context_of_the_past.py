"""What the model sees of the past, and what it does not: quotations and chatter."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from vega.core import context
from vega.core.context import Context, Prompt
from vega.core.conversation import Turn
from vega.core.findings import Finding, Findings, render
from vega.core.importing import Role
from vega.core.life import records
from vega.core.sent_context import Quotation
from vega.core.store import Store
from vega.core.tokens import TokenCounter
from vega.llm.scripted import ScriptedModel

MINUTE = timedelta(minutes=1)


async def build(
    store: Store, turn: Turn, model: ScriptedModel | None = None, findings: Findings | None = None
) -> Prompt:
    model = model or ScriptedModel()
    tokens = TokenCounter(model)
    async with asyncio.timeout(10):
        return await Context(store, 50).build(turn, await model.profile(), tokens, "", findings)


async def ask(store: Store, prompt: str = "And now?", minutes: float = 60) -> Turn:
    turn, _ = await store.accept_turn(new_turn(prompt, at=SOME_MOMENT + minutes * MINUTE))
    return turn


def contents(prompt: Prompt) -> list[str]:
    return [message.content for message in prompt.messages]


def finding(turn_id: int, text: str) -> Finding:
    quotation = Quotation(turn_id, Role.USER, ((0, len(text)),))
    return Finding(quotation, SOME_MOMENT - MINUTE, "Europe/Vienna", text)


async def test_findings_stand_before_the_prompt(store: Store) -> None:
    found = finding(7, "hi")

    prompt = await build(store, await ask(store), findings=Findings((found,), 500))

    block = render([found])
    assert prompt.messages[-1].content == f"{block}\n\n[Sun 22 Nov 2026, 11:00] And now?"
    assert prompt.quoted == (found,)


async def test_what_the_recent_turns_show_is_not_quoted_again(store: Store) -> None:
    turn = await tell(store, "The leak is back", "Call Bob")
    found = Findings((finding(turn.id, "The leak is back"), finding(77, "An older leak")), 500)

    prompt = await build(store, await ask(store), findings=found)

    assert [item.quotation.turn_id for item in prompt.quoted] == [77]
    assert prompt.recent_ids == (turn.id,)


async def test_what_is_found_leaves_room_for_the_conversation_in_a_small_window(
    store: Store,
) -> None:
    await tell(store, "Hi", "Hello there!")
    found = Findings(tuple(finding(number, "word " * 40) for number in range(100, 200)), 100_000)
    model = ScriptedModel(context_tokens=2048)

    prompt = await build(store, await ask(store), model, findings=found)

    assert 0 < len(prompt.quoted) < 30
    assert "Hello there!" in contents(prompt)
    sent = sum([await TokenCounter(model).count(content) for content in contents(prompt)])
    assert sent < 2048 - prompt.max_tokens


async def test_chatter_stands_neither_in_the_window_nor_in_its_way(store: Store) -> None:
    said = await tell(store, "Hi", "Hello there!")
    for origin in ("home", "title", "tool"):
        new = replace(new_turn(f"chatter of {origin}", at=SOME_MOMENT + MINUTE), origin=origin)
        turn, _ = await store.accept_turn(new)
        await store.end_turn(turn.id, completed("Done."), (), SOME_MOMENT + MINUTE)

    prompt = await build(store, await ask(store))

    assert prompt.recent_ids == (said.id,)
    assert not any("chatter" in content for content in contents(prompt))


async def test_much_chatter_lets_the_window_hop_and_holds_nobody_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "WINDOW_ROWS", 40)
    monkeypatch.setattr(records, "WINDOW_ROWS", 40)
    monkeypatch.setattr(records, "HOP_ROWS", 20)
    early = await tell(store, "Hi", "Hello there!")
    await build(store, await ask(store, minutes=1))
    for number in range(60):
        at = SOME_MOMENT + (number + 2) * MINUTE
        origin = "page" if number == 50 else "home"
        turn, _ = await store.accept_turn(replace(new_turn("on", at=at), origin=origin))
        await store.end_turn(turn.id, completed("Done."), (), at)

    prompt = await build(store, await ask(store, minutes=100))

    assert prompt.recent_ids == (early.id + 52,)
    window = await store.find_window()
    assert window is not None
    assert window.first_id == early.id + 52
    again = await build(store, await ask(store, minutes=101))
    assert again.sent.first == prompt.sent.first
