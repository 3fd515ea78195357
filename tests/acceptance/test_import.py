"""A long past comes in: in bounded memory, past a kill -9, while Vega answers; and is found."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx2
import psutil

from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import read_life
from tests.vega_process import VegaProcess, wait_until
from vega.core.importing import MAX_LINES

MESSAGES = 3_000
MEGABYTE = 1024 * 1024
#: Of about 15 MB of text.
MOST_GROWTH_BYTES = 60 * MEGABYTE
KILLS = 6


def message(number: int, words: int = 120) -> dict[str, object]:
    return {
        "external_id": f"m{number}",
        "role": "assistant" if number % 2 else "user",
        "name": None,
        "text": f"Message {number} of the past: " + f"walrus{number} " * words,
        "at": f"20{10 + number % 10}-05-01T10:{number % 60:02}:00+02:00",
    }


def requests(messages: Sequence[dict[str, object]]) -> Iterator[bytes]:
    for first in range(0, len(messages), MAX_LINES):
        yield "\n".join(json.dumps(one) for one in messages[first : first + MAX_LINES]).encode()


def post(vega: VegaProcess, body: bytes) -> dict[str, Any]:
    answer = httpx2.post(
        f"{vega.url}/api/import",
        content=body,
        headers={"X-API-Key": vega.key},
        timeout=120,
        trust_env=False,
    )
    report: dict[str, Any] = answer.raise_for_status().json()
    return report


def search(vega: VegaProcess, query: str) -> list[dict[str, Any]]:
    answer = vega.request("GET", f"/api/search?{httpx2.QueryParams({'q': query})}")
    items: list[dict[str, Any]] = answer.raise_for_status().json()["items"]
    return items


def test_a_long_past_comes_in_while_vega_answers(vega: VegaProcess) -> None:
    vega.chat("Hello")
    process = psutil.Process(vega.pid)
    before = process.memory_info().rss
    bodies = list(requests([message(number, 300) for number in range(MESSAGES)]))
    reports: list[dict[str, Any]] = []
    importing = threading.Thread(target=lambda: reports.extend(post(vega, b) for b in bodies))

    importing.start()
    answers = []
    while importing.is_alive():
        answers.append(vega.chat("Are you there?").status_code)
        time.sleep(0.05)
    importing.join()

    assert reports == [{"imported": MAX_LINES, "skipped": 0, "failed": []}] * len(bodies)
    assert len(answers) > 1
    assert set(answers) == {200}
    assert process.memory_info().rss - before < MOST_GROWTH_BYTES
    for number in (0, 1, MESSAGES // 2 + 1, MESSAGES - 1):
        (item, *_) = search(vega, f'"Message {number} of the past:"')
        assert item["external_id"] == f"m{number}"
        turn = vega.turn(item["turn_id"])
        assert message(number, 300)["text"] in (turn["prompt"], turn["response"])


def test_an_import_that_is_killed_is_repeated_until_all_of_it_is_there_once(
    make_vega: MakeVega,
) -> None:
    vega = make_vega()
    (body,) = requests([message(number) for number in range(MAX_LINES)])
    vega.start()
    killed_within = 0

    for round_number in range(KILLS):
        threading.Thread(target=_post_until_killed, args=(vega, body), daemon=True).start()
        goal = (round_number + 1) * MAX_LINES // (2 * (KILLS + 2))
        wait_until(lambda goal=goal: _turn_count(vega) >= goal, 30)  # type: ignore[misc]
        vega.kill()
        vega.start()
        killed_within += 0 < _turn_count(vega) < MAX_LINES // 2
    report = post(vega, body)
    again = post(vega, body)

    assert killed_within > 0
    assert report["failed"] == []
    assert report["imported"] + report["skipped"] == MAX_LINES
    assert report["skipped"] > 0
    assert again == {"imported": 0, "skipped": MAX_LINES, "failed": []}
    assert _turn_count(vega) == MAX_LINES // 2
    vega.terminate()
    with read_life(vega.home) as life:
        pairs = life.execute(
            "SELECT count(*), count(DISTINCT turn_id), count(DISTINCT external_id) FROM imports"
        ).fetchone()
        assert pairs == (MAX_LINES, MAX_LINES // 2, MAX_LINES)


def _post_until_killed(vega: VegaProcess, body: bytes) -> None:
    try:
        post(vega, body)
    except httpx2.TransportError:
        return


def _turn_count(vega: VegaProcess) -> int:
    return sum(tier["turns"] for tier in vega.status()["tiers"].values())
