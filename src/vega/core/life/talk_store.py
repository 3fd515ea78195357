"""What was said when: turns by the time at which they were said, wherever they live.

A part of the store, on its connections. Every step reads a bounded number of turns.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from vega.core.conversation import CHATTER_ORIGINS, Turn
from vega.core.life import records
from vega.core.life.sqlite import Connection, SQLite
from vega.core.sql import queries
from vega.errors import TurnNotFound

#: Turns that are looked through for the owner's talk among chatter.
SCANNED_TURNS = 500

#: (at, id), in the chronology.
Place = tuple[datetime, int]


class TalkStore:
    """The talk of one life, by time."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def between(
        self, start: datetime, end: datetime, before: Place, most: int, *, has_chatter: bool = False
    ) -> list[int]:
        """The turns of that time that stand before a place, oldest first; the first so many."""
        values = {
            "start": records.micros(start),
            "end": records.micros(end),
            "before_at": records.micros(before[0]),
            "before_id": before[1],
            "has_chatter": has_chatter,
            "chatter": json.dumps(sorted(CHATTER_ORIGINS)),
            "limit": most,
        }
        return await self._db.read(
            lambda connection: [
                row[0] for row in connection.execute(queries["talk_between"], values)
            ]
        )

    async def turns(self, turn_ids: Sequence[int]) -> list[Turn]:
        """These turns in this order, without those that are gone or cannot be read."""

        def read(connection: Connection) -> list[Turn]:
            return list(_readable(connection, turn_ids))

        return await self._db.read(read)

    async def before(self, place: Place, most: int) -> list[Turn]:
        """The owner's last so many turns before a place, newest first, without chatter."""
        values = {"at": records.micros(place[0]), "id": place[1]}
        return await self._talk(queries["talk_before"], values, most)

    async def first(self, before: Place) -> Turn | None:
        """The first turn of the owner's talk, if it stands before that place."""
        values = {"at": records.micros(before[0]), "id": before[1]}
        return next(iter(await self._talk(queries["first_talk"], values, 1)), None)

    async def _talk(self, query: str, values: dict[str, int], most: int) -> list[Turn]:
        def read(connection: Connection) -> list[Turn]:
            rows = connection.execute(query, values)
            ids = [row[0] for row in islice(rows, SCANNED_TURNS)]
            talk = (turn for turn in _readable(connection, ids) if is_talk(turn))
            return list(islice(talk, most))

        return await self._db.read(read)


def is_talk(turn: Turn) -> bool:
    """Whether it is the owner's talk, and no chatter."""
    return turn.origin not in CHATTER_ORIGINS


def _readable(connection: Connection, turn_ids: Sequence[int]) -> Iterator[Turn]:
    for turn_id in turn_ids:
        try:
            turn = records.read_turn_as_it_is(connection, turn_id)
        except TurnNotFound:
            continue
        if not turn.is_damaged:
            yield turn
