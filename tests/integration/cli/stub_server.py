"""A server on a Unix socket that answers by a script.

A double for Vega's own server, because what is tested is what a client does when that one goes
away between two bytes, which no real server can be made to do on purpose.
"""

import json
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any, Self

from vega.unix_socket import socket_path


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


#: What is done with a request; without an answer from it the connection is closed.
Step = Callable[["Handler"], None]


@dataclass
class StubServer:
    """Does one step for each request, in order."""

    home: Path
    steps: list[Step]
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.home.mkdir(exist_ok=True)
        path = socket_path(self.home)
        path.unlink(missing_ok=True)
        self._server = _Server(str(path), Handler)
        self._server.stub = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        socket_path(self.home).unlink()


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    stub: StubServer


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline()
        if self.raw_requestline and self.parse_request():
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            stub = self.server.stub
            headers = {name.lower(): text for name, text in self.headers.items()}
            data = json.loads(body) if body else None
            stub.requests.append(Request(self.command, self.path, headers, data))
            stub.steps.pop(0)(self)
        self.close_connection = True

    def address_string(self) -> str:
        return "a Unix socket"

    def log_message(self, *_: object) -> None:
        """Nothing is written among the tests' dots."""


def answer(status: int, data: object) -> Step:
    """JSON."""

    def step(handler: Handler) -> None:
        body = json.dumps(data).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return step


def drop(handler: Handler) -> None:
    """The connection is closed without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)


def events(*parts: tuple[str, str, dict[str, Any]], end: bool = True) -> Step:
    """A stream of (kind, id, data), broken off behind the last where it has no `end`."""

    def step(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        _chunk(handler, b": vega\n\n")
        for kind, event_id, data in parts:
            text = json.dumps({"turn_id": 7, **data}, ensure_ascii=False)
            _chunk(handler, f"event: {kind}\ndata: {text}\nid: {event_id}\n\n".encode())
        if end:
            handler.wfile.write(b"0\r\n\r\n")

    return step


def silent_after(*parts: tuple[str, str, dict[str, Any]], until: threading.Event) -> Step:
    """A stream that stays open and says nothing more."""

    def step(handler: Handler) -> None:
        events(*parts, end=False)(handler)
        until.wait()

    return step


def hold(home: Path) -> None:
    """As a Vega that starts: its pid, here that of the test, stands in the home folder."""
    home.mkdir(exist_ok=True)
    (home / "vega.pid").write_text(f"{os.getpid()}\n")


def _chunk(handler: Handler, data: bytes) -> None:
    handler.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
