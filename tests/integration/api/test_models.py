"""The routes of the models: shapes, and what cannot be done."""

import httpx2
import pytest

from tests.integration.api.conftest import Vega

ENTRY_FIELDS = {
    "id",
    "kind",
    "description",
    "licence",
    "size_bytes",
    "ram_mb",
    "state",
    "progress",
    "error",
    "fits",
    "is_current",
    "is_offered",
    "is_able",
}


async def test_models_are_shown_with_the_one_that_answers(client: httpx2.AsyncClient) -> None:
    found = (await client.get("/api/models")).json()

    assert found.keys() == {"current", "reason", "chosen", "machine", "models", "offer"}
    assert found["current"] == {
        "id": "scripted",
        "name": "scripted",
        "place": "this machine",
        "is_able": False,
        "context_tokens": 8192,
    }
    assert (found["reason"], found["offer"]) == (None, None)
    assert found["machine"]["ram_mb"] > 0
    assert all(model.keys() == ENTRY_FIELDS for model in found["models"])
    assert [model["id"] for model in found["models"] if model["is_current"]] == ["scripted"]


async def test_without_a_model_the_reason_is_shown(vega: Vega, client: httpx2.AsyncClient) -> None:
    vega.life.model.is_away = True
    found = (await client.get("/api/models")).json()

    assert (found["current"], found["reason"]) == (None, "The scripted model is away.")


@pytest.mark.parametrize(
    ("method", "path", "name", "status", "code"),
    [
        ("POST", "/api/models/pull", "nonsense", 404, "model_not_found"),
        ("POST", "/api/models/pull", "ollama:llama3.2", 422, "invalid_input"),
        ("POST", "/api/models/use", "nonsense", 404, "model_not_found"),
        ("POST", "/api/models/test", "nonsense", 404, "model_not_found"),
    ],
)
async def test_a_model_that_there_is_not_is_named(
    client: httpx2.AsyncClient, method: str, path: str, name: str, status: int, code: str
) -> None:
    answer = await client.request(method, path, json={"id": name})

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert name in answer.json()["error"]


@pytest.mark.parametrize("body", [{}, {"id": 7}, {"id": "x" * 1001}, {"id": "x", "more": 1}, []])
async def test_a_body_that_names_no_model_is_refused(
    client: httpx2.AsyncClient, body: object
) -> None:
    for path in ("pull", "use", "test"):
        assert (await client.post(f"/api/models/{path}", json=body)).status_code == 422


async def test_a_model_is_tried_and_nothing_of_it_is_stored(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    tried = (await client.post("/api/models/test", json={"id": ""})).json()

    assert tried.keys() == {"id", "first_token_seconds", "tokens_per_second", "checks"}
    assert tried["id"] == "scripted"
    assert {"question", "answer", "is_right"} == tried["checks"][0].keys()
    assert await vega.life.store.history(10) == []


async def test_a_pull_that_nobody_began_can_be_stopped(client: httpx2.AsyncClient) -> None:
    stopped = await client.delete("/api/models/pull", params={"id": "qwen3-4b-instruct"})

    assert (stopped.status_code, stopped.json()["state"]) == (200, "absent")
