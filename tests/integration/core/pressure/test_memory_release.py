"""RAM that Vega can do without goes back to the system, and the report says how much."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lives import Life, living, tell
from tests.models import CountingModel
from vega.allocator import ENVIRONMENT
from vega.core.conversation import TurnStatus
from vega.core.pressure import memory_release
from vega.core.pressure.memory_release import GivenBack, give_back
from vega.errors import DatabaseError

MEGABYTE = 1_000_000
HAS_TRIM = sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim")

#: 100 MB of small strings, of which one in a thousand stays.
SHREDDED = """
import asyncio, json, sys
from pathlib import Path
from tests.lives import only_model
from vega.core.pressure.memory_release import give_back
from vega.core.store import Store
from vega.llm.hardware import resident_bytes
from vega.llm.scripted import ScriptedModel

async def main():
    home = Path(sys.argv[1])
    store = await Store.open(home)
    models = only_model(ScriptedModel(), home)
    before = resident_bytes()
    texts = [f"{number:060}" for number in range(1_000_000)]
    full = resident_bytes()
    kept = texts[::1000]
    del texts
    freed = resident_bytes()
    given = await give_back(store, models, lambda: None, unload=True)
    print(json.dumps([before, full, freed, resident_bytes(), dict(given.by_part)]))
    await store.close()

asyncio.run(main())
"""


@pytest.mark.skipif(not HAS_TRIM, reason="this C library does it by itself")
def test_what_small_objects_have_left_goes_back_to_the_system(tmp_path: Path) -> None:
    before, full, freed, after, given = _shred(tmp_path, ENVIRONMENT)

    assert full - before > 90 * MEGABYTE
    assert after - before < 12 * MEGABYTE
    assert given["heap"] == pytest.approx(freed - after, abs=5 * MEGABYTE)
    assert given["models"] == 0


@pytest.mark.skipif(not HAS_TRIM, reason="this C library does it by itself")
def test_with_pythons_own_allocator_most_of_it_would_stay(tmp_path: Path) -> None:
    before, full, _, after, _ = _shred(tmp_path, {"PYTHONMALLOC": "pymalloc"})

    assert after - before > (full - before) / 2


async def test_caches_of_pages_and_of_counts_are_given_up_and_made_again(tmp_path: Path) -> None:
    model = CountingModel()
    async with living(tmp_path, model) as life:
        for number in range(20):
            await tell(life.store, f"Tell me of {number}.", f"{number} is a number. " * 20)
        await life.ask("And now?")
        counted = set(model.counted)
        given = await _give_back(life)
        left = await life.store.shrink()
        model.counted.clear()
        answered = await life.ask("And then?")

    assert list(given.by_part) == ["heap", "database", "token_counts", "garbage", "models"]
    assert given.total == sum(given.by_part.values())
    assert min(given.by_part.values()) >= 0
    assert left < 50_000
    assert len(counted & set(model.counted)) > 10
    assert answered.status is TurnStatus.COMPLETED


async def test_a_database_in_trouble_keeps_none_of_the_other_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with living(tmp_path, CountingModel()) as life:
        await life.ask("Hello.")
        await life.store.close()

        async def fail() -> int:
            raise DatabaseError("The disk failed.")

        monkeypatch.setattr(life.store, "shrink", fail)
        forgotten: list[bool] = []
        given = await give_back(
            life.store, life.models, lambda: forgotten.append(True), unload=True
        )

    assert forgotten == [True]
    assert given.by_part["models"] == 0


async def test_where_the_c_library_cannot_trim_all_else_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Musl:
        """Has no malloc_trim."""

    monkeypatch.setattr(ctypes, "CDLL", lambda _: Musl())
    memory_release.find_trim.cache_clear()
    model = CountingModel()
    async with living(tmp_path, model) as life:
        await life.ask("Hello.")
        counts = len(model.counted)
        await _give_back(life)
        await life.ask("Hello.")
    memory_release.find_trim.cache_clear()

    assert len(model.counted) > counts


async def _give_back(life: Life) -> GivenBack:
    return await give_back(life.store, life.models, life.assistant.forget_counts, unload=False)


def _shred(
    tmp_path: Path, environment: dict[str, str]
) -> tuple[int, int, int, int, dict[str, int]]:
    done = subprocess.run(
        [sys.executable, "-c", SHREDDED, str(tmp_path)],
        capture_output=True,
        check=True,
        env={**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    before, full, freed, after, given = json.loads(done.stdout)
    return before, full, freed, after, given
