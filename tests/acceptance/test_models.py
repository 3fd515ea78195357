"""A real Vega and real model servers beside it: found, replaced when they die, chosen."""

import asyncio
import json
import os
import subprocess
import sys
import tomllib

import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.shared_model import SharedModel
from tests.known_servers import Offered, Ollama
from tests.model_server import Behaviour, ModelServer
from tests.models_folder import models_folder
from tests.vega_process import VegaProcess, free_ports

STARTER = "smollm2-135m-instruct"


@pytest.fixture(scope="module", autouse=True)
def models() -> None:
    """Fetches them before any event loop runs; the answer is kept."""
    models_folder()


def settings(*addresses: str, **others: str) -> dict[str, str]:
    return {
        "VEGA_MODEL_SERVERS": ",".join(addresses) or "none",
        "VEGA_MODEL_FALLBACK": "true",
        "VEGA_MODELS_DIR": str(models_folder()),
        **others,
    }


def command(vega: VegaProcess, *words: str) -> subprocess.CompletedProcess[str]:
    """`vega …` in a terminal of the same owner, without a terminal."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("VEGA_")}
    return subprocess.run(
        [sys.executable, "-m", "vega.cli", *words],
        env={**others, "VEGA_HOME": str(vega.home)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


async def test_a_server_that_dies_between_two_turns_is_replaced_and_every_reader_is_told(
    make_vega: MakeVega,
) -> None:
    async with Ollama(behaviour=Behaviour(pieces=["From ", "Ollama."])) as server:
        vega = make_vega(model_url="", settings=settings(server.address))
        await asyncio.to_thread(vega.start)
        first = (await asyncio.to_thread(vega.chat, "What is a tree?")).json()
        await server.__aexit__()
        with vega.events("/chat", prompt="What is a bush?") as events:
            told = await asyncio.to_thread(list, events)
        turn = await asyncio.to_thread(vega.turn, 2)
        status = await asyncio.to_thread(vega.status)
        await server.__aenter__()

    note = f"ollama:llama3.2 at {server.address} did not answer, so {STARTER} on this machine did."
    assert (first["response"], first["note"]) == ("From Ollama.", None)
    assert told[-1].kind == "turn.completed"
    assert told[-1].data["note"] == turn["note"] == note
    assert (turn["error"], turn["model"], turn["sent_to"]) == (None, STARTER, "this machine")
    assert status["model"]["name"] == STARTER


async def test_a_real_llama_cpp_server_is_found_and_answers(make_vega: MakeVega) -> None:
    vega = make_vega(model_url="")
    with SharedModel(vega.home.with_name("shared")) as shared:
        await asyncio.to_thread(shared.start)
        vega.settings |= settings(f"http://127.0.0.1:{shared.port}")
        await asyncio.to_thread(vega.start)
        answer = (await asyncio.to_thread(vega.chat, "What is the capital of France?")).json()
        turn = await asyncio.to_thread(vega.turn, 1)
        found = vega.request("GET", "/api/models").json()
        # Nothing of Vega's own was loaded for it.
        assert f"The built-in model {STARTER} is ready" not in vega.output
        await asyncio.to_thread(shared.kill)
        after = (await asyncio.to_thread(vega.chat, "What is the capital of Spain?")).json()

    assert answer["response"]
    assert (turn["model"], turn["note"]) == (STARTER, None)
    assert found["current"]["id"] == f"llamacpp:{STARTER}"
    # The catalogue knows it, whoever serves it.
    assert found["current"]["is_able"] is False
    assert found["current"]["context_tokens"] == 2048
    assert after["note"].endswith(f"so {STARTER} on this machine did.")


async def test_a_choice_is_written_down_and_outlives_a_restart(make_vega: MakeVega) -> None:
    async with Ollama(Offered("one", is_loaded=True), Offered("two")) as server:
        vega = make_vega(model_url="", settings=settings(server.address))
        vega.home.mkdir()
        path = vega.home / "vega.toml"
        path.write_text("# Mine.\nqueue_limit = 7  # enough\n")
        path.chmod(0o600)
        await asyncio.to_thread(vega.start)
        await asyncio.to_thread(vega.chat, "What is a tree?")
        used = await asyncio.to_thread(command, vega, "model", "use", "ollama:two")
        await asyncio.to_thread(vega.chat, "What is a bush?")
        await asyncio.to_thread(vega.terminate)
        await asyncio.to_thread(vega.start)
        await asyncio.to_thread(vega.chat, "What is a hedge?")
        models = [(await asyncio.to_thread(vega.turn, number))["model"] for number in (1, 2, 3)]

    assert used.returncode == 0, used.stderr
    assert "ollama:two answers from the next turn on" in used.stdout
    assert models == ["one", "two", "two"]
    assert path.read_text().startswith("# Mine.\nqueue_limit = 7  # enough\n")
    assert tomllib.loads(path.read_text()) == {"queue_limit": 7, "model": "ollama:two"}
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_choice_that_a_variable_goes_before_is_refused(make_vega: MakeVega) -> None:
    async with Ollama() as server:
        vega = make_vega(model_url="", settings=settings(server.address, VEGA_MODEL=STARTER))
        await asyncio.to_thread(vega.start)
        refused = await asyncio.to_thread(command, vega, "model", "use", "ollama:llama3.2")
        by_url = make_vega("other", model_url=f"{server.address}/v1", settings=settings())
        await asyncio.to_thread(by_url.start)
        answer = by_url.request("POST", "/api/models/use", {"id": STARTER})

    assert refused.returncode == 1
    assert "VEGA_MODEL is set" in refused.stderr
    assert answer.status_code == 409
    assert answer.json()["code"] == "setting_overridden"
    assert "VEGA_MODEL_URL" in answer.json()["error"]
    assert not (vega.home / "vega.toml").exists()


async def test_a_configured_server_that_is_away_is_replaced_and_it_is_said(
    make_vega: MakeVega,
) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/v1"
    vega = make_vega(model_url=url, settings=settings(VEGA_MODEL_NAME="big"))
    await asyncio.to_thread(vega.start)
    answer = await asyncio.to_thread(vega.chat, "What is a tree?")
    async with ModelServer(port=port):
        await asyncio.to_thread(vega.wait_until_idle)

    assert answer.status_code == 200
    assert answer.json()["note"] == (
        f"big at {url} did not answer, so {STARTER} on this machine did."
    )


async def test_the_commands_list_and_try_models(make_vega: MakeVega) -> None:
    server = Ollama(Offered("one", is_loaded=True), behaviour=Behaviour(pieces=["Paris, ", "42."]))
    async with server:
        vega = make_vega(model_url="", settings=settings(server.address))
        await asyncio.to_thread(vega.start)
        listed = await asyncio.to_thread(command, vega, "model", "list")
        as_json = await asyncio.to_thread(command, vega, "model", "list", "--json")
        tried = await asyncio.to_thread(command, vega, "model", "test")
        unknown = await asyncio.to_thread(command, vega, "model", "pull", "nonsense")
        history = await asyncio.to_thread(vega.history)

    assert listed.returncode == 0, listed.stderr
    assert "* ollama:one" in listed.stdout
    assert "\x1b" not in listed.stdout
    assert json.loads(as_json.stdout)["current"]["id"] == "ollama:one"
    assert tried.returncode == 0, tried.stderr
    assert "ollama:one: 2 of 5 right" in tried.stdout
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "There is no model nonsense" in unknown.stderr
    assert history == []


async def test_vega_does_not_take_itself_for_a_model_server(make_vega: MakeVega) -> None:
    vega = make_vega(model_url="")
    vega.settings |= settings(vega.url, f"http://localhost:{vega.page_port}")
    await asyncio.to_thread(vega.start)
    found = vega.request("GET", "/api/models").json()

    assert [model["id"] for model in found["models"] if model["kind"] == "server"] == []
