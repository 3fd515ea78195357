"""Every route that the application has refuses whoever may not use it.

The routes are the application's own list: one that is added later without protection fails here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from fastapi.routing import iter_route_contexts

from tests.integration.api.conftest import LOOPBACK, Vega
from vega.api.headers import SECURITY_HEADERS

#: What needs neither key nor cookie. Whoever adds to this says why in docs/access.md.
OPEN = {
    *(("GET", path) for path in ("/", "/pair", "/assets/{}", "/healthz", "/livez")),
    *(("GET", path) for path in ("/docs", "/openapi.json", "/vega-ca.crt")),
    *(("GET", f"/docs/{name}") for name in ("start.js", "swagger-ui-bundle.js", "swagger-ui.css")),
    ("POST", "/api/devices"),
}
#: Open to this machine, and not through a proxy.
LOCAL = {("GET", "/metrics"), ("GET", "/metrics/prometheus")}
#: Not for paired browsers.
OWNERS = {
    ("POST", "/api/pairing"),
    ("POST", "/api/keys"),
    ("GET", "/api/keys"),
    ("PATCH", "/api/keys/{}"),
    ("DELETE", "/api/keys/{}"),
}
ELSEWHERE = ("10.0.0.9", 1234)
#: No route knows these, and they are refused all the same.
UNKNOWN = [
    ("GET", "/no/such/path"),
    ("TRACE", "/chat"),
    ("PUT", "/history"),
    ("PROPFIND", "/history"),
]
Route = tuple[str, str]


@dataclass(frozen=True)
class Attempt:
    """One way to come in that is none."""

    name: str
    status: tuple[int, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    #: With the owner's key, with a paired browser's cookie, or with neither.
    by: str = "nobody"
    host: str = "localhost:8000"
    peer: tuple[str, int] = LOOPBACK
    #: This machine's metrics, which need no key, are open to it as well.
    sees_metrics: bool = False


FOREIGN = (403,)
ATTEMPTS = [
    Attempt("no key", (401,), sees_metrics=True),
    Attempt("no key, from elsewhere", (401,), peer=ELSEWHERE),
    Attempt("an empty key", (401,), {"X-API-Key": ""}, sees_metrics=True),
    Attempt("a wrong key", (401, 429), {"X-API-Key": "your-key"}, sees_metrics=True),
    Attempt("a wrong bearer", (401, 429), {"Authorization": "Bearer your-key"}, sees_metrics=True),
    Attempt(
        "the key as a password", (401,), {"Authorization": "Basic b3duZXI6a2V5"}, sees_metrics=True
    ),
    Attempt("another life's cookie", (401,), {"Cookie": "vega_00000000=token"}, sees_metrics=True),
    Attempt("through a proxy", (401,), {"X-Forwarded-For": "127.0.0.1"}),
    Attempt("through a proxy, by RFC 7239", (401,), {"Forwarded": "for=127.0.0.1"}),
    Attempt(
        "as if from the Unix socket",
        (401,),
        {"Peer-Uid": "0", "X-Peer-Uid": "0"},
        sees_metrics=True,
    ),
    Attempt("another host", (421,), by="key", host="evil.example"),
    Attempt("a host that begins right", (421,), by="key", host="localhost.evil.example"),
    Attempt("a host with a dot behind it", (421,), by="key", host="localhost."),
    Attempt("a page of another site", FOREIGN, {"Origin": "https://evil.example"}, by="key"),
    Attempt("a page of no site", FOREIGN, {"Origin": "null"}, by="key"),
    Attempt("an extension", FOREIGN, {"Origin": "evil-extension://localhost:8000"}, by="key"),
    Attempt("another program's page", FOREIGN, {"Origin": "http://localhost:3000"}, by="key"),
    Attempt("a fetch across sites", FOREIGN, {"Sec-Fetch-Site": "cross-site"}, by="key"),
    Attempt("a fetch from nobody knows", FOREIGN, {"Sec-Fetch-Site": "x"}, by="key"),
    Attempt("a cookie across sites", FOREIGN, {"Sec-Fetch-Site": "cross-site"}, by="cookie"),
    Attempt(
        "a cookie from another port",
        FOREIGN,
        {"Sec-Fetch-Site": "same-site"},
        by="cookie",
        sees_metrics=True,
    ),
    Attempt("a cookie from a page", FOREIGN, {"Origin": "https://evil.example"}, by="cookie"),
    Attempt("a revoked key", (401, 429), by="revoked key", sees_metrics=True),
    Attempt("an unpaired browser", (401,), by="unpaired browser", sees_metrics=True),
]


def routes_of(vega: Vega) -> list[Route]:
    found = {
        (method, re.sub(r"\{[^}]*\}", "{}", route.path or ""))
        for route in iter_route_contexts(vega.app.routes)
        for method in route.methods or ()
        if method != "HEAD"
    }
    return sorted(found)


def is_open(route: Route) -> bool:
    return ("GET" if route[0] == "OPTIONS" else route[0], route[1]) in OPEN


def cookie_of(answer: httpx2.Response) -> str:
    return str(answer.headers["set-cookie"].partition(";")[0])


async def pair(vega: Vega) -> str:
    async with vega.client() as owner, vega.client(key="") as browser:
        code = (await owner.post("/api/pairing")).json()["code"]
        return cookie_of(await browser.post("/api/devices", json={"code": code, "name": "x"}))


async def headers_of(attempt: Attempt, vega: Vega) -> dict[str, str]:
    """With what of somebody's the attempt is made."""
    headers = dict(attempt.headers)
    async with vega.client() as owner:
        match attempt.by:
            case "key":
                headers["X-API-Key"] = vega.key
            case "cookie":
                headers["Cookie"] = await pair(vega)
            case "revoked key":
                made = (await owner.post("/api/keys", json={"name": "leaked"})).json()
                await owner.delete(f"/api/keys/{made['id']}")
                headers["X-API-Key"] = made["key"]
            case "unpaired browser":
                headers["Cookie"] = await pair(vega)
                await owner.delete("/api/devices/1")
    return headers


async def statuses(
    vega: Vega, attempt: Attempt, routes: list[Route]
) -> dict[Route, tuple[int, Any]]:
    headers = await headers_of(attempt, vega)
    found = {}
    async with vega.client(key="", host=attempt.host, peer=attempt.peer) as client:
        for method, path in routes:
            answer = await client.request(method, path.replace("{}", "1"), headers=headers)
            found[method, path] = answer.status_code, answer
    return found


def test_the_list_of_open_routes_names_none_that_is_gone(vega: Vega) -> None:
    known = set(routes_of(vega))

    assert len(known) > 40
    assert (OPEN | LOCAL | OWNERS) - known == set()


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=lambda attempt: attempt.name)
async def test_no_route_lets_it_in(vega: Vega, attempt: Attempt) -> None:
    spared = LOCAL if attempt.sees_metrics else set()
    closed = [route for route in routes_of(vega) if not is_open(route) and route not in spared]

    found = await statuses(vega, attempt, [*closed, *UNKNOWN])

    assert len(found) > 30
    assert {
        route: status for route, (status, _) in found.items() if status not in attempt.status
    } == {}
    for _, answer in found.values():
        assert vega.key not in answer.text
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value


@pytest.mark.parametrize("host", ["evil.example", "localhost:8000@evil.example", "", "a b"])
async def test_the_host_is_checked_on_open_routes_as_well(vega: Vega, host: str) -> None:
    async with vega.client(key="") as client:
        for method, path in routes_of(vega):
            answer = await client.request(method, path.replace("{}", "1"), headers={"Host": host})

            assert answer.status_code == 421, (method, path)


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
)
async def test_another_site_pairs_nothing(vega: Vega, headers: dict[str, str]) -> None:
    async with vega.client(key="") as client:
        answer = await client.post("/api/devices", json={}, headers=headers)

    assert answer.status_code == 403


async def test_a_paired_browser_makes_neither_keys_nor_links(vega: Vega) -> None:
    cookie = await pair(vega)
    async with vega.client(key="") as client:
        for method, path in OWNERS:
            answer = await client.request(
                method, path.replace("{}", "1"), headers={"Cookie": cookie}
            )

            assert (answer.status_code, answer.json()["code"]) == (403, "key_needed"), path


async def test_two_hosts_are_refused(vega: Vega) -> None:
    async with vega.client() as client:
        for method, path in routes_of(vega):
            headers = [("Host", "localhost"), ("Host", "localhost"), ("X-API-Key", vega.key)]
            answer = await client.request(method, path.replace("{}", "1"), headers=headers)

            assert answer.status_code == 400, (method, path)


async def test_what_vega_answers_is_not_kept_shown_as_a_page_or_framed(vega: Vega) -> None:
    """Whatever it is: what was asked for, a mistake, or a failure of Vega's own."""

    async def fail() -> None:
        raise RuntimeError("planted")

    vega.app.add_api_route("/planted", fail)
    async with vega.client() as client:
        answers = [
            await client.get("/history"),
            await client.get("/api/status"),
            await client.get("/metrics/prometheus"),
            await client.get("/api/turns/99"),
            await client.get("/history?limit=x"),
            await client.get("/no/such/path"),
            await client.put("/history"),
            await client.post("/chat", content=b"{"),
            await client.post("/chat", content=b"x" * 5_000_000),
            await client.post("/api/keys", content=b"x" * 100_000),
            await client.get("/planted"),
        ]

    assert [answer.status_code for answer in answers] == [
        *(200, 200, 200, 404, 422, 404, 405, 400, 413, 413, 500)
    ]
    for answer in answers:
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.get_list(name) == [value], (answer.url, name)


@pytest.mark.parametrize("path", ["/", "/pair", "/docs", "/assets/nothing.js", "/openapi.json"])
async def test_pages_run_nothing_foreign_and_in_no_frame(vega: Vega, path: str) -> None:
    async with vega.client(key="") as client:
        answer = await client.get(path)
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    for name in ("X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"):
        assert answer.headers[name] == SECURITY_HEADERS[name]
