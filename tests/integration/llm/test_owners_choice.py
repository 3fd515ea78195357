"""What the owner chose answers before all others, as far as it can."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from tests.chosen_lives import ask, life_on, until
from tests.known_servers import LMStudio, Offered, Ollama
from tests.model_server import Behaviour, ModelServer
from tests.vega_process import free_ports
from vega.llm import candidates, choice

STARTER = "smollm2-135m-instruct"


@pytest.fixture(autouse=True)
def little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "PATIENCE_SECONDS", 1.5)
    monkeypatch.setattr(choice, "GLANCE_SECONDS", 0.2)


async def test_what_the_owner_chose_goes_first_and_is_waited_for_a_moment(
    tmp_path: Path, models: Path
) -> None:
    async with ModelServer() as server:
        url = server.url
        async with life_on(tmp_path, models=models, url=url, name="big") as life:
            assert (await ask(life))[:2] == ("big", None)
            await server.__aexit__()
            answering = asyncio.create_task(ask(life))
            await asyncio.sleep(0.3)
            await server.__aenter__()

            assert (await answering)[:2] == ("big", None)


async def test_what_the_owner_chose_is_replaced_while_it_is_away_and_it_is_said(
    tmp_path: Path, models: Path
) -> None:
    async with (
        ModelServer() as server,
        LMStudio(Offered("qwen3-4b")) as other,
        life_on(tmp_path, [other.address], models=models, url=server.url, name="big") as life,
    ):
        await ask(life)
        await server.__aexit__()
        model, note, _ = await ask(life)
        assert model == "qwen3-4b"
        assert note == (
            f"big at {server.url} did not answer, so lmstudio:qwen3-4b at {other.address} did."
        )
        await server.__aenter__()


async def test_what_the_owner_chose_may_fail_once(tmp_path: Path, models: Path) -> None:
    behaviour = Behaviour(failure="breaks off")
    async with (
        ModelServer(behaviour) as server,
        life_on(tmp_path, models=models, url=server.url, name="big") as life,
    ):
        turn = await life.say("What is a tree?")
        await until(lambda: len(_chats(server)) == 1)
        behaviour.failure = None
        ended = await life.ended_at_last(turn.id)

    assert ended.answer is not None
    assert (ended.answer.model, ended.answer.reason) == ("big", None)


async def test_what_the_owner_chose_is_put_aside_when_it_fails_twice(
    tmp_path: Path, models: Path
) -> None:
    async with (
        ModelServer(Behaviour(failure="garbage")) as server,
        life_on(tmp_path, models=models, url=server.url, name="big") as life,
    ):
        model, note, _ = await ask(life)
        turn = await life.store.turn(1)

        assert model == STARTER
        assert "gave no whole answer" in (note or "")
        assert len(_chats(server)) == turn.attempts == 2


async def test_without_fallback_only_what_the_owner_chose_counts(
    tmp_path: Path, models: Path
) -> None:
    (port,) = free_ports(1)
    async with Ollama() as other:
        async with life_on(
            tmp_path,
            [other.address],
            models=models,
            url=f"http://127.0.0.1:{port}/v1",
            falls_back=False,
        ) as life:
            turn = await life.say("What is a tree?")
            await until(lambda: life.assistant.away_reason)
            async with ModelServer(port=port):
                ended = await life.ended_at_last(turn.id)

        assert ended.answer is not None
        assert ended.answer.model == "stub"
        assert other.requests == []


async def test_without_fallback_and_without_a_choice_the_best_answers(tmp_path: Path) -> None:
    async with Ollama() as server, life_on(tmp_path, [server.address], falls_back=False) as life:
        assert (await ask(life))[0] == "llama3.2:latest"


async def test_the_owner_may_choose_one_of_a_servers_models(tmp_path: Path) -> None:
    async with (
        Ollama(Offered("loaded", is_loaded=True), Offered("wanted:latest")) as server,
        life_on(tmp_path, [server.address], model="ollama:wanted") as life,
    ):
        assert (await ask(life))[:2] == ("wanted:latest", None)


async def test_a_choice_takes_effect_at_the_next_turn(tmp_path: Path) -> None:
    async with (
        Ollama(Offered("one", is_loaded=True), Offered("two")) as server,
        life_on(tmp_path, [server.address]) as life,
    ):
        first = await ask(life)
        await life.models.use(replace(life.models.lineup.wishes, model="ollama:two"))
        second = await ask(life)
        await life.models.use(replace(life.models.lineup.wishes, model=""))
        third = await ask(life)

    assert [answer[:2] for answer in (first, second, third)] == [
        ("one", None),
        ("two", None),
        ("one", None),
    ]


async def test_a_choice_in_mid_turn_does_not_touch_that_turn(tmp_path: Path) -> None:
    behaviour = Behaviour(delay_seconds=0.02)
    async with (
        Ollama(Offered("one", is_loaded=True), Offered("two"), behaviour=behaviour) as server,
        life_on(tmp_path, [server.address]) as life,
    ):
        turn = await life.say("What is a tree?")
        await until(lambda: life.live_turns.running and life.live_turns.running.text)
        await life.models.use(replace(life.models.lineup.wishes, model="ollama:two"))
        await life.models.profile()
        ended = await life.ended_at_last(turn.id)

    assert ended.answer is not None
    assert (ended.answer.model, ended.answer.generation) == ("one", 1)


async def test_a_file_that_does_not_load_leaves_the_old_model_in_use_and_says_why(
    tmp_path: Path, models: Path
) -> None:
    whole = (models / "SmolLM2-135M-Instruct.Q4_1.gguf").read_bytes()
    broken = tmp_path / "broken.gguf"
    # Its header is right, and what it holds is not.
    broken.write_bytes(whole.replace(b"blk.3.attn_k", b"blk.3.attn_X"))
    async with life_on(tmp_path, models=models) as life:
        assert (await ask(life))[:2] == (STARTER, None)
        await life.models.use(replace(life.models.lineup.wishes, model=str(broken)))
        model, note, _ = await ask(life)
        await until(lambda: "does not load" in str(life.models.lineup.candidates[0].error))

        assert model == STARTER
        assert note is not None
        assert note.startswith("broken.gguf on this machine ")
        assert [each.id for each in life.models.lineup.running()] == [STARTER]


async def test_a_file_of_the_owners_own_answers(tmp_path: Path, models: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "mine.gguf").symlink_to(models / "SmolLM2-135M-Instruct.Q4_1.gguf")
    async with life_on(
        tmp_path, models=folder, model="mine.gguf", context_tokens=1024, is_able=True
    ) as life:
        answered = await ask(life)
        profile = await life.models.profile()

    assert answered[:2] == ("mine.gguf", None)
    assert (profile.context_tokens, profile.is_able) == (1024, True)


async def test_settings_hold_for_the_starter_model_too(tmp_path: Path, models: Path) -> None:
    async with life_on(tmp_path, models=models, context_tokens=1024, is_able=False) as life:
        await ask(life)
        profile = await life.models.profile()

    assert (profile.name, profile.context_tokens) == (STARTER, 1024)


def _chats(server: ModelServer) -> list[object]:
    return [each for each in server.requests if each.path == "/v1/chat/completions"]
