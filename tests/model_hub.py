"""A model hub on loopback that serves as Hugging Face does, and can be made to fail.

`GET /owner/name/resolve/revision/file` answers with a 302 that names the file's checksum and size
(`X-Linked-Etag`, `X-Linked-Size`) and leads to a content server elsewhere, under an address that is
signed anew each time; that one knows ETag, Range and If-Range. Real sockets, so that what is cut
off, stalls or lies does so on the wire.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Self

from vega.llm.catalogue import CatalogueModel, HubFile

SOURCE = HubFile("owner/Tiny-GGUF", "a06e946bb6b655725eafa393f4a9745d460374c9", "tiny-Q4_K_M.gguf")
LOGIN_PAGE = b"<!DOCTYPE html><html><title>Please log in</title>" + b" " * 5000
PIECE_BYTES = 10_000

Handler = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


def hub_model(content: bytes, **changes: Any) -> CatalogueModel:
    """A catalogue model whose file is these bytes, at `SOURCE` of a hub."""
    model = CatalogueModel(
        id="tiny",
        kind="chat",
        file_name="tiny.gguf",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        licence="Apache-2.0",
        ram_mb=1,
        context_tokens=64,
        answer_tokens=8,
        is_able=False,
        recent_turns=None,
        sources=(SOURCE,),
    )
    return replace(model, **changes)


@dataclass
class Request:
    """What was asked, and how much was sent for it."""

    path: str
    headers: dict[str, str]
    sent_bytes: int = 0
    stands_still: bool = False


@dataclass
class Faults:
    """What goes wrong. Lists are used up, one entry for each request of the content."""

    #: Statuses in place of the content, with a Retry-After of 0.
    statuses: list[int] = field(default_factory=list)
    #: The connection is cut, or stands still, after so many bytes.
    cuts: list[int] = field(default_factory=list)
    stalls: list[int] = field(default_factory=list)
    #: Where the hub leads in place of the content server; "loop" leads to itself.
    redirect: str = ""
    #: A page in place of the content.
    page: bytes = b""
    #: No X-Linked headers, as a plain mirror.
    is_silent_about_checksum: bool = False
    #: The length is not said; the end of the connection is the end.
    says_no_length: bool = False
    ignores_range: bool = False


class ModelHub:
    """`async with ModelHub(content) as hub`: the hub is at `hub.url`."""

    def __init__(self, content: bytes, port: int = 0) -> None:
        #: What it serves now, and what it says of it.
        self.content = content
        self.linked_sha256 = hashlib.sha256(content).hexdigest()
        self.etag = '"the first"'
        self.faults = Faults()
        self.asked: list[Request] = []
        self.served: list[Request] = []
        #: Set while an answer stands still.
        self.is_stalled = asyncio.Event()
        self.url = ""
        self._port = port
        self._content_url = ""
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._signatures: set[str] = set()

    @property
    def served_bytes(self) -> int:
        """How much of the content has been sent in all."""
        return sum(request.sent_bytes for request in self.served)

    async def __aenter__(self) -> Self:
        self.url = f"http://127.0.0.1:{await self._listen(self._redirect, self._port)}"
        self._content_url = f"http://localhost:{await self._listen(self._send_content)}"
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self._servers:
            server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _listen(self, handler: Handler, port: int = 0) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            try:
                request = _parsed(await reader.readuntil(b"\r\n\r\n"))
                await handler(request, writer)
                if request.stands_still:
                    self.is_stalled.set()
                    # Until the other side has had enough.
                    await reader.read()
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            finally:
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", port)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _redirect(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.asked.append(request)
        if request.path != SOURCE.url(""):
            await _send(writer, 404, {"X-Error-Code": "EntryNotFound"}, b"Entry not found")
            return
        signature = f"{len(self.asked):064x}"
        self._signatures.add(signature)
        target = f"{self._content_url}/xet-bridge-us/tiny?X-Amz-Signature={signature}&Expires=3600"
        if self.faults.redirect:
            loop = f"{self.url}{request.path}"
            target = loop if self.faults.redirect == "loop" else self.faults.redirect
        headers = {"Location": target, "Set-Cookie": "token=secret; Path=/; Domain=localhost"}
        if not self.faults.is_silent_about_checksum:
            headers |= {
                "X-Repo-Commit": SOURCE.revision,
                "X-Linked-Size": str(len(self.content)),
                "X-Linked-Etag": f'"{self.linked_sha256}"',
                "Accept-Ranges": "bytes",
            }
        await _send(writer, 302, headers, f"Found. Redirecting to {target}".encode())

    async def _send_content(self, request: Request, writer: asyncio.StreamWriter) -> None:
        self.served.append(request)
        faults = self.faults
        signature = re.search(r"X-Amz-Signature=(\w+)", request.path)
        if signature is None or signature[1] not in self._signatures:
            await _send(writer, 403, {}, b"<Error><Code>AccessDenied</Code></Error>")
            return
        if faults.statuses:
            await _send(writer, faults.statuses.pop(0), {"Retry-After": "0"}, b"<Error/>")
            return
        if faults.page:
            await _send(writer, 200, {"Content-Type": "text/html"}, faults.page)
            return
        start = self._start(request)
        if start >= len(self.content):
            await _send(writer, 416, {"Content-Range": f"bytes */{len(self.content)}"}, b"")
            return
        headers = {"ETag": self.etag, "Accept-Ranges": "bytes"}
        if not faults.says_no_length:
            headers["Content-Length"] = str(len(self.content) - start)
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.content) - 1}/{len(self.content)}"
        _head(writer, 206 if start else 200, headers)
        await self._send_body(request, writer, start)

    def _start(self, request: Request) -> int:
        """Where what is asked for begins: at 0 unless it is the rest of this very file."""
        range_ = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        is_the_same = request.headers.get("if-range", self.etag) == self.etag
        if range_ is None or not is_the_same or self.faults.ignores_range:
            return 0
        return int(range_[1])

    async def _send_body(self, request: Request, writer: asyncio.StreamWriter, at: int) -> None:
        cut = self.faults.cuts.pop(0) if self.faults.cuts else None
        stall = self.faults.stalls.pop(0) if self.faults.stalls else None
        end = at + min(len(self.content), *(n for n in (cut, stall) if n is not None), 1 << 60)
        while piece := self.content[at : min(end, at + PIECE_BYTES)]:
            writer.write(piece)
            await writer.drain()
            request.sent_bytes += len(piece)
            at += len(piece)
        if stall is not None:
            request.stands_still = True


def _parsed(head: bytes) -> Request:
    first, *lines = head.decode().strip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Request(first.split(" ")[1], {name.lower(): headers[name] for name in headers})


def _head(writer: asyncio.StreamWriter, status: int, headers: dict[str, str]) -> None:
    lines = [f"HTTP/1.1 {status} As said", *(f"{name}: {headers[name]}" for name in headers)]
    writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())


async def _send(
    writer: asyncio.StreamWriter, status: int, headers: dict[str, str], body: bytes
) -> None:
    _head(writer, status, {**headers, "Content-Length": str(len(body))})
    writer.write(body)
    await writer.drain()
