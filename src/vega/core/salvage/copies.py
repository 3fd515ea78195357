"""Backups of a damaged life, asked for what is missing in it."""

import bisect
import contextlib
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from vega.core.backup.backup import look_inside
from vega.core.life import records
from vega.core.life.archive import ArchivedTurn, OpenBlocks
from vega.core.life.head import Head
from vega.core.life.sqlite import Connection, translated_errors
from vega.core.memory import Tier
from vega.core.proof import Chain
from vega.core.salvage.btree import Value
from vega.core.salvage.pieces import Piece, pieces_of
from vega.core.salvage.schema import roots_of, tables_of
from vega.core.sql import queries
from vega.errors import DatabaseDamaged, DatabaseError, TurnNotFound

log = logging.getLogger(__name__)


class Copy:
    """One backup, open."""

    def __init__(self, path: Path, connection: Connection) -> None:
        self.name = path.name
        self._connection = connection
        self._chain = Chain(connection, OpenBlocks())
        self.head = records.read_head(connection)
        self.tables = tables_of(connection)
        self.roots = roots_of(connection)
        self.version = int(connection.pragma("user_version") or 0)
        self._last: tuple[int, list[Piece]] = (0, [])
        #: Up to here it is of the life that is asked for.
        self._common = 0

    @property
    def is_of_this_life(self) -> bool:
        """Whether all of it is an earlier moment of the life."""
        return self._common == self.head.link

    def compare(self, hashes: Mapping[int, bytes], head: Head | None) -> None:
        """Finds out how far it is an earlier moment of the life with these links; of one of which
        nothing is left, by its head file alone."""
        known = sorted(link for link, each in hashes.items() if each and link <= self.head.link)
        if not known:
            is_other = (
                head is not None
                and 0 < head.link <= self.head.link
                and self._chain.hash_of(head.link) not in (None, head.hash)
            )
            self._common = 0 if is_other else self.head.link
            return
        # From where two lives have parted on, all of their links differ.
        differing = bisect.bisect_left(known, True, key=lambda link: self._differs(link, hashes))
        if differing == len(known):
            self._common = self.head.link
        else:
            self._common = known[differing - 1] if differing else 0

    def piece(self, link: int) -> Piece | None:
        """That link, proven, where the backup has it."""
        if link > self._common:
            return None
        values = {"first": link, "last": link}
        try:
            with translated_errors():
                row = self._connection.execute(queries["link_rows"], values).fetchone()
                if row is None:
                    return None
                turn_id = row[2]
                if row[1] == "answer":
                    turn_id = self._connection.execute(queries["turn_of_answer"], (row[2],)).get
                found = self._pieces(int(turn_id))
        except (DatabaseDamaged, TurnNotFound, UnicodeError) as exc:
            log.warning("Entry %d cannot be taken from %s: %s", link, self.name, exc)
            return None
        return next((each for each in found if each.link == link), None)

    def rows(self, table: str, columns: Mapping[str, object]) -> Iterator[dict[str, Value]]:
        """All rows of a table, of those columns that it has."""
        found = self.tables.get(table)
        names = [name for name in found.names if name in columns] if found else []
        if names:
            query = queries["rows_of_table"].format(table=table, columns=", ".join(names))
            for row in self._connection.execute(query):
                yield dict(zip(names, row, strict=True))

    def _differs(self, link: int, hashes: Mapping[int, bytes]) -> bool:
        return self._chain.hash_of(link) not in (None, hashes[link])

    def _pieces(self, turn_id: int) -> list[Piece]:
        if self._last[0] != turn_id:
            original = self._chain.original(turn_id)
            is_right = self._chain.is_proven(original)
            found = list(pieces_of(original, self.name, is_packed=self._is_packed(original)))
            self._last = (turn_id, found if is_right else [])
        return self._last[1]

    def _is_packed(self, original: ArchivedTurn) -> bool:
        row = self._connection.execute(queries["turn_row"], (original.id,)).fetchone()
        return row is not None and row[10] != Tier.FULL and original.is_ended


@contextlib.contextmanager
def opened(paths: list[Path]) -> Iterator[list[Copy]]:
    """Those of these backups that can be read at all, in their order."""
    with contextlib.ExitStack() as stack:
        found = []
        for path in paths:
            try:
                connection = stack.enter_context(look_inside(path))
                with translated_errors():
                    found.append(Copy(path, connection))
            except DatabaseError as exc:
                log.warning("The backup %s cannot be read: %s", path.name, exc)
        yield found
