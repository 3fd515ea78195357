"""Whatever is sent to `POST /api/import` breaks nothing, and what is good in it is taken."""

import gzip
import json
import random
from datetime import timedelta

import httpx2
import pytest

from tests.clocks import SOME_MOMENT
from tests.integration.api.conftest import Vega

LINE = {"external_id": "u1", "role": "user", "text": "A mole", "at": "2020-05-01T12:00:00"}


def line(**fields: object) -> bytes:
    return json.dumps(LINE | fields).encode()


async def test_broken_lines_are_named_and_the_others_are_taken(client: httpx2.AsyncClient) -> None:
    body = b"\n".join(
        [line(), line(external_id="u2")[:-5], b"\xff\xfe", b"[]", b"null", line(external_id="u3")]
    )

    report = (await client.post("/api/import", content=body)).json()

    assert report["imported"] == 2
    assert [each["line"] for each in report["failed"]] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2020-05-01T12:00:00", "2020-05-01T10:00:00+00:00"),
        ("2020-05-01", "2020-04-30T22:00:00+00:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+00:00"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59+00:00"),
        # Between 2 and 3 o'clock of the day on which clocks were changed.
        ("2020-03-29T02:30:00", "2020-03-29T01:30:00+00:00"),
    ],
)
async def test_a_time_without_a_zone_or_long_ago_is_kept_and_searched_by(
    client: httpx2.AsyncClient, at: str, shown: str
) -> None:
    report = (await client.post("/api/import", content=line(at=at))).json()
    turn = (await client.get("/api/turns/1")).json()
    found = (await client.get("/api/search", params={"q": "mole", "before": shown})).json()
    later = (await client.get("/api/search?q=mole&before=2021-01-01")).json()

    assert report == {"imported": 1, "skipped": 0, "failed": []}
    assert turn["created_at"] == shown
    assert found["items"] == []
    assert [item["at"] for item in later["items"]] == [shown]


async def test_what_is_still_to_come_is_refused(client: httpx2.AsyncClient) -> None:
    at = (SOME_MOMENT + timedelta(days=3)).isoformat()

    report = (await client.post("/api/import", content=line(at=at))).json()

    assert (report["imported"], len(report["failed"])) == (0, 1)
    assert "still to come" in report["failed"][0]["error"]


async def test_one_external_id_with_two_texts_keeps_the_first(client: httpx2.AsyncClient) -> None:
    body = b"\n".join([line(), line(text="A vole"), line()])

    report = (await client.post("/api/import", content=body)).json()

    assert (report["imported"], report["skipped"]) == (1, 1)
    assert report["failed"] == [
        {"line": 2, "error": "external_id: is known already, as turn 1, with another text."}
    ]
    assert (await client.get("/api/search?q=vole")).json()["items"] == []


@pytest.mark.parametrize("filler", [b"\n", line() + b"\n"])
async def test_a_body_of_a_million_lines_is_refused_or_empty(
    client: httpx2.AsyncClient, filler: bytes
) -> None:
    answer = await client.post("/api/import", content=filler * 1_000_000)

    is_empty = filler == b"\n"
    assert answer.status_code == (200 if is_empty else 413)
    assert (await client.get("/history")).json()["turns"] == []


async def test_a_message_of_a_million_lines_is_taken_and_found(client: httpx2.AsyncClient) -> None:
    text = "\n" * 1_000_000 + "mole"

    report = (await client.post("/api/import", content=line(text=text))).json()

    assert report["imported"] == 1
    (item,) = (await client.get("/api/search?q=mole")).json()["items"]
    assert len(item["text"]) == len(text)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
@pytest.mark.parametrize("part", [1.0, 0.5])
async def test_a_compressed_body_is_refused_whole_or_truncated(
    client: httpx2.AsyncClient, encoding: str, part: float
) -> None:
    packed = gzip.compress(line() * 50)

    refused = await client.post(
        "/api/import",
        content=packed[: int(len(packed) * part)],
        headers={"Content-Encoding": encoding},
    )

    assert (refused.status_code, refused.json()["code"]) == (400, "malformed_input")
    assert refused.json()["error"].startswith("Content-Encoding: ")


async def test_bytes_that_are_no_text_are_named_by_line(vega: Vega) -> None:
    async with vega.client() as client:
        for body in (gzip.compress(line())[:-7], random.Random(1).randbytes(5_000)):
            answer = await client.post("/api/import", content=body)

            assert answer.status_code == 200
            assert answer.json()["imported"] == 0
            assert answer.json()["failed"]
