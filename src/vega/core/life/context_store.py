"""What models saw for their answers, kept as references: the life itself has the words.

A part of the store, on its connections. The prompt of a turn is some ten times as long as the turn,
so it is put together again when somebody asks for it.
"""

import json
from datetime import datetime

from vega.core.conversation import CHATTER_ORIGINS, Exchange, Outcome
from vega.core.importing import Role
from vega.core.life import blocks, records
from vega.core.life.archive import ArchivedTurn
from vega.core.life.sqlite import Connection, SQLite
from vega.core.sent_context import KeptContext, Quotation, SentContext
from vega.core.sql import queries
from vega.errors import ContextNotKept, TurnDamaged, TurnNotFound

#: In place of what the owner had forgotten.
FORGOTTEN = "[forgotten]"


class ContextStore:
    """The contexts of one life, and the exchanges that stand in them."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def find(self, turn_id: int, number: int) -> KeptContext:
        """What was sent for that answer of the turn. Raises ContextNotKept."""

        def find(connection: Connection) -> KeptContext:
            values = {"turn_id": turn_id, "number": number}
            row = connection.execute(queries["context"], values).fetchone()
            if row is None:
                raise ContextNotKept(turn_id)
            at, model, place, preamble, *rest = row
            link, first_at, first_id, left_out, shows_stored, *rest = rest
            message_chars, prompt_chars, part_start, part_end, findings = rest
            sent = SentContext(
                preamble=FORGOTTEN if preamble is None else preamble,
                link=link,
                first=(records.moment(first_at), first_id),
                left_out=frozenset(json.loads(left_out)),
                shows_stored=bool(shows_stored),
                message_chars=message_chars,
                prompt_chars=prompt_chars,
                part=None if part_start is None else (part_start, part_end),
                findings=tuple(
                    Quotation(turn, Role(role), tuple((start, end) for start, end in spans))
                    for turn, role, spans in json.loads(findings)
                ),
            )
            return KeptContext(sent, records.moment(at), model, place)

        return await self._db.read(find)

    async def exchanges_between(
        self, first: tuple[datetime, int], end: tuple[datetime, int], limit: int
    ) -> list[Exchange]:
        """Answered turns by chronology from one place (at, id), up to but without another, oldest
        first."""
        place = {
            "first_at": records.micros(first[0]),
            "first_id": first[1],
            "at": records.micros(end[0]),
            "id": end[1],
        }
        return await self._db.read(
            lambda connection: records.read_exchanges(
                connection, queries["exchanges_from"], place, limit, records.WINDOW_ROWS
            )
        )

    async def exchanges_before(self, end: tuple[datetime, int], limit: int) -> list[Exchange]:
        """Answered turns before a place in the chronology, newest first."""
        place = {"at": records.micros(end[0]), "id": end[1]}
        return await self._db.read(
            lambda connection: records.read_exchanges(
                connection, queries["exchanges_before"], place, limit, records.HOP_ROWS
            )
        )

    async def count_between(
        self, first: tuple[datetime, int], end: tuple[datetime, int], most: int
    ) -> int:
        """How many turns of any kind stand from one place up to but without another; `most` for
        so many or more."""
        place = {
            "first_at": records.micros(first[0]),
            "first_id": first[1],
            "at": records.micros(end[0]),
            "id": end[1],
            "limit": most,
        }
        return await self._db.read(
            lambda connection: int(connection.execute(queries["count_between"], place).get)
        )

    async def exchanges(self, sent: SentContext, end: tuple[datetime, int]) -> list[Exchange]:
        """The recent turns that were sent, oldest first, as they were then."""
        place = {
            "first_at": records.micros(sent.first[0]),
            "first_id": sent.first[1],
            "at": records.micros(end[0]),
            "id": end[1],
            "link": sent.link,
            "limit": records.WINDOW_ROWS,
        }

        def find(connection: Connection) -> list[Exchange]:
            found = []
            for turn_id, forgotten_at in connection.execute(queries["turns_sent"], place):
                if turn_id in sent.left_out:
                    continue
                exchange = _exchange(connection, turn_id, sent.link)
                if exchange is None or (exchange.model is None and not sent.shows_stored):
                    continue
                found.append(_blank(exchange) if forgotten_at is not None else exchange)
            return found

        return await self._db.read(find)

    async def quoted(self, turn_ids: list[int], link: int) -> dict[int, tuple[ArchivedTurn, str]]:
        """The originals of turns that were quoted, with their answers as they were then; without
        those that are gone."""

        def find(connection: Connection) -> dict[int, tuple[ArchivedTurn, str]]:
            found = {}
            for turn_id in dict.fromkeys(turn_ids):
                original = _original(connection, turn_id)
                if original is not None:
                    found[turn_id] = original, _answers_text(original, link)
            return found

        return await self._db.read(find)


def add_context(
    connection: Connection, turn_id: int, sent: SentContext, outcome: Outcome, now: datetime
) -> None:
    """What was sent for the answer of the turn that has just ended."""
    preamble_id = connection.execute(queries["newest_preamble"], (sent.preamble,)).get
    if preamble_id is None:
        preamble_id = connection.execute(queries["add_preamble"], (sent.preamble,)).get
    findings = [
        [each.turn_id, each.role.value, [list(span) for span in each.spans]]
        for each in sent.findings
    ]
    connection.execute(
        queries["add_context"],
        {
            "turn_id": turn_id,
            "number": int(connection.execute(queries["next_answer_number"], (turn_id,)).get) - 1,
            "at": records.micros(now),
            "model": outcome.model,
            "place": outcome.place,
            "preamble_id": preamble_id,
            "link": sent.link,
            "first_at": records.micros(sent.first[0]),
            "first_id": sent.first[1],
            "left_out": json.dumps(sorted(sent.left_out)),
            "shows_stored": sent.shows_stored,
            "message_chars": sent.message_chars,
            "prompt_chars": sent.prompt_chars,
            "part_start": sent.part[0] if sent.part else None,
            "part_end": sent.part[1] if sent.part else None,
            "findings": json.dumps(findings, separators=(",", ":")),
        },
    )


def _exchange(connection: Connection, turn_id: int, link: int) -> Exchange | None:
    original = _original(connection, turn_id)
    if original is None or original.origin in CHATTER_ORIGINS:
        return None
    told = [
        each
        for each in original.answers
        if each.text and each.status != "failed" and each.link <= link
    ]
    if not told:
        return None
    at = records.moment(original.at)
    return Exchange(turn_id, at, original.zone, original.prompt, told[-1].text, told[-1].model)


def _original(connection: Connection, turn_id: int) -> ArchivedTurn | None:
    try:
        return blocks.read_original(connection, turn_id)
    except (TurnDamaged, TurnNotFound):
        return None


def _answers_text(original: ArchivedTurn, link: int) -> str:
    good = [
        each.text
        for each in original.answers
        if each.link <= link
        and (each.status == "completed" or (each.status == "stopped" and each.text))
    ]
    return "\n".join(good)


def _blank(exchange: Exchange) -> Exchange:
    return Exchange(
        *(exchange.turn_id, exchange.at, exchange.zone, FORGOTTEN, FORGOTTEN, exchange.model)
    )
