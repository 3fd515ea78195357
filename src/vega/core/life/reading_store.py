"""Turns from which facts are still to be drawn in the background, and how far that has come.

A part of the store, on its connections. What a turn says is drawn from it and the turn is done in
one transaction, so a process that dies leaves no turn half read and reads none twice. No
transaction takes long, however many facts there are: somebody may want to speak.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import apsw

from vega.core.conversation import CHATTER_ORIGINS, Outcome, Turn, TurnStatus
from vega.core.facts import Reading, may_be_of_known, read_of_known
from vega.core.life import records
from vega.core.life.fact_history import add_fact, replace_facts
from vega.core.life.fact_rows import read_fact, told_in_turn
from vega.core.life.records import micros
from vega.core.life.sqlite import Connection, SQLite
from vega.core.memory import Fact, FactKind, Statement
from vega.core.sql import queries
from vega.errors import VegaError

log = logging.getLogger(__name__)

#: A transaction is ended behind the turn in which it has taken so long.
STEP_SECONDS = 0.02
#: The newest of each kind, to which a prompt may refer by name.
MOST_KNOWN = 500
_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)
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

    async def of_known(self, turn: Turn) -> Reading:
        """What the prompt states of what was known by then: "Biscuit died"."""
        if not may_be_of_known(turn.prompt):
            return Reading()
        return await self._db.read(lambda connection: _of_known(connection, turn))

    async def begin_again(self) -> int:
        """The whole life is to be read again, from its newest turn on: how many turns at most."""

        return await self._db.write(_begin_again)

    async def pending(self) -> int:
        """How many turns wait, of a life that is read again at most."""

        def count(connection: Connection) -> int:
            waiting = int(connection.execute(queries["count_unread_turns"]).get)
            return waiting + _redraw_place(connection)

        return await self._db.read(count)

    async def take(self, read: Sequence[Read]) -> None:
        """These turns were read for the first time."""

        def take(connection: Connection) -> int:
            return _keep_some(connection, left, _keep)

        left = read
        while left:
            left = left[await self._db.write(take) :]

    async def take_again(self, read: Sequence[Read], place: int, next_turn_id: int) -> None:
        """From that place on, these turns were read again; the newest up to that id is next, and 0
        is the end. Nothing of it counts where the reading was begun anew meanwhile."""

        def take(connection: Connection) -> tuple[int, int] | None:
            if _redraw_place(connection) != place:
                return None
            count = _keep_some(connection, left, _keep_again)
            goes_on_at = next_turn_id if count == len(left) else left[count - 1].turn.id - 1
            connection.execute(queries["set_fact_redraw_place"], (goes_on_at,))
            return count, goes_on_at

        left = read
        while (taken := await self._db.write(take)) is not None:
            count, place = taken
            left = left[count:]
            if not left:
                break


def take_statements(
    connection: Connection, turn: Turn, outcome: Outcome, statements: Sequence[Statement]
) -> None:
    """What the prompt of a turn that ends stated; a model may read it later. Nothing of chatter."""
    if turn.origin in CHATTER_ORIGINS:
        return
    _keep(connection, Read(turn, [(statement, None) for statement in statements]))
    if outcome.status is TurnStatus.COMPLETED:
        connection.execute(queries["await_reading"], (turn.id, True))


def _keep_some(
    connection: Connection, read: Sequence[Read], keep: Callable[[Connection, Read], None]
) -> int:
    """Keeps what was drawn from the first turns, as many as there is time for: how many."""
    until = time.monotonic() + STEP_SECONDS
    for count, each in enumerate(read, 1):
        keep(connection, each)
        connection.execute(queries["drop_unread_turn"], (each.turn.id,))
        if time.monotonic() >= until:
            return count
    return len(read)


def _keep(connection: Connection, read: Read) -> None:
    with _or_nothing(connection, read.turn):
        for statement, model in read.drawn:
            add_fact(connection, read.turn, statement, model)


def _keep_again(connection: Connection, read: Read) -> None:
    turn = read.turn
    with _or_nothing(connection, turn):
        drawn = read.drawn
        by_rules = any(model is None for _, model in drawn)
        if not by_rules and told_in_turn(connection, turn.id):
            known = _of_known(connection, turn).statements
            drawn = [*drawn, *((statement, None) for statement in known)]
        replace_facts(connection, turn, drawn, is_by_model=read.is_by_model)


def _of_known(connection: Connection, turn: Turn) -> Reading:
    facts = [fact for kind in FactKind for fact in _newest(connection, kind)]
    held = [
        fact
        for fact in facts
        if (fact.held_from, fact.turn_id) < (turn.at, turn.id)
        and fact.turn_id != turn.id
        and (fact.held_until is None or fact.held_until >= turn.at)
    ]
    return read_of_known(turn.prompt, held, turn.id)


def _newest(connection: Connection, kind: FactKind) -> list[Fact]:
    """Those of one kind, the newest first; however many plans there were, a pet stays known."""
    values = {
        "at": micros(_END_OF_TIME),
        "id": 0,
        "kinds": json.dumps([kind.value]),
        "has_ended": True,
        "limit": MOST_KNOWN,
    }
    return [read_fact(row) for row in connection.execute(queries["facts_page"], values)]


@contextmanager
def _or_nothing(connection: Connection, turn: Turn) -> Iterator[None]:
    """All facts of a turn, or none where they cannot be kept: that may keep neither its answer from
    being kept nor other turns from being read."""
    try:
        with connection:
            yield
    except Exception as error:
        is_of_facts = isinstance(error, apsw.ConstraintError)
        if isinstance(error, (apsw.Error, VegaError)) and not is_of_facts:
            raise
        log.exception("The facts of turn %d could not be kept", turn.id)


def _begin_again(connection: Connection) -> int:
    connection.execute(queries["begin_fact_redraw"])
    return _redraw_place(connection)


def _redraw_place(connection: Connection) -> int:
    return int(connection.execute(queries["fact_redraw_place"]).get or 0)


def _turn(connection: Connection, turn_id: Any) -> Turn:
    return records.read_turn_as_it_is(connection, turn_id)
