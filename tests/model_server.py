"""A stub of an OpenAI-format model server: a real HTTP server on a real socket, with no model.

Tests set its `Behaviour` (how it answers, breaks off, refuses, hangs); the benchmarks run it as
`python -m tests.model_server --port N` for a model that costs no time. It speaks HTTP/1.1 with
keep-alive over asyncio streams and knows /v1/models, /v1/chat/completions, /props, /tokenize
and /health.
"""

import argparse
import asyncio
import contextlib
import json
import sys
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Failure = Literal[
    "breaks off",  # closes cleanly after `fails_after` pieces, without an end mark
    "resets",  # closes without ending its chunked body
    "hangs",  # says nothing more after `fails_after` pieces
    "hangs before headers",
    "dies before headers",
    "garbage",
    "error in stream",
    "too many requests",
    "server error",
    "loading",
    "refuses",
    "overflow of llama.cpp",
    "overflow of openai",
]

REFUSALS: dict[Failure, tuple[int, dict[str, Any]]] = {
    "too many requests": (429, {"message": "Slow down.", "type": "rate_limit_error"}),
    "server error": (500, {"message": "Out of luck.", "type": "server_error"}),
    "loading": (503, {"message": "Loading model", "type": "unavailable_error", "code": 503}),
    "refuses": (400, {"message": "I do not like this.", "type": "invalid_request_error"}),
    "overflow of llama.cpp": (
        400,
        {
            "code": 400,
            "message": "request (3031 tokens) exceeds the available context size (2048 tokens)",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 3031,
            "n_ctx": 2048,
        },
    ),
    "overflow of openai": (
        400,
        {
            "message": "This model's maximum context length is 8192 tokens.",
            "type": "invalid_request_error",
            "param": "messages",
            "code": "context_length_exceeded",
        },
    ),
}


@dataclass
class Behaviour:
    """How the server answers. Set its fields at any time; the next request sees them."""

    pieces: list[str] = field(default_factory=lambda: [f" word{n}" for n in range(40)])
    delay_seconds: float = 0.0
    finish_reason: str = "stop"
    tells_usage: bool = True
    is_llama_cpp: bool = True
    #: Whether a request may want JSON of a schema.
    knows_forms: bool = True
    #: As vLLM tells it in /v1/models; None leaves it out.
    max_model_len: int | None = None
    context_tokens: int = 4096
    failure: Failure | None = None
    fails_after: int = 3
    #: Deltas that carry no text: role, reasoning, an empty piece, as vendors send them.
    sends_empty_deltas: bool = True
    #: When set, another key gets a 401.
    key: str | None = None


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class ModelServer:
    """Serves in the running event loop: `async with ModelServer() as server: server.url`."""

    def __init__(self, behaviour: Behaviour | None = None, port: int = 0) -> None:
        self.behaviour = behaviour or Behaviour()
        self.requests: list[Request] = []
        self.open_streams = 0
        self.abandoned_streams = 0
        self._port = port
        self._connections: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._connections):
            writer.transport.abort()
        while self._connections:
            await asyncio.sleep(0.001)

    async def serve_for_ever(self) -> None:
        assert self._server is not None
        await self._server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while request := await _read_request(reader):
                self.requests.append(request)
                if not await self._answer(request, reader, writer):
                    break
        except ConnectionError:
            pass
        finally:
            self._connections.discard(writer)
            writer.close()

    async def _answer(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; False when the connection is over."""
        does = self.behaviour
        if does.key and request.headers.get("authorization") != f"Bearer {does.key}":
            send_json(writer, 401, {"error": {"message": "Invalid API Key"}})
        elif request.path == "/v1/chat/completions":
            return await self._complete(request, reader, writer)
        elif does.failure == "loading":
            status, error = REFUSALS["loading"]
            send_json(writer, status, {"error": error})
        elif request.path == "/v1/models":
            entry: dict[str, Any] = {"id": "stub", "object": "model"}
            if does.max_model_len:
                entry["max_model_len"] = does.max_model_len
            send_json(writer, 200, {"object": "list", "data": [entry]})
        elif request.path == "/health":
            send_json(writer, 200, {"status": "ok"})
        elif does.is_llama_cpp and request.path == "/props":
            settings = {"n_ctx": does.context_tokens}
            send_json(writer, 200, {"default_generation_settings": settings, "total_slots": 1})
        elif does.is_llama_cpp and request.path == "/tokenize":
            words = request.json()["content"].split()
            send_json(writer, 200, {"tokens": list(range(len(words)))})
        else:
            send_json(writer, 404, {"error": {"message": "Not found"}})
        await writer.drain()
        return True

    async def _complete(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        failure = self.behaviour.failure
        if not self.behaviour.knows_forms and "response_format" in request.json():
            failure = "refuses"
        if failure in REFUSALS:
            status, error = REFUSALS[failure]
            send_json(writer, status, {"error": error})
            await writer.drain()
            return True
        if failure == "dies before headers":
            writer.transport.abort()
            return False
        if failure == "hangs before headers":
            await reader.read()
            return False
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        self.open_streams += 1
        try:
            return await self._stream(request, reader, writer)
        except ConnectionError:
            self.abandoned_streams += 1
            return False
        finally:
            self.open_streams -= 1

    async def _stream(
        self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        does = self.behaviour
        if does.failure == "garbage":
            _send_chunk(writer, b"data: {\xff\xfe not json\n\n")
            _send_chunk(writer, b"")
            return True
        if does.sends_empty_deltas:
            _send_chunk(writer, b": a comment\n\n")
            for delta in ({"role": "assistant", "content": None}, {"content": ""}):
                _send_event(writer, _choice(delta))
            _send_event(writer, _choice({"reasoning_content": "Hmm."}))
        for number, piece in enumerate(does.pieces):
            if does.failure and number == does.fails_after:
                return await self._fail(reader, writer)
            if does.delay_seconds:
                await asyncio.sleep(does.delay_seconds)
            _send_event(writer, _choice({"content": piece}))
            await writer.drain()
            # Without this a writer that is never full would not let the reader's end run.
            await asyncio.sleep(0)
            if reader.at_eof():
                raise ConnectionResetError
        _send_event(writer, _choice({}, does.finish_reason))
        if does.tells_usage:
            _send_event(writer, {**_choice({}), "choices": [], "usage": self._usage(request)})
        _send_chunk(writer, b"data: [DONE]\n\n")
        _send_chunk(writer, b"")
        await writer.drain()
        return True

    async def _fail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        match self.behaviour.failure:
            case "breaks off":
                _send_chunk(writer, b"")
                return True
            case "error in stream":
                _send_event(writer, {"error": {"message": "Something tore.", "code": 500}})
                _send_chunk(writer, b"")
                return True
            case "hangs":
                await reader.read()
                self.abandoned_streams += 1
        return False

    def _usage(self, request: Request) -> dict[str, int]:
        prompt = sum(len(message["content"].split()) for message in request.json()["messages"])
        answer = len(self.behaviour.pieces)
        return {
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "total_tokens": prompt + answer,
        }


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
    }
    method, path, _ = first.split(" ")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, path, headers, body)


def _choice(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-stub",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "stub",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }


def _send_event(writer: asyncio.StreamWriter, event: dict[str, Any]) -> None:
    # Unescaped, as llama.cpp does it: a U+2028 inside must not end a line for the reader.
    _send_chunk(writer, b"data: %s\n\n" % json.dumps(event, ensure_ascii=False).encode())


def _send_chunk(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(b"%x\r\n%s\r\n" % (len(data), data))


def send_json(writer: asyncio.StreamWriter, status: int, body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    writer.write(
        b"HTTP/1.1 %d -\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
        % (status, len(data), data)
    )


async def _run(port: int, pieces: int, delay_seconds: float) -> None:
    behaviour = Behaviour(pieces=[f" word{n}" for n in range(pieces)], delay_seconds=delay_seconds)
    async with ModelServer(behaviour, port) as server:
        sys.stdout.write(json.dumps({"url": server.url}) + "\n")
        sys.stdout.flush()
        await server.serve_for_ever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--pieces", type=int, default=40)
    parser.add_argument("--delay-seconds", type=float, default=0.0)
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(arguments.port, arguments.pieces, arguments.delay_seconds))
