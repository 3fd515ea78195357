"""The index of words with a real server: damaged on the disk, made anew, killed in the middle."""

import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.terminal import Terminal, run_command
from tests.vega_process import VegaProcess, wait_until
from vega.core.life.sqlite import connect

MESSAGES = 4_000
SECONDS = 60.0
PHRASES = [f'"heron number {number} stood"' for number in range(0, MESSAGES, 100)]
KILLS = 6


@pytest.fixture
def told(make_vega: MakeVega) -> VegaProcess:
    """A Vega with imported messages, that does not run."""
    vega = make_vega()
    vega.start()
    chance = random.Random(3)
    for start in range(0, MESSAGES, 500):
        lines = [
            {
                "external_id": f"m{number}",
                "role": "user" if number % 2 == 0 else "assistant",
                "text": f"A heron number {number} stood by word{chance.randrange(9_000)}",
                "at": f"2024-01-{1 + number // 1000:02d}T10:00:00Z",
            }
            for number in range(start, start + 500)
        ]
        body = "\n".join(map(json.dumps, lines)).encode()
        headers = {"X-API-Key": vega.key}
        answer = httpx2.post(f"{vega.url}/api/import", content=body, headers=headers, timeout=60)
        assert answer.json()["imported"] == 500
    vega.terminate()
    return vega


def spoil(home: Path, part: str, chance: random.Random) -> None:
    """A flipped bit in each page of that part of the index."""
    with closing(connect(home / "vega.db")) as connection:
        connection.wal_checkpoint(mode=3)
        query = "SELECT pageno FROM dbstat WHERE name = ?"
        pages = [page for (page,) in connection.execute(query, (f"message_index_{part}",))]
    data = bytearray((home / "vega.db").read_bytes())
    for page in pages:
        data[(page - 1) * 4096 + chance.randrange(4096)] ^= 1 << chance.randrange(8)
    (home / "vega.db").write_bytes(data)


def search(vega: VegaProcess, query: str) -> dict[str, Any]:
    answer = vega.request("GET", f"/api/search?q={query.replace(' ', '+')}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def found_by(vega: VegaProcess, queries: Sequence[str]) -> list[list[dict[str, Any]]]:
    """All that each search finds, in its order; in which tier that is by now does not count."""
    found = [search(vega, query)["items"] for query in queries]
    return [[{**item, "tier": None} for item in items] for items in found]


def words(vega: VegaProcess) -> dict[str, Any]:
    found: dict[str, Any] = vega.request("GET", "/api/index").json()["words"]
    return found


def is_ready(vega: VegaProcess) -> bool:
    return bool(words(vega)["state"] == "ready")


@pytest.mark.parametrize("part", ["data", "idx", "docsize", "config"])
def test_a_damaged_index_stops_neither_turns_nor_searches_and_is_made_anew(
    told: VegaProcess, part: str
) -> None:
    told.start()
    before = found_by(told, [*PHRASES, "heron word17"])
    told.terminate()
    spoil(told.home, part, random.Random(part))

    told.start()
    assert told.chat("Is there an ibis?").json()["response"]
    assert told.request("GET", "/api/search?q=heron").status_code == 200
    wait_until(lambda: "is damaged" in told.output, SECONDS)
    wait_until(lambda: is_ready(told), SECONDS)

    assert len(search(told, "ibis")["items"]) >= 1
    assert [[each["turn_id"] for each in found] for found in found_by(told, PHRASES)] == [
        [each["turn_id"] for each in found] for found in before[:-1]
    ]
    assert not [each for each in told.status()["attention"] if "index" in each]


def test_kill_9_during_a_rebuild_costs_nothing_and_the_ranking_is_the_same(
    told: VegaProcess,
) -> None:
    told.start()
    queries = [*PHRASES, "heron word17", "word20 word21", "number 7"]
    before = found_by(told, queries)
    assert all(before[: len(PHRASES)])
    chance = random.Random(9)
    cut = 0
    for _ in range(KILLS):
        told.request("POST", "/api/index/rebuild")
        time.sleep(chance.uniform(0, 0.1))
        assert found_by(told, PHRASES[3:4]) == before[3:4]
        told.kill()
        with closing(connect(told.home / "vega.db", read_only=True)) as connection:
            cut += bool(connection.execute("SELECT next_turn_id FROM index_rebuilds").get)
        told.start()
    assert cut > 0
    wait_until(lambda: is_ready(told), SECONDS)

    assert found_by(told, queries) == before
    told.terminate()
    with closing(connect(told.home / "vega.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        left = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'message_index_next%'"
        assert connection.execute(left).get == 0


def test_the_command_waits_until_it_is_done_and_shows_it(told: VegaProcess) -> None:
    told.start()

    done = run_command(told.home, "index", "rebuild")
    shown = run_command(told.home, "index")

    assert done.stdout == f"Words    all of {MESSAGES // 2:,} turns\nMeaning  off\n"
    assert (done.returncode, shown.stdout) == (0, done.stdout)


def test_ctrl_c_leaves_it_going_on(told: VegaProcess) -> None:
    # Somebody waits for an answer: each step lets that go first.
    told.settings["VEGA_MODEL_URL"] = "scripted:?words=400&delay_ms=50"
    told.start()
    with ThreadPoolExecutor() as pool:
        chat = pool.submit(told.chat, "Hello")
        wait_until(lambda: told.status()["queue"]["waiting"] > 0, SECONDS)
        with Terminal(told.home, "index", "rebuild") as terminal:
            terminal.wait_for("Words: made anew")
            terminal.press("C-c")
            code = terminal.wait()
            shown = terminal.text
        assert not is_ready(told)
        told.kill()
        chat.exception()
    told.settings["VEGA_MODEL_URL"] = "scripted:"
    told.start()
    wait_until(lambda: is_ready(told), SECONDS)

    assert code == 130
    assert "It goes on in the background" in shown
