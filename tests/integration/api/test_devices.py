"""Pairing through the whole application: links, codes, cookies, unpairing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http.cookies import SimpleCookie
from pathlib import Path

import httpx2
import pytest

from tests.integration.api import sse
from tests.integration.api.conftest import Vega, running
from vega.api import devices, gate

PAGE = {"Origin": "http://localhost:8080", "Sec-Fetch-Site": "same-origin"}


@asynccontextmanager
async def browser(vega: Vega) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser at the page, with cookies of its own and without a key."""
    async with vega.client(key="", host="localhost:8080") as client:
        client.headers.update(PAGE)
        yield client


async def make_code(vega: Vega) -> str:
    async with vega.client() as owner:
        code: str = (await owner.post("/api/pairing")).raise_for_status().json()["code"]
    return code


async def pair(vega: Vega, client: httpx2.AsyncClient, name: str = "Firefox") -> httpx2.Response:
    code = await make_code(vega)
    return await client.post("/api/devices", json={"code": code, "name": name})


async def test_a_link_is_made_for_the_owner(vega: Vega) -> None:
    async with vega.client() as owner:
        answer = await owner.post("/api/pairing")
    made = answer.json()

    assert answer.status_code == 201
    assert made["url"] == f"http://localhost:8080/pair#{made['code']}"
    assert made["expires_at"] == "2026-11-22T10:00:00+00:00"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_browser_that_brings_a_code_is_let_in_from_then_on(vega: Vega) -> None:
    async with browser(vega) as client:
        before = await client.get("/history")
        paired = await pair(vega, client, "Firefox on Linux")
        after = await client.get("/history")
        said = await client.post("/chat", json={"prompt": "Hello"})
        shown = (await client.get("/api/devices")).json()["devices"]

    assert [a.status_code for a in (before, paired, after, said)] == [401, 201, 200, 200]
    assert paired.json() == {"id": 1, "name": "Firefox on Linux"}
    assert shown == [
        {
            "id": 1,
            "name": "Firefox on Linux",
            "kind": None,
            "created_at": "2026-11-22T09:00:00+00:00",
            "last_seen_on": "2026-11-22",
            "is_this": True,
        }
    ]


async def test_the_cookie_is_as_strict_as_cookies_can_be(vega: Vega) -> None:
    async with browser(vega) as client:
        answer = await pair(vega, client)
    cookie = SimpleCookie(answer.headers["set-cookie"])
    name = f"vega_{vega.life.store.session_id.removeprefix('persistent-')}"

    assert list(cookie) == [name]
    assert cookie[name]["httponly"]
    assert cookie[name]["samesite"] == "Strict"
    assert cookie[name]["path"] == "/"
    assert cookie[name]["max-age"] == "34560000"
    assert not cookie[name]["domain"]
    assert cookie[name].value not in answer.text


@pytest.mark.parametrize("age", ["used", "expired", "unknown"])
async def test_a_code_that_is_no_good_says_what_to_do(vega: Vega, age: str) -> None:
    async with browser(vega) as client:
        code = await make_code(vega)
        if age == "used":
            await client.post("/api/devices", json={"code": code, "name": "first"})
        if age == "expired":
            vega.life.clock.advance(hours=1)
        if age == "unknown":
            code = "A" * 27
        client.cookies.clear()

        answer = await client.post("/api/devices", json={"code": code, "name": "late"})

    assert answer.status_code == (404 if age == "unknown" else 410)
    assert answer.json()["code"] == f"pairing_{age}"
    assert "vega open" in answer.json()["error"]
    assert "set-cookie" not in answer.headers


async def test_of_two_browsers_with_one_link_one_is_paired(vega: Vega) -> None:
    async with browser(vega) as one, browser(vega) as other:
        code = await make_code(vega)
        answers = await asyncio.gather(
            *(c.post("/api/devices", json={"code": code, "name": "x"}) for c in (one, other))
        )
        seen = [(await c.get("/history")).status_code for c in (one, other)]

    assert sorted(answer.status_code for answer in answers) == [201, 410]
    assert sorted(seen) == [200, 401]


async def test_a_code_from_another_site_is_refused_and_stays_good(vega: Vega) -> None:
    async with browser(vega) as client:
        code = await make_code(vega)
        body = {"code": code, "name": "x"}
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "http://localhost:3000"},
            {"Sec-Fetch-Site": "cross-site"},
        ):
            refused = await client.post("/api/devices", json=body, headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "foreign_origin")

        assert (await client.post("/api/devices", json=body)).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 2000,
        b'{"code": "x"}',
        b'{"name": "x"}',
        b'{"code": 5, "name": "x"}',
        b'{"code": "x", "name": "x", "more": 1}',
        b'{"code": "x", "name": ""}',
        b'{"code": "x", "name": "  "}',
        b'{"code": "x", "name": "\\u001b[2J"}',
        b'{"code": "x", "name": "two\\nlines"}',
        b'{"code": "x", "name": "\\u202egnp.exe"}',
        b'{"code": "x", "name": "\\ud800"}',
        b'{"code": "\\ud800", "name": "x"}',
        b'{"code": "x", "name": "' + b"n" * 101 + b'"}',
        b'{"code": "' + b"c" * 101 + b'", "name": "x"}',
    ],
)
async def test_what_is_no_pairing_is_refused(vega: Vega, body: bytes) -> None:
    async with browser(vega) as client:
        answer = await client.post("/api/devices", content=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert len(answer.content) < 400


@pytest.mark.parametrize("is_declared", [True, False])
async def test_nobody_without_a_key_sends_much(vega: Vega, is_declared: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b" " * 1024

    content = b" " * 5 * 1024 if is_declared else pieces()
    async with browser(vega) as client:
        answer = await client.post("/api/devices", content=content)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "4 KB" in answer.json()["error"]
    assert gate.MAX_OPEN_BODY_BYTES == 4096


@pytest.mark.parametrize(
    ("declared", "status", "code"), [("9", 400, "malformed_input"), ("5000", 413, "too_large")]
)
async def test_nobody_without_a_key_holds_a_request_open(
    vega: Vega, monkeypatch: pytest.MonkeyPatch, declared: str, status: int, code: str
) -> None:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    monkeypatch.setattr(devices, "BODY_SECONDS", 0.01)
    async with browser(vega) as client:
        answer = await client.post(
            "/api/devices", content=never(), headers={"Content-Length": declared}
        )

    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
async def test_another_site_cannot_use_the_cookie(vega: Vega, site: str) -> None:
    async with browser(vega) as client:
        await pair(vega, client)
        del client.headers["Origin"]
        seen = [
            await client.get(path, headers={"Sec-Fetch-Site": site})
            for path in ("/history", "/api/status", "/api/devices", "/api/events")
        ]

    assert [answer.json()["code"] for answer in seen] == ["foreign_origin"] * 4


async def test_what_a_cookie_opens_is_for_this_origin_alone(vega: Vega) -> None:
    async with browser(vega) as client:
        await pair(vega, client)

        answer = await client.get("/history")

    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


async def test_a_paired_browser_cannot_pair_another(vega: Vega) -> None:
    async with browser(vega) as client:
        await pair(vega, client)

        answer = await client.post("/api/pairing")

    assert (answer.status_code, answer.json()["code"]) == (403, "key_needed")


async def test_an_unpaired_browser_is_a_stranger_at_once(vega: Vega) -> None:
    async with vega.client() as owner, browser(vega) as client:
        await pair(vega, client)
        gone = await owner.delete("/api/devices/1")
        twice = await owner.delete("/api/devices/1")
        seen = await client.get("/history")

    assert [gone.status_code, twice.status_code, seen.status_code] == [204, 404, 401]
    assert twice.json()["code"] == "device_not_found"
    assert "set-cookie" not in seen.headers


async def test_the_streams_of_an_unpaired_browser_end_and_nobody_elses(vega: Vega) -> None:
    async with vega.client() as owner, browser(vega) as client, browser(vega) as other:
        for each in (client, other):
            await pair(vega, each)
        streams = [
            sse.Stream(
                vega.app,
                "/api/events",
                {
                    "Host": "localhost",
                    "Cookie": "; ".join(f"{k}={v}" for k, v in c.cookies.items()),
                },
            )
            for c in (client, other)
        ]
        for stream in streams:
            await stream.opened()

        await owner.delete("/api/devices/1")
        await streams[0].ended()
        turn = await vega.life.ask("Hello")
        (event,) = await streams[1].events(1)
        await streams[1].leave()

    assert streams[0].status == 200
    assert streams[0].is_whole
    assert event.data["turn_id"] == turn.id


async def test_a_browser_may_unpair_itself(vega: Vega) -> None:
    async with browser(vega) as client:
        await pair(vega, client)
        gone = await client.delete("/api/devices/1")
        seen = await client.get("/history")

    assert [gone.status_code, seen.status_code] == [204, 401]
    assert "set-cookie" not in gone.headers


async def test_a_browser_that_is_paired_again_is_still_one_device(vega: Vega) -> None:
    async with browser(vega) as client:
        await pair(vega, client, "before")
        again = await pair(vega, client, "after")
        shown = (await client.get("/api/devices")).json()["devices"]

    assert len(again.headers.get_list("set-cookie")) == 1
    assert [(device["id"], device["name"], device["is_this"]) for device in shown] == [
        (2, "after", True)
    ]


async def test_the_cookies_age_begins_anew_while_it_is_used(vega: Vega) -> None:
    async with browser(vega) as client:
        given = (await pair(vega, client)).headers["set-cookie"]
        next_one = await client.get("/history")
        vega.life.clock.advance(days=2)
        shell = await client.get("/")
        renewed = await client.get("/history")
        then = await client.get("/history")

    assert "set-cookie" not in next_one.headers
    assert "set-cookie" not in shell.headers
    assert renewed.headers["set-cookie"] == given
    assert "set-cookie" not in then.headers


async def test_pairings_outlive_a_restart_and_another_key(tmp_path: Path) -> None:
    async with running(tmp_path) as vega, browser(vega) as client:
        await pair(vega, client)
        cookies = dict(client.cookies)
    async with running(tmp_path, VEGA_API_KEY="given") as vega, browser(vega) as client:
        client.cookies.update(cookies)

        answer = await client.get("/history")

    assert answer.status_code == 200


async def test_two_lives_in_one_browser_keep_each_its_cookie(tmp_path: Path) -> None:
    async with (
        running(tmp_path / "one") as one,
        running(tmp_path / "other") as other,
        browser(one) as client,
        browser(other) as second,
    ):
        # Cookies do not know ports: there is one jar for both.
        second.cookies.jar = client.cookies.jar
        for vega, each in ((one, client), (other, second)):
            await pair(vega, each)

        seen = [(await each.get("/history")).status_code for each in (client, second)]
        count = len(client.cookies)

    assert (seen, count) == ([200, 200], 2)


async def test_where_no_key_is_needed_a_browser_can_be_paired_all_the_same(tmp_path: Path) -> None:
    async with running(tmp_path, VEGA_REQUIRE_KEY="false") as vega, browser(vega) as client:
        code = (await client.post("/api/pairing")).json()["code"]
        paired = await client.post("/api/devices", json={"code": code, "name": "x"})
        await client.get("/healthz", headers={"X-Forwarded-For": "10.0.0.9"})
        after = await client.get("/history")

    assert [paired.status_code, after.status_code] == [201, 200]
