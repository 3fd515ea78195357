"""A disk that fails a sync: what was not stored for certain is not stored, and the next write is.

After a failed fsync the system takes the pages for clean that it could not write; whoever goes on
as before loses them (https://lwn.net/Articles/752063/). The power_cut drill tries that on the real
server.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.faulty_disk import FaultyDisk
from vega.core.life import sqlite
from vega.core.life.sqlite import Connection, SQLite
from vega.errors import DiskFailed


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FaultyDisk:
    return FaultyDisk(monkeypatch)


@pytest.fixture
async def database(tmp_path: Path, disk: FaultyDisk) -> AsyncIterator[SQLite]:
    path = tmp_path / "test.db"
    connection = sqlite.create(path)
    connection.execute("CREATE TABLE words (word TEXT NOT NULL)")
    connection.close()
    database = SQLite(path)
    await database.write(add("before"))
    assert await database.read(words) == ["before"]
    yield database
    await database.close()


def add(word: str) -> Callable[[Connection], None]:
    def insert(connection: Connection) -> None:
        connection.execute("INSERT INTO words (word) VALUES (?)", (word,))

    return insert


def words(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT word FROM words")]


def found_after_a_crash(home: Path) -> list[str]:
    """By whoever opens the files as they are now."""
    other = home / "after"
    other.mkdir()
    for name in ("test.db", "test.db-wal"):
        shutil.copy2(home / name, other / name)
    with closing(sqlite.connect(other / "test.db")) as connection:
        return words(connection)


async def test_what_was_refused_does_not_come_back_after_a_crash(
    database: SQLite, disk: FaultyDisk, tmp_path: Path
) -> None:
    disk.failing = 1
    with pytest.raises(DiskFailed, match="disk"):
        await database.write(add("refused"))

    assert found_after_a_crash(tmp_path) == ["before"]
    assert await database.read(words) == ["before"]


async def test_the_next_write_is_stored_on_a_connection_of_its_own(
    database: SQLite, disk: FaultyDisk, tmp_path: Path
) -> None:
    used = database._connection
    disk.failing = 2
    with pytest.raises(DiskFailed):
        await database.write(add("refused"))

    await database.write(add("after"))

    assert database._connection is not used
    assert found_after_a_crash(tmp_path) == ["before", "after"]


async def test_work_on_the_whole_file_that_fails_leaves_no_connection_to_go_on_with(
    database: SQLite, disk: FaultyDisk
) -> None:
    used = database._connection
    disk.failing, disk.suffix = 1, "test.db"

    with pytest.raises(DiskFailed):
        await database.write_alone(lambda connection: connection.wal_checkpoint(mode=1))
    await database.write(add("after"))

    assert database._connection is not used
    assert await database.read(words) == ["before", "after"]
