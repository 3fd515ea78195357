"""The file itself as the store looks after it: room given back, the index kept small, what
cleanups did.

A part of the store, on its connections. When it is time for what, `vega.core.memory_manager` and
`vega.core.nights` know.
"""

from typing import Any

from vega.core.life import records, word_index
from vega.core.life.sqlite import Connection, SQLite
from vega.core.memory import Cleanup, CleanupKind
from vega.core.sql import queries

#: What is on record of cleanups.
KEPT_CLEANUPS = 1_000
#: How much of the index is merged in one go: some milliseconds of work.
MERGED_PAGES = 64
#: The least that a merge must have changed to have been one, as FTS5 tells it.
LEAST_MERGE_CHANGES = 2


class UpkeepStore:
    """What is done for the file of one life."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def vacuum(self, pages: int) -> int:
        """Cuts off up to so many unused pages: the bytes by which the file is smaller, once its
        log is folded in."""

        def cut(connection: Connection) -> int:
            before = int(connection.pragma("page_count"))
            # Each row that it gives is a page.
            connection.execute(f"PRAGMA incremental_vacuum({pages:d})").fetchall()
            after = int(connection.pragma("page_count"))
            return (before - after) * int(connection.pragma("page_size"))

        return await self._db.write(cut)

    async def merge_index(self) -> bool:
        """One step towards a full-text index in few pieces: whether there is more to be done."""

        def merge(connection: Connection) -> bool:
            return word_index.merge(connection, MERGED_PAGES) >= LEAST_MERGE_CHANGES

        return await self._db.write(merge)

    async def add_cleanup(self, cleanup: Cleanup) -> None:
        values = {
            "kind": cleanup.kind,
            "began_at": records.micros(cleanup.began_at),
            "ended_at": records.micros(cleanup.ended_at),
            "compressed": cleanup.compressed,
            "archived": cleanup.archived,
            "saved_bytes": cleanup.saved_bytes,
            "disk_bytes": cleanup.disk_bytes,
            "memory_bytes": cleanup.memory_bytes,
        }

        def add(connection: Connection) -> None:
            connection.execute(queries["add_cleanup"], values)
            connection.execute(queries["drop_old_cleanups"], {"kept": KEPT_CLEANUPS})

        await self._db.write(add)

    async def cleanup_count(self) -> int:
        """How many cleanups there were in this life."""
        return await self._db.read(
            lambda connection: int(connection.execute(queries["cleanup_count"]).get)
        )

    async def last_cleanup(self) -> Cleanup | None:
        def find(connection: Connection) -> Cleanup | None:
            row: Any = connection.execute(queries["last_cleanup"]).fetchone()
            if row is None:
                return None
            kind, began_at, ended_at, *counts = row
            moments = records.moment(began_at), records.moment(ended_at)
            return Cleanup(CleanupKind(kind), *moments, *counts)

        return await self._db.read(find)

    async def night(self) -> int | None:
        """The owner's day whose nightly work was last done, in days since 1970."""
        return await self._db.read(lambda connection: connection.execute(queries["night"]).get)

    async def set_night(self, day: int) -> None:
        def replace(connection: Connection) -> None:
            connection.execute(queries["set_night"], {"day": day})

        await self._db.write(replace)
