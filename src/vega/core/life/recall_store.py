"""What recall asks of one life: words in the index, turns beside each other, messages to be shown.

A part of the store, on its connections. However long the life, what one question reads is bounded.
"""

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

import apsw
import numpy as np

from vega.core.conversation import IMPORT_ORIGIN
from vega.core.importing import Role
from vega.core.life import blocks, records, word_index
from vega.core.life.readers import Reads
from vega.core.life.sqlite import Connection, translated_errors
from vega.core.memory import Tier
from vega.core.recall.ranking import HEAD_WORDS, Ids, QuestionWords, TermHits, TurnPlace, rarity
from vega.core.recollection import Found
from vega.core.sql import queries
from vega.errors import DatabaseDamaged

#: Different words of one question that are looked up: of a long one the first and the last.
MAX_TERMS = 64
#: Places in the index that are read for one question: the rarest words' first. Measured: 2 ms for
#: 20,000 of them.
READ_PLACES = 40_000
#: Messages that are read at a time, those of one block one after the other.
READ_AT_ONCE = 20
#: Messages with a word that are counted.
MOST_COUNTED = 20_000
Result = TypeVar("Result")
_TOKENIZER = ("porter", "unicode61", "remove_diacritics", "2")


@dataclass(frozen=True, slots=True)
class Said:
    """One message as it was said, and in which turn."""

    found: Found
    message_id: int
    origin: str
    #: Whether the store answered that turn here, from what had been said before.
    is_of_the_store: bool = False


class RecallStore:
    """Looks through one life for what fits a question."""

    def __init__(self, database: Reads) -> None:
        self._db = database

    async def words(self, words: Sequence[str]) -> QuestionWords:
        """These words in the index. Raises DatabaseDamaged where that is damaged."""
        return await self._db.read(lambda connection: _question_words(connection, words))

    async def places(self, turn_ids: Iterable[int]) -> dict[int, TurnPlace]:
        wanted = json.dumps(sorted(set(turn_ids)))
        return await self._db.read(lambda connection: _places(connection, wanted))

    async def days_of(self, turn_ids: Iterable[int]) -> dict[int, int]:
        """The owner's day of each of these turns."""
        values = {"ids": json.dumps(sorted(set(turn_ids)))}
        return await self._db.read(
            lambda connection: _pairs(connection.execute(queries["days_of_turns"], values))
        )

    async def day_totals(self, days: Iterable[int]) -> tuple[dict[int, int], int]:
        """How many turns each of these days has, and how many days there are in all."""
        values = {"days": json.dumps(sorted(set(days)))}

        def find(connection: Connection) -> tuple[dict[int, int], int]:
            totals = _pairs(connection.execute(queries["day_totals"], values))
            return totals, int(connection.execute(queries["day_count"]).get)

        return await self._db.read(find)

    async def turns_between(
        self, start: datetime, end: datetime, before: tuple[int, int], limit: int
    ) -> list[int]:
        """The turns of that range in the order in which they were said, its end not included, and
        only those before that place in the chronology."""
        values = {
            "start": records.micros(start),
            "end": records.micros(end),
            "before_at": before[0],
            "before_id": before[1],
            "limit": limit,
        }
        return await self._ids(queries["turns_in_window"], values)

    async def turns_among(
        self, turn_ids: Iterable[int], start: datetime, end: datetime, before: tuple[int, int]
    ) -> list[int]:
        """Those of these turns that are of that range."""
        values: dict[str, int | str] = {
            "ids": json.dumps(sorted(set(turn_ids))),
            "start": records.micros(start),
            "end": records.micros(end),
            "before_at": before[0],
            "before_id": before[1],
        }
        return await self._ids(queries["turns_among"], values)

    async def turns_from(self, place: tuple[int, int], limit: int) -> list[int]:
        """The turns from that place in the chronology on."""
        values = {"at": place[0], "id": place[1], "limit": limit}
        return await self._ids(queries["turns_from"], values)

    async def _ids(self, query: str, values: Mapping[str, int | str]) -> list[int]:
        return await self._db.read(
            lambda connection: [row[0] for row in connection.execute(query, values)]
        )

    async def zones_near(self, at: datetime) -> list[tuple[datetime, str]]:
        """The owner's IANA zone in the last turn up to that time and in the first behind it, with
        their times: two, one or none."""

        def find(connection: Connection) -> list[tuple[datetime, str]]:
            found = []
            rows = connection.execute(queries["turns_near"], {"at": records.micros(at)})
            for row in rows.fetchall():
                with contextlib.suppress(DatabaseDamaged):
                    turn = blocks.read_original(connection, cast(int, row[0]))
                    found.append((records.moment(turn.at), turn.zone))
            return found

        return await self._db.read(find)

    async def first_turn_at(self) -> datetime | None:
        """When the very first turn was said."""
        at = await self._db.read(
            lambda connection: connection.execute(queries["first_turn_at"]).get
        )
        return None if at is None else records.moment(at)

    async def read(
        self, ranked: Sequence[tuple[int, float]], take: Callable[[Iterator[Said]], Result]
    ) -> Result:
        """What `take` makes of these messages, whole, in their order: ids, each with its score.

        They are read as they are taken; what cannot be read is left out.
        """
        return await self._db.read(lambda connection: take(_messages(connection, ranked)))

    async def held(
        self, message_ids: Iterable[int], things: Sequence[Sequence[str]]
    ) -> tuple[list[float], dict[int, list[bool]]]:
        """Of things, each a word in its forms: what each weighs by how rare it is, and which of
        them each message holds."""
        matches = [_any_of(forms) for forms in things]

        def find(connection: Connection) -> tuple[list[float], dict[int, list[bool]]]:
            total = 2 * sum(row[1] for row in connection.execute(queries["tier_totals"]))
            connection.execute(queries["recall_terms"])
            counts = [_message_count(connection, forms) for forms in things]
            held = {
                id_: [
                    bool(connection.execute(queries["holds_term"], {"match": m, "id": id_}).get)
                    for m in matches
                ]
                for id_ in message_ids
            }
            return [rarity(count, total) for count in counts], held

        return await self._db.read(find)

    async def holding(
        self,
        things: Sequence[Sequence[str]],
        before: tuple[int, int],
        span: tuple[int, int] | None = None,
    ) -> list[int]:
        """The messages that hold all of these things, each a word in its forms, in the order in
        which they were said: those before that place, and of that range where one is given, its
        end not included. Of very many some."""
        start, end = span or (-(2**62), 2**62)
        values: dict[str, int | str] = {
            "match": " AND ".join(f"({_any_of(forms)})" for forms in things),
            "start": start,
            "end": end,
            "before_at": before[0],
            "before_id": before[1],
            "limit": MOST_COUNTED,
        }
        return await self._ids(queries["messages_holding"], values)


def _any_of(forms: Sequence[str]) -> str:
    return " OR ".join(f'"{form}"' for form in forms)


def _message_count(connection: Connection, forms: Sequence[str]) -> int:
    """How many messages hold a word in one of its forms; one that holds two is counted twice."""
    rows = (
        connection.execute(queries["term_count"], (stem,)).fetchone()
        for stem in _stems(connection, forms)
    )
    return sum(row[0] for row in rows if row)


def _pairs(rows: Iterable[Sequence[Any]]) -> dict[int, int]:
    return {int(key): int(value) for key, value in rows}


def _question_words(connection: Connection, words: Sequence[str]) -> QuestionWords:
    stems = _stems(connection, words)
    total = 2 * sum(row[1] for row in connection.execute(queries["tier_totals"]))
    connection.execute(queries["recall_terms"])
    connection.execute(queries["recall_places"])
    counted = []
    for number, stem in enumerate(stems):
        row = connection.execute(queries["term_count"], (stem,)).fetchone() or (0, 0)
        counted.append((row[1], row[0], number))
    hits: dict[int, TermHits] = {}
    left = READ_PLACES
    for places, messages, number in sorted(counted):
        left -= places
        hits[number] = (
            TermHits.of(messages, _messages_of(connection, stems[number]))
            if left >= 0
            else TermHits.of(messages, np.zeros(0, np.int64))
        )
    rebuild = word_index.find_rebuild(connection)
    is_complete = rebuild is None or rebuild.is_beside
    terms = tuple(hits[number] for number in range(len(stems)))
    return QuestionWords(terms, tuple(stems), total, is_complete)


def _stems(connection: Connection, words: Sequence[str]) -> list[str]:
    """Different words as the index has them."""
    found = list(dict.fromkeys(words))
    if len(found) > MAX_TERMS:
        found = found[: MAX_TERMS // 2] + found[-MAX_TERMS // 2 :]
    name, *arguments = _TOKENIZER
    tokenizer = connection.fts5_tokenizer(name, arguments)
    tokens = tokenizer(
        " ".join(found).encode(),
        apsw.FTS5_TOKENIZE_QUERY,
        None,
        include_offsets=False,
        include_colocated=False,
    )
    return list(dict.fromkeys(map(str, tokens)))[:MAX_TERMS]


def _messages_of(connection: Connection, stem: str) -> Ids:
    values = {"term": stem, "head": HEAD_WORDS}
    joined = connection.execute(queries["messages_of_term"], values).get
    return np.fromstring(joined, np.int64, sep=",") if joined else np.zeros(0, np.int64)


def _places(connection: Connection, wanted: str) -> dict[int, TurnPlace]:
    places = {}
    for row in connection.execute(queries["turn_places"], {"ids": wanted}):
        turn_id, at, day, is_forgotten, prompt, answer, *rest = row
        places[turn_id] = TurnPlace(
            turn_id, at, day, bool(is_forgotten), _word_count(prompt), _word_count(answer), *rest
        )
    return places


def _word_count(size: bytes | None) -> int | None:
    """A count as FTS5 writes it: in sevens of bits, the highest first (a varint of SQLite)."""
    if size is None:
        return None
    count = 0
    for byte in size:
        count = count << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return count


def _messages(connection: Connection, ranked: Sequence[tuple[int, float]]) -> Iterator[Said]:
    for first in range(0, len(ranked), READ_AT_ONCE):
        page = ranked[first : first + READ_AT_ONCE]
        # Neighbours live in one block, which is then opened once.
        by_id = {each[0]: _said(connection, *each) for each in sorted(page)}
        yield from (said for each in page if (said := by_id[each[0]]) is not None)


def _said(connection: Connection, message_id: int, score: float) -> Said | None:
    """That message, or None where it cannot be read or there is none."""
    turn_id = message_id // 2
    role = Role.ASSISTANT if message_id % 2 else Role.USER
    try:
        with translated_errors():
            values = {"turn_id": turn_id, "role": role}
            row = connection.execute(queries["message_place"], values).fetchone()
            if row is None:
                return None
            turn = blocks.read_original(connection, turn_id)
    except DatabaseDamaged:
        return None
    text, at = turn.prompt, turn.at
    if role is Role.ASSISTANT:
        text = turn.answers_text
        at = turn.answers[0].ended_at if turn.answers else at
    if not text:
        return None
    found = Found(
        turn_id=turn_id,
        external_id=row[1],
        role=role,
        name=row[2],
        at=records.moment(at),
        text=text,
        score=score,
        tier=Tier(row[0]),
        zone=turn.zone,
    )
    is_own = turn.origin != IMPORT_ORIGIN and bool(turn.answers)
    is_of_the_store = is_own and all(
        answer.model is None and answer.status == "completed" for answer in turn.answers
    )
    return Said(found, message_id, turn.origin, is_of_the_store)
