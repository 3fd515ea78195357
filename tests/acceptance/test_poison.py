"""A prompt that kills the model each time is given up, with the reason, and the queue goes on."""

import asyncio
from collections.abc import Iterator
from functools import partial

import psutil
import pytest

from tests.acceptance.conftest import MakeVega
from tests.model_server import Behaviour, Failure, ModelServer
from tests.models_folder import models_folder
from tests.vega_process import VegaProcess, wait_until
from vega.core.assistant import MAX_INTERRUPTIONS

ATTEMPTS = 3
LOAD_SECONDS = 60.0
POISON = "Tell me about ships."
HOST_MODULE = "vega.llm.host_process"


@pytest.fixture
def built_in(make_vega: MakeVega) -> VegaProcess:
    """A Vega on the built-in model, which has loaded."""
    vega = make_vega(model_url="", settings={"VEGA_MODELS_DIR": str(models_folder())})
    vega.start()
    wait_until(lambda: bool(vega.status()["model"]["reachable"]), LOAD_SECONDS)
    return vega


def test_a_prompt_that_kills_the_built_in_host_fails_after_three_attempts(
    built_in: VegaProcess,
) -> None:
    killed: list[int] = []

    with built_in.events("/chat", prompt=POISON) as events:
        for event in events:
            if event.kind == "turn.delta":
                killed += _kill_hosts(built_in)
    with built_in.events("/chat", prompt="Say hello.") as later_events:
        *_, later = later_events

    turn = built_in.turn(event.data["turn_id"])
    assert event.kind == "turn.failed"
    assert event.data["error"] == turn["error"]
    assert "Given up after 3 attempts." in turn["error"]
    assert turn["status"] == "failed"
    # More where a host died while it loaded, which is no attempt.
    assert len(set(killed)) >= ATTEMPTS
    assert later.kind == "turn.completed"
    assert later.data["response"]
    assert "Traceback" not in built_in.output


@pytest.mark.parametrize(
    "failure", ["breaks off", "resets", "dies before headers", "error in stream", "garbage"]
)
async def test_a_prompt_that_breaks_a_model_server_is_asked_three_times_and_no_more(
    failure: Failure, make_vega: MakeVega
) -> None:
    async with ModelServer(Behaviour(failure=failure)) as server:
        vega = make_vega(model_url=server.url)
        await asyncio.to_thread(vega.start)

        broken = await asyncio.to_thread(vega.chat, POISON)
        asked = _chats(server)
        server.behaviour.failure = None
        later = await asyncio.to_thread(vega.chat, "Say hello.")
        turn = await asyncio.to_thread(vega.turn, broken.json()["turn_id"])

    assert broken.status_code == 502
    assert asked == ATTEMPTS
    assert turn["status"] == "failed"
    assert broken.json()["error"] == turn["error"]
    assert "Given up after 3 attempts." in turn["error"]
    assert later.status_code == 200
    assert later.json()["response"] == "".join(server.behaviour.pieces).strip()
    assert _chats(server) == ATTEMPTS + 1
    assert "Traceback" not in vega.output


def test_a_prompt_over_which_vega_dies_each_time_is_given_up(make_vega: MakeVega) -> None:
    vega = make_vega(model_url="scripted:?words=30&delay_ms=60")
    vega.start()
    poisoned = _say_and_leave(vega, POISON)
    later = _say_and_leave(vega, "Say hello.")

    for _ in range(MAX_INTERRUPTIONS):
        with vega.events(f"/api/turns/{poisoned}/events", last_event_id="0.0") as events:
            assert next(events).kind == "turn.delta"
            vega.kill()
        vega.start()
    vega.wait_until_idle()

    assert vega.turn(poisoned)["status"] == "failed"
    assert f"ended {MAX_INTERRUPTIONS} times" in vega.turn(poisoned)["error"]
    assert vega.turn(later)["status"] == "completed"
    again = vega.request("POST", f"/api/turns/{poisoned}/again")
    vega.wait_until_idle()
    assert again.status_code == 202
    assert vega.turn(poisoned)["status"] == "completed"


async def test_a_prompt_over_which_vega_was_cleanly_ended_each_time_is_not_given_up(
    make_vega: MakeVega,
) -> None:
    async with ModelServer(Behaviour(failure="hangs before headers")) as server:
        vega = make_vega(model_url=server.url)
        await asyncio.to_thread(vega.start)
        turn_id = await asyncio.to_thread(_say_and_leave, vega, "What is a tree?")
        for number in range(1, MAX_INTERRUPTIONS + 1):
            is_asked = partial(_has_chats, server, number)
            await asyncio.to_thread(wait_until, is_asked, LOAD_SECONDS)
            assert await asyncio.to_thread(vega.terminate) == 0
            await asyncio.to_thread(vega.start)
        server.behaviour.failure = None
        await asyncio.to_thread(vega.terminate)
        await asyncio.to_thread(vega.start)
        await asyncio.to_thread(vega.wait_until_idle)
        turn = await asyncio.to_thread(vega.turn, turn_id)

    assert turn["status"] == "completed"


def _say_and_leave(vega: VegaProcess, prompt: str) -> int:
    """The turn's id, once it is accepted."""
    with vega.events("/chat", prompt=prompt) as events:
        turn_id: int = next(events).data["turn_id"]
    return turn_id


def _kill_hosts(vega: VegaProcess) -> list[int]:
    hosts = list(_hosts(vega))
    for host in hosts:
        host.kill()
    psutil.wait_procs(hosts, timeout=10)
    return [host.pid for host in hosts]


def _hosts(vega: VegaProcess) -> Iterator[psutil.Process]:
    for child in psutil.Process(vega.pid).children():
        if HOST_MODULE in child.cmdline():
            yield child


def _has_chats(server: ModelServer, count: int) -> bool:
    return _chats(server) >= count


def _chats(server: ModelServer) -> int:
    return sum(request.path == "/v1/chat/completions" for request in server.requests)


def test_a_host_that_hangs_is_started_again_and_the_turn_is_answered(
    built_in: VegaProcess,
) -> None:
    hanging = list(_hosts(built_in))
    for host in hanging:
        host.suspend()

    with built_in.events("/chat", prompt="Say hello.") as events:
        *_, end = events

    assert end.kind == "turn.completed"
    assert end.data["response"]
    assert hanging
    assert not any(host.is_running() for host in hanging)
    assert "Traceback" not in built_in.output
