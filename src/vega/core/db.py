"""Opens the one file that holds a life: makes it, refuses what is no life, migrates it.

A new life is made whole under another name and then renamed, so `vega.db` is either absent or
complete. A head file beside it remembers that a life was begun here, and how far it had come:
where that is so, an empty or missing `vega.db` is refused instead of silently begun anew.
"""

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from vega.config import load_settings
from vega.core.life import sqlite
from vega.core.life.disk import Disk
from vega.core.life.head import HeadFile
from vega.core.life.log_frames import read_log
from vega.core.sql import migrations, queries
from vega.errors import DatabaseError, LifeRefused, LogDamaged
from vega.syncing import sync

DATABASE_NAME = "vega.db"
#: It is folded in at 4 MB; a larger one, which a reader has kept growing, is not looked through.
MOST_LOG_BYTES = 256 * 1024 * 1024

_SQLITE_MAGIC = b"SQLite format 3\x00"


def open_life(home: Path, disk: Disk) -> sqlite.SQLite:
    """The life in this home folder, made if none was ever begun here, in today's schema.

    Raises LifeRefused for a file that Vega may not open; the file is left untouched.
    """
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Opening writes: on a full disk only the ballast has room for that.
    disk.look()
    _make_ready(home)
    return sqlite.SQLite(home / DATABASE_NAME, disk.make_room)


def look_at_log(home: Path) -> str | None:
    """What is to be told of the life's write-ahead log, before it is opened and nobody else has it
    open. Raises LogDamaged where something that was committed stands behind damage."""
    path = home / f"{DATABASE_NAME}-wal"
    if not path.exists() or path.stat().st_size > MOST_LOG_BYTES:
        return None
    found = read_log(path.read_bytes(), sqlite.PAGE_BYTES)
    if found.is_damaged:
        raise LogDamaged
    if found.is_end_doubtful:
        return (
            "The write-ahead log was damaged at its end, or the power failed while it was written: "
            "what was stored last may be missing. `vega verify` looks whether anything is."
        )
    return None


def get_persistent_session_id(home: Path | None = None) -> str:
    """The id of the one conversation: always the same, for ever, whatever other rows exist.

    Makes the life, and the session with it, where there is none yet; any number of processes may
    do so at once. `home` is the settings' home folder where it is not given.
    """
    folder = home or load_settings().home
    _make_ready(folder)
    connection = sqlite.connect(folder / DATABASE_NAME, read_only=True)
    with contextlib.closing(connection), sqlite.translated_errors():
        return permanent_session_id(connection)


def permanent_session_id(connection: sqlite.Connection) -> str:
    """The id of the permanent session in an open life."""
    row = connection.execute(queries["permanent_session"]).get
    if row is None:
        raise DatabaseError("This life has lost its permanent session; restore a backup.")
    return str(row)


def _make_ready(home: Path) -> None:
    """Leaves a life in today's schema in the folder."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home / DATABASE_NAME
    with _exclusive(home):
        is_new = _is_absent(path)
        if is_new:
            _refuse_lost_life(path)
            _begin(path)
        _refuse_foreign(path)
        with contextlib.closing(sqlite.connect(path)) as connection:
            _migrate(connection)
        # That of a life which goes on without one is missing; the store says so.
        if is_new:
            HeadFile(home).create()


@contextlib.contextmanager
def _exclusive(home: Path) -> Iterator[None]:
    """One process at a time makes or migrates a life."""
    file = os.open(home / "vega.db.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _is_absent(path: Path) -> bool:
    if path.exists() and not path.is_file():
        raise LifeRefused(f"{path} is not a file. It was left untouched; move it away.")
    return not path.exists() or path.stat().st_size == 0


def _refuse_lost_life(path: Path) -> None:
    traces = (HeadFile(path.parent).path, Path(f"{path}-wal"))
    for trace in traces:
        if trace.exists():
            raise LifeRefused(
                f"A life was begun in {path.parent} ({trace.name} says so), but {path} is missing "
                f"or empty. Restore a backup, or have `vega doctor --repair` put together what is "
                f"left. To begin a new life instead, remove {trace.name}."
            )


def begin_draft(draft: Path, until: int | None = None) -> None:
    """A life in today's schema, or in an earlier one, under a passing name, with nothing in it, not
    even its session; what an earlier one left there is gone."""
    for leftover in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm")):
        leftover.unlink(missing_ok=True)
    # For its owner alone from the first byte on; the log and its index take after it.
    os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    with contextlib.closing(sqlite.create(draft)) as connection:
        _migrate(connection, until)


def new_session_id() -> str:
    return f"persistent-{secrets.token_hex(4)}"


def _begin(path: Path) -> None:
    """Makes a new life, with its session, in one step."""
    draft = path.with_name(path.name + ".new")
    begin_draft(draft)
    connecting = contextlib.closing(sqlite.connect(draft))
    with connecting as connection, sqlite.translated_errors():
        session_id = new_session_id()
        connection.execute(queries["add_permanent_session"], (session_id, time.time_ns() // 1000))
    draft.rename(path)
    sync(path.parent)


def _refuse_foreign(path: Path) -> None:
    """Looks at the file's header without letting SQLite touch it."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_SQLITE_MAGIC):
        raise LifeRefused(
            f"{path} is not a database. It was left untouched: `vega doctor --repair` puts "
            "together what is left of it; or move it away."
        )
    if int.from_bytes(header[68:72]) != sqlite.APPLICATION_ID:
        raise LifeRefused(
            f"{path} is a database of another program. It was left untouched; move it away."
        )
    if header[20] != sqlite.CHECKSUM_BYTES:
        raise LifeRefused(
            f"{path} was rewritten by another program: its pages have no room for checksums. It "
            "was left untouched; restore a backup."
        )


def _migrate(connection: sqlite.Connection, until: int | None = None) -> None:
    """Brings the schema up to today's, or that of a number, each step in its own transaction.

    `user_version` in the file's header is the number of the last migration.
    """
    steps = migrations()
    with sqlite.translated_errors():
        version = connection.pragma("user_version")
        if version > steps[-1][0]:
            raise LifeRefused(
                f"{connection.filename} was written by a newer Vega (schema {version}; this one "
                f"knows {steps[-1][0]}). It was left untouched; install the newer Vega."
            )
        for number, name, statements in steps:
            if number <= version or (until is not None and number > until):
                continue
            with sqlite.transaction(connection):
                connection.execute(statements)
                applied_at = time.time_ns() // 1000
                connection.execute(queries["add_migration"], (number, name, applied_at))
                connection.pragma("user_version", number)
