"""`GET /api/digests`: what was said in a span of time."""

from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from tests.integration.api.conftest import Vega
from tests.lives import Life, tell
from vega.core.telling.digests import DigestWriter

#: By the clock of the life it is Sunday, 22 November 2026.
DAYS = ("2025-12-30", "2026-11-16", "2026-11-19", "2026-11-22")


async def told(life: Life, *days: str) -> None:
    for day in days:
        at = datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=UTC)
        await tell(life.store, f"I was at the lake on {day}.", at=at)


async def write(life: Life, limit: int = 100) -> int:
    writer = DigestWriter(life.store, life.models, life.live_turns, life.clock)
    return await writer.write_due(limit)


async def get(client: httpx2.AsyncClient, query: str = "") -> Any:
    response = await client.get(f"/api/digests{query}")
    assert response.status_code == 200, response.text
    return response.json()


def names(found: Any) -> list[str]:
    return [f"{each['kind']} {each['from']}" for each in found["digests"]]


async def test_digests_come_newest_first_with_all_that_they_know(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await told(vega.life, *DAYS)
    await write(vega.life)

    found = await get(client)

    assert found["digests"][0] == {
        "kind": "day",
        "from": "2026-11-19",
        "to": "2026-11-19",
        "text": "You said: I was at the lake on 2026-11-19.",
        "turns": 1,
        "first_turn_id": 3,
        "last_turn_id": 3,
        "model": None,
        "written_at": vega.life.clock.now().isoformat(),
    }
    assert names(found) == [
        "day 2026-11-19",
        "day 2026-11-16",
        "week 2025-12-29",
        "month 2025-12-01",
        "year 2025-01-01",
        "day 2025-12-30",
    ]
    assert (found["today"], found["unwritten"]) == ("2026-11-22", 0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?kind=day", ["day 2026-11-19", "day 2026-11-16", "day 2025-12-30"]),
        ("?kind=week", ["week 2025-12-29"]),
        ("?limit=1", ["day 2026-11-19"]),
        ("?from=2026-11-17", ["day 2026-11-19"]),
        ("?kind=day&to=2026-11-16&limit=1", ["day 2026-11-16"]),
        ("?kind=week&from=2026-01-02&to=2026-01-02", ["week 2025-12-29"]),
        ("?kind=year&from=2026-01-01", []),
        ("?from=2026-11-20&to=2026-11-16", []),
    ],
)
async def test_digests_can_be_asked_for_by_kind_and_time(
    vega: Vega, client: httpx2.AsyncClient, query: str, expected: list[str]
) -> None:
    await told(vega.life, *DAYS)
    await write(vega.life)

    assert names(await get(client, query)) == expected


async def test_what_is_not_written_yet_is_counted(vega: Vega, client: httpx2.AsyncClient) -> None:
    await told(vega.life, *DAYS)
    await write(vega.life, limit=1)

    assert (await get(client))["unwritten"] == 5
    assert (await get(client, "?kind=day"))["unwritten"] == 2
    assert (await get(client, "?kind=day&from=2026-11-16&to=2026-11-16"))["unwritten"] == 1
    assert (await get(client, "?kind=day&from=2026-11-22"))["unwritten"] == 0


async def test_an_empty_life_has_none(client: httpx2.AsyncClient) -> None:
    found = await get(client)

    assert found == {"digests": [], "unwritten": 0, "today": date(2026, 11, 22).isoformat()}


@pytest.mark.parametrize(
    "query", ["?kind=decade", "?from=yesterday", "?to=2026-13-01", "?limit=0", "?limit=1001"]
)
async def test_what_makes_no_sense_is_refused(client: httpx2.AsyncClient, query: str) -> None:
    response = await client.get(f"/api/digests{query}")

    assert response.status_code == 422
    assert response.json()["code"] == "invalid_input"


async def test_digests_need_the_key(vega: Vega) -> None:
    async with vega.client(key="") as stranger:
        assert (await stranger.get("/api/digests")).status_code == 401
