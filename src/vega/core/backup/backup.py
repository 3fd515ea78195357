"""One backup: a copy of the whole life in one file, and the manifest beside it that says what must
be in it.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vega.core.backup.backup_disk import translated_errors
from vega.core.life import records, sqlite
from vega.core.life.damage import find_flaw
from vega.core.life.head import Head
from vega.core.sql import queries
from vega.errors import BackupDamaged, BackupNotFound, DatabaseError

FOLDER = "backups"
NIGHTLY = "nightly"
BY_HAND = "by hand"

#: Between two looks at whether to go on: virtual machine steps of SQLite, bytes of a file.
STEPS = 10_000
CHUNK_BYTES = 1024 * 1024

_NAME = re.compile(r"vega-\d{8}T\d{6}Z(-\d+)?\.db", re.ASCII)

#: Asked now and then by what takes long: True ends it.
IsUnwanted = Callable[[], bool]


def is_wanted() -> bool:
    """For work that is done to its end: it is never unwanted."""
    return False


def stop_if(is_unwanted: IsUnwanted) -> None:
    if is_unwanted():
        raise DatabaseError("The work on a backup was ended before it was done.")


@dataclass(frozen=True, slots=True)
class Backup:
    """What a manifest says."""

    name: str
    created_at: datetime
    #: Of the Vega that made it.
    version: str
    #: NIGHTLY ones are dropped by a rule; all others stay.
    kind: str
    head: Head
    turns: int
    size_bytes: int
    sha256: str
    #: What was known to be missing of the life at that time, as in the head file.
    lost: tuple[int, int] | None


def is_backup_name(name: str) -> bool:
    """No other name is ever looked for, so that none leads out of the folder."""
    return _NAME.fullmatch(name) is not None


def backup_path(home: Path, name: str) -> Path:
    """Where that backup is. Raises BackupNotFound."""
    path = home / FOLDER / name
    if not is_backup_name(name) or not path.is_file():
        raise BackupNotFound
    return path


def manifest_path(path: Path) -> Path:
    return path.with_suffix(".json")


def shape(backup: Backup) -> dict[str, Any]:
    """As it stands in the manifest, and as it is shown."""
    return {
        "created_at": backup.created_at.isoformat(),
        "version": backup.version,
        "kind": backup.kind,
        "head": {"link": backup.head.link, "hash": backup.head.hash.hex()},
        "turns": backup.turns,
        "size_bytes": backup.size_bytes,
        "sha256": backup.sha256,
        "lost": backup.lost,
    }


def read_manifest(path: Path) -> Backup:
    """What the manifest of the backup at that path says. Raises BackupDamaged."""
    try:
        found = json.loads(manifest_path(path).read_bytes())
        lost = found["lost"]
        return Backup(
            name=path.name,
            created_at=datetime.fromisoformat(found["created_at"]).astimezone(UTC),
            version=str(found["version"]),
            kind=str(found["kind"]),
            head=Head(int(found["head"]["link"]), bytes.fromhex(found["head"]["hash"])),
            turns=int(found["turns"]),
            size_bytes=int(found["size_bytes"]),
            sha256=str(found["sha256"]),
            lost=(int(lost[0]), int(lost[1])) if lost else None,
        )
    except (OSError, ValueError, LookupError, TypeError) as exc:
        raise BackupDamaged(
            f"The manifest of {path.name} is missing or cannot be read: {exc}."
        ) from exc


def verify_backup(path: Path, is_unwanted: IsUnwanted = is_wanted) -> Backup:
    """What the backup holds, once it has been found to be as it was made. Raises BackupDamaged."""
    backup = read_manifest(path)
    with translated_errors():
        is_whole = path.stat().st_size == backup.size_bytes
        is_same = is_whole and digest(path, is_unwanted) == backup.sha256
    if not is_same:
        raise BackupDamaged(
            f"{path.name} was altered since it was made: it does not have its checksum any more. "
            "Use another backup."
        )
    with look_inside(path, is_unwanted) as copy:
        flaw = find_flaw(copy)
        if flaw is not None:
            raise BackupDamaged(f"{path.name} is no sound database: {flaw}.")
        _compare(copy, backup)
    return backup


def _compare(copy: sqlite.Connection, backup: Backup) -> None:
    """What the database holds with what the manifest says. Further looks at it belong here."""
    if records.read_head(copy) != backup.head or count_turns(copy) != backup.turns:
        raise BackupDamaged(
            f"{backup.name} holds another life, or another moment of it, than its manifest says."
        )


@contextlib.contextmanager
def look_inside(path: Path, is_unwanted: IsUnwanted = is_wanted) -> Iterator[sqlite.Connection]:
    """The database of a backup, which stays as it is."""
    with (
        contextlib.closing(sqlite.connect_still(path)) as connection,
        sqlite.translated_errors(),
    ):
        connection.set_progress_handler(is_unwanted, STEPS)
        yield connection


def count_turns(connection: sqlite.Connection) -> int:
    """In all tiers."""
    return int(connection.execute(queries["count_turns"]).get)


def digest(path: Path, is_unwanted: IsUnwanted = is_wanted) -> str:
    """The SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
            stop_if(is_unwanted)
    return found.hexdigest()
