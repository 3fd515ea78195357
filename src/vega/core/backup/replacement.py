"""Puts another database in the place of the present life, which is kept.

Only for whoever holds the home's lock. Wherever it is killed, either the old or the new life can be
started, or `vega.db` is missing and its head file says that a life was here, so that Vega refuses
to start; doing the same once more then finishes.
"""

import shutil
from pathlib import Path

from vega.core.clock import Clock
from vega.core.db import DATABASE_NAME
from vega.core.life.disk import VECTORS_FOLDER
from vega.core.life.forgotten_file import ForgottenFile
from vega.core.life.head import Head, HeadFile
from vega.syncing import sync

#: Where lives are kept that another one has replaced, a folder for each.
REPLACED = "replaced"

_PART = ".part"


class Replacement:
    """Of the life in one home folder."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._home = home
        self._life = home / DATABASE_NAME
        self._log = home / f"{DATABASE_NAME}-wal"
        self._replaced = home / REPLACED
        self._clock = clock

    def put(
        self, draft: Path, head: Head, lost: tuple[int, int] | None, *, is_other_life: bool
    ) -> Path | None:
        """Where the life is now that was replaced, if there was one. The draft is in the home
        folder, whole and on the disk, and ends with that head.

        `is_other_life`: what was forgotten of the present life says nothing of it.
        """
        # Made of the life that is replaced, whose later turns the other one may not have.
        shutil.rmtree(self._home / VECTORS_FOLDER, ignore_errors=True)
        kept = self._keep_present(is_other_life=is_other_life)
        # The head file first: a database that it does not fit would seem to have lost its tail.
        self._write_head(head, lost)
        draft.rename(self._life)
        sync(self._home)
        return kept

    def _keep_present(self, *, is_other_life: bool) -> Path | None:
        """Moves the present life away.

        What lies beside the database is copied first and taken away last, so that no part of a life
        is ever in no place, and nothing that is left could be taken for a part of the next one.
        """
        kept = None
        self._end_earlier()
        forgotten = ForgottenFile(self._home).path
        if self._life.exists() or self._log.exists():
            kept = self._free_folder()
            part = kept.with_name(kept.name + _PART)
            part.mkdir(mode=0o700)
            head_path = HeadFile(self._home).path
            if not head_path.exists():
                # It keeps Vega from beginning a new life while there is no database.
                self._write_head(Head(0, b""), None)
            for path in (self._log, head_path, forgotten):
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
        if is_other_life:
            forgotten.unlink(missing_ok=True)
        # On the disk before another database stands where they would be found.
        sync(self._home)
        return kept

    def _end_earlier(self) -> None:
        """What was begun to be moved away when it was killed."""
        self._replaced.mkdir(mode=0o700, exist_ok=True)
        sync(self._home)
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
