"""Damaged archive blocks, and their turns as backups still have them.

A part of the store, on its connections. What a backup has is only taken where its links recompute,
and where it is a backup of this very life.
"""

import contextlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vega.core.life import blocks, records
from vega.core.life.archive import ArchivedTurn, OpenBlocks
from vega.core.life.sqlite import Connection, SQLite, connect_still, translated_errors
from vega.core.proof import Chain
from vega.core.sql import queries
from vega.errors import BlockDamaged, DatabaseDamaged, DatabaseError, TurnNotFound

log = logging.getLogger(__name__)

#: Every damaged turn, however many there are.
_ALL = -1


@dataclass(frozen=True, slots=True)
class Salvage:
    """What can be had of a damaged block."""

    #: What it should hold, in its order; without those that were found nowhere.
    originals: tuple[ArchivedTurn, ...]
    #: Which backup has a turn that the block does not give as it was stored.
    backups: dict[int, str]
    #: Neither the block nor a backup gives these as they were stored.
    lost: tuple[int, ...]


class RepairStore:
    """Finds what is damaged in the archive of one life, and what there is to mend it with."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def damaged_blocks(self) -> list[int]:
        """Those that cannot be read, or hold a turn that is known not to be as it was stored."""

        def find(connection: Connection) -> list[int]:
            connection.pragma("shrink_memory")
            known = {_block_of(connection, turn_id) for turn_id in _damaged(connection)}
            ids = [row[0] for row in connection.execute(queries["block_ids"])]
            return [each for each in ids if each in known or not _is_sound(connection, each)]

        return await self._db.read(find)

    async def turns_in_no_block(self) -> list[int]:
        """Those that are not as they were stored, and were never moved into the archive."""
        return await self._db.read(
            lambda connection: [
                turn_id
                for turn_id in _damaged(connection)
                if _block_of(connection, turn_id) is None
            ]
        )

    async def salvage(self, block_id: int, backups: Sequence[Path]) -> Salvage:
        """The turns of a block as they were stored, each from the first of these backups that has
        it."""

        def find(connection: Connection) -> Salvage:
            connection.pragma("shrink_memory")
            wanted = _Wanted(connection, block_id)
            given = wanted.given()
            found = {each.id: each for each in given if wanted.is_right(wanted.life, each)}
            names: dict[int, str] = {}
            for path in backups:
                missing = [each for each in wanted.rows if each not in found]
                if missing:
                    fresh = {each.id: each for each in _from_backup(path, wanted, missing)}
                    found |= fresh
                    names |= dict.fromkeys(fresh, path.name)
            lost = tuple(each for each in wanted.rows if each not in found)
            # What the block gives stays in it, right or wrong.
            found = {each.id: each for each in given} | found
            # A backup has what was forgotten since.
            for turn_id in found:
                if connection.execute(queries["is_forgotten"], (turn_id,)).get:
                    found[turn_id] = found[turn_id].tombstone()
            return Salvage(tuple(found[each] for each in wanted.rows if each in found), names, lost)

        return await self._db.read(find)

    async def settle(self, originals: Sequence[ArchivedTurn]) -> list[int]:
        """Those of these turns that the file now gives just so; they are no longer on record."""

        def check(connection: Connection) -> list[int]:
            connection.pragma("shrink_memory")
            life = Chain(connection, OpenBlocks())
            return [each.id for each in originals if _gives(life, each)]

        settled = await self._db.read(check)

        def forget(connection: Connection) -> None:
            for turn_id in settled:
                connection.execute(queries["drop_flaws_of_turn"], (turn_id,))

        await self._db.write(forget)
        return settled


class _Wanted:
    """The turns that a damaged block should hold, and what the life itself still says of them."""

    def __init__(self, connection: Connection, block_id: int) -> None:
        self.life = Chain(connection, OpenBlocks())
        ids = [row[0] for row in connection.execute(queries["turns_of_block"], (block_id,))]
        #: Its turns in their order, each with its own row.
        self.rows: dict[int, Any] = {
            turn_id: connection.execute(queries["turn_row"], (turn_id,)).fetchone()
            for turn_id in ids
        }
        self._answers: dict[int, set[tuple[int, int]]] = {turn_id: set() for turn_id in ids}
        for turn_id, number, link in connection.execute(queries["answers_of_block"], (block_id,)):
            self._answers[turn_id].add((number, link))
        self._links = {row[1] for row in self.rows.values()}
        self._links |= {link for each in self._answers.values() for _, link in each}
        self._hashes: dict[int, bytes | None] = {}
        self._head = records.read_head(connection)

    def given(self) -> list[ArchivedTurn]:
        """Those that the block itself still gives."""
        return [each for each in (_original(self.life, turn_id) for turn_id in self.rows) if each]

    def is_right(self, chain: Chain, original: ArchivedTurn) -> bool:
        """Whether that chain, of this life or of a backup, has the turn as it was stored here."""
        row = self.rows[original.id]
        links = {(each.number, each.link) for each in original.answers}
        return (
            (original.link, original.at, original.status) == (row[1], row[2], row[7])
            and links == self._answers[original.id]
            and chain.is_proven(original)
            and self._is_of_this_life(chain, original)
        )

    def _is_of_this_life(self, chain: Chain, original: ArchivedTurn) -> bool:
        """Whether the chain goes on from the turn to an entry that this life has too; where all
        that it has behind the turn is damaged here, whether it comes from such an entry."""
        behind = range(original.link + 1, self._head.link + 1)
        before = range(original.link - 1, -1, -1)
        link = self._nearest(behind)
        if link is None or chain.hash_of(link) is None:
            link = self._nearest(before)
        return link is not None and chain.hash_of(link) == self._hash_here(link)

    def _nearest(self, links: range) -> int | None:
        """The first of these that can be read without the block."""
        return next((link for link in links if self._hash_here(link) is not None), None)

    def _hash_here(self, link: int) -> bytes | None:
        """What this life says without the block."""
        if link not in self._hashes:
            self._hashes[link] = None if link in self._links else self.life.hash_of(link)
        return self._hashes[link]


def _from_backup(path: Path, wanted: _Wanted, turn_ids: Sequence[int]) -> Iterator[ArchivedTurn]:
    """Those of these turns that a backup has as they were stored."""
    try:
        with contextlib.closing(connect_still(path)) as connection, translated_errors():
            copy = Chain(connection, OpenBlocks())
            for turn_id in turn_ids:
                original = _original(copy, turn_id)
                if original is not None and wanted.is_right(copy, original):
                    yield original
    except DatabaseError as exc:
        log.warning("Nothing more can be taken from the backup %s: %s", path.name, exc)


def _original(chain: Chain, turn_id: int) -> ArchivedTurn | None:
    try:
        return chain.original(turn_id)
    except (TurnNotFound, DatabaseDamaged, UnicodeError):
        return None


def _gives(life: Chain, original: ArchivedTurn) -> bool:
    """Whether the life gives just this, and no row of it says otherwise."""
    is_same = _original(life, original.id) == original
    return is_same and life.hash_of(original.link) == bytes.fromhex(original.hash)


def _is_sound(connection: Connection, block_id: int) -> bool:
    try:
        blocks.check_block(connection, block_id)
    except BlockDamaged:
        return False
    return True


def _damaged(connection: Connection) -> list[int]:
    return [row[0] for row in connection.execute(queries["damaged_turns"], (_ALL,))]


def _block_of(connection: Connection, turn_id: int) -> int | None:
    """Where the turn lives; None too where its row is missing or cannot be read."""
    try:
        with translated_errors():
            row = connection.execute(queries["turn_row"], (turn_id,)).fetchone()
    except (DatabaseDamaged, UnicodeError):
        return None
    return None if row is None else row[11]
