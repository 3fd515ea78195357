"""`POST /chat`: a prompt in, its answer out."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from tests.integration.api import sse
from tests.integration.api.conftest import Vega, running
from tests.lives import set_room, until
from tests.models import SteppedModel, TroubledModel
from vega.core import assistant
from vega.errors import AnswerBroken
from vega.llm.scripted import ScriptedModel, scripted_answer

LIMIT_BYTES = 1024 * 1024


async def stored(vega: Vega) -> int:
    return len(await vega.life.store.history(100))


@pytest.mark.parametrize("path", ["/chat", "/api/chat"])
async def test_a_prompt_gets_its_answer(vega: Vega, client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.post(path, json={"prompt": "Hello"})

    assert answer.status_code == 200
    assert answer.json() == {
        "response": scripted_answer("Hello", 12),
        "session_id": vega.life.store.session_id,
        "turn_id": 1,
        "status": "completed",
        "note": None,
        "sources": [],
    }


async def test_the_founding_documents_first_test(client: httpx2.AsyncClient) -> None:
    told = await client.post("/chat", json={"prompt": "My favorite color is purple"})
    asked = await client.post("/chat", json={"prompt": "What is my favorite color?"})

    assert "I'll remember that your favorite color is purple." in told.json()["response"]
    assert asked.json()["response"].startswith("Your favorite color is purple")
    assert asked.json()["sources"] == [
        {"turn_id": 1, "at": "2026-11-22T09:00:00+00:00", "timezone": "Europe/Vienna"}
    ]


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "", "nonsense"],
)
async def test_json_is_read_whatever_it_is_called(
    client: httpx2.AsyncClient, content_type: str
) -> None:
    answer = await client.post(
        "/chat", content=b'{"prompt": "Hello"}', headers={"Content-Type": content_type}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("prompt", ["", " ", "\n\t  \u2003", "\u200b"[:0]])
async def test_an_empty_prompt_is_refused(
    vega: Vega, client: httpx2.AsyncClient, prompt: str
) -> None:
    answer = await client.post("/chat", json={"prompt": prompt})

    assert answer.status_code == 422
    assert "prompt: is empty" in answer.json()["error"]
    assert await stored(vega) == 0


BAD_BODIES = [
    (b"", 400, "not JSON"),
    (b"hello", 400, "not JSON"),
    (b"{", 400, "not JSON"),
    (b"{'prompt': 'x'}", 400, "not JSON"),
    (b'\xef\xbb\xbf{"prompt": "x"}', 400, "not JSON"),
    (b"[" * 100_000, 400, "not JSON"),
    (b'{"prompt": ' + b"1" * 5_000 + b"}", 400, "."),
    (b'{"prompt": "\xff\xfe"}', 400, "not UTF-8"),
    (b'{"prompt": "\xed\xa0\x80"}', 400, "not UTF-8"),
    (b'{"prompt": "\\ud800"}', 422, "prompt"),
    (b'{"prompt": "a\\udfffb"}', 422, "prompt"),
    (b'{"prompt": "nul\\u0000"}', 422, "NUL"),
    (b'{"prompt": "x", "session_id": "\\ud800"}', 409, "one conversation"),
    (b'{"prompt": "x", "timezone": "\\ud800"}', 422, "timezone"),
    (b'{"prompt": "x", "device": "\\ud800"}', 422, "device"),
    (b'{"prompt": "x", "\\ud800": 1}', 422, "unicode"),
    (b'{"prompt": "x", "model": "gpt"}', 422, "model: is not known; the fields are prompt"),
    (b"{}", 422, "prompt"),
    (b"[]", 422, "object"),
    (b"null", 422, "object"),
    (b'"prompt"', 422, "object"),
    (b"5", 422, "object"),
    (b'{"prompt": null}', 422, "prompt"),
    (b'{"prompt": 5}', 422, "prompt"),
    (b'{"prompt": ["x"]}', 422, "prompt"),
    (b'{"prompt": {"x": 1}}', 422, "prompt"),
    (b'{"prompt": "x", "stream": "yes"}', 422, "stream"),
    (b'{"prompt": "x", "stream": 1}', 422, "stream"),
    (b'{"prompt": "x", "session_id": 5}', 422, "session_id"),
    (b'{"prompt": "x", "origin": "import"}', 422, "origin"),
    (b'{"prompt": "x", "timezone": "Middle/Earth"}', 422, "IANA"),
    (b'{"prompt": "x", "timezone": ""}', 422, "IANA"),
    (b'{"prompt": "x", "timezone": "../../etc/passwd"}', 422, "IANA"),
    (b'{"prompt": "x", "device": ""}', 422, "device"),
    (b'{"prompt": "x", "device": "' + b"d" * 101 + b'"}', 422, "device"),
]


@pytest.mark.parametrize(("body", "status", "words"), BAD_BODIES, ids=range(len(BAD_BODIES)))
async def test_a_bad_body_is_refused_in_plain_words_and_nothing_is_stored(
    vega: Vega, client: httpx2.AsyncClient, body: bytes, status: int, words: str
) -> None:
    answer = await client.post("/chat", content=body)

    assert answer.status_code == status, answer.text[:500]
    assert words in answer.json()["error"]
    assert "Traceback" not in answer.text
    assert len(answer.text) < 2_000
    assert await stored(vega) == 0


async def test_a_long_unknown_field_is_not_sent_back_at_length(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/chat", json={"prompt": "x", "y" * 1_000_000: 1})

    assert answer.status_code == 422
    assert len(answer.text) < 2_000


async def test_a_body_of_ten_megabytes_is_refused_with_the_limit(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    answer = await client.post("/chat", json={"prompt": "x" * 10_000_000})

    assert answer.status_code == 413
    assert "4 MB" in answer.json()["error"]
    assert await stored(vega) == 0


async def test_a_body_without_a_declared_length_is_refused_when_it_grows_too_large(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"prompt": "'
        for _ in range(100):
            yield b"x" * 100_000

    answer = await client.post("/chat", content=chunks())

    assert answer.status_code == 413
    assert "4 MB" in answer.json()["error"]
    assert await stored(vega) == 0


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
async def test_a_prompt_just_over_the_limit_is_refused_with_the_limit(
    vega: Vega, client: httpx2.AsyncClient, letter: str
) -> None:
    count = LIMIT_BYTES // len(letter.encode()) + 1
    body = json.dumps({"prompt": letter * count}, ensure_ascii=False).encode()

    answer = await client.post("/chat", content=body)

    assert answer.status_code == 413
    assert "1,048,576 bytes" in answer.json()["error"]
    assert await stored(vega) == 0


async def test_a_prompt_at_the_limit_is_kept_whole(vega: Vega, client: httpx2.AsyncClient) -> None:
    answer = await client.post("/chat", json={"prompt": "x" * LIMIT_BYTES})

    assert answer.status_code == 200
    assert len((await vega.life.store.turn(1)).prompt) == LIMIT_BYTES


@pytest.mark.parametrize(
    "prompt", ["Grüße 😀 漢字", "a\u2028b\u2029c", "\x01\x1f\x7f", "tab\tnew\nline"]
)
async def test_a_prompt_is_kept_as_it_was_said(
    vega: Vega, client: httpx2.AsyncClient, prompt: str
) -> None:
    await client.post("/chat", json={"prompt": prompt})

    shown = await client.get("/api/turns/1")

    assert shown.json()["prompt"] == prompt


async def test_another_session_is_a_conflict(vega: Vega, client: httpx2.AsyncClient) -> None:
    session_id = vega.life.store.session_id

    other = await client.post("/chat", json={"prompt": "x", "session_id": "persistent-00000000"})
    empty = await client.post("/chat", json={"prompt": "x", "session_id": ""})
    same = await client.post("/chat", json={"prompt": "x", "session_id": session_id})
    null = await client.post("/chat", json={"prompt": "x", "session_id": None})

    assert (other.status_code, other.json()["code"]) == (409, "session_conflict")
    assert "one conversation" in other.json()["error"]
    assert empty.status_code == 409
    assert (same.status_code, null.status_code) == (200, 200)


async def test_a_key_sent_again_is_the_same_turn(vega: Vega, client: httpx2.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k"}

    first = await client.post("/chat", json={"prompt": "Hello"}, headers=headers)
    second = await client.post("/chat", json={"prompt": "Hello"}, headers=headers)
    other = await client.post("/chat", json={"prompt": "Bye"}, headers=headers)

    assert first.json() == second.json()
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert await stored(vega) == 1


@pytest.mark.parametrize("key", ["", "k" * 201])
async def test_a_bad_idempotency_key_is_refused(
    vega: Vega, client: httpx2.AsyncClient, key: str
) -> None:
    answer = await client.post("/chat", json={"prompt": "Hello"}, headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert "1 to 200" in answer.json()["error"]
    assert await stored(vega) == 0


async def test_origin_device_and_zone_are_recorded(client: httpx2.AsyncClient) -> None:
    body = {"prompt": "x", "origin": "page", "device": "phone", "timezone": "Asia/Tokyo"}
    await client.post("/chat", json=body)

    turn = (await client.get("/api/turns/1")).json()

    assert (turn["origin"], turn["device"], turn["timezone"]) == ("page", "phone", "Asia/Tokyo")


@pytest.mark.parametrize("is_by_header", [False, True])
async def test_an_answer_is_streamed_as_events(
    vega: Vega, client: httpx2.AsyncClient, is_by_header: bool
) -> None:
    headers = {"Accept": "text/event-stream"} if is_by_header else {}
    body = {"prompt": "Hello\nyou"} | ({} if is_by_header else {"stream": True})

    answer = await client.post("/chat", json=body, headers=headers)
    events = sse.parse(answer.text)

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert events[0].kind == "turn.accepted"
    assert events[0].data["turn_id"] == 1
    assert events[0].data["session_id"] == vega.life.store.session_id
    assert {event.kind for event in events[1:-1]} == {"turn.delta"}
    whole = scripted_answer("Hello\nyou", 12)
    assert "".join(event.data["text"] for event in events[1:-1]) == whole
    assert events[-1].kind == "turn.completed"
    assert events[-1].data["response"] == whole
    assert all(event.id for event in events)
    assert len({event.id for event in events}) == len(events)


async def test_a_full_queue_says_when_to_come_again(tmp_path: Path) -> None:
    model = SteppedModel()
    async with running(tmp_path, model, VEGA_QUEUE_LIMIT="1") as vega, vega.client() as client:
        first = asyncio.create_task(client.post("/chat", json={"prompt": "one"}))
        await until(lambda: vega.life.assistant.queue_length == 1)

        refused = await client.post("/chat", json={"prompt": "two"})
        model.go_on()

        assert (refused.status_code, refused.json()["code"]) == (429, "queue_full")
        assert int(refused.headers["retry-after"]) > 0
        assert (await first).status_code == 200
        assert await stored(vega) == 1


async def test_who_waits_while_vega_ends_is_told_to_ask_again_at_once(tmp_path: Path) -> None:
    async with running(tmp_path, ScriptedModel(is_away=True)) as vega, vega.client() as client:
        waiting = asyncio.create_task(client.post("/chat", json={"prompt": "Hello there"}))
        await until(lambda: vega.life.live_turns.find(1) is not None)

        vega.life.live_turns.close()

        answer = await waiting
        assert (answer.status_code, answer.json()["turn_id"]) == (503, 1)
        assert answer.headers["retry-after"] == "1"


async def test_without_a_model_the_prompt_is_kept_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "PATIENCE_SECONDS", 0.01)
    async with running(tmp_path, ScriptedModel(is_away=True)) as vega, vega.client() as client:
        answer = await client.post("/chat", json={"prompt": "Hello there"})

        assert (answer.status_code, answer.json()["code"]) == (503, "answer_delayed")
        assert answer.json()["turn_id"] == 1
        assert "/api/turns/1" in answer.json()["error"]
        assert "retry-after" in answer.headers
        assert (await client.get("/api/turns/1")).json()["status"] == "pending"
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["model_reachable"]) == (200, False)
        status = await client.get("/api/status")
        assert status.json()["model"] == {
            "reachable": False,
            "reason": "The scripted model is away.",
            "offer": None,
        }


async def test_a_failed_answer_is_a_bad_gateway_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant, "ATTEMPT_PAUSE_SECONDS", 0.01)
    model = TroubledModel([(0, AnswerBroken("It tore."))] * 6)
    async with running(tmp_path, model) as vega, vega.client() as client:
        answer = await client.post("/chat", json={"prompt": "Hello"})
        streamed = await client.post("/chat", json={"prompt": "Hello", "stream": True})

        assert (answer.status_code, answer.json()["code"]) == (502, "answer_failed")
        assert answer.json()["error"].startswith("It tore.")
        last = sse.parse(streamed.text)[-1]
        assert last.kind == "turn.failed"
        assert last.data["error"].startswith("It tore.")


async def test_a_full_disk_stores_nothing_and_says_so(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await set_room(vega.life.store, 0)

    answer = await client.post("/chat", json={"prompt": "x" * 50_000})
    ready = await client.get("/readyz")
    await set_room(vega.life.store, None)

    assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
    assert "nothing was stored" in answer.json()["error"]
    assert "retry-after" in answer.headers
    assert ready.status_code in (200, 503)
    assert await stored(vega) == 0
    assert (await client.post("/chat", json={"prompt": "x" * 50_000})).status_code == 200
