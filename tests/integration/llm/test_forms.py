"""A model is held to a form where its server can do so, and is asked in words where not."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.model_server import Behaviour, ModelServer
from vega.errors import AnswerBroken, ModelRefused
from vega.llm.base import Ending, FormConnector, Message
from vega.llm.builtin import BuiltInModel
from vega.llm.openai import OpenAIModel
from vega.llm.scripted import ScriptedModel

FORM: dict[str, object] = {
    "type": "object",
    "properties": {"color": {"type": "string", "enum": ["red", "blue"]}},
    "required": ["color"],
    "additionalProperties": False,
}
QUESTION = [Message("user", "Which color has the sky? Tell me a story about it.")]


async def whole(stream: AsyncGenerator[str | Ending, None]) -> str:
    async with aclosing(stream) as items:
        return "".join([item async for item in items if isinstance(item, str)])


def test_servers_can_be_held_to_a_form_and_a_script_cannot() -> None:
    assert isinstance(OpenAIModel("http://127.0.0.1:9"), FormConnector)
    assert not isinstance(ScriptedModel(), FormConnector)


@pytest.mark.parametrize("knows_forms", [True, False])
async def test_a_server_that_knows_no_forms_is_asked_in_words(knows_forms: bool) -> None:
    behaviour = Behaviour(pieces=["{}"], knows_forms=knows_forms)
    async with ModelServer(behaviour) as server:
        model = OpenAIModel(server.url)
        for _ in range(2):
            assert await whole(model.stream_in_form(QUESTION, 50, FORM)) == "{}"
        await model.close()
        asked = [
            request.json() for request in server.requests if request.path.endswith("completions")
        ]

    forms = [body.get("response_format", {}).get("json_schema") for body in asked]
    form = {"name": "answer", "strict": True, "schema": FORM}
    # That it knows none is learnt once.
    assert forms == ([form, form] if knows_forms else [form, None, None])


async def test_what_fails_in_the_middle_is_a_failure() -> None:
    async with ModelServer(Behaviour(failure="breaks off")) as server:
        model = OpenAIModel(server.url)
        with pytest.raises(AnswerBroken):
            await whole(model.stream_in_form(QUESTION, 50, FORM))
        server.behaviour.failure = "refuses"
        with pytest.raises(ModelRefused):
            await whole(model.stream_in_form(QUESTION, 50, FORM))
        await model.close()


async def test_who_refuses_for_another_reason_is_asked_in_a_form_the_next_time() -> None:
    async with ModelServer(Behaviour(pieces=["{}"], failure="refuses")) as server:
        model = OpenAIModel(server.url)
        with pytest.raises(ModelRefused):
            await whole(model.stream_in_form(QUESTION, 50, FORM))
        server.behaviour.failure = None
        await whole(model.stream_in_form(QUESTION, 50, FORM))
        await model.close()

        assert "response_format" in server.requests[-1].json()


async def test_the_built_in_model_keeps_to_the_form(models: Path, tmp_path: Path) -> None:
    model = BuiltInModel(models, tmp_path / "cache")
    await model.start()
    try:
        assert await model.wait_until_available(60)
        assert isinstance(model, FormConnector)
        answer = json.loads(await whole(model.stream_in_form(QUESTION, 96, FORM)))
    finally:
        await model.close()

    assert answer["color"] in ("red", "blue")
