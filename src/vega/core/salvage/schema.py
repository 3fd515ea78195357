"""What the tables of a life look like, and whether a row that was found can be one of theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vega.core.life.sqlite import Connection
from vega.core.salvage.btree import Row, Value
from vega.core.sql import queries

_TYPES: Mapping[str, tuple[type, ...]] = {
    "INTEGER": (int,),
    "TEXT": (str,),
    "BLOB": (bytes,),
    "REAL": (float, int),
}
_PLAIN_VALUES: Mapping[str, Value] = {"NULL": None, "''": "", "x''": b""}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    is_needed: bool
    default: Value


@dataclass(frozen=True, slots=True)
class Table:
    """One table; a row of it is a tuple in the order of these columns."""

    name: str
    #: As they stand in a row of the file.
    columns: tuple[Column, ...]
    #: Which of them is the row's own number.
    id_index: int | None
    has_row_ids: bool

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.columns)

    def read(self, row: Row) -> tuple[Value, ...] | None:
        """The row's values, those included that came later than the row; None: it is none of this
        table's."""
        if (row.id is not None) != self.has_row_ids or len(row.values) > len(self.columns):
            return None
        values = list(row.values)
        for column in self.columns[len(values) :]:
            if column.is_needed and column.default is None:
                return None
            values.append(column.default)
        if self.id_index is not None:
            if values[self.id_index] is not None:
                return None
            values[self.id_index] = row.id
        return tuple(values) if all(map(_fits, self.columns, values)) else None


def _fits(column: Column, value: Value) -> bool:
    if value is None:
        return not column.is_needed
    return isinstance(value, _TYPES.get(column.type, (object,)))


def tables_of(connection: Connection) -> dict[str, Table]:
    """Every strict table in an open database: not SQLite's own, nor those of the index."""
    rows = list(connection.execute(queries["strict_tables"]))
    return {name: _table(connection, name, bool(is_bare)) for name, is_bare in rows}


def roots_of(connection: Connection) -> dict[int, str]:
    """By the page that a tree begins on what it holds: the name of a table, or of an index."""
    return dict(connection.execute(queries["roots"]))


def moved(row: Sequence[Value], old: Table, new: Table) -> tuple[Value, ...] | None:
    """A row of the table as an earlier schema had it; None where it has no place in the new one."""
    values = dict(zip(old.names, row, strict=True))
    found = tuple(values.get(each.name, each.default) for each in new.columns)
    return found if all(map(_fits, new.columns, found)) else None


def _table(connection: Connection, name: str, is_bare: bool) -> Table:
    """`is_bare`: it is kept by its key, without numbers of its own."""
    rows: list[Any] = list(connection.execute(queries["table_columns"], (name,)))
    if is_bare:
        rows.sort(key=lambda row: row[4] or len(rows) + 1)
    columns = tuple(
        # Of a table that is kept by its key, no part of that is ever missing.
        Column(column, kind, bool(needed) or bool(is_bare and key), _default(default))
        for column, kind, needed, default, key in rows
    )
    keys = [index for index, row in enumerate(rows) if row[4]]
    is_own = not is_bare and len(keys) == 1 and columns[keys[0]].type == "INTEGER"
    return Table(name, columns, keys[0] if is_own else None, not is_bare)


def _default(text: str | None) -> Value:
    if text is None or text in _PLAIN_VALUES:
        return _PLAIN_VALUES.get(text or "NULL")
    return text.strip("'") if text.startswith("'") else int(text)
