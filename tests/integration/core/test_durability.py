"""What was promised has its name on the disk, too, and nothing is taken away in the wrong order.

A power cut keeps of what was not synced any part; the power_cut drill (`make torture`) tries that
on the real server. Here are the places at which it has found something.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import tell
from vega.core.backup.backups import Backups
from vega.core.keys import Keys
from vega.core.life.head import HeadFile
from vega.core.life.log_frames import OVERWRITTEN
from vega.core.store import Store
from vega.settings_file import write_setting


@dataclass
class Syncs:
    """What was synced in one folder, and what was there at that moment."""

    home: Path
    seen: list[tuple[Path, set[Path]]] = field(default_factory=list)

    def note(self, file: int) -> None:
        found = os.fstat(file)
        paths = [self.home, *self.home.rglob("*")]
        for path in paths:
            if (path.stat().st_dev, path.stat().st_ino) == (found.st_dev, found.st_ino):
                self.seen.append((path, set(paths)))

    def with_name(self, path: Path) -> bool:
        """Whether the folder of that file was synced when the file had its name."""
        return any(folder == path.parent and path in paths for folder, paths in self.seen)


@pytest.fixture
def syncs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Syncs:
    """Of Vega itself; SQLite's own are not seen."""
    syncs, sync = Syncs(tmp_path), os.fsync

    def fsync(file: int) -> None:
        syncs.note(file)
        sync(file)

    monkeypatch.setattr(os, "fsync", fsync)
    return syncs


async def test_a_new_key_has_its_name_on_the_disk(tmp_path: Path, syncs: Syncs) -> None:
    store = await Store.open(tmp_path)
    keys = await Keys.open(store, tmp_path, None, FakeClock())
    await keys.close()
    await store.close()

    assert syncs.with_name(tmp_path / "api_key")


async def test_a_new_life_has_its_head_file_on_the_disk(tmp_path: Path, syncs: Syncs) -> None:
    HeadFile(tmp_path).create()

    assert syncs.with_name(tmp_path / "vega.head")


def test_a_setting_that_was_written_stays(tmp_path: Path, syncs: Syncs) -> None:
    write_setting(tmp_path / "vega.toml", "model", "small")
    syncs.seen.clear()

    write_setting(tmp_path / "vega.toml", "model", "large")

    assert syncs.with_name(tmp_path / "vega.toml")


async def test_a_backup_has_its_folder_on_the_disk_and_its_manifest_before_it(
    tmp_path: Path, syncs: Syncs
) -> None:
    store = await Store.open(tmp_path)
    await tell(store)
    backups = Backups(tmp_path, FakeClock(), "1.0")

    made = await backups.create()

    path = tmp_path / "backups" / made.name
    manifest = path.with_suffix(".json")
    await backups.close()
    await store.close()
    assert syncs.with_name(tmp_path / "backups")
    assert syncs.with_name(path)
    assert any(manifest in paths and path not in paths for _, paths in _of(path.parent, syncs))


def _of(folder: Path, syncs: Syncs) -> list[tuple[Path, set[Path]]]:
    return [seen for seen in syncs.seen if seen[0] == folder]


async def test_the_log_loses_its_head_for_certain_before_anything_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut may leave the beginning of the log, whose pages are older than those that
    the database has by then: SQLite would take them for the newest."""
    store = await Store.open(tmp_path)
    for number in range(5):
        await tell(store, f"prompt {number}")
    log = tmp_path / "vega.db-wal"
    before, after_each = log.read_bytes(), list[bytes]()
    _see_log(log, monkeypatch, after_each.append)

    assert await store.forgetting.empty_log()

    await store.close()
    assert len(after_each) == 2
    assert after_each[0].startswith(OVERWRITTEN)
    assert after_each[0][4096:] == before[4096:]
    assert not any(after_each[1][len(OVERWRITTEN) :])
    await _assert_opens(tmp_path, tmp_path / "cut", after_each[0])


async def _assert_opens(home: Path, other: Path, log: bytes) -> None:
    """The life, as it was when the power was cut with that log beside it."""
    other.mkdir()
    for name in ("vega.db", "vega.head"):
        (other / name).write_bytes((home / name).read_bytes())
    (other / "vega.db-wal").write_bytes(log)
    store = await Store.open(other)
    found = [turn.prompt for turn in await store.history(9)]
    attention = list(store.attention)
    await store.close()
    assert (len(found), attention) == (5, [])


def _see_log(log: Path, monkeypatch: pytest.MonkeyPatch, note: Callable[[bytes], None]) -> None:
    """What the log holds whenever Vega syncs it."""
    sync = os.fsync

    def fsync(file: int) -> None:
        sync(file)
        if os.fstat(file).st_ino == log.stat().st_ino:
            note(os.pread(file, os.fstat(file).st_size, 0))

    monkeypatch.setattr(os, "fsync", fsync)
