"""What of a text stands in a database's bytes and in no row of it."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from vega.core.life import sqlite
from vega.core.life.raw_file import PIECE_BYTES, RawFile, pieces_of

TEXT = b"The green heron opens the old safe with seven violins."


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite.Connection]:
    """An empty database that does not overwrite what it deletes."""
    with closing(sqlite.create(tmp_path / "some.db")) as made:
        made.pragma("secure_delete", False)
        made.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, text BLOB)")
        made.execute("CREATE TABLE others (id INTEGER PRIMARY KEY, text BLOB)")
        yield made


def leftovers(connection: sqlite.Connection, tmp_path: Path, text: bytes = TEXT) -> int:
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    # In a process of its own it would not matter that this closes the file.
    return RawFile(tmp_path / "some.db").find_leftovers(pieces_of([text]))


def put(connection: sqlite.Connection, *texts: bytes) -> None:
    for text in texts:
        connection.execute("INSERT INTO texts (text) VALUES (?)", (text,))


def test_a_text_in_a_row_is_none(connection: sqlite.Connection, tmp_path: Path) -> None:
    put(connection, b"before", TEXT, b"behind", TEXT * 300)

    assert leftovers(connection, tmp_path) == 0


@pytest.mark.parametrize("place", [1, 2, 3])
def test_a_row_that_was_deleted_is_one(
    connection: sqlite.Connection, tmp_path: Path, place: int
) -> None:
    """First, between others, and last on its page."""
    texts = [b"x" * 60] * 3
    texts[place - 1] = TEXT
    put(connection, *texts)

    connection.execute("DELETE FROM texts WHERE id = ?", (place,))

    assert leftovers(connection, tmp_path) > 0


def test_a_page_that_is_not_in_use_holds_one(connection: sqlite.Connection, tmp_path: Path) -> None:
    put(connection, *([TEXT + bytes(1500)] * 60))
    connection.execute("DROP TABLE texts")

    assert leftovers(connection, tmp_path) > 0


def test_deleted_text_that_was_overwritten_is_none(
    connection: sqlite.Connection, tmp_path: Path
) -> None:
    connection.pragma("secure_delete", True)
    put(connection, *([TEXT + bytes(1500)] * 60), TEXT, TEXT * 300)

    connection.execute("DELETE FROM texts WHERE id % 2")
    connection.execute("UPDATE texts SET text = x''")

    assert leftovers(connection, tmp_path) == 0


def test_pieces_are_bounded_and_short_texts_have_none() -> None:
    long = bytes(range(32, 127)) * 2_000

    assert pieces_of([b"too short"]) == []
    assert pieces_of([TEXT])[0] == TEXT[:PIECE_BYTES]
    assert 0 < len(pieces_of([long] * 50)) <= 96


def test_an_empty_file_has_none(tmp_path: Path) -> None:
    (tmp_path / "some.db").touch()

    assert RawFile(tmp_path / "some.db").find_leftovers([TEXT]) == 0
