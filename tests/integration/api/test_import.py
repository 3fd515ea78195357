"""`POST /api/import` over the whole application."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.integration.api import sse
from tests.integration.api.conftest import Vega
from tests.lives import tell
from vega.api import gate, importing
from vega.core.importing import MAX_LINES

LINE = {"external_id": "u1", "role": "user", "text": "Hello", "at": "2020-05-01T10:00:00Z"}


def lines(*messages: object) -> bytes:
    return "\n".join(json.dumps(message) for message in messages).encode()


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json", "text/plain", None])
async def test_lines_are_taken_under_any_content_type(
    client: httpx2.AsyncClient, kind: str | None
) -> None:
    answer = LINE | {"external_id": "a1", "role": "assistant", "text": "Hi!", "name": None}

    posted = await client.post(
        "/api/import",
        content=lines(LINE, answer, LINE, LINE | {"text": "Bye"}, "x"),
        headers={"Content-Type": kind} if kind else {},
    )

    assert posted.status_code == 200
    assert posted.json() == {
        "imported": 2,
        "skipped": 1,
        "failed": [
            {"line": 4, "error": "external_id: is known already, as turn 1, with another text."},
            {"line": 5, "error": "The line is not a JSON object."},
        ],
    }
    turn = (await client.get("/api/turns/1")).json()
    assert (turn["prompt"], turn["response"], turn["origin"]) == ("Hello", "Hi!", "import")
    assert (turn["created_at"], turn["timezone"]) == ("2020-05-01T10:00:00+00:00", "Europe/Vienna")


async def test_an_empty_body_is_an_import_of_nothing(client: httpx2.AsyncClient) -> None:
    posted = await client.post("/api/import", content=b"\n\n")

    assert posted.json() == {"imported": 0, "skipped": 0, "failed": []}


async def test_too_many_lines_are_refused_and_none_is_taken(client: httpx2.AsyncClient) -> None:
    messages = [LINE | {"external_id": f"m{n}"} for n in range(MAX_LINES + 1)]

    refused = await client.post("/api/import", content=lines(*messages))

    assert refused.status_code == 413
    assert refused.json()["code"] == "import_too_long"
    assert "1,000 messages" in refused.json()["error"]
    assert (await client.get("/history")).json()["turns"] == []
    taken = await client.post("/api/import", content=lines(*messages[1:]))
    assert taken.json()["imported"] == MAX_LINES


async def test_an_import_may_be_larger_than_other_requests(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "MAX_BODY_BYTES", 1024)
    monkeypatch.setattr(gate, "MAX_IMPORT_BYTES", 64 * 1024)
    long, longer = (lines(LINE | {"text": "x" * size}) for size in (60 * 1024, 70 * 1024))

    async def in_pieces() -> AsyncIterator[bytes]:
        for first in range(0, len(longer), 1024):
            yield longer[first : first + 1024]

    assert (await client.post("/api/import", content=long)).json()["imported"] == 1
    assert (await client.post("/chat", content=long)).status_code == 413
    for body in (longer, in_pieces()):
        refused = await client.post("/api/import", content=body)
        assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_a_body_that_breaks_off_leaves_nothing_and_lets_others_in(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BODY_SECONDS", 0.05)

    async def stalled() -> AsyncIterator[bytes]:
        yield lines(LINE) + b"\n"
        await asyncio.sleep(5)

    broken = await client.post("/api/import", content=stalled())

    assert (broken.status_code, broken.json()["code"]) == (400, "malformed_input")
    assert (await client.get("/history")).json()["turns"] == []
    assert (await client.post("/api/import", content=lines(LINE))).json()["imported"] == 1


async def test_no_page_is_told_of_an_import(vega: Vega, client: httpx2.AsyncClient) -> None:
    stream = sse.Stream(vega.app, "/api/events", {"Host": "localhost:8000", "X-API-Key": vega.key})
    await stream.opened()

    await client.post("/api/import", content=lines(LINE))
    await client.post("/chat", json={"prompt": "A live one"})

    told = (await stream.events(1))[0]
    assert (told.kind, told.data["prompt"]) == ("turn.accepted", "A live one")
    await stream.leave()


async def test_an_import_needs_the_key(vega: Vega) -> None:
    async with vega.client(key="") as stranger:
        refused = await stranger.post("/api/import", content=lines(LINE))

    assert refused.status_code == 401


async def test_nothing_waits_for_the_index(vega: Vega, client: httpx2.AsyncClient) -> None:
    await tell(vega.life.store, "Hello", "Hi!")

    assert (await client.get("/api/status")).json()["indexing"]["pending"] == 0
