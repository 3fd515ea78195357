"""The routes of the backups: shapes, and what cannot be done."""

import asyncio
import json
from pathlib import Path

import httpx2
import pytest

from tests.integration.api.conftest import Vega

FIELDS = {
    "name",
    "created_at",
    "version",
    "kind",
    "head",
    "turns",
    "size_bytes",
    "sha256",
    "lost",
}


async def test_a_backup_that_was_made_is_listed_and_verified(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await vega.life.ask("Hello.")

    made = await client.post("/api/backups")
    listed = (await client.get("/api/backups")).json()
    verified = await client.post(f"/api/backups/{made.json()['name']}/verify")

    assert made.status_code == 201
    assert made.json().keys() == FIELDS
    assert (made.json()["kind"], made.json()["turns"]) == ("by hand", 1)
    assert made.json()["head"]["link"] == 2
    assert listed == {"backups": [made.json()]}
    assert (verified.status_code, verified.json()) == (200, made.json())


async def test_the_status_tells_of_the_newest_backup(client: httpx2.AsyncClient) -> None:
    before = (await client.get("/api/status")).json()["backups"]
    made = (await client.post("/api/backups")).json()
    after = (await client.get("/api/status")).json()["backups"]

    well = {"error": None, "failed_nights": 0, "elsewhere": None}
    assert before == {"count": 0, "last": None, **well}
    assert after == {"count": 1, "last": made, **well}


async def test_a_backup_that_was_altered_says_so(
    tmp_path: Path, client: httpx2.AsyncClient
) -> None:
    made = (await client.post("/api/backups")).json()
    manifest = (tmp_path / "backups" / made["name"]).with_suffix(".json")
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "sha256": "0" * 64}))

    answer = await client.post(f"/api/backups/{made['name']}/verify")

    assert (answer.status_code, answer.json()["code"]) == (500, "backup_damaged")
    assert made["name"] in answer.json()["error"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("vega-20990101T000000Z.db", "backup_not_found"),
        ("vega.db", "backup_not_found"),
        ("..", "not_found"),
        ("%2e%2e%2fvega.db", "not_found"),
        ("vega-20990101T000000Z.db%00", "backup_not_found"),
    ],
)
async def test_a_backup_that_there_is_not_is_not_found(
    client: httpx2.AsyncClient, name: str, code: str
) -> None:
    answer = await client.post(f"/api/backups/{name}/verify")

    assert (answer.status_code, answer.json()["code"]) == (404, code)


async def test_of_two_at_once_one_is_told_to_wait(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post("/api/backups") for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert {answer.json().get("code") for answer in answers} == {None, "backup_running"}


async def test_without_a_key_there_are_no_backups(vega: Vega) -> None:
    async with vega.client(key="") as stranger:
        answers = [await stranger.get("/api/backups"), await stranger.post("/api/backups")]

    assert [answer.status_code for answer in answers] == [401, 401]
