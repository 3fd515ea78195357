"""One bit that the disk turns over is seen, and never becomes wrong data."""

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lives import tell
from vega.core.life.sqlite import Connection
from vega.core.memory import Statement
from vega.core.store import Store
from vega.errors import DatabaseDamaged, DatabaseError

PAGE = 4096
TURNS = 30


async def live(home: Path) -> None:
    store = await Store.open(home)
    for number in range(TURNS):
        facts = (Statement(f"favorite {number}", "x" * 50),)
        await tell(store, f"prompt {number} " * 20, f"answer {number} " * 20, facts=facts)
    await store.close()


async def read_all(home: Path) -> list[list[object]]:
    """Every row of every table, in the order of the tables."""

    def dump(connection: Connection) -> list[list[object]]:
        tables = [
            row[0]
            for row in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            )
        ]
        return [list(connection.execute(f'SELECT * FROM "{table}"')) for table in tables]

    store = await Store.open(home)
    try:
        return await store._db.read(dump)
    finally:
        await store.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole")
    asyncio.run(live(home))
    return home


def copy_with_a_flipped_bit(whole: Path, home: Path, position: int, bit: int) -> None:
    shutil.rmtree(home, ignore_errors=True)
    shutil.copytree(whole, home)
    data = bytearray((home / "vega.db").read_bytes())
    data[position % len(data)] ^= 1 << bit
    (home / "vega.db").write_bytes(data)


@settings(max_examples=120)
@given(position=st.integers(0, 2**20), bit=st.integers(0, 7))
def test_a_flipped_bit_is_never_wrong_data(
    whole: Path, tmp_path: Path, position: int, bit: int
) -> None:
    copy_with_a_flipped_bit(whole, tmp_path / "copy", position, bit)

    try:
        found = asyncio.run(read_all(tmp_path / "copy"))
    except DatabaseError:
        return

    assert found == asyncio.run(read_all(whole))


@pytest.mark.parametrize("offset", [0, 100, 2_000, PAGE - 8, PAGE - 1])
@pytest.mark.parametrize("table", ["turns", "answers", "facts"])
def test_a_flipped_bit_in_a_page_in_use_is_seen(
    whole: Path, tmp_path: Path, table: str, offset: int
) -> None:
    page = asyncio.run(root_page(whole, table))
    copy_with_a_flipped_bit(whole, tmp_path / "copy", (page - 1) * PAGE + offset, 3)

    with pytest.raises(DatabaseDamaged):
        asyncio.run(read_all(tmp_path / "copy"))


async def root_page(home: Path, table: str) -> int:
    store = await Store.open(home)
    query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
    page: int = await store._db.read(lambda connection: connection.execute(query, (table,)).get)
    await store.close()
    return page
