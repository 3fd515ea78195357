"""The backups of a life: made while turns go on, listed, verified, and dropped by the rule.

A backup is written under another name, synced and renamed, its manifest before it: one that stands
in the list is whole. What a killed one left is taken away by the next.
"""

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from vega.core.backup import backup as one
from vega.core.backup.backup import Backup, IsUnwanted
from vega.core.backup.backup_disk import check_room, make_private, translated_errors
from vega.core.backup.copies import copy_life
from vega.core.backup.elsewhere import Elsewhere
from vega.core.backup.retention import kept_backups
from vega.core.backup.state import load_state, save_state
from vega.core.clock import Clock
from vega.core.db import DATABASE_NAME, permanent_session_id
from vega.core.life import records, sqlite
from vega.core.life.damage import find_flaw
from vega.core.life.head import HeadFile
from vega.errors import (
    BackupDamaged,
    BackupRunning,
    DatabaseDamaged,
    DatabaseError,
    VegaError,
    as_sentence,
)
from vega.syncing import sync

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_PART = ".part"
#: What the night calls it; how it went, `Backups.notices` says.
NIGHTLY_BACKUP = "The nightly backup"


class Backups:
    """The backups in a home folder. One is made or verified at a time."""

    def __init__(
        self, home: Path, clock: Clock, version: str, elsewhere: Elsewhere | None = None
    ) -> None:
        self._home = home
        self.folder = home / one.FOLDER
        self._clock = clock
        self._version = version
        self._lock = asyncio.Lock()
        self._is_closed = threading.Event()
        #: The folder on another disk.
        self._elsewhere = elsewhere
        self._sending: asyncio.Task[None] | None = None
        self._state = load_state(self._home)
        #: Those without a manifest that can be read, of which the log knows.
        self._complained: set[str] = set()
        #: The life's id, known once a backup was made.
        self._life: str | None = None

    async def create(self, kind: str = one.BY_HAND) -> Backup:
        """A new backup, whole and on the disk; on the other disk, too, if that goes well.

        Raises BackupRunning, NoRoomForBackup, or what kept the life from being copied.
        """
        if self._lock.locked():
            raise BackupRunning
        with self._failure_noted(is_night=False):
            async with self._lock:
                made = await self._make(kind)
        await self._send(made, is_night=False)
        return made

    async def nightly(self) -> Backup:
        """A new backup, and those that the rule drops are gone. It waits for one that runs."""
        with self._failure_noted(is_night=True):
            async with self._lock:
                made = await self._make(one.NIGHTLY)
                dropped = await asyncio.to_thread(self._drop_old, made)
        log.info("The nightly backup %s was made; %d older ones went.", made.name, dropped)
        # What else is due at night does not wait for another disk.
        await self._end_sending()
        self._sending = asyncio.create_task(self._send(made, is_night=True), name="elsewhere")
        return made

    async def list(self) -> Sequence[Backup]:
        """The newest first."""
        return await asyncio.to_thread(self._find)

    async def verify(self, name: str) -> Backup:
        """What the backup holds. Raises BackupNotFound, BackupDamaged, BackupRunning."""
        path = one.backup_path(self._home, name)
        if self._lock.locked():
            raise BackupRunning
        async with self._lock:
            return await self._in_thread(lambda is_unwanted: one.verify_backup(path, is_unwanted))

    async def summary(self) -> dict[str, Any]:
        """How many there are, the newest, and why the last one was not made."""
        found = await self.list()
        last = {"name": found[0].name, **one.shape(found[0])} if found else None
        here, there = self._state.here, self._state.elsewhere
        folder = str(self._elsewhere.folder) if self._elsewhere else None
        return {
            "count": len(found),
            "last": last,
            "error": here.error,
            "failed_nights": here.failed_nights,
            "elsewhere": {"folder": folder, **asdict(there)} if folder else None,
        }

    def notices(self) -> Sequence[str]:
        """What the owner must be told: which backups fail, and when the last good one was made."""
        found = [self._state.here.notice("The backup")]
        if self._elsewhere is not None:
            found.append(self._state.elsewhere.notice(f"The copy in {self._elsewhere.folder}"))
        return [notice for notice in found if notice]

    async def close(self) -> None:
        """Ends what is being done; nothing of it stays."""
        self._is_closed.set()
        await self._end_sending()
        async with self._lock:
            pass

    @contextlib.contextmanager
    def _failure_noted(self, *, is_night: bool) -> Iterator[None]:
        known = self._state.here
        try:
            yield
        except VegaError as exc:
            if self._is_closed.is_set():
                raise
            known.fail(as_sentence(str(exc)), is_night=is_night)
            newest = next(iter(self._find()), None)
            known.last_good_at = newest.created_at.isoformat() if newest else None
            save_state(self._home, self._state)
            raise
        known.succeed(self._clock.now().isoformat(), 0)
        save_state(self._home, self._state)

    async def _send(self, made: Backup, *, is_night: bool) -> None:
        """To the other disk: this one, and those made by hand that are not there. Never fails; how
        it went is told."""
        if self._elsewhere is None or self._life is None:
            return
        folder = str(self._elsewhere.folder)
        names = [each.name for each in await self.list() if each.kind != one.NIGHTLY]
        request = {
            "source": str(self.folder),
            "names": sorted({*names, made.name}),
            "life": self._life,
            "is_known": folder in self._state.folders,
            "zone": self._clock.zone,
            "nightly": one.NIGHTLY,
        }
        found = await self._elsewhere.send(request)
        known = self._state.elsewhere
        if "error" in found:
            known.fail(as_sentence(found["error"]), is_night=is_night)
            log.error("The backup %s is not in %s: %s", made.name, folder, found["error"])
        else:
            known.succeed(found["newest"], found["count"])
            self._state.folders = sorted({*self._state.folders, folder})
            log.info("The backup %s is in %s, too.", made.name, folder)
        await asyncio.to_thread(save_state, self._home, self._state)

    async def _end_sending(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
            self._sending = None

    async def _make(self, kind: str) -> Backup:
        return await self._in_thread(lambda is_unwanted: self._write(kind, is_unwanted))

    async def _in_thread(self, work: Callable[[IsUnwanted], Result]) -> Result:
        """The result of the work, which ends soon when nobody waits for it any more."""
        is_left = threading.Event()
        running = asyncio.ensure_future(
            asyncio.to_thread(work, lambda: is_left.is_set() or self._is_closed.is_set())
        )
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            is_left.set()
            while not running.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([running])
            # How it ended is taken note of, since nobody is there to be told.
            running.exception()
            raise

    def _write(self, kind: str, is_unwanted: IsUnwanted) -> Backup:
        if not (self._home / DATABASE_NAME).exists():
            raise DatabaseError(f"There is no life in {self._home} to make a backup of.")
        with translated_errors():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            sync(self._home)
            self._remove_leftovers()
            check_room(self.folder, _size_of(self._home / DATABASE_NAME))
            try:
                made = self._copy_life(kind, is_unwanted)
                self._finish(made)
            except BaseException:
                self._remove_leftovers()
                raise
        return made

    def _copy_life(self, kind: str, is_unwanted: IsUnwanted) -> Backup:
        """The copy, under its passing name. Head and turns are read from it, not from the life,
        which goes on."""
        now = self._clock.now()
        path = self._free_path(f"vega-{now:%Y%m%dT%H%M%SZ}")
        part = _part_of(path)
        make_private(part)

        def after_each() -> None:
            one.stop_if(is_unwanted)
            # Else all of it goes to the disk at the end, and a turn would have to wait for that:
            # 180 ms with a life of 430 MB, 6 ms so.
            sync(part)

        life = sqlite.connect(self._home / DATABASE_NAME, read_only=True)
        with contextlib.closing(life):
            copy_life(life, part, after_each)
        with one.look_inside(part, is_unwanted) as copy:
            flaw = find_flaw(copy)
            if flaw is not None:
                raise DatabaseDamaged(
                    f"The life is no sound database, so no backup was made of it: {flaw}."
                )
            head, turns = records.read_head(copy), one.count_turns(copy)
            self._life = permanent_session_id(copy)
        head_file = HeadFile(self._home)
        head_file.load()
        return Backup(
            name=path.name,
            created_at=now,
            version=self._version,
            kind=kind,
            head=head,
            turns=turns,
            size_bytes=part.stat().st_size,
            sha256=one.digest(part, is_unwanted),
            lost=head_file.lost,
        )

    def _finish(self, made: Backup) -> None:
        """From here on it is there: the manifest first, without which it is no backup."""
        path = self.folder / made.name
        manifest = one.manifest_path(path)
        make_private(_part_of(manifest))
        _part_of(manifest).write_text(json.dumps(one.shape(made), indent=1) + "\n")
        for each in (path, manifest):
            sync(_part_of(each))
        for each in (manifest, path):
            _part_of(each).rename(each)
            # Each by itself: else a power cut may leave the second name without the first.
            sync(self.folder)

    def _free_path(self, stem: str) -> Path:
        """A name that no backup has: never is one written over."""
        path = self.folder / f"{stem}.db"
        number = 2
        while path.exists():
            path = self.folder / f"{stem}-{number}.db"
            number += 1
        return path

    def _remove_leftovers(self) -> None:
        """Parts of backups that were never finished, and manifests without their backup."""
        for path in self.folder.iterdir():
            stem, _, rest = path.name.partition(".")
            if not one.is_backup_name(f"{stem}.db"):
                continue
            is_part = rest.startswith((f"db{_PART}", f"json{_PART}"))
            if is_part or (rest == "json" and not path.with_suffix(".db").exists()):
                path.unlink(missing_ok=True)

    def _find(self) -> Sequence[Backup]:
        with translated_errors():
            names = [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []
        found = []
        for name in filter(one.is_backup_name, names):
            try:
                found.append(one.read_manifest(self.folder / name))
            except BackupDamaged as exc:
                if name not in self._complained:
                    log.warning("%s", exc)
                self._complained.add(name)
        return sorted(found, key=lambda each: (each.created_at, each.name), reverse=True)

    def _drop_old(self, made: Backup) -> int:
        """How many went. The one that was just made stays, whatever the clock says."""
        nightly = {each.name: each.created_at for each in self._find() if each.kind == one.NIGHTLY}
        unwanted = nightly.keys() - kept_backups(nightly, self._clock.zone) - {made.name}
        with translated_errors():
            for name in unwanted:
                path = self.folder / name
                path.unlink(missing_ok=True)
                one.manifest_path(path).unlink(missing_ok=True)
            sync(self.folder)
        return len(unwanted)


def find_backups(folders: Sequence[Path]) -> list[Path]:
    """Where those are that have a manifest, the newest first; a folder that is not there has none.

    Of the same one in two places the first is named.
    """
    found: dict[str, tuple[datetime, Path]] = {}
    for folder in folders:
        with contextlib.suppress(OSError):
            for path in folder.iterdir():
                if one.is_backup_name(path.name) and path.is_file() and not path.is_symlink():
                    with contextlib.suppress(BackupDamaged):
                        made_at = one.read_manifest(path).created_at
                        found.setdefault(path.name, (made_at, path))
    return [path for _, path in sorted(found.values(), reverse=True)]


def _part_of(path: Path) -> Path:
    """Its name while it is not whole."""
    return path.with_name(path.name + _PART)


def _size_of(life: Path) -> int:
    log_file = life.with_name(f"{life.name}-wal")
    return life.stat().st_size + (log_file.stat().st_size if log_file.exists() else 0)
