"""The full-text index of one life: asked, checked, and made anew where it is damaged.

A part of the store, on its connections. Who searches reads through `WordIndexStore.read`, and so
never fails for what the index holds: it is in the turns, too.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import apsw

from vega.core.life import blocks, word_index
from vega.core.life.damage import unchecked
from vega.core.life.disk import Disk
from vega.core.life.sqlite import Connection, SQLite, transaction, translated_errors
from vega.core.sql import queries
from vega.errors import DatabaseDamaged, DatabaseError, NotFound

log = logging.getLogger(__name__)

#: Of one look at the index: some milliseconds, on a reader.
CHECKED_BLOCKS = 200
CHECKED_TERMS = 2_000
CHECKED_TURNS = 500
#: Of one transaction in which it is made anew: some 50 ms, for which a turn may have to wait.
TURNS_AT_ONCE = 250
CHARS_AT_ONCE = 100_000
#: Room on the disk that is left to the turns.
SPARED_BYTES = 64 * 1024 * 1024
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class WordsReport:
    """How far the index of words is."""

    #: Whether it is being made anew, and how many turns are in it, of so many.
    is_rebuilding: bool
    done: int
    total: int
    #: Whether a search finds every message that it should.
    is_complete: bool

    @property
    def percent(self) -> int:
        """Of the turns, rounded down."""
        return 100 * self.done // self.total if self.total else 100


class WordIndexStore:
    """The index of one life."""

    def __init__(self, database: SQLite, disk: Disk) -> None:
        self._db = database
        self._disk = disk
        #: Called, from any thread, when the index was damaged and begins anew.
        self.on_begun: Callable[[], None] = lambda: None
        #: Leftovers that hold together no more, which cannot be dropped.
        self._stuck: set[str] = set()
        database.mend = word_index.set_aside
        database.on_mended = self._tell_begun

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """The result of `work`, which asks the index, on a connection that only searches.

        A damaged index is set aside, and `work` asks the one that takes its place. Raises
        DatabaseError for everything else.
        """
        try:
            return await self._db.search(work)
        except DatabaseError as exc:
            if not await self._is_index_to_blame(exc):
                raise
            log.warning("A search met a damaged index of words: %s", exc)
        await self.set_aside()
        return await self._db.search(work)

    async def report(self) -> WordsReport:
        """Raises DatabaseError."""

        def look(connection: Connection) -> WordsReport:
            last = int(connection.execute(queries["greatest_turn_id"]).get)
            rebuild = word_index.find_rebuild(connection)
            if rebuild is None:
                return WordsReport(is_rebuilding=False, done=last, total=last, is_complete=True)
            done = max(0, last + 1 - rebuild.next_turn_id)
            return WordsReport(
                is_rebuilding=True, done=done, total=last, is_complete=rebuild.is_beside
            )

        return await self._db.read(look)

    async def begin(self) -> None:
        """The index is made anew beside the old one, where it is not being made already."""
        await self._db.write(word_index.begin)
        self.on_begun()

    async def set_aside(self) -> None:
        """The index is made anew, in the place of what is left of it."""
        await self._db.write(word_index.set_aside)
        self._tell_begun()

    async def go_on(self) -> bool:
        """One step of making it anew: whether there is more to be done.

        Raises StorageFull where the turns need the room that is left.
        """
        if await self._db.read(word_index.find_rebuild) is None:
            return False
        self.require_room()
        return await self._db.write(_go_on)

    def require_room(self) -> None:
        """Raises StorageFull where an index that is to be made anew has to wait for room."""
        self._disk.require_spare(SPARED_BYTES, "a new index of words")

    async def drop_some(self) -> bool:
        """One step of dropping an index that was set aside: whether there is more to be done."""
        names = [name for name in await self._leftovers() if name not in self._stuck]
        if not names:
            return False
        name = names[0]
        try:
            # Not `write`, which would take its damage for that of the index.
            await self._db.write_alone(partial(_drop_some, name=name))
        except DatabaseError as exc:
            if not is_of_file(exc):
                raise
            if not await self._db.write_alone(partial(_drop_damaged, name=name)):
                self._stuck.add(name)
        return True

    async def mend(self) -> bool:
        """Whether the index was damaged: then it is out of the way, and an empty one there."""
        if await self._find_flaw() is None:
            return False
        await self.set_aside()
        while await self.drop_some():
            pass
        return True

    async def has_stuck(self) -> bool:
        """Whether an index was set aside of which pages take room until the file is rewritten."""
        return bool(self._stuck & set(await self._leftovers()))

    async def give_up_stuck(self) -> None:
        """They are no tables any more: the file must then be written anew."""

        def give_up(connection: Connection) -> None:
            for name in sorted(self._stuck & set(word_index.leftovers(connection))):
                word_index.orphan(connection, name)
            connection.execute(queries["note_rewriting"])

        await self._db.write(give_up)

    async def _leftovers(self) -> list[str]:
        return await self._db.read(word_index.leftovers)

    async def look(self) -> str | None:
        """What is wrong with the index at the first look, in a sentence."""
        try:
            return await self._db.search(_look)
        except DatabaseError as exc:
            if not is_of_file(exc):
                raise
            return f"The index of words cannot be read: {exc}"

    async def check(self) -> AsyncIterator[str | None]:
        """What is wrong with the index, in a sentence: one look at a time, each of all that one
        reads at once. Nothing while it is made anew."""
        checks = [_check_blocks, _check_terms, _check_turns]
        for check in checks:
            place: Any = None
            while True:

                def look(
                    connection: Connection, check: Any = check, place: Any = place
                ) -> tuple[str | None, Any]:
                    if word_index.find_rebuild(connection) is not None:
                        return None, None
                    found: tuple[str | None, Any] = check(connection, place)
                    return found

                try:
                    flaw, place = await self._db.search(look)
                except DatabaseError as exc:
                    if not is_of_file(exc):
                        raise
                    flaw, place = "A page of the index of words is damaged.", None
                yield flaw
                if flaw or place is None:
                    break
            if flaw:
                return

    async def _is_index_to_blame(self, error: DatabaseError) -> bool:
        cause = error.__cause__
        if not is_of_file(error):
            return False
        if getattr(cause, "extendedresult", 0) == apsw.SQLITE_CORRUPT_VTAB:
            return True
        return await self._find_flaw() is not None

    async def _find_flaw(self) -> str | None:
        if flaw := await self.look():
            return flaw
        async for flaw in self.check():
            if flaw:
                return flaw
        return None

    def _tell_begun(self) -> None:
        log.warning("The index of words is damaged. It is made anew; nothing said is lost.")
        self.on_begun()


def is_of_file(error: DatabaseError) -> bool:
    """Whether the file does not hold what it must; it is not the disk or its room that failed."""
    return isinstance(error, DatabaseDamaged) or isinstance(error.__cause__, apsw.SQLError)


def _drop_some(connection: Connection, name: str) -> None:
    with transaction(connection):
        if name in word_index.leftovers(connection):
            word_index.drop_some(connection, name)


def _drop_damaged(connection: Connection, name: str) -> bool:
    """Whether it is gone, with pages that cannot be read."""
    try:
        with unchecked(connection), translated_errors(), transaction(connection):
            if name in word_index.leftovers(connection):
                word_index.drop(connection, name)
    except DatabaseDamaged:
        # What holds its pages together is lost.
        return False
    return True


def _go_on(connection: Connection) -> bool:
    rebuild = word_index.find_rebuild(connection)
    if rebuild is None:
        return False
    next_id, chars = rebuild.next_turn_id, 0
    if next_id <= 1:
        word_index.end(connection, rebuild)
        return False
    taken: list[tuple[int, str]] = []
    last = max(1, next_id - TURNS_AT_ONCE)
    while next_id > last and chars < CHARS_AT_ONCE:
        next_id -= 1
        messages = _messages(connection, next_id)
        taken += reversed(messages)
        chars += sum(len(text) for _, text in messages)
    # In the order of their numbers, in which FTS5 takes them without putting them in order.
    for message_id, text in reversed(taken):
        word_index.add_again(connection, rebuild, message_id, text)
    place = {
        "next": next_id,
        "last": rebuild.last_turn_id,
        "is_beside": rebuild.is_beside,
    }
    connection.execute(queries["set_index_rebuild"], place)
    return True


def _messages(connection: Connection, turn_id: int) -> list[tuple[int, str]]:
    """What the index is to know of that turn: messages by their numbers."""
    try:
        with translated_errors():
            if connection.execute(queries["is_forgotten"], (turn_id,)).get:
                return []
            turn = blocks.read_original(connection, turn_id)
    except (DatabaseDamaged, NotFound):
        # Mended later, it is missing in the index, which the next check sees.
        return []
    sides = ((2 * turn_id, turn.prompt), (2 * turn_id + 1, turn.answers_text))
    return [(message_id, text) for message_id, text in sides if text]


def _look(connection: Connection) -> str | None:
    if not word_index.are_tables_there(connection):
        return "The index of words is missing."
    connection.execute(queries["any_indexed_message"]).fetchall()
    if word_index.find_rebuild(connection) is not None:
        return None
    newest = int(connection.execute(queries["greatest_turn_id"]).get)
    last = connection.execute(queries["last_indexed_message"]).get or 0
    if last // 2 < newest and _messages(connection, newest):
        return "The newest turn is missing in the index of words."
    return None


def _check_blocks(connection: Connection, after: int | None) -> tuple[str | None, int | None]:
    values = {"after": after or 0, "limit": CHECKED_BLOCKS}
    ((last, zeros),) = connection.execute(queries["index_blocks"], values)
    return ("Pages of the index of words were lost." if zeros else None), last


def _check_terms(
    connection: Connection, after: tuple[int, bytes] | None
) -> tuple[str | None, tuple[int, bytes] | None]:
    segment, term = after or (0, b"")
    values = {"segment": segment, "term": term, "limit": CHECKED_TERMS}
    rows: list[Any] = connection.execute(queries["index_terms"], values).fetchall()
    return None, (rows[-1][0], rows[-1][1]) if rows else None


def _check_turns(connection: Connection, after: int | None) -> tuple[str | None, int | None]:
    """Every message is there, and nothing else."""
    last = int(connection.execute(queries["greatest_turn_id"]).get)
    first = (after or 0) + 1
    end = min(last, first + CHECKED_TURNS - 1)
    if first > last:
        values = {"first": 2 * last + 2, "last": 2**62}
        is_more = connection.execute(queries["indexed_messages"], values).fetchone()
        return ("The index of words knows turns that are not there." if is_more else None), None
    values = {"first": 2 * first, "last": 2 * end + 1}
    known = {row[0] for row in connection.execute(queries["indexed_messages"], values)}
    try:
        with translated_errors():
            turns = {"first": first, "last": end}
            kept = {row[0] for row in connection.execute(queries["turns_to_be_indexed"], turns)}
    except DatabaseDamaged:
        # Of the turns, which the index cannot tell about.
        return None, end
    if any(message_id // 2 not in kept for message_id in known):
        return "The index of words knows turns that are not there.", None
    missing = (turn_id for turn_id in kept if not {2 * turn_id, 2 * turn_id + 1} <= known)
    if _is_any_missing(connection, missing, known):
        return "Messages are missing in the index of words.", None
    return None, end


def _is_any_missing(connection: Connection, turn_ids: Iterable[int], known: set[int]) -> bool:
    return any(
        message_id not in known
        for turn_id in sorted(turn_ids)
        for message_id, _ in _messages(connection, turn_id)
    )
