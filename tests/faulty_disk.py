"""A disk for SQLite whose syncs fail when a test wants it."""

from pathlib import Path

import apsw
import pytest

from vega.core.life import sqlite

NAME = "faulty"


class _File(apsw.VFSFile):
    def __init__(self, disk: "FaultyDisk", name: str | apsw.URIFilename, flags: list[int]) -> None:
        super().__init__(disk.base, name, flags)
        self._disk = disk
        self._path = Path(name if isinstance(name, str) else name.filename())

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's name
        if self._disk.failing and self._path.name.endswith(self._disk.suffix):
            self._disk.failing -= 1
            raise apsw.IOError("disk I/O error")
        super().xSync(flags)


class FaultyDisk(apsw.VFS):
    """Takes the place of the VFS that every connection goes through."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        sqlite._load_checksum_vfs()
        self.base = sqlite._CHECKSUM_VFS
        super().__init__(NAME, self.base)
        #: How many of the next syncs fail, and of which files.
        self.failing = 0
        self.suffix = "-wal"
        monkeypatch.setattr(sqlite, "_CHECKSUM_VFS", NAME)

    def xOpen(  # noqa: N802 - apsw's name
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        if name is None:
            return super().xOpen(name, flags)
        return _File(self, name, flags)
