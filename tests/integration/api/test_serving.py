"""The end of a server: who asks at that moment is answered, and nobody is held on to."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send

from vega.api import serving
from vega.api.serving import Server
from vega.doors import Door

REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Application:
    """Answers "/" at once, "/slow" never, and "/endless" with a stream that never ends."""

    def __init__(self) -> None:
        self.disconnected = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            await asyncio.Event().wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/endless":
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
            self.disconnected.set()
            return
        await send({"type": "http.response.body", "body": b"Hello."})


class Running:
    """A server of that application in this loop."""

    def __init__(self) -> None:
        self.application = Application()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.calls: list[str] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.server = Server(
            self.application,
            [Door("api", self.listening.dup())],
            on_serving=lambda: self.calls.append("serving"),
            before_end=lambda: self.calls.append("ending"),
        )
        self.task = asyncio.create_task(self.server.serve())

    async def call(self, data: bytes = b"") -> Streams:
        reader, writer = await asyncio.open_connection(*self.listening.getsockname())
        writer.write(data)
        self.writers.append(writer)
        return reader, writer

    def end(self) -> None:
        self.server.handle_exit(15, None)


@asynccontextmanager
async def a_server() -> AsyncIterator[Running]:
    running = Running()
    while not running.calls:
        await asyncio.sleep(0.01)
    yield running
    running.end()
    await running.task
    running.listening.close()
    for writer in running.writers:
        writer.close()
    assert running.calls[:2] == ["serving", "ending"]


async def test_an_answer_given_while_it_ends_says_that_it_is_the_last() -> None:
    async with a_server() as running:
        kept, writer = await running.call(REQUEST)
        before = await kept.readuntil(b"0\r\n\r\n")
        fresh, other = await running.call()
        await asyncio.sleep(0.05)
        running.end()
        writer.write(REQUEST)
        other.write(REQUEST)
        answers = [await kept.read(), await fresh.read()]

    assert b"connection: close" not in before
    assert [b"Hello." in each for each in answers] == [True, True]
    assert [b"connection: close" in each for each in answers] == [True, True]


async def test_an_idle_connection_is_closed_when_it_ends() -> None:
    async with a_server() as running:
        kept, _ = await running.call(REQUEST)
        await kept.readuntil(b"0\r\n\r\n")
        running.end()

        assert await kept.read() == b""


async def test_who_is_not_accepted_yet_is_left_for_the_next_server() -> None:
    async with a_server() as running:
        running.end()
        late, _ = await running.call(REQUEST)
        await running.task
        second = Server(
            running.application,
            [Door("api", running.listening.dup())],
            on_serving=lambda: None,
            before_end=lambda: None,
        )
        task = asyncio.create_task(second.serve())

        assert b"Hello." in await late.readuntil(b"0\r\n\r\n")
        second.handle_exit(15, None)
        await task


async def test_what_is_not_answered_in_time_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "GRACEFUL_SECONDS", 0.1)
    async with a_server() as running:
        slow, _ = await running.call(REQUEST.replace(b"/ ", b"/slow "))
        await asyncio.sleep(0.05)
        running.end()
        head, _, body = (await slow.read()).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 503 ")
    assert b"connection: close" in head
    assert json.loads(body)["code"] == "restarting"


async def test_what_was_begun_and_is_cut_off_does_not_look_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serving, "GRACEFUL_SECONDS", 0.1)
    async with a_server() as running:
        stream, _ = await running.call(REQUEST.replace(b"/ ", b"/endless "))
        await stream.readuntil(b"first\r\n")
        running.end()
        try:
            left = await stream.read()
        except ConnectionResetError:
            left = b""

    assert b"0\r\n\r\n" not in left


async def test_a_client_that_leaves_ends_all_that_it_asked_for_in_a_row() -> None:
    async with a_server() as running:
        _, writer = await running.call(2 * REQUEST.replace(b"/ ", b"/endless "))
        await asyncio.sleep(0.05)
        writer.close()

        await asyncio.wait_for(running.application.disconnected.wait(), 30)
