"""Folders that look like /proc and /sys of a machine, for whoever reads its memory there."""

from pathlib import Path

MIB = 1 << 20
UNLIMITED_V1 = 9223372036854771712
SERVICE = "sys/fs/cgroup/system.slice/vega-server.service"
#: 1,000 MiB, of which 40 % are in use.
MEMINFO = """MemTotal:        1024000 kB
MemFree:          102400 kB
MemAvailable:     614400 kB
HugePages_Total:       0
"""


def write_service(root: Path) -> None:
    """A service under version 2 of cgroups, without a limit."""
    write(root, "proc/meminfo", MEMINFO)
    write(root, "proc/self/cgroup", "0::/system.slice/vega-server.service\n")
    write(root, "proc/self/statm", "5000 2000 1000 5 0 900 0\n")
    write_group(root, SERVICE, current=300)
    write_group(root, "sys/fs/cgroup/system.slice", current=900)


def write_group(
    root: Path,
    folder: str,
    current: int,
    maximum: int | None = None,
    high: int | None = None,
    inactive_file: int = 0,
    events: tuple[int, int] | None = None,
) -> None:
    """Sizes are in MiB; `events` are how often high and max were run into."""
    write(root, f"{folder}/memory.current", f"{current * MIB}\n")
    for name, size in (("max", maximum), ("high", high)):
        write(root, f"{folder}/memory.{name}", "max\n" if size is None else f"{size * MIB}\n")
    write(
        root,
        f"{folder}/memory.stat",
        f"anon {(current - inactive_file) * MIB}\ninactive_file {inactive_file * MIB}\n",
    )
    if events is not None:
        counts = f"low 0\nhigh {events[0]}\nmax {events[1]}\noom 0\noom_kill 0\n"
        write(root, f"{folder}/memory.events", counts)


def write_group_v1(
    root: Path,
    folder: str,
    usage: int,
    limit: int = UNLIMITED_V1,
    inactive_file: int = 0,
    failcnt: int = 0,
) -> None:
    """`usage` and `inactive_file` are in MiB."""
    write(root, f"{folder}/memory.usage_in_bytes", f"{usage * MIB}\n")
    write(root, f"{folder}/memory.limit_in_bytes", f"{limit}\n")
    write(root, f"{folder}/memory.failcnt", f"{failcnt}\n")
    stat = f"cache 0\ninactive_file 0\ntotal_inactive_file {inactive_file * MIB}\n"
    write(root, f"{folder}/memory.stat", stat)


def write_stalls(root: Path, name: str, some: str, full: str) -> None:
    write(
        root,
        name,
        f"some avg10={some} avg60=0.87 avg300=0.21 total=3571\n"
        f"full avg10={full} avg60=0.10 avg300=0.02 total=1204\n",
    )


def write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
