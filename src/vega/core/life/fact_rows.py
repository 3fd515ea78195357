"""Facts as rows: how they are read, and written as they are.

Synchronous, on a connection that the caller holds.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from vega.core.facts.matching import is_same_value, plain_value
from vega.core.life.records import micros, moment
from vega.core.life.sqlite import Connection
from vega.core.memory import Fact, FactEnding, FactKind
from vega.core.sql import queries


def read_fact(row: Sequence[Any]) -> Fact:
    return Fact(
        id=row[0],
        turn_id=row[1],
        kind=FactKind(row[2]),
        attribute=row[3],
        slot=row[4],
        value=row[5],
        held_from=moment(row[6]),
        held_until=moment(row[7]) if row[7] is not None else None,
        ending=FactEnding(row[8]) if row[8] is not None else None,
        zone=row[9],
        is_pinned=bool(row[10]),
        is_private=bool(row[11]),
        model=row[12],
        said_again_at=moment(row[13]) if row[13] is not None else None,
        said_again_in=row[14],
    )


def is_stop(fact: Fact) -> bool:
    """Whether it only says that something is over."""
    return fact.ending is FactEnding.TAKEN_BACK and fact.held_until == fact.held_from


def rows_of(connection: Connection, attribute: str | None) -> list[Fact]:
    """Of that attribute, in the order of what was said."""
    if attribute is None:
        return []
    return [
        read_fact(row) for row in connection.execute(queries["facts_of_attribute"], (attribute,))
    ]


def rows_near(connection: Connection, attribute: str | None, value: str) -> list[Fact]:
    """As `rows_of`, but of an attribute of many values those alone that the value has to do with:
    what names the same, or says that whichever there is is over."""
    plain = plain_value(value)
    plain = "" if plain == attribute else plain
    values = {"attribute": attribute, "plain": plain}
    return [read_fact(row) for row in connection.execute(queries["facts_near"], values)]


def told_in_turn(connection: Connection, turn_id: int) -> list[Fact]:
    """Told in that turn, or said again."""
    rows = connection.execute(queries["facts_of_turn"], {"turn_id": turn_id})
    return [read_fact(row) for row in rows]


def drafts_of(connection: Connection, fact: Fact) -> list[Fact]:
    """The fact, and what it was put right from. Of many values told in one turn all that were put
    right there: which of them became which is not known."""
    return [
        row
        for row in rows_of(connection, fact.attribute)
        if row.id == fact.id or (row.turn_id == fact.turn_id and row.ending is FactEnding.CORRECTED)
    ]


def all_of(connection: Connection, fact: Fact) -> list[Fact]:
    """The fact, what it was put right from, and what says that it is over."""
    stops = [
        row
        for row in rows_of(connection, fact.attribute)
        if row.id != fact.id
        and is_stop(row)
        and row.slot == fact.slot
        and is_same_value(row.value, fact.value)
    ]
    return [*drafts_of(connection, fact), *stops]


def turns_of(connection: Connection, fact: Fact) -> list[int]:
    """Every turn in which it was told, or said again, in their order."""
    return told_in(connection, drafts_of(connection, fact))


def told_in(connection: Connection, facts: Iterable[Fact]) -> list[int]:
    """Every turn in which any of these rows was told, or said again, in their order."""
    return sorted({turn_id for row in facts for _, turn_id in sayings_of(connection, row)})


def sayings_of(connection: Connection, row: Fact) -> list[tuple[datetime, int]]:
    """When, and in which turns, that row was told, or said again, in their order."""
    found = {(row.held_from, row.turn_id)}
    if row.said_again_at is not None and row.said_again_in is not None:
        found.add((row.said_again_at, row.said_again_in))
    for turn_id, at in connection.execute(queries["sayings"], span_of(row)):
        found.add((moment(at), turn_id))
    return sorted(found)


def note_saying(connection: Connection, slot: str, said: Fact) -> None:
    values = {"slot": slot, "at": micros(said.held_from), "turn_id": said.turn_id}
    connection.execute(queries["add_saying"], values)


def span_of(fact: Fact) -> dict[str, Any]:
    """What was said again of it while it held."""
    return {
        "slot": fact.slot,
        "since": micros(fact.held_from),
        "until": micros_or_none(fact.held_until),
    }


def turn_ids_of(fact: Fact) -> tuple[int, int | None]:
    return fact.turn_id, fact.said_again_in


def insert(connection: Connection, fact: Fact) -> int:
    """The fact as it is, whatever its id: the one that it has now."""
    return int(
        connection.execute(
            queries["add_fact"],
            {
                "turn_id": fact.turn_id,
                "kind": fact.kind,
                "attribute": fact.attribute,
                "slot": fact.slot,
                "value": fact.value,
                "held_from": micros(fact.held_from),
                "held_until": micros_or_none(fact.held_until),
                "ending": fact.ending,
                "zone": fact.zone,
                "is_pinned": fact.is_pinned,
                "is_private": fact.is_private,
                "model": fact.model,
                "said_again_at": micros_or_none(fact.said_again_at),
                "said_again_in": fact.said_again_in,
            },
        ).get
    )


def micros_or_none(at: datetime | None) -> int | None:
    return None if at is None else micros(at)
