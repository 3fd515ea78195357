"""`tiers`: the founding document's month, redone with real text: turns and bytes, week by week.

Baseline is the same life with the same full-text index, all in full.
"""

import asyncio
import tempfile
from pathlib import Path

from benchmarks import texts
from benchmarks.report import Figure, Report
from benchmarks.simulated_life import SimulatedLife
from benchmarks.sizes import Size
from vega.core.memory import Tier
from vega.core.store import Store

WEEKS, TURNS_A_WEEK = 4, 250
#: Turns kept in full, and the aim for the file: the founding document's, and the default.
KEPT = ((250, 60.0), (50, 50.0))
DEFAULT_KEPT = 50
_MEGABYTE = 1_000_000


def measure(_: Size) -> Report:
    report = Report(f"a month of {WEEKS * TURNS_A_WEEK} turns by tier, on {texts.source()}")
    asyncio.run(_months(report))
    return report


async def _months(report: Report) -> None:
    whole = await _month(report, None)
    for kept, aim in KEPT:
        life = await _month(report, kept)
        label = f"month, {kept} kept in full: the file against all in full"
        report.figures.append(Figure.at_most(label, 100 * life / whole, aim, "%"))


async def _month(report: Report, kept: int | None) -> int:
    exchanges = texts.exchanges()
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name:
        store = await Store.open(Path(name))
        life = SimulatedLife(store, Path(name), kept)
        for week in range(1, WEEKS + 1):
            await life.talk(exchanges, TURNS_A_WEEK, 7)
            report.remarks.append(await _row(life, week))
        await life.rest()
        await _add_saved(report, life)
        total = (await life.sizes())["total"]
        await store.close()
    return total


async def _row(life: SimulatedLife, week: int) -> str:
    totals = await life.store.tier_totals()
    sizes = await life.sizes()
    kept = f"{life.kept} in full" if life.kept else "all in full"
    tiers = ", ".join(f"{totals[tier].turns} {tier}" for tier in Tier)
    parts = ", ".join(f"{name} {size / _MEGABYTE:.2f}" for name, size in sizes.items())
    raw = life.raw_bytes / _MEGABYTE
    return f"{kept}, week {week}: {tiers}; MB: text as said {raw:.2f}, {parts}"


async def _add_saved(report: Report, life: SimulatedLife) -> None:
    """The founding document's 80 to 90 %: of the answers' bytes in the active tables."""
    if life.kept != DEFAULT_KEPT:
        return
    totals = await life.store.tier_totals()
    compressed = totals[Tier.COMPRESSED]
    prompts = await life.store._db.read(
        lambda connection: (
            connection.execute(
                "SELECT sum(octet_length(prompt)) FROM turns WHERE tier = 'compressed'"
            ).get
        )
    )
    answers = compressed.bytes - int(prompts)
    summaries = compressed.active_bytes - int(prompts)
    saved = 100 * (1 - summaries / answers)
    label = "compressed turns: bytes of the answers saved in the active tables"
    report.figures.append(Figure(label, saved, "%", "80 to 90 %", 80 <= saved <= 90))
