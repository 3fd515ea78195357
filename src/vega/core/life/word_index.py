"""The full-text index of what was said: written to, set aside when it is damaged, made anew.

The steps that transactions are made of, on a connection that the caller holds. Row 2n is the prompt
of turn n, row 2n + 1 its answers. What the index holds stands in the turns too, so that it never
keeps a turn from being stored: a damaged one is put out of the way, and an empty one takes its
place and is filled from the turns, the newest first. One that is whole is asked until its
successor, which is made beside it, is complete.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from vega.core.life.sqlite import Connection
from vega.core.sql import SCHEMA, queries, read

INDEX = "message_index"
#: Where a new one is made while the old one can still be asked.
NEXT = "message_index_next"
#: What FTS5 keeps an index in (https://sqlite.org/fts5.html, section 9), that without its text.
PARTS = ("data", "idx", "docsize", "config")
#: Before the names of tables that are out of the way and wait to be dropped.
DROPPED = "dropped_index_"
#: Of each part, about 1 MB.
_DROPPED_ROWS = {"data": 250, "idx": 10_000, "docsize": 20_000}
_ROW_IDS = {"data": "id", "idx": "segid, term", "docsize": "id"}
_DEFINITION = re.compile(rf"CREATE VIRTUAL TABLE {INDEX} (USING fts5 \(.*?\n\));", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rebuild:
    """How far an index that is made anew has come."""

    #: Turns from here on are in it.
    next_turn_id: int
    #: The newest turn when it began; later ones were in it from the start.
    last_turn_id: int
    #: Whether the old one is asked until it is done.
    is_beside: bool


def find_rebuild(connection: Connection) -> Rebuild | None:
    """The one that is under way."""
    row = connection.execute(queries["index_rebuild"]).fetchone()
    return Rebuild(row[0], row[1], bool(row[2])) if row else None


def add(connection: Connection, message_id: int, text: str) -> None:
    """The message's words, in place of what the index had of it."""
    rebuild = find_rebuild(connection)
    # What the rebuild has not come to yet, it will find in the turns.
    is_due = rebuild is None or message_id // 2 >= rebuild.next_turn_id
    values = {"id": message_id, "text": text}
    if is_due or (rebuild and rebuild.is_beside):
        connection.execute(queries["index_message"], values)
    if is_due and rebuild and rebuild.is_beside:
        connection.execute(queries["index_message_beside"], values)


def add_again(connection: Connection, rebuild: Rebuild, message_id: int, text: str) -> None:
    """The words of a message that the rebuild has come to."""
    query = queries["index_message_beside" if rebuild.is_beside else "index_message"]
    connection.execute(query, {"id": message_id, "text": text})


def remove(connection: Connection, message_id: int) -> None:
    """The index knows the message no more."""
    rebuild = find_rebuild(connection)
    connection.execute(queries["unindex_message"], (message_id,))
    if rebuild and rebuild.is_beside:
        connection.execute(queries["unindex_message_beside"], (message_id,))


def merge(connection: Connection, pages: int) -> int:
    """A step towards an index in few pieces (negative `pages`: in one): what it changed."""
    rebuild = find_rebuild(connection)
    before = connection.total_changes()
    connection.execute(queries["merge_index"], {"pages": pages})
    changed = connection.total_changes() - before
    if rebuild and rebuild.is_beside:
        before = connection.total_changes()
        connection.execute(queries["merge_index_beside"], {"pages": pages})
        changed = max(changed, connection.total_changes() - before)
    return changed


def begin(connection: Connection) -> None:
    """A new one is begun beside the old one, where none is."""
    if find_rebuild(connection) is None:
        _hide(connection, NEXT)
        _create(connection, NEXT)
        _note(connection, is_beside=True)


def set_aside(connection: Connection) -> None:
    """The index, whatever is left of it, is out of the way; an empty one takes its place."""
    for name in (INDEX, NEXT):
        _hide(connection, name)
    _create(connection, INDEX)
    _note(connection, is_beside=False)


def end(connection: Connection, rebuild: Rebuild) -> None:
    """The new one is the index from now on."""
    if rebuild.is_beside:
        _hide(connection, INDEX)
        connection.execute(f"ALTER TABLE {NEXT} RENAME TO {INDEX}")
    connection.execute(queries["end_index_rebuild"])


def are_tables_there(connection: Connection) -> bool:
    """Whether the index and all of its parts are in the schema."""
    rows = connection.execute(queries["table_names"], {"pattern": f"{INDEX}%"})
    return {row[0] for row in rows} >= {INDEX, *(f"{INDEX}_{part}" for part in PARTS)}


def leftovers(connection: Connection) -> list[str]:
    """Tables that are out of the way and wait to be dropped."""
    rows = connection.execute(queries["table_names"], {"pattern": f"{DROPPED}%"})
    return [row[0] for row in rows]


def drop_some(connection: Connection, name: str) -> None:
    """A part of that leftover, or all that is left of it."""
    part = name.rpartition("_")[2]
    if part in _ROW_IDS:
        ids = _ROW_IDS[part]
        # Names that nobody but this module gives.
        some = f'SELECT {ids} FROM "{name}" LIMIT {_DROPPED_ROWS[part]:d}'  # noqa: S608
        connection.execute(f'DELETE FROM "{name}" WHERE ({ids}) IN ({some})')  # noqa: S608
        if connection.changes():
            return
    drop(connection, name)


def drop(connection: Connection, name: str) -> None:
    """That leftover at once."""
    connection.execute(f'DROP TABLE "{name}"')


def orphan(connection: Connection, name: str) -> None:
    """That leftover is no table any more; its pages stay until the file is written anew."""
    with _writable_schema(connection):
        connection.execute(queries["orphan_table"], {"name": name})


def _note(connection: Connection, *, is_beside: bool) -> None:
    last = int(connection.execute(queries["greatest_turn_id"]).get)
    values = {"next": last + 1, "last": last, "is_beside": is_beside}
    connection.execute(queries["set_index_rebuild"], values)


def _create(connection: Connection, name: str) -> None:
    (definition,) = _DEFINITION.findall(read(SCHEMA))
    connection.execute(f"CREATE VIRTUAL TABLE {name} {definition}")


def _hide(connection: Connection, name: str) -> None:
    """Its parts are plain tables that nobody asks. FTS5 is not needed, which may be unable to."""
    with _writable_schema(connection):
        connection.execute(queries["hide_index"], {"name": name})
    parts = [f"{name}_{part}" for part in PARTS]
    rows = connection.execute(queries["table_names"], {"pattern": f"{name}%"}).fetchall()
    number = 1 + max((_number(each) for each in leftovers(connection)), default=0)
    for part in (row[0] for row in rows if row[0] in parts):
        suffix = part.rpartition("_")[2]
        connection.execute(f'ALTER TABLE "{part}" RENAME TO {DROPPED}{number:d}_{suffix}')


def _number(leftover: str) -> int:
    found = re.search(r"\d+", leftover)
    return int(found[0]) if found else 0


@contextlib.contextmanager
def _writable_schema(connection: Connection) -> Iterator[None]:
    connection.pragma("writable_schema", True)
    try:
        yield
    finally:
        # Reads the schema anew, and ends it.
        connection.pragma("writable_schema", "reset")
