"""Tiers as the store moves turns between them: one short transaction for each step.

A part of the store, on its connections. What moves when, `vega.core.cleanup` knows.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from vega.core.life import blocks, records
from vega.core.life.archive import (
    BLOCK_BYTES,
    MERGED_LEVEL,
    MOST_TURN_BYTES,
    ArchivedTurn,
    Block,
    pack,
)
from vega.core.life.damage import unchecked
from vega.core.life.sqlite import Connection, SQLite, translated_errors
from vega.core.memory import ArchiveTotal, Summary, Tier
from vega.core.sql import queries
from vega.errors import Conflict, DatabaseDamaged, TurnDamaged

#: Smaller blocks are merged with their neighbours.
SMALL_BLOCK_BYTES = BLOCK_BYTES * 3 // 4
_END_OF_TIME = 2**62


class TurnsChanged(Conflict):
    """A turn changed while it was being packed; nothing was moved."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Turns that are about to be moved, whole."""

    originals: tuple[ArchivedTurn, ...]
    #: Those that stay where they are: their original cannot be read, or is too large for a block.
    stuck: frozenset[int]


class ArchiveStore:
    """The archive of one life, and the way into it."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def turns_to_move(
        self, tier: Tier, kept: int, until: datetime | None, limit: int
    ) -> list[int]:
        """Ended turns of that tier, oldest first: said up to that time, and not among the `kept`
        most recent of the life."""
        latest = records.micros(until) if until else _END_OF_TIME
        values = {"tier": tier, "kept": kept, "until": latest, "limit": limit}
        return await self._ids(queries["turns_to_move"], values)

    async def turns_past_rank(self, tier: Tier, kept: int, most: int, limit: int) -> list[int]:
        """The same of any age, beyond the `most` newest of that tier."""
        values = {"tier": tier, "kept": kept, "most": most, "limit": limit}
        return await self._ids(queries["turns_past_rank"], values)

    async def _ids(self, query: str, values: Mapping[str, object]) -> list[int]:
        return await self._db.read(
            lambda connection: [row[0] for row in connection.execute(query, values)]
        )

    async def originals(self, turn_ids: Sequence[int]) -> list[ArchivedTurn]:
        """Those turns whole, wherever they live; those that are damaged are left out."""

        def read(connection: Connection) -> list[ArchivedTurn]:
            found = []
            for turn_id in turn_ids:
                try:
                    found.append(blocks.read_original(connection, turn_id))
                except TurnDamaged:
                    continue
            return found

        return await self._db.read(read)

    async def batch(self, turn_ids: Sequence[int], most_bytes: int) -> Batch:
        """The first of those turns, up to the one with which their text fills so many bytes.

        Those that were asked again meanwhile are left out.
        """

        def read(connection: Connection) -> Batch:
            found: list[ArchivedTurn] = []
            stuck: set[int] = set()
            size = 0
            for turn_id in turn_ids:
                try:
                    # A page of its row may fail its checksum too.
                    with translated_errors():
                        original = blocks.read_original(connection, turn_id)
                except DatabaseDamaged:
                    stuck.add(turn_id)
                    continue
                if not original.is_ended:
                    continue
                if original.text_bytes > MOST_TURN_BYTES:
                    stuck.add(turn_id)
                    continue
                found.append(original)
                size += original.text_bytes
                if size >= most_bytes:
                    break
            return Batch(tuple(found), frozenset(stuck))

        return await self._db.read(read)

    async def compress(
        self, originals: Sequence[ArchivedTurn], block: Block, summaries: Mapping[int, Summary]
    ) -> int:
        """The turns of this block are compressed from now on: the bytes that the active text is
        smaller by.

        Raises TurnsChanged when one of them is not as it was packed; then nothing was moved.
        """

        def move(connection: Connection) -> int:
            if not all(blocks.is_as_packed(connection, each) for each in originals):
                raise TurnsChanged
            block_id = blocks.add_block(connection, block)
            return sum(
                blocks.compress_turn(connection, each, block_id, summaries[each.id])
                for each in originals
            )

        return await self._db.write(move)

    async def archive(self, originals: Sequence[ArchivedTurn]) -> int:
        """What is left in the rows of these compressed turns leaves them: the bytes that it was."""
        return await self._db.write(lambda connection: blocks.archive_turns(connection, originals))

    async def small_blocks(self) -> list[list[int]]:
        """Neighbouring small blocks that are worth a merge, each group about one whole block."""

        def find(connection: Connection) -> list[list[int]]:
            groups: list[list[int]] = []
            size = BLOCK_BYTES
            values = {"bytes": SMALL_BLOCK_BYTES}
            for block_id, text_bytes in connection.execute(queries["small_blocks"], values):
                if size >= BLOCK_BYTES:
                    groups.append([])
                    size = 0
                groups[-1].append(block_id)
                size += text_bytes
            return [group for group in groups if len(group) > 1]

        return await self._db.read(find)

    async def merge(self, block_ids: Sequence[int]) -> None:
        """One block in place of these, with what still lives in them.

        Raises BlockDamaged, or TurnsChanged when they changed meanwhile; then nothing was done.
        """
        read = await self._db.read(
            lambda connection: (_live_turns(connection, block_ids), _sums(connection, block_ids))
        )
        live, sums = read
        ids = [turn.id for turn in live]
        block = await asyncio.to_thread(pack, live, MERGED_LEVEL) if live else None

        def move(connection: Connection) -> None:
            # A turn may have come back meanwhile, or have been forgotten.
            if _live_ids(connection, block_ids) != ids or _sums(connection, block_ids) != sums:
                raise TurnsChanged
            if block is not None:
                block_id = blocks.add_block(connection, block)
                for turn_id in ids:
                    values = {"turn_id": turn_id, "block_id": block_id}
                    connection.execute(queries["point_at_block"], values)
            for old_id in block_ids:
                connection.execute(queries["drop_block"], (old_id,))

        await self._db.write(move)

    async def total(self) -> ArchiveTotal:
        return await self._db.read(
            lambda connection: ArchiveTotal(*records.one(connection, queries["archive_total"]))
        )

    async def mend(self, block_id: int, turns: Sequence[ArchivedTurn]) -> None:
        """The block holds these turns from now on, in place of whatever it held. While they could
        not be read they may have been passed over: they are put into the index of words again, and
        wait for their vectors."""
        block = await asyncio.to_thread(pack, turns)

        def replace(connection: Connection) -> None:
            with unchecked(connection):
                blocks.mend_block(connection, block_id, block)
            for turn in turns:
                records.index_message(connection, 2 * turn.id, turn.prompt)
                records.index_message(connection, 2 * turn.id + 1, turn.answers_text)

        await self._db.write(replace)


def _live_turns(connection: Connection, block_ids: Sequence[int]) -> list[ArchivedTurn]:
    """The turns that live in these blocks, in their order."""
    return [
        turn
        for block_id in block_ids
        for turn in blocks.open_block(connection, block_id).turns()
        if blocks.lives_in(connection, turn.id, block_id)
    ]


def _live_ids(connection: Connection, block_ids: Sequence[int]) -> list[int]:
    return [
        turn_id
        for block_id in block_ids
        for turn_id in blocks.open_block(connection, block_id).turn_ids
        if blocks.lives_in(connection, turn_id, block_id)
    ]


def _sums(connection: Connection, block_ids: Sequence[int]) -> list[bytes]:
    """The checksums of these blocks."""
    return [
        bytes(connection.execute(queries["block_checksum"], (block_id,)).get or b"")
        for block_id in block_ids
    ]
