"""The floor that no turn can go below: two commits to SQLite that outlive a power cut."""

import time
from pathlib import Path

import apsw


class RawCommits:
    """A plain database without Vega's schema, checksums and threads, in WAL with FULL."""

    def __init__(self, folder: Path) -> None:
        self._connection = apsw.Connection(str(folder / "raw.db"))
        self._connection.pragma("journal_mode", "wal")
        self._connection.pragma("synchronous", "full")
        self._connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT)")

    def seconds_for(self, *texts: str) -> float:
        """The time to commit these, one after the other."""
        began = time.perf_counter()
        for text in texts:
            self._connection.execute("INSERT INTO texts (text) VALUES (?)", (text,))
        return time.perf_counter() - began

    def close(self) -> None:
        self._connection.close()
