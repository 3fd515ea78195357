"""Model servers are known by what they say, and what they say is read as they mean it."""

import asyncio
import time
from typing import Any

import pytest

from tests.known_servers import KnownServer, LlamaCpp, LMStudio, Offered, Ollama
from tests.model_server import ModelServer, Request
from tests.vega_process import free_ports
from vega.llm.served import ServedModel
from vega.llm.servers import ModelServers


async def found(*servers: KnownServer, wanted: str = "") -> list[list[ServedModel]]:
    return await ModelServers([server.address for server in servers]).look(wanted)


async def names(server: KnownServer) -> list[str]:
    return [model.id for models in await found(server) for model in models]


async def test_each_kind_is_known_whatever_its_port() -> None:
    async with Ollama() as ollama, LMStudio(Offered("qwen3-4b")) as studio, LlamaCpp() as llama:
        lists = await found(studio, llama, ollama)

    assert [models[0].id for models in lists] == [
        "lmstudio:qwen3-4b",
        "llamacpp:llama3.2",
        "ollama:llama3.2",
    ]
    assert [models[0].server for models in lists] == [s.address for s in (studio, llama, ollama)]


async def test_a_loaded_model_comes_first_and_then_the_most_recent() -> None:
    old, new = "2025-01-01T00:00:00Z", "2026-11-01T00:00:00Z"
    async with Ollama(
        Offered("old:7b", modified_at=old),
        Offered("new:4b", modified_at=new),
        Offered("loaded:1b", modified_at=old, is_loaded=True),
    ) as ollama:
        assert await names(ollama) == ["ollama:loaded:1b", "ollama:new:4b", "ollama:old:7b"]
    async with LMStudio(Offered("first"), Offered("second", is_loaded=True)) as studio:
        assert await names(studio) == ["lmstudio:second", "lmstudio:first"]


@pytest.mark.parametrize("kind", [Ollama, LMStudio])
async def test_models_that_only_embed_are_left_out(kind: type[KnownServer]) -> None:
    async with kind(
        Offered("nomic-embed-text:latest", is_loaded=True, embeds=True), Offered("talks")
    ) as server:
        assert [name.partition(":")[2] for name in await names(server)] == ["talks"]


async def test_a_model_that_says_itself_that_it_does_not_chat_is_left_out() -> None:
    class Surprising(Ollama):
        def _details(self, model: Offered) -> dict[str, object]:
            return {**super()._details(model), "family": "gemma3"}

    async with Surprising(Offered("mystery", embeds=True), Offered("talks")) as server:
        assert await names(server) == ["ollama:talks"]


@pytest.mark.parametrize(
    ("model", "window"),
    [
        (Offered("a", is_loaded=True, window=16384), 16384),
        (Offered("a"), 4096),
        (Offered("a", num_ctx=12000), 12000),
        (Offered("a", num_ctx=120_000, trained=32768), 32768),
        (Offered("a", trained=2048), 2048),
    ],
)
async def test_the_window_of_ollama_is_what_it_gives_and_not_what_the_model_could(
    model: Offered, window: int
) -> None:
    async with Ollama(model) as server:
        assert (await found(server))[0][0].context_tokens == window


async def test_of_the_model_that_is_wanted_all_is_asked() -> None:
    async with Ollama(Offered("loaded", is_loaded=True), Offered("wanted", num_ctx=9000)) as server:
        models = (await found(server, wanted="ollama:wanted"))[0]

    assert [(model.id, model.context_tokens) for model in models] == [
        ("ollama:wanted", 9000),
        ("ollama:loaded", 8192),
    ]


@pytest.mark.parametrize(
    ("model", "window"),
    [
        (Offered("a", is_loaded=True, window=16384), 16384),
        (Offered("a"), 4096),
        (Offered("a", trained=2048), 2048),
    ],
)
async def test_the_window_of_lm_studio(model: Offered, window: int) -> None:
    async with LMStudio(model) as server:
        assert (await found(server))[0][0].context_tokens == window


async def test_a_models_path_is_not_its_name() -> None:
    async with LlamaCpp(Offered("/models/Qwen3-4B-Q4_K_M.gguf", window=6000)) as server:
        [[model]] = await found(server)

    assert (model.id, model.context_tokens) == ("llamacpp:Qwen3-4B-Q4_K_M.gguf", 6000)


async def test_a_model_that_runs_elsewhere_is_known_as_such() -> None:
    async with Ollama(
        Offered("gpt-oss:120b-cloud", remote_host="https://ollama.com:443")
    ) as server:
        [[model]] = await found(server)

    assert model.runs_at == "https://ollama.com:443"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"<html>It works!</html>",
        b"{",
        b"[]",
        b'{"version": 3}',
        b'{"data": 7, "models": {"a": 1}, "version": null}',
        b'{"data": [7, {"id": null}], "version": []}',
        b"[" * 100_000,
        b'{"version": "' + b"x" * 5_000_000 + b'"}',
    ],
    ids=range(8),
)
@pytest.mark.parametrize("kind", [Ollama, LMStudio, LlamaCpp])
async def test_whatever_answers_nonsense_is_no_model_server(
    kind: type[KnownServer], nonsense: bytes
) -> None:
    async with kind() as server:
        server.shown.nonsense = nonsense
        assert await found(server) == []


@pytest.mark.parametrize(
    "name",
    [
        "two\nlines",
        "clears\x1b[2Jthe screen",
        "\u202eturned",
        "\ud800",
        "x" * 100_000,
        ["x"],
        {},
        7,
    ],
    ids=range(8),
)
@pytest.mark.parametrize("kind", [Ollama, LMStudio, LlamaCpp])
async def test_a_model_whose_name_cannot_be_shown_is_left_out(
    kind: type[KnownServer], name: object
) -> None:
    class Hostile(kind):  # type: ignore[misc, valid-type]
        def tell(self, request: Request) -> dict[str, Any] | None:
            told: dict[str, Any] | None = super().tell(request)
            for row in (told or {}).get("models", []) + (told or {}).get("data", []):
                if row.get("name", row.get("id")) == "bad":
                    row["name" if "name" in row else "id"] = name
            return told

    async with Hostile(Offered("bad", is_loaded=True), Offered("talks")) as server:
        assert [name.partition(":")[2] for name in await names(server)] == ["talks"]


@pytest.mark.parametrize("num_ctx", ["9" * 5000, "0"], ids=["huge", "none"])
async def test_a_window_that_no_model_has_is_not_believed(num_ctx: str) -> None:
    class Boasting(Ollama):
        def _show(self, model: Offered) -> dict[str, Any]:
            return {**super()._show(model), "parameters": f"num_ctx {num_ctx}"}

    async with (
        Boasting(Offered("talks")) as ollama,
        LMStudio(Offered("talks", is_loaded=True, window=10**400)) as studio,
    ):
        windows = [models[0].context_tokens for models in await found(ollama, studio)]

    assert windows == [4096, 4096]


async def test_a_server_without_a_model_offers_none() -> None:
    async with Ollama() as server:
        server.shown.models = []
        assert await found(server) == []


async def test_an_openai_format_server_of_no_known_kind_is_not_taken_unasked() -> None:
    async with ModelServer() as server:
        assert await ModelServers([server.url]).look() == []


async def test_a_hanging_server_holds_up_nobody_for_long() -> None:
    async with Ollama() as hanging, Ollama() as living:
        hanging.shown.hangs = True
        begun = time.monotonic()
        lists = await found(hanging, living)
        took = time.monotonic() - begun

    assert [models[0].server for models in lists] == [living.address]
    # Its own bound is 2 s; the rest is for a busy machine.
    assert took < 8


async def test_where_nobody_listens_nothing_is_found() -> None:
    (port,) = free_ports(1)

    assert (
        await ModelServers([f"http://127.0.0.1:{port}", "http://no.such.host.test:1"]).look() == []
    )
    assert await ModelServers([]).look() == []


async def test_an_address_may_be_given_with_its_v1() -> None:
    async with Ollama() as server:
        assert len(await ModelServers([f"{server.address}/v1/"]).look()) == 1


async def test_nothing_is_asked_that_tells_of_the_owner() -> None:
    async with Ollama() as server:
        await found(server)
        await asyncio.sleep(0)

    assert {request.path for request in server.requests} == {
        "/api/version",
        "/api/tags",
        "/api/ps",
        "/api/show",
    }
    assert all("authorization" not in request.headers for request in server.requests)
