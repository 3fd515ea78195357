"""A backup in the place of the life: what was there is kept, and a kill leaves a way back."""

import asyncio
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import tell
from vega.core.backup.backup import Backup
from vega.core.backup.backups import Backups
from vega.core.backup.restoration import Restoration
from vega.core.life.head import Head, HeadFile
from vega.core.life.vectors import Vectors
from vega.core.store import Store
from vega.errors import BackupDamaged, BackupNotFound, LifeRefused, NoRoomForBackup

Usage = namedtuple("Usage", "total used free")
EARLIER = ["Prompt 0.", "Prompt 1.", "Prompt 2."]
LATER = [*EARLIER, "Prompt 3.", "Prompt 4."]


async def prompts_of(home: Path) -> list[str]:
    """What was said in that life, as a Vega that starts finds it, with no complaint but that of a
    head file that is not there."""
    has_head = HeadFile(home).exists()
    store = await Store.open(home)
    try:
        told = [line.partition(" ")[0] for line in store.attention]
        assert told == ([] if has_head else ["vega.head"])
        return [turn.prompt for turn in await store.history(100)][::-1]
    finally:
        await store.close()


async def live_on(home: Path, clock: FakeClock, into: Path) -> Backup:
    """A life with a backup of its third turn, and two turns since, that were killed: part of it is
    in the log alone."""
    store = await Store.open(home)
    for prompt in EARLIER:
        await tell(store, prompt)
    backup = await Backups(home, clock, "1.2.3").create()
    for prompt in LATER[3:]:
        await tell(store, prompt)
    shutil.copytree(home, into)
    await store.close()
    assert (into / "vega.db-wal").stat().st_size > 0
    return backup


@pytest.fixture
async def backup(tmp_path: Path, clock: FakeClock) -> Backup:
    return await live_on(tmp_path / "first", clock, tmp_path / "home")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def restoration(home: Path, clock: FakeClock) -> Restoration:
    return Restoration(home, clock)


async def test_the_backup_is_the_life_and_the_life_that_was_there_is_kept(
    home: Path, backup: Backup, restoration: Restoration
) -> None:
    kept = restoration.perform(backup)

    assert kept == home / "replaced" / "20261122T090000Z"
    assert await prompts_of(home) == EARLIER
    assert await prompts_of(kept) == LATER
    assert HeadFile(home).load() == backup.head
    assert (home / "vega.db").stat().st_mode & 0o777 == 0o600
    assert (home / "backups" / backup.name).is_file()


async def test_the_restored_life_goes_on_and_can_be_undone(
    home: Path, backup: Backup, restoration: Restoration, clock: FakeClock
) -> None:
    kept = restoration.perform(backup)
    store = await Store.open(home)
    await tell(store, "Another course.")
    await store.close()
    again = restoration.perform(backup)

    assert kept is not None
    assert again == kept.with_name(f"{kept.name}-2")
    assert await prompts_of(home) == EARLIER
    assert await prompts_of(again) == [*EARLIER, "Another course."]
    assert await prompts_of(kept) == LATER


async def test_vectors_of_the_life_that_was_there_are_not_taken_for_those_of_the_restored_one(
    home: Path, backup: Backup, restoration: Restoration
) -> None:
    Vectors.open(home, "a model", 384, "a life").close()

    restoration.perform(backup)

    assert not (home / "index").exists()


async def test_it_is_said_before_how_much_comes_after_the_backup(
    home: Path, backup: Backup, restoration: Restoration
) -> None:
    outlook = restoration.look(backup.name)

    assert outlook.backup == backup
    assert (outlook.present_turns, outlook.newer_turns) == (5, 2)
    assert outlook.is_of_this_life
    assert outlook.is_replacing
    assert outlook.damage is None


async def test_a_backup_of_another_life_is_seen(
    tmp_path: Path, home: Path, backup: Backup, clock: FakeClock
) -> None:
    other = tmp_path / "other"
    store = await Store.open(other)
    await tell(store, "Somebody else.")
    await store.close()
    shutil.copytree(home / "backups", other / "backups")
    restoration = Restoration(other, clock)

    outlook = restoration.look(backup.name)
    restoration.perform(outlook.backup)

    assert not outlook.is_of_this_life
    assert (outlook.present_turns, outlook.newer_turns) == (1, 0)
    assert await prompts_of(other) == EARLIER


async def test_a_life_that_was_lost_comes_back_in_an_empty_home(
    tmp_path: Path, home: Path, backup: Backup, clock: FakeClock
) -> None:
    new = tmp_path / "new machine"
    shutil.copytree(home / "backups", new / "backups")
    restoration = Restoration(new, clock)

    outlook = restoration.look(backup.name)
    kept = restoration.perform(outlook.backup)

    assert (outlook.present_turns, outlook.damage, kept) == (None, None, None)
    assert not outlook.is_replacing
    assert await prompts_of(new) == EARLIER


@pytest.mark.parametrize("damaged", [b"", b"not a database", b"SQLite format 3\x00" + bytes(4080)])
async def test_a_life_that_cannot_be_read_is_replaced_and_kept_as_it_is(
    home: Path, backup: Backup, restoration: Restoration, damaged: bytes
) -> None:
    (home / "vega.db").write_bytes(damaged)
    log = (home / "vega.db-wal").read_bytes()

    outlook = restoration.look(backup.name)
    kept = restoration.perform(backup)

    assert outlook.damage
    assert outlook.is_replacing
    assert kept is not None
    assert (kept / "vega.db").read_bytes() == damaged
    assert await prompts_of(home) == EARLIER
    assert len(log) > 0


async def test_a_damaged_backup_replaces_nothing(
    home: Path, backup: Backup, restoration: Restoration
) -> None:
    path = home / "backups" / backup.name
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)

    with pytest.raises(BackupDamaged):
        restoration.look(backup.name)
    with pytest.raises(BackupDamaged):
        restoration.perform(backup)

    assert not (home / "replaced").exists()
    assert not (home / "vega.db.restored").exists()
    assert await prompts_of(home) == LATER


async def test_what_is_no_backup_is_not_found(backup: Backup, restoration: Restoration) -> None:
    with pytest.raises(BackupNotFound):
        restoration.look("../vega.db")


async def test_without_room_nothing_is_replaced(
    home: Path, backup: Backup, restoration: Restoration, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 0))
        with pytest.raises(NoRoomForBackup):
            restoration.perform(backup)

    assert await prompts_of(home) == LATER


async def test_a_tail_that_was_missing_then_is_missing_again(
    home: Path, backup: Backup, restoration: Restoration, clock: FakeClock
) -> None:
    head_file = HeadFile(home)
    head = head_file.load()
    assert head is not None
    head_file.lost = (9, 6)
    head_file.save(head)
    with_loss = await Backups(home, clock, "1.2.3").create()

    restoration.perform(backup)
    before = HeadFile(home)
    before.load()
    restoration.perform(with_loss)
    after = HeadFile(home)

    assert before.lost is None
    assert after.load() == with_loss.head
    assert after.lost == (9, 6)


async def test_an_empty_life_can_be_restored(tmp_path: Path, clock: FakeClock) -> None:
    store = await Store.open(tmp_path)
    backup = await Backups(tmp_path, clock, "1.2.3").create()
    await tell(store, "The first.")
    await store.close()
    restoration = Restoration(tmp_path, clock)

    outlook = restoration.look(backup.name)
    restoration.perform(backup)

    assert outlook.is_of_this_life
    assert outlook.newer_turns == 1
    assert await prompts_of(tmp_path) == []
    assert HeadFile(tmp_path).load() == Head(0, b"")


@pytest.mark.parametrize("has_head", [True, False])
def test_a_kill_at_any_step_leaves_a_life_or_a_way_back(
    tmp_path: Path, clock: FakeClock, has_head: bool
) -> None:
    whole = tmp_path / "whole"
    backup = asyncio.run(live_on(tmp_path / "first", clock, whole))
    if not has_head:
        HeadFile(whole).path.unlink()
    found = []
    for last in range(1, 100):
        home, copy = tmp_path / str(last), tmp_path / f"{last} as killed"
        shutil.copytree(whole, home)
        done = _perform_until(home, backup.name, last)
        shutil.copytree(home, copy)
        found.append(asyncio.run(_state(copy)))

        restoration = Restoration(home, clock)
        restoration.perform(restoration.look(backup.name).backup)

        assert asyncio.run(prompts_of(home)) == EARLIER
        kept = [folder for folder in (home / "replaced").iterdir() if (folder / "vega.db").exists()]
        assert LATER in [asyncio.run(prompts_of(folder)) for folder in kept]
        assert not list((home / "replaced").glob("*.part"))
        assert not (home / "vega.db.restored").exists()
        if done.returncode == 0:
            break

    assert done.returncode == 0, done.stderr
    assert last > 8
    assert found[0] == "the old life"
    assert found[-1] == "the new life"
    assert set(found) == {"the old life", "a way back", "the new life"}


async def _state(home: Path) -> str:
    """What a Vega that is started there now finds."""
    try:
        prompts = await prompts_of(home)
    except LifeRefused as exc:
        return "a way back" if "Restore a backup" in str(exc) else str(exc)
    return {tuple(LATER): "the old life", tuple(EARLIER): "the new life"}[tuple(prompts)]


def _perform_until(home: Path, name: str, last: int) -> subprocess.CompletedProcess[str]:
    """Restores in a process that kills itself before its so-many-th change to the folder."""
    code = """
import os, pathlib, sys
from tests.clocks import FakeClock
from vega.core.backup.restoration import Restoration

home, name, last = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
restoration = Restoration(home, FakeClock())
backup = restoration.look(name).backup
count = 0

def hook(event, args):
    global count
    is_change = event in ("os.rename", "os.remove", "os.mkdir", "shutil.copyfile")
    if is_change or (event == "open" and args[2] & os.O_WRONLY):
        count += 1
        if count == last:
            os.kill(os.getpid(), 9)

sys.addaudithook(hook)
restoration.perform(backup)
"""
    return subprocess.run(
        [sys.executable, "-c", code, home, name, str(last)], capture_output=True, text=True
    )
