"""A client that costs little: one kept-alive connection, and nothing done with what comes."""

import http.client
import json
import time
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlsplit


class Broken(Exception):
    """What was to be measured does not work."""


class Client:
    """Asks one server over one connection."""

    def __init__(self, url: str, key: str = "") -> None:
        place = urlsplit(url)
        self._connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=300)
        self._path = place.path
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, path: str) -> Any:
        return json.loads(self._ask("GET", path, None).read())

    def post(self, path: str, body: dict[str, Any]) -> bytes:
        """The whole answer, also of a stream."""
        return self._ask("POST", path, body).read()

    def seconds_to_post(self, path: str, body: dict[str, Any]) -> float:
        data = json.dumps(body)
        began = time.perf_counter()
        self._ask("POST", path, data).read()
        return time.perf_counter() - began

    def stream(self, path: str, body: dict[str, Any]) -> Iterator[tuple[float, bytes]]:
        """The lines of a stream, each with the seconds since it was asked for.

        Left before its end, the connection is closed and the next request opens another.
        """
        data = json.dumps(body)
        began = time.perf_counter()
        answer = self._ask("POST", path, data)
        try:
            while line := answer.readline():
                yield time.perf_counter() - began, line
        finally:
            self._connection.close()

    def open_stream(self, path: str) -> None:
        """Begins a stream and never reads it; it lasts as long as the connection."""
        self._ask("GET", path, None).readline()

    def _ask(
        self, method: str, path: str, body: dict[str, Any] | str | None
    ) -> http.client.HTTPResponse:
        data = json.dumps(body) if isinstance(body, dict) else body
        self._connection.request(method, self._path + path, data, self._headers)
        answer = self._connection.getresponse()
        if answer.status != 200:
            raise Broken(f"{method} {path}: {answer.status} {answer.read()[:500]!r}")
        return answer
