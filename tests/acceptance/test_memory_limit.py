"""Under a real memory limit a long conversation goes on: no kill, no word lost."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import MakeVega
from tests.memory_limit import memory_limit
from tests.vega_process import VegaProcess

LIMIT_BYTES = 192 * 1024 * 1024
TURNS = 240
#: All in all more than the limit: what was said cannot be what is in memory.
LARGE_PROMPT_CHARS = 900_000
_MEGABYTE = 1024 * 1024


def test_a_conversation_larger_than_the_memory_limit_is_not_killed_by_it(
    make_vega: MakeVega, record_property: Callable[[str, object], None]
) -> None:
    with memory_limit(LIMIT_BYTES) as group:
        vega = _limited(make_vega, group)
        vega.start()
        pid = vega.pid
        readings = []

        prompts = {}
        for number in range(TURNS):
            prompt = _prompt(number)
            prompts[vega.chat(prompt).raise_for_status().json()["turn_id"]] = prompt
            if number % 20 == 19:
                readings.append(_reading(vega))
        manager = _metrics(vega)["memory_manager"]

        record_property("counts", f"memory limit {LIMIT_BYTES >> 20} MB, MB used: {readings}")
        assert sum(map(len, prompts.values())) > LIMIT_BYTES
        assert (vega.pid, vega.is_running) == (pid, True)
        assert manager["seen"]["cgroup_percent"] is not None
        assert manager["cleanup_count"] > 0
        assert max(readings) < LIMIT_BYTES / _MEGABYTE
        # It does not grow with what was said.
        half = len(readings) // 2
        assert max(readings[half:]) < 1.25 * max(readings[:half])
        for turn_id, prompt in prompts.items():
            assert vega.turn(turn_id)["prompt"] == prompt
        assert vega.terminate() == 0


def _limited(make_vega: MakeVega, group: Path) -> VegaProcess:
    def enter() -> None:
        (group / "cgroup.procs").write_text(str(os.getpid()))

    return make_vega(
        settings={
            "VEGA_CHECK_INTERVAL_SECONDS": "1",
            "VEGA_MAX_CONTEXT_ENTRIES": "10",
            "VEGA_COMPRESSION_TRIGGER": "20",
        },
        prepare=enter,
    )


def _prompt(number: int) -> str:
    """Each holds a book, and none is like another."""
    sentence = f"Page {number} of the book says something about the sea and the wind. "
    pages = LARGE_PROMPT_CHARS // len(sentence)
    words = "".join(f"{index} {sentence}" for index in range(pages))
    return f"Message {number}: {words}"


def _metrics(vega: VegaProcess) -> dict[str, Any]:
    found: dict[str, Any] = vega.request("GET", "/metrics").raise_for_status().json()
    return found


def _reading(vega: VegaProcess) -> float:
    return float(_metrics(vega)["memory_manager"]["process_mb"])
