"""Digests as the store keeps them, and the reading of what they are made from.

A part of the store, on its connections. Everything is read in short steps of a bounded size. What
a digest says, `vega.core.telling.digests` knows.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from vega.core.clock import Clock, day_number, day_of_number, local_day
from vega.core.conversation import CHATTER_ORIGINS
from vega.core.life import blocks, records
from vega.core.life.sqlite import Connection, SQLite
from vega.core.memory import Digest, DigestKind
from vega.core.sql import queries
from vega.core.telling.periods import Due, Period, find_due, period_of
from vega.errors import TurnDamaged

_DAY_MICROS = 24 * 60 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Passage:
    """What one turn has to tell."""

    prompt: str
    #: Its summary, where it stands compressed; else the answer itself.
    answer: str
    #: Whether it is a command of a home, a title asked for by another page, chatter of tools.
    is_chatter: bool = False


class DigestStore:
    """The digests of one life."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def today(self, clock: Clock) -> date:
        """The owner's day, in the zone in which they last said something."""
        now = records.micros(clock.now())

        def find(connection: Connection) -> date:
            zone = connection.execute(queries["newest_zone"], (now,)).get
            return day_of_number(local_day(now, zone or clock.zone))

        return await self._db.read(find)

    async def due(self, today: date) -> list[Due]:
        """Everything that is over before that day and whose digest is to be written, newest first.

        Looks at each day of the life, and at no turn.
        """

        def find(connection: Connection) -> list[Due]:
            said = {day_of_number(row[0]): row[1] for row in connection.execute(queries["days"])}
            written = {
                (DigestKind(kind), day_of_number(first)): turns
                for kind, first, turns in connection.execute(queries["digest_counts"])
            }
            return find_due(said, written, today)

        return await self._db.read(find)

    async def find(
        self, kinds: Iterable[DigestKind], first: date, last: date, limit: int
    ) -> list[Digest]:
        """The newest digests of these kinds that tell of any day from the first to the last, the
        newest first and of those that end together the shortest."""

        def find(connection: Connection) -> list[Digest]:
            found = [
                digest
                for kind in kinds
                for digest in _digests(connection, kind, period_of(kind, first).first, last, limit)
            ]
            return sorted(found, key=lambda digest: digest.last_day, reverse=True)[:limit]

        return await self._db.read(find)

    async def turns_of_day(self, day: date, most: int) -> list[int]:
        """About so many of the day's turns at most, evenly, in the order in which they were said;
        the first and the last are among them. Chatter only where there was nothing else."""
        number = day_number(day)
        values = {
            "day": number,
            # No zone is ever a whole day before or behind UTC.
            "since": (number - 1) * _DAY_MICROS,
            "until": (number + 2) * _DAY_MICROS,
            "most": most,
            "chatter": json.dumps(sorted(CHATTER_ORIGINS)),
        }

        def find(connection: Connection) -> list[int]:
            for has_chatter in (False, True):
                chosen = {**values, "has_chatter": has_chatter}
                ids = [row[0] for row in connection.execute(queries["turns_of_day"], chosen)]
                if ids:
                    return ids
            return []

        return await self._db.read(find)

    async def ends(self, period: Period) -> tuple[int, int] | None:
        """The first and the last turn of a longer period, by chronology, as its days' digests know
        them; None where none of them has one."""
        values = {"first": day_number(period.first), "last": day_number(period.last)}

        def find(connection: Connection) -> tuple[int, int] | None:
            first = connection.execute(queries["first_turn_of_days"], values).get
            last = connection.execute(queries["last_turn_of_days"], values).get
            return None if first is None or last is None else (int(first), int(last))

        return await self._db.read(find)

    async def passages(self, turn_ids: Sequence[int], most_chars: int) -> list[Passage]:
        """What these turns have to tell, the beginnings of it, wherever they live; of a damaged
        one what its row still has."""
        return await self._db.read(
            lambda connection: [_passage(connection, each, most_chars) for each in turn_ids]
        )

    async def redo(self, model: str) -> int:
        """What that model has not written is due again, and stays until it is: how many."""

        def redo(connection: Connection) -> int:
            connection.execute(queries["redo_digests"], (model,))
            return connection.changes()

        return await self._db.write(redo)

    async def put(
        self, due: Due, text: str, model: str | None, ends: tuple[int, int], now: datetime
    ) -> None:
        """The digest of that period, in place of an earlier one."""
        values = {
            "kind": due.period.kind,
            "first_day": day_number(due.period.first),
            "first_turn_id": ends[0],
            "last_turn_id": ends[1],
            "turn_count": due.turns,
            "text": text,
            "model": model,
            "written_at": records.micros(now),
        }

        def put(connection: Connection) -> None:
            connection.execute(queries["put_digest"], values)

        await self._db.write(put)


def _digests(
    connection: Connection, kind: DigestKind, first: date, last: date, limit: int
) -> list[Digest]:
    values = {"kind": kind, "first": day_number(first), "last": day_number(last), "limit": limit}
    return [_digest(*row) for row in connection.execute(queries["digests"], values)]


def _digest(
    kind: str,
    first_day: int,
    text: str,
    turns: int,
    first_turn_id: int,
    last_turn_id: int,
    model: str | None,
    written_at: int,
) -> Digest:
    period = period_of(DigestKind(kind), day_of_number(first_day))
    return Digest(
        kind=period.kind,
        first_day=period.first,
        last_day=period.last,
        text=text,
        # Below 0 while it is to be written anew.
        turns=abs(turns),
        first_turn_id=first_turn_id,
        last_turn_id=last_turn_id,
        model=model,
        written_at=records.moment(written_at),
    )


def _passage(connection: Connection, turn_id: int, most_chars: int) -> Passage:
    values = {"id": turn_id, "most": most_chars}
    row = connection.execute(queries["passage"], values).fetchone()
    if row is None:
        return Passage("", "")
    block_id, origin, prompt, answer = row
    if block_id is not None and not prompt:
        try:
            original = blocks.read_archived(connection, block_id, turn_id)
        except TurnDamaged:
            return Passage("", "")
        prompt, answer, origin = original.prompt[:most_chars], "", original.origin
        if original.answer is not None and original.answer.status != "failed":
            answer = original.answer.text[:most_chars]
    return Passage(prompt, answer, origin in CHATTER_ORIGINS)
