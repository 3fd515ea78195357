"""Where in a home folder anything of a word is left: in rows, blocks, the index, and bare bytes."""

import os
import subprocess
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from vega.core.life.archive import OpenBlock
from vega.core.life.sqlite import Connection, connect


def traces(home: Path, word: str) -> set[str]:
    """Names of tables, `blocks` (as they are inside), `terms` (that the full-text index finds),
    `segments` (the same as they are stored), and files with the word in their bytes.

    Works on a life that is open too. The word is one that the index's stemmer leaves as it is, and
    whose first letters no other word of the life has.
    """
    with closing(connect(home / "vega.db", read_only=True)) as connection:
        found = {table for table in _tables(connection) if _holds(connection, table, word)}
        found |= {"blocks"} if _is_in_blocks(connection, word) else set()
        found |= {"segments"} if _is_in_segments(connection, word) else set()
        found |= {"terms"} if word.casefold() in terms(connection) else set()
    return found | files_with(home, word.encode())


def files_with(home: Path, needle: bytes) -> set[str]:
    """By a process of its own: to close the database's file here would take its locks away."""
    command = ["grep", "-rlaF", "--", os.fsdecode(needle), str(home)]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert listed.returncode in (0, 1), listed.stderr
    return {str(Path(line).relative_to(home)) for line in listed.stdout.splitlines()}


def terms(connection: Connection) -> set[str]:
    """Every term of the full-text index that finds a row."""
    connection.execute(
        "CREATE VIRTUAL TABLE temp.terms USING fts5vocab('main', 'message_index', 'row')"
    )
    try:
        return {row[0] for row in connection.execute("SELECT term FROM temp.terms")}
    finally:
        connection.execute("DROP TABLE temp.terms")


def _tables(connection: Connection) -> Iterable[str]:
    # The index's own tables hold its terms in a form of theirs.
    query = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'message_index%'"
    return [row[0] for row in connection.execute(query)]


def _holds(connection: Connection, table: str, word: str) -> bool:
    needle = word.casefold()
    return any(
        needle in (value if isinstance(value, str) else value.decode(errors="ignore")).casefold()
        for row in connection.execute(f"SELECT * FROM {table}")
        for value in row
        if isinstance(value, str | bytes)
    )


def _is_in_segments(connection: Connection, word: str) -> bool:
    """Terms of deleted rows stay there until their segments are merged. Of a term only what the one
    before it has not is stored."""
    query = "SELECT EXISTS (SELECT 1 FROM message_index_data WHERE instr(block, ?))"
    return bool(connection.execute(query, (word.casefold()[2:].encode(),)).get)


def _is_in_blocks(connection: Connection, word: str) -> bool:
    rows = connection.execute("SELECT checksum, data FROM archive_blocks")
    return any(
        word.casefold() in OpenBlock(bytes(checksum), bytes(data)).text().casefold()
        for checksum, data in rows
    )
