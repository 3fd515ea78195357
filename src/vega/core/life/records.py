"""Rows of the database as values, and the steps that transactions are made of.

Synchronous, on a connection that the caller holds: `vega.core.store` runs them in the writer's
and the readers' threads, and nobody else does.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from vega.core.conversation import (
    CHATTER_ORIGINS,
    Answer,
    Exchange,
    NewTurn,
    Outcome,
    Source,
    Turn,
    TurnStatus,
)
from vega.core.life import blocks, word_index
from vega.core.life.archive import ArchivedAnswer, ArchivedTurn
from vega.core.life.chain import SALT_BYTES, link_hash
from vega.core.life.head import Head
from vega.core.life.sqlite import Connection
from vega.core.memory import Tier
from vega.core.sql import queries
from vega.errors import DatabaseError, TurnDamaged, TurnNotFound

#: Rows that are looked at for exchanges of a window, and for those of a new one, so that no amount
#: of chatter holds up a turn.
WINDOW_ROWS = 2_000
HOP_ROWS = 1_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def one(connection: Connection, query: str) -> Sequence[Any]:
    """The first row of a query that always gives one."""
    row: Sequence[Any] | None = connection.execute(query).fetchone()
    if row is None:
        raise DatabaseError("This life has lost a row that every life has; restore a backup.")
    return row


def read_turns(connection: Connection, ids_query: str, values: Any = ()) -> list[Turn]:
    """In the query's order. One whose original is damaged says so, and keeps no other away."""
    ids = [row[0] for row in connection.execute(ids_query, values)]
    return [read_turn_as_it_is(connection, turn_id) for turn_id in ids]


def read_turn_as_it_is(
    connection: Connection, turn_id: int, answer_number: int | None = None
) -> Turn:
    """As `read_turn`, but a turn whose original is damaged comes with what is left of it."""
    try:
        return read_turn(connection, turn_id, answer_number)
    except TurnDamaged:
        row = _turn_row(connection, turn_id)
        return replace(_turn(row, None), is_damaged=True)


def read_turn(connection: Connection, turn_id: int, answer_number: int | None = None) -> Turn:
    """The turn with its newest good answer; or as it stood when the one of that number ended.

    Raises TurnNotFound, and TurnDamaged where its original cannot be read.
    """
    row = _turn_row(connection, turn_id, answer_number)
    if row[26] is not None:
        return _forgotten_turn(row)
    block_id = row[24]
    if block_id is not None:
        return _turn_in_block(
            row, blocks.read_archived(connection, block_id, turn_id), answer_number
        )
    turn = _turn(row, _answer(connection, row[11:]) if row[11] is not None else None)
    return turn if answer_number is None else replace(turn, status=TurnStatus(row[21]))


def _turn_row(
    connection: Connection, turn_id: int, answer_number: int | None = None
) -> Sequence[Any]:
    values = {"id": turn_id, "number": answer_number}
    row: Sequence[Any] | None = connection.execute(queries["turn"], values).fetchone()
    if row is None:
        raise TurnNotFound(turn_id)
    return row


def _turn(row: Sequence[Any], answer: Answer | None) -> Turn:
    return Turn(
        id=row[0],
        link=row[1],
        prompt=row[2],
        at=moment(row[3]),
        zone=row[4],
        origin=row[5],
        device=row[6],
        status=TurnStatus(row[7]),
        tier=Tier(row[8]),
        attempts=row[9],
        interruptions=row[10],
        last_generation=row[22] or 0,
        answer=answer,
        summary=row[25],
        forgotten_at=moment(row[26]) if row[26] is not None else None,
    )


def _forgotten_turn(row: Sequence[Any]) -> Turn:
    """Its place, and nothing that was said: also while it still stands in a file."""
    return replace(_turn(row, None), prompt="", device=None, summary=None)


def _turn_in_block(row: Sequence[Any], original: ArchivedTurn, answer_number: int | None) -> Turn:
    by_number = {each.number: each for each in original.answers}
    chosen = original.answer if answer_number is None else by_number.get(answer_number)
    turn = replace(
        _turn(row, _archived_answer(chosen) if chosen else None),
        prompt=original.prompt,
        zone=original.zone,
        origin=original.origin,
        device=original.device,
        last_generation=max((each.generation for each in original.answers), default=0),
    )
    has_number = answer_number is not None and chosen is not None
    return replace(turn, status=TurnStatus(chosen.status)) if has_number and chosen else turn


def _archived_answer(answer: ArchivedAnswer) -> Answer:
    return Answer(
        # The row that it had is gone; within its turn the number names it.
        id=0,
        number=answer.number,
        generation=answer.generation,
        text=answer.text,
        model=answer.model,
        place=answer.place,
        reason=answer.reason,
        is_failed=answer.status == TurnStatus.FAILED,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        ended_at=moment(answer.ended_at),
        sources=tuple(Source(turn_id, moment(at)) for turn_id, at in answer.sources),
    )


def read_exchanges(
    connection: Connection, query: str, values: dict[str, int], limit: int, most_rows: int
) -> list[Exchange]:
    """In the query's order, each with its newest good answer. Turns without an answer, chatter, and
    those whose original is damaged are left out; at most so many rows are looked at."""
    found: list[Exchange] = []
    rows = islice(connection.execute(query, values), most_rows)
    for turn_id, at, zone, prompt, text, model, block_id, origin in rows:
        if block_id is not None:
            found += _exchange_in_block(connection, block_id, turn_id)
        elif origin not in CHATTER_ORIGINS:
            found.append(Exchange(turn_id, moment(at), zone, prompt, text, model))
        if len(found) == limit:
            break
    return found


def _exchange_in_block(connection: Connection, block_id: int, turn_id: int) -> list[Exchange]:
    """One, or none."""
    try:
        original = blocks.read_archived(connection, block_id, turn_id)
    except TurnDamaged:
        return []
    if original.origin in CHATTER_ORIGINS:
        return []
    told = [each for each in original.answers if each.text and each.status != TurnStatus.FAILED]
    return [
        Exchange(
            *(turn_id, moment(original.at), original.zone, original.prompt),
            *(answer.text, answer.model),
        )
        for answer in told[-1:]
    ]


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
    link, hash_ = one(connection, queries["head"])
    return Head(link, hash_)


def find_hash(connection: Connection, link: int) -> bytes | None:
    """The hash of a link of the chain, wherever its row lives; None where there is none, or it
    cannot be read."""
    row = connection.execute(queries["link_place"], {"link": link}).fetchone()
    if row is None:
        return None
    turn_id, block_id, number, known = row
    if block_id is None:
        return bytes(known)
    try:
        original = blocks.read_archived(connection, block_id, turn_id)
    except TurnDamaged:
        return None
    hashes = {each.number: each.hash for each in original.answers} | {None: original.hash}
    return bytes.fromhex(hashes[number]) if number in hashes else None


def add_turn(
    connection: Connection, new: NewTurn, status: TurnStatus = TurnStatus.PENDING
) -> tuple[int, Head]:
    """Stores the prompt as a link of the chain, and as a row of the full-text index."""
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
            "status": status,
            "idempotency_key": new.idempotency_key,
            "link": head.link,
            "salt": salt,
            "hash": head.hash,
        },
    )
    index_message(connection, 2 * turn_id, new.prompt)
    return turn_id, head


def index_message(connection: Connection, row_id: int, text: str) -> None:
    """The message's words in the full-text index, in place of what it had; its vectors wait to be
    made."""
    if text:
        word_index.add(connection, row_id, text)
        connection.execute(queries["await_embedding"], (row_id,))


def index_answers(connection: Connection, turn_id: int) -> None:
    """The good answers of a turn that lives in its rows, as one row of the full-text index."""
    texts = [row[0] for row in connection.execute(queries["good_answers"], (turn_id,))]
    index_message(connection, 2 * turn_id + 1, "\n".join(texts))


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
    if outcome.text and outcome.status is not TurnStatus.FAILED:
        index_answers(connection, turn_id)
    return head


def _next_link(connection: Connection, content: Sequence[str | int | None]) -> tuple[bytes, Head]:
    """A fresh salt, and the head that this content makes."""
    head = read_head(connection)
    salt = os.urandom(SALT_BYTES)
    link = head.link + 1
    new = Head(link, link_hash(head.hash, salt, (link, *content)))
    connection.execute(queries["set_head"], {"link": new.link, "hash": new.hash})
    return salt, new


def is_answered(connection: Connection, turn_id: int) -> bool:
    """Whether the turn has a whole answer already."""
    return bool(connection.execute(queries["is_answered"], (turn_id,)).get)


def micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND
