"""Verification and repair over HTTP; a damaged turn keeps no other away."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.integration.api.conftest import Vega
from tests.tampering import change, select
from tests.tiered_lives import TURNS, tell_tiers

LINKS = 2 * TURNS + 1


@pytest.fixture
async def told(vega: Vega) -> Vega:
    await tell_tiers(vega.life.store)
    return vega


def damage_block(home: Path) -> None:
    """The block of turns 7 to 12."""
    data = bytearray(select(home, "SELECT data FROM archive_blocks WHERE id = 2"))
    data[len(data) // 2] ^= 1
    change(home, "UPDATE archive_blocks SET data = ? WHERE id = 2", values=(bytes(data),))


async def verified(client: httpx2.AsyncClient) -> dict[str, Any]:
    begun = await client.post("/api/verification")
    assert begun.status_code == 202
    async with asyncio.timeout(10):
        while True:
            found: dict[str, Any] = (await client.get("/api/verification")).json()
            if found["completed_run"] == begun.json()["run"]:
                return found
            await asyncio.sleep(0.01)


async def test_a_whole_run_is_told_from_its_beginning_to_its_end(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    before = (await client.get("/api/verification")).json()

    found = await verified(client)

    assert (before["completed_at"], before["run"], before["progress"]) == (None, 0, 0.0)
    assert (found["turns"], found["links"], found["finding"]) == (TURNS, LINKS, None)
    assert (found["is_running"], found["progress"], found["error"]) == (False, 1.0, None)
    assert len(found["head"]) == 64


async def test_the_status_tells_the_last_verification(
    told: Vega, client: httpx2.AsyncClient
) -> None:
    found = await verified(client)

    shown = (await client.get("/api/status")).json()

    assert shown["verification"] == {
        "completed_at": found["completed_at"],
        "links": LINKS,
        "is_running": False,
        "progress": 1.0,
        "finding": None,
        "damaged_turns": [],
    }
    assert shown["attention"] == []


async def test_a_damaged_turn_is_named_and_all_else_goes_on(
    told: Vega, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    damage_block(tmp_path)

    await verified(client)

    status = (await client.get("/api/status")).json()
    refused = await client.get("/api/turns/9")
    history = (await client.get("/history?limit=200")).json()["turns"]
    assert status["verification"]["damaged_turns"] == [7, 8, 9, 10, 11, 12]
    assert [line for line in status["attention"] if line.startswith("Turn 7 is damaged")]
    assert (refused.status_code, refused.json()["code"]) == (500, "turn_damaged")
    assert "turn 9 " in refused.json()["error"]
    assert (await client.get("/api/turns/6")).status_code == 200
    assert len(history) == TURNS
    said = await client.post("/chat", json={"prompt": "My name is Ann."})
    assert said.status_code == 200


async def test_a_repair_tells_by_turn_where_it_was_taken_from(
    told: Vega, client: httpx2.AsyncClient, tmp_path: Path
) -> None:
    whole = (await client.get("/api/turns/9")).json()
    name = (await client.post("/api/backups")).json()["name"]
    damage_block(tmp_path)
    await verified(client)

    found = await client.post("/api/verification/repair")

    mended = [{"turn_id": turn_id, "backup": name} for turn_id in range(7, 13)]
    assert found.json() == {"mended": mended, "unmended": []}
    assert (await client.get("/api/turns/9")).json() == whole
    assert (await client.get("/api/status")).json()["attention"] == []
    assert (await client.post("/api/verification/repair")).json() == {"mended": [], "unmended": []}
