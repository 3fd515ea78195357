"""Which model answers a turn: of real servers on real sockets, and the real starter model."""

import asyncio
from pathlib import Path

import pytest

from tests.chosen_lives import ANSWER_SECONDS, ask, life_on, until
from tests.known_servers import KnownServer, LlamaCpp, LMStudio, Offered, Ollama
from tests.model_server import Behaviour, Failure
from tests.vega_process import free_ports
from vega.core.conversation import TurnStatus
from vega.llm import candidates, choice

STARTER = "smollm2-135m-instruct"


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "PATIENCE_SECONDS", 1.5)
    monkeypatch.setattr(choice, "GLANCE_SECONDS", 0.2)


async def test_a_server_that_is_found_answers_and_nothing_of_ours_is_loaded(
    tmp_path: Path,
) -> None:
    async with Ollama() as server, life_on(tmp_path, [server.address]) as life:
        answered = await ask(life)
        profile = await life.models.profile()

        assert answered == ("llama3.2:latest", None, "".join(server.behaviour.pieces).strip())
        assert (profile.name, profile.is_able, profile.place) == (
            "llama3.2:latest",
            True,
            "this machine",
        )
        assert life.models.lineup.running() == []
    assert not (tmp_path / "models").exists()


async def test_servers_are_asked_in_the_order_of_the_setting(tmp_path: Path) -> None:
    async with (
        Ollama() as second,
        LMStudio(Offered("qwen3-4b")) as first,
        life_on(tmp_path, [first.address, second.address]) as life,
    ):
        assert (await ask(life))[0] == "qwen3-4b"


async def test_what_would_leave_this_machine_is_never_chosen_by_itself(
    tmp_path: Path, models: Path
) -> None:
    cloud = Offered("gpt-oss:120b-cloud", is_loaded=True, remote_host="https://ollama.com:443")
    async with Ollama(cloud) as server:
        async with life_on(tmp_path, [server.address], models=models) as life:
            assert (await ask(life))[0] == STARTER
        assert server.chats == []
        async with life_on(
            tmp_path / "wanted", [server.address], model="ollama:gpt-oss:120b-cloud"
        ) as life:
            assert (await ask(life))[0] == "gpt-oss:120b-cloud"
            assert (await life.models.profile()).place == "https://ollama.com:443"


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (Ollama, "garbage"),
        (LMStudio, "breaks off"),
        (LlamaCpp, "resets"),
        (Ollama, "refuses"),
    ],
)
async def test_a_server_that_answers_nonsense_is_passed_over_and_it_is_said(
    tmp_path: Path, models: Path, kind: type[KnownServer], failure: Failure
) -> None:
    async with (
        kind(behaviour=Behaviour(failure=failure)) as server,
        life_on(tmp_path, [server.address], models=models) as life,
    ):
        model, note, _ = await ask(life)
        turn = await life.store.turn(1)

        assert model == STARTER
        assert note is not None
        assert server.address in note
        assert note.endswith(f"so {STARTER} on this machine answered.")
        assert turn.attempts == len(server.chats) == 1
        assert life.models.lineup.candidates[0].is_aside


async def test_an_empty_answer_is_no_answer(tmp_path: Path, models: Path) -> None:
    async with (
        Ollama(behaviour=Behaviour(pieces=[])) as server,
        life_on(tmp_path, [server.address], models=models) as life,
    ):
        model, note, answer = await ask(life)

    assert model == STARTER
    assert "gave no whole answer" in (note or "")
    assert answer


async def test_a_server_that_dies_between_two_turns_is_replaced_at_once(
    tmp_path: Path, models: Path
) -> None:
    async with Ollama() as server, life_on(tmp_path, [server.address], models=models) as life:
        assert (await ask(life))[1] is None
        await server.__aexit__()
        model, note, _ = await ask(life)
        turn = await life.store.turn(2)

        assert model == STARTER
        assert note == (
            f"ollama:llama3.2 at {server.address} did not answer, so {STARTER} on this machine did."
        )
        assert turn.attempts == 0
        assert turn.answer is not None
        assert turn.answer.place == "this machine"
        await server.__aenter__()


async def test_an_answer_that_breaks_off_begins_anew_with_another_model(
    tmp_path: Path, models: Path
) -> None:
    behaviour = Behaviour(failure="hangs", pieces=["Nothing ", "that ", "stays. "], fails_after=3)
    behaviour.pieces.append("never")
    async with (
        LlamaCpp(behaviour=behaviour) as server,
        life_on(tmp_path, [server.address], models=models) as life,
    ):
        turn = await life.say("What is a tree?")
        await until(lambda: life.live_turns.running and life.live_turns.running.text)
        await server.__aexit__()
        async with asyncio.timeout(ANSWER_SECONDS):
            while not (turn := await life.store.turn(turn.id)).status.is_end:
                await asyncio.sleep(0.005)

        assert turn.answer is not None
        assert turn.answer.model == STARTER
        assert "Nothing that stays" not in turn.response
        assert turn.answer.generation > 1
        await server.__aenter__()


async def test_a_server_that_comes_back_is_used_at_the_next_turn(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "LOOK_INTERVAL_SECONDS", 0.0)
    async with Ollama() as server, life_on(tmp_path, [server.address], models=models) as life:
        await ask(life)
        await server.__aexit__()
        assert (await ask(life))[0] == STARTER
        await server.__aenter__()

        assert (await ask(life))[:2] == ("llama3.2:latest", None)


async def test_a_server_that_appears_is_used_at_the_next_turn(
    tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "LOOK_INTERVAL_SECONDS", 0.0)
    (port,) = free_ports(1)
    async with life_on(tmp_path, [f"http://127.0.0.1:{port}"], models=models) as life:
        assert (await ask(life))[:2] == (STARTER, None)
        async with Ollama(port=port):
            assert (await ask(life))[:2] == ("llama3.2:latest", None)


async def test_a_server_that_is_not_needed_is_asked_only_at_its_own_turns(tmp_path: Path) -> None:
    server = Ollama(Offered("llama3.2", is_loaded=True))
    async with server, life_on(tmp_path, [server.address]) as life:
        await ask(life)
        await ask(life)
        before = len(server.requests)
        await ask(life)

        # What it is, and the chat; no look at every model that it has.
        assert {request.path for request in server.requests[before:]} == {
            "/v1/models",
            "/props",
            "/v1/chat/completions",
        }


async def test_a_window_that_is_known_once_the_model_is_loaded_is_used(tmp_path: Path) -> None:
    async with (
        Ollama(Offered("llama3.2:latest", window=16384)) as server,
        life_on(tmp_path, [server.address]) as life,
    ):
        await ask(life)
        before = (await life.models.profile()).context_tokens
        server.shown.models[0].is_loaded = True
        await ask(life)

        assert before == 4096
        assert (await life.models.profile()).context_tokens == 16384


async def test_a_hanging_server_costs_a_turn_no_more_than_its_bound(
    tmp_path: Path, models: Path
) -> None:
    async with Ollama() as server:
        server.shown.hangs = True
        async with life_on(tmp_path, [server.address], models=models) as life:
            assert (await ask(life))[0] == STARTER
        assert server.chats == []


async def test_without_any_model_a_prompt_waits_and_is_answered_when_one_comes(
    tmp_path: Path,
) -> None:
    (port,) = free_ports(1)
    addresses = [f"http://127.0.0.1:{port}"]
    async with life_on(tmp_path, addresses, model="ollama:llama3.2", falls_back=False) as life:
        turn = await life.say("What is a tree?")
        await until(lambda: life.assistant.away_reason)
        assert life.assistant.away_reason == "No Ollama answers here that has llama3.2."
        async with Ollama(port=port):
            ended = await life.ended_at_last(turn.id)

    assert ended.status is TurnStatus.COMPLETED
    assert ended.answer is not None
    assert ended.answer.reason is None
