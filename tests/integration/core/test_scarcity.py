"""While memory is scarce nothing that could help waits for a model, and looking goes on."""

import asyncio
from pathlib import Path

import pytest

from tests.cleanups import ANSWER
from tests.clocks import FakeClock
from tests.lives import only_model, tell, until
from tests.memory_readings import ScriptedProbe
from tests.models import HangingModel
from vega.core.live_turns import LiveTurns
from vega.core.memory import CleanupKind, MemoryReading, Pressure, Tier
from vega.core.memory_manager import MemoryManager
from vega.core.store import Store

KEPT = 2


async def _watched(
    store: Store, home: Path, model: HangingModel, probe: ScriptedProbe, seconds: float = 30.0
) -> MemoryManager:
    clock = FakeClock()
    for number in range(KEPT + 5):
        clock.advance(minutes=1)
        await tell(store, f"Prompt {number}", f"{number}: {ANSWER}", at=clock.now())
    clock.advance(days=1)
    manager = MemoryManager(max_context_entries=KEPT, check_interval_seconds=seconds)
    models = only_model(model, home)
    await manager.start(store, models, LiveTurns(store), clock, lambda: None, probe=probe)
    return manager


async def test_at_critical_no_summary_waits_for_a_model(store: Store, tmp_path: Path) -> None:
    model = HangingModel(is_able=True, can_continue=False)
    manager = await _watched(store, tmp_path, model, ScriptedProbe(95.0))

    await until(lambda: manager.report().last_cleanup)
    await manager.close()

    assert model.calls == []
    assert (await store.tier_totals())[Tier.ARCHIVED].turns == 5


async def test_a_pass_that_a_model_holds_up_asks_it_no_more_once_memory_is_critical(
    store: Store, tmp_path: Path
) -> None:
    model = HangingModel(is_able=True, can_continue=False)
    probe = ScriptedProbe()
    manager = await _watched(store, tmp_path, model, probe)
    cleaning = asyncio.create_task(manager.clean(CleanupKind.GENTLE))
    await model.is_asked.wait()
    probe.percent = 95.0
    async with asyncio.timeout(10):
        assert await manager.look() is Pressure.CRITICAL
        done = await cleaning
    await manager.close()

    assert len(model.calls) == 1
    assert done.compressed == 5


async def test_an_error_that_nobody_foresaw_does_not_end_the_looking(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Garbled(ScriptedProbe):
        def read(self) -> MemoryReading:
            if self.look_count == 2:
                self.look_count += 1
                raise OverflowError
            return super().read()

    probe = Garbled()
    model = HangingModel(is_able=True, can_continue=False)
    manager = await _watched(store, tmp_path, model, probe, seconds=0.01)

    await until(lambda: probe.look_count > 5)
    await manager.close()

    assert "Memory could not be looked at" in caplog.text
