"""The driver: durable, checksummed, one write at a time."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import apsw
import pytest

from tests.lives import tell, until
from vega.core.life import sqlite
from vega.core.life.sqlite import Connection, SQLite
from vega.core.store import Store
from vega.errors import (
    DatabaseDamaged,
    DatabaseError,
    DiskFailed,
    LifeRefused,
    StorageFull,
    VegaError,
)

FILL = "x" * 300


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SQLite]:
    path = tmp_path / "test.db"
    connection = sqlite.create(path)
    connection.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL)")
    connection.close()
    database = SQLite(path)
    yield database
    await database.close()


def add(word: str) -> Callable[[Connection], None]:
    def insert(connection: Connection) -> None:
        connection.execute("INSERT INTO words (word) VALUES (?)", (word,))

    return insert


def words(connection: Connection) -> list[str]:
    return [row[0] for row in connection.execute("SELECT word FROM words ORDER BY id")]


async def test_a_commit_survives_a_power_cut(database: SQLite) -> None:
    for work in (database.write, database.read):
        assert await work(lambda connection: connection.pragma("synchronous")) == 2
        assert await work(lambda connection: connection.pragma("journal_mode")) == "wal"
        assert await work(lambda connection: connection.pragma("foreign_keys")) == 1
        assert await work(lambda connection: connection.pragma("checksum_verification")) == "1"
    assert await database.read(lambda connection: connection.pragma("auto_vacuum")) == 2


async def test_the_file_says_whose_it_is_and_has_room_for_checksums(
    database: SQLite, tmp_path: Path
) -> None:
    header = (tmp_path / "test.db").read_bytes()[:100]

    assert header[68:72] == b"VEGA"
    assert header[20] == sqlite.CHECKSUM_BYTES


async def test_writes_happen_in_the_order_in_which_they_were_asked_for(database: SQLite) -> None:
    wanted = [f"word {number}" for number in range(50)]

    await asyncio.gather(*(database.write(add(word)) for word in wanted))

    assert await database.read(words) == wanted


async def test_a_write_is_seen_by_the_next_read(database: SQLite) -> None:
    for number in range(20):
        await database.write(add(f"word {number}"))
        assert len(await database.read(words)) == number + 1


async def test_a_read_sees_one_moment_from_its_first_query_to_its_last(database: SQLite) -> None:
    has_begun, may_go_on = threading.Event(), threading.Event()

    def twice(connection: Connection) -> list[list[str]]:
        first = words(connection)
        has_begun.set()
        may_go_on.wait(10)
        return [first, words(connection)]

    await database.write(add("before"))
    reading = asyncio.create_task(database.read(twice))
    await asyncio.to_thread(has_begun.wait, 10)
    await database.write(add("meanwhile"))
    may_go_on.set()

    assert await reading == [["before"], ["before"]]
    assert await database.read(words) == ["before", "meanwhile"]


async def test_a_failing_write_leaves_nothing(database: SQLite) -> None:
    def half(connection: Connection) -> None:
        add("half")(connection)
        raise KeyError("torn")

    with pytest.raises(KeyError, match="torn"):
        await database.write(half)
    with pytest.raises(DatabaseError, match="failed"):
        await database.write(
            lambda connection: connection.execute("INSERT INTO nowhere VALUES (1)")
        )
    await database.write(add("whole"))

    assert await database.read(words) == ["whole"]


async def test_a_cancelled_caller_leaves_and_the_write_goes_on(database: SQLite) -> None:
    caller = asyncio.create_task(database.write(add("written")))
    await asyncio.sleep(0)

    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await database.write(add("after"))

    assert caller.cancelled()
    assert await database.read(words) == ["written", "after"]


async def test_a_write_that_fails_behind_a_cancelled_caller_disturbs_nobody(
    database: SQLite,
) -> None:
    caller = asyncio.create_task(database.write(lambda connection: connection.execute("nonsense")))
    await asyncio.sleep(0)

    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await database.write(add("after"))

    assert await database.read(words) == ["after"]


async def test_readers_cannot_write(database: SQLite) -> None:
    with pytest.raises(DatabaseError):
        await database.read(add("no"))


async def test_a_full_disk_stores_nothing_and_says_so(database: SQLite) -> None:
    def fill(connection: Connection) -> None:
        connection.pragma("max_page_count", connection.pragma("page_count"))

    await database.write(fill)

    with pytest.raises(StorageFull):
        await database.write(add("x" * 20_000))
    await database.write(lambda connection: connection.pragma("max_page_count", 2**30))
    await database.write(add("fits"))

    assert await database.read(words) == ["fits"]


async def test_another_process_that_writes_is_waited_for(database: SQLite, tmp_path: Path) -> None:
    other = sqlite.connect(tmp_path / "test.db")
    other.execute("BEGIN IMMEDIATE")

    writing = asyncio.create_task(database.write(add("patient")))
    await asyncio.sleep(0.05)
    other.execute("COMMIT")
    await writing
    other.close()

    assert await database.read(words) == ["patient"]


async def test_an_idle_life_is_folded_into_its_file(
    database: SQLite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "IDLE_SECONDS_BEFORE_CHECKPOINT", 0.02)

    await database.write(add("a word that is easily found"))

    await until(lambda: b"easily found" in (tmp_path / "test.db").read_bytes())


async def test_closing_folds_everything_into_the_file(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await tell(store, "a word that is easily found")
    await store.close()

    assert b"easily found" in (tmp_path / "vega.db").read_bytes()
    assert not (tmp_path / "vega.db-wal").exists()


async def test_nothing_hangs_on_a_closed_life(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.close()

    async with asyncio.timeout(2):
        with pytest.raises((VegaError, RuntimeError)):
            await store.check_writable()


async def test_readers_come_back_after_a_moment_in_which_none_could_be_opened(
    database: SQLite, tmp_path: Path
) -> None:
    path, away = tmp_path / "test.db", tmp_path / "away"
    path.rename(away)
    with pytest.raises(DatabaseError):
        await database.read(words)

    away.rename(path)

    assert await database.read(words) == []


async def test_what_the_connections_keep_in_ram_is_given_back_and_read_again(
    database: SQLite,
) -> None:
    for number in range(20):
        await database.write(add(f"{number} {FILL * 100}"))
    before = await asyncio.gather(database.read(words), database.read(words))
    used = apsw.memory_used()
    freed = await database.shrink()

    assert freed > 500_000
    assert used - apsw.memory_used() > 500_000
    assert await database.shrink() < 50_000
    assert await asyncio.gather(database.read(words), database.read(words)) == before
    assert await database.write(lambda connection: len(words(connection))) == 20


async def test_a_connection_that_reads_is_left_alone_and_waits_for_nobody(
    database: SQLite,
) -> None:
    is_reading, may_end = threading.Event(), threading.Event()

    def read_long(connection: Connection) -> list[str]:
        is_reading.set()
        assert may_end.wait(10)
        return words(connection)

    await database.write(add("here"))
    reading = asyncio.create_task(database.read(read_long))
    await asyncio.to_thread(is_reading.wait)
    async with asyncio.timeout(5):
        await database.shrink()
        assert await database.read(words) == ["here"]
    may_end.set()

    assert await reading == ["here"]


async def test_a_closed_life_has_nothing_to_give_back(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await store.close()

    assert await store.shrink() == 0


def test_a_file_without_room_for_checksums_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.db"
    plain = sqlite3.connect(path)
    plain.executescript("PRAGMA journal_mode=WAL; CREATE TABLE words (word TEXT)")
    plain.close()
    before = path.read_bytes()

    with pytest.raises(LifeRefused, match="no checksums"):
        sqlite.connect(path)

    assert path.read_bytes() == before


def test_a_file_that_is_not_in_wal_mode_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    connection = sqlite.create(path)
    connection.pragma("journal_mode", "delete")
    connection.close()

    with pytest.raises(LifeRefused, match="WAL"):
        sqlite.connect(path)


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError):
        sqlite.connect(tmp_path / "none.db")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (apsw.FullError("full"), StorageFull),
        (apsw.CorruptError("torn"), DatabaseDamaged),
        (apsw.NotADBError("what"), DatabaseDamaged),
        (apsw.IOError("broken"), DiskFailed),
        # As where a system has taken a failing disk for one that is only read.
        (apsw.ReadOnlyError("read only"), DiskFailed),
        (apsw.CantOpenError("gone"), DiskFailed),
        (apsw.BusyError("busy"), DatabaseError),
    ],
)
def test_the_drivers_errors_become_ours(error: Exception, ours: type[DatabaseError]) -> None:
    with pytest.raises(DatabaseError) as caught, sqlite.translated_errors():
        raise error

    assert type(caught.value) is ours
    assert caught.value.__cause__ is error


async def test_after_a_failing_disk_the_next_write_begins_from_what_is_on_it(
    database: SQLite,
) -> None:
    def fail(connection: Connection) -> None:
        add("lost")(connection)
        raise apsw.IOError("disk I/O error")

    await database.write(add("before"))
    with pytest.raises(DatabaseError, match="disk failed"):
        await database.write(fail)
    await database.write(add("after"))

    assert await database.read(words) == ["before", "after"]


async def test_a_log_that_cannot_be_folded_in_is_tried_again_with_the_next_write(
    database: SQLite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite, "IDLE_SECONDS_BEFORE_CHECKPOINT", 0.02)
    await database.write(add("before"))
    assert database._connection is not None
    database._connection.close(True)

    await until(lambda: "could not be folded in" in caplog.text)
    await database.write(add("after"))

    assert await database.read(words) == ["before", "after"]


async def test_an_idle_life_after_a_failing_disk_has_nothing_to_fold(
    database: SQLite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "IDLE_SECONDS_BEFORE_CHECKPOINT", 0.01)

    def fail(connection: Connection) -> None:
        raise apsw.IOError("disk I/O error")

    with pytest.raises(DatabaseError):
        await database.write(fail)
    await asyncio.sleep(0.05)

    assert await database.read(words) == []
