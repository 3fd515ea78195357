"""The messages of one life whose vectors are still to be made.

A part of the store, on its connections. A message waits from the transaction that stores it until
its vectors are on the disk.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vega.core.clock import local_day
from vega.core.importing import Role
from vega.core.life import blocks, records, word_index
from vega.core.life.sqlite import Connection, SQLite, translated_errors
from vega.core.sql import queries
from vega.errors import DatabaseDamaged, NotFound, TurnNotFound

#: Of one transaction in which all messages are queued again.
TURNS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that waits, as it was said."""

    #: As in the full-text index: 2n is the prompt of turn n, 2n + 1 its answers.
    id: int
    role: Role
    #: The speaker's, where it came with one.
    name: str | None
    #: Empty where there is nothing to embed, or it cannot be read.
    text: str
    at: datetime
    #: The owner's IANA zone then, and their day in days since 1970.
    zone: str
    day: int
    #: Whether its original is damaged.
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some turns of a life that follow each other, as vectors should know them."""

    #: Those that were not forgotten.
    turn_ids: tuple[int, ...]
    #: Their messages that do not wait; none while the index of words does not know all of them.
    settled_ids: tuple[int, ...]


class EmbeddingStore:
    """What waits in one life."""

    def __init__(self, database: SQLite) -> None:
        self._db = database
        #: Each is called when messages wait again.
        self.on_queued: list[Callable[[], None]] = []

    async def waiting(self, limit: int) -> list[WaitingMessage]:
        """The newest that wait."""

        def find(connection: Connection) -> list[WaitingMessage]:
            rows: Sequence[Sequence[Any]] = connection.execute(
                queries["newest_unembedded"], {"limit": limit}
            ).fetchall()
            return [_message(connection, row[0]) for row in rows]

        return await self._db.read(find)

    async def done(self, messages: Sequence[WaitingMessage]) -> None:
        """These wait no more, but for those whose text is another one by now."""

        def end(connection: Connection) -> None:
            for message in messages:
                # A prompt stays as it is; a turn may have got another answer.
                if (
                    message.role is Role.ASSISTANT
                    and not message.is_damaged
                    and _message(connection, message.id).text != message.text
                ):
                    continue
                connection.execute(queries["end_embedding"], (message.id,))

        await self._db.write(end)

    async def count(self) -> int:
        """How many wait."""
        return await self._db.read(
            lambda connection: int(connection.execute(queries["count_unembedded"]).get)
        )

    async def last_message_id(self) -> int:
        """No message has a greater one."""
        return 2 * await self._last_turn_id() + 1

    async def queue(self, message_ids: Collection[int]) -> None:
        """These wait again."""

        def add(connection: Connection) -> None:
            for message_id in message_ids:
                connection.execute(queries["await_embedding"], (message_id,))

        await self._db.write(add)
        self.tell_queued()

    async def queue_all(self) -> None:
        """Every message waits again."""
        last = await self._last_turn_id()
        for first in range(1, last + 1, TURNS_AT_ONCE):
            values = {"first": first, "last": first + TURNS_AT_ONCE - 1}

            def add(connection: Connection, values: dict[str, int] = values) -> None:
                connection.execute(queries["await_embedding_of_all"], values)

            await self._db.write(add)
        self.tell_queued()

    def tell_queued(self) -> None:
        """Messages wait again."""
        for tell in self.on_queued:
            tell()

    async def stretch(self, first_turn_id: int, last_turn_id: int) -> Stretch:
        """The turns from one up to another. Raises DatabaseError."""

        def find(connection: Connection) -> Stretch:
            values = {"first": first_turn_id, "last": last_turn_id}
            rows = connection.execute(queries["turns_to_be_indexed"], values)
            turn_ids = tuple(row[0] for row in rows)
            rebuild = word_index.find_rebuild(connection)
            if rebuild is not None and not rebuild.is_beside:
                return Stretch(turn_ids, ())
            rows = connection.execute(queries["messages_embedded"], values)
            alive = set(turn_ids)
            return Stretch(turn_ids, tuple(id_ for (id_,) in rows if id_ // 2 in alive))

        return await self._db.read(find)

    async def _last_turn_id(self) -> int:
        return await self._db.read(
            lambda connection: int(connection.execute(queries["last_turn_to_embed"]).get)
        )


def _message(connection: Connection, message_id: int) -> WaitingMessage:
    turn_id = message_id // 2
    role = Role.ASSISTANT if message_id % 2 else Role.USER
    try:
        with translated_errors():
            values = {"turn_id": turn_id, "role": role}
            place = connection.execute(queries["message_place"], values).fetchone()
            if connection.execute(queries["is_forgotten"], (turn_id,)).get:
                raise TurnNotFound(turn_id)
            turn = blocks.read_original(connection, turn_id)
    except (DatabaseDamaged, NotFound) as exc:
        is_damaged = isinstance(exc, DatabaseDamaged)
        return WaitingMessage(message_id, role, None, "", records.moment(0), "UTC", 0, is_damaged)
    text, at = turn.prompt, turn.at
    if role is Role.ASSISTANT:
        text = turn.answers_text
        at = turn.answers[0].ended_at if turn.answers else at
    return WaitingMessage(
        id=message_id,
        role=role,
        name=place[2] if place else None,
        text=text,
        at=records.moment(at),
        zone=turn.zone,
        day=local_day(at, turn.zone),
    )
