"""Puts a backup in the place of the present life, which is kept.

Only for whoever holds the home's lock. Wherever it is killed, restoring once more finishes it.
"""

import contextlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from vega.core.backup import backup as one
from vega.core.backup.backup import Backup
from vega.core.backup.backup_disk import check_room, make_private, translated_errors
from vega.core.backup.replacement import REPLACED, Replacement
from vega.core.clock import Clock
from vega.core.db import DATABASE_NAME
from vega.core.life import records, sqlite
from vega.errors import BackupDamaged, VegaError
from vega.syncing import sync

__all__ = ["REPLACED", "Outlook", "Restoration"]


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
        self._draft = home / f"{DATABASE_NAME}.restored"
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
            replacement = Replacement(self._home, self._clock)
            return replacement.put(self._draft, backup.head, backup.lost, is_other_life=True)

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
