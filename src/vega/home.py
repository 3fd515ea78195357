"""The home folder of one life: that it is there, is writable, and is held by one Vega alone."""

import fcntl
import logging
import os
from pathlib import Path
from typing import IO

from vega.errors import ConfigError, HomeInUse

log = logging.getLogger(__name__)

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
        try:
            self._file.truncate(0)
            os.write(self._file.fileno(), f"{os.getpid()}\n".encode())
        except OSError as exc:
            # On a full disk. The folder is held all the same; only whom by is not said.
            log.warning("%s could not be written: %s", PID_FILE, exc)

    def release(self) -> None:
        self._file.close()
