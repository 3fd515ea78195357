"""When something is on the disk: after a power cut too, which takes away what was not synced.

A file's content and its name are two things. The name stands in the folder, so that a file that was
made, renamed or removed is so for certain once its folder was synced (fsync(2)).
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def sync(path: Path) -> None:
    """What that file or folder holds is on the disk when it returns. Raises OSError."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def write_whole(
    path: Path, content: bytes, mode: int = 0o600, *, draft_suffix: str | None = None
) -> None:
    """The file appears whole or not at all, with that mode from its first moment, and is on the
    disk when it returns. Raises OSError, and leaves nothing behind.

    A draft is written first. Whoever alone writes that file gives it one name, so that the next one
    takes the place of what a kill has left; else each has its own.
    """
    name = f"{path.name}{draft_suffix}" if draft_suffix else f".{path.name}.{secrets.token_hex(4)}"
    draft = path.with_name(name)
    try:
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        sync(path.parent)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
