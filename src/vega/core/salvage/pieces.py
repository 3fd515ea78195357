"""What is left of each turn: its prompt and its answers, link by link, from everything that was
read. Knows no backup.

What stands on pages that are to be believed is taken as it is. All else is taken only where it
recomputes as the link that it says it is, from the hash of the link before.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from vega.core.life.archive import ArchivedAnswer, ArchivedTurn, OpenBlock, beginning
from vega.core.life.forgotten_file import Forgotten
from vega.core.memory import Tier
from vega.core.proof import answer_link, is_lost, prompt_link
from vega.core.salvage.contents import BLOCKS, BlockPlace, Contents, Reader, Values
from vega.core.salvage.schema import Table
from vega.errors import BlockDamaged

#: What a turn's row is without its columns.
Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Piece:
    """A prompt, or an answer to that turn."""

    turn_id: int
    prompt: ArchivedTurn | None = None
    answer: ArchivedAnswer | None = None
    #: The backup that it comes from; empty: from the life itself.
    source: str = ""
    #: Whether it was in the archive, and should go there again.
    is_packed: bool = False

    @property
    def link(self) -> int:
        return self.prompt.link if self.prompt else self.answer.link if self.answer else 0

    @property
    def hash(self) -> bytes:
        found = self.prompt or self.answer
        return bytes.fromhex(found.hash) if found else b""

    def follows(self, before: bytes) -> bool:
        """Whether it is as it was stored, by the hash of the link before. What was forgotten cannot
        be told."""
        if self.prompt is not None:
            stored = prompt_link(self.prompt)
        elif self.answer is not None:
            stored = answer_link(self.turn_id, self.answer)
        else:
            return False
        return stored.salt is not None and stored.follows(self.link, before)


class Pieces:
    """Of one damaged life."""

    def __init__(
        self,
        contents: Contents,
        reader: Reader,
        tables: Mapping[str, Table],
        forgotten: Forgotten,
    ) -> None:
        self.contents = contents
        self._reader = reader
        self._turn_names = tables["turns"].names
        self._answer_names = tables["answers"].names
        self.ledger = forgotten
        #: Rows of turns that are to be believed.
        self.rows: dict[int, Values] = {int(key): row for key, row in _ids(contents, "turns")}
        #: Turns that go on living in the block that they are in.
        self.kept: dict[int, int] = {}
        #: Of all others.
        self.prompts: dict[int, ArchivedTurn] = {}
        self.answers: dict[int, dict[int, ArchivedAnswer]] = defaultdict(dict)
        #: Answers that are still being written, by their turns.
        self.unended: dict[int, Values] = {}
        #: Which backup something of a turn comes from.
        self.sources: dict[int, str] = {}
        self.packed: set[int] = set()
        #: By link; what is not here is missing.
        self.hashes: dict[int, bytes] = {}
        self.good_blocks: dict[int, BlockPlace] = {}
        self._candidates: dict[int, list[Piece]] = defaultdict(list)
        self._forgotten = self._read_forgotten()
        self._take_rows()
        self._take_blocks()
        self._take_answers()
        self._collect_doubtful()

    def fields(self, turn_id: int) -> Fields | None:
        """The turn's own row, by its columns."""
        row = self.rows.get(turn_id)
        return None if row is None else dict(zip(self._turn_names, row, strict=True))

    def forgotten_at(self, turn_id: int, link: int) -> int | None:
        """When the owner had the turn forgotten."""
        found = self.ledger.turns.get((turn_id, link))
        return found if found is not None else self._forgotten.get(turn_id)

    @property
    def closed_in_file(self) -> set[int]:
        """Turns of which a fact was forgotten, as the life itself says."""
        return {key for key, _ in _ids(self.contents, "closed_turns")}

    @property
    def closed(self) -> set[int]:
        return self.closed_in_file | self.ledger.closed

    def open(self, block_id: int) -> list[ArchivedTurn]:
        """The turns of a block that is whole."""
        found = self._reader.block_data(self.good_blocks[block_id])
        return OpenBlock(*found).turns() if found else []

    def block(self, block_id: int) -> tuple[bytes, bytes]:
        """The checksum and the data of a block that is whole."""
        found = self._reader.block_data(self.good_blocks[block_id])
        if found is None:
            raise BlockDamaged
        return found

    def candidates(self, link: int) -> list[Piece]:
        """What may be that link, of what is not to be believed."""
        return self._candidates.get(link, [])

    def take(self, piece: Piece) -> None:
        """It is a part of the life from now on."""
        if self.forgotten_at(piece.turn_id, self._link_of(piece)) is not None:
            piece = erased(piece)
        if piece.prompt is not None:
            self.prompts[piece.turn_id] = piece.prompt
        elif piece.answer is not None:
            self.answers[piece.turn_id].setdefault(piece.answer.number, piece.answer)
        self.hashes[piece.link] = piece.hash
        if piece.source:
            self.sources[piece.turn_id] = piece.source
        if piece.is_packed:
            self.packed.add(piece.turn_id)
        self._loosen(piece.turn_id)

    def turn_ids(self) -> set[int]:
        """All of which there is anything."""
        return {*self.rows, *self.kept, *self.prompts, *self.answers}

    def _link_of(self, piece: Piece) -> int:
        """That of the prompt."""
        if piece.prompt is not None:
            return piece.prompt.link
        prompt, row = self.prompts.get(piece.turn_id), self.fields(piece.turn_id)
        return prompt.link if prompt else row["link"] if row else 0

    def _read_forgotten(self) -> dict[int, int]:
        found: dict[int, int] = {}
        for values in self.contents.entries.get("turns_forgotten", ()):
            if len(values) == 2 and all(isinstance(each, int) for each in values):
                found[int(values[1] or 0)] = int(values[0] or 0)
        place = self._turn_names.index("forgotten_at")
        for turn_id, row in self.rows.items():
            at = row[place]
            if isinstance(at, int):
                found[turn_id] = at
        return found

    def _take_rows(self) -> None:
        for turn_id in self.rows:
            row = self.fields(turn_id) or {}
            if row["tier"] != Tier.ARCHIVED:
                self.prompts[turn_id] = _turn(row)
                self.hashes[row["link"]] = row["hash"]

    def _take_blocks(self) -> None:
        copies: dict[int, tuple[int, int]] = {}
        places = [*self.contents.blocks.values(), *self.contents.doubtful_blocks]
        for place in places:
            if place.id in self.good_blocks:
                continue
            turns = self._opened(place)
            for turn in turns:
                row = self.fields(turn.id)
                if row is None:
                    rank = (len(turn.answers), place.id)
                    copies[turn.id] = max(copies.get(turn.id, (-1, 0)), rank)
                elif row["block_id"] == place.id and row["link"] == turn.link:
                    self._keep(turn, place.id)
        for block_id in sorted({block_id for _, block_id in copies.values()}):
            for turn in self.open(block_id):
                if copies.get(turn.id, (0, 0))[1] == block_id:
                    self._keep(turn, block_id)

    def _opened(self, place: BlockPlace) -> list[ArchivedTurn]:
        """Its turns, where it is whole; else what it begins with is to be proven."""
        found = self._reader.block_data(place)
        if found is None:
            return []
        try:
            turns = OpenBlock(*found).turns()
        except BlockDamaged:
            for turn in beginning(found[1]):
                for piece in pieces_of(turn, is_packed=True):
                    self._candidates[piece.link].append(piece)
            return []
        self.good_blocks[place.id] = place
        return turns

    def _keep(self, turn: ArchivedTurn, block_id: int) -> None:
        self.kept[turn.id] = block_id
        self.prompts.pop(turn.id, None)
        for piece in pieces_of(turn):
            self.hashes[piece.link] = piece.hash

    def _take_answers(self) -> None:
        sources = self._sources()
        for answer_id, row in _ids(self.contents, "answers"):
            fields: Fields = dict(zip(self._answer_names, row, strict=True))
            if fields["link"] is None:
                self.unended[fields["turn_id"]] = row
            elif fields["link"] not in self.hashes and fields["hash"]:
                answer = _answer(fields, sources.get(answer_id, ()))
                self.take(Piece(fields["turn_id"], answer=answer))

    def _sources(self) -> dict[int, tuple[tuple[int, int], ...]]:
        found: dict[int, tuple[tuple[int, int], ...]] = {}
        for row in self.contents.of("sources").values():
            answer_id, turn_id, at = (int(value or 0) for value in row)
            found[answer_id] = tuple(sorted({*found.get(answer_id, ()), (turn_id, at)}))
        return found

    def _collect_doubtful(self) -> None:
        """Rows that may be what is missing."""
        for row in self.contents.doubtful_rows.get("turns", ()):
            fields: Fields = dict(zip(self._turn_names, row, strict=True))
            if fields["tier"] != Tier.ARCHIVED and fields["link"] not in self.hashes:
                piece = Piece(fields["id"], prompt=_turn(fields))
                self._candidates[piece.link].append(piece)
        for row in self.contents.doubtful_rows.get("answers", ()):
            fields = dict(zip(self._answer_names, row, strict=True))
            link = fields["link"]
            if link is not None and link not in self.hashes and fields["hash"]:
                # Nothing proves these.
                fields |= {"generation": 1, "prompt_tokens": None, "completion_tokens": None}
                fields["began_at"] = fields["ended_at"]
                if fields["ended_at"] is not None:
                    piece = Piece(fields["turn_id"], answer=_answer(fields, ()))
                    self._candidates[link].append(piece)

    def _loosen(self, turn_id: int) -> None:
        """A turn of which more was found than its block has lives in its own rows."""
        block_id = self.kept.pop(turn_id, None)
        if block_id is None:
            return
        for turn in self.open(block_id):
            if turn.id == turn_id:
                for piece in pieces_of(turn):
                    self.take(piece)


def pieces_of(turn: ArchivedTurn, source: str = "", *, is_packed: bool = False) -> Iterator[Piece]:
    """The turn, link by link."""
    yield Piece(turn.id, replace(turn, answers=()), None, source, is_packed)
    for answer in turn.answers:
        yield Piece(turn.id, None, answer, source, is_packed)


def erased(piece: Piece) -> Piece:
    """What is left of it when it is forgotten; what stands in the place of something that was lost
    goes on saying so."""
    if piece.prompt is not None:
        return replace(piece, prompt=piece.prompt.tombstone())
    if piece.answer is not None and not is_lost(answer_link(piece.turn_id, piece.answer).content):
        answer = replace(piece.answer, text="", reason=None, salt=None, sources=())
        answer = replace(answer, prompt_tokens=None, completion_tokens=None)
        return replace(piece, answer=answer)
    return piece


def _turn(row: Fields) -> ArchivedTurn:
    names = ("id", "link", "at", "zone", "origin", "device", "prompt", "status")
    salt = row["salt"]
    return ArchivedTurn(
        **{name: row[name] for name in names},
        salt=None if salt is None else salt.hex(),
        hash=row["hash"].hex(),
    )


def _answer(row: Fields, sources: tuple[tuple[int, int], ...]) -> ArchivedAnswer:
    names = [name for name in ArchivedAnswer.__slots__ if name not in ("salt", "hash", "sources")]
    salt = row["salt"]
    return ArchivedAnswer(
        **{name: row[name] for name in names},
        salt=None if salt is None else salt.hex(),
        hash=row["hash"].hex(),
        sources=sources,
    )


def _ids(contents: Contents, table: str) -> Iterator[tuple[int, Values]]:
    """The rows of a table that have a number of their own."""
    if table == BLOCKS:
        return
    for key, row in contents.of(table).items():
        if isinstance(key, int):
            yield key, row
