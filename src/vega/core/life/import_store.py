"""Messages from elsewhere as the store takes them: each once, in short transactions.

A part of the store, on its connections. An assistant's message is the answer to the user's right
before it; every other message is a turn of its own, with one side empty. It does not matter where
a request, a transaction or the process ended between two messages: what the store knows of the
one before decides.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from vega.core.clock import Clock
from vega.core.conversation import IMPORT_ORIGIN, NewTurn, Outcome, TurnStatus
from vega.core.importing import Line, Message, Refusal, Role, read_line
from vega.core.life import blocks, records
from vega.core.life.disk import Disk
from vega.core.life.head import Head
from vega.core.life.sqlite import Connection, SQLite
from vega.core.sql import queries
from vega.errors import TurnDamaged

#: Of one transaction: a turn that comes meanwhile waits until it is over.
BATCH_MESSAGES = 50
BATCH_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the lines: each is counted once."""

    imported: int = 0
    skipped: int = 0
    failed: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an import has come to between two transactions."""

    report: Report = Report()
    #: The turn of the user's message right before the next one.
    waiting_id: int | None = None
    #: What this transaction added: the newest link of the chain, and turns.
    head: Head | None = None
    turns: int = 0


class ImportStore:
    """What came into one life from elsewhere."""

    def __init__(
        self, database: SQLite, disk: Disk, on_imported: Callable[[Head, int], None]
    ) -> None:
        """`on_imported` is told after each transaction: the new head, and how many turns came."""
        #: Held from the first line that is read, so that one request's lines alone are in RAM.
        self.one_at_a_time = asyncio.Lock()
        self._db = database
        self._disk = disk
        self._on_imported = on_imported

    async def take(self, lines: Sequence[Line], clock: Clock) -> Report:
        """Stores what these lines say. What is known is skipped, what is no good is refused.

        Raises StorageFull; what was stored before stays, and is skipped the next time.
        """
        place: _Place | None = None
        for batch in _batches(lines):
            now = clock.now()
            entries = [read_line(line, now, clock.zone) for line in batch]
            if place is None:
                place = _Place(waiting_id=await self._find_waiting(entries[0]))
            place = await self._add(entries, place)
        return place.report if place else Report()

    async def _add(self, entries: Sequence[Message | Refusal], place: _Place) -> _Place:
        def add(connection: Connection) -> _Place:
            self._disk.require_room()
            reached = replace(place, head=None, turns=0)
            for entry in entries:
                reached = _take(connection, entry, reached)
            return reached

        reached = await self._db.write(add)
        if reached.head is not None:
            self._on_imported(reached.head, reached.turns)
        return reached

    async def _find_waiting(self, first: Message | Refusal) -> int | None:
        """The turn that the first message of a request may be the answer to: the one that was
        imported last, where it is of no later time."""
        if isinstance(first, Refusal):
            return None
        row = await self._db.read(
            lambda connection: connection.execute(queries["newest_import"]).fetchone()
        )
        return row[0] if row and row[1] <= records.micros(first.at) else None


def _batches(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines in groups that make short transactions."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        length = len(line.content or b"")
        if batch and (len(batch) == BATCH_MESSAGES or size + length > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += length
    if batch:
        yield batch


def _take(connection: Connection, entry: Message | Refusal, place: _Place) -> _Place:
    """One line: where the import has come to behind it."""
    report = place.report
    if isinstance(entry, Refusal):
        return replace(place, report=_failed(report, entry), waiting_id=None)
    known = connection.execute(queries["import_of"], (entry.external_id,)).fetchone()
    if known is not None:
        turn_id, role, is_forgotten = known
        if is_forgotten:
            # What was forgotten does not come back.
            return replace(place, report=_skipped(report), waiting_id=None)
        error = _contradiction(connection, entry, turn_id, Role(role))
        if error is not None:
            refusal = Refusal(entry.line, error)
            return replace(place, report=_failed(report, refusal), waiting_id=None)
        report = _skipped(report)
        waiting_id = turn_id if entry.role is Role.USER else None
        return replace(place, report=report, waiting_id=waiting_id)
    turn_id, head = _store(connection, entry, place.waiting_id)
    values = {
        "external_id": entry.external_id,
        "turn_id": turn_id,
        "role": entry.role,
        "name": entry.name,
    }
    connection.execute(queries["add_import"], values)
    return _Place(
        report=replace(report, imported=report.imported + 1),
        waiting_id=turn_id if entry.role is Role.USER else None,
        head=head,
        turns=place.turns + (turn_id != place.waiting_id),
    )


def _store(connection: Connection, message: Message, waiting_id: int | None) -> tuple[int, Head]:
    """The turn that the message is part of, and the new head."""
    is_answer = message.role is Role.ASSISTANT
    if is_answer and waiting_id is not None and _is_unanswered(connection, waiting_id):
        # A cleanup may have been there meanwhile.
        blocks.bring_back_turn(connection, waiting_id)
        return waiting_id, _answer(connection, waiting_id, message)
    prompt = "" if is_answer else message.text
    new = NewTurn(prompt=prompt, at=message.at, zone=message.zone, origin=IMPORT_ORIGIN)
    turn_id, head = records.add_turn(connection, new, TurnStatus.COMPLETED)
    if prompt:
        connection.execute(queries["await_reading"], (turn_id, False))
    return turn_id, _answer(connection, turn_id, message) if is_answer else head


def _answer(connection: Connection, turn_id: int, message: Message) -> Head:
    outcome = Outcome(TurnStatus.COMPLETED, message.text)
    return records.end_answer(connection, turn_id, outcome, message.at)


def _is_unanswered(connection: Connection, turn_id: int) -> bool:
    """Whether no answer has come, and none is awaited because the owner has asked again."""
    try:
        turn = blocks.read_original(connection, turn_id)
    except TurnDamaged:
        return False
    if connection.execute(queries["is_forgotten"], (turn_id,)).get:
        return False
    return turn.status == TurnStatus.COMPLETED and not turn.answers


def _contradiction(
    connection: Connection, message: Message, turn_id: int, role: Role
) -> str | None:
    """How a message differs from the one that was stored under its external_id, if it does."""
    try:
        turn = blocks.read_original(connection, turn_id)
    except TurnDamaged as exc:
        return f"external_id: is known already, and cannot be compared. {exc}"
    # The owner may have asked again since: the imported answer is the first.
    stored = turn.prompt if role is Role.USER else turn.answers[0].text
    if (role, stored) == (message.role, message.text):
        return None
    what = "text" if role is message.role else "role"
    return f"external_id: is known already, as turn {turn_id}, with another {what}."


def _skipped(report: Report) -> Report:
    return replace(report, skipped=report.skipped + 1)


def _failed(report: Report, refusal: Refusal) -> Report:
    return replace(report, failed=(*report.failed, refusal))
