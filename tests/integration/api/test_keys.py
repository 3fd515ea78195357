"""Keys through the whole application: made, listed, renamed, revoked."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from tests.integration.api import sse
from tests.integration.api.conftest import Vega, running


async def make(client: httpx2.AsyncClient, name: str = "phone") -> tuple[int, str]:
    made = (await client.post("/api/keys", json={"name": name})).raise_for_status().json()
    return made["id"], made["key"]


async def test_a_key_is_shown_once_and_good_at_once(vega: Vega, client: httpx2.AsyncClient) -> None:
    made = await client.post("/api/keys", json={"name": "phone"})
    secret = made.json()["key"]
    listed = await client.get("/api/keys")
    async with vega.client(key=secret) as phone:
        seen = await phone.get("/history")

    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert seen.status_code == 200
    assert secret not in listed.text
    assert listed.json() == {
        "keys": [
            {
                "id": 1,
                "name": "owner",
                "created_at": "2026-11-22T09:00:00+00:00",
                "last_used_on": "2026-11-22",
            },
            {
                "id": 2,
                "name": "phone",
                "created_at": "2026-11-22T09:00:00+00:00",
                "last_used_on": None,
            },
        ],
        "is_overridden": False,
    }


async def test_a_revoked_key_opens_nothing_at_once_and_its_streams_end(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    number, secret = await make(client)
    streams = [
        sse.Stream(vega.app, "/api/events", {"Host": "localhost", "X-API-Key": key})
        for key in (secret, vega.key)
    ]
    for stream in streams:
        await stream.opened()

    gone = await client.delete(f"/api/keys/{number}")
    await streams[0].ended()
    turn = await vega.life.ask("Hello")
    (event,) = await streams[1].events(1)
    await streams[1].leave()
    async with vega.client(key=secret) as phone:
        after = await phone.get("/history")

    assert (gone.status_code, after.status_code) == (204, 401)
    assert streams[0].is_whole
    assert event.data["turn_id"] == turn.id


async def test_a_key_may_revoke_itself(vega: Vega, client: httpx2.AsyncClient) -> None:
    number, secret = await make(client)
    async with vega.client(key=secret) as phone:
        answers = [await phone.delete(f"/api/keys/{number}"), await phone.get("/history")]

    assert [answer.status_code for answer in answers] == [204, 401]


async def test_the_last_key_is_revoked_only_by_force(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    refused = await client.delete("/api/keys/1")
    forced = await client.delete("/api/keys/1?force=true")
    after = await client.get("/history")

    assert (refused.status_code, refused.json()["code"]) == (409, "last_key")
    assert [forced.status_code, after.status_code] == [204, 401]
    assert "vega key create" in after.json()["error"]


async def test_names_are_one_keys_alone_and_can_be_shown(client: httpx2.AsyncClient) -> None:
    await make(client, "phone")
    number, _ = await make(client, "tablet")
    taken = await client.post("/api/keys", json={"name": "phone"})
    renamed = await client.patch(f"/api/keys/{number}", json={"name": "kitchen"})
    unknown = await client.patch("/api/keys/99", json={"name": "x"})
    odd = [
        await client.post("/api/keys", json={"name": name})
        for name in ("", " ", "\x1b[2J", "two\nlines", "\u202egnp", "n" * 101, "12", 5, None)
    ]

    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert renamed.json()["name"] == "kitchen"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "key_not_found")
    assert {answer.status_code for answer in odd} == {422}
    assert odd[0].json()["error"] == "name: must be printable text."
    assert [key["name"] for key in (await client.get("/api/keys")).json()["keys"]] == [
        *("owner", "phone", "kitchen")
    ]


async def test_beside_a_given_key_another_is_not_made(tmp_path: Path) -> None:
    async with running(tmp_path, VEGA_API_KEY="given") as vega, vega.client() as client:
        refused = await client.post("/api/keys", json={"name": "phone"})
        listed = (await client.get("/api/keys")).json()

    assert (refused.status_code, refused.json()["code"]) == (409, "keys_overridden")
    assert listed == {"keys": [], "is_overridden": True}


async def test_a_browser_is_renamed_and_seen(vega: Vega, client: httpx2.AsyncClient) -> None:
    code = (await client.post("/api/pairing")).json()["code"]
    agent = {
        "User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148 Safari"
    }
    async with vega.client(key="") as phone:
        await phone.post("/api/devices", json={"code": code, "name": "Safari"}, headers=agent)
        vega.life.clock.advance(days=1)
        await phone.get("/history")
        renamed = await phone.patch("/api/devices/1", json={"name": "My phone"})
        unknown = await phone.patch("/api/devices/9", json={"name": "x"})
        odd = await phone.patch("/api/devices/1", json={"name": "\x1b[2J"})

    assert renamed.json() == {
        "id": 1,
        "name": "My phone",
        "kind": "phone",
        "created_at": "2026-11-22T09:00:00+00:00",
        "last_seen_on": "2026-11-23",
    }
    assert [unknown.status_code, odd.status_code] == [404, 422]


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "computer"),
        ("Mozilla/5.0 (Linux; Android 16; K) Chrome/140.0.0.0 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 16; K) Chrome/140.0.0.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Mobile/15E148", "tablet"),
        ("curl/8.0", None),
        ("", None),
    ],
)
async def test_what_a_browser_runs_on_is_known_as_far_as_it_says(
    vega: Vega, client: httpx2.AsyncClient, agent: str, kind: str | None
) -> None:
    code = (await client.post("/api/pairing")).json()["code"]
    async with vega.client(key="") as browser:
        body = {"code": code, "name": "x"}
        await browser.post("/api/devices", json=body, headers={"User-Agent": agent})
    (shown,) = (await client.get("/api/devices")).json()["devices"]

    assert (shown["kind"], shown["last_seen_on"]) == (kind, None)


async def test_the_use_of_a_key_is_no_write_of_each_request(
    vega: Vega, client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.get("/history")
    await asyncio.sleep(0.1)
    writes: list[object] = []
    monkeypatch.setattr(vega.life.store._db, "write", writes.append)

    for _ in range(20):
        assert (await client.get("/history")).status_code == 200

    assert writes == []
