"""Threads that read a database, each on a connection of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

import apsw

Connection = apsw.Connection
Result = TypeVar("Result")


class Reads(Protocol):
    """Where something of a life is read."""

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """The result of `work` on a connection that only reads, and sees one moment throughout."""
        ...


class Readers:
    """Some threads, and what they read with; nothing is opened before it is needed."""

    def __init__(
        self,
        count: int,
        connect: Callable[[], Connection],
        reading: Callable[[Connection], AbstractContextManager[None]],
        name: str,
    ) -> None:
        """What is read is read within `reading`."""
        self._connect = connect
        self._reading = reading
        self._local = threading.local()
        self._opened: list[_Reader] = []
        self._threads = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def read(self, work: Callable[[Connection], Result]) -> Result:
        """The result of `work` on one of the connections."""

        def job() -> Result:
            reader = self._reader()
            with reader.in_use, self._reading(reader.connection):
                return work(reader.connection)

        return await asyncio.get_running_loop().run_in_executor(self._threads, job)

    def shrink(self) -> int:
        """Frees what the connections keep and do not use; how many bytes of pages they kept.

        One that reads at this moment keeps its own.
        """
        freed = 0
        for reader in list(self._opened):
            if reader.in_use.acquire(blocking=False):
                try:
                    with self._reading(reader.connection):
                        freed += shrink(reader.connection)
                finally:
                    reader.in_use.release()
        return freed

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown)
        for reader in self._opened:
            with reader.in_use:
                reader.connection.close()

    def _reader(self) -> "_Reader":
        """The thread's own."""
        if not hasattr(self._local, "reader"):
            self._local.reader = _Reader(self._connect())
            self._opened.append(self._local.reader)
        reader: _Reader = self._local.reader
        return reader


class _Reader:
    """A connection that only reads, and the lock that says whether it does."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.in_use = threading.Lock()


@contextlib.contextmanager
def one_moment(connection: Connection) -> Iterator[None]:
    """The connection goes on seeing what it sees when it first reads."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def shrink(connection: Connection) -> int:
    """Frees what the connection keeps and does not use; how many bytes of pages it kept."""
    before = connection.status(apsw.SQLITE_DBSTATUS_CACHE_USED)[0]
    connection.pragma("shrink_memory")
    return max(0, before - connection.status(apsw.SQLITE_DBSTATUS_CACHE_USED)[0])
