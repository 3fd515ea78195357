"""Control groups of a booted machine's own, in every hierarchy that this machine has.

In every one, since the systemd inside mounts whatever there is: where it had no group of its own
it would leave its folders among the machine's.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TOP = Path("/sys/fs/cgroup")
PREFIX = "vega-torture-"
#: What limits need; cgroup v2 hands a controller down only where it is told to.
CONTROLLERS = ("cpu", "memory", "pids")
#: The most, in version 1 and 2. By default a group, so a whole machine with all that runs in it,
#: gets no more of the processors than any one process outside.
PREFERENCES = {"cpu.shares": "262144", "cpu.weight": "10000"}
#: A group can go when the last process in it has been reaped.
EMPTYING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """One mounted tree of groups. `options` is how it is mounted again: "cgroup2" for version 2."""

    place: Path
    options: str

    @property
    def is_version_2(self) -> bool:
        return self.options == "cgroup2"


class Groups:
    """One group in each hierarchy, from its making to its end."""

    def __init__(self) -> None:
        self._name = own_name()
        self.hierarchies = list(_hierarchies())
        _remove_forgotten(self.hierarchies)
        self.folders = [each.place / self._name for each in self.hierarchies]
        for hierarchy, folder in zip(self.hierarchies, self.folders, strict=True):
            if hierarchy.is_version_2:
                _hand_down(hierarchy.place)
            folder.mkdir()
            _prefer(folder)
            if (folder / "cpuset.cpus").exists() and not hierarchy.is_version_2:
                for name in ("cpuset.cpus", "cpuset.mems"):
                    (folder / name).write_text((hierarchy.place / name).read_text())

    @property
    def has_memory(self) -> bool:
        """Whether a limit of memory can be set in there."""
        files = ("memory.limit_in_bytes", "memory.max")
        return any((folder / name).exists() for folder in self.folders for name in files)

    @property
    def words(self) -> list[str]:
        """The hierarchies as `start.sh` takes them."""
        if all(each.is_version_2 for each in self.hierarchies):
            return []
        return [f"{each.place.name}:{each.options}" for each in self.hierarchies]

    def processes(self, unit: str) -> list[int]:
        """The processes of a system unit in there, by the numbers that they have out here."""
        for folder in self._by_use():
            found = folder / "system.slice" / unit / "cgroup.procs"
            try:
                return [int(word) for word in found.read_text().split()]
            except FileNotFoundError:
                continue
        return []

    def leave(self, pid: int) -> None:
        """Takes a process out of the group of version 2, so that it may have groups below it."""
        for hierarchy in self.hierarchies:
            if hierarchy.is_version_2:
                (hierarchy.place / "cgroup.procs").write_text(str(pid))

    def remove(self) -> None:
        for folder in self.folders:
            _remove(folder)

    def _by_use(self) -> list[Path]:
        """Where systemd keeps track of its units first."""
        pairs = zip(self.hierarchies, self.folders, strict=True)
        return [folder for each, folder in sorted(pairs, key=lambda p: "name=" not in p[0].options)]


def _prefer(folder: Path) -> None:
    """What is measured in there is Vega, and not what else runs here."""
    for name, most in PREFERENCES.items():
        if (folder / name).exists():
            (folder / name).write_text(most)


def own_name() -> str:
    """What this run calls what it leaves if it is killed."""
    return f"{PREFIX}{os.getpid()}"


def is_running(name: str) -> bool:
    """Whether the run that left it goes on."""
    return Path("/proc", name.removeprefix(PREFIX)).exists()


def _hierarchies() -> Iterator[Hierarchy]:
    """Those that are mounted below /sys/fs/cgroup, or there."""
    seen = set()
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind, options, *_ = line.split()
        if kind not in ("cgroup", "cgroup2") or not Path(place).is_relative_to(TOP):
            continue
        named = [word for word in options.split(",") if word not in ("rw", "ro", "relatime")]
        kept = [word for word in named if word.startswith("name=") or word in _known()]
        how = "cgroup2" if kind == "cgroup2" else ",".join(kept)
        if how.startswith("name="):
            how = f"none,{how}"
        if how and how not in seen:
            seen.add(how)
            yield Hierarchy(Path(place), how)


def _known() -> set[str]:
    lines = Path("/proc/cgroups").read_text().splitlines()
    return {line.split()[0] for line in lines if not line.startswith("#")}


def _hand_down(place: Path) -> None:
    """Where it is not allowed (inside a container), there are no limits; the rest works."""
    for name in CONTROLLERS:
        try:
            (place / "cgroup.subtree_control").write_text(f"+{name}")
        except OSError:
            continue


def _remove_forgotten(hierarchies: list[Hierarchy]) -> None:
    """The groups of a run that was killed."""
    for hierarchy in hierarchies:
        for folder in hierarchy.place.glob(f"{PREFIX}*"):
            if not is_running(folder.name):
                _remove(folder)


def _remove(folder: Path) -> None:
    """The group and those in it, the innermost first. Files of a group need no removing."""
    deadline = time.monotonic() + EMPTYING_SECONDS
    while folder.exists():
        inside = [Path(path) for path, _, _ in os.walk(folder, topdown=False)]
        for each in inside:
            try:
                each.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    raise
        time.sleep(0.05)
