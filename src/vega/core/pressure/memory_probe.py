"""Looks how scarce memory is: for this process's cgroup, by stalls (PSI), and on the system.

Every file may be absent, closed to us, garbled, or vanish while we look: the reading then lacks
what it would have said, and nothing raises. What a reading means is `vega.core.pressure.gauge`'s
to say.

- cgroup version 2, https://docs.kernel.org/admin-guide/cgroup-v2.html#memory: above memory.high
  the kernel slows a group down and takes pages back, above memory.max it kills.
- cgroup version 1, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html: memory.failcnt
  counts how often memory.limit_in_bytes was run into.
- PSI, https://docs.kernel.org/accounting/psi.html: the share of the last ten seconds in which
  some, or all, of the work waited for memory.
"""

import math
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vega.core.memory import MemoryReading
from vega.core.pressure.cgroups import Cgroups, text_of

#: Version 1 has no word for "no limit": it shows the largest number of whole pages, near 1 << 63.
NO_LIMIT_BYTES = 1 << 60


@dataclass(frozen=True, slots=True)
class _Use:
    """How much of a limit is in use, and how often it was run into."""

    used_bytes: int
    limit_bytes: int
    hits: int | None = None

    @property
    def percent(self) -> float:
        return 100 * self.used_bytes / self.limit_bytes if self.limit_bytes else 0.0


class MemoryProbe:
    """Reads the scarcity of memory, cheaply enough for an event loop."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._proc = root / "proc"
        self._cgroups = Cgroups(root)

    def read(self) -> MemoryReading:
        groups = self._cgroups.version_2()
        uses = tuple(_limits(self._cgroups.version_1("memory"), groups))
        group = max(uses, key=lambda use: use.percent, default=None)
        system = self._system()
        scarcest = group if group and group.percent >= system.percent else system
        hits = [use.hits for use in uses if use.hits is not None]
        some, full = self._stalls(groups)
        return MemoryReading(
            percent=scarcest.percent,
            source="system" if scarcest is system else "cgroup",
            used_bytes=scarcest.used_bytes,
            limit_bytes=scarcest.limit_bytes,
            system_percent=system.percent,
            cgroup_percent=group.percent if group else None,
            psi_some_percent=some,
            psi_full_percent=full,
            limit_hits=sum(hits) if hits else None,
            process_bytes=self._process_bytes(),
        )

    def _system(self) -> _Use:
        table = _table(text_of(self._proc / "meminfo"))
        total, available = table.get("MemTotal:", 0), table.get("MemAvailable:")
        if total and available is not None:
            return _Use(max(0, total - available) << 10, total << 10)
        return _system_by_psutil()

    def _stalls(self, groups: Sequence[Path]) -> tuple[float | None, float | None]:
        """Those of our own group, where the kernel counts them there, else the system's."""
        own = [folder / "memory.pressure" for folder in groups[:1]]
        for path in (*own, self._proc / "pressure/memory"):
            text = text_of(path)
            some, full = _average(text, "some"), _average(text, "full")
            if some is not None or full is not None:
                return some, full
        return None, None

    def _process_bytes(self) -> int:
        _, resident = [*text_of(self._proc / "self/statm").split(), "", ""][:2]
        pages = _number(resident)
        return _process_bytes_by_psutil() if pages is None else pages * os.sysconf("SC_PAGE_SIZE")


def _limits(version_1: Sequence[Path], version_2: Sequence[Path]) -> Iterator[_Use]:
    """What holds for us: a controller is in one of the versions, never in both."""
    for folder in version_1 or version_2:
        names = ("memory.limit_in_bytes",) if version_1 else ("memory.max", "memory.high")
        limits = [_number(text_of(folder / name)) for name in names]
        limit = min((each for each in limits if each and each < NO_LIMIT_BYTES), default=None)
        usage = "memory.usage_in_bytes" if version_1 else "memory.current"
        used = _number(text_of(folder / usage))
        if limit is None or used is None:
            continue
        stat = _table(text_of(folder / "memory.stat"))
        # Pages of files that nobody has read lately are given back for the asking. In version 1
        # only the "total" counts the groups below, as the usage does.
        cache = stat.get("total_inactive_file" if version_1 else "inactive_file", 0)
        hits = _number(text_of(folder / "memory.failcnt")) if version_1 else _hits(folder)
        yield _Use(max(0, used - cache), limit, hits)


def _hits(folder: Path) -> int | None:
    # Plain memory.events counts the groups below too, so in a group above ours it would tell of
    # a neighbour's limit. The local file, since Linux 5.2, tells of this limit alone.
    for name in ("memory.events.local", "memory.events"):
        counts = _table(text_of(folder / name))
        found = [counts[event] for event in ("high", "max") if event in counts]
        if found:
            return sum(found)
    return None


def _table(text: str) -> dict[str, int]:
    """Lines of a name and a number, as memory.stat and meminfo have them."""
    table = {}
    for line in text.splitlines():
        name, number = [*line.split(), "", ""][:2]
        value = _number(number)
        if value is not None:
            table[name] = value
    return table


def _number(text: str) -> int | None:
    text = text.strip()
    # No counter of the kernel has more digits.
    return int(text) if text.isdecimal() and len(text) <= len(str(1 << 64)) else None


def _average(text: str, kind: str) -> float | None:
    """Of a line as `some avg10=1.53 avg60=0.87 avg300=0.21 total=3571`, the first share."""
    for line in text.splitlines():
        first, average = [*line.split(), "", ""][:2]
        if first == kind and average.startswith("avg10="):
            try:
                share = float(average.removeprefix("avg10="))
            except ValueError:
                return None
            return share if math.isfinite(share) else None
    return None


def _system_by_psutil() -> _Use:
    """For systems without meminfo. All zero where psutil cannot tell either."""
    import psutil

    try:
        memory = psutil.virtual_memory()
    except (OSError, ValueError, LookupError, psutil.Error):
        return _Use(0, 0)
    return _Use(memory.total - memory.available, memory.total)


def _process_bytes_by_psutil() -> int:
    import psutil

    try:
        return int(psutil.Process().memory_info().rss)
    except (OSError, ValueError, LookupError, psutil.Error):
        return 0
