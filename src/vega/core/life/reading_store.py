"""Turns from which facts are still to be drawn in the background, and how far that has come.

A part of the store, on its connections. What a turn says is drawn from it and the turn is done in
one transaction, so a process that dies leaves no turn half read and reads none twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vega.core.conversation import CHATTER_ORIGINS, Outcome, Turn, TurnStatus
from vega.core.life import records
from vega.core.life.fact_history import add_fact, replace_facts
from vega.core.life.sqlite import Connection, SQLite
from vega.core.memory import Statement
from vega.core.sql import queries

#: Each with the model that drew it; None: rules did.
Drawn = Sequence[tuple[Statement, str | None]]


@dataclass(frozen=True, slots=True)
class Read:
    """What was drawn from a turn."""

    turn: Turn
    drawn: Drawn = ()
    #: Whether a model was asked, and not rules alone.
    is_by_model: bool = False


class ReadingStore:
    """What waits to be read in one life."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def unread(self, limit: int, *, for_model: bool) -> list[Turn]:
        """The newest turns that wait for the first time: those that rules have read and a model may
        read too, or those that nothing has read. Of damaged ones what is left of them."""

        def find(connection: Connection) -> list[Turn]:
            rows = connection.execute(queries["unread_turn_ids"], (for_model, limit)).fetchall()
            return [_turn(connection, row[0]) for row in rows]

        return await self._db.read(find)

    async def unread_again(self, limit: int) -> tuple[int, list[Turn]]:
        """Of a life that is read again: the place to which that has come, 0 where it is over; and
        the next turns from there, the newest first."""

        def find(connection: Connection) -> tuple[int, list[Turn]]:
            place = _redraw_place(connection)
            values = {"id": place, "limit": limit}
            rows = connection.execute(queries["turns_to_read_again"], values).fetchall()
            return place, [_turn(connection, row[0]) for row in rows]

        return await self._db.read(find)

    async def begin_again(self) -> int:
        """The whole life is to be read again, from its newest turn on: how many turns at most."""

        def begin(connection: Connection) -> int:
            connection.execute(queries["begin_fact_redraw"])
            return _redraw_place(connection)

        return await self._db.write(begin)

    async def pending(self) -> int:
        """How many turns wait, of a life that is read again at most."""

        def count(connection: Connection) -> int:
            waiting = int(connection.execute(queries["count_unread_turns"]).get)
            return waiting + _redraw_place(connection)

        return await self._db.read(count)

    async def take(self, read: Sequence[Read]) -> None:
        """These turns were read for the first time."""

        def take(connection: Connection) -> None:
            for each in read:
                for statement, model in each.drawn:
                    add_fact(connection, each.turn, statement, model)
                connection.execute(queries["drop_unread_turn"], (each.turn.id,))

        await self._db.write(take)

    async def take_again(self, read: Sequence[Read], place: int, next_turn_id: int) -> None:
        """From that place on, these turns were read again; the newest up to that id is next, and 0
        is the end. Nothing of it counts where the reading was begun anew meanwhile."""

        def take(connection: Connection) -> None:
            if _redraw_place(connection) != place:
                return
            for each in read:
                replace_facts(connection, each.turn, each.drawn, is_by_model=each.is_by_model)
                connection.execute(queries["drop_unread_turn"], (each.turn.id,))
            connection.execute(queries["set_fact_redraw_place"], (next_turn_id,))

        await self._db.write(take)


def take_statements(
    connection: Connection, turn: Turn, outcome: Outcome, statements: Sequence[Statement]
) -> None:
    """What the prompt of a turn that ends stated; a model may read it later. Nothing of chatter."""
    if turn.origin in CHATTER_ORIGINS:
        return
    for statement in statements:
        add_fact(connection, turn, statement)
    if outcome.status is TurnStatus.COMPLETED:
        connection.execute(queries["await_reading"], (turn.id, True))


def _redraw_place(connection: Connection) -> int:
    return int(connection.execute(queries["fact_redraw_place"]).get or 0)


def _turn(connection: Connection, turn_id: Any) -> Turn:
    return records.read_turn_as_it_is(connection, turn_id)
