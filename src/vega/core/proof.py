"""The links of the hash chain, recomputed one after the other wherever their rows live.

Synchronous steps on a connection that the caller holds, as `vega.core.life.records` has them.
Nothing here believes what was read before: the caller decides what is kept, and for how long.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from vega.core.life import blocks, records
from vega.core.life.archive import ArchivedAnswer, ArchivedTurn, OpenBlocks
from vega.core.life.chain import LOST, LOST_HASH, link_hash
from vega.core.life.head import Head
from vega.core.life.sqlite import Connection, translated_errors
from vega.core.memory import Tier
from vega.core.sql import queries
from vega.errors import BlockDamaged, DatabaseDamaged, TurnDamaged, TurnNotFound

#: Of one stretch, whichever comes first: some milliseconds of work, during which others wait.
STRETCH_LINKS = 250
STRETCH_BYTES = 512 * 1024
#: A hash that was altered leaves several that the true one may be. So many are followed.
MOST_HASHES = 8
#: How many turns are looked through for the one whose answer is missing: as many as may wait.
NEAR_TURNS = 200

_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as it was stored, in a sentence."""

    link: int
    #: None where it is of no single turn.
    turn_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Place:
    """How far the chain was recomputed."""

    next_link: int = 1
    #: What the hash of the link before may be; none where it cannot be known.
    hashes: tuple[bytes, ...] = (b"",)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one look at the chain gave: how far it came, and what is wrong with that part."""

    place: Place
    flaws: tuple[Flaw, ...]
    #: The head of the life at that moment.
    head: Head
    #: Whether it came to the head, and looked at that too.
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A link as it is stored."""

    turn_id: int
    name: str
    content: tuple[str | int | None, ...]
    salt: bytes | None
    hash: bytes

    def follows(self, link: int, before: bytes) -> bool:
        """Whether it is that link of a chain whose link before has this hash."""
        return self.salt is None or self.hash == link_hash(before, self.salt, (link, *self.content))


class _Unproven(Exception):
    """What is stored in two places does not agree."""


def pack_hashes(place: Place) -> bytes:
    return b"".join(place.hashes)


def unpack_place(next_link: int, hashes: bytes) -> Place:
    if next_link == 1:
        return Place()
    parts = range(0, len(hashes), _HASH_BYTES)
    return Place(next_link, tuple(hashes[start : start + _HASH_BYTES] for start in parts))


class Chain:
    """The links of one life, on one connection."""

    def __init__(self, connection: Connection, opened: OpenBlocks) -> None:
        self._connection = connection
        self._opened = opened
        self._last_turn: ArchivedTurn | None = None

    def walk(self, place: Place) -> Stretch:
        """One stretch from that place on, within one transaction of the caller's; the place itself
        where it is at the head."""
        head = records.read_head(self._connection)
        if place.next_link > head.link:
            return Stretch(place, (), head)
        first, last = place.next_link, min(place.next_link + STRETCH_LINKS - 1, head.link)
        try:
            with translated_errors():
                return self._stretch(place, last, head)
        except DatabaseDamaged:
            text = f"Where entries {first} to {last} are cannot be read: an index is damaged."
            return Stretch(Place(last + 1, ()), (Flaw(first, None, text),), head)

    def _stretch(self, place: Place, last: int, head: Head) -> Stretch:
        values = {"first": place.next_link, "last": last}
        found = self._connection.execute(queries["link_rows"], values)
        rows = {link: list(group) for link, group in groupby(found, key=lambda row: row[0])}
        flaws: list[Flaw] = []
        link, hashes, size = place.next_link, place.hashes, 0
        # A page that cannot be read has ended the transaction: what follows may have moved since.
        while link <= last and size < STRETCH_BYTES and self._connection.in_transaction:
            if link not in rows:
                end = next((known for known in rows if known > link), last + 1)
                flaws += self._gaps(link, end - 1)
                link, hashes = end, ()
                continue
            flaw, hashes, read = self._prove(rows[link], hashes)
            flaws += [flaw] if flaw else []
            link, size = link + 1, size + read
        return Stretch(Place(link, hashes), tuple(flaws), head)

    def last_link(self) -> int:
        """The last one that is there, whatever the head says; 0 where that cannot be read."""
        try:
            with translated_errors():
                return int(self._connection.execute(queries["last_link"]).get)
        except DatabaseDamaged:
            return 0

    def hash_of(self, link: int) -> bytes | None:
        """The stored hash of a link; None where there is none that can be read."""
        if link == 0:
            return b""
        values = {"first": link, "last": link}
        try:
            with translated_errors():
                row = self._connection.execute(queries["link_rows"], values).fetchone()
                # One that was lost has its place alone.
                return (self._stored(row).hash or None) if row else None
        except (DatabaseDamaged, UnicodeError, _Unproven):
            return None

    def is_proven(self, original: ArchivedTurn) -> bool:
        """Whether each link of that turn is there just so, and recomputes from the one before."""
        for link, stored in links_of(original):
            before = self.hash_of(link - 1)
            if before is None or self.hash_of(link) != stored.hash:
                return False
            if not stored.follows(link, before):
                return False
        return True

    def original(self, turn_id: int) -> ArchivedTurn:
        """The turn wherever it lives. Raises TurnNotFound, TurnDamaged, DatabaseDamaged."""
        with translated_errors():
            row = self._turn_row(turn_id)
            if row[11] is None:
                return blocks.read_original(self._connection, turn_id)
            try:
                return self._in_block(row)
            except _Unproven as exc:
                raise TurnDamaged(turn_id) from exc

    def _prove(
        self, rows: Sequence[Sequence[Any]], hashes: tuple[bytes, ...]
    ) -> tuple[Flaw | None, tuple[bytes, ...], int]:
        """What is wrong with a link, what its hash may be, and how many bytes it has."""
        link = int(rows[0][0])
        if len(rows) > 1:
            text = f"Entry {link} is there {len(rows)} times."
            return Flaw(link, self._turn_of(rows[-1]), text), (), 0
        try:
            with translated_errors():
                stored = self._stored(rows[0])
        except TurnDamaged as exc:
            text = f"Turn {exc.turn_id} is damaged in the archive (entry {link})."
            return Flaw(link, exc.turn_id, text), (), 0
        except (DatabaseDamaged, TurnNotFound, UnicodeError):
            turn_id = self._turn_of(rows[0])
            whose = "It" if turn_id is None else f"Turn {turn_id}"
            return Flaw(link, turn_id, f"{whose} cannot be read (entry {link})."), (), 0
        except _Unproven as exc:
            turn_id = self._turn_of(rows[0])
            text = f"Turn {turn_id} is not as it was stored: {exc} (entry {link})."
            return Flaw(link, turn_id, text), (), 0
        size = sum(len(part) for part in stored.content if isinstance(part, str))
        if stored.salt is None and is_lost(stored.content):
            # What was put in its place says when; of its hash the end of the life may know.
            text = f"{stored.content[4]}: turn {stored.turn_id}, {stored.name} (entry {link})."
            flaw = Flaw(link, stored.turn_id, text)
            return flaw, (stored.hash,) if stored.hash != LOST_HASH else (), 0
        # Without its salt the content was forgotten; its hash carries the chain on.
        if stored.salt is None or not hashes:
            return None, (stored.hash,), size
        found = [link_hash(each, stored.salt, (link, *stored.content)) for each in hashes]
        if stored.hash in found:
            return None, (stored.hash,), size
        text = f"Turn {stored.turn_id} is not as it was stored: {stored.name} differs"
        flaw = Flaw(link, stored.turn_id, f"{text} (entry {link}).")
        return flaw, tuple(dict.fromkeys((stored.hash, *found)))[:MOST_HASHES], size

    def _stored(self, row: Sequence[Any]) -> Stored:
        link, kind, row_id, number = row
        if kind == "prompt":
            return self._stored_prompt(self._turn_row(row_id))
        if kind == "answer":
            found: Any = self._connection.execute(queries["answer_link"], (row_id,)).fetchone()
            *content, salt, hash_ = found
            name = f"its answer {found[1]}"
            return Stored(found[0], name, ("answer", *content), _bytes(salt), bytes(hash_))
        turn = self._turn_row(row_id)
        if turn[11] is None:
            raise _Unproven(f"its answer {number} is in no block")
        answers = {each.number: each for each in self._in_block(turn).answers}
        if number not in answers or answers[number].link != link:
            raise _Unproven(f"its answer {number} is not in its block")
        return answer_link(row_id, answers[number])

    def _stored_prompt(self, row: Sequence[Any]) -> Stored:
        """Of a turn that has left its row in part, also that the rest of the row is right."""
        if row[11] is None:
            content = ("prompt", row[0], *row[2:7])
            return Stored(row[0], "its prompt", content, _bytes(row[8]), bytes(row[9]))
        stored = prompt_link(self._in_block(row))
        is_same = row[2] == stored.content[2]
        if row[10] == Tier.COMPRESSED:
            is_same = (*row[2:7], row[8], row[9]) == (
                *stored.content[2:],
                stored.salt,
                stored.hash,
            )
        if not is_same:
            raise _Unproven("its row and its block differ")
        return stored

    def _turn_row(self, turn_id: int) -> Sequence[Any]:
        row: Sequence[Any] | None = self._connection.execute(
            queries["turn_row"], (turn_id,)
        ).fetchone()
        if row is None:
            raise TurnNotFound(turn_id)
        return row

    def _in_block(self, row: Sequence[Any]) -> ArchivedTurn:
        """The original of a turn by its row. Raises TurnDamaged."""
        if self._last_turn is not None and self._last_turn.id == row[0]:
            return self._last_turn
        try:
            block = blocks.open_block(self._connection, row[11], self._opened)
            original = block.turn(row[0])
        except BlockDamaged as exc:
            raise TurnDamaged(row[0]) from exc
        if (original.id, original.link) != (row[0], row[1]):
            raise _Unproven("another turn stands in its place in the archive")
        self._last_turn = original
        return original

    def _turn_of(self, row: Sequence[Any]) -> int | None:
        """Whose link that is, also where its row cannot be read."""
        if row[1] != "answer":
            return int(row[2])
        try:
            with translated_errors():
                found = self._connection.execute(queries["turn_of_answer"], (row[2],)).get
        except DatabaseDamaged:
            return None
        return None if found is None else int(found)

    def _gaps(self, first: int, last: int) -> list[Flaw]:
        """That these links are missing, and of which turns they were, if that can be told.

        Ids are given in the order of arrival, so that a prompt that is missing leaves a gap too.
        """
        entries = f"entry {first}" if first == last else f"entries {first} to {last}"
        missing, turn_id = self._turns_of_gap(first, last)
        if missing:
            return [Flaw(first, each, f"Turn {each} is missing ({entries}).") for each in missing]
        if turn_id is not None:
            return [Flaw(first, turn_id, f"An answer to turn {turn_id} is missing ({entries}).")]
        return [Flaw(first, None, f"Of this life {entries} cannot be found.")]

    def _turns_of_gap(self, first: int, last: int) -> tuple[list[int], int | None]:
        """The turns that are missing with these links; else the one whose answer the first was."""
        values = {"first": first, "last": last}
        row = self._connection.execute(queries["turn_ids_around"], values).fetchone()
        before, behind = row or (0, 0)
        missing = list(range(before + 1, behind))[:NEAR_TURNS]
        return missing, None if missing else self._turn_without(first)

    def _turn_without(self, link: int) -> int | None:
        """The turn whose answer that link must have been: it says so, or it has none."""
        values = {"link": link, "limit": NEAR_TURNS}
        ids: list[int] = [
            row[0] for row in self._connection.execute(queries["turn_ids_to"], values)
        ]
        for turn_id in ids:
            try:
                original = self.original(turn_id)
            except (TurnNotFound, DatabaseDamaged, UnicodeError):
                continue
            is_bare = original.is_ended and not original.answers
            if is_bare or any(each.link == link for each in original.answers):
                return turn_id
        return None


def links_of(original: ArchivedTurn) -> list[tuple[int, Stored]]:
    """The turn's links, with their numbers."""
    answers = [(each.link, answer_link(original.id, each)) for each in original.answers]
    return [(original.link, prompt_link(original)), *answers]


def is_lost(content: Sequence[str | int | None]) -> bool:
    """Whether it only stands in the place of something that the disk has taken."""
    # A prompt's origin, an answer's reason.
    return str(content[4]).startswith(LOST)


def prompt_link(turn: ArchivedTurn) -> Stored:
    """What of a turn is hashed as its prompt."""
    content = ("prompt", turn.id, turn.at, turn.zone, turn.origin, turn.device, turn.prompt)
    return Stored(turn.id, "its prompt", content, _unhex(turn.salt), bytes.fromhex(turn.hash))


def answer_link(turn_id: int, answer: ArchivedAnswer) -> Stored:
    """What of an answer is hashed."""
    content = (
        "answer",
        turn_id,
        answer.number,
        answer.status,
        answer.reason,
        answer.text,
        answer.model,
        answer.place,
        answer.ended_at,
    )
    name = f"its answer {answer.number}"
    return Stored(turn_id, name, content, _unhex(answer.salt), bytes.fromhex(answer.hash))


def _bytes(salt: bytes | None) -> bytes | None:
    return None if salt is None else bytes(salt)


def _unhex(salt: str | None) -> bytes | None:
    return None if salt is None else bytes.fromhex(salt)
