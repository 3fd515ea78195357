"""How a statement finds its place among what was said before and after it.

Synchronous, on a connection that the caller holds. Statements may come in any order: an import
brings what was said years ago, and facts are drawn again the newest first. Of each slot one value
holds at a time. What only says that something is over stands as a row that never held (a stop), so
that an earlier statement which arrives later ends there too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from vega.core.conversation import Turn
from vega.core.facts import matching
from vega.core.facts.matching import ends, is_same_value, is_unnamed, names_any
from vega.core.life.fact_rows import (
    all_of,
    insert,
    is_stop,
    micros_or_none,
    note_saying,
    read_fact,
    rows_near,
    sayings_of,
    span_of,
    told_in,
    told_in_turn,
    turn_ids_of,
)
from vega.core.life.records import micros
from vega.core.life.sqlite import Connection
from vega.core.memory import Fact, FactEnding, FactKind, Statement
from vega.core.sql import queries


def add_fact(
    connection: Connection, turn: Turn, statement: Statement, model: str | None = None
) -> None:
    """The statement's value holds from the turn's time on, in place of the one that held, until
    the next that was said; or what it says to be over ends then. A value that holds already is
    only said again.

    Nothing changes where the owner has forgotten a fact of that turn, or has put that value right
    since; and by a model's statement nothing where a rule has read one there, or what holds is
    pinned.
    """
    if connection.execute(queries["is_turn_closed"], (turn.id,)).get:
        return
    rows = rows_near(connection, statement.attribute, statement.value)
    new = _new(turn, statement, model, rows)
    own = [row for row in rows if row.slot == new.slot and turn.id in turn_ids_of(row)]
    if any(row.ending is FactEnding.CORRECTED for row in own) or _was_put_right(rows, new):
        return
    if model is not None and any(row.model is None or row.turn_id != turn.id for row in own):
        return
    if statement.instead_of is not None:
        _mark_wrong(connection, new, statement.instead_of)
        rows = rows_near(connection, statement.attribute, statement.value)
    rows = [row for row in rows if row.ending is not FactEnding.CORRECTED]
    if is_unnamed(new) and not statement.is_over and _is_named(rows, new):
        return
    related = _related(connection, statement)
    if statement.is_over:
        _take_back(connection, new, statement, rows, related)
    else:
        _state(connection, new, statement, rows, related)


def replace_facts(
    connection: Connection,
    turn: Turn,
    drawn: Sequence[tuple[Statement, str | None]],
    *,
    is_by_model: bool,
) -> None:
    """What is drawn from the turn now, each with the model that drew it, in place of what was
    drawn from it before.

    What the owner has pinned, made private or put right stays; where no model was asked, also what
    one drew. Of two statements about one thing the last one counts.
    """
    if connection.execute(queries["is_turn_closed"], (turn.id,)).get:
        return
    latest = dict[str, tuple[Statement, str | None]]()
    for statement, model in drawn:
        rows = rows_near(connection, statement.attribute, statement.value)
        latest[_new(turn, statement, model, rows).slot] = (statement, model)
    known = told_in_turn(connection, turn.id)
    put_right = {fact.attribute for fact in known if fact.ending is FactEnding.CORRECTED}
    kept = {
        fact.slot
        for fact in known
        if fact.is_pinned
        or fact.is_private
        # Of many values, what stands in a place has a slot of its own.
        or fact.attribute in put_right
        or (fact.model is not None and not is_by_model and fact.slot not in latest)
    }
    for fact in known:
        said = latest.get(fact.slot)
        is_said = said is not None and is_same_value(said[0].value, fact.value)
        if fact.slot not in kept and not is_said:
            withdraw(connection, fact, turn.id)
    for slot, (statement, model) in latest.items():
        if slot not in kept:
            add_fact(connection, turn, statement, model)


def withdraw(connection: Connection, fact: Fact, turn_id: int) -> None:
    """It was never said in that turn: what it took the place of goes on to hold."""
    if fact.turn_id != turn_id:
        _move(connection, fact, fact.turn_id, fact.held_from, fact.zone, None)
        return
    until, ending = fact.held_until, fact.ending
    if fact.said_again_at is not None and fact.said_again_in is not None:
        until, ending = fact.said_again_at, FactEnding.SUPERSEDED
        _move(connection, fact, fact.said_again_in, until, fact.zone, None)
    else:
        connection.execute(queries["drop_fact"], (fact.id,))
    if fact.ending is FactEnding.CORRECTED or is_stop(fact):
        return
    rows = rows_near(connection, fact.attribute, fact.value)
    line = _line(rows, fact.slot)
    before = [row for row in line if _place(row) <= _place(fact) and row.id != fact.id]
    is_next = bool(before) and before[-1].held_until == fact.held_from
    if is_next and before[-1].ending is FactEnding.SUPERSEDED:
        stop = _first_stop(before[-1], [*rows, *_related(connection, _statement(fact))])
        if stop is not None and (until is None or stop < until):
            until, ending = stop, FactEnding.TAKEN_BACK
        _end(connection, before[-1], until, ending)


def erase(connection: Connection, fact: Fact) -> None:
    """The fact is gone, with what it was put right from and what says that it is over; no fact is
    drawn from any turn that said it. What it took the place of does not hold again: it was no
    longer so."""
    rows = all_of(connection, fact)
    for turn_id in told_in(connection, rows):
        connection.execute(queries["close_turn"], (turn_id,))
    for row in rows:
        connection.execute(queries["drop_sayings"], span_of(row))
        connection.execute(queries["drop_fact"], (row.id,))


def erase_told_in(connection: Connection, turn_id: int) -> None:
    """No fact rests on that turn any more, nor will. What was said again elsewhere holds from
    there."""
    connection.execute(queries["close_turn"], (turn_id,))
    connection.execute(queries["drop_sayings_of_turn"], (turn_id,))
    for fact in told_in_turn(connection, turn_id):
        left = [said for said in sayings_of(connection, fact) if said[1] != turn_id]
        if not left:
            connection.execute(queries["drop_fact"], (fact.id,))
            continue
        (since, first_in), again = left[0], left[-1]
        if fact.ending is FactEnding.CORRECTED:
            since = fact.held_from
        _move(connection, fact, first_in, since, fact.zone, again if len(left) > 1 else None)


def _state(
    connection: Connection,
    new: Fact,
    statement: Statement,
    rows: Sequence[Fact],
    related: Sequence[Fact],
) -> None:
    line = _line(rows, new.slot)
    before = [row for row in line if _place(row) <= _place(new)]
    after = [row for row in line if _place(row) > _place(new)]
    held = before[-1] if before and _holds(before[-1], new.held_from) else None
    if held is not None and is_same_value(held.value, new.value):
        _say_again(connection, held, new)
        return
    ended = _ended_by(statement, related, new)
    if new.model is not None and any(row.is_pinned for row in (*ended, *([held] if held else ()))):
        return
    if held is not None:
        new = replace(new, is_pinned=held.is_pinned, is_private=new.is_private or held.is_private)
        if held.ending is FactEnding.SUPERSEDED:
            new = replace(new, held_until=held.held_until, ending=held.ending)
        elif after:
            new = replace(new, held_until=after[0].held_from, ending=FactEnding.SUPERSEDED)
        tail = _end(connection, held, new.held_from, FactEnding.SUPERSEDED, new.turn_id)
        if tail is not None:
            new = replace(new, held_until=tail.held_from, ending=FactEnding.SUPERSEDED)
    elif after:
        new = replace(new, held_until=after[0].held_from, ending=FactEnding.SUPERSEDED)
    stop = _first_stop(new, [*rows, *related])
    if stop is not None and (new.held_until is None or stop < new.held_until):
        new = replace(new, held_until=stop, ending=FactEnding.TAKEN_BACK)
    is_told_twice = (
        new.ending is FactEnding.SUPERSEDED
        and bool(after)
        and new.held_until == after[0].held_from
        and is_same_value(after[0].value, new.value)
    )
    if is_told_twice:
        _tell_earlier(connection, after[0], new)
    else:
        insert(connection, new)
    for row in ended:
        ending = FactEnding.SUPERSEDED if is_unnamed(row) else FactEnding.TAKEN_BACK
        _end(connection, row, new.held_from, ending, new.turn_id)


def _take_back(
    connection: Connection,
    stop: Fact,
    statement: Statement,
    rows: Sequence[Fact],
    related: Sequence[Fact],
) -> None:
    if any(is_stop(row) and (row.turn_id, row.slot) == (stop.turn_id, stop.slot) for row in rows):
        return
    ended = _ended_by(statement, [*rows, *related], stop)
    if matching.names_one(statement) and len(ended) > 1:
        # "My dog died", and there are two: which of them is not said.
        ended = []
    if stop.model is not None and any(row.is_pinned for row in ended):
        return
    for row in ended:
        _end(connection, row, stop.held_from, FactEnding.TAKEN_BACK, stop.turn_id)
    insert(connection, replace(stop, held_until=stop.held_from, ending=FactEnding.TAKEN_BACK))


def _mark_wrong(connection: Connection, new: Fact, wrong: str) -> None:
    """That value never was so, as the owner says in putting the new one in its place."""
    near = rows_near(connection, new.attribute, wrong)
    told = [row for row in near if is_same_value(row.value, wrong)]
    for row in told:
        if not is_stop(row) and _place(row) <= _place(new) and _holds(row, new.held_from):
            _end(connection, row, new.held_from, FactEnding.CORRECTED, new.turn_id)
    if new.slot != new.attribute and not any(_place(row) == _place(new) for row in told):
        # Of many, what was said before and is heard of later ends there too.
        over = replace(new, value=wrong, slot=f"{new.attribute}: {wrong.casefold()}")
        insert(connection, replace(over, held_until=new.held_from, ending=FactEnding.TAKEN_BACK))


def _end(
    connection: Connection,
    fact: Fact,
    until: datetime | None,
    ending: FactEnding | None,
    turn_id: int = 0,
) -> Fact | None:
    """The fact ends then, by what was said in that turn. Where it was said again later it holds
    anew from there on: as that fact."""
    values = {"id": fact.id, "held_until": micros_or_none(until), "ending": ending}
    connection.execute(queries["end_fact"], values)
    again, again_in = fact.said_again_at, fact.said_again_in
    if again is None or again_in is None:
        return None
    if until is None or (again, again_in) <= (until, turn_id):
        values = {"id": fact.id, "at": micros(again), "turn_id": again_in}
        connection.execute(queries["say_fact_again"], values)
        return None
    tail = replace(fact, turn_id=again_in, held_from=again, said_again_at=None, said_again_in=None)
    insert(connection, tail)
    return tail


def _say_again(connection: Connection, held: Fact, new: Fact) -> None:
    if held.turn_id == new.turn_id:
        return
    note_saying(connection, held.slot, new)
    if held.said_again_at is None or held.said_again_at < new.held_from:
        values = {"id": held.id, "at": micros(new.held_from), "turn_id": new.turn_id}
        connection.execute(queries["say_fact_again"], values)


def _tell_earlier(connection: Connection, known: Fact, new: Fact) -> None:
    """It was told before it was told; the later time is that at which it was said again."""
    note_saying(connection, known.slot, known)
    again = (known.said_again_at or known.held_from, known.said_again_in or known.turn_id)
    _move(connection, known, new.turn_id, new.held_from, new.zone, again)


def _is_named(rows: Iterable[Fact], new: Fact) -> bool:
    """Whether "a dog" is one that is known by its name."""
    named = (row for row in rows if not is_unnamed(row) and _place(row) <= _place(new))
    return any(_holds(row, new.held_from) for row in named)


def _was_put_right(rows: Iterable[Fact], new: Fact) -> bool:
    """Whether the owner has put that value right since it was said."""
    return any(
        row.ending is FactEnding.CORRECTED
        and row.slot == new.slot
        and row.held_from <= new.held_from
        and _holds(row, new.held_from)
        and is_same_value(row.value, new.value)
        for row in rows
    )


def _move(
    connection: Connection,
    fact: Fact,
    turn_id: int,
    held_from: datetime,
    zone: str,
    again: tuple[datetime, int] | None,
) -> None:
    values = {
        "id": fact.id,
        "turn_id": turn_id,
        "held_from": micros(held_from),
        "zone": zone,
        "said_again_at": micros(again[0]) if again else None,
        "said_again_in": again[1] if again else None,
    }
    connection.execute(queries["move_fact"], values)


def _first_stop(new: Fact, rows: Iterable[Fact]) -> datetime | None:
    """When it was first said, behind the new fact, that it is over."""
    stops = [
        row.held_from
        for row in rows
        if _place(row) > _place(new)
        and row.ending is not FactEnding.CORRECTED
        and (is_stop(row) or row.attribute != new.attribute or is_unnamed(new))
        and ends(_statement(row), new)
    ]
    return min(stops, default=None)


def _ended_by(statement: Statement, rows: Iterable[Fact], new: Fact) -> list[Fact]:
    """What the statement puts an end to at that moment."""
    return [
        row
        for row in rows
        if row.ending is not FactEnding.CORRECTED
        and _place(row) <= _place(new)
        and _holds(row, new.held_from)
        and ends(statement, row)
    ]


def _statement(fact: Fact) -> Statement:
    is_one_of_many = fact.slot != fact.attribute
    return Statement(fact.attribute, fact.value, fact.kind, is_one_of_many, is_over=is_stop(fact))


def _new(turn: Turn, statement: Statement, model: str | None, rows: Sequence[Fact]) -> Fact:
    """The statement as a fact that holds from the turn's time on, in the slot of those that name
    the same thing otherwise; private where they are."""
    slot = statement.slot
    if statement.is_one_of_many:
        same = (row.slot for row in rows if is_same_value(row.value, statement.value))
        slot = next(same, slot)
    near = [row for row in rows if row.slot == slot and row.held_from <= turn.at] or [
        row for row in rows if row.slot == slot
    ][:1]
    return Fact(
        id=0,
        turn_id=turn.id,
        kind=statement.kind,
        attribute=statement.attribute,
        slot=slot,
        value=statement.value,
        held_from=turn.at,
        held_until=None,
        ending=None,
        zone=turn.zone,
        is_private=statement.is_private or (bool(near) and near[-1].is_private),
        model=model,
    )


def _line(rows: Iterable[Fact], slot: str) -> list[Fact]:
    """The values of a slot, one after the other in time."""
    return [
        row
        for row in rows
        if row.slot == slot and row.ending is not FactEnding.CORRECTED and not is_stop(row)
    ]


def _place(fact: Fact) -> tuple[datetime, int]:
    return fact.held_from, fact.turn_id


def _holds(fact: Fact, at: datetime) -> bool:
    return fact.held_until is None or fact.held_until > at


def _related(connection: Connection, statement: Statement) -> list[Fact]:
    """Facts of other attributes that the statement may put an end to, or that may end its own."""
    if statement.kind is FactKind.WISH:
        wishes = [read_fact(row) for row in connection.execute(queries["wishes"])]
        return [wish for wish in wishes if wish.attribute != statement.attribute]
    value = "" if names_any(statement) else statement.value
    alike = rows_near(connection, statement.attribute, statement.attribute)
    return [row for row in alike if is_unnamed(row) and not names_any(statement)] + [
        row
        for attribute in matching.related_to(statement.attribute)
        for row in rows_near(connection, attribute, value)
    ]
