"""What the disk, or somebody with SQL, does to a life; and what a verification then says."""

import asyncio
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.clocks import FakeClock
from tests.tiered_lives import tell_tiers
from vega.core.life import sqlite
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.core.verification import Report, Verification

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def make_whole(home: Path) -> Path:
    """A life in all tiers, in that folder."""

    async def live() -> None:
        store = await Store.open(home)
        await tell_tiers(store)
        await store.close()

    asyncio.run(live())
    return home


def damaged_in(report: Report) -> list[int]:
    """The turns that it names."""
    return list(report.verdict.damaged_turns)


def fresh(whole: Path, home: Path) -> Path:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(whole, home)
    return home


def verifier(store: Store) -> Verification:
    return Verification(store, LiveTurns(store), FakeClock())


async def verified(home: Path, damage: Callable[[], None] = lambda: None) -> Report:
    """What a whole run says of the life in that folder, after what happens to it meanwhile."""
    store = await Store.open(home)
    damage()
    try:
        found = verifier(store)
        assert await found.run(None)
        return await found.report()
    finally:
        await store.close()


def change(home: Path, *statements: str, values: Sequence[Any] = ()) -> None:
    """What somebody does to the life with SQL."""
    with closing(sqlite.connect(home / "vega.db")) as connection:
        for statement in statements:
            connection.execute(statement, values)


def select(home: Path, query: str) -> Any:
    with closing(sqlite.connect(home / "vega.db", read_only=True)) as connection:
        return connection.execute(query).get


def flip(home: Path, found: bytes, offset: int = 0) -> None:
    """Turns over a bit of the file itself, behind that text."""
    data = bytearray((home / "vega.db").read_bytes())
    data[data.index(found) + offset] ^= 1
    (home / "vega.db").write_bytes(data)


def rewrite_block(home: Path, turn_id: int, edit: Callable[[dict[str, Any]], None]) -> None:
    """Another turn in its block, with every checksum right."""
    with closing(sqlite.connect(home / "vega.db")) as connection:
        query = "SELECT b.id, b.data FROM archive_blocks b JOIN turns t ON t.block_id = b.id"
        block_id, data = next(connection.execute(f"{query} WHERE t.id = ?", (turn_id,)))
        turns = [json.loads(line) for line in zstd.decompress(data).splitlines()[1:]]
        edit(next(each for each in turns if each["id"] == turn_id))
        lines = [json.dumps(each, ensure_ascii=False).encode() for each in turns]
        places, offset = [], 0
        for turn, line in zip(turns, lines, strict=True):
            places.append([turn["id"], offset, len(line)])
            offset += len(line) + 1
        packed = zstd.compress(b"\n".join([json.dumps(places).encode(), *lines, b""]))
        connection.execute(
            "UPDATE archive_blocks SET data = ?, checksum = ? WHERE id = ?",
            (packed, hashlib.sha256(packed).digest(), block_id),
        )
