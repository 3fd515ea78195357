"""The store: the only module that runs queries. One method per thing that is asked of it.

Every write is one transaction, on the disk when the call returns.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vega.core import db
from vega.core.conversation import NewTurn, Outcome, Turn, TurnStatus
from vega.core.life import blocks, records
from vega.core.life.archive_store import ArchiveStore
from vega.core.life.context_store import ContextStore, add_context
from vega.core.life.device_store import DeviceStore
from vega.core.life.digest_store import DigestStore
from vega.core.life.disk import Disk
from vega.core.life.embedding_store import EmbeddingStore
from vega.core.life.fact_store import FactStore
from vega.core.life.forget_store import ForgetStore
from vega.core.life.head import Head, HeadFile
from vega.core.life.import_store import ImportStore
from vega.core.life.key_store import KeyStore
from vega.core.life.reading_store import ReadingStore, take_statements
from vega.core.life.recall_store import RecallStore
from vega.core.life.repair_store import RepairStore
from vega.core.life.revoked_file import RevokedFile
from vega.core.life.search_store import SearchStore
from vega.core.life.sqlite import Connection, SQLite
from vega.core.life.talk_store import TalkStore
from vega.core.life.upkeep_store import UpkeepStore
from vega.core.life.verification_store import VerificationStore
from vega.core.life.word_index_store import WordIndexStore
from vega.core.memory import Statement, Tier, TierTotal
from vega.core.sent_context import SentContext
from vega.core.sql import queries
from vega.errors import KeyReused, StorageFull, TurnEnded, TurnForgotten


@dataclass(frozen=True, slots=True)
class Link:
    """One link of the chain as an event: a turn's prompt was stored, or an answer to it ended."""

    number: int
    #: The turn with that answer, or as it is now where its prompt was stored.
    turn: Turn
    is_answer: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Where the context's recent turns begin, and the system message that stands before them."""

    preamble: str
    first_at: datetime
    first_id: int


class Store:
    """One life. Methods are safe to await from anywhere; writes happen one at a time."""

    def __init__(self, database: SQLite, session_id: str, head_file: HeadFile, disk: Disk) -> None:
        self.session_id = session_id
        #: What the owner must be told about this life.
        self.attention: list[str] = []
        #: The newest link of the chain; 0 before the first prompt.
        self.newest_link = 0
        #: Each is called with a count when so many turns have ended, or were imported.
        self.on_stored: list[Callable[[int], None]] = []
        revoked = RevokedFile(head_file.path.parent)
        self.keys = KeyStore(database, revoked)
        self.devices = DeviceStore(database, revoked)
        self.archive = ArchiveStore(database)
        self.contexts = ContextStore(database)
        self.talk = TalkStore(database)
        self.digests = DigestStore(database)
        self.facts = FactStore(database)
        self.readings = ReadingStore(database)
        self.forgetting = ForgetStore(database, head_file.path.parent / db.DATABASE_NAME)
        self.upkeep = UpkeepStore(database)
        self.verification = VerificationStore(database, head_file.path.parent)
        self.repair = RepairStore(database)
        self.imports = ImportStore(database, disk, self._take_import)
        self.word_index = WordIndexStore(database, disk)
        self.search = SearchStore(self.word_index)
        self.recall = RecallStore(self.word_index)
        self.embedding = EmbeddingStore(database)
        self.disk = disk
        self._db = database
        self._head_file = head_file

    @classmethod
    async def open(cls, home: Path) -> "Store":
        """The life in that folder, made where none was ever begun.

        Raises LifeRefused, LogDamaged.
        """
        disk = Disk(home)
        notice = await asyncio.to_thread(db.look_at_log, home)
        database = db.open_life(home, disk)
        session_id = await database.read(db.permanent_session_id)
        store = cls(database, session_id, HeadFile(home), disk)
        store.attention += [notice] if notice else []
        await store._look_for_lost_tail()
        return store

    async def close(self) -> None:
        await self._db.close()
        self.forgetting.close()

    async def shrink(self) -> int:
        """Let go of what is kept in RAM to read faster: how many bytes of pages it had."""
        blocks.forget_open_blocks()
        return await self._db.shrink()

    async def _look_for_lost_tail(self) -> None:
        """Compares the life with what the head file remembers of it."""

        def look(connection: Connection) -> tuple[Head, bytes | None]:
            return records.read_head(connection), records.find_hash(connection, link)

        known = self._head_file.load()
        remembered = known or Head(0, b"")
        link = remembered.link
        head, known_hash = await self._db.read(look)
        # A hash that is in a damaged block cannot be read, but its entry is there.
        if head.link < link or known_hash not in (None, remembered.hash):
            self._head_file.lost = (link, head.link)
        if self._head_file.lost:
            had, found = self._head_file.lost
            self.attention.append(
                f"The newest entries of this life are missing: it had come to entry {had}, and "
                f"the database was found to end at {found}. Restore a backup that has them."
            )
        elif known is None and head.link:
            self.attention.append(
                "vega.head was missing or could not be read, so nothing can tell whether this life "
                "has lost its newest entries. From now on it is kept again."
            )
        self.newest_link = head.link
        self._head_file.save(head)

    # Turns

    async def accept_turn(self, new: NewTurn) -> tuple[Turn, bool]:
        """Stores a prompt as a pending turn: the turn, and whether it is new.

        An idempotency key that is known gives its turn; with another prompt it raises KeyReused.
        Raises StorageFull where the disk has no room for new turns.
        """

        def accept(connection: Connection) -> tuple[Turn, Head | None]:
            if new.idempotency_key is not None:
                known = connection.execute(queries["turn_of_key"], (new.idempotency_key,)).get
                if known is not None:
                    turn = records.read_turn(connection, known)
                    if turn.forgotten_at is not None:
                        raise TurnForgotten(turn.id)
                    if turn.prompt != new.prompt:
                        raise KeyReused
                    return turn, None
            self.disk.require_room()
            turn_id, head = records.add_turn(connection, new)
            return records.read_turn(connection, turn_id), head

        turn, head = await self._db.write(accept)
        self._remember(head)
        return turn, head is not None

    async def turn(self, turn_id: int) -> Turn:
        """Raises TurnNotFound."""
        return await self._db.read(lambda connection: records.read_turn(connection, turn_id))

    async def find_turn_of_key(self, idempotency_key: str) -> Turn | None:
        def find(connection: Connection) -> Turn | None:
            known = connection.execute(queries["turn_of_key"], (idempotency_key,)).get
            return None if known is None else records.read_turn(connection, known)

        return await self._db.read(find)

    async def take_up_turns(self) -> list[Turn]:
        """At start: every turn that waits for its answer, in order of arrival.

        Those that were being answered when the process died are counted as interrupted.
        """

        def take_up(connection: Connection) -> list[Turn]:
            connection.execute(queries["interrupt_turns"])
            return records.read_turns(connection, queries["waiting_turn_ids"])

        try:
            return await self._db.write(take_up)
        except StorageFull:
            # Nothing of it was counted, and the disk is to blame; they wait for room.
            return await self._db.read(
                lambda connection: records.read_turns(connection, queries["waiting_turn_ids"])
            )

    async def lay_down_turns(self) -> None:
        """At a clean end: whatever is being answered waits, uninterrupted, for the next start."""

        def lay_down(connection: Connection) -> None:
            connection.execute(queries["lay_down_turns"])

        await self._db.write(lay_down)

    async def history(self, limit: int, before: tuple[datetime, int] | None = None) -> list[Turn]:
        """The newest turns by chronology, newest first; or those before a place (at, id) in it."""

        def find(connection: Connection) -> list[Turn]:
            if before is None:
                return records.read_turns(connection, queries["newest_turn_ids"], {"limit": limit})
            place = {"at": records.micros(before[0]), "id": before[1], "limit": limit}
            return records.read_turns(connection, queries["turn_ids_before"], place)

        return await self._db.read(find)

    async def links_after(self, number: int, limit: int) -> list[Link]:
        """What happened after that link, in its order; of imports nobody is told."""

        def find(connection: Connection) -> list[Link]:
            rows = connection.execute(queries["links_after"], {"link": number, "limit": limit})
            return [
                Link(
                    link,
                    records.read_turn_as_it_is(connection, turn_id, answer),
                    answer is not None,
                )
                for link, turn_id, answer in list(rows)
            ]

        return await self._db.read(find)

    # Answers

    async def begin_attempt(self, turn_id: int, generation: int, text: str, now: datetime) -> None:
        """The turn is being answered: its answer begins with this text, in this generation.

        Raises TurnEnded when it is no longer waiting.
        """

        def begin(connection: Connection) -> None:
            connection.execute(queries["begin_attempt"], (turn_id,))
            if connection.changes() != 1:
                raise TurnEnded
            row = connection.execute(queries["writing_answer"], (turn_id,)).fetchone()
            if row:
                answer = {"id": row[0], "generation": generation, "text": text}
                connection.execute(queries["rewrite_answer"], answer)
            else:
                records.add_answer(connection, turn_id, now, generation=generation, text=text)

        await self._db.write(begin)

    async def save_part(self, turn_id: int, generation: int, text: str) -> None:
        """What there is of the answer so far. The turn makes progress: no interruption counts."""

        def save(connection: Connection) -> None:
            part = {"turn_id": turn_id, "generation": generation, "text": text}
            connection.execute(queries["save_part"], part)
            connection.execute(queries["note_progress"], (turn_id,))

        await self._db.write(save)

    async def count_failed_attempt(self, turn_id: int) -> int:
        """How many attempts the model has failed at this turn, this one included.

        Raises TurnEnded when it is no longer waiting.
        """

        def count(connection: Connection) -> int:
            attempts = connection.execute(queries["count_failed_attempt"], (turn_id,)).get
            if attempts is None:
                raise TurnEnded
            return int(attempts)

        return await self._db.write(count)

    async def end_turn(
        self,
        turn_id: int,
        outcome: Outcome,
        statements: Sequence[Statement],
        now: datetime,
        sent: SentContext | None = None,
    ) -> Turn:
        """The answer has ended, with what the prompt stated as facts and what was sent for it: the
        turn as it now is. Raises TurnEnded when it had ended before: no turn is answered twice.
        """

        def end(connection: Connection) -> tuple[Turn, Head]:
            turn = records.read_turn(connection, turn_id)
            if turn.status.is_end:
                raise TurnEnded
            is_answered = records.is_answered(connection, turn_id)
            head = records.end_answer(connection, turn_id, outcome, now)
            if sent is not None and outcome.model is not None:
                add_context(connection, turn_id, sent, outcome, now)
            # Asked again in vain, it is still answered.
            is_vain = outcome.status is TurnStatus.FAILED or not outcome.text
            status = TurnStatus.COMPLETED if is_vain and is_answered else outcome.status
            connection.execute(queries["set_turn_status"], {"id": turn_id, "status": status})
            if not is_answered:
                take_statements(connection, turn, outcome, statements)
            return records.read_turn(connection, turn_id), head

        turn, head = await self._db.write(end)
        self._remember(head)
        self._tell_stored(1)
        return turn

    async def ask_again(self, turn_id: int) -> Turn:
        """The ended turn waits for one more answer, and comes back from the archive for it.

        Raises TurnNotFound, TurnForgotten, TurnDamaged, StorageFull; a waiting one stays.
        """

        def ask(connection: Connection) -> Turn:
            self.disk.require_room()
            if connection.execute(queries["is_forgotten"], (turn_id,)).get:
                raise TurnForgotten(turn_id)
            blocks.bring_back_turn(connection, turn_id)
            connection.execute(queries["ask_again"], (turn_id,))
            return records.read_turn(connection, turn_id)

        return await self._db.write(ask)

    # The context window, keys, totals

    async def find_window(self) -> Window | None:
        def find(connection: Connection) -> Window | None:
            row = connection.execute(queries["context_window"]).fetchone()
            return Window(row[0], records.moment(row[1]), row[2]) if row else None

        return await self._db.read(find)

    async def set_window(self, window: Window) -> None:
        values = {
            "preamble": window.preamble,
            "first_at": records.micros(window.first_at),
            "first_id": window.first_id,
        }

        def replace(connection: Connection) -> None:
            connection.execute(queries["set_context_window"], values)

        await self._db.write(replace)

    async def tier_totals(self) -> dict[Tier, TierTotal]:
        def find(connection: Connection) -> dict[Tier, TierTotal]:
            rows = connection.execute(queries["tier_totals"])
            return {Tier(tier): TierTotal(*total) for tier, *total in rows}

        return await self._db.read(find)

    async def check_writable(self) -> None:
        """Raises a DatabaseError when the store cannot be written, or soon cannot."""

        def touch(connection: Connection) -> None:
            self.disk.require_room()
            connection.execute(queries["touch"])

        await self._db.write(touch)

    def _take_import(self, head: Head, turn_count: int) -> None:
        self._remember(head)
        self._tell_stored(turn_count)

    def _tell_stored(self, turn_count: int) -> None:
        for tell in self.on_stored:
            tell(turn_count)

    def _remember(self, head: Head | None) -> None:
        if head is not None:
            self.newest_link = max(self.newest_link, head.link)
            self._head_file.save(head)
