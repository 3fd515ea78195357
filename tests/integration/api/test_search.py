"""`GET /api/search` over the whole application."""

import json

import httpx2
import pytest

from tests.integration.api.conftest import Vega
from tests.lives import tell


async def test_a_message_is_shown_whole_with_where_it_comes_from(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    line = {
        "external_id": "chat-7",
        "role": "assistant",
        "name": "Vi",
        "text": "Moles dig.",
        "at": "2020-05-01T12:00:00",
    }
    await client.post("/api/import", content=json.dumps(line).encode())
    await tell(vega.life.store, "A mole?", "Yes")

    found = (await client.get("/api/search", params={"q": "moles dig"})).json()

    scores = [item.pop("score") for item in found["items"]]
    assert scores[0] > 0
    assert found == {
        "complete": True,
        "items": [
            {
                "turn_id": 1,
                "external_id": "chat-7",
                "role": "assistant",
                "name": "Vi",
                "at": "2020-05-01T10:00:00+00:00",
                "timezone": "Europe/Vienna",
                "text": "Moles dig.",
                "tokens": 3,
                "tier": "full",
            },
            {
                "turn_id": 2,
                "external_id": None,
                "role": "user",
                "name": None,
                "at": "2026-11-22T09:00:00+00:00",
                "timezone": "Europe/Vienna",
                "text": "A mole?",
                "tokens": 2,
                "tier": "full",
            },
        ],
    }


async def test_only_so_many_are_shown_and_only_from_before_a_time(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    for number in range(25):
        await tell(vega.life.store, f"mole {number}", "-")

    async def count(**query: str | int) -> int:
        params: dict[str, str | int] = {"q": "mole", **query}
        answer = await client.get("/api/search", params=params)
        return len(answer.json()["items"])

    assert await count() == 20
    assert await count(limit=3) == 3
    assert await count(limit=100) == 25
    assert await count(before="2026-11-22T10:00:00") == 0
    assert await count(before="2026-11-22T10:00:01") == 20


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"q": ""},
        {"q": "  "},
        {"q": '""'},
        {"q": "mole", "limit": 0},
        {"q": "mole", "limit": 101},
        {"q": "mole", "limit": "many"},
        {"q": "mole", "before": "yesterday"},
        {"q": "mole", "before": ""},
        {"q": "mole", "before": "0001-01-01T00:00:00+10:00"},
    ],
)
async def test_what_makes_no_search_is_refused(
    client: httpx2.AsyncClient, query: dict[str, str | int]
) -> None:
    refused = await client.get("/api/search", params=query)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize(
    "text",
    [
        "AND OR NOT NEAR( * ^ : - + { } \" '",
        "NEAR(mole burrow, 5)",
        "mole AND",
        '"mole',
        "text : mole",
        "-- ; DROP TABLE turns",
        "what is it",
        "the",
        "🦭🦡 ❤️ 👩‍🚀",
        "\x00mole\x00",
        "%_?[]",
    ],
)
async def test_whatever_is_looked_for_is_answered(
    vega: Vega, client: httpx2.AsyncClient, text: str
) -> None:
    await tell(vega.life.store, "The mole in its burrow", "What is it? A 🦭")
    before = "2030-01-01"

    for params in ({"q": text}, {"q": text, "before": before}):
        answer = await client.get("/api/search", params=params)

        assert answer.status_code in (200, 422), answer.text
        assert answer.status_code == 422 or answer.json()["complete"]


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("昨日、東京都で寿司を食べました。", "寿司"),
        ("昨日、東京都で寿司を食べました。", '"東京都で寿司を"'),
        ("我昨天在北京吃了烤鸭。", "烤鸭"),
        ("我昨天在北京吃了烤鸭。", '"北京吃了"'),
        ("ฉันกินข้าวผัดเมื่อวานนี้", "ข้าวผัด"),
        ("ฉันกินข้าวผัดเมื่อวานนี้", '"กินข้าวผัด"'),
        ("كَتَبْتُ رِسالَةً إلى أُمّي", "رسالة"),
        ("كتبت رسالة إلى أمي", "رِسالَةً"),
        ("שָׁלוֹם לְכֻלָּם", "שלום"),
        ("אכלתי תפוח בבוקר", '"תפוח בבוקר"'),
        ("Sleepy 🦭 today", "🦭"),
        ("Sleepy 👩‍🚀 today", '"👩‍🚀 today"'),
    ],
)
async def test_every_script_is_found(
    vega: Vega, client: httpx2.AsyncClient, said: str, query: str
) -> None:
    await tell(vega.life.store, said, "-")
    await tell(vega.life.store, "Nothing of it, 何も, 没有, ไม่มี, لا شيء, כלום", "-")

    items = (await client.get("/api/search", params={"q": query})).json()["items"]

    assert (items[0]["turn_id"], items[0]["text"]) == (1, said)


@pytest.mark.parametrize(
    "address",
    [
        "%00",
        "%ff%fe",
        "%F0%9F%A6%AD",
        "%22%22%22",
        "a%00b",
        "%ed%a0%80",
        "x+" * 20_000,
        f"%22{'mole+' * 10_000}%22",
    ],
)
async def test_whatever_is_typed_is_no_error(client: httpx2.AsyncClient, address: str) -> None:
    assert (await client.get(f"/api/search?q={address}")).status_code in (200, 422)


async def test_a_search_needs_the_key(vega: Vega) -> None:
    async with vega.client(key="") as stranger:
        assert (await stranger.get("/api/search?q=mole")).status_code == 401
