"""`memory`: the RAM of the server's process over many turns, and the CPU it takes when idle.

Turns are made through `POST /chat` with the stub model server. The baseline is the process as it
stands after its first turn, when everything is imported. A model host is another process and does
not count.
"""

import asyncio
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import psutil

from benchmarks import life
from benchmarks.client import Client
from benchmarks.processes import cpu_seconds, stub_model, vega
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.vega_process import VegaProcess

LIMIT_MB = 120.0
#: More than this between the first count of turns and the last is growth.
GROWTH = 1.05
IDLE_PERCENT = 0.1
#: Until the process has done what it does after a turn, as folding in the write-ahead log.
SETTLE_SECONDS = 6.0
_MEGABYTE = 1024 * 1024


def measure(size: Size) -> Report:
    report = Report("the server's process without a model host")
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name, ExitStack() as stack:
        home = Path(name) / "home"
        url = stack.enter_context(stub_model())
        server = stack.enter_context(vega(home, url))
        client = stack.enter_context(Client(server.url, server.key))
        report.figures += _memory(server, client, size)
        report.figures += _idle(server, size.idle_seconds)
    return report


def _memory(server: VegaProcess, client: Client, size: Size) -> list[Figure]:
    figures = [Figure.at_most("RSS before the first turn", _rss(server), LIMIT_MB, "MB")]
    rss: dict[int, float] = {}
    done = 0
    for count in (1, *size.memory_turns):
        for number in range(done, count):
            client.post("/chat", {"prompt": life.text(number, life.PROMPT_CHARACTERS)})
        done = count
        rss[count] = _rss(server)
        what = f"RSS after {count:,} turns"
        figures.append(Figure.at_most(what, rss[count], LIMIT_MB, "MB"))
    shares = psutil.Process(server.pid).memory_full_info()
    figures.append(Figure(f"USS after {done:,} turns", shares.uss / _MEGABYTE, "MB"))
    if hasattr(shares, "pss"):
        figures.append(Figure(f"PSS after {done:,} turns", shares.pss / _MEGABYTE, "MB"))
    first, last = size.memory_turns[0], size.memory_turns[-1]
    growth = Figure.at_most(f"RSS at {last:,} turns to {first:,}", rss[last] / rss[first], GROWTH)
    over_first_turn = Figure(f"RSS at {last:,} turns to 1", rss[last] / rss[1], "×")
    return [*figures, growth, over_first_turn]


def _idle(server: VegaProcess, seconds: float) -> list[Figure]:
    bare = _idle_percent(server, seconds)
    with Client(server.url, server.key) as reader:
        reader.open_stream("/api/events")
        watched = _idle_percent(server, seconds)
    machine = asyncio.run(_empty_loop_percent(seconds / 4))
    return [
        Figure.at_most("idle CPU", bare, IDLE_PERCENT, "%"),
        Figure.at_most("idle CPU with one event stream", watched, IDLE_PERCENT, "%"),
        Figure("the same, an asyncio loop that wakes once a second", machine, "%"),
    ]


def _idle_percent(server: VegaProcess, seconds: float) -> float:
    time.sleep(SETTLE_SECONDS)
    before = cpu_seconds(server.pid)
    time.sleep(seconds)
    return 100 * (cpu_seconds(server.pid) - before) / seconds


async def _empty_loop_percent(seconds: float) -> float:
    before = time.process_time()
    for _ in range(max(1, int(seconds))):
        await asyncio.sleep(1)
    return 100 * (time.process_time() - before) / max(1, int(seconds))


def _rss(server: VegaProcess) -> float:
    return float(psutil.Process(server.pid).memory_info().rss / _MEGABYTE)
