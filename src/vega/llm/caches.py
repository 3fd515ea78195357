"""The files in which the model host keeps what it has read of prompts: they hold what was said."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

#: Finished ones, and saves that were broken off.
PATTERNS = ("*.cache", "*.part")
_PIECE_BYTES = 1024 * 1024


def remove_caches_but(path: Path) -> None:
    """Those of other models and of saves that were broken off."""
    for pattern in PATTERNS:
        for file in set(path.parent.glob(pattern)) - {path}:
            file.unlink()


def erase_caches(folder: Path) -> None:
    """Every cache in the folder is overwritten, and gone. Raises OSError."""
    for pattern in PATTERNS:
        for path in folder.glob(pattern):
            with suppress(OSError):
                _overwrite(path)
            path.unlink(missing_ok=True)


def part_path(folder: Path) -> Path:
    """A name for a save that is not whole yet."""
    return folder / f"{secrets.token_hex(4)}.part"


def put_in_place(written: Path, path: Path) -> None:
    """What was written is the cache from now on. Raises OSError."""
    with written.open("rb") as file:
        os.fsync(file.fileno())
    written.replace(path)


def _overwrite(path: Path) -> None:
    with path.open("r+b", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        for start in range(0, size, _PIECE_BYTES):
            file.write(bytes(min(_PIECE_BYTES, size - start)))
        os.fsync(file.fileno())
