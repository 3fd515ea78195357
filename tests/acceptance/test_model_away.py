"""While no model answers, prompts are kept, facts are told and asked; no prompt is asked twice."""

import asyncio

from tests.acceptance.conftest import MakeVega
from tests.model_server import ModelServer
from tests.vega_process import free_ports

BACK_SECONDS = 60.0


async def test_a_prompt_without_a_model_is_kept_and_answered_when_one_is_there(
    make_vega: MakeVega,
) -> None:
    (port,) = free_ports(1)
    vega = make_vega(model_url=f"http://127.0.0.1:{port}/v1")
    await asyncio.to_thread(vega.start)

    first = await asyncio.to_thread(vega.chat, "What is a tree?", idempotency_key="tree")
    again = await asyncio.to_thread(vega.chat, "What is a tree?", idempotency_key="tree")
    waiting = await asyncio.to_thread(vega.turn, first.json()["turn_id"])
    async with ModelServer(port=port) as server:
        await asyncio.to_thread(vega.wait_until_idle, BACK_SECONDS)
        answered = await asyncio.to_thread(vega.turn, first.json()["turn_id"])
        after = await asyncio.to_thread(vega.chat, "What is a tree?", idempotency_key="tree")
        history = await asyncio.to_thread(vega.history)

    assert (first.status_code, again.status_code) == (503, 503)
    assert int(first.headers["Retry-After"]) > 0
    assert first.json()["turn_id"] == again.json()["turn_id"] == waiting["id"]
    assert waiting["status"] == "pending"
    assert answered["status"] == "completed"
    assert answered["response"] == "".join(server.behaviour.pieces).strip()
    assert after.json()["response"] == answered["response"]
    assert [turn["id"] for turn in history] == [waiting["id"]]
    assert _chats(server) == 1


async def test_facts_are_told_and_asked_while_no_model_is_there(make_vega: MakeVega) -> None:
    (port,) = free_ports(1)
    vega = make_vega(model_url=f"http://127.0.0.1:{port}/v1")
    await asyncio.to_thread(vega.start)
    await asyncio.to_thread(vega.chat, "What is a tree?")

    told = await asyncio.to_thread(vega.chat, "My favorite color is blue.")
    asked = await asyncio.to_thread(vega.chat, "What is my favorite color?")
    async with ModelServer(port=port) as server:
        await asyncio.to_thread(vega.wait_until_idle, BACK_SECONDS)

    assert told.json()["response"] == "Got it! I'll remember that your favorite color is blue."
    assert asked.json()["response"].startswith("Your favorite color is blue")
    assert asked.json()["sources"][0]["turn_id"] == told.json()["turn_id"]
    assert _chats(server) == 1


async def test_a_reader_hears_that_a_turn_waits_and_then_its_answer(make_vega: MakeVega) -> None:
    (port,) = free_ports(1)
    vega = make_vega(model_url=f"http://127.0.0.1:{port}/v1")
    await asyncio.to_thread(vega.start)

    with vega.events("/chat", prompt="What is a tree?") as events:
        before = [await asyncio.to_thread(next, events) for _ in range(2)]
        async with ModelServer(port=port) as server:
            after = await asyncio.to_thread(list, events)

    assert [event.kind for event in before] == ["turn.accepted", "turn.waiting"]
    assert before[1].data["reason"]
    assert after[-1].kind == "turn.completed"
    told = "".join(event.data["text"] for event in after if event.kind == "turn.delta")
    assert told == after[-1].data["response"] == "".join(server.behaviour.pieces).strip()
    assert _chats(server) == 1


async def test_a_kept_prompt_outlives_kill_9_while_no_model_is_there(make_vega: MakeVega) -> None:
    (port,) = free_ports(1)
    vega = make_vega(model_url=f"http://127.0.0.1:{port}/v1")
    await asyncio.to_thread(vega.start)
    kept = (await asyncio.to_thread(vega.chat, "What is a tree?")).json()["turn_id"]

    await asyncio.to_thread(vega.kill)
    await asyncio.to_thread(vega.start)
    async with ModelServer(port=port) as server:
        await asyncio.to_thread(vega.wait_until_idle, BACK_SECONDS)
        answered = await asyncio.to_thread(vega.turn, kept)

    assert answered["status"] == "completed"
    assert _chats(server) == 1


def _chats(server: ModelServer) -> int:
    return sum(request.path == "/v1/chat/completions" for request in server.requests)
