"""The home folder of one life: that it is there, is writable, and is held by one Vega alone."""

import fcntl
import os
from pathlib import Path
from typing import IO

from vega.errors import ConfigError, HomeInUse

PID_FILE = "vega.pid"


class HomeLock:
    """Holds a home folder until it is released, or its process ends in whatever way."""

    def __init__(self, home: Path) -> None:
        """Raises HomeInUse with the pid of the Vega that holds it, ConfigError where the folder
        cannot be made or written to."""
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file: IO[str] = (home / PID_FILE).open("a+", encoding="ascii")
        except OSError as exc:
            raise ConfigError(
                f"The home folder {home} cannot be used: {exc.strerror}. Make it writable for "
                "this user, or choose another one with VEGA_HOME."
            ) from exc
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            self._file.seek(0)
            pid = self._file.read().strip() or "unknown"
            self._file.close()
            raise HomeInUse(
                f"Vega is already running on {home} (pid {pid}). Use that one, stop it, or choose "
                "another home folder with VEGA_HOME."
            ) from exc
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        self._file.close()
