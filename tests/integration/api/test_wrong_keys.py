"""Wrong keys and codes through the whole application: slowed down, told, and never the owner."""

import logging

import httpx2
import pytest

from tests.integration.api.conftest import Vega
from vega.api.attempts import FREE_TRIES

OUTSIDE = ("192.168.1.9", 4321)
PROXY = ("127.0.0.1", 4321)
THROUGH = {"X-Forwarded-For": "203.0.113.5"}


async def try_wrong(
    vega: Vega, count: int, peer: tuple[str, int] = OUTSIDE, **headers: str
) -> httpx2.Response:
    """The last answer of so many."""
    async with vega.client(key="", peer=peer) as client:
        for number in range(count):
            sent = {"X-API-Key": f"wrong-{number}", **headers}
            answer = await client.get("/history", headers=sent)
    return answer


async def test_who_brings_too_many_wrong_keys_is_told_how_long_to_wait(vega: Vega) -> None:
    before = await try_wrong(vega, FREE_TRIES)
    after = await try_wrong(vega, 1)
    vega.life.clock.advance(seconds=1)
    later = await try_wrong(vega, 1)

    assert (before.status_code, before.json()["code"]) == (401, "key_wrong")
    assert (after.status_code, after.json()["code"]) == (429, "too_many_tries")
    assert [after.headers["retry-after"], later.headers["retry-after"]] == ["1", "2"]


async def test_a_right_key_passes_from_the_same_address_whoever_else_comes_from_it(
    vega: Vega,
) -> None:
    """As behind a proxy, from which all come."""
    for number in range(40):
        refused = await try_wrong(vega, 1, PROXY, **THROUGH)
        async with vega.client(peer=PROXY) as owner:
            let_in = await owner.get("/history", headers=THROUGH)

        assert refused.status_code == (401 if number < FREE_TRIES else 429)
        assert let_in.status_code == 200


async def test_a_paired_browser_and_the_unix_socket_pass_too(vega: Vega) -> None:
    async with vega.client() as owner:
        code = (await owner.post("/api/pairing")).json()["code"]
    async with vega.client(key="", peer=OUTSIDE) as browser:
        await browser.post("/api/devices", json={"code": code, "name": "x"})
        await try_wrong(vega, 40)

        assert (await browser.get("/history")).status_code == 200


async def test_who_has_no_key_at_all_is_not_counted(vega: Vega) -> None:
    """An unpaired page that asks again and again is no attack."""
    async with vega.client(key="", peer=OUTSIDE) as page:
        answers = [await page.get("/history") for _ in range(50)]

    assert {answer.status_code for answer in answers} == {401}
    assert (await try_wrong(vega, 1)).status_code == 401


async def test_codes_are_guessed_no_faster_than_keys_and_a_right_one_passes(vega: Vega) -> None:
    async with vega.client() as owner:
        code = (await owner.post("/api/pairing")).json()["code"]
    async with vega.client(key="", peer=OUTSIDE) as browser:
        wrong = [
            await browser.post("/api/devices", json={"code": f"wrong-{number}", "name": "x"})
            for number in range(FREE_TRIES + 3)
        ]
        right = await browser.post("/api/devices", json={"code": code, "name": "x"})

    assert [answer.status_code for answer in wrong] == [404] * (FREE_TRIES + 1) + [429] * 2
    assert wrong[-1].json()["code"] == "too_many_tries"
    assert "retry-after" in wrong[-1].headers
    assert right.status_code == 201


async def test_used_and_old_codes_are_no_guesses(vega: Vega) -> None:
    async with vega.client() as owner, vega.client(key="", peer=OUTSIDE) as browser:
        code = (await owner.post("/api/pairing")).json()["code"]
        body = {"code": code, "name": "x"}
        await browser.post("/api/devices", json=body)
        browser.cookies.clear()
        answers = [await browser.post("/api/devices", json=body) for _ in range(30)]

    assert {answer.status_code for answer in answers} == {410}


async def test_the_owner_reads_of_many_in_the_status_and_monitors_count_them(
    vega: Vega, client: httpx2.AsyncClient
) -> None:
    await try_wrong(vega, 99)
    before = (await client.get("/api/status")).json()["attention"]
    await try_wrong(vega, 1)
    (told,) = (await client.get("/api/status")).json()["attention"]
    figures = (await client.get("/metrics/prometheus")).text

    assert before == []
    assert told.startswith("100 wrong keys came since yesterday, all of them from 192.168.1.9.")
    assert 'vega_wrong_tries_total{kind="key"} 100.0' in figures
    assert 'vega_refused_requests_total{reason="key_wrong"} 10.0' in figures
    assert 'vega_refused_requests_total{reason="too_many_tries"} 90.0' in figures


async def test_the_log_tells_it_once_and_nothing_of_the_keys(
    vega: Vega, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await try_wrong(vega, 50)

    told = [each.getMessage() for each in caplog.records if each.name.startswith("vega")]
    assert told == ["A wrong key came from 192.168.1.9."]
    assert "wrong-" not in caplog.text
