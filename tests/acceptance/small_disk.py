"""A small file system for tests, which can be filled and emptied."""

import shutil
from contextlib import suppress
from pathlib import Path

DISK_BYTES = 32 * 1024 * 1024
_BLOCK_BYTES = 4096


class SmallDisk:
    """A file system of its own, which can be filled and emptied."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filling = path / "filling"

    def fill(self, but_bytes: int = 0) -> None:
        """To the last block, or but for so much."""
        with self._filling.open("ab", buffering=0) as file, suppress(OSError):
            while shutil.disk_usage(self.path).free > but_bytes:
                file.write(bytes(_BLOCK_BYTES))

    def empty(self) -> None:
        self._filling.unlink()
