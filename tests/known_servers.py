"""Stand-ins for Ollama, LM Studio and llama.cpp's server: what they say of themselves is in their
true formats, what they answer is `tests.model_server`'s, since no model is needed for either."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.model_server import Behaviour, ModelServer, Request, send_json


@dataclass
class Offered:
    """One model of a stand-in, in nobody's words."""

    name: str
    is_loaded: bool = False
    #: What it is given now, where it is loaded.
    window: int = 8192
    trained: int = 32768
    modified_at: str = "2026-10-01T09:00:00.123456789+02:00"
    embeds: bool = False
    #: A window that its file asks for.
    num_ctx: int | None = None
    remote_host: str | None = None


@dataclass
class Shown:
    """How the stand-in behaves beside answering chats."""

    models: list[Offered] = field(default_factory=lambda: [Offered("llama3.2:latest")])
    #: Takes connections and says nothing, as a stopped process does.
    hangs: bool = False
    #: Answers every question with this and status 200.
    nonsense: bytes | None = None


class KnownServer(ModelServer):
    """What the three have in common."""

    #: The body of an answer to a path that the server does not know, and its status.
    UNKNOWN: ClassVar[tuple[int, dict[str, Any]]] = (404, {"error": "not found"})

    def __init__(self, *models: Offered, behaviour: Behaviour | None = None, port: int = 0) -> None:
        super().__init__(behaviour, port)
        self.shown = Shown(list(models)) if models else Shown()

    @property
    def address(self) -> str:
        return self.url.removesuffix("/v1")

    @property
    def chats(self) -> list[Request]:
        return [each for each in self.requests if each.path == "/v1/chat/completions"]

    def find(self, name: str) -> Offered:
        return next(model for model in self.shown.models if model.name == name)

    def tell(self, request: Request) -> dict[str, Any] | None:
        """The server's answer to a question about itself; None for one that it does not know."""
        raise NotImplementedError

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        if self.shown.hangs:
            await reader.read()
            return False
        if self.shown.nonsense is not None and request.path != "/v1/chat/completions":
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                % (len(self.shown.nonsense), self.shown.nonsense)
            )
            await writer.drain()
            return True
        if request.path == "/v1/chat/completions":
            return await super()._answer(request, reader, writer)
        told = self.tell(request)
        send_json(writer, *((200, told) if told is not None else self.UNKNOWN))
        await writer.drain()
        return True


class Ollama(KnownServer):
    """As Ollama 0.12 speaks; its docs/api.md, api/types.go."""

    def tell(self, request: Request) -> dict[str, Any] | None:
        models = self.shown.models
        match request.path:
            case "/api/version":
                return {"version": "0.12.6"}
            case "/api/tags":
                return {"models": [self._tag(model) for model in models]}
            case "/api/ps":
                loaded = [model for model in models if model.is_loaded]
                return {"models": [self._loaded(model) for model in loaded]}
            case "/api/show":
                return self._show(self.find(request.json()["model"]))
            case "/v1/models":
                rows = [{"id": m.name, "object": "model", "owned_by": "library"} for m in models]
                return {"object": "list", "data": rows}
        return None

    def _details(self, model: Offered) -> dict[str, Any]:
        family = "nomic-bert" if model.embeds else "llama"
        return {
            "parent_model": "",
            "format": "gguf",
            "family": family,
            "families": [family],
            "parameter_size": "3.2B",
            "quantization_level": "Q4_K_M",
        }

    def _tag(self, model: Offered) -> dict[str, Any]:
        remote = {"remote_model": model.name, "remote_host": model.remote_host}
        return {
            "name": model.name,
            "model": model.name,
            "modified_at": model.modified_at,
            "size": 2019393189,
            "digest": "a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72",
            "details": self._details(model),
            **(remote if model.remote_host else {}),
        }

    def _loaded(self, model: Offered) -> dict[str, Any]:
        return {
            **self._tag(model),
            "expires_at": "2026-11-23T14:38:31.83753-07:00",
            "size_vram": 0,
            "context_length": model.window,
        }

    def _show(self, model: Offered) -> dict[str, Any]:
        stop = 'stop                           "<|eot_id|>"'
        num_ctx = f"\nnum_ctx                        {model.num_ctx}" if model.num_ctx else ""
        return {
            "modelfile": '# Modelfile generated by "ollama show"\nFROM /blobs/sha256-00',
            "parameters": stop + num_ctx,
            "template": "{{ .Prompt }}",
            "details": self._details(model),
            "model_info": {
                "general.architecture": "llama",
                "llama.context_length": model.trained,
                "tokenizer.ggml.tokens": None,
            },
            "capabilities": ["embedding"] if model.embeds else ["completion", "tools"],
            "modified_at": model.modified_at,
        }


class LMStudio(KnownServer):
    """As LM Studio 0.3 speaks; lmstudio.ai/docs/api/rest-api."""

    # It answers whatever it is asked with status 200.
    UNKNOWN: ClassVar[tuple[int, dict[str, Any]]] = (
        200,
        {"error": "Unexpected endpoint or method. (GET /)"},
    )

    def tell(self, request: Request) -> dict[str, Any] | None:
        models = self.shown.models
        match request.path:
            case "/api/v0/models":
                return {"object": "list", "data": [self._row(model) for model in models]}
            case "/v1/models":
                rows = [
                    {"id": m.name, "object": "model", "owned_by": "organization_owner"}
                    for m in models
                ]
                return {"object": "list", "data": rows}
        return None

    def _row(self, model: Offered) -> dict[str, Any]:
        loaded = {"loaded_context_length": model.window} if model.is_loaded else {}
        return {
            "id": model.name,
            "object": "model",
            "type": "embeddings" if model.embeds else "llm",
            "publisher": "lmstudio-community",
            "arch": "llama",
            "compatibility_type": "gguf",
            "quantization": "Q4_K_M",
            "state": "loaded" if model.is_loaded else "not-loaded",
            "max_context_length": model.trained,
            **loaded,
        }


class LlamaCpp(KnownServer):
    """As llama.cpp's server speaks; tools/server/README.md. The real one is tested beside it."""

    def tell(self, request: Request) -> dict[str, Any] | None:
        models = self.shown.models
        match request.path:
            case "/v1/models":
                return {"object": "list", "data": [self._row(model) for model in models]}
            case "/props":
                return {
                    "default_generation_settings": {"id": 0, "n_ctx": models[0].window},
                    "total_slots": 1,
                    "model_path": models[0].name,
                    "build_info": "b7000-abcdef",
                }
            case "/tokenize":
                return {"tokens": list(range(len(request.json()["content"].split())))}
        return None

    def _row(self, model: Offered) -> dict[str, Any]:
        return {
            "id": model.name,
            "object": "model",
            "created": 1791322978,
            "owned_by": "llamacpp",
            "meta": {"n_ctx_train": model.trained, "n_params": 3212749888, "size": 2013368320},
        }
