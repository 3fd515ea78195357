"""`vega model serve`: one model for several lives, that comes back whatever happens to it."""

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from tests.acceptance.shared_model import SharedModel
from tests.models_folder import models_folder
from tests.vega_process import END_SECONDS, wait_until
from vega.llm.catalogue import SMOLLM2_135M

MakeServer = Callable[..., SharedModel]
#: Longer than what two lives have in common.
HISTORY = (
    "You are Vega. Answer briefly. The owner is {name}. " + "{name} likes tea number {n}. " * 12
)


@pytest.fixture
def make_server(tmp_path: Path) -> Iterator[MakeServer]:
    """Makes a model server that is not started yet."""
    with ExitStack() as stack:

        def make(*options: str, **variables: str) -> SharedModel:
            server = SharedModel(tmp_path / "model-home", *options, settings=variables)
            return stack.enter_context(server)

        yield make


@pytest.fixture
def server(make_server: MakeServer) -> SharedModel:
    started = make_server()
    started.start()
    return started


def test_it_serves_the_starter_model_by_its_name_with_its_whole_window(server: SharedModel) -> None:
    (model,) = server.get("/v1/models").json()["data"]
    props = server.get("/props").json()

    assert model["id"] == SMOLLM2_135M.id
    assert props["default_generation_settings"]["n_ctx"] == SMOLLM2_135M.context_tokens
    assert f"VEGA_MODEL_URL={server.url}" in server.output


def test_two_conversations_in_turn_do_not_make_it_read_either_again(server: SharedModel) -> None:
    talks = {
        name: [{"role": "system", "content": HISTORY.format(name=name, n=n)}]
        for n, name in enumerate(("Ana", "Ben"))
    }
    cached = []

    for question in ("Hello.", "How are you?", "And now?"):
        for talk in talks.values():
            talk.append({"role": "user", "content": question})
            answer = server.chat(talk)
            talk.append(
                {"role": "assistant", "content": answer["choices"][0]["message"]["content"]}
            )
            cached.append(answer["timings"]["cache_n"] / answer["usage"]["prompt_tokens"])

    assert min(cached[2:]) > 0.7


def test_what_one_life_says_is_shown_to_nobody_and_kept_nowhere(server: SharedModel) -> None:
    server.chat([{"role": "user", "content": "The word is pomegranate."}])
    slots = server.get("/slots")
    server.end_by(signal.SIGTERM)

    assert slots.status_code >= 400
    assert "pomegranate" not in slots.text + server.output
    assert not server.home.exists() or list(server.home.iterdir()) == []


def test_no_web_page_may_read_its_answers(server: SharedModel) -> None:
    answer = server.get("/v1/models", Origin="http://page.example")

    assert answer.headers.get("access-control-allow-origin") not in ("*", "http://page.example")


def test_with_a_key_it_answers_nobody_else(make_server: MakeServer) -> None:
    server = make_server(VEGA_MODEL_KEY="correct-horse")
    server.start()

    assert server.get("/props").status_code == 401
    assert server.get("/props", Authorization="Bearer wrong").status_code == 401
    assert server.get("/props", Authorization="Bearer correct-horse").status_code == 200
    assert "correct-horse" not in server.output


def test_a_model_that_dies_is_back_on_the_same_port(server: SharedModel) -> None:
    before = server.child
    before.kill()
    wait_until(lambda: not before.is_running(), END_SECONDS)
    server.wait_until_serving()

    assert server.child.pid != before.pid
    assert server.chat([{"role": "user", "content": "Hello."}])["choices"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_0_and_the_model_with_it(
    number: signal.Signals, server: SharedModel
) -> None:
    child = server.child

    exit_code = server.end_by(number)

    assert exit_code == 0
    assert not child.is_running()
    assert "Traceback" not in server.output


def test_killed_it_leaves_no_model_behind_and_starts_again_on_its_port(server: SharedModel) -> None:
    child = server.child
    assert server.process is not None
    server.process.kill()
    server.wait()
    wait_until(lambda: not _is_alive(child), END_SECONDS)

    server.start()

    assert server.chat([{"role": "user", "content": "Hello."}])["choices"]


def test_a_model_that_cannot_be_fetched_is_said_and_tried_again(
    make_server: MakeServer, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    server = make_server(
        VEGA_MODELS_DIR=str(models),
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL="http://127.0.0.1:9/",
        PIP_EXTRA_INDEX_URL="",
        PIP_FIND_LINKS="",
        PIP_RETRIES="0",
    )

    server.launch()
    wait_until(lambda: "could not be fetched" in server.output, END_SECONDS)
    models.mkdir(exist_ok=True)
    shutil.copy(models_folder() / SMOLLM2_135M.file_name, models)
    server.wait_until_serving()

    assert server.chat([{"role": "user", "content": "Hello."}])["choices"]


def test_a_port_in_use_is_named_with_its_option(make_server: MakeServer) -> None:
    server = make_server()

    with socket.create_server(("127.0.0.1", server.port)):
        said = _refused(server)

    assert str(server.port) in said
    assert "--port" in said


def test_a_model_that_nobody_knows_is_named_with_those_that_there_are(
    make_server: MakeServer,
) -> None:
    said = _refused(make_server("gpt-5"))

    assert "gpt-5" in said
    assert SMOLLM2_135M.id in said


def test_a_file_that_is_no_model_is_refused(make_server: MakeServer, tmp_path: Path) -> None:
    diary = tmp_path / "diary.gguf"
    diary.write_text("This is my diary.\n" * 1000)

    said = _refused(make_server(str(diary)))

    assert "diary.gguf" in said


def test_an_owners_own_file_is_served(make_server: MakeServer, tmp_path: Path) -> None:
    file = tmp_path / "mine.gguf"
    file.symlink_to(models_folder() / SMOLLM2_135M.file_name)
    server = make_server(str(file))

    server.start()

    assert server.get("/v1/models").json()["data"][0]["id"] == "mine.gguf"


def test_others_are_let_in_with_a_key_only(make_server: MakeServer) -> None:
    said = _refused(make_server("--host", "0.0.0.0"))

    assert "0.0.0.0" in said
    assert "VEGA_MODEL_KEY" in said


def _refused(server: SharedModel) -> str:
    """What it says that refuses to start."""
    server.launch()
    assert server.wait() == 1
    assert "Traceback" not in server.output
    return server.output


def _is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
