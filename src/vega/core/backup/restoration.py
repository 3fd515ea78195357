"""Puts a backup in the place of the present life, which is kept.

Only for whoever holds the home's lock. Wherever it is killed, either the old or the new life can be
started, or `vega.db` is missing and its head file says that a life was here, so that Vega refuses
to start; restoring once more then finishes.
"""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from vega.core.backup import backup as one
from vega.core.backup.backup import Backup
from vega.core.backup.backup_disk import check_room, make_private, sync, translated_errors
from vega.core.clock import Clock
from vega.core.db import DATABASE_NAME
from vega.core.life import records, sqlite
from vega.core.life.disk import VECTORS_FOLDER
from vega.core.life.head import Head, HeadFile
from vega.errors import BackupDamaged, VegaError

#: Where lives are kept that a backup has replaced, a folder for each.
REPLACED = "replaced"

_PART = ".part"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What restoring a backup would mean."""

    backup: Backup
    #: Of the present life; None where there is none, or it cannot be read.
    present_turns: int | None
    #: Why it cannot be read.
    damage: str | None
    #: Whether the backup is an earlier moment of the present life.
    is_of_this_life: bool

    @property
    def is_replacing(self) -> bool:
        return self.present_turns is not None or self.damage is not None

    @property
    def newer_turns(self) -> int:
        """How many of the present life come after the backup."""
        return max(0, (self.present_turns or 0) - self.backup.turns)


class Restoration:
    """Of backups in one home folder."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._home = home
        self._life = home / DATABASE_NAME
        self._log = home / f"{DATABASE_NAME}-wal"
        self._draft = home / f"{DATABASE_NAME}.restored"
        self._replaced = home / REPLACED
        self._clock = clock

    def look(self, name: str) -> Outlook:
        """What it would mean, once the backup was verified.

        Raises BackupNotFound, BackupDamaged.
        """
        backup = one.verify_backup(one.backup_path(self._home, name))
        if not self._life.exists():
            return Outlook(backup, None, None, is_of_this_life=False)
        try:
            life = sqlite.connect(self._life, read_only=True)
            with contextlib.closing(life), sqlite.translated_errors():
                turns = one.count_turns(life)
                hash_then = records.find_hash(life, backup.head.link)
        except VegaError as exc:
            return Outlook(backup, None, str(exc), is_of_this_life=False)
        is_of_this_life = not backup.head.link or hash_then == backup.head.hash
        return Outlook(backup, turns, None, is_of_this_life)

    def perform(self, backup: Backup) -> Path | None:
        """Where the life is now that was replaced, if there was one.

        Raises BackupDamaged, NoRoomForBackup, StorageFull, DatabaseError.
        """
        with translated_errors():
            self._draw(backup)
            # Made of the life that is replaced, whose later turns the restored one does not have.
            shutil.rmtree(self._home / VECTORS_FOLDER, ignore_errors=True)
            kept = self._keep_present()
            # The head file first: a database that it does not fit would seem to have lost its tail.
            self._write_head(backup.head, backup.lost)
            self._draft.rename(self._life)
            sync(self._home)
        return kept

    def _draw(self, backup: Backup) -> None:
        """A copy of the backup, whole and on the disk, beside the present life."""
        self._draft.unlink(missing_ok=True)
        check_room(self._home, backup.size_bytes)
        make_private(self._draft)
        try:
            shutil.copyfile(one.backup_path(self._home, backup.name), self._draft)
            sync(self._draft)
            if one.digest(self._draft) != backup.sha256:
                raise BackupDamaged(f"{backup.name} could not be copied as it is.")
        except BaseException:
            self._draft.unlink(missing_ok=True)
            raise

    def _keep_present(self) -> Path | None:
        """Moves the present life away.

        What lies beside the database is copied first and taken away last, so that no part of a life
        is ever in no place, and nothing that is left could be taken for a part of the next one.
        """
        kept = None
        self._end_earlier()
        if self._life.exists() or self._log.exists():
            kept = self._free_folder()
            part = kept.with_name(kept.name + _PART)
            part.mkdir(mode=0o700)
            head_path = HeadFile(self._home).path
            if not head_path.exists():
                # It keeps Vega from beginning a new life while there is no database.
                self._write_head(Head(0, b""), None)
            for path in (self._log, head_path):
                if path.exists():
                    shutil.copy2(path, part)
                    sync(part / path.name)
            if self._life.exists():
                self._life.rename(part / DATABASE_NAME)
            sync(part)
            part.rename(kept)
            sync(self._replaced)
        for path in (self._log, self._home / f"{DATABASE_NAME}-shm"):
            path.unlink(missing_ok=True)
        # On the disk before another database stands where they would be found.
        sync(self._home)
        return kept

    def _end_earlier(self) -> None:
        """What a restoration that was killed had begun to move away."""
        self._replaced.mkdir(mode=0o700, exist_ok=True)
        for part in self._replaced.glob(f"*{_PART}"):
            if (part / DATABASE_NAME).exists():
                part.rename(part.with_suffix(""))
            else:
                shutil.rmtree(part)

    def _free_folder(self) -> Path:
        stem = f"{self._clock.now():%Y%m%dT%H%M%SZ}"
        folder = self._replaced / stem
        number = 2
        while folder.exists():
            folder = self._replaced / f"{stem}-{number}"
            number += 1
        return folder

    def _write_head(self, head: Head, lost: tuple[int, int] | None) -> None:
        head_file = HeadFile(self._home)
        head_file.lost = lost
        head_file.save(head)
        sync(head_file.path)
