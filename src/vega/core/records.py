"""Rows of the database as values, and the steps that transactions are made of.

Synchronous, on a connection that the caller holds: `vega.core.store` runs them in the writer's
and the readers' threads, and nobody else does.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from vega.core.chain import SALT_BYTES, link_hash
from vega.core.conversation import Answer, Exchange, NewTurn, Outcome, Source, Turn, TurnStatus
from vega.core.head import Head
from vega.core.memory import Fact, Statement, Tier
from vega.core.sql import queries
from vega.core.sqlite import Connection
from vega.errors import TurnNotFound

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def read_turns(connection: Connection, ids_query: str, values: Any = ()) -> list[Turn]:
    ids = [row[0] for row in connection.execute(ids_query, values)]
    return [read_turn(connection, turn_id) for turn_id in ids]


def read_turn(connection: Connection, turn_id: int, answer_number: int | None = None) -> Turn:
    """The turn with its newest good answer; or as it stood when the one of that number ended."""
    values = {"id": turn_id, "number": answer_number}
    row = connection.execute(queries["turn"], values).fetchone()
    if row is None:
        raise TurnNotFound(turn_id)
    return Turn(
        id=row[0],
        link=row[1],
        prompt=row[2],
        at=moment(row[3]),
        zone=row[4],
        origin=row[5],
        device=row[6],
        status=TurnStatus(row[7] if answer_number is None else row[21]),
        tier=Tier(row[8]),
        attempts=row[9],
        interruptions=row[10],
        last_generation=row[22] or 0,
        answer=_answer(connection, row[11:]) if row[11] is not None else None,
    )


def read_exchanges(connection: Connection, query: str, values: dict[str, int]) -> list[Exchange]:
    """In the query's order; of a turn with several answers the last that it gives."""
    rows = connection.execute(query, values)
    found = {
        turn_id: Exchange(turn_id, moment(at), zone, prompt, text, model)
        for turn_id, at, zone, prompt, text, model in rows
    }
    return list(found.values())


def _answer(connection: Connection, row: Sequence[Any]) -> Answer:
    # Most answers rest on no turn; a window of a hundred turns is read for each prompt.
    sources = connection.execute(queries["sources"], (row[0],)) if row[12] else ()
    return Answer(
        id=row[0],
        number=row[1],
        generation=row[2],
        text=row[3],
        model=row[4],
        place=row[5],
        reason=row[6],
        is_failed=row[10] == TurnStatus.FAILED,
        prompt_tokens=row[7],
        completion_tokens=row[8],
        ended_at=moment(row[9]) if row[9] is not None else None,
        sources=tuple(Source(turn_id, moment(at)) for turn_id, at in sources),
    )


def read_head(connection: Connection) -> Head:
    row = connection.execute(queries["head"]).fetchone()
    return Head(*row) if row else Head(0, b"")


def add_turn(connection: Connection, new: NewTurn) -> tuple[int, Head]:
    turn_id = int(connection.execute(queries["next_turn_id"]).get)
    values: dict[str, str | int | None] = {
        "id": turn_id,
        "at": micros(new.at),
        "zone": new.zone,
        "origin": new.origin,
        "device": new.device,
        "prompt": new.prompt,
    }
    salt, head = _next_link(connection, ("prompt", *values.values()))
    connection.execute(
        queries["add_turn"],
        {
            **values,
            "idempotency_key": new.idempotency_key,
            "link": head.link,
            "salt": salt,
            "hash": head.hash,
        },
    )
    return turn_id, head


def add_answer(
    connection: Connection, turn_id: int, now: datetime, *, generation: int, text: str
) -> tuple[int, int]:
    number = int(connection.execute(queries["next_answer_number"], (turn_id,)).get)
    values = {
        "turn_id": turn_id,
        "number": number,
        "generation": generation,
        "text": text,
        "began_at": micros(now),
    }
    return int(connection.execute(queries["add_answer"], values).get), number


def end_answer(connection: Connection, turn_id: int, outcome: Outcome, now: datetime) -> Head:
    """Ends the answer that is being written, or one that was never begun: the new head."""
    row = connection.execute(queries["writing_answer"], (turn_id,)).fetchone()
    answer_id, number = (
        row[:2]
        if row
        else add_answer(connection, turn_id, now, generation=outcome.generation, text="")
    )
    hashed = {
        "status": outcome.status,
        "reason": outcome.reason,
        "text": outcome.text,
        "model": outcome.model,
        "place": outcome.place,
        "ended_at": micros(now),
    }
    salt, head = _next_link(connection, ("answer", turn_id, number, *hashed.values()))
    connection.execute(
        queries["end_answer"],
        {
            **hashed,
            "id": answer_id,
            "generation": outcome.generation,
            "prompt_tokens": outcome.prompt_tokens,
            "completion_tokens": outcome.completion_tokens,
            "link": head.link,
            "salt": salt,
            "hash": head.hash,
        },
    )
    for source in outcome.sources:
        connection.execute(queries["add_source"], {"answer_id": answer_id, "turn_id": source})
    return head


def _next_link(connection: Connection, content: Sequence[str | int | None]) -> tuple[bytes, Head]:
    """A fresh salt, and the head that this content makes."""
    head = read_head(connection)
    salt = os.urandom(SALT_BYTES)
    link = head.link + 1
    return salt, Head(link, link_hash(head.hash, salt, (link, *content)))


def is_answered(connection: Connection, turn_id: int) -> bool:
    """Whether the turn has a whole answer already."""
    return bool(connection.execute(queries["is_answered"], (turn_id,)).get)


def add_fact(connection: Connection, turn: Turn, statement: Statement) -> None:
    """The newer statement supersedes the older, which stays as history; one that was said earlier
    than others takes its place among them."""
    place = {"attribute": statement.attribute, "at": micros(turn.at)}
    row = connection.execute(queries["fact_held_at"], place).fetchone()
    if row is not None:
        held = read_fact(row)
        if held.value.casefold() == statement.value.casefold():
            return
        connection.execute(queries["end_fact"], {"id": held.id, "held_until": place["at"]})
    connection.execute(
        queries["add_fact"],
        {
            "turn_id": turn.id,
            "attribute": statement.attribute,
            "value": statement.value,
            "held_from": place["at"],
            "held_until": connection.execute(queries["next_fact_from"], place).get,
            "zone": turn.zone,
        },
    )


def read_fact(row: Sequence[Any]) -> Fact:
    return Fact(
        id=row[0],
        turn_id=row[1],
        attribute=row[2],
        value=row[3],
        held_from=moment(row[4]),
        held_until=moment(row[5]) if row[5] is not None else None,
        zone=row[6],
    )


def micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
