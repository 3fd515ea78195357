"""Messages found in the full-text index, whole and in every tier.

A part of the store, on its connections. However long the life and however common a word, what one
search looks at is bounded: the rarer words rank what is found, and of the common ones it is only
asked whether they are there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from vega.core.importing import Role
from vega.core.life import blocks, records, word_index
from vega.core.life.readers import Reads
from vega.core.life.sqlite import Connection, translated_errors
from vega.core.memory import Tier
from vega.core.recollection import Found
from vega.core.search import Query, is_held
from vega.core.sql import queries
from vega.errors import DatabaseDamaged, NotFound

#: Rows of the index that are ranked for one search, all its words together.
RANKED_ROWS = 20_000
#: Messages that are looked at whether they hold a phrase word for word.
CANDIDATES = 1_000
#: The newest turns, which are looked at for what the index does not know.
SCANNED_TURNS = 1_000
#: Where only those before a time count, of words that many messages hold: so many turns are looked
#: through, the newest of them first; and each time as many as before, of these to begin with.
MOST_TURNS = 100_000
FIRST_TURNS = 1_000
#: Ids of turns that are so near are looked up together.
NEIGHBOURS = 16
#: Messages that are read at a time, those of one block one after the other.
READ_AT_ONCE = 50
_END_OF_TIME = 2**62


#: A row of the index and its score.
_Match = tuple[int, float]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found."""

    #: First those with all that is looked for, then those with some of its words.
    items: tuple[Found, ...]
    #: Whether every message was looked at that may hold it: not while the index is made anew.
    is_complete: bool


class SearchStore:
    """Looks through one life."""

    def __init__(self, database: Reads) -> None:
        """`database` must be able to stand a damaged index."""
        self._db = database

    async def find(self, query: Query, limit: int, before: datetime | None = None) -> list[Found]:
        """The messages of a search."""
        return list((await self.search(query, limit, before)).items)

    async def search(
        self, query: Query, limit: int, before: datetime | None = None
    ) -> SearchResult:
        """The messages that fit best, of those before that time; those that are damaged are left
        out."""

        def find(connection: Connection) -> SearchResult:
            until = records.micros(before) if before else None
            rebuild = word_index.find_rebuild(connection)
            found = tuple(islice(_found(connection, query, until), limit))
            return SearchResult(found, rebuild is None or rebuild.is_beside)

        return await self._db.read(find)


def _found(connection: Connection, query: Query, before: int | None) -> Iterator[Found]:
    seen: set[int] = set()
    for matches in _candidates(connection, query, before):
        fresh = [match for match in matches if match[0] not in seen]
        seen.update(row_id for row_id, _ in fresh)
        for first in range(0, len(fresh), READ_AT_ONCE):
            page = fresh[first : first + READ_AT_ONCE]
            # Neighbours live in one block, which is then opened once.
            by_row = {match[0]: _message(connection, *match) for match in sorted(page)}
            for row_id, _ in page:
                message = by_row[row_id]
                if (
                    message is not None
                    and (before is None or records.micros(message.at) < before)
                    and is_held(query, message.text)
                ):
                    yield message


def _candidates(
    connection: Connection, query: Query, before: int | None
) -> Iterator[Sequence[_Match]]:
    """Rows that may fit, in groups, the better ones first."""
    terms = (*query.phrase_terms, *query.word_terms)
    if terms:
        yield _with_all(connection, terms, before)
    if query.phrase_terms and query.word_terms:
        yield _with_all(connection, query.phrase_terms, before)
    elif len(query.word_terms) > 1:
        yield from _with_any(connection, query.word_terms, before)
    if query.is_beyond_index:
        values = {"before": _END_OF_TIME if before is None else before, "limit": SCANNED_TURNS}
        rows = connection.execute(queries["newest_turns_before"], values)
        yield [(row_id, 0.0) for (id_,) in rows for row_id in (2 * id_ + 1, 2 * id_)]


def _with_all(connection: Connection, terms: Sequence[str], before: int | None) -> Sequence[_Match]:
    every = " AND ".join(terms)
    rarer = _rarer(connection, terms)
    if not rarer:
        return _newest(connection, every, before)
    return _best(
        connection, " AND ".join(rarer), None if len(rarer) == len(terms) else every, before
    )


def _with_any(
    connection: Connection, terms: Sequence[str], before: int | None
) -> Iterator[Sequence[_Match]]:
    rarer = _rarer(connection, terms)
    if rarer:
        yield _best(connection, " OR ".join(rarer), None, before)
    if len(rarer) < len(terms):
        yield _newest(connection, " OR ".join(terms), before)


def _rarer(connection: Connection, terms: Iterable[str]) -> list[str]:
    """As many of these as may be ranked by, the rarest first."""
    counted = []
    for term in terms:
        values = {"match": term, "limit": RANKED_ROWS + 1}
        counted.append((int(connection.execute(queries["count_matches"], values).get), term))
    rarer, total = [], 0
    for count, term in sorted(counted):
        total += count
        if total > RANKED_ROWS:
            break
        rarer.append(term)
    return rarer


def _best(
    connection: Connection, ranking: str, match: str | None, before: int | None
) -> Sequence[_Match]:
    values = {"ranking": ranking, "match": match, "before": before, "limit": CANDIDATES}
    return list(connection.execute(queries["best_matches"], values))


def _newest(connection: Connection, match: str, before: int | None) -> Sequence[_Match]:
    if before is None:
        values = {"match": match, "limit": CANDIDATES}
        rows = connection.execute(queries["newest_matches"], values)
        return [(row_id, 0.0) for (row_id,) in rows]
    found: list[_Match] = []
    place, seen = (before, 0), 0
    while len(found) < CANDIDATES and seen < MOST_TURNS:
        limit = min(max(seen, FIRST_TURNS), MOST_TURNS - seen)
        values = {"at": place[0], "id": place[1], "limit": limit}
        places: list[Any] = connection.execute(queries["turn_places_before"], values).fetchall()
        if not places:
            break
        found += _in_stretch(connection, match, [turn_id for _, turn_id in places])
        place, seen = places[-1], seen + len(places)
    return found[:CANDIDATES]


def _in_stretch(connection: Connection, match: str, turn_ids: Sequence[int]) -> Sequence[_Match]:
    """What matches of these turns, in their order. What came at another time is not looked at:
    between the ids of an import there may be years of other turns."""
    places = {turn_id: place for place, turn_id in enumerate(turn_ids)}
    found: list[int] = []
    for first, last in _runs(sorted(turn_ids)):
        values = {"match": match, "first": 2 * first, "last": 2 * last + 1}
        rows = connection.execute(queries["matches_between"], values)
        found += [row_id for (row_id,) in rows if row_id // 2 in places]
    found.sort(key=lambda row_id: (places[row_id // 2], -row_id))
    return [(row_id, 0.0) for row_id in found]


def _runs(ids: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ids in order as runs of neighbours, from where to where, in which few others stand."""
    first = last = ids[0]
    for each in ids[1:]:
        if each - last > NEIGHBOURS:
            yield first, last
            first = each
        last = each
    yield first, last


def _message(connection: Connection, row_id: int, score: float) -> Found | None:
    """The message of that row, or None where it cannot be read."""
    turn_id = row_id // 2
    role = Role.ASSISTANT if row_id % 2 else Role.USER
    try:
        with translated_errors():
            values = {"turn_id": turn_id, "role": role}
            row: Any = connection.execute(queries["message_place"], values).fetchone()
            turn = blocks.read_original(connection, turn_id)
    except (DatabaseDamaged, NotFound):
        return None
    text, at = turn.prompt, turn.at
    if role is Role.ASSISTANT:
        if not turn.answers:
            return None
        text, at = turn.answers_text, turn.answers[0].ended_at
    if not text:
        return None
    return Found(
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
