"""Reads event streams as a browser does, also such as never end."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    kind: str
    id: str
    data: Any


def parse(text: str) -> list[Event]:
    """The events of a stream, by the rules of the HTML standard."""
    events = []
    for block in text.split("\n\n"):
        fields: dict[str, list[str]] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            if name:
                fields.setdefault(name, []).append(value.removeprefix(" "))
        if "data" in fields:
            data = json.loads("\n".join(fields["data"]))
            events.append(Event(fields["event"][0], fields["id"][0], data))
    return events


class Stream:
    """A GET of an event stream that its reader ends."""

    def __init__(self, app: Any, path: str, headers: dict[str, str]) -> None:
        self.status = 0
        self.is_whole = False
        self.headers: dict[str, str] = {}
        self._text = ""
        self._gone = asyncio.Event()
        self._changed = asyncio.Event()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1234),
            "server": ("localhost", 8000),
        }
        self._task = asyncio.create_task(app(scope, self._receive, self._send))

    async def events(self, count: int) -> list[Event]:
        """The first so many events, once they are there."""
        async with asyncio.timeout(5):
            while len(found := parse(self._text)) < count:
                self._changed.clear()
                await self._changed.wait()
        return found[:count]

    async def opened(self) -> None:
        async with asyncio.timeout(5):
            while not self.status:
                self._changed.clear()
                await self._changed.wait()

    async def leave(self) -> None:
        self._gone.set()
        async with asyncio.timeout(5):
            await asyncio.gather(self._task, return_exceptions=True)

    async def ended(self) -> None:
        """Once the server has ended it; raises what it broke off with."""
        async with asyncio.timeout(5):
            await self._task

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self._text += message.get("body", b"").decode()
            self.is_whole = not message.get("more_body")
        self._changed.set()
