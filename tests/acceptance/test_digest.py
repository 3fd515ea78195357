"""A day that is over is told by `vega digest`, from a life that a real Vega serves."""

import asyncio
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from tests.acceptance.conftest import MakeVega
from tests.clocks import FakeClock
from tests.lives import only_model, tell
from tests.terminal import PATIENCE_SECONDS, VEGA, environment
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.core.telling.digests import DigestWriter
from vega.llm.scripted import ScriptedModel


def test_a_day_a_month_and_a_year_are_told(make_vega: MakeVega) -> None:
    vega = make_vega()
    vega.home.mkdir()
    asyncio.run(_live(vega.home))
    vega.start()

    day, month, year = (_digest(vega.home, when) for when in ("2024-05-14", "2024-05", "2024"))

    assert day.stdout == "Tuesday, 14 May 2024 (1 turn)\nYou said: My sister Ana moves to Graz.\n"
    assert month.stdout == "May 2024 (1 turn)\n14 May: My sister Ana moves to Graz.\n"
    assert year.stdout == "2024 (1 turn)\nMay: My sister Ana moves to Graz.\n"
    assert _digest(vega.home, "2024-05-15").stderr == (
        "Nothing was said on Wednesday, 15 May 2024.\n"
    )
    assert "is not over yet" in _digest(vega.home, "today").stderr


async def _live(home: Path) -> None:
    store = await Store.open(home)
    clock = FakeClock()
    await tell(store, "My sister Ana moves to Graz.", at=datetime(2024, 5, 14, 9, tzinfo=UTC))
    models = only_model(ScriptedModel(), home)
    await DigestWriter(store, models, LiveTurns(store), clock).write_due()
    await store.close()


def _digest(home: Path, when: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*VEGA, "digest", when],
        stdin=subprocess.DEVNULL,
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done
