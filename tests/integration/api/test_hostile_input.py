"""Whatever is sent by somebody who is let in: no route fails over it, and nothing hangs.

Parameters and bodies are those of the application's own description, so that a route which is
added later is tried as well.
"""

import asyncio
import json
import logging
import re
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from tests.integration.api.conftest import Vega

#: Nothing takes so long to refuse.
SECONDS = 10
#: Statuses beyond 500 that say how it is, and not that Vega failed.
CALM = {"model_unavailable", "answer_delayed"}
#: As they stand in an address, encoded already.
VALUES = [
    *("", "%00", "%0d%0aX-Evil:%20a", "..%2f..%2fetc%2fpasswd", "%ff%fe", "%ed%a0%80"),
    *("9" * 400, "-1", "0", "1e400", "NaN", "Infinity", "0x10", "1_000", "٣"),
    *("true", "null", "[]", "%7b%7d", "%27%20OR%201=1--", quote("\u202e\u0000\x1b[2J😀")),
    *("2026-13-45", "0001-01-01T00:00:00%2b23:59", "9999-12-31T23:59:59-23:59", "a" * 5_000),
]
BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no UTF-8": b'{"name": "\xff\xfe"}',
    "UTF-16": '{"name": "x"}'.encode("utf-16"),
    "a NUL": b'{"name": "a\\u0000b", "prompt": "a\\u0000b", "value": "a\\u0000b"}',
    "half a character": b'{"name": "\\ud800", "prompt": "\\ud800", "value": "\\ud800"}',
    "twice the same": b'{"name": "a", "name": 5, "prompt": "a", "prompt": 5}',
    "depth": b"[" * 30_000,
    "depth of objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "a large number": b'{"id": ' + b"9" * 20_000 + b"}",
    "a number without end": b'{"id": 1e999999, "turn_id": 1e999999, "name": -1e999999}',
    "no number": b'{"id": NaN, "turn_id": Infinity, "prompt": -Infinity}',
    "beyond 64 bits": b'{"turn_id": 9223372036854775808, "fact_id": 18446744073709551616}',
    "wrong kinds": b'{"name": {}, "prompt": [], "id": true, "turn_id": "1", "value": 1.5}',
    "a list": b"[1, 2, 3]",
    "a text": b'"hello"',
    "null": b"null",
    "many fields": json.dumps({f"f{n}": n for n in range(5_000)}).encode(),
    "a class's inside": b'{"__proto__": {"a": 1}, "__class__": "x", "constructor": {}}',
    "a form": b"name=a&prompt=b",
    "multipart": b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na\r\n--x--\r\n',
}
TYPES = ["application/json", "text/plain", "multipart/form-data; boundary=x", "application/xml", ""]
HEADERS = [
    {"Idempotency-Key": ""},
    {"Idempotency-Key": "k" * 10_000},
    {"Idempotency-Key": "a\tb"},
    {"Idempotency-Key": "\xff\xfe"},
    {"Last-Event-ID": "9" * 400},
    {"Last-Event-ID": "-1.-1"},
    {"Last-Event-ID": "\xff"},
    {"Accept": "," * 5_000},
    {"Accept": "text/event-stream;q=" + "9" * 400},
    {"Accept-Encoding": "gzip," * 1_000},
    {"If-None-Match": '"' * 5_000},
    {"Range": "bytes=-1--1,9-0," * 500},
    {"Content-Encoding": "gzip"},
    {"Cookie": "a=b; " * 5_000},
    {"Authorization": "Bearer"},
    {"User-Agent": "\xe9" * 5_000},
]


def operations(vega: Vega) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of all that does not stream for ever."""
    return [
        (method.upper(), path, operation)
        for path, methods in vega.app.openapi()["paths"].items()
        for method, operation in methods.items()
        if not path.endswith("/events")
    ]


def failed(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.ERROR]


async def ask(client: httpx2.AsyncClient, method: str, path: str, **more: Any) -> httpx2.Response:
    async with asyncio.timeout(SECONDS):
        return await client.request(method, path, **more)


def addresses(path: str, operation: dict[str, Any], value: str) -> list[str]:
    """Each with that value for one parameter, and one with it for all of the query, twice."""
    given = operation.get("parameters", [])
    in_path = [each["name"] for each in given if each["in"] == "path"]
    in_query = [each["name"] for each in given if each["in"] == "query"]
    found = [filled(path, name, value) for name in in_path if value]
    plain = filled(path)
    found += [f"{plain}?{name}={value}" for name in in_query]
    return [*found, f"{plain}?{'&'.join(f'{name}={value}' for name in in_query * 2)}"]


def filled(path: str, name: str = "", value: str = "") -> str:
    """The path with that value for one parameter, and 1 for the others."""
    return re.sub(r"\{[^}]*\}", "1", path.replace(f"{{{name}}}", value) if name else path)


async def test_no_parameter_makes_a_route_fail(
    vega: Vega, client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    tried = {
        (method, address)
        for value in VALUES
        for method, path, operation in operations(vega)
        for address in addresses(path, operation, value)
    }

    for method, address in sorted(tried):
        answer = await ask(client, method, address)

        assert answer.status_code < 500 or answer.json()["code"] in CALM, (method, address)
    assert len(tried) > 500
    assert failed(caplog) == []


@pytest.mark.parametrize("kind", TYPES)
async def test_no_body_makes_a_route_fail(
    vega: Vega, client: httpx2.AsyncClient, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    tried = 0
    for method, path, operation in operations(vega):
        for name, body in BODIES.items():
            if "requestBody" not in operation:
                continue
            answer = await ask(client, method, filled(path), content=body, headers=headers)
            tried += 1

            assert answer.status_code < 500 or answer.json()["code"] in CALM, (path, name)
            assert len(answer.content) < 5_000, (path, name)
    assert tried > 100
    assert failed(caplog) == []


@pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
async def test_no_header_makes_a_route_fail(
    vega: Vega,
    client: httpx2.AsyncClient,
    headers: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    for path in ("/", "/docs", "/history", "/metrics", "/api/status", "/api/turns/1", "/healthz"):
        answer = await ask(client, "GET", path, headers=raw)
        # The page may not be built.
        assert answer.status_code < 500 or path == "/"
    said = await ask(client, "POST", "/chat", headers=raw, json={"prompt": "My cat is old."})
    paired = await ask(client, "POST", "/api/devices", headers=raw, json={"code": "x", "name": "x"})

    assert said.status_code in (200, 422)
    assert paired.status_code in (404, 429)
    assert failed(caplog) == []
