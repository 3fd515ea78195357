"""A model of ours that nobody uses gives its RAM back, and is there again at the next turn."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import psutil
import pytest

from tests.chosen_lives import ANSWER_SECONDS, ask, life_on, until
from tests.known_servers import Ollama
from tests.lives import Life
from tests.vega_process import free_ports
from vega.core.conversation import TurnStatus
from vega.errors import ModelLoading
from vega.llm.builtin import BuiltInModel
from vega.llm.menu import ModelMenu

STARTER = "smollm2-135m-instruct"
MEGABYTE = 1_000_000
LONG_PROMPT = "You are Vega. " + "The owner likes purple. " * 40


@pytest.fixture
async def life(tmp_path: Path, models: Path) -> AsyncIterator[Life]:
    """A life on the starter model, which has answered."""
    async with life_on(tmp_path, models=models) as living:
        assert (await ask(living))[0] == STARTER
        yield living


async def test_an_idle_model_is_unloaded_and_answers_the_next_turn(life: Life) -> None:
    process = _process()
    resident = process.memory_info().rss
    freed = await life.models.release_memory(unload=True)

    assert freed == pytest.approx(resident, rel=0.1)
    assert freed > 100 * MEGABYTE
    assert not process.is_running()
    assert await life.models.release_memory(unload=True) == 0
    assert (await ask(life))[:2] == (STARTER, None)
    assert not (await life.models.profile()).is_asleep


async def test_what_it_has_read_is_there_again(life: Life) -> None:
    cold = await _read_tokens(life)
    await life.models.release_memory(unload=True)
    with pytest.raises(ModelLoading):
        await life.models.choose()
    assert await life.models.wait_until_available(ANSWER_SECONDS)

    assert cold > 150
    assert await _read_tokens(life) < 10


async def test_while_it_sleeps_it_is_not_called_broken_and_nobody_else_wakes_it(
    life: Life,
) -> None:
    awake = await life.models.profile()
    await life.models.release_memory(unload=True)
    asleep = await life.models.profile()
    shown = await ModelMenu(life.models, lambda _: None).overview()
    # As when a download has come.
    life.models.lineup.shelf.on_arrival()
    await asyncio.sleep(0.5)

    assert asleep.is_asleep
    assert (asleep.name, asleep.context_tokens) == (awake.name, awake.context_tokens)
    assert shown.current is not None
    assert (shown.current.id, shown.reason) == (STARTER, None)
    assert life.models.lineup.running() == []
    assert _children() == []


async def test_in_the_middle_of_an_answer_it_is_left_alone(life: Life) -> None:
    turn = await life.say("Write a long story about a cat and a dog.")
    await until(lambda: life.live_turns.running and life.live_turns.running.text)
    process = _process()

    assert await life.models.release_memory(unload=True) == 0
    ended = await life.ended_at_last(turn.id)
    assert ended.status is TurnStatus.COMPLETED
    assert process.is_running()
    assert await life.models.release_memory(unload=True) > 0


async def test_from_the_choice_to_the_end_of_an_attempt_it_is_left_alone(life: Life) -> None:
    chosen = await life.models.choose()
    while_chosen = await life.models.release_memory(unload=True)
    life.models.done(chosen)

    assert while_chosen == 0
    assert await life.models.release_memory(unload=True) > 0


async def test_a_turn_that_comes_while_it_is_unloaded_waits_and_is_answered(life: Life) -> None:
    for _ in range(3):
        releasing = asyncio.create_task(life.models.release_memory(unload=True))
        answered, freed = await asyncio.gather(ask(life), releasing)

        assert answered[:2] == (STARTER, None)
        assert freed > 100 * MEGABYTE
        assert len(_children()) == 1


async def test_a_stopped_turn_and_one_from_the_store_let_go_of_it(life: Life) -> None:
    turn = await life.say("Write a long story about a cat and a dog.")
    await until(lambda: life.live_turns.running and life.live_turns.running.text)
    await life.assistant.stop(turn.id)
    await life.ask("My favorite color is blue")
    assert (await life.ask("What is my favorite color?")).response.count("blue") == 1

    assert await life.models.release_memory(unload=True) > 0


async def test_a_model_that_loads_is_left_alone(tmp_path: Path, models: Path) -> None:
    async with life_on(tmp_path, models=models) as life:
        await until(_children)
        assert await life.models.release_memory(unload=True) == 0
        assert (await ask(life))[0] == STARTER


async def test_only_what_another_has_replaced_is_unloaded_before_it_is_critical(
    tmp_path: Path, models: Path
) -> None:
    (port,) = free_ports(1)
    async with life_on(tmp_path, [f"http://127.0.0.1:{port}"], models=models) as life:
        await ask(life)
        assert await life.models.release_memory(unload=False) == 0
        async with Ollama(port=port):
            life.models.lineup.looked_at = float("-inf")
            assert (await ask(life))[0] == "llama3.2:latest"

            assert len(_children()) == 1
            assert await life.models.release_memory(unload=False) > 100 * MEGABYTE
            assert _children() == []
        assert (await ask(life))[0] == STARTER


async def test_a_trial_wakes_it_and_is_not_disturbed(life: Life) -> None:
    await life.models.release_memory(unload=True)
    trying = asyncio.create_task(ModelMenu(life.models, lambda _: None).test(""))
    async with asyncio.timeout(ANSWER_SECONDS):
        while not trying.done():
            assert await life.models.release_memory(unload=True) == 0
            await asyncio.sleep(0.05)

    assert (await trying).id == STARTER


async def test_models_that_others_run_give_nothing(tmp_path: Path) -> None:
    async with Ollama() as server, life_on(tmp_path, [server.address]) as life:
        await ask(life)
        assert await life.models.release_memory(unload=True) == 0


async def _read_tokens(life: Life) -> int:
    """How many tokens of the long prompt its model had to read anew."""
    (candidate,) = life.models.lineup.running()
    connector = candidate.connector()
    assert isinstance(connector, BuiltInModel)
    with connector.host.in_use():
        async with httpx2.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS) as http:
            answer = await http.post(
                f"{connector.host.address}/v1/chat/completions",
                json={
                    "messages": [{"role": "user", "content": LONG_PROMPT}],
                    "max_tokens": 4,
                    "id_slot": 0,
                },
                headers={"Authorization": f"Bearer {connector.host.key}"},
            )
    return int(answer.json()["timings"]["prompt_n"])


def _process() -> psutil.Process:
    (child,) = _children()
    return child


def _children() -> list[psutil.Process]:
    """Model hosts; other tests of this process may have left helpers of Python's own."""
    return [child for child in psutil.Process().children() if _is_host(child)]


def _is_host(child: psutil.Process) -> bool:
    try:
        # Of one that has ended and is not waited for yet it is empty.
        return "vega.llm.host_process" in child.cmdline()
    except psutil.NoSuchProcess:
        return False
