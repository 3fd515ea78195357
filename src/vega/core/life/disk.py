"""The room on the disk that holds a life, and the ballast that keeps some of it back.

A full disk takes no new turns. What was accepted must still be ended, though, and a cleanup has
to write before it can give anything back; so a file without content lies beside the life, and a
disk that is full gives it up for them. How the disk stands follows from what is free and from how
much of the ballast is there, and from nothing that is remembered: it is the same after a crash.
"""

import errno
import logging
import os
import threading
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from vega.errors import DatabaseError, StorageFull

log = logging.getLogger(__name__)

BALLAST_NAME = "vega.ballast"
#: What is made of a life and can be made again, and so is in no backup.
VECTORS_FOLDER = "index"
#: Enough to move a full write-ahead log and a cleanup's transactions; nobody misses it.
BALLAST_BYTES = 32 * 1024 * 1024
#: Of a small disk it may take no more than this part.
BALLAST_PART = 64
#: Below it no new turn is taken: the longest prompt stands in the log, in the database and in its
#: index, its answer too, and the log itself grows to 4 MB before it is folded in.
FULL_BYTES = 16 * 1024 * 1024
FULL_PART = 32
#: Below it the owner hears of it: time enough to act, since no life writes so much in a week.
LOW_BYTES = 1_000_000_000
#: A disk of 4 GB with a tenth of it free is not low.
LOW_PART = 10

_BLOCK_BYTES = 512
_PIECE_BYTES = 1024 * 1024
_MEGABYTE = 1_000_000
#: What a file system says that cannot allocate without writing.
_CANNOT_ALLOCATE = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}


class DiskState(StrEnum):
    """How much room there is: enough, little, or none for new turns."""

    OK = "ok"
    LOW = "low"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class DiskReading:
    """The room on the disk at one moment."""

    free_bytes: int
    total_bytes: int
    state: DiskState
    #: So much more must be free before new turns are taken; 0 while they are.
    needed_bytes: int
    #: What the owner must be told of it.
    notice: str | None


class Disk:
    """The disk under one home folder. Its methods may be called from any thread."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._ballast = home / BALLAST_NAME
        #: Whether there is to be a ballast. What only reads a life makes none.
        self._is_kept = self._ballast.exists()
        self._told = DiskState.OK
        self._trouble = ""
        self._lock = threading.RLock()

    def look(self) -> DiskReading:
        """The room that there is now.

        A full disk gives its ballast up; one with room for it, and then some, gets it again.
        """
        with self._lock:
            reading = self.measure()
            if reading.state is DiskState.FULL:
                if self.release_ballast():
                    reading = self.measure()
            elif self._missing_bytes(reading.total_bytes):
                self._make_ballast(reading.total_bytes)
                reading = self.measure()
            self._tell(reading)
            return reading

    def measure(self) -> DiskReading:
        """The room that there is now; nothing is done about it. Raises DatabaseError."""
        try:
            found = os.statvfs(self._home)
        except OSError as exc:
            raise DatabaseError(f"{self._home} cannot be looked at: {exc.strerror}.") from exc
        free, total = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
        missing = self._missing_bytes(total)
        least = min(FULL_BYTES, total // FULL_PART)
        if missing:
            # What the ballast freed is not for new turns; and with it made again, there must be
            # enough left that the disk is not full at once.
            least = missing + 2 * least
        if free < least:
            state = DiskState.FULL
        elif free < min(LOW_BYTES, total // LOW_PART):
            state = DiskState.LOW
        else:
            state = DiskState.OK
        needed = max(0, least - free)
        return DiskReading(free, total, state, needed, self._notice(state, free, needed))

    def require_room(self) -> None:
        """Before a new turn is stored. Raises StorageFull where the disk is full."""
        reading = self.look()
        if reading.state is DiskState.FULL:
            raise StorageFull(
                f"The disk is full: nothing was stored. Free {_megabytes(reading.needed_bytes)} "
                f"MB on the disk of {self._home} and send it again."
            )

    def require_spare(self, least_bytes: int, what: str) -> None:
        """Before something is made that can wait and needs room beside the turns, by its name.
        Raises StorageFull where less is free."""
        reading = self.measure()
        needed = max(reading.needed_bytes, least_bytes - reading.free_bytes)
        if needed > 0:
            raise StorageFull(
                f"The disk has no room for {what} beside the turns: it waits until "
                f"{_megabytes(needed)} MB more are free on the disk of {self._home}, and then goes "
                "on by itself."
            )

    def make_room(self) -> bool:
        """After a write that found none: whether the ballast was given up for it just now."""
        with self._lock:
            before = self._ballast_bytes()
            self.look()
            return self._ballast_bytes() < before

    def release_ballast(self) -> int:
        """Gives the ballast's bytes to whoever writes next: how many there were."""
        with self._lock:
            freed = self._ballast_bytes()
            try:
                self._ballast.unlink(missing_ok=True)
            except OSError as exc:
                self._complain(f"{self._ballast} could not be given up: {exc.strerror}.")
            return freed - self._ballast_bytes()

    def restore_ballast(self) -> bool:
        """There is to be a ballast from now on: whether it is there.

        Where there is no room for it now, the first look that finds some makes it.
        """
        with self._lock:
            self._is_kept = True
            reading = self.look()
            if reading.state is not DiskState.FULL:
                # Also one that looks whole: a copy of a home folder may have holes in its place.
                self._make_ballast(reading.total_bytes)
            return self._missing_bytes(reading.total_bytes) == 0

    def _missing_bytes(self, total: int) -> int:
        if not self._is_kept:
            return 0
        return max(0, _ballast_size(total) - self._ballast_bytes())

    def _ballast_bytes(self) -> int:
        try:
            return self._ballast.stat().st_size
        except OSError:
            return 0

    def _make_ballast(self, total: int) -> None:
        try:
            _allocate(self._ballast, _ballast_size(total))
            self._trouble = ""
        except OSError as exc:
            self.release_ballast()
            self._complain(f"{self._ballast} could not be made: {exc.strerror}.")

    def _notice(self, state: DiskState, free: int, needed: int) -> str | None:
        if state is DiskState.OK:
            return None
        room = f"{free // _MEGABYTE:,} MB are free on the disk of {self._home}"
        if state is DiskState.LOW:
            return f"The disk is nearly full: {room}. Make room soon; a full one takes no prompts."
        return (
            f"The disk is full: {room}. The past can be read, but no prompt is taken until "
            f"{_megabytes(needed)} MB more are free; Vega then goes on by itself."
        )

    def _tell(self, reading: DiskReading) -> None:
        """The log hears of each change once."""
        if reading.state is self._told:
            return
        self._told = reading.state
        if reading.notice:
            log.warning("%s", reading.notice)
        else:
            log.info("There is room on the disk again: %d bytes.", reading.free_bytes)

    def _complain(self, trouble: str) -> None:
        """Once, and not at every look."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.warning("%s", trouble)


def _ballast_size(total: int) -> int:
    return min(BALLAST_BYTES, total // BALLAST_PART)


def _megabytes(size: int) -> str:
    """Rounded up: nobody is to free too little."""
    return f"{-(-size // _MEGABYTE):,}"


def _allocate(path: Path, size: int) -> None:
    """The file with that size, all of it really on the disk; what is there already stays."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            os.posix_fallocate(file, 0, size)
        except (OSError, AttributeError) as exc:
            # macOS has no such call at all.
            if isinstance(exc, OSError) and exc.errno not in _CANNOT_ALLOCATE:
                raise
        if os.fstat(file).st_blocks * _BLOCK_BYTES < size:
            _write_out(file, size)
        os.ftruncate(file, size)
    finally:
        os.close(file)


def _write_out(file: int, size: int) -> None:
    # Not zeros, of which a file system that compresses stores nothing.
    piece = os.urandom(_PIECE_BYTES)
    for start in range(0, size, _PIECE_BYTES):
        wanted = piece[: size - start]
        if os.pwrite(file, wanted, start) < len(wanted):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    os.fsync(file)
