"""What is known of the owner: statements with their turn, their history and their time.

A part of the store, on its connections. How a statement finds its place in time,
`vega.core.life.fact_history` knows.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from vega.core.clock import day_of_number
from vega.core.facts.matching import is_same_value
from vega.core.life import fact_history
from vega.core.life.fact_rows import drafts_of, insert, is_stop, read_fact, rows_of, turns_of
from vega.core.life.records import micros
from vega.core.life.sqlite import Connection, SQLite
from vega.core.memory import Fact, FactEnding, FactKind
from vega.core.privacy import Privacy, privacy_of
from vega.core.sql import queries
from vega.errors import FactNotFound, FactOver, InvalidInput

#: What the owner may put in a fact's place.
MAX_VALUE_CHARS = 500
#: More wishes than anybody keeps in mind.
MAX_WISHES = 50
_END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)


class FactStore:
    """The facts of one life."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    # What is known

    async def find(self, attribute: str) -> Fact | None:
        """What holds now of that attribute; of many values the newest."""
        return next(iter(await self._read(queries["current_fact"], (attribute,))), None)

    async def held_at(self, attribute: str, moment: datetime) -> Fact | None:
        """What held of that attribute at that moment; of many values the newest."""
        return next(iter(await self.all_held_at(attribute, moment)), None)

    async def all_held_at(self, attribute: str, moment: datetime) -> list[Fact]:
        """Every value that the attribute had at that moment, the newest first."""
        return await self._read(
            queries["facts_held_at"], {"attribute": attribute, "at": micros(moment)}
        )

    async def history(self, attribute: str) -> list[Fact]:
        """Every value that the attribute ever had, with its times, the oldest first; without what
        was put right."""
        rows = await self._read(queries["facts_of_attribute"], (attribute,))
        return [row for row in rows if row.ending is not FactEnding.CORRECTED and not is_stop(row)]

    async def said_to_be_over(self, attribute: str) -> Fact | None:
        """The last of which it was said that it is no longer so, where nothing tells that it was:
        a fact that held for no time."""
        rows = await self._read(queries["facts_of_attribute"], (attribute,))
        return next((row for row in reversed(rows) if is_stop(row)), None)

    async def current(
        self,
        limit: int,
        kinds: Iterable[FactKind] | None = None,
        *,
        include_private: bool = True,
    ) -> list[Fact]:
        """What holds now: the pinned facts, and of the others the newest, so many at most, in the
        order in which they were told."""
        values = {
            "kinds": _kinds(kinds),
            "has_private": include_private,
            "limit": limit,
        }
        found = await self._read(queries["current_facts"], values)
        return sorted(found, key=lambda fact: (fact.held_from, fact.id))

    async def wishes(self, *, include_private: bool = True) -> list[Fact]:
        """The owner's standing wishes, in the order in which they were told."""
        return await self.current(MAX_WISHES, [FactKind.WISH], include_private=include_private)

    async def all(
        self,
        limit: int,
        before: tuple[datetime, int] | None = None,
        kinds: Iterable[FactKind] | None = None,
        *,
        include_ended: bool = True,
    ) -> list[Fact]:
        """For the owner: every fact, also what is over or was put right; the newest first, from a
        place (held_from, id) on."""
        at, fact_id = before or (_END_OF_TIME, 0)
        values = {
            "at": micros(at),
            "id": fact_id,
            "kinds": _kinds(kinds),
            "has_ended": include_ended,
            "limit": limit,
        }
        return await self._read(queries["facts_page"], values)

    async def get(self, fact_id: int) -> Fact:
        """Raises FactNotFound."""
        return await self._db.read(lambda connection: _get(connection, fact_id))

    async def trail(self, fact: Fact) -> list[Fact]:
        """Every value that ever stood in its place, the oldest first, also what was put right."""
        rows = await self._read(queries["facts_of_attribute"], (fact.attribute,))
        return [row for row in rows if row.slot == fact.slot and not is_stop(row)]

    async def put_right_at(self, fact: Fact) -> datetime | None:
        """When the owner's hand last put its value right; None where it stands as it was told."""

        def find(connection: Connection) -> datetime | None:
            of_turn = [
                row for row in rows_of(connection, fact.attribute) if row.turn_id == fact.turn_id
            ]
            drafts = [row for row in of_turn if row.ending is FactEnding.CORRECTED]
            if len(of_turn) - len(drafts) > 1:
                # Which of the values became which is not known.
                return None
            return max((row.held_until for row in drafts if row.held_until), default=None)

        return await self._db.read(find)

    async def told_in(self, fact: Fact) -> list[int]:
        """Every turn in which it was told, or said again, in their order."""
        return await self._db.read(lambda connection: turns_of(connection, fact))

    async def privacy(self) -> Privacy:
        """What may not be sent to a model server outside this machine."""

        def find(connection: Connection) -> Privacy:
            turn_ids, values = set[int](), list[str]()
            for told_in, again_in, value in connection.execute(queries["private_facts"]):
                turn_ids |= {told_in} if again_in is None else {told_in, again_in}
                values.append(value)
            turn_ids |= {row[0] for row in connection.execute(queries["private_sayings"])}
            told = list(turn_ids)
            while told:
                resting = connection.execute(queries["turns_resting_on"], (told.pop(),))
                found = {row[0] for row in resting} - turn_ids
                turn_ids |= found
                told += found
            ids = json.dumps(sorted(turn_ids))
            days = [row[0] for row in connection.execute(queries["days_with_turns"], (ids,))]
            return privacy_of(turn_ids, values, map(day_of_number, days))

        return await self._db.read(find)

    async def private_turn_ids(self) -> frozenset[int]:
        """Turns in which a private fact was told, and those whose answers rest on them."""
        return (await self.privacy()).turn_ids

    # By the owner's hand

    async def change(
        self,
        fact_id: int,
        now: datetime,
        *,
        value: str | None = None,
        is_pinned: bool | None = None,
        is_private: bool | None = None,
    ) -> Fact:
        """As `correct`, `pin` and `set_private`, whichever are wanted: all of it or nothing."""

        def change(connection: Connection) -> Fact:
            fact = _get(connection, fact_id)
            if value is not None:
                fact = _correct(connection, fact, value, now)
            if is_pinned is not None:
                fact = _pin(connection, fact, is_pinned)
            if is_private is not None:
                fact = _hide(connection, fact, is_private)
            return fact

        return await self._db.write(change)

    async def correct(self, fact_id: int, value: str, now: datetime) -> Fact:
        """Another value stands in the fact's place, for all the time that it held, with the same
        turn as its source: the fact that holds it. The old one stays, as one that never was so.

        Raises FactNotFound, InvalidInput, and FactOver for one that was put right before.
        """
        return await self.change(fact_id, now, value=value)

    async def pin(self, fact_id: int, is_pinned: bool) -> Fact:
        """A pinned fact goes before all others in the context, and gives way to the owner's own
        words alone. Raises FactNotFound, and FactOver where it does not hold any more."""
        return await self._db.write(
            lambda connection: _pin(connection, _get(connection, fact_id), is_pinned)
        )

    async def set_private(self, fact_id: int, is_private: bool) -> Fact:
        """Whether it, and what it was put right from, may never be sent to a model server outside
        this machine. What takes its place later inherits that. Raises FactNotFound."""
        return await self._db.write(
            lambda connection: _hide(connection, _get(connection, fact_id), is_private)
        )

    async def forget(self, fact_id: int) -> Fact:
        """The fact is erased, and no fact is drawn from its turns any more: what it was. The words
        of these turns stay. Raises FactNotFound."""
        return await self._db.write(lambda connection: forget_fact(connection, fact_id))

    async def _read(self, query: str, values: Any) -> list[Fact]:
        def read(connection: Connection) -> list[Fact]:
            return [read_fact(row) for row in connection.execute(query, values)]

        return await self._db.read(read)


def forget_fact(connection: Connection, fact_id: int) -> Fact:
    """As `FactStore.forget`, within a transaction."""
    fact = _get(connection, fact_id)
    fact_history.erase(connection, fact)
    connection.execute(queries["drop_context_window"])
    return fact


def _correct(connection: Connection, fact: Fact, value: str, now: datetime) -> Fact:
    value = value.strip()
    _check(value)
    if fact.ending is FactEnding.CORRECTED:
        raise FactOver("This fact was put right before; correct the one in its place.")
    connection.execute(queries["drop_context_window"])
    if value.casefold() == fact.value.casefold():
        # It is only spelled otherwise.
        connection.execute(queries["spell_fact"], {"id": fact.id, "value": value})
        return _get(connection, fact.id)
    return _get(connection, _put_right(connection, fact, value, now))


def _pin(connection: Connection, fact: Fact, is_pinned: bool) -> Fact:
    if is_pinned and fact.held_until is not None:
        raise FactOver("This fact does not hold any more, and so it cannot be pinned.")
    return _mark(connection, queries["pin_fact"], fact.id, is_so=is_pinned)


def _hide(connection: Connection, fact: Fact, is_private: bool) -> Fact:
    for row in drafts_of(connection, fact):
        _mark(connection, queries["make_fact_private"], row.id, is_so=is_private)
    return _get(connection, fact.id)


def _put_right(connection: Connection, fact: Fact, value: str, now: datetime) -> int:
    """The id of the fact that has the value instead."""
    ended = {
        "id": fact.id,
        "held_until": micros(max(now, fact.held_from)),
        "ending": FactEnding.CORRECTED,
    }
    connection.execute(queries["end_fact"], ended)
    connection.execute(queries["pin_fact"], {"id": fact.id, "is_so": False})
    if fact.said_again_at is not None:
        # That turn's words were put right too.
        again = {"at": micros(fact.said_again_at), "turn_id": fact.said_again_in}
        connection.execute(queries["say_fact_again"], {"id": fact.id, **again})
    new = replace(fact, value=value, model=None)
    if fact.slot != fact.attribute:
        new = replace(new, slot=f"{fact.attribute}: {value.casefold()}")
        for other in rows_of(connection, fact.attribute):
            is_counted = other.ending is not FactEnding.CORRECTED and not is_stop(other)
            if is_counted and is_same_value(other.value, value) and _overlaps(other, new):
                # It was told already.
                _inherit(connection, other, fact)
                return other.id
    return insert(connection, new)


def _inherit(connection: Connection, fact: Fact, marked: Fact) -> None:
    """The fact is private, and pinned, where that one was."""
    if marked.is_private:
        _hide(connection, fact, is_private=True)
    if marked.is_pinned and fact.held_until is None:
        _pin(connection, fact, is_pinned=True)


def _overlaps(one: Fact, other: Fact) -> bool:
    def begins_within(fact: Fact, span: Fact) -> bool:
        return fact.held_from >= span.held_from and (
            span.held_until is None or fact.held_from < span.held_until
        )

    return begins_within(one, other) or begins_within(other, one)


def _mark(connection: Connection, query: str, fact_id: int, *, is_so: bool) -> Fact:
    connection.execute(query, {"id": fact_id, "is_so": is_so})
    connection.execute(queries["drop_context_window"])
    return _get(connection, fact_id)


def _get(connection: Connection, fact_id: int) -> Fact:
    row = connection.execute(queries["fact"], (fact_id,)).fetchone()
    if row is None:
        raise FactNotFound(fact_id)
    return read_fact(row)


def _kinds(kinds: Iterable[FactKind] | None) -> str:
    return json.dumps([kind.value for kind in (FactKind if kinds is None else kinds)])


def _check(value: str) -> None:
    """Raises InvalidInput where no fact can have that value."""
    if not value:
        raise InvalidInput("value: is empty; say what is right, or forget the fact.")
    if len(value) > MAX_VALUE_CHARS:
        raise InvalidInput(f"value: is longer than {MAX_VALUE_CHARS} characters.")
    if not value.isprintable():
        raise InvalidInput("value: holds a line break or another character that cannot be shown.")
