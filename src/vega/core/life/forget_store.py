"""Forgetting as the store does it: turns marked, their text erased in every tier, and then out of
every page of the file.

A part of the store, on its connections. First a turn is marked, in one transaction with everything
small that speaks of it: from then on nobody sees it, and a start goes on with what is left. Each
step can be done twice. What else holds text, `vega.core.forgetting` knows.
"""

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import apsw

from vega.core.life import blocks, fact_history, records, word_index
from vega.core.life.archive import ArchivedTurn, pack
from vega.core.life.fact_rows import read_fact
from vega.core.life.forget_plan import (
    ForgetPlan,
    ForgetTarget,
    Planner,
    block_ids_after,
    open_blocks_of,
    periods_of,
)
from vega.core.life.forgotten_file import Forgotten, ForgottenFile
from vega.core.life.log_frames import OVERWRITTEN
from vega.core.life.raw_file import RawFile, pieces_of
from vega.core.life.sqlite import Connection, SQLite
from vega.core.memory import Tier
from vega.core.sql import queries
from vega.errors import TurnDamaged, TurnNotEnded

#: Turns of one transaction, and pages of the index in one step.
TURNS_AT_ONCE = 100
MERGED_PAGES = 64
#: Who reads the whole life again is told of so many.
LATEST_TURNS = 200
VACUUMED_PAGES = 1_000
#: The least that a merge must have changed to have been one, as FTS5 tells it.
LEAST_MERGE_CHANGES = 2
_SECTOR = 4096


@dataclass(frozen=True, slots=True)
class Erased:
    """What was taken out of the rows and blocks."""

    #: As it stood in the file.
    texts: tuple[bytes, ...] = ()
    blocks: int = 0
    #: Blocks that cannot be read, and so may hold an earlier copy.
    unread_blocks: int = 0


class ForgetStore:
    """Erases what the owner wants forgotten from one life's file."""

    def __init__(self, database: SQLite, path: Path) -> None:
        #: Goes up before anything is forgotten: what was read of the life before may not be stored.
        self.generation = 0
        self._db = database
        self._path = path
        self._planner = Planner(database)
        self._raw = RawFile(path)
        self._file = ForgottenFile(path.parent)

    def close(self) -> None:
        """Once the database is closed."""
        self._raw.close()

    async def plan(self, target: ForgetTarget) -> ForgetPlan:
        """As `Planner.plan`."""
        return await self._planner.plan(target)

    async def pending(self) -> list[int]:
        """Turns that are being forgotten, of which something may still stand in a file."""
        return await self._db.read(
            lambda connection: [row[0] for row in connection.execute(queries["forgettings"])]
        )

    async def latest(self) -> list[int]:
        """The turns that were forgotten last."""
        values = {"limit": LATEST_TURNS}
        return await self._db.read(
            lambda connection: [
                row[0] for row in connection.execute(queries["latest_forgotten"], values)
            ]
        )

    async def begin(self, plan: ForgetPlan, now: datetime) -> None:
        """From now on nobody sees these turns, nor what speaks of them: facts, digests, the index.

        Raises TurnNotEnded where one was asked again meanwhile.
        """

        def begin(connection: Connection) -> None:
            # Before their turns are: which these are, the facts know.
            for fact in plan.facts:
                row = connection.execute(queries["fact"], (fact.id,)).fetchone()
                if row is not None:
                    fact_history.erase(connection, read_fact(row))
            for turn_id in plan.turn_ids:
                _mark(connection, turn_id, now)
            for kind, first_day in plan.digests:
                values = {"kind": kind, "first_day": first_day}
                connection.execute(queries["drop_digest"], values)
            connection.execute(queries["drop_context_window"])
            connection.execute(queries["drop_preambles"])

        self.generation += 1
        await self._db.write(begin)
        await self.remember()

    async def remember(self) -> None:
        """What is forgotten is on record beside the life, too: a damaged one cannot tell."""

        def find(connection: Connection) -> Forgotten:
            turns = connection.execute(queries["forgotten_turns"])
            closed = connection.execute(queries["closed_turns"])
            return Forgotten(
                {(turn_id, link): at for turn_id, link, at in turns},
                frozenset(row[0] for row in closed),
            )

        await asyncio.to_thread(self._file.add, await self._db.read(find))

    async def erase_texts(self, turn_ids: Sequence[int]) -> Erased:
        """Takes the text of these marked turns out of their rows and blocks, whatever tier they
        are in, and with it any copy in a block that a turn was once brought back from.

        Raises TurnDamaged where one lives in a block that cannot be read.
        """
        wanted = frozenset(turn_ids)
        texts: list[bytes] = []
        rewritten = unread = last = 0
        while ids := await self._db.read(partial(block_ids_after, block_id=last)):
            last = ids[-1]
            found, damaged = await self._blocks_with(ids, wanted)
            unread += damaged
            for block_id in found:
                texts += await self._db.write(partial(_rewrite, block_id=block_id, wanted=wanted))
                rewritten += 1
        for start in range(0, len(turn_ids), TURNS_AT_ONCE):
            page = turn_ids[start : start + TURNS_AT_ONCE]
            texts += await self._db.write(partial(_erase_rows, turn_ids=page))
        blocks.forget_open_blocks()
        return Erased(tuple(texts), rewritten, unread)

    async def merge_index(self, *, is_first: bool) -> bool:
        """One step towards an index in one piece, which holds no term of what was deleted: whether
        there is more to be done. The first step makes one piece of all that there is."""
        pages = -MERGED_PAGES if is_first else MERGED_PAGES

        def merge(connection: Connection) -> bool:
            return word_index.merge(connection, pages) >= LEAST_MERGE_CHANGES

        return await self._db.write(merge)

    async def drop_free_pages(self) -> bool:
        """Cuts off some pages that are not in use: whether there were any."""

        def cut(connection: Connection) -> bool:
            if not connection.pragma("freelist_count"):
                return False
            connection.execute(f"PRAGMA incremental_vacuum({VACUUMED_PAGES:d})").fetchall()
            return True

        return await self._db.write(cut)

    async def empty_log(self) -> bool:
        """The write-ahead log is folded in, overwritten and empty; False while somebody reads."""

        def empty(connection: Connection) -> bool:
            return _empty_log(connection, Path(f"{self._path}-wal"))

        return await self._db.write_alone(empty)

    async def find_leftovers(self, texts: Sequence[bytes]) -> int:
        """In how many places of the file something of these texts stands that is in no row."""
        pieces = pieces_of(texts)
        # Two seconds for each 100 MB, and none of SQLite's business.
        return await asyncio.to_thread(self._raw.find_leftovers, pieces) if pieces else 0

    async def is_rewriting_due(self) -> bool:
        """Whether the file may hold older text that was deleted and not overwritten."""
        return await self._db.read(
            lambda connection: bool(connection.execute(queries["is_rewriting_due"]).get)
        )

    async def rewrite_file(self) -> None:
        """Every page is written anew, with nothing on it but what is in a row.

        Nobody writes meanwhile. It takes room for the life once more beside it. Raises StorageFull.
        """

        def rewrite(connection: Connection) -> None:
            # Where SQLite keeps the copy that it makes: in RAM it would be as large as the life.
            os.environ["SQLITE_TMPDIR"] = str(self._path.parent)
            connection.pragma("temp_store", "file")
            try:
                connection.execute("VACUUM")
            finally:
                connection.pragma("temp_store", "memory")
            connection.execute(queries["end_rewriting"])

        await self._db.write_alone(rewrite)

    async def finish(self, turn_ids: Sequence[int]) -> None:
        """Nothing is left to do for these."""

        def finish(connection: Connection) -> None:
            for turn_id in turn_ids:
                connection.execute(queries["end_forgetting"], (turn_id,))

        await self._db.write(finish)

    async def shrink(self) -> None:
        """Lets go of pages and blocks that are kept in RAM."""
        blocks.forget_open_blocks()
        await self._db.shrink()

    async def _blocks_with(
        self, block_ids: Sequence[int], wanted: frozenset[int]
    ) -> tuple[list[int], int]:
        """Those of these blocks that hold any of these turns, and how many cannot be read."""

        def find(connection: Connection) -> tuple[list[int], int]:
            found, damaged = [], 0
            opened = open_blocks_of(connection, block_ids)
            for block_id, block in zip(block_ids, opened, strict=True):
                if block is None:
                    damaged += 1
                    for turn_id in wanted:
                        if blocks.lives_in(connection, turn_id, block_id):
                            raise TurnDamaged(turn_id)
                elif not wanted.isdisjoint(block.turn_ids):
                    found.append(block_id)
            return found, damaged

        return await self._db.read(find)


def _mark(connection: Connection, turn_id: int, now: datetime) -> None:
    row = connection.execute(queries["forgettable_turn"], (turn_id,)).fetchone()
    if row is None or row[1] is not None:
        return
    status, _, day, _ = row
    if status in ("pending", "answering"):
        raise TurnNotEnded(turn_id)
    connection.execute(queries["mark_forgotten"], {"id": turn_id, "now": records.micros(now)})
    connection.execute(queries["begin_forgetting"], (turn_id,))
    connection.execute(queries["drop_unread_turn"], (turn_id,))
    fact_history.erase_told_in(connection, turn_id)
    for kind, first_day in periods_of(day):
        connection.execute(queries["drop_digest"], {"kind": kind, "first_day": first_day})
    connection.execute(queries["uncount_turn_of_day"], (day,))
    connection.execute(queries["drop_empty_day"], (day,))
    connection.execute(queries["forget_import_name"], (turn_id,))
    connection.execute(queries["drop_contexts_of"], (turn_id,))
    for message_id in (2 * turn_id, 2 * turn_id + 1):
        connection.execute(queries["await_embedding_no_more"], (message_id,))
        word_index.remove(connection, message_id)


def _rewrite(connection: Connection, block_id: int, wanted: frozenset[int]) -> list[bytes]:
    """The block holds no text of these turns any more, nor any turn that lives elsewhere: what
    stood in the file of it."""
    block = blocks.read_block(connection, block_id)
    kept, texts = [], []
    for turn in block.turns():
        if not blocks.lives_in(connection, turn.id, block_id):
            continue
        kept.append(turn.tombstone() if turn.id in wanted else turn)
        if turn.id in wanted:
            texts += _clear_row(connection, turn)
    data = bytes(connection.execute(queries["block_data"], (block_id,)).get)
    if kept:
        blocks.mend_block(connection, block_id, pack(kept))
    else:
        connection.execute(queries["drop_block"], (block_id,))
    return [data, *texts]


def _clear_row(connection: Connection, turn: ArchivedTurn) -> list[bytes]:
    """Of a turn that lives in a block: its row, which may hold the prompt and the summary."""
    row: Any = connection.execute(queries["turn_row"], (turn.id,)).fetchone()
    tier = Tier(row[10])
    active = connection.execute(queries["active_bytes"], (turn.id,)).get or 0
    blocks.count(connection, tier, 0, -turn.text_bytes, -active)
    texts = [row[6].encode(), *(text.encode() for text in _summary(connection, turn.id))]
    connection.execute(queries["erase_turn"], (turn.id,))
    return texts


def _summary(connection: Connection, turn_id: int) -> list[str]:
    ids = {"first": turn_id, "last": turn_id}
    return [row[0] for row in connection.execute(queries["summary_of"], ids) if row[0]]


def _erase_rows(connection: Connection, turn_ids: Sequence[int]) -> list[bytes]:
    return [text for turn_id in turn_ids for text in _erase_row(connection, turn_id)]


def _erase_row(connection: Connection, turn_id: int) -> list[bytes]:
    """Of a turn that lives in its own rows: what stood there."""
    row = connection.execute(queries["turn_row"], (turn_id,)).fetchone()
    if row is None or row[11] is not None:
        return []
    original = blocks.read_original(connection, turn_id)
    connection.execute(queries["drop_sources"], (turn_id,))
    connection.execute(queries["erase_answers"], (turn_id,))
    connection.execute(queries["erase_turn"], (turn_id,))
    size = original.text_bytes
    blocks.count(connection, Tier(row[10]), 0, -size, -size)
    return [original.prompt.encode(), *(each.text.encode() for each in original.answers)]


def _empty_log(connection: Connection, path: Path) -> bool:
    def fold(mode: int) -> bool:
        try:
            connection.wal_checkpoint(mode=mode)
        except apsw.BusyError:
            return False
        return True

    # Behind it nobody reads from the log, and the next write begins it anew.
    if not fold(apsw.SQLITE_CHECKPOINT_RESTART):
        return False
    _while_nobody_writes(connection, lambda: _overwrite(path))
    return fold(apsw.SQLITE_CHECKPOINT_TRUNCATE)


def _while_nobody_writes(connection: Connection, work: Callable[[], None]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        work()
    finally:
        connection.execute("ROLLBACK")


def _overwrite(path: Path) -> None:
    """The log, which is wholly in the database: a file that is cut off keeps its bytes on the
    disk."""
    if not path.exists():
        return
    with path.open("r+b", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        # Its head first, and for certain. A log that a power cut has left only the beginning of
        # would be read all the same, and its pages are older than those of the database.
        if size:
            file.write(OVERWRITTEN.ljust(_SECTOR, b"\0"))
            os.fsync(file.fileno())
        for _ in range(_SECTOR, size, _SECTOR):
            file.write(bytes(_SECTOR))
        os.fsync(file.fileno())
