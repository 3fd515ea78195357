"""Backups: whole, verified, few enough, and in nobody's way."""

import asyncio
import errno
import hashlib
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.life_file import assert_sound
from tests.clocks import FakeClock
from tests.lives import new_turn, tell
from vega.core.backup import copies
from vega.core.backup.backup import NIGHTLY, Backup, manifest_path
from vega.core.backup.backups import Backups
from vega.core.life import sqlite
from vega.core.life.head import HeadFile
from vega.core.store import Store
from vega.errors import (
    BackupRunning,
    DatabaseDamaged,
    DatabaseError,
    DiskFailed,
    NoRoomForBackup,
    StorageFull,
)

PAGE = 4096
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def backups(tmp_path: Path, clock: FakeClock) -> Backups:
    return Backups(tmp_path, clock, "1.2.3")


async def fill(store: Store, count: int = 10, size: int = 2_000) -> None:
    for number in range(count):
        await tell(store, f"Prompt {number}.", f"{number}" * size)


def files(backups: Backups) -> set[str]:
    return {path.name for path in backups.folder.iterdir()}


async def test_a_backup_is_the_life_as_it_was(
    tmp_path: Path, store: Store, backups: Backups, clock: FakeClock
) -> None:
    await fill(store)

    made = await backups.create()

    home = tmp_path / "new"
    home.mkdir()
    shutil.copy(backups.folder / made.name, home / "vega.db")
    restored = await Store.open(home)
    turns, session_id = await restored.history(100), restored.session_id
    await restored.close()
    assert turns == await store.history(100)
    assert session_id == store.session_id
    with sqlite.connect(home / "vega.db") as life:
        assert_sound(life, home)
    assert made == Backup(
        name="vega-20261122T090000Z.db",
        created_at=clock.now(),
        version="1.2.3",
        kind="by hand",
        head=HeadFile(tmp_path).load(),  # type: ignore[arg-type]
        turns=10,
        size_bytes=(backups.folder / made.name).stat().st_size,
        sha256=hashlib.sha256((backups.folder / made.name).read_bytes()).hexdigest(),
        lost=None,
    )


async def test_a_backup_is_for_its_owner_alone_and_nothing_lies_beside_it(
    store: Store, backups: Backups
) -> None:
    made = await backups.create()
    await backups.verify(made.name)

    assert files(backups) == {made.name, manifest_path(Path(made.name)).name}
    assert backups.folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in backups.folder.iterdir()} == {0o600}


async def test_every_page_of_a_big_backup_carries_its_checksum(
    store: Store, backups: Backups
) -> None:
    await fill(store, count=200, size=30_000)

    made = await backups.create()

    path = backups.folder / made.name
    assert made.size_bytes > 3 * copies.COPIED_PAGES * PAGE > abs(sqlite.CACHE_KIB) * 1024
    with sqlite.connect_still(path) as copy:
        assert int(copy.pragma("checksum_verification")) == 1
        assert copy.pragma("integrity_check") == "ok"
        data = path.read_bytes()
        pages = [data[start : start + PAGE] for start in range(0, len(data), PAGE)]
        sound = [copy.execute("SELECT verify_checksum(?)", (page,)).get for page in pages]
    assert sound == [1] * len(pages)
    assert (data[18], data[19], data[20]) == (2, 2, sqlite.CHECKSUM_BYTES)
    assert data[68:72] == b"VEGA"
    assert int.from_bytes(data[64:68]) == 1, "auto_vacuum is incremental"


async def test_turns_go_on_while_a_backup_is_made_and_it_holds_one_moment(
    tmp_path: Path, store: Store, backups: Backups
) -> None:
    await fill(store, count=100, size=100_000)
    making = asyncio.create_task(backups.create())
    meanwhile = 0
    while not making.done():
        await tell(store, f"Meanwhile {meanwhile}.", "Yes.")
        meanwhile += 1

    made = await making

    assert meanwhile > 3
    assert 100 <= made.turns <= 100 + meanwhile
    assert (await backups.verify(made.name)) == made
    home = tmp_path / "new"
    home.mkdir()
    shutil.copy(backups.folder / made.name, home / "vega.db")
    restored = await Store.open(home)
    assert len(await restored.history(200)) == made.turns
    await restored.close()
    with sqlite.connect(home / "vega.db") as life:
        assert_sound(life, home)


async def test_two_at_a_time_are_not_made_and_the_nightly_one_waits(
    store: Store, backups: Backups
) -> None:
    await fill(store, count=50, size=50_000)
    first = asyncio.create_task(backups.create())
    await asyncio.sleep(0)

    with pytest.raises(BackupRunning):
        await backups.create()
    nightly = await backups.nightly()

    assert {each.name for each in await backups.list()} == {nightly.name, (await first).name}


async def test_a_backup_that_is_left_stops_and_leaves_nothing(
    store: Store, backups: Backups
) -> None:
    await fill(store, count=100, size=100_000)
    making = asyncio.create_task(backups.create())
    while not (backups.folder.exists() and files(backups)):
        await asyncio.sleep(0)

    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making

    assert files(backups) == set()
    assert (await backups.create()).turns == 100


async def test_closing_ends_a_backup_that_is_being_made(store: Store, backups: Backups) -> None:
    await fill(store, count=100, size=100_000)
    making = asyncio.create_task(backups.create())
    await asyncio.sleep(0)

    await backups.close()

    with pytest.raises(DatabaseError, match="ended before it was done"):
        await making
    assert files(backups) == set()


def test_what_a_killed_backup_left_is_gone_with_the_next(tmp_path: Path) -> None:
    code = """
import asyncio, os, pathlib, sys
from tests.clocks import FakeClock
from tests.integration.core.backup.test_backups import fill
from vega.core.backup.backups import Backups
from vega.core.store import Store

home, last = pathlib.Path(sys.argv[1]), int(sys.argv[2])
count = 0

def hook(event, args):
    global count
    if event in ("os.rename", "open") and "backups/" in str(args[0]):
        count += 1
        if count == last:
            os.kill(os.getpid(), 9)

async def main():
    store = await Store.open(home)
    await fill(store)
    sys.addaudithook(hook)
    made = await Backups(home, FakeClock(), "1.2.3").create()
    print(made.name)

asyncio.run(main())
"""
    leftovers = set()
    names = set()
    for last in range(1, 100):
        home = tmp_path / str(last)
        done = subprocess.run(
            [sys.executable, "-c", code, home, str(last)], capture_output=True, text=True
        )
        backups = Backups(home, FakeClock(), "1.2.3")
        listed = asyncio.run(backups.list())
        leftovers |= files(backups) - {each.name for each in listed}
        for each in listed:
            asyncio.run(backups.verify(each.name))
        made = asyncio.run(backups.create())
        names |= {made.name}
        assert len(files(backups)) == 2 * (len(listed) + 1)
        if done.returncode == 0:
            break

    assert done.returncode == 0, done.stderr
    assert last > 5
    assert {name.partition("Z")[2] for name in leftovers} >= {".db.part", ".json.part", ".json"}


async def test_files_of_others_in_the_folder_stay(store: Store, backups: Backups) -> None:
    await backups.create()
    strange = backups.folder / "holiday.part"
    strange.write_text("mine")

    await backups.create()

    assert strange.read_text() == "mine"
    assert len(await backups.list()) == 2


async def test_a_name_that_is_taken_is_not_written_over(store: Store, backups: Backups) -> None:
    names = [(await backups.create()).name for _ in range(3)]

    assert names == [f"vega-20261122T090000Z{end}.db" for end in ("", "-2", "-3")]
    assert len(await backups.list()) == 3


async def test_without_room_no_backup_is_begun(
    store: Store, backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(store)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, 64 * 1024 * 1024))

    with pytest.raises(NoRoomForBackup, match="67 MB are free") as caught:
        await backups.create()

    assert isinstance(caught.value, StorageFull)
    assert files(backups) == set()
    assert (await backups.summary())["error"] == str(caught.value)


@pytest.mark.parametrize(("number", "kind"), [(errno.ENOSPC, StorageFull), (errno.EIO, DiskFailed)])
async def test_a_disk_that_fails_at_the_end_leaves_no_backup(
    store: Store,
    backups: Backups,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    kind: type[DatabaseError],
) -> None:
    def fail(_: int) -> None:
        raise OSError(number, "it failed")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(DatabaseError) as caught:
            await backups.create()

    assert type(caught.value) is kind
    assert files(backups) == set()
    assert (await backups.create()) in await backups.list()


async def test_a_page_that_the_disk_damaged_is_not_copied(tmp_path: Path, clock: FakeClock) -> None:
    store = await Store.open(tmp_path)
    await fill(store)
    await store.close()
    data = bytearray((tmp_path / "vega.db").read_bytes())
    data[-1000] ^= 1
    (tmp_path / "vega.db").write_bytes(data)
    backups = Backups(tmp_path, clock, "1.2.3")

    with pytest.raises(DatabaseDamaged):
        await backups.create()

    assert files(backups) == set()


async def test_a_page_that_the_disk_lost_is_not_copied_either(
    tmp_path: Path, clock: FakeClock
) -> None:
    store = await Store.open(tmp_path)
    await fill(store)
    await store.close()
    life = bytearray((tmp_path / "vega.db").read_bytes())
    # The checksum of nothing but zeros is zero.
    start = life.index(b"Prompt 3.") // PAGE * PAGE
    life[start : start + PAGE] = bytes(PAGE)
    (tmp_path / "vega.db").write_bytes(life)
    backups = Backups(tmp_path, clock, "1.2.3")

    with pytest.raises(DatabaseDamaged, match="no sound database"):
        await backups.create()

    assert files(backups) == set()


async def test_without_a_life_there_is_nothing_to_back_up(tmp_path: Path, backups: Backups) -> None:
    assert await backups.list() == []
    found = await backups.summary()
    assert (found["count"], found["last"], found["error"]) == (0, None, None)
    with pytest.raises(DatabaseError, match="no life"):
        await backups.create()
    assert not backups.folder.exists()


async def test_a_year_of_nights_leaves_few_backups_and_those_made_by_hand(
    store: Store, backups: Backups, clock: FakeClock
) -> None:
    by_hand = await backups.create()
    for _ in range(60):
        clock.advance(days=1)
        newest = await backups.nightly()

    found = await backups.list()

    nightly = [each for each in found if each.kind == NIGHTLY]
    assert found[0] == nightly[0] == newest
    assert found[-1] == by_hand
    assert len(nightly) == 7 + 2 + 2
    assert len(files(backups)) == 2 * len(found)


async def test_a_clock_that_jumps_back_drops_no_backup_of_today(
    store: Store, backups: Backups, clock: FakeClock
) -> None:
    for _ in range(60):
        clock.advance(days=30)
        await backups.nightly()
    clock.set(datetime(1990, 1, 1, tzinfo=UTC))

    made = await backups.nightly()

    assert made in await backups.list()


async def test_the_summary_tells_of_the_newest_and_of_the_last_failure(
    store: Store, backups: Backups, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await backups.create()
    clock.advance(hours=1)
    made = await backups.nightly()
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 0))
        with pytest.raises(NoRoomForBackup):
            await backups.nightly()
    failed = await backups.summary()
    clock.advance(hours=1)
    await backups.nightly()
    well = await backups.summary()

    assert (failed["count"], failed["last"]["name"]) == (2, made.name)
    assert "free disk space" in failed["error"]
    assert datetime.fromisoformat(failed["last"]["created_at"]) == made.created_at
    assert well["error"] is None
    assert datetime.fromisoformat(well["last"]["created_at"]) - made.created_at == timedelta(
        hours=1
    )


async def test_a_tail_that_was_known_to_be_missing_is_on_record_in_the_backup(
    tmp_path: Path, clock: FakeClock
) -> None:
    head_file = HeadFile(tmp_path)
    store = await Store.open(tmp_path)
    await store.accept_turn(new_turn())
    head_file.lost = (9, 1)
    head = HeadFile(tmp_path).load()
    assert head is not None
    head_file.save(head)

    made = await Backups(tmp_path, clock, "1.2.3").create()

    await store.close()
    assert made.lost == (9, 1)
