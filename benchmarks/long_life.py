"""`long_life`: what a life of 100,000 turns costs beside a short one, tier by tier.

Lives are grown on a simulated clock with the product's own cleanups, then served by a real Vega
with the stub model server. The baseline is the shortest of them.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from benchmarks import texts
from benchmarks.client import Client
from benchmarks.processes import stub_model, vega
from benchmarks.report import Figure, Report
from benchmarks.simulated_life import SimulatedLife
from benchmarks.sizes import Size
from tests.vega_process import VegaProcess, wait_until
from vega.core.memory import Tier
from vega.core.store import Store

KEPT = 50
TURNS_A_DAY = 40
#: Through POST /chat, before the process is looked at.
CHATS = 60
GROWTH = 1.1
WAIT_MS = 50.0
_MEGABYTE = 1024 * 1024
_OLDEST_OF_BLOCKS = "SELECT min(id) FROM turns WHERE tier = 'archived' GROUP BY block_id"


def measure(size: Size) -> Report:
    report = Report(f"lives of {', '.join(f'{n:,}' for n in size.long_lives)} turns")
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name, ExitStack() as stack:
        homes = asyncio.run(_grow(report, Path(name), size.long_lives))
        url = stack.enter_context(stub_model())
        served = {turns: _serve(homes[turns], url) for turns in size.long_lives}
        first, last = size.long_lives[0], size.long_lives[-1]
        for turns, (rss, tokens) in served.items():
            report.figures.append(Figure(f"RSS at {turns:,} turns", rss, "MB"))
            report.figures.append(Figure(f"prompt at {turns:,} turns", tokens, "tokens"))
        label = f"RSS at {last:,} turns to {first:,}"
        ratio = served[last][0] / served[first][0]
        report.figures.append(Figure.at_most(label, ratio, GROWTH))
        _keep_house(report, homes[last], last)
        _wait_for_cleanup(report, Path(name) / "waiting", url, size.waiting_turns)
    return report


async def _grow(report: Report, folder: Path, lengths: tuple[int, ...]) -> dict[int, Path]:
    """A home for each length; the figures are of the longest."""
    growing = folder / "growing"
    growing.mkdir()
    store = await Store.open(growing)
    life = SimulatedLife(store, growing, KEPT)
    # It ends some days ago, since a real Vega goes on with it.
    days = timedelta(days=lengths[-1] / TURNS_A_DAY + len(lengths) + 2)
    life.clock.moment = datetime.now(UTC) - days
    exchanges, homes = texts.exchanges(), {}
    for length in lengths:
        more = length - life.turns
        await life.talk(exchanges, more, more / TURNS_A_DAY)
        await life.rest()
        await store.close()
        homes[length] = folder / f"life-{length}"
        shutil.copytree(growing, homes[length])
        store = life.store = await Store.open(growing)
        life.use(store)
    await _add_sizes(report, life)
    await _open_archived(report, store)
    await store.close()
    return homes


async def _add_sizes(report: Report, life: SimulatedLife) -> None:
    sizes, total = await life.sizes(), await life.store.archive.total()
    totals = await life.store.tier_totals()
    raw, turns = life.raw_bytes, life.turns
    for tier in Tier:
        count = max(1, totals[tier].turns)
        said, active = totals[tier].bytes / count, totals[tier].active_bytes / count
        report.remarks.append(
            f"{totals[tier].turns:,} {tier}: {said:,.0f} bytes a turn as said, {active:,.0f} of "
            "them in the active tables"
        )
    archive = 100 * total.stored_bytes / total.text_bytes
    moved = turns / life.cleaning
    report.figures += [
        Figure(f"{turns:,} turns of {texts.source()}: as said", raw / turns, "bytes a turn"),
        Figure.at_most("the archive's blocks against their text", archive, 30.0, "%"),
        Figure.at_most("the whole file against the text", 100 * sizes["total"] / raw, 75.0, "%"),
        *(
            Figure(f"of that {part}", 100 * sizes[part] / raw, "%")
            for part in ("active", "archive", "index", "other")
        ),
        Figure("turns that passes moved", moved, "turns/s"),
    ]


async def _open_archived(report: Report, store: Store) -> None:
    """One archived turn at a time, each out of another block than the one before."""
    ids = await store._db.read(
        lambda connection: [row[0] for row in connection.execute(_OLDEST_OF_BLOCKS)]
    )
    seconds = []
    for turn_id in ids[:200]:
        began = time.perf_counter()
        await store.turn(int(turn_id))
        seconds.append(time.perf_counter() - began)
    report.add("one archived turn, its block not open yet", seconds)


def _serve(home: Path, url: str) -> tuple[float, float]:
    """RSS in MB and tokens of the last prompt, after some turns."""
    with vega(home, url) as server, Client(server.url, server.key) as client:
        _wait_until_digested(server)
        for number, (prompt, _) in zip(range(CHATS), texts.exchanges(7), strict=False):
            client.post("/chat", {"prompt": f"{number}: {prompt[:500]}"})
        newest = client.get("/history?limit=1")["turns"][0]
        rss = psutil.Process(server.pid).memory_info().rss / _MEGABYTE
        return rss, float(newest["prompt_tokens"])


def _wait_until_digested(server: VegaProcess) -> None:
    """Until it rests: what was missed while nobody ran is made up for at the start."""

    def is_at_rest() -> bool:
        before = sum(psutil.Process(server.pid).cpu_times()[:2])
        time.sleep(2.0)
        return sum(psutil.Process(server.pid).cpu_times()[:2]) - before < 0.1

    wait_until(is_at_rest, 3600.0)


def _keep_house(report: Report, home: Path, turns: int) -> None:
    """Verification, backup and its restoration, by the commands."""
    for label, words, needs_name in (
        ("vega verify", ["verify"], False),
        ("vega backup create", ["backup", "create"], False),
        ("vega backup verify", ["backup", "verify"], True),
        ("vega backup restore", ["backup", "restore", "--yes"], True),
    ):
        command = [*words, _newest_backup(home)] if needs_name else words
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "vega.cli", *command],
            env={"VEGA_HOME": str(home), "PATH": ""},
            check=True,
            capture_output=True,
        )
        seconds = time.perf_counter() - began
        report.figures.append(Figure(f"{label}, {turns:,} turns", seconds, "s"))


def _newest_backup(home: Path) -> str:
    return max(path.name for path in (home / "backups").glob("vega-*.db"))


def _wait_for_cleanup(report: Report, home: Path, url: str, turns: int) -> None:
    """POST /chat while a cleanup has all those turns to move, and after it."""
    home.mkdir()
    asyncio.run(_talk_only(home, turns))
    during: list[float] = []
    after: list[float] = []
    with vega(home, url) as server, Client(server.url, server.key) as client:
        # The first one loads what answering needs.
        client.post("/chat", {"prompt": "Hello"})
        for number in range(turns):
            is_cleaning = client.get("/metrics")["memory_manager"]["activity"] is not None
            seconds = client.seconds_to_post("/chat", {"prompt": f"Message {number}"})
            (during if is_cleaning else after).append(seconds)
            if len(after) > 200:
                break
    report.add("POST /chat after the cleanup", after)
    spread = report.add("POST /chat while it goes on", during)
    report.baseline = "POST /chat after the cleanup"
    longest = spread.most - report.spreads[report.baseline].median
    label = "longest that a turn waited for a cleanup"
    report.figures.append(Figure.at_most(label, longest, WAIT_MS, "ms"))


async def _talk_only(home: Path, turns: int) -> None:
    store = await Store.open(home)
    life = SimulatedLife(store, home, None)
    await life.talk(texts.exchanges(3), turns, turns / TURNS_A_DAY)
    await store.close()
