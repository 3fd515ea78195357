"""A memory limit on a real process: a cgroup of version 1 or 2 for root, else an rlimit."""

import os
import resource
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from vega.core.pressure.cgroups import Cgroups

END_SECONDS = 5.0
_MEGABYTE = 1024 * 1024


class MemoryLimit:
    """Whoever calls `enter` is held to it, with all children."""

    def __init__(self, limit_bytes: int) -> None:
        self._bytes = limit_bytes
        self._group = _make_group(limit_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._group is None:
            return
        # The kernel lets go of an ended process a moment after it was waited for.
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline:
            with suppress(OSError):
                self._group.rmdir()
                return
            time.sleep(0.05)

    def enter(self) -> None:
        """In the process that is to be limited, before it becomes Vega."""
        if self._group is not None:
            (self._group / "cgroup.procs").write_text(str(os.getpid()))
        else:
            resource.setrlimit(resource.RLIMIT_DATA, (self._bytes, self._bytes))

    @property
    def words(self) -> str:
        kind = "an rlimit for each process" if self._group is None else "a cgroup for all"
        return f"{self._bytes // _MEGABYTE} MB, {kind}"

    @property
    def used(self) -> float | None:
        """What all take, with what the kernel keeps of files, in MB; None where nobody counts."""
        if self._group is None:
            return None
        for name in ("memory.current", "memory.usage_in_bytes"):
            with suppress(FileNotFoundError):
                return int((self._group / name).read_text()) / _MEGABYTE
        return None

    @property
    def kills(self) -> int:
        """How often a process was killed since there was no more."""
        if self._group is None:
            return 0
        for name in ("memory.events", "memory.oom_control"):
            with suppress(FileNotFoundError):
                words = (self._group / name).read_text().split()
                return int(words[words.index("oom_kill") + 1])
        return 0


def _make_group(limit_bytes: int) -> Path | None:
    """A fresh cgroup below ours; None where none can be made."""
    groups = Cgroups()
    name = f"vega-soak-{os.getpid()}"
    for folder in groups.version_1("memory")[:1]:
        if _divide(folder / name, {"memory.limit_in_bytes": limit_bytes}):
            return folder / name
    for folder in groups.version_2():
        controls = folder / "cgroup.subtree_control"
        is_handed_down = controls.exists() and "memory" in controls.read_text().split()
        limits = {"memory.max": limit_bytes, "memory.swap.max": 0}
        if is_handed_down and _divide(folder / name, limits):
            return folder / name
    return None


def _divide(group: Path, limits: dict[str, int]) -> bool:
    try:
        group.mkdir()
    except OSError:
        return False
    try:
        for name, number in limits.items():
            if (group / name).exists():
                (group / name).write_text(str(number))
    except OSError:
        group.rmdir()
        return False
    return True
