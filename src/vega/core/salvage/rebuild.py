"""Writes what was found of a life into a new file, turn by turn.

The file is worth nothing until all of it is there, so that it is written without care and synced at
the end.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vega.core.clock import local_day
from vega.core.life import blocks, sqlite
from vega.core.life.archive import BLOCK_BYTES, ArchivedAnswer, ArchivedTurn, pack
from vega.core.life.sqlite import Connection
from vega.core.memory import Tier
from vega.core.salvage.btree import Value
from vega.core.salvage.contents import BLOCKS
from vega.core.salvage.pieces import Fields, Pieces, erased, pieces_of
from vega.core.salvage.schema import Table
from vega.core.sql import queries

_WAITING = ("pending", "answering")


@contextlib.contextmanager
def writing(draft: Path) -> Iterator[Connection]:
    """A connection to a draft, in one transaction; the draft is a life like others behind it."""
    with sqlite.translated_errors(), contextlib.closing(sqlite.connect(draft)) as connection:
        connection.pragma("journal_mode", "delete")
        connection.pragma("journal_mode", "off")
        connection.pragma("synchronous", "off")
        with sqlite.transaction(connection):
            yield connection
        connection.pragma("journal_mode", "wal")


def put(connection: Connection, table: str, fields: Mapping[str, Value]) -> None:
    """A row, unless another one is in its way."""
    query = queries["put_row"].format(
        table=table, columns=", ".join(fields), marks=", ".join(f":{name}" for name in fields)
    )
    connection.execute(query, dict(fields))


class TurnWriter:
    """Writes the turns of one life."""

    def __init__(self, connection: Connection, pieces: Pieces, tables: Mapping[str, Table]) -> None:
        self._connection = connection
        self._pieces = pieces
        self._answer_names = tables["answers"].names
        #: Bytes of text by tier: as they were said, and of these in turns and answers.
        self._bytes: Counter[Tier] = Counter()
        self._active: Counter[Tier] = Counter()
        self._waiting: list[ArchivedTurn] = []
        #: Turns with a prompt that is in no place, so that their answers have none either.
        self.unplaced: list[int] = []

    def write(self) -> None:
        for block_id in sorted(set(self._pieces.kept.values())):
            self._write_block(block_id)
        # The turn of an answer may come behind it where it was asked again.
        for turn_id in sorted({*self._pieces.prompts, *self._pieces.answers}):
            if turn_id in self._pieces.kept:
                continue
            original = self._assembled(turn_id)
            if original is None:
                self.unplaced.append(turn_id)
            elif self._goes_to_archive(original):
                self._pack_later(original)
            else:
                self._write_full(original)
        self._pack_now()

    def count(self, entered: Mapping[str, int]) -> None:
        """How much lives in each tier, and on which days."""
        for tier in Tier:
            values = {
                "tier": tier,
                "bytes": self._bytes[tier],
                "active_bytes": self._active[tier],
                "entered": entered.get(tier, 0),
            }
            self._connection.execute(queries["recount_tiers"], values)
        self._connection.execute(queries["drop_days"])
        self._connection.execute(queries["recount_days"])

    def _assembled(self, turn_id: int) -> ArchivedTurn | None:
        """All that there is of a turn; of a forgotten one, what is left of those."""
        prompt = self._pieces.prompts.get(turn_id)
        if prompt is None:
            return None
        answers = self._pieces.answers.get(turn_id, {})
        found = replace(prompt, answers=tuple(answers[number] for number in sorted(answers)))
        if self._forgotten_at(found) is None:
            return found
        left = [erased(piece) for piece in pieces_of(found)]
        kept = tuple(piece.answer for piece in left[1:] if piece.answer)
        return left[0].prompt and replace(left[0].prompt, answers=kept)

    def _forgotten_at(self, turn: ArchivedTurn) -> int | None:
        return self._pieces.forgotten_at(turn.id, turn.link)

    def _goes_to_archive(self, turn: ArchivedTurn) -> bool:
        row = self._pieces.fields(turn.id)
        if not turn.is_ended or turn.id in self._pieces.unended:
            return False
        return row["tier"] != Tier.FULL if row else turn.id in self._pieces.packed

    def _write_block(self, block_id: int) -> None:
        """A whole block, with the rows of the turns that live in it."""
        turns = self._pieces.open(block_id)
        own = [turn for turn in turns if self._pieces.kept.get(turn.id) == block_id]
        if any(turn.salt and self._forgotten_at(turn) is not None for turn in turns):
            own = [turn if self._forgotten_at(turn) is None else turn.tombstone() for turn in own]
            block = pack(own)
            checksum, data, count = block.checksum, block.data, len(own)
        else:
            checksum, data = self._pieces.block(block_id)
            count = len(turns)
        size = sum(turn.text_bytes for turn in (own if count == len(own) else turns))
        fields: Fields = {
            "id": block_id,
            "turn_count": count,
            "text_bytes": size,
            "checksum": checksum,
            "data": data,
        }
        put(self._connection, BLOCKS, fields)
        for turn in own:
            self._write_packed(turn, block_id)

    def _pack_later(self, turn: ArchivedTurn) -> None:
        self._waiting.append(turn)
        if sum(each.text_bytes for each in self._waiting) >= BLOCK_BYTES:
            self._pack_now()

    def _pack_now(self) -> None:
        if not self._waiting:
            return
        block_id = blocks.add_block(self._connection, pack(self._waiting))
        for turn in self._waiting:
            self._write_packed(turn, block_id)
        self._waiting = []

    def _write_packed(self, turn: ArchivedTurn, block_id: int) -> None:
        """The rows of a turn that lives in a block."""
        row = self._pieces.fields(turn.id)
        forgotten_at = self._forgotten_at(turn)
        tier = Tier.ARCHIVED
        if row is not None and row["tier"] == Tier.COMPRESSED:
            tier = Tier.COMPRESSED
            fields = {**row, "block_id": block_id, "forgotten_at": forgotten_at}
            if forgotten_at is not None:
                fields |= {"prompt": "", "device": None, "salt": None, "summary": ""}
                fields["summary_model"] = None
            put(self._connection, "turns", fields)
            self._active[tier] += len(fields["prompt"].encode())
            self._active[tier] += len((fields["summary"] or "").encode())
        else:
            values = {
                "id": turn.id,
                "link": turn.link,
                "at": turn.at,
                "idempotency_key": row["idempotency_key"] if row else None,
                "status": row["status"] if row else turn.status,
                "day": row["day"] if row else local_day(turn.at, turn.zone),
                "block_id": block_id,
                "forgotten_at": forgotten_at,
            }
            self._connection.execute(queries["add_archived_turn"], values)
        self._bytes[tier] += turn.text_bytes
        for answer in turn.answers:
            place: Fields = {"link": answer.link, "turn_id": turn.id, "number": answer.number}
            put(self._connection, "archived_answers", place)

    def _write_full(self, turn: ArchivedTurn) -> None:
        """A turn that lives in its own rows."""
        row = self._pieces.fields(turn.id)
        is_own = row is not None and row["tier"] == Tier.FULL
        fields: Fields = dict(row) if row is not None else {}
        fields |= {
            "id": turn.id,
            "link": turn.link,
            "at": turn.at,
            "zone": turn.zone,
            "origin": turn.origin,
            "device": turn.device,
            "prompt": turn.prompt,
            "salt": _bytes(turn.salt),
            "hash": bytes.fromhex(turn.hash),
            "status": row["status"] if row is not None and is_own else _status(turn),
            "day": row["day"] if row is not None else local_day(turn.at, turn.zone),
            "tier": Tier.FULL,
            "block_id": None,
            "summary": None,
            "summary_model": None,
            "forgotten_at": self._forgotten_at(turn),
        }
        put(self._connection, "turns", fields)
        for answer in turn.answers:
            self._write_answer(turn.id, answer)
        unended = self._pieces.unended.get(turn.id)
        if unended is not None and fields["status"] in _WAITING:
            values = dict(zip(self._answer_names, unended, strict=True))
            del values["id"]
            put(self._connection, "answers", values)
        self._bytes[Tier.FULL] += turn.text_bytes
        self._active[Tier.FULL] += turn.text_bytes

    def _write_answer(self, turn_id: int, answer: ArchivedAnswer) -> None:
        values: dict[str, Any] = {name: getattr(answer, name) for name in ArchivedAnswer.__slots__}
        values |= {"salt": _bytes(answer.salt), "hash": bytes.fromhex(answer.hash)}
        sources: Sequence[tuple[int, int]] = values.pop("sources")
        answer_id = self._connection.execute(
            queries["bring_back_answer"], {**values, "turn_id": turn_id}
        ).get
        for source in sources:
            self._connection.execute(queries["bring_back_source"], (answer_id, *source))


def _status(turn: ArchivedTurn) -> str:
    """Of a turn whose row is gone: how its answers ended, else it still waits for one."""
    statuses = [answer.status for answer in turn.answers]
    for status in ("completed", "stopped", "failed"):
        if status in statuses:
            return status
    return turn.status if turn.is_ended else "pending"


def _bytes(salt: str | None) -> bytes | None:
    return None if salt is None else bytes.fromhex(salt)
