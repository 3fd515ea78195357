"""Copies a life's file while others read and write it."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from vega.core.life import sqlite
from vega.core.life.sqlite import Connection

#: How much of a life is copied in one go: a megabyte.
COPIED_PAGES = 256


def copy_life(source: Connection, target: Path, after_each: Callable[[], None]) -> None:
    """What the connection sees at this moment, as a new file that can be opened as a life.

    The file is empty, or not there yet; nothing says that all of it has come to the disk.
    `after_each` megabyte may raise, which ends it.
    """
    # Not VACUUM INTO: where its cache is too small it writes other pages before the first one, from
    # which the VFS learns that it must put checksums on them.
    with sqlite.translated_errors(), contextlib.closing(sqlite.begin(target)) as made:
        # Until it is whole it is worth nothing, so it needs no care.
        made.pragma("journal_mode", "off")
        made.pragma("synchronous", "off")
        made.pragma("cache_size", sqlite.CACHE_KIB)
        with sqlite.snapshot(source), made.backup("main", source, "main") as copying:
            while not copying.step(COPIED_PAGES):
                after_each()
