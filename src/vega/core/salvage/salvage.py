"""Puts a damaged life together anew: from all that can be read of it, and what backups have.

The damaged file is only read. The new one is made beside it, verified, and put in its place as a
restored backup is; the old one is kept. Only for whoever holds the home's lock. Killed in the
middle, it leaves the old life as it was.
"""

import contextlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from vega.core.backup.backup import count_turns
from vega.core.backup.backup_disk import check_room, translated_errors
from vega.core.backup.replacement import Replacement
from vega.core.clock import Clock
from vega.core.db import DATABASE_NAME, begin_draft, look_at_log
from vega.core.life import records, sqlite
from vega.core.life.archive import OpenBlocks
from vega.core.life.chain import LOST
from vega.core.life.damage import find_flaw
from vega.core.life.forgotten_file import Forgotten, ForgottenFile
from vega.core.life.head import Head, HeadFile
from vega.core.life.revoked_file import RevokedFile
from vega.core.proof import Chain, Flaw, Place
from vega.core.salvage.contents import Reader
from vega.core.salvage.copies import Copy, opened
from vega.core.salvage.holes import Holes, greatest_head, read_traces
from vega.core.salvage.others import write_others
from vega.core.salvage.pages import PageFile
from vega.core.salvage.pieces import Pieces
from vega.core.salvage.rebuild import TurnWriter, writing
from vega.core.salvage.schema import Table, roots_of, tables_of
from vega.core.sql import queries
from vega.errors import DatabaseDamaged, DatabaseError, VegaError
from vega.syncing import sync

log = logging.getLogger(__name__)

#: Earlier ones had other tables; whoever has such a life starts it with the Vega that it is of.
EARLIEST_SCHEMA = 4
DRAFT_SUFFIX = ".salvaged"
_GONE_ON = "What an earlier run had put together was whole; it is in place now."


@dataclass(frozen=True, slots=True)
class Loss:
    """A turn of which something could not be saved."""

    turn_id: int
    #: When it was said, as near as that is known.
    at: datetime
    #: Whether the prompt is lost; else only an answer is.
    is_prompt: bool


@dataclass(slots=True)
class Salvaged:
    """What became of a life."""

    turns: int = 0
    #: How many turns of it come from which backup, in whole or in part.
    from_backups: dict[str, int] = field(default_factory=dict)
    #: By turn.
    sources: dict[int, str] = field(default_factory=dict)
    lost: list[Loss] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    damaged_pages: int = 0
    #: What is in the new life and cannot be proven, all the same.
    flaws: list[Flaw] = field(default_factory=list)
    #: Where the damaged life is now.
    kept: Path | None = None


class Salvage:
    """Of the life in one home folder."""

    def __init__(self, home: Path, clock: Clock) -> None:
        self._home = home
        self._life = home / DATABASE_NAME
        self._draft = home / f"{DATABASE_NAME}{DRAFT_SUFFIX}.new"
        #: Whole and verified: what is left is to put it in place.
        self._done = home / f"{DATABASE_NAME}{DRAFT_SUFFIX}"
        self._clock = clock

    def look(self) -> str | None:
        """What is wrong with the life, in a sentence, where only this mends it. It is only read."""
        head_file = HeadFile(self._home)
        remembered = head_file.load()
        if not self._life.exists() or not self._life.stat().st_size:
            return "It is missing or empty." if remembered or self._life.exists() else None
        try:
            # SQLite itself would drop what stands behind damage.
            look_at_log(self._home)
            life = sqlite.connect(self._life, read_only=True)
            with contextlib.closing(life), sqlite.translated_errors():
                flaw = find_flaw(life)
                if flaw is not None:
                    return flaw.splitlines()[-1]
                head = records.read_head(life)
                if remembered is not None and remembered.link > head.link:
                    return f"Its end is missing: entries {head.link + 1} to {remembered.link}."
                return next((each.text for each in _flaws(life)), None)
        except VegaError as exc:
            return str(exc)

    def perform(self, backups: Sequence[Path]) -> Salvaged:
        """The life is in place, put together anew; the backups come the newest first.

        Raises DatabaseDamaged where nothing is left of it at all, NoRoomForBackup, StorageFull,
        DatabaseError.
        """
        replacement = Replacement(self._home, self._clock)
        with translated_errors():
            if self._done.exists() and not self._life.exists():
                # It was killed when the damaged life had been moved away.
                with contextlib.closing(sqlite.connect_still(self._done)) as done:
                    head = records.read_head(done)
                    turns = count_turns(done)
                replacement.put(self._done, head, None, is_other_life=False)
                return Salvaged(turns, notes=[_GONE_ON])
            self._done.unlink(missing_ok=True)
            size = self._life.stat().st_size if self._life.exists() else 0
            check_room(self._home, max([size, *(path.stat().st_size for path in backups[:1])]))
            begin_draft(self._draft)
            try:
                found, head = self._fill(backups)
                sync(self._draft)
                found.flaws = self._verified()
            except BaseException:
                self._remove_draft()
                raise
            self._draft.rename(self._done)
            sync(self._home)
            found.kept = replacement.put(self._done, head, None, is_other_life=False)
        return found

    def _fill(self, backups: Sequence[Path]) -> tuple[Salvaged, Head]:
        with (
            PageFile(self._life) as file,
            opened(list(backups)) as copies,
            writing(self._draft) as connection,
        ):
            today = tables_of(connection)
            reader = self._reader(file, connection, today, copies)
            contents = reader.read()
            ledger = ForgottenFile(self._home).load()
            pieces = Pieces(contents, reader, today, ledger or Forgotten())
            remembered = HeadFile(self._home).load()
            for copy in copies:
                copy.compare(pieces.hashes, remembered)
            heads = [Head(*row) for row in _heads(today, contents.of("chain_head"))]
            heads += [remembered] if remembered else []
            told = greatest_head([], pieces.hashes)
            is_whole = all(told.link >= each.link for each in heads)
            heads += [copy.head for copy in copies if copy.is_of_this_life]
            head = greatest_head(heads, pieces.hashes)
            if not head.link and not pieces.turn_ids():
                raise DatabaseDamaged(
                    f"Nothing can be read of the life in {self._home} any more, and there is no "
                    "backup that has any of it. It was left as it is."
                )
            _find_missing(pieces, copies, head)
            holes = Holes(pieces, read_traces(contents), head, self._today())
            holes.fill()
            found = self._write(connection, pieces, today, copies, head, is_whole=is_whole)
            found.damaged_pages = contents.damaged_pages + file.log.damaged_frames
            found.lost = [
                Loss(turn_id, records.moment(holes.time_of(turn_id)), is_prompt)
                for turn_id, is_prompt in sorted(holes.lost.items())
            ]
            if ledger is None and found.sources:
                found.notes.append(
                    "vega.forgotten is missing, so that nothing says what was forgotten after the "
                    "backups were made: look whether something of it is there again."
                )
            return found, head

    def _reader(
        self,
        file: PageFile,
        connection: sqlite.Connection,
        today: Mapping[str, Table],
        copies: Sequence[Copy],
    ) -> Reader:
        """Of the life's pages, by the tables as they were when it was last migrated."""
        newest = int(connection.pragma("user_version") or 0)
        first = file.image(1)
        version = int.from_bytes(first.data[60:64]) if first and first.is_sound else 0
        version = version or next((copy.version for copy in copies), newest)
        if not EARLIEST_SCHEMA <= version <= newest:
            raise DatabaseError(
                f"The damaged life was written by another version of Vega (schema {version}; this "
                f"one puts together {EARLIEST_SCHEMA} to {newest}). Nothing was changed."
            )
        guessed = next((copy.roots for copy in copies if copy.version == version), None)
        if version == newest:
            return Reader(file, today, today, guessed or roots_of(connection))
        tables = next((copy.tables for copy in copies if copy.version == version), None)
        return Reader(file, tables or _tables_at(version), today, guessed or {})

    def _write(
        self,
        connection: sqlite.Connection,
        pieces: Pieces,
        tables: Mapping[str, Table],
        copies: Sequence[Copy],
        head: Head,
        *,
        is_whole: bool,
    ) -> Salvaged:
        turns = TurnWriter(connection, pieces, tables)
        turns.write()
        turns.count(_entered(tables, pieces))
        connection.execute(queries["set_head"], {"link": head.link, "hash": head.hash})
        revoked = RevokedFile(self._home).load()
        notes = write_others(connection, pieces, tables, copies, revoked=revoked, is_whole=is_whole)
        for name, seq in pieces.contents.sequences.items():
            if name in tables:
                connection.execute(queries["begin_sequence"], {"name": name, "seq": seq})
                connection.execute(queries["raise_sequence"], {"name": name, "seq": seq})
        last = int(connection.execute(queries["greatest_turn_id"]).get)
        values = {"next": last + 1, "last": last, "is_beside": False}
        connection.execute(queries["set_index_rebuild"], values)
        connection.execute(queries["await_embedding_of_all"], {"first": 1, "last": last})
        counts = Counter(pieces.sources.values())
        count = len(pieces.turn_ids()) - len(turns.unplaced)
        return Salvaged(count, dict(counts), dict(pieces.sources), notes=notes)

    def _verified(self) -> list[Flaw]:
        """What is in the draft and cannot be proven. Raises DatabaseDamaged where it is no sound
        database."""
        with contextlib.closing(sqlite.connect_still(self._draft)) as draft:
            with sqlite.translated_errors():
                flaw = find_flaw(draft)
            if flaw is not None:
                raise DatabaseDamaged(f"What was put together is no sound database: {flaw}.")
            return list(_flaws(draft))

    def _remove_draft(self) -> None:
        for path in (self._draft, *(Path(f"{self._draft}{end}") for end in ("-wal", "-shm"))):
            path.unlink(missing_ok=True)

    def _today(self) -> str:
        return f"{self._clock.now().astimezone(ZoneInfo(self._clock.zone)):%Y-%m-%d}"


def shape(found: Salvaged) -> dict[str, Any]:
    """As it is shown."""
    return {
        "turns": found.turns,
        "from_backups": found.from_backups,
        "mended": [
            {"turn_id": turn_id, "backup": name} for turn_id, name in sorted(found.sources.items())
        ],
        "lost": [
            {"turn_id": each.turn_id, "at": each.at.isoformat(), "is_prompt": each.is_prompt}
            for each in found.lost
        ],
        "notes": found.notes,
        "damaged_pages": found.damaged_pages,
        "flaws": [each.text for each in found.flaws],
        "kept": str(found.kept) if found.kept else None,
    }


def _find_missing(pieces: Pieces, copies: Sequence[Copy], head: Head) -> None:
    """Link by link, so that each proves the next: of the damaged pages, then of the backups."""
    for link in range(1, head.link + 1):
        if link in pieces.hashes:
            continue
        before = b"" if link == 1 else pieces.hashes.get(link - 1)
        if before is not None:
            proven = (each for each in pieces.candidates(link) if each.follows(before))
            piece = next(proven, None)
            if piece is not None:
                pieces.take(piece)
                continue
        found = next(filter(None, (copy.piece(link) for copy in copies)), None)
        if found is not None:
            pieces.take(found)


def _flaws(life: sqlite.Connection) -> Iterator[Flaw]:
    """What of a life cannot be proven, but for what is known to be lost."""
    chain, place = Chain(life, OpenBlocks()), Place()
    while True:
        with sqlite.snapshot(life):
            found = chain.walk(place)
        for flaw in found.flaws:
            if not flaw.text.startswith(LOST):
                yield flaw
        if found.place is place:
            return
        place = found.place


def _heads(tables: Mapping[str, Table], rows: Mapping[object, Any]) -> list[tuple[int, bytes]]:
    names = tables["chain_head"].names
    found = [dict(zip(names, row, strict=True)) for row in rows.values()]
    return [(row["link"], row["hash"]) for row in found]


def _entered(tables: Mapping[str, Table], pieces: Pieces) -> dict[str, int]:
    """How many turns ever came into each tier."""
    names = tables["tier_totals"].names
    found = [
        dict(zip(names, row, strict=True)) for row in pieces.contents.of("tier_totals").values()
    ]
    return {str(row["tier"]): int(row["entered_count"]) for row in found}  # type: ignore[arg-type]


def _tables_at(version: int) -> dict[str, Table]:
    """As they were in an earlier schema."""
    with TemporaryDirectory() as folder:
        draft = Path(folder) / DATABASE_NAME
        begin_draft(draft, until=version)
        with contextlib.closing(sqlite.connect_still(draft)) as connection:
            return tables_of(connection)
