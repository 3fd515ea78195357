"""What the processes take, looked at every ten seconds from outside."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.vega_process import VegaProcess
from torture.soak.memory_limit import MemoryLimit

EVERY_SECONDS = 10.0
#: How often it is said how things stand.
TELL_SECONDS = 300.0
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sample:
    """Memory in MB, the disk in bytes, `at` in seconds since the beginning."""

    at: float
    server_rss: float
    server_pss: float
    host_pss: float
    files: int
    threads: int
    turns: int
    #: The life and the files of its indexes; neither its log, which comes and goes, nor backups.
    disk: int


class Watch:
    """Samples of one server and its children."""

    def __init__(self, vega: VegaProcess, limit: MemoryLimit) -> None:
        self._vega, self._limit = vega, limit
        self._server = psutil.Process(vega.pid)
        self.pid = vega.pid
        self.began = time.monotonic()
        self.seconds = 0.0
        self.samples: list[Sample] = []

    def follow(self, seconds: float) -> None:
        """Looks for so long; less where the server ends before."""
        self.seconds = seconds
        told = 0.0
        while (at := time.monotonic() - self.began) < seconds and self._vega.is_running:
            self.samples.append(self._look(at))
            if at - told >= TELL_SECONDS:
                told = at
                used = self._limit.used
                print(f"   {self.samples[-1]}, in the limit {used} MB", flush=True)
            time.sleep(min(EVERY_SECONDS, max(0.0, seconds - at)))

    def _look(self, at: float) -> Sample:
        memory = self._server.memory_full_info()
        host = 0.0
        for child in self._server.children(recursive=True):
            # One that fetches or loads may be gone by now.
            with suppress(psutil.Error):
                host += _pss(child.memory_full_info())
        turns = sum(tier["turns"] for tier in self._vega.status()["tiers"].values())
        return Sample(
            at=round(at, 1),
            server_rss=round(memory.rss / _MEGABYTE, 2),
            server_pss=round(_pss(memory), 2),
            host_pss=round(host, 2),
            files=self._server.num_fds(),
            threads=self._server.num_threads(),
            turns=turns,
            disk=_life_bytes(self._vega.home),
        )


def slope(times: list[float], values: list[float]) -> float:
    """By how much the values grow in a unit of the first: the straight line of least squares."""
    mean_time, mean_value = sum(times) / len(times), sum(values) / len(values)
    spread = sum((time - mean_time) ** 2 for time in times)
    pairs = zip(times, values, strict=True)
    together = sum((time - mean_time) * (value - mean_value) for time, value in pairs)
    return together / spread if spread else 0.0


def _pss(memory: object) -> float:
    """What it takes, with its share of what it shares; where no PSS is known its RSS. In MB."""
    taken: int = getattr(memory, "pss", 0) or memory.rss  # type: ignore[attr-defined]
    return taken / _MEGABYTE


def _life_bytes(home: Path) -> int:
    total = 0
    for path in (home / "vega.db", *(home / "index").rglob("*")):
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total
