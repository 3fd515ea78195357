"""The head file: how far this life had come, kept outside its database.

The checksums of the database do not cover its write-ahead log, so a damaged log can take the
newest commits with it without a trace. This file, written after each commit, still knows them.
It is never ahead of the disk (the commit was synced first), so it needs no sync of its own: after
a power cut it may be behind, which proves a little less and is never wrong.
"""

import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path

from vega.syncing import sync

log = logging.getLogger(__name__)

#: One sector holds it, so an overwrite in place is there as a whole or not at all.
RECORD_BYTES = 256


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link of the hash chain: its number (0: none yet) and its SHA-256."""

    link: int
    hash: bytes


class HeadFile:
    """`vega.head` in a life's home folder."""

    def __init__(self, home: Path) -> None:
        self.path = home / "vega.head"
        #: A tail that was found missing: the link that the life had come to, and the one that it
        #: was found to end at. It stays on record while the life goes on.
        self.lost: tuple[int, int] | None = None
        self._newest = 0

    def exists(self) -> bool:
        return self.path.exists()

    def create(self) -> None:
        """Says for good that a life was begun here."""
        self.save(Head(0, b""))
        sync(self.path)
        sync(self.path.parent)

    def save(self, head: Head) -> None:
        """Remembers this head, unless a newer one is remembered already."""
        if head.link < self._newest:
            return
        self._newest = head.link
        values = {"link": head.link, "hash": head.hash.hex(), "lost": self.lost}
        record = json.dumps(values)
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.pwrite(file, record.ljust(RECORD_BYTES - 1).encode() + b"\n", 0)
            finally:
                os.close(file)
        except OSError as exc:
            # What was committed is safe all the same; the record is only behind.
            log.warning("%s could not be written: %s", self.path, exc)

    def load(self) -> Head | None:
        """The remembered head; None where there is none that can be read."""
        try:
            record = json.loads(self.path.read_bytes())
            lost = record.get("lost")
            self.lost = (int(lost[0]), int(lost[1])) if lost else None
            return Head(int(record["link"]), bytes.fromhex(record["hash"]))
        except (FileNotFoundError, ValueError, LookupError, TypeError, AttributeError):
            return None
