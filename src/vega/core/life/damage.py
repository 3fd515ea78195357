"""What the disk has damaged, looked for and read all the same."""

import contextlib
from collections.abc import Iterator

import apsw

from vega.core.life.sqlite import Connection


@contextlib.contextmanager
def unchecked(connection: Connection) -> Iterator[None]:
    """Pages that fail their checksum are taken as they are: to be written over, not to be believed.

    Else not even that is possible, since SQLite looks at what it replaces.
    """
    # So that each page is read again, and one that the disk damaged is seen to differ.
    connection.pragma("shrink_memory")
    connection.pragma("checksum_verification", False)
    try:
        yield
    finally:
        connection.pragma("checksum_verification", True)


def find_flaw(connection: Connection) -> str | None:
    """What SQLite finds wrong with the database beside its checksums, which zeros alone pass."""
    try:
        found = str(connection.execute("PRAGMA integrity_check(1)").get)
    except apsw.CorruptError as exc:
        return str(exc)
    return None if found == "ok" else found
