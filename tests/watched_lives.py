"""A life that is watched by a memory manager, whose memory is as a test scripts it."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clocks import FakeClock
from tests.lives import only_model, tell, until
from tests.memory_readings import ScriptedProbe
from vega.core.conversation import Turn
from vega.core.live_turns import LiveTurns
from vega.core.memory import Tier
from vega.core.memory_manager import MemoryManager
from vega.core.store import Store
from vega.llm.scripted import ScriptedModel

ANSWER = "The Moon orbits the Earth at 384,400 km. Its gravity causes the tides of the sea. " * 5
KEPT = 5
#: Beyond these so many may stand in full.
TRIGGER = 10


@dataclass
class Watched:
    """A life that is watched by a memory manager."""

    store: Store
    manager: MemoryManager
    probe: ScriptedProbe
    clock: FakeClock
    rest: LiveTurns

    async def say(self, count: int, minutes_apart: float = 1.0, noise: int = 0) -> list[Turn]:
        said = []
        for number in range(count):
            self.clock.advance(minutes=minutes_apart)
            prompt = f"Tell me thing {number} about the moon."
            answer = f"{number}: {ANSWER}{random.randbytes(noise).hex()}"
            said.append(await tell(self.store, prompt, answer, at=self.clock.now()))
        return said

    async def tiers(self) -> list[int]:
        totals = await self.store.tier_totals()
        return [totals[tier].turns for tier in Tier]

    async def cleaned(self, count: int) -> None:
        """Waits until so many cleanups have been counted, and no more is being done."""
        await until(lambda: self.manager.report().cleanup_count == count)
        async with self.manager._cleaning:
            pass

    async def settled(self) -> None:
        """Waits until whatever was found to be needed is done."""
        for _ in range(5):
            await asyncio.sleep(0.01)
            async with self.manager._cleaning:
                pass


@asynccontextmanager
async def watching(
    home: Path,
    *,
    percent: float = 40.0,
    clock: FakeClock | None = None,
    kept: int = KEPT,
    rest: LiveTurns | None = None,
    **options: Any,
) -> AsyncIterator[Watched]:
    store = await Store.open(home)
    options = {"compression_trigger": TRIGGER, "check_interval_seconds": 3600.0} | options
    manager = MemoryManager(max_context_entries=kept, **options)
    probe = ScriptedProbe(percent)
    watched = Watched(store, manager, probe, clock or FakeClock(), rest or LiveTurns(store))
    models = only_model(ScriptedModel(), home)
    try:
        await manager.start(
            *(store, models, watched.rest, watched.clock, lambda: None), probe=probe
        )
        yield watched
    finally:
        await manager.close()
        await store.close()
