"""A real life, made by talking to a real Vega, and what it holds: for drills that damage it.

It has turns in all tiers, facts, digests, a backup, and since then more turns, turns and facts that
were forgotten, and an end that stands in the write-ahead log alone, since Vega was killed.
"""

import asyncio
import atexit
import json
import random
import shutil
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import httpx2

from tests.vega_process import VegaProcess, wait_until
from vega.core.life import sqlite
from vega.core.life.archive import ArchivedTurn
from vega.core.store import Store

LINES_AT_A_TIME = 500
SETTLE_SECONDS = 120.0
WAL = "vega.db-wal"
#: Tables in which a verification notes that it was one, and the index's own, whose rows are pieces.
_NO_CONTENT = ("verifications", "flaws", "sqlite_", "message_index", "dropped_index")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is said."""

    imported: int
    said_before: int
    said_after: int


SIZES = {"ci": Sizes(300, 16, 12), "release": Sizes(3000, 80, 60)}


@dataclass(frozen=True, slots=True)
class RealLife:
    """A home folder that nobody uses any more, and what must be in it."""

    home: Path
    backup: Path
    #: Every turn, as it was stored; of those that were forgotten, what is left.
    turns: dict[int, ArchivedTurn]
    forgotten: frozenset[int]
    #: Words of what was forgotten.
    secrets: tuple[str, ...]
    content: dict[str, list[tuple[object, ...]]]

    def copy(self, to: Path) -> Path:
        """The life, to be damaged."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.home, to, ignore=shutil.ignore_patterns("vega.sock", "vega.ballast"))
        return to


@cache
def made(size: str) -> RealLife:
    """One for all drills of this run; its folder goes with the process."""
    folder = tempfile.mkdtemp(prefix="vega-life-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make(Path(folder), size)


def make(folder: Path, size: str) -> RealLife:
    """Takes some seconds, or half a minute for the release."""
    sizes = SIZES[size]
    home = folder / "home"
    settings = {
        "VEGA_MAX_CONTEXT_ENTRIES": "20",
        "VEGA_COMPRESSION_TRIGGER": "10",
        "VEGA_CHECK_INTERVAL_SECONDS": "1",
        "VEGA_TIMEZONE": "Europe/Vienna",
    }
    chance = random.Random(6)
    with VegaProcess(home, settings=settings) as vega:
        vega.start()
        _import(vega, sizes.imported, chance)
        for number in range(sizes.said_before):
            vega.chat(_prompt(number, chance)).raise_for_status()
        vega.wait_until_idle()
        vega.terminate()
        asyncio.run(_miss_a_night(home))
        vega.start()
        name = _settle(vega)
        secrets = ("Xq7vzkt4", "Wb3nqpl8")
        late = _say(vega, f"Remember that the {secrets[0]} is under the stone.")
        early = _first_imported(vega)
        forgotten = (late, early)
        for turn_id in forgotten:
            _forget(vega, turn_id)
        for number in range(sizes.said_after):
            vega.chat(_prompt(1000 + number, chance)).raise_for_status()
        vega.request("POST", f"/api/turns/{late + 3}/again").raise_for_status()
        vega.wait_until_idle()
        # What stands in the log is more than what was said last: it is folded in when it is idle.
        time.sleep(sqlite.IDLE_SECONDS_BEFORE_CHECKPOINT + 1)
        for number in range(sizes.said_after):
            vega.chat(_prompt(2000 + number, chance)).raise_for_status()
        vega.kill()
    truth = folder / "truth"
    shutil.copytree(home, truth, ignore=shutil.ignore_patterns("vega.sock", "vega.ballast"))
    turns = read_turns(truth)
    return RealLife(
        home,
        home / "backups" / name,
        turns,
        frozenset(forgotten),
        (secrets[0], "Old prompt 0 "),
        read_content(truth),
    )


def read_turns(home: Path) -> dict[int, ArchivedTurn]:
    """Every turn of a life, as Vega has it."""

    async def read() -> dict[int, ArchivedTurn]:
        store = await Store.open(home)
        try:
            last = await store.embedding.last_message_id() // 2
            found = await store.archive.originals(range(1, last + 1))
            return {turn.id: turn for turn in found}
        finally:
            await store.close()

    return asyncio.run(read())


def read_content(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table. Raises where one cannot be read."""
    found = {}
    connection = sqlite.connect(home / "vega.db", read_only=True)
    with closing(connection), sqlite.translated_errors():
        query = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        names = [row[0] for row in connection.execute(query)]
        for name in names:
            if not name.startswith(_NO_CONTENT):
                found[name] = list(connection.execute(f'SELECT * FROM "{name}"'))
    return found


def _import(vega: VegaProcess, count: int, chance: random.Random) -> None:
    begun = datetime.now(UTC) - timedelta(days=90)
    lines = []
    for number in range(count):
        prompt = f"Old prompt {number} " + _text(chance, 12)
        for place, (role, text) in enumerate((("user", prompt), ("assistant", _text(chance, 60)))):
            at = (begun + timedelta(minutes=30 * number, seconds=place)).isoformat()
            message = {"external_id": f"{number} {role}", "role": role, "text": text, "at": at}
            lines.append(json.dumps(message))
    for start in range(0, len(lines), LINES_AT_A_TIME):
        response = httpx2.post(
            f"{vega.url}/api/import",
            content="\n".join(lines[start : start + LINES_AT_A_TIME]).encode(),
            headers={"X-API-Key": vega.key},
            trust_env=False,
            timeout=60,
        )
        response.raise_for_status()


async def _miss_a_night(home: Path) -> None:
    """So that the next start makes up for it: old turns go to the archive, and a backup is made."""
    store = await Store.open(home)
    await store.upkeep.set_night(0)
    await store.close()


def _settle(vega: VegaProcess) -> str:
    """The backup that the night has made; it is over when the life is verified."""

    def is_over() -> bool:
        shown = vega.status()
        return bool(shown["backups"]["count"] and shown["verification"]["completed_at"])

    wait_until(is_over, SETTLE_SECONDS, poll_seconds=0.2)
    shown = vega.status()
    assert shown["tiers"]["archived"]["turns"]
    return str(shown["backups"]["last"]["name"])


def _prompt(number: int, chance: random.Random) -> str:
    kinds = (
        f"My favorite city number {number} is Graz. {_text(chance, 20)}",
        f"I like the number {number}.",
        f"Tell me about {_text(chance, 40)}",
        # It goes on on pages of its own.
        f"A long story, part {number}: {_text(chance, 1200)}",
    )
    return kinds[number % len(kinds)]


def _say(vega: VegaProcess, prompt: str) -> int:
    found = vega.chat(prompt).raise_for_status().json()
    return int(found["turn_id"])


def _first_imported(vega: VegaProcess) -> int:
    return int(vega.history()[0]["id"])


def _forget(vega: VegaProcess, turn_id: int) -> None:
    body: dict[str, object] = {"turn_id": turn_id}
    shown = vega.request("POST", "/api/forget", body).raise_for_status().json()
    body["confirm"] = shown["confirm"]
    vega.request("POST", "/api/forget", body).raise_for_status()


def _text(chance: random.Random, words: int) -> str:
    return " ".join("".join(chance.choices("abcdefghijklmnoprstuvwz", k=6)) for _ in range(words))
