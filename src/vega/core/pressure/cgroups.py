"""Where this process's cgroup is: its folder and those above it, in versions 1 and 2 of cgroups.

A limit holds for whoever is in a group or below it, so all folders up to the top matter. What
stands in their files is for others to read (https://docs.kernel.org/admin-guide/cgroup-v2.html,
https://docs.kernel.org/admin-guide/cgroup-v1/memory.html).
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_ESCAPED = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class _Mount:
    """One line of mountinfo: a hierarchy of cgroups, or the part of it that is to be seen."""

    #: Empty in version 2.
    controllers: frozenset[str]
    #: The group that is to be seen at the mount point.
    top_group: Path
    point: Path


class Cgroups:
    """The folders of this process's cgroups. `root` is where /proc and /sys are."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        # Where a process stands may change while it runs; what is mounted where hardly does, and
        # on a machine with many containers the list is long.
        self._mounts = tuple(_mounts(root))

    def version_1(self, controller: str) -> tuple[Path, ...]:
        """Our group's folder first, the top last; empty where version 1 has no such controller."""
        for controllers, path in self._memberships():
            if controller in controllers:
                mounts = [each for each in self._mounts if controller in each.controllers]
                return _folders(path, mounts, self._root / "sys/fs/cgroup" / controller)
        return ()

    def version_2(self) -> tuple[Path, ...]:
        """Our group's folder first, the top last; empty where there is no version 2."""
        for controllers, path in self._memberships():
            if not controllers:
                mounts = [each for each in self._mounts if not each.controllers]
                return _folders(path, mounts, self._root / "sys/fs/cgroup")
        return ()

    def _memberships(self) -> Iterator[tuple[frozenset[str], str]]:
        for line in text_of(self._root / "proc/self/cgroup").splitlines():
            _, controllers, path = [*line.split(":", 2), "", ""][:3]
            if path.startswith("/"):
                yield frozenset(filter(None, controllers.split(","))), path


def text_of(path: Path) -> str:
    """What the kernel's file says; nothing when it is not there, not ours to read, or just gone."""
    # A null byte in a garbled path is a ValueError.
    with suppress(OSError, ValueError):
        return path.read_text(encoding="utf-8", errors="replace")
    return ""


def _mounts(root: Path) -> Iterator[_Mount]:
    for line in text_of(root / "proc/self/mountinfo").splitlines():
        here, _, there = line.partition(" - ")
        _, _, _, top_group, point = [*here.split(" "), *[""] * 5][:5]
        kind, _, options = [*there.split(" "), *[""] * 3][:3]
        controllers = frozenset(options.split(",")) if kind == "cgroup" else frozenset[str]()
        if kind in ("cgroup", "cgroup2") and top_group.startswith("/") and point.startswith("/"):
            yield _Mount(controllers, Path(_plain(top_group)), root / _plain(point).lstrip("/"))


def _folders(path: str, mounts: Sequence[_Mount], usual_top: Path) -> tuple[Path, ...]:
    mounts = mounts or [_Mount(frozenset(), Path("/"), usual_top)]
    for mount in mounts:
        folder = _folder(path, mount)
        if folder is not None:
            above = [each for each in folder.parents if each.is_relative_to(mount.point)]
            return (folder, *above)
    # In a container the path may be the host's, and what is ours is to be seen at the top.
    return (mounts[0].point,)


def _folder(path: str, mount: _Mount) -> Path | None:
    group = Path(path)
    # A group outside of our namespace is shown as "/../name".
    if ".." in group.parts or not group.is_relative_to(mount.top_group):
        return None
    folder = mount.point / group.relative_to(mount.top_group)
    with suppress(OSError):
        return folder if folder.is_dir() else None
    return None


def _plain(text: str) -> str:
    r"""Spaces and the like stand in mountinfo as \040."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), text)
