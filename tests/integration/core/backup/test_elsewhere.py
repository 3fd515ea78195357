"""Backups on another disk: each is there too, whole; one that is away, full or hangs is told."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import tell
from vega.core.backup import sending
from vega.core.backup.backup import Backup, verify_backup
from vega.core.backup.backups import Backups, find_backups
from vega.core.backup.elsewhere import Elsewhere
from vega.core.store import Store

HANGING = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "disk" / "vega"
    made.mkdir(parents=True)
    return made


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    store = await Store.open(home)
    await tell(store, "Hello", "Hello yourself")
    await store.close()
    return home


def backups_of(home: Path, folder: Path, clock: FakeClock, **options: object) -> Backups:
    return Backups(home, clock, "1.2.3", Elsewhere(folder, **options))  # type: ignore[arg-type]


def there(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".db")


async def test_each_backup_is_there_too(home: Path, folder: Path, clock: FakeClock) -> None:
    backups = backups_of(home, folder, clock)

    made = await backups.create()

    assert there(folder) == [made.name]
    assert verify_backup(folder / made.name) == made
    assert (folder / made.name).stat().st_mode & 0o777 == 0o600
    shown = (await backups.summary())["elsewhere"]
    assert (shown["error"], shown["count"]) == (None, 1)
    assert shown["last_good_at"] == made.created_at.isoformat()
    assert backups.notices() == []


async def test_nightly_ones_go_there_by_the_same_rule(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    backups = backups_of(home, folder, clock)
    by_hand = await backups.create()
    for _ in range(10):
        clock.advance(days=1)
        await _night(backups)

    names = {path.name for path in (home / "backups").glob("*.db")}

    assert set(there(folder)) == names
    assert by_hand.name in names
    assert len(names) < 11


async def test_a_disk_that_is_not_mounted_is_not_filled_below(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    backups = backups_of(home, folder, clock)
    made = await backups.create()
    mounted = folder.with_name("mounted")
    folder.rename(mounted)
    folder.mkdir()
    clock.advance(days=1)

    await backups.create()

    assert list(folder.iterdir()) == []
    [notice] = backups.notices()
    assert notice.startswith(f"The copy in {folder} failed: The file vega-backups is not in it")
    assert "The last good one is of 22 November 2026" in notice
    # It is mounted again: what was made by hand meanwhile is copied as well.
    shutil.rmtree(folder)
    mounted.rename(folder)
    clock.advance(days=1)
    await backups.create()
    assert len(there(folder)) == 3
    assert made.name in there(folder)
    assert backups.notices() == []


async def test_a_folder_that_is_not_there_is_not_made(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    folder.rmdir()
    backups = backups_of(home, folder, clock)

    await backups.create()

    assert not folder.exists()
    assert "is the disk mounted?" in backups.notices()[0]
    assert "There is no good one yet." in backups.notices()[0]


async def test_a_start_does_not_forget_which_folder_it_was(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    await backups_of(home, folder, clock).create()
    (folder / sending.MARK).unlink()
    clock.advance(days=1)
    backups = backups_of(home, folder, clock)

    await backups.create()

    assert len(there(folder)) == 1
    assert sending.MARK in backups.notices()[0]
    # A new disk is marked by hand.
    (folder / sending.MARK).touch()
    clock.advance(days=1)
    await backups.create()
    assert backups.notices() == []


async def test_the_backups_of_another_life_are_left_alone(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    (folder / sending.MARK).write_text("persistent-00000000\n")
    backups = backups_of(home, folder, clock)

    await backups.create()

    assert there(folder) == []
    assert "another life" in backups.notices()[0]


async def test_no_link_is_followed(home: Path, folder: Path, clock: FakeClock) -> None:
    real = folder.with_name("real")
    folder.rename(real)
    folder.symlink_to(real)
    backups = backups_of(home, folder, clock)

    await backups.create()

    assert list(real.iterdir()) == []
    assert "link" in backups.notices()[0]


async def test_a_link_that_lies_there_is_not_written_through(
    home: Path, folder: Path, clock: FakeClock, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    name = f"vega-{clock.now():%Y%m%dT%H%M%SZ}.db"
    (folder / f"{name}.part").symlink_to(precious)
    (folder / name).symlink_to(precious)

    await backups_of(home, folder, clock).create()

    assert precious.read_text() == "precious"
    assert not (folder / name).is_symlink()


async def test_a_full_disk_keeps_what_is_there(
    home: Path, folder: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await backups_of(home, folder, clock).create()
    script = (
        "import os, sys\n"
        "from vega.core.backup import sending\n"
        "sending.SPARE_BYTES = 1 << 60\n"
        "sending.main()\n"
    )
    clock.advance(days=1)
    backups = backups_of(home, folder, clock, command=(sys.executable, "-c", script))

    await backups.create()

    assert there(folder) == [made.name]
    assert "The disk is full." in backups.notices()[0]


@pytest.fixture
def read_only_folder(folder: Path) -> Iterator[Path]:
    """Where nobody may write: for root, who may everywhere, a disk that is only read."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield folder
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_a_folder_that_may_not_be_written_is_told(
    home: Path, read_only_folder: Path, clock: FakeClock
) -> None:
    folder = read_only_folder
    backups = backups_of(home, folder, clock)

    await backups.create()

    assert "may not write" in backups.notices()[0]


async def test_a_disk_that_hangs_holds_up_nothing_for_ever(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    backups = backups_of(home, folder, clock, command=HANGING, stall_seconds=0.2)

    made = await backups.create()

    assert [each.name for each in await backups.list()] == [made.name]
    assert "has not answered" in backups.notices()[0]


async def test_an_end_does_not_wait_for_a_disk_that_hangs(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    backups = backups_of(home, folder, clock, command=HANGING)
    await backups.nightly()

    await backups.close()

    assert there(folder) == []


async def test_a_copy_that_reads_back_as_something_else_is_none(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    script = (
        "from vega.core.backup import sending\n"
        "sending._digest = lambda target, name: 'other'\n"
        "sending.main()\n"
    )
    backups = backups_of(home, folder, clock, command=(sys.executable, "-c", script))

    await backups.create()

    assert [path.name for path in folder.iterdir()] == [sending.MARK]
    assert "the disk fails" in backups.notices()[0]


async def test_what_a_killed_copy_has_left_goes(home: Path, folder: Path, clock: FakeClock) -> None:
    leftovers = ("vega-20261101T023000Z.db.part", "vega-20261101T023000Z.json")
    for name in leftovers:
        (folder / name).touch()
    (folder / "holiday.jpg").touch()

    await backups_of(home, folder, clock).create()

    assert not any((folder / name).exists() for name in leftovers)
    assert (folder / "holiday.jpg").exists()


async def test_nights_in_a_row_are_counted_across_starts_and_told_loudly(
    home: Path, folder: Path, clock: FakeClock
) -> None:
    await backups_of(home, folder, clock).create()
    shutil.rmtree(folder)
    for _ in range(3):
        clock.advance(days=1)
        backups = backups_of(home, folder, clock)
        await _night(backups)

    [notice] = backups.notices()

    assert notice.startswith(f"ATTENTION: The copy in {folder} has failed for 3 nights now")
    assert (await backups.summary())["elsewhere"]["failed_nights"] == 3


async def test_a_backup_that_fails_is_told_with_the_last_good_one(
    home: Path, clock: FakeClock
) -> None:
    backups = Backups(home, clock, "1.2.3")
    await backups.create()
    (home / "vega.db").rename(home / "away")
    for night in range(1, 4):
        clock.advance(days=1)
        with pytest.raises(Exception, match="no life"):
            await backups.nightly()
        [notice] = Backups(home, clock, "1.2.3").notices()
        assert "The last good one is of 22 November 2026" in notice
        assert notice.startswith("ATTENTION") == (night == 3)


async def test_backups_are_found_in_both_places(home: Path, folder: Path, clock: FakeClock) -> None:
    backups = backups_of(home, folder, clock)
    first = await backups.create()
    clock.advance(days=1)
    second = await backups.create()
    (home / "backups" / second.name).unlink()

    found = find_backups([home / "backups", folder])

    assert found == [folder / second.name, home / "backups" / first.name]


async def _night(backups: Backups) -> Backup:
    made = await backups.nightly()
    task = backups._sending
    if task is not None:
        await task
    return made
