"""What this machine can run: its RAM, its cores, its GPUs, within the limits that are set for Vega.

Only looks; which model suits is `vega.llm.catalogue`'s to say.
"""

import asyncio
import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

MB = 1_000_000
MIB = 1 << 20
#: For nvidia-smi, which wakes sleeping cards, and hangs when the driver does.
COMMAND_SECONDS = 5.0
NVIDIA_SMI = ("nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits")
APPLE_CHIP = ("sysctl", "-n", "machdep.cpu.brand_string")


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics processor."""

    name: str
    memory_mb: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What Vega may use of the machine. Megabytes are millions of bytes, as with files."""

    #: All of it, or the cgroup's limit where that is less.
    ram_mb: int
    #: What could be had now without swapping.
    available_mb: int
    #: Physical ones, or as many as affinity and the cgroup allow.
    cores: int
    gpus: tuple[Gpu, ...] = ()


async def probe() -> Machine:
    """Look at this machine. Never raises; takes some seconds at the most."""
    return await asyncio.to_thread(look)


def resident_bytes(process_id: int | None = None) -> int:
    """A process's part of the RAM, our own if no other is named; 0 for one that is gone."""
    try:
        return int(psutil.Process(process_id).memory_info().rss)
    except psutil.Error:
        return 0


def look(root: Path = Path("/"), nvidia_smi: Sequence[str] = NVIDIA_SMI) -> Machine:
    """What `probe` does in a thread. `root` is where /proc and /sys are."""
    memory = psutil.virtual_memory()
    ram, available = memory.total, memory.available
    for limit, used in memory_limits(root):
        ram = min(ram, limit)
        available = min(available, max(0, limit - used))
    return Machine(ram // MB, available // MB, _cores(root), _gpus(root, nvidia_smi, ram))


def memory_limits(root: Path) -> Iterator[tuple[int, int]]:
    """The limits in bytes of our cgroup and those above it, each with what is in use there."""
    for folder in _cgroup_folders(root, "memory"):
        limits = [
            _number(folder / name)
            for name in ("memory.max", "memory.high", "memory.limit_in_bytes")
        ]
        limit = min((limit for limit in limits if limit is not None), default=None)
        if limit is None:
            continue
        used = _number(folder / "memory.current") or _number(folder / "memory.usage_in_bytes") or 0
        # Of what is in use, the pages of files that nobody has read lately can be had.
        yield limit, max(0, used - _inactive_file_bytes(folder / "memory.stat"))


def cpu_limit(root: Path) -> float | None:
    """How many processors' worth of time our cgroup may use."""
    limits = []
    for folder in _cgroup_folders(root, "cpu"):
        quota, period = None, None
        with suppress(OSError, ValueError):
            quota, period = map(int, (folder / "cpu.max").read_text().split())
        quota = quota or _number(folder / "cpu.cfs_quota_us")
        period = period or _number(folder / "cpu.cfs_period_us")
        if quota and period and quota > 0:
            limits.append(quota / period)
    return min(limits, default=None)


def nvidia_gpus(command: Sequence[str] = NVIDIA_SMI) -> Iterator[Gpu]:
    """The cards that NVIDIA's own tool names."""
    for line in _words_of(command).splitlines():
        name, _, memory = line.rpartition(",")
        # "[N/A]" where a card shares the machine's memory.
        if name and memory.strip().isdecimal():
            yield Gpu(name.strip(), int(memory) * MIB // MB)


def drm_gpus(root: Path) -> Iterator[Gpu]:
    """The cards of the amdgpu driver, the only one that tells its memory to everybody."""
    for folder in sorted((root / "sys/class/drm").glob("card*/device")):
        memory = _number(folder / "mem_info_vram_total")
        if memory:
            name = ""
            with suppress(OSError, ValueError):
                name = (folder / "product_name").read_text().strip()
            yield Gpu(name or "AMD graphics", memory // MB)


def _gpus(root: Path, nvidia_smi: Sequence[str], ram: int) -> tuple[Gpu, ...]:
    if platform.system() == "Darwin":
        # One memory for both.
        is_apple = platform.machine() == "arm64"
        return (Gpu(_words_of(APPLE_CHIP).strip() or "Apple", ram // MB),) if is_apple else ()
    return (*nvidia_gpus(nvidia_smi), *drm_gpus(root))


def _cores(root: Path) -> int:
    """How many cores may compute. Two threads of one core compute no faster than one."""
    logical = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cores = min(logical or 1, psutil.cpu_count(logical=False) or logical or 1)
    limit = cpu_limit(root)
    return max(1, cores if limit is None else min(cores, int(limit)))


def _cgroup_folders(root: Path, controller: str) -> Iterator[Path]:
    """Our cgroup's folder and all above it, in version 2 and in version 1 of cgroups."""
    lines = []
    with suppress(OSError, ValueError):
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        top = root / "sys/fs/cgroup"
        if controllers:
            top = next(
                (folder for folder in (top / controllers, top / controller) if folder.is_dir()),
                top / controller,
            )
        # In a container the path may be the host's, and only the top is to be seen.
        folder = top / path.lstrip("/")
        while folder != top:
            yield folder
            folder = folder.parent
        yield top


def _number(path: Path) -> int | None:
    with suppress(OSError, ValueError):
        return int(path.read_text())
    return None


def _inactive_file_bytes(path: Path) -> int:
    with suppress(OSError, ValueError):
        numbers = dict(line.split() for line in path.read_text().splitlines())
        return int(numbers.get("total_inactive_file") or numbers.get("inactive_file") or 0)
    return 0


def _words_of(command: Sequence[str]) -> str:
    """What the command prints; nothing when it is not there, fails or hangs."""
    with suppress(OSError, ValueError, subprocess.SubprocessError):
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        return done.stdout
    return ""
