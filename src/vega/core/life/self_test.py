"""Whether the SQLite that Vega runs with is one to trust a life to, tried on a file of its own.

Nothing here comes near a life. A page is damaged on purpose, and must be refused.
"""

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

import apsw

from vega.core.life import sqlite
from vega.errors import DatabaseDamaged

#: Before it a log that is begun anew at a bad moment could damage the file
#: (https://sqlite.org/wal.html#walresetbug).
LEAST_VERSION = (3, 51, 3)
#: The index of words is made with it, and each thread has a connection of its own.
NEEDED_OPTIONS = frozenset({"ENABLE_FTS5"})
NO_THREADS = "THREADSAFE=0"
#: Somewhere on the first page where nothing stands: only a checksum can see that it changed.
EMPTY_PLACE = 2000


@dataclass(frozen=True, slots=True)
class Driver:
    """The SQLite of this installation."""

    version: str
    #: In words, what is wrong with it.
    troubles: tuple[str, ...]


def look_at_driver() -> Driver:
    """Raises OSError where no file can be made to try it on."""
    version = apsw.sqlite_lib_version()
    options = set(apsw.compile_options)
    troubles = []
    if tuple(map(int, version.split(".")[:3])) < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        troubles.append(f"it is older than {least}, which can damage a life")
    troubles += [f"it was built without {each}" for each in sorted(NEEDED_OPTIONS - options)]
    if NO_THREADS in options:
        troubles.append("it was built for one thread alone")
    if not _sees_damage():
        troubles.append("it read a damaged page as if it were whole")
    return Driver(version, tuple(troubles))


def _sees_damage() -> bool:
    with tempfile.TemporaryDirectory(prefix="vega-sqlite-") as folder:
        path = Path(folder, "tried.db")
        sqlite.create(path).close()
        damage(path, EMPTY_PLACE)
        try:
            with contextlib.closing(sqlite.connect(path)):
                return False
        except DatabaseDamaged:
            return True


def damage(path: Path, place: int) -> None:
    """Turns one bit of a file that nobody has open."""
    with path.open("r+b") as file:
        file.seek(place)
        (old,) = file.read(1)
        file.seek(place)
        file.write(bytes([old ^ 1]))
