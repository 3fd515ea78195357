"""The SQLite driver: one writer thread with one connection, a small pool of readers, WAL.

Every connection goes through the checksum VFS that apsw carries (`cksumvfs`), which puts a
checksum on each page and checks it on each read; loading it is not enough, the file must reserve
8 bytes a page for it (https://sqlite.org/cksumvfs.html). `synchronous=FULL` is what makes a
commit outlive a power cut.
"""

import asyncio
import contextlib
import ctypes
import logging
import queue
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import apsw
import apsw.sqlite_extra

from vega.core.clock import local_day
from vega.core.life.driver_errors import is_damage
from vega.core.life.driver_errors import translated_errors as translated_errors
from vega.core.life.readers import Readers, one_moment, shrink
from vega.core.words import index_text
from vega.errors import (
    DatabaseError,
    DiskFailed,
    LifeRefused,
    StorageFull,
    VegaError,
)

log = logging.getLogger(__name__)

Connection = apsw.Connection
Result = TypeVar("Result")

#: "VEGA" in ASCII, at bytes 68-71 of the file: this is one of ours.
APPLICATION_ID = 0x56454741
#: SQLite's own, with which every life is made.
PAGE_BYTES = 4096
CHECKSUM_BYTES = 8
BUSY_TIMEOUT_MS = 10_000
READER_COUNT = 2
#: That search alone: whatever somebody looks for, what a turn reads waits for no search.
SEARCHER_COUNT = 2
#: Page cache of one connection, in KiB (negative, as SQLite wants it).
CACHE_KIB = -2_000
#: What the WAL may keep of the disk once it is folded in: as much as it has in daily use.
LOG_BYTES = 8 * 1024 * 1024
#: The WAL is not covered by the checksums, so it is emptied when nobody has written for so long.
IDLE_SECONDS_BEFORE_CHECKPOINT = 3.0

_CHECKSUM_VFS = "cksmvfs"
_SYNCHRONOUS_FULL = 2
_AUTO_VACUUM_INCREMENTAL = 2


@cache
def _load_checksum_vfs() -> None:
    """Registers the VFS for the whole process."""
    with contextlib.closing(apsw.Connection(":memory:")) as connection:
        apsw.sqlite_extra.load(connection, "cksumvfs")


def create(path: Path) -> Connection:
    """A new, empty database file with room for checksums, open for writing."""
    with translated_errors():
        connection = begin(path)
        connection.pragma("journal_mode", "wal")
        _prepare(connection, path)
    return connection


def begin(path: Path) -> Connection:
    """A new file of which only the first page is there, and that is not in WAL mode yet."""
    _load_checksum_vfs()
    connection = apsw.Connection(str(path), vfs=_CHECKSUM_VFS)
    reserved = ctypes.c_int(CHECKSUM_BYTES)
    # Both must be said before the first page is written: they cannot be changed later.
    connection.file_control("main", apsw.SQLITE_FCNTL_RESERVE_BYTES, ctypes.addressof(reserved))
    connection.pragma("auto_vacuum", _AUTO_VACUUM_INCREMENTAL)
    # Writes the first page, in which the VFS sees that there is room.
    connection.pragma("application_id", APPLICATION_ID)
    return connection


def connect(path: Path, *, read_only: bool = False) -> Connection:
    """A connection to a database file that is there.

    Raises LifeRefused when its pages carry no checksums, or it is not as durable as it must be.
    """
    _load_checksum_vfs()
    access = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE
    with translated_errors():
        connection = apsw.Connection(str(path), flags=access, vfs=_CHECKSUM_VFS)
        _prepare(connection, path)
    return connection


def connect_still(path: Path) -> Connection:
    """A connection that reads a file which nobody writes, and that leaves nothing beside it.

    What the file says is not to be believed before its integrity was checked.
    """
    _load_checksum_vfs()
    access = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    with translated_errors():
        connection = apsw.Connection(
            f"{path.absolute().as_uri()}?immutable=1", flags=access, vfs=_CHECKSUM_VFS
        )
        connection.pragma("cache_size", CACHE_KIB)
        connection.pragma("temp_store", "memory")
    return connection


@contextlib.contextmanager
def snapshot(connection: Connection) -> Iterator[None]:
    """The connection goes on seeing what it sees now, whoever writes; until a page that cannot be
    read ends that (`in_transaction` says so)."""
    with one_moment(connection):
        # Not before it reads does it choose what it sees.
        connection.pragma("schema_version")
        yield


@contextlib.contextmanager
def _reading(connection: Connection) -> Iterator[None]:
    with translated_errors(), one_moment(connection):
        yield


def _prepare(connection: Connection, path: Path) -> None:
    # What migrations and queries are written with.
    for function in (local_day, index_text):
        name = function.__name__
        connection.create_scalar_function(name, cast(Any, function), deterministic=True)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.pragma("synchronous", "full")
    connection.pragma("foreign_keys", True)
    connection.pragma("cache_size", CACHE_KIB)
    connection.pragma("temp_store", "memory")
    connection.pragma("journal_size_limit", LOG_BYTES)
    # What is deleted is overwritten with zeros, so that what is forgotten later is gone from pages
    # that it once stood on, too. Measured, it costs nothing (docs/decisions/0014).
    connection.pragma("secure_delete", True)
    is_as_it_must_be = (
        connection.pragma("journal_mode") == "wal"
        and connection.pragma("synchronous") == _SYNCHRONOUS_FULL
        and int(connection.pragma("checksum_verification") or 0) == 1
    )
    if not is_as_it_must_be:
        connection.close()
        raise LifeRefused(
            f"{path} was not made by Vega as it stands: its pages carry no checksums, or it is "
            "not in WAL mode. It was left untouched; restore a backup, or move it away."
        )


@contextlib.contextmanager
def transaction(connection: Connection) -> Iterator[None]:
    """All of it, or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


class SQLite:
    """One life's database file, open: awaitable reads, and writes one at a time in order."""

    def __init__(self, path: Path, make_room: Callable[[], bool] | None = None) -> None:
        """`make_room` is called when a write finds none: whether it is worth another try."""
        self._path = path
        self._make_room = make_room
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._run_jobs, name="vega-writer", daemon=True)
        #: What may mend the database after a write that met damage, in the transaction in which the
        #: write is then tried once more; and who is told where it did.
        self.mend: Callable[[Connection], None] | None = None
        self.on_mended: Callable[[], None] = lambda: None
        self._readers = Readers(READER_COUNT, self._open_reader, _reading, "vega-reader")
        self._searchers = Readers(SEARCHER_COUNT, self._open_reader, _reading, "vega-searcher")
        self._is_closed = False
        self._connection: Connection | None = connect(path)
        opened = path.stat()
        self._identity = opened.st_dev, opened.st_ino
        self._writer.start()

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """The result of `work`, once its transaction is on the disk.

        On a full disk it may run a second time, from its beginning: it keeps nothing of the first.
        Raises StorageFull, DatabaseDamaged or DatabaseError; then nothing of it was stored.
        """
        if self._is_closed:
            raise DatabaseError("The life is closed.")
        return await self._in_writer(lambda: self._transact(work))

    async def write_alone(self, work: Callable[[Connection], Result]) -> Result:
        """The result of `work` in the writer's thread, outside of any transaction: for what SQLite
        does to the whole file. Raises as `write` does."""
        if self._is_closed:
            raise DatabaseError("The life is closed.")

        def job() -> Result:
            self._see_that_file_stays()
            if self._connection is None:
                self._connection = connect(self._path)
            try:
                with translated_errors():
                    return work(self._connection)
            except DiskFailed:
                self._let_go()
                raise

        return await self._in_writer(job)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """The result of `work` on a connection that only reads, and sees one moment throughout."""

        return await self._readers.read(work)

    async def search(self, work: Callable[[Connection], Result]) -> Result:
        """As `read`, for what may take long: no other read waits for it."""
        return await self._searchers.read(work)

    async def shrink(self) -> int:
        """Let go of the pages that the connections keep in RAM: the bytes that these had.

        A connection that reads at this moment keeps its own.
        """
        if self._is_closed:
            return 0
        freed = await self._in_writer(self._shrink)
        for readers in (self._readers, self._searchers):
            freed += await asyncio.to_thread(readers.shrink)
        return freed

    async def close(self) -> None:
        """Finish what was begun, and fold the WAL into the file."""
        self._is_closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._writer.join)
        await self._readers.close()
        await self._searchers.close()
        if self._connection:
            self._connection.close()

    async def _in_writer(self, work: Callable[[], Result]) -> Result:
        """The result of `work`, done by the writer's thread when its turn has come."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Result] = loop.create_future()

        def job() -> None:
            try:
                result = work()
            except Exception as exc:  # noqa: BLE001 - whoever asked for the work is told
                loop.call_soon_threadsafe(_settle, outcome, None, exc)
            else:
                loop.call_soon_threadsafe(_settle, outcome, result, None)

        self._jobs.put(job)
        # A cancelled caller leaves; the work goes on to its end.
        return await asyncio.shield(outcome)

    def _open_reader(self) -> Connection:
        return connect(self._path, read_only=True)

    def _shrink(self) -> int:
        with translated_errors():
            return shrink(self._connection) if self._connection else 0

    def _run_jobs(self) -> None:
        is_checkpointed = True
        while True:
            try:
                job = self._jobs.get(
                    timeout=None if is_checkpointed else IDLE_SECONDS_BEFORE_CHECKPOINT
                )
            except queue.Empty:
                self._checkpoint()
                is_checkpointed = True
                continue
            if job is None:
                return
            job()
            is_checkpointed = False

    def _transact(self, work: Callable[[Connection], Result]) -> Result:
        self._see_that_file_stays()
        try:
            return self._try(work)
        except StorageFull as exc:
            # The work may also refuse by itself; then nothing was tried.
            is_found = isinstance(exc.__cause__, apsw.Error)
            if not is_found or self._make_room is None or not self._make_room():
                raise
            return self._try(work)
        except DatabaseError as exc:
            if self.mend is None or not is_damage(exc):
                raise
            return self._try_mended(work, self.mend, exc)

    def _try_mended(
        self,
        work: Callable[[Connection], Result],
        mend: Callable[[Connection], None],
        error: DatabaseError,
    ) -> Result:
        """Raises the first error where the other try comes to nothing, too."""

        def again(connection: Connection) -> Result:
            mend(connection)
            return work(connection)

        try:
            result = self._try(again)
        except VegaError as exc:
            # What it made of the schema is not to be believed.
            self._let_go()
            log.warning("A write that met damage cannot be mended: %s", exc)
            raise error from error.__cause__
        self.on_mended()
        return result

    def _try(self, work: Callable[[Connection], Result]) -> Result:
        if self._connection is None:
            self._connection = connect(self._path)
        try:
            with translated_errors(), transaction(self._connection):
                return work(self._connection)
        except DatabaseError as exc:
            if isinstance(exc.__cause__, apsw.IOError):
                self._let_go()
            if isinstance(exc, DiskFailed):
                self._take_back()
            raise

    def _take_back(self) -> None:
        """What could not be synced may stand in the log all the same, whole, where a crash would
        have it found and taken for stored. An empty commit is written over its beginning."""
        try:
            self._connection = connect(self._path)
            with translated_errors(), transaction(self._connection):
                version = self._connection.pragma("user_version")
                self._connection.pragma("user_version", version)
        except DatabaseError as exc:
            log.warning("The disk goes on failing: %s", exc)
            self._let_go()

    def _see_that_file_stays(self) -> None:
        """What is written to a file that was removed or replaced would be gone with the process."""
        try:
            found = self._path.stat()
        except OSError as exc:
            raise DatabaseError(f"{self._path} was removed while Vega runs: {exc}.") from exc
        if (found.st_dev, found.st_ino) != self._identity:
            raise DatabaseError(
                f"{self._path} was replaced while Vega runs. Start Vega again to go on with it."
            )

    def _checkpoint(self) -> None:
        if self._connection is None:
            return
        try:
            # Passive: it waits for nobody; what it could not move now it moves the next time.
            with translated_errors():
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except DatabaseError as exc:
            log.warning("The write-ahead log could not be folded in: %s", exc)
            self._let_go()

    def _let_go(self) -> None:
        """Close, so that the next write begins from what is on the disk: after a failed fsync
        the caches cannot be trusted (https://lwn.net/Articles/752063/)."""
        if self._connection:
            self._connection.close(True)
        self._connection = None


def _settle(
    outcome: asyncio.Future[Result], result: Result | None, error: Exception | None
) -> None:
    if error is not None:
        outcome.set_exception(error)
    else:
        outcome.set_result(cast(Result, result))
