"""The file beside the life that remembers what was revoked: keys, and tokens of browsers.

A backup does not know what was revoked after it was made. This file stays where it is when one is
put in the life's place, so nothing that was revoked here opens anything again.
"""

import logging
import os
from pathlib import Path

log = logging.getLogger(__name__)

REVOKED_FILE = "revoked"


class RevokedFile:
    """Hashes of what opens nothing any more, one a line; it only grows."""

    def __init__(self, home: Path) -> None:
        self._path = home / REVOKED_FILE

    def load(self) -> set[bytes]:
        """All of them; without lines that a power cut has torn."""
        try:
            lines = self._path.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return set()
        except OSError as exc:
            log.warning("%s cannot be read: %s", self._path, exc.strerror)
            return set()
        return {found for line in lines if (found := _parsed(line))}

    def add(self, code: bytes) -> None:
        """What cannot be written here is revoked all the same, unless a backup comes back."""
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                # A line of its own also behind one that was torn.
                os.write(file, f"\n{code.hex()}\n".encode())
                os.fsync(file)
            finally:
                os.close(file)
        except OSError as exc:
            log.warning("What was revoked could not be written to %s: %s", self._path, exc.strerror)


def _parsed(line: str) -> bytes | None:
    try:
        found = bytes.fromhex(line)
    except ValueError:
        return None
    return found if len(found) == 32 else None
