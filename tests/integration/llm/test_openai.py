"""The connector to OpenAI-format servers keeps its contract, whatever the server does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import pytest

from tests.model_server import Behaviour, Failure, ModelServer
from vega.errors import AnswerBroken, ContextOverflow, ModelError, ModelRefused, ModelUnavailable
from vega.llm.base import Connector, Ending, Message
from vega.llm.openai import OpenAIModel, Timeouts

HELLO = [Message("user", "Hello there")]
IMPATIENT = Timeouts(connect_seconds=1, first_piece_seconds=0.2, next_piece_seconds=0.2)


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with ModelServer() as running:
        yield running


@pytest.fixture
async def model(server: ModelServer) -> AsyncIterator[OpenAIModel]:
    connector = OpenAIModel(server.url)
    yield connector
    await connector.close()


async def _answer(model: Connector, messages: list[Message] = HELLO) -> list[str | Ending]:
    return [piece async for piece in model.stream(messages, 100)]


async def test_the_pieces_come_as_they_were_sent_and_one_ending_comes_last(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.pieces = ["Grüße,", " you\u2028there", " 🙂"]

    assert await _answer(model) == [*server.behaviour.pieces, Ending("stop", 2, 3)]


async def test_a_server_that_tells_no_usage_gives_an_ending_without_counts(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.tells_usage = False
    server.behaviour.finish_reason = "length"

    assert (await _answer(model))[-1] == Ending("length")


async def test_the_request_holds_the_messages_the_limit_and_the_owners_options(
    server: ModelServer,
) -> None:
    model = OpenAIModel(server.url, "some-model", "secret", extra_body={"top_k": 3})
    await _answer(model, [Message("system", "Be brief."), *HELLO])
    await model.close()
    request = server.requests[-1]

    assert request.headers["authorization"] == "Bearer secret"
    assert request.json() == {
        "model": "some-model",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello there"},
        ],
        "max_tokens": 100,
        "stream": True,
        "stream_options": {"include_usage": True},
        "top_k": 3,
    }


async def test_a_llama_cpp_server_tells_its_window_continues_and_counts(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.context_tokens = 3000
    profile = await model.profile()

    assert (profile.name, profile.context_tokens, profile.answer_tokens) == ("stub", 3000, 1024)
    assert profile.can_continue
    assert profile.is_able
    assert profile.place == "this machine"
    assert await model.count_tokens("three small words") == 3


async def test_a_server_that_tells_nothing_is_taken_as_it_is_mostly(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.is_llama_cpp = False
    profile = await model.profile()

    assert profile.context_tokens == 8192
    assert not profile.can_continue
    assert await model.count_tokens("three small words") is None


async def test_vllm_tells_its_window_in_its_list_of_models(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.is_llama_cpp = False
    server.behaviour.max_model_len = 1000

    profile = await model.profile()

    assert (profile.context_tokens, profile.answer_tokens) == (1000, 500)


async def test_what_the_owner_says_of_the_model_counts_more(server: ModelServer) -> None:
    model = OpenAIModel(server.url, "mine", context_tokens=5000, answer_tokens=50, is_able=False)
    profile = await model.profile()
    await model.close()

    assert (profile.name, profile.context_tokens, profile.answer_tokens) == ("mine", 5000, 50)
    assert not profile.is_able


@pytest.mark.parametrize(
    ("failure", "meaning"),
    [
        ("breaks off", AnswerBroken),
        ("resets", AnswerBroken),
        ("garbage", AnswerBroken),
        ("error in stream", AnswerBroken),
        ("dies before headers", AnswerBroken),
        ("too many requests", ModelUnavailable),
        ("server error", ModelRefused),
        ("loading", ModelUnavailable),
        ("refuses", ModelRefused),
        ("overflow of llama.cpp", ContextOverflow),
        ("overflow of openai", ContextOverflow),
    ],
)
async def test_a_failure_has_its_meaning_and_the_next_call_stands_alone(
    server: ModelServer, model: OpenAIModel, failure: Failure, meaning: type[ModelError]
) -> None:
    server.behaviour.failure = failure
    with pytest.raises(meaning) as raised:
        await _answer(model)
    server.behaviour.failure = None

    assert type(raised.value) is meaning
    assert isinstance((await _answer(model))[-1], Ending)


@pytest.mark.parametrize("failure", ["hangs", "hangs before headers"])
async def test_a_server_that_stands_still_breaks_the_answer(
    server: ModelServer, failure: Failure
) -> None:
    server.behaviour.failure = failure
    model = OpenAIModel(server.url, timeouts=IMPATIENT)

    with pytest.raises(AnswerBroken) as raised:
        await asyncio.wait_for(_answer(model), 5)
    await model.close()

    assert isinstance(raised.value.__cause__, TimeoutError)


async def test_the_pieces_before_a_break_have_come(server: ModelServer, model: OpenAIModel) -> None:
    server.behaviour.failure = "resets"
    stream = model.stream(HELLO, 100)

    assert [await anext(stream) for _ in range(3)] == server.behaviour.pieces[:3]
    with pytest.raises(AnswerBroken):
        await anext(stream)


async def test_where_nobody_listens_no_model_is_available() -> None:
    async with ModelServer() as server:
        url = server.url
    model = OpenAIModel(url)
    with pytest.raises(ModelUnavailable):
        await model.profile()
    with pytest.raises(ModelUnavailable):
        await _answer(model)
    with pytest.raises(ModelUnavailable):
        await model.count_tokens("word")
    await model.close()


async def test_a_server_that_goes_away_after_its_profile_is_unavailable() -> None:
    async with ModelServer() as server:
        model = OpenAIModel(server.url)
        await model.profile()
    with pytest.raises(ModelUnavailable):
        await _answer(model)
    with pytest.raises(ModelUnavailable):
        await model.profile()
    await model.close()


async def test_closing_the_iterator_ends_the_request_at_the_server(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.delay_seconds = 0.01
    server.behaviour.pieces *= 100
    async with aclosing(model.stream(HELLO, 100)) as pieces:
        await anext(pieces)
        assert server.open_streams == 1

    await _until(lambda: server.open_streams == 0)
    assert server.abandoned_streams == 1


async def test_a_cancelled_reader_ends_the_request_at_the_server(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.failure = "hangs"
    task = asyncio.create_task(_answer(model))
    await _until(lambda: server.open_streams == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    await _until(lambda: server.open_streams == 0)


async def test_a_wrong_key_is_said_with_the_setting_to_check(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.key = "right"

    with pytest.raises(ModelUnavailable, match="VEGA_MODEL_KEY"):
        await model.profile()


async def test_a_proxy_of_the_environment_never_sees_what_stays_on_this_machine(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    model = OpenAIModel(server.url)
    answer = await _answer(model)
    await model.close()

    assert isinstance(answer[-1], Ending)


async def test_waiting_ends_when_the_server_is_back() -> None:
    async with ModelServer(Behaviour(failure="loading")) as server:
        model = OpenAIModel(server.url)
        with pytest.raises(ModelUnavailable):
            await model.profile()
        asyncio.get_running_loop().call_later(0.3, setattr, server.behaviour, "failure", None)

        assert await model.wait_until_available(10)
        assert (await model.profile()).name == "stub"
        await model.close()


async def test_waiting_gives_up_when_time_is_up() -> None:
    async with ModelServer() as server:
        url = server.url
    model = OpenAIModel(url)

    assert not await model.wait_until_available(0.2)
    await model.close()


async def test_an_overrun_chat_is_not_asked_again_at_once(
    server: ModelServer, model: OpenAIModel
) -> None:
    server.behaviour.failure = "too many requests"
    with pytest.raises(ModelUnavailable):
        await _answer(model)

    assert not await model.wait_until_available(0.3)
    assert await model.wait_until_available(2)


async def _until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def test_what_the_environment_says_of_openai_is_sent_to_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-secret")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-secret")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Team: secret")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    async with ModelServer() as server:
        model = OpenAIModel(server.url)
        await _answer(model)
        await model.close()

    told = str([request.headers for request in server.requests])
    assert "secret" not in told
    # Nor what the SDK tells of this machine.
    assert "x-stainless-os" not in told
