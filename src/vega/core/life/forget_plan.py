"""What a forgetting would take: looked for in the whole life, in short reads, in every tier.

The full-text index is not asked: it knows no part of a word, and it may be damaged. Whatever is
not found here stays.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

from vega.core.clock import day_number, day_of_number
from vega.core.life import blocks, records
from vega.core.life.archive import ArchivedTurn, OpenBlock
from vega.core.life.fact_rows import all_of, read_fact, told_in, told_in_turn, turns_of
from vega.core.life.sqlite import Connection, SQLite
from vega.core.memory import DigestKind, Fact, Tier
from vega.core.search import normal_form
from vega.core.sql import queries
from vega.core.telling.periods import period_of
from vega.errors import (
    BlockDamaged,
    FactNotFound,
    InvalidInput,
    TurnDamaged,
    TurnForgotten,
    TurnNotEnded,
    TurnNotFound,
)

#: Of one read: some milliseconds of work.
IDS_AT_ONCE = 2_000
TURNS_AT_ONCE = 50
BLOCKS_AT_ONCE = 8
#: Turns of one forgetting.
MOST_TURNS = 10_000
#: What is shown of a text.
EXCERPT_CHARS = 80
_ENDS = ("completed", "stopped", "failed")
#: What JSON writes in another way than it is.
_ESCAPED = re.compile(r"[\s\"\\\x00-\x1f]+")


@dataclass(frozen=True, slots=True)
class ForgetTarget:
    """What the owner wants forgotten: one of these."""

    turn_id: int | None = None
    fact_id: int | None = None
    phrase: str | None = None


@dataclass(frozen=True, slots=True)
class DoomedTurn:
    """A turn that would be forgotten, by its beginning or by what was looked for in it."""

    id: int
    at: datetime
    zone: str
    tier: Tier
    prompt: str
    response: str
    answer_count: int


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """Everything that one forgetting would erase."""

    target: ForgetTarget
    turns: tuple[DoomedTurn, ...]
    #: Those that are told in these turns alone, and others that hold the phrase.
    facts: tuple[Fact, ...]
    #: Kinds and first days, in days since 1970; they are written anew at night.
    digests: tuple[tuple[DigestKind, int], ...]
    #: Turns that hold the fact's value too, or rest on the turn, and stay.
    others: tuple[int, ...] = ()

    @property
    def turn_ids(self) -> tuple[int, ...]:
        return tuple(turn.id for turn in self.turns)

    @property
    def token(self) -> str:
        """Names just this plan: it is another one as soon as anything else would go. Digests do not
        count: they are written again anyway, and at any time."""
        named = [
            [[turn.id, turn.answer_count] for turn in self.turns],
            [fact.id for fact in self.facts],
        ]
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()[:32]


@dataclass(slots=True)
class _Phrase:
    """What is looked for, and a part of it that also stands so in a block's JSON."""

    normal: str
    rarest: str = field(init=False)

    def __post_init__(self) -> None:
        self.rarest = max(_ESCAPED.split(self.normal), key=len, default="")

    def may_be_in(self, text: str) -> bool:
        return self.rarest in normal_form(text)

    def is_in(self, *texts: str | None) -> bool:
        return any(text and self.normal in normal_form(text) for text in texts)


class Planner:
    """Makes plans over one life."""

    def __init__(self, database: SQLite) -> None:
        self._db = database

    async def plan(self, target: ForgetTarget) -> ForgetPlan:
        """Raises TurnNotFound, FactNotFound, TurnForgotten, TurnNotEnded, InvalidInput, and
        TurnDamaged where an original cannot be read, and so not be erased from its block."""
        phrase, facts, others = None, list[Fact](), set[int]()
        if target.phrase is not None:
            phrase = _phrase(target.phrase)
            turn_ids = await self._holding(phrase)
            facts = await self._facts_holding(phrase)
        elif target.fact_id is not None:
            facts = [await self._fact(target.fact_id)]
            fact = facts[0]
            turn_ids = await self._db.read(lambda connection: turns_of(connection, fact))
            with suppress(TurnDamaged):
                others = {*await self._holding(_phrase(facts[0].value))}
        elif target.turn_id is not None:
            turn_ids = [target.turn_id]
            others = await self._resting_on(target.turn_id)
        else:
            raise InvalidInput("Say what to forget: a turn, a fact or a phrase.")
        if len(turn_ids) > MOST_TURNS:
            raise InvalidInput(
                f"{len(turn_ids):,} turns hold this; at most {MOST_TURNS:,} are forgotten at once. "
                "Say more of it."
            )
        turns = await self._doomed(sorted(set(turn_ids)), target, phrase)
        doomed = {turn.id for turn in turns}
        facts = await self._with_told_in(doomed, facts)
        digests = await self._digests(doomed, phrase)
        return ForgetPlan(target, turns, tuple(facts), digests, tuple(sorted(others - doomed)))

    async def _doomed(
        self, turn_ids: Sequence[int], target: ForgetTarget, phrase: _Phrase | None
    ) -> tuple[DoomedTurn, ...]:
        found: list[DoomedTurn] = []
        is_only = target.turn_id is not None
        for start in range(0, len(turn_ids), TURNS_AT_ONCE):
            page = turn_ids[start : start + TURNS_AT_ONCE]
            found += await self._db.read(
                partial(_doomed, turn_ids=page, phrase=phrase, is_only=is_only)
            )
        return tuple(sorted(found, key=lambda turn: (turn.at, turn.id)))

    async def _holding(self, phrase: _Phrase) -> list[int]:
        """The turns that hold it in their prompt, in any of their answers or in their summary."""
        last = await self._db.read(_last_turn_id)
        found: set[int] = set()
        for first in range(1, last + 1, IDS_AT_ONCE):
            found |= await self._db.read(partial(_rows_holding, first=first, phrase=phrase))
        block_id = 0
        while True:
            ids = await self._db.read(partial(block_ids_after, block_id=block_id))
            if not ids:
                return sorted(found)
            found |= await self._db.read(partial(_in_blocks, block_ids=ids, phrase=phrase))
            block_id = ids[-1]

    async def _fact(self, fact_id: int) -> Fact:
        def find(connection: Connection) -> Fact:
            row = connection.execute(queries["fact"], (fact_id,)).fetchone()
            if row is None:
                raise FactNotFound(fact_id)
            return read_fact(row)

        return await self._db.read(find)

    async def _facts_holding(self, phrase: _Phrase) -> list[Fact]:
        def find(connection: Connection) -> list[Fact]:
            rows = [read_fact(row) for row in connection.execute(queries["all_facts"])]
            return [fact for fact in rows if phrase.is_in(fact.value, fact.attribute)]

        return await self._db.read(find)

    async def _with_told_in(self, doomed: set[int], facts: Sequence[Fact]) -> list[Fact]:
        """These facts, with all that goes with them, and those that are told in no other turn."""

        def find(connection: Connection) -> list[Fact]:
            known = {row.id: row for fact in facts for row in all_of(connection, fact)}
            for turn_id in doomed:
                for fact in told_in_turn(connection, turn_id):
                    if doomed.issuperset(told_in(connection, [fact])):
                        known |= {row.id: row for row in all_of(connection, fact)}
            return [known[fact_id] for fact_id in sorted(known)]

        return await self._db.read(find)

    async def _digests(
        self, doomed: set[int], phrase: _Phrase | None
    ) -> tuple[tuple[DigestKind, int], ...]:
        def find(connection: Connection) -> tuple[tuple[DigestKind, int], ...]:
            touched = set[tuple[DigestKind, int]]()
            for turn_id in doomed:
                touched.update(periods_of(_row(connection, turn_id)[2]))
            written = {
                (DigestKind(kind), first_day)
                for kind, first_day, text in connection.execute(queries["digest_words"])
                if (kind, first_day) in touched or (phrase is not None and phrase.is_in(text))
            }
            return tuple(sorted(written, key=lambda each: (each[1], each[0])))

        return await self._db.read(find)

    async def _resting_on(self, turn_id: int) -> set[int]:
        return await self._db.read(
            lambda connection: {
                row[0] for row in connection.execute(queries["turns_resting_on"], (turn_id,))
            }
        )


def periods_of(day: int) -> Iterator[tuple[DigestKind, int]]:
    """The digests that tell of that day, in days since 1970: their kinds and first days."""
    for kind in DigestKind:
        yield kind, day_number(period_of(kind, day_of_number(day)).first)


def open_blocks_of(connection: Connection, block_ids: Sequence[int]) -> Iterator[OpenBlock | None]:
    """These blocks as the file has them; None for one that is damaged."""
    for block_id in block_ids:
        try:
            yield blocks.read_block(connection, block_id)
        except BlockDamaged:
            yield None


def _phrase(text: str) -> _Phrase:
    normal = normal_form(text)
    if not normal:
        raise InvalidInput("The phrase is empty; say what to forget.")
    return _Phrase(normal)


def _last_turn_id(connection: Connection) -> int:
    return int(connection.execute(queries["forgettable_until"]).get or 0)


def _row(connection: Connection, turn_id: int) -> Sequence[Any]:
    row: Sequence[Any] | None = connection.execute(
        queries["forgettable_turn"], (turn_id,)
    ).fetchone()
    if row is None:
        raise TurnNotFound(turn_id)
    return row


def _doomed(
    connection: Connection, turn_ids: Sequence[int], phrase: _Phrase | None, *, is_only: bool
) -> list[DoomedTurn]:
    found = []
    for turn_id in turn_ids:
        status, forgotten_at, _, tier = _row(connection, turn_id)
        if forgotten_at is not None:
            if is_only:
                raise TurnForgotten(turn_id)
            continue
        if status not in _ENDS:
            raise TurnNotEnded(turn_id)
        original = blocks.read_original(connection, turn_id)
        texts = [original.prompt, *(each.text for each in original.answers)]
        held = [text for text in texts[1:] if phrase is not None and phrase.is_in(text)]
        answer = original.answer
        found.append(
            DoomedTurn(
                id=turn_id,
                at=records.moment(original.at),
                zone=original.zone,
                tier=Tier(tier),
                prompt=_excerpt(original.prompt, phrase),
                response=_excerpt(held[0] if held else answer.text if answer else "", phrase),
                answer_count=len(original.answers),
            )
        )
    return found


def _excerpt(text: str, phrase: _Phrase | None) -> str:
    plain = " ".join(text.split())
    at = plain.casefold().find(phrase.normal) if phrase is not None else 0
    start = max(0, at - EXCERPT_CHARS // 3) if at > EXCERPT_CHARS // 2 else 0
    end = start + EXCERPT_CHARS
    return f"{'…' if start else ''}{plain[start:end]}{'…' if end < len(plain) else ''}"


def _rows_holding(connection: Connection, first: int, phrase: _Phrase) -> set[int]:
    ids = {"first": first, "last": first + IDS_AT_ONCE - 1}
    rows = chain(
        connection.execute(queries["full_prompts"], ids),
        connection.execute(queries["summaries"], ids),
        connection.execute(queries["answer_texts"], ids),
    )
    return {turn_id for turn_id, *texts in rows if phrase.is_in(*texts)}


def block_ids_after(connection: Connection, block_id: int) -> list[int]:
    """The next few blocks."""
    values = {"id": block_id, "limit": BLOCKS_AT_ONCE}
    return [row[0] for row in connection.execute(queries["block_ids_after"], values)]


def _in_blocks(connection: Connection, block_ids: Sequence[int], phrase: _Phrase) -> set[int]:
    """Those that live in these blocks and hold it. What is damaged cannot be looked through."""
    found: set[int] = set()
    for block_id, block in zip(block_ids, open_blocks_of(connection, block_ids), strict=True):
        if block is None:
            raise TurnDamaged(_turn_of_block(connection, block_id))
        if not phrase.may_be_in(block.text()):
            continue
        found |= {
            turn.id
            for turn in block.turns()
            if _holds(turn, phrase) and blocks.lives_in(connection, turn.id, block_id)
        }
    return found


def _holds(turn: ArchivedTurn, phrase: _Phrase) -> bool:
    answers = (text for each in turn.answers for text in (each.text, each.reason))
    return phrase.is_in(turn.prompt, turn.device, *answers)


def _turn_of_block(connection: Connection, block_id: int) -> int:
    row = connection.execute(queries["turns_of_block"], (block_id,)).fetchone()
    return row[0] if row else 0
