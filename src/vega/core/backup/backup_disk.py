"""The disk under backups and restored lives: its room, its errors, and when something is on it."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from vega.core.life.driver_errors import disk_failure
from vega.errors import NoRoomForBackup, StorageFull

#: A copy needs as much room as what it is of, and some more; the life must be able to go on too.
ROOM_FACTOR = 1.2
SPARE_BYTES = 64 * 1024 * 1024

_FULL = (errno.ENOSPC, errno.EDQUOT)
_MEGABYTE = 1_000_000


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """Turns the system's errors into ours."""
    try:
        yield
    except OSError as exc:
        if exc.errno in _FULL:
            raise StorageFull from exc
        raise disk_failure(exc) from exc


def check_room(folder: Path, size_bytes: int) -> None:
    """Raises NoRoomForBackup where so many bytes cannot be copied to with some room left."""
    needed = int(size_bytes * ROOM_FACTOR) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NoRoomForBackup(
            f"There is not enough free disk space in {folder} for a copy of the life: "
            f"{needed / _MEGABYTE:,.0f} MB are needed, {free / _MEGABYTE:,.0f} MB are free. "
            "Nothing was changed."
        )


def make_private(path: Path) -> None:
    """A new, empty file for its owner alone. What SQLite lays beside it takes after it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
