"""The disk under a home folder: its states, and the ballast that is given up and made again."""

import asyncio
import errno
import logging
import os
from pathlib import Path
from types import SimpleNamespace

import apsw
import pytest

from tests.lives import new_turn, set_room, tell, until
from vega.core.life import disk as disk_module
from vega.core.life import sqlite
from vega.core.life.disk import BALLAST_BYTES, FULL_BYTES, Disk, DiskState
from vega.core.sql import queries
from vega.core.store import Store
from vega.errors import DatabaseError, StorageFull

GIGABYTE = 1_000_000_000
MEGABYTE = 1_000_000
#: Small enough to really allocate its ballast in a test: 1 MiB.
SMALL = 64 * 1024 * 1024
SMALL_BALLAST = SMALL // 64
SMALL_LEAST = SMALL // 32


class FakeDisk:
    """Sizes as a test sets them; a ballast in the folder takes its part of what is free."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, total: int = SMALL) -> None:
        self.total = total
        #: Free, were there no ballast.
        self.room = total
        self._ballast = home / "vega.ballast"
        monkeypatch.setattr(os, "statvfs", self._statvfs)

    def _statvfs(self, _: object) -> SimpleNamespace:
        held = self._ballast.stat().st_size if self._ballast.exists() else 0
        return SimpleNamespace(f_bavail=self.room - held, f_blocks=self.total, f_frsize=1)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeDisk:
    return FakeDisk(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("total", "free", "state"),
    [
        (500 * GIGABYTE, 400 * GIGABYTE, DiskState.OK),
        (500 * GIGABYTE, GIGABYTE, DiskState.OK),
        (500 * GIGABYTE, GIGABYTE - 1, DiskState.LOW),
        (500 * GIGABYTE, FULL_BYTES, DiskState.LOW),
        (500 * GIGABYTE, FULL_BYTES - 1, DiskState.FULL),
        (4 * GIGABYTE, 500 * MEGABYTE, DiskState.OK),
        (4 * GIGABYTE, 399 * MEGABYTE, DiskState.LOW),
        (64 * MEGABYTE, 20 * MEGABYTE, DiskState.OK),
        (64 * MEGABYTE, 3 * MEGABYTE, DiskState.LOW),
        (64 * MEGABYTE, 1 * MEGABYTE, DiskState.FULL),
        # What a file system says that does not know.
        (0, 0, DiskState.OK),
    ],
)
def test_little_room_is_seen_on_disks_of_any_size(
    total: int, free: int, state: DiskState, fake: FakeDisk, tmp_path: Path
) -> None:
    fake.total, fake.room = total, free

    reading = Disk(tmp_path).look()

    assert (reading.state, reading.free_bytes, reading.total_bytes) == (state, free, total)
    assert (reading.notice is None) == (state is DiskState.OK)
    assert (reading.needed_bytes > 0) == (state is DiskState.FULL)


def test_the_real_disk_is_measured(tmp_path: Path) -> None:
    reading = Disk(tmp_path).measure()

    assert 0 < reading.free_bytes <= reading.total_bytes


def test_what_is_said_names_the_room_and_what_to_do(fake: FakeDisk, tmp_path: Path) -> None:
    disk = Disk(tmp_path)

    fake.total, fake.room = 500 * GIGABYTE, 812 * MEGABYTE
    low = disk.look().notice or ""
    fake.room = 3 * MEGABYTE
    full = disk.look().notice or ""

    assert "nearly full: 812 MB are free" in low
    assert "Make room" in low
    assert "is full: 3 MB are free" in full
    assert "until 14 MB more are free" in full
    assert str(tmp_path) in low


def test_a_disk_that_cannot_be_looked_at_is_an_error_of_the_database(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="cannot be looked at"):
        Disk(tmp_path / "none").look()


def test_a_ballast_is_really_on_the_disk_and_for_its_owner_alone(tmp_path: Path) -> None:
    disk = Disk(tmp_path)

    assert disk.restore_ballast()

    found = (tmp_path / "vega.ballast").stat()
    assert found.st_size == BALLAST_BYTES
    assert found.st_blocks * 512 >= BALLAST_BYTES
    assert found.st_mode & 0o777 == 0o600


def test_a_small_disk_has_a_small_ballast(fake: FakeDisk, tmp_path: Path) -> None:
    Disk(tmp_path).restore_ballast()

    assert (tmp_path / "vega.ballast").stat().st_size == SMALL_BALLAST


@pytest.mark.parametrize("code", [errno.EOPNOTSUPP, errno.EINVAL, None])
def test_where_nothing_can_be_allocated_it_is_written(
    code: int | None, fake: FakeDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.total = fake.room = 1000 * 1000 * 100
    if code is None:
        monkeypatch.delattr(os, "posix_fallocate")
    else:
        monkeypatch.setattr(os, "posix_fallocate", _failing(code))

    assert Disk(tmp_path).restore_ballast()

    found = (tmp_path / "vega.ballast").stat()
    assert found.st_size == fake.total // 64
    assert found.st_blocks * 512 >= found.st_size


@pytest.mark.parametrize("is_short", [True, False], ids=["short", "refused"])
def test_a_ballast_that_cannot_be_made_leaves_nothing_and_is_told_once(
    is_short: bool,
    fake: FakeDisk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if is_short:
        monkeypatch.setattr(os, "posix_fallocate", _failing(errno.EOPNOTSUPP))
        monkeypatch.setattr(os, "pwrite", lambda *_: 1)
    else:
        monkeypatch.setattr(os, "posix_fallocate", _failing(errno.EDQUOT))
    disk = Disk(tmp_path)

    made = disk.restore_ballast()
    states = {disk.look().state for _ in range(3)}
    disk.require_room()

    assert not made
    assert not (tmp_path / "vega.ballast").exists()
    assert states == {DiskState.OK}
    assert caplog.text.count("could not be made") == 1


def test_a_full_disk_gives_its_ballast_up_and_still_takes_no_new_turns(
    fake: FakeDisk, tmp_path: Path
) -> None:
    disk = Disk(tmp_path)
    disk.restore_ballast()
    fake.room = SMALL_BALLAST + SMALL_LEAST - 1

    readings = [disk.look() for _ in range(3)]

    assert not (tmp_path / "vega.ballast").exists()
    assert {reading.state for reading in readings} == {DiskState.FULL}
    assert readings[0].free_bytes == fake.room
    with pytest.raises(StorageFull, match=r"nothing was stored\. Free 3 MB"):
        disk.require_room()


def test_a_freed_ballast_is_not_for_new_turns_after_a_restart_either(
    fake: FakeDisk, tmp_path: Path
) -> None:
    disk = Disk(tmp_path)
    disk.restore_ballast()
    fake.room = SMALL_BALLAST + SMALL_LEAST - 1
    disk.look()

    again = Disk(tmp_path)

    assert not again.restore_ballast()
    assert again.look().state is DiskState.FULL
    assert not (tmp_path / "vega.ballast").exists()


def test_with_room_for_it_and_some_more_the_ballast_is_back_at_once(
    fake: FakeDisk, tmp_path: Path
) -> None:
    disk = Disk(tmp_path)
    disk.restore_ballast()
    fake.room = 0
    needed = disk.look().needed_bytes

    fake.room = needed - 1
    before = disk.look()
    fake.room = needed
    after = disk.look()

    assert before.state is DiskState.FULL
    assert before.needed_bytes == 1
    assert after.state is DiskState.LOW
    assert (tmp_path / "vega.ballast").stat().st_size == SMALL_BALLAST
    assert after.free_bytes == 2 * SMALL_LEAST
    disk.require_room()


def test_a_ballast_that_a_crash_left_half_made_is_made_whole(
    fake: FakeDisk, tmp_path: Path
) -> None:
    (tmp_path / "vega.ballast").write_bytes(bytes(1000))

    Disk(tmp_path).look()

    assert (tmp_path / "vega.ballast").stat().st_size == SMALL_BALLAST


def test_a_ballast_with_holes_is_filled_at_the_start(fake: FakeDisk, tmp_path: Path) -> None:
    """As a copy of the home folder may have it."""
    with (tmp_path / "vega.ballast").open("wb") as file:
        file.truncate(SMALL_BALLAST)
    assert (tmp_path / "vega.ballast").stat().st_blocks == 0

    Disk(tmp_path).restore_ballast()

    assert (tmp_path / "vega.ballast").stat().st_blocks * 512 >= SMALL_BALLAST


def test_releasing_and_restoring_again_changes_nothing(fake: FakeDisk, tmp_path: Path) -> None:
    disk = Disk(tmp_path)

    restored = [disk.restore_ballast(), disk.restore_ballast()]
    released = [disk.release_ballast(), disk.release_ballast()]

    assert restored == [True, True]
    assert released == [SMALL_BALLAST, 0]


def test_what_only_looks_makes_no_ballast(fake: FakeDisk, tmp_path: Path) -> None:
    Disk(tmp_path).look()

    assert list(tmp_path.iterdir()) == []


def test_a_ballast_that_cannot_be_given_up_is_told_and_the_disk_is_full_all_the_same(
    fake: FakeDisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "vega.ballast").mkdir()
    fake.room = 0

    assert Disk(tmp_path).look().state is DiskState.FULL
    assert "could not be given up" in caplog.text


def test_the_log_hears_of_each_change_once(
    fake: FakeDisk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=disk_module.__name__)
    disk = Disk(tmp_path)

    for room in (SMALL, 0, 0, SMALL, SMALL):
        fake.room = room
        disk.look()

    told = [record.levelname for record in caplog.records]
    assert told == ["WARNING", "INFO"]


async def test_a_full_disk_refuses_new_turns_and_goes_on_with_all_else(
    store: Store, fake: FakeDisk
) -> None:
    done = await tell(store, "before")
    known, _ = await store.accept_turn(new_turn("known", key="k"))
    fake.room = 0

    with pytest.raises(StorageFull):
        await store.accept_turn(new_turn("new"))
    with pytest.raises(StorageFull):
        await store.ask_again(done.id)
    with pytest.raises(StorageFull):
        await store.check_writable()
    found, is_new = await store.accept_turn(new_turn("known", key="k"))
    await store.begin_attempt(known.id, 1, "An", known.at)
    await store.save_part(known.id, 1, "An answer")
    prompts = [turn.prompt for turn in await store.history(10)]

    assert (found.id, is_new) == (known.id, False)
    assert prompts == ["known", "before"]
    assert (await store.turn(known.id)).response == "An answer"
    assert (await store.turn(done.id)).status.is_end


async def test_with_room_again_the_very_next_turn_is_accepted(store: Store, fake: FakeDisk) -> None:
    fake.room = 0
    with pytest.raises(StorageFull):
        await store.accept_turn(new_turn("new", key="k"))

    fake.room = SMALL
    _, is_new = await store.accept_turn(new_turn("new", key="k"))

    assert is_new
    await store.check_writable()


async def test_a_write_that_finds_no_room_gets_the_ballasts(
    store: Store, fake: FakeDisk, tmp_path: Path
) -> None:
    """The disk fills between two looks; the answer in hand is stored all the same."""
    turn, _ = await store.accept_turn(new_turn())
    await store.begin_attempt(turn.id, 1, "", turn.at)
    store.disk.restore_ballast()
    await set_room(store, 0)
    fake.room = SMALL_BALLAST
    tries = []

    def write(connection: object) -> None:
        tries.append((tmp_path / "vega.ballast").exists())
        if len(tries) == 2:
            connection.pragma("max_page_count", 2**30)  # type: ignore[attr-defined]
        values = {"turn_id": turn.id, "generation": 1, "text": "x" * 50_000}
        connection.execute(queries["save_part"], values)  # type: ignore[attr-defined]

    await store._db.write(write)

    assert tries == [True, False]
    assert len((await store.turn(turn.id)).response) == 50_000


async def test_a_write_that_no_ballast_can_help_is_tried_once(store: Store, fake: FakeDisk) -> None:
    store.disk.restore_ballast()
    await set_room(store, 0)

    with pytest.raises(StorageFull):
        await store.accept_turn(new_turn("x" * 50_000))

    assert store.disk.look().state is DiskState.OK
    assert store.disk.release_ballast() == SMALL_BALLAST


def test_no_room_for_the_logs_index_is_a_full_disk() -> None:
    with pytest.raises(StorageFull), sqlite.translated_errors():
        raise apsw.exception_for(apsw.SQLITE_IOERR_SHMSIZE)


async def test_a_start_without_any_room_takes_up_what_waits_all_the_same(store: Store) -> None:
    """The disk is to blame, so no interruption is counted."""
    turn, _ = await store.accept_turn(new_turn())
    await store.begin_attempt(turn.id, 1, "", turn.at)

    with pytest.raises(StorageFull):
        await store._db.write(_refuse_commits)
    taken_up = await store.take_up_turns()

    assert [(found.id, found.interruptions) for found in taken_up] == [(turn.id, 0)]


async def test_the_log_gives_its_room_back_when_it_is_folded_in(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_file = tmp_path / "vega.db-wal"
    monkeypatch.setattr(sqlite, "IDLE_SECONDS_BEFORE_CHECKPOINT", 0.02)
    turn, _ = await store.accept_turn(new_turn())
    await store.begin_attempt(turn.id, 1, "", turn.at)
    await store.save_part(turn.id, 1, "x" * 2 * sqlite.LOG_BYTES)
    size = log_file.stat().st_size

    await until(lambda: (tmp_path / "vega.db").stat().st_size > sqlite.LOG_BYTES)
    await asyncio.sleep(0.1)
    await store.accept_turn(new_turn())

    assert size > 2 * sqlite.LOG_BYTES
    assert log_file.stat().st_size <= sqlite.LOG_BYTES


def _refuse_commits(connection: sqlite.Connection) -> None:
    def refuse() -> bool:
        raise apsw.FullError("full")

    connection.set_commit_hook(refuse)


def _failing(code: int) -> object:
    def fail(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail
