"""A real memory limit: a cgroup that a test's processes are put into."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from vega.core.pressure.cgroups import Cgroups

END_SECONDS = 5.0


@contextmanager
def memory_limit(limit_bytes: int) -> Iterator[Path]:
    """A fresh cgroup below one of ours, so that nobody leaves the limits they are in; a process
    that writes its id into `cgroup.procs` there is held to the limit. Skips where none can be
    made."""
    groups = Cgroups()
    folders = groups.version_1("memory")[:1]
    name = "memory.limit_in_bytes"
    if not folders:
        name = "memory.max"
        folders = tuple(folder for folder in groups.version_2() if _hands_memory_down(folder))
    if not folders or not os.access(folders[0], os.W_OK):
        pytest.skip("no cgroup of this machine may be divided here")
    group = folders[0] / f"vega-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError as exc:
        pytest.skip(f"this machine makes no cgroup for us: {exc}")
    try:
        (group / name).write_text(str(limit_bytes))
        yield group
    finally:
        _remove(group)


def _remove(group: Path) -> None:
    # The kernel lets go of an ended process a moment after it was waited for.
    deadline = time.monotonic() + END_SECONDS
    while True:
        for pid in (group / "cgroup.procs").read_text().split():
            os.kill(int(pid), signal.SIGKILL)
        try:
            group.rmdir()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _hands_memory_down(folder: Path) -> bool:
    control = folder / "cgroup.subtree_control"
    return control.exists() and "memory" in control.read_text().split()
