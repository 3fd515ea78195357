"""The verification of a life as the store does it: one short look at the chain after the other,
how far they came, and what they found.

A part of the store, on its connections. When a life is verified, `vega.core.verification` knows.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from vega.core.life import records
from vega.core.life.archive import OpenBlocks
from vega.core.life.damage import find_flaw
from vega.core.life.head import Head, HeadFile
from vega.core.life.sqlite import Connection, SQLite, translated_errors
from vega.core.proof import Chain, Flaw, Place, Stretch, pack_hashes, unpack_place
from vega.core.sql import queries
from vega.errors import DatabaseDamaged, DatabaseError

#: Of flaws so many are told at a time: a life may be damaged as a whole.
TOLD_FLAWS = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of whether the life is as it was stored."""

    #: The newest run, and the last one that was whole; 0: none.
    run: int = 0
    completed_run: int = 0
    #: How far the newest run has come.
    place: Place = field(default_factory=Place)
    completed_at: datetime | None = None
    #: Up to where the last whole run came, and how many turns there were.
    head: Head = field(default_factory=lambda: Head(0, b""))
    turns: int = 0
    #: The first of them, in the order of the chain.
    flaws: tuple[Flaw, ...] = ()
    flaw_count: int = 0
    damaged_turns: tuple[int, ...] = ()
    damaged_count: int = 0
    #: What was lost by damage and stands as a hole since the life was put together anew.
    lost: tuple[Flaw, ...] = ()
    #: How many turns that is of.
    lost_count: int = 0


class VerificationStore:
    """Looks at the chain of one life, and remembers what was seen."""

    def __init__(self, database: SQLite, home: Path) -> None:
        self._db = database
        self._home = home
        #: Blocks that this run has opened: what others have read before says nothing of the file.
        self._opened = OpenBlocks()

    async def begin(self, now: datetime) -> None:
        """A new run, from the first link on."""
        self._opened.forget()
        values = {"now": records.micros(now)}

        def begin(connection: Connection) -> None:
            connection.execute(queries["begin_verification"], values)

        await self._db.write(begin)

    async def look(self, place: Place) -> Stretch:
        """What comes behind that place, as the file has it."""

        def look(connection: Connection) -> Stretch:
            # Before the life is looked at, so that it is never ahead of it.
            head_file = HeadFile(self._home)
            remembered = head_file.load()
            # What this connection has read before says nothing of the file, either.
            connection.pragma("shrink_memory")
            chain = Chain(connection, self._opened)
            found = chain.walk(place)
            if found.place is not place:
                return found
            flaws = _flaws_of_head(chain, found)
            flaws += _flaws_of_memory(chain, found.head, remembered, head_file.lost)
            return replace(found, flaws=tuple(flaws), is_end=True)

        return await self._db.read(look)

    async def save(self, place: Place, flaws: Sequence[Flaw]) -> None:
        """The run has come this far, and has found this since it was last saved."""
        await self._db.write(lambda connection: _save(connection, place, flaws))

    async def complete(self, end: Stretch, flaws: Sequence[Flaw], now: datetime) -> None:
        """The run has come to its end: what it did not find is no flaw any more."""
        self._opened.forget()

        def complete(connection: Connection) -> None:
            _save(connection, end.place, flaws)
            values = {
                "now": records.micros(now),
                "link": end.head.link,
                "hash": end.head.hash,
                "turns": connection.execute(queries["count_turns"]).get,
            }
            connection.execute(queries["complete_verification"], values)
            connection.execute(queries["drop_old_flaws"])

        await self._db.write(complete)

    async def file_flaw(self) -> str | None:
        """What is wrong with the file beside its links, in a sentence.

        Every page is read, and SQLite looks at how they fit together: seconds for each 100 MB, on
        one of the readers.
        """

        def look(connection: Connection) -> str | None:
            connection.pragma("shrink_memory")
            # FTS5 else looks at what this connection knew of the index before it was merged.
            with suppress(DatabaseError), translated_errors():
                connection.execute(queries["any_message"]).fetchall()
            try:
                with translated_errors():
                    found = find_flaw(connection)
            except DatabaseDamaged:
                found = "a page fails its checksum"
            # It says first which of a connection's databases it means, in a line of its own.
            found = found and found.splitlines()[-1]
            return f"The file that holds this life is damaged: {found}." if found else None

        return await self._db.read(look)

    async def verdict(self) -> Verdict:
        return await self._db.read(_verdict)


def _flaws_of_head(chain: Chain, found: Stretch) -> list[Flaw]:
    """What is wrong with where the life itself says that it ends."""
    head, flaws = found.head, []
    last = chain.last_link()
    if last > head.link:
        text = f"Entries {head.link + 1} to {last} stand behind the end of this life."
        flaws.append(Flaw(head.link + 1, None, text))
    if found.place.hashes and head.hash not in found.place.hashes:
        text = f"Entry {head.link} is not the one that this life says it ends with."
        flaws.append(Flaw(head.link, None, text))
    return flaws


def _flaws_of_memory(
    chain: Chain, head: Head, remembered: Head | None, lost: tuple[int, int] | None
) -> list[Flaw]:
    """What is wrong with the end by what is remembered of it outside of the database."""
    flaws = []
    if lost:
        text = f"Entries behind {lost[1]} were lost: this life had once come to entry {lost[0]}."
        flaws.append(Flaw(lost[1] + 1, None, text))
    if remembered is None:
        text = "vega.head cannot be read: that the newest entries are there cannot be proven."
        flaws.append(Flaw(head.link + 1, None, text))
    elif remembered.link > head.link:
        text = (
            f"The newest entries are missing: vega.head knows entry {remembered.link}, and this "
            f"life ends with entry {head.link}."
        )
        flaws.append(Flaw(head.link + 1, None, text))
    elif chain.hash_of(remembered.link) not in (None, remembered.hash):
        text = f"Entry {remembered.link} is not the one that vega.head remembers."
        flaws.append(Flaw(remembered.link, None, text))
    return flaws


def _save(connection: Connection, place: Place, flaws: Sequence[Flaw]) -> None:
    values = {"next_link": place.next_link, "previous_hash": pack_hashes(place)}
    connection.execute(queries["save_verification"], values)
    for flaw in flaws:
        found = {"link": flaw.link, "turn_id": flaw.turn_id, "text": flaw.text}
        connection.execute(queries["add_flaw"], found)


def _verdict(connection: Connection) -> Verdict:
    row = connection.execute(queries["verification"]).fetchone()
    if row is None:
        return Verdict()
    run, next_link, hashes, completed_run, completed_at, link, hash_, turns = row
    flaw_count, damaged_count = records.one(connection, queries["flaw_counts"])
    flaws = connection.execute(queries["flaws"], (TOLD_FLAWS,))
    damaged = connection.execute(queries["damaged_turns"], (TOLD_FLAWS,))
    lost = connection.execute(queries["lost_flaws"], (TOLD_FLAWS,))
    return Verdict(
        run=run,
        completed_run=completed_run,
        place=unpack_place(next_link, bytes(hashes)),
        completed_at=records.moment(completed_at) if completed_at is not None else None,
        head=Head(link or 0, bytes(hash_ or b"")),
        turns=turns or 0,
        flaws=tuple(Flaw(*flaw) for flaw in flaws),
        flaw_count=flaw_count,
        damaged_turns=tuple(each[0] for each in damaged),
        damaged_count=damaged_count,
        lost=tuple(Flaw(*flaw) for flaw in lost),
        lost_count=int(connection.execute(queries["count_lost_turns"]).get),
    )
