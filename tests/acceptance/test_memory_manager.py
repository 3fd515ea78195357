"""The founding document's second test, and its values, over a real server."""

import json
import shutil
import subprocess
from typing import Any

import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import assert_sound, read_life
from tests.vega_process import VegaProcess, wait_until

#: As the founding document has it, but for the address and the key.
TEST_2 = r"""
# Generate lots of conversations to trigger cleanup
for i in {1..200}; do
  curl -X POST http://localhost:8000/chat \
    -H "X-API-Key: your-key" \
    -d "{\"prompt\": \"Test message $i\"}"
done

# Check memory stats
curl http://localhost:8000/metrics | jq '.memory_manager'
"""
LOW_MB = 400


def _run(vega: VegaProcess, script: str) -> str:
    typed = script.replace("localhost:8000", f"localhost:{vega.port}").replace("your-key", vega.key)
    if shutil.which("jq") is None:
        typed = typed.replace("| jq '.memory_manager'", "")
    done = subprocess.run(
        ["bash", "-c", typed], capture_output=True, text=True, check=True, timeout=240
    )
    return done.stdout


def _values(text: str) -> list[dict[str, Any]]:
    """One JSON value after the other, as curl and jq print them."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


@pytest.mark.parametrize(
    ("model", "has_failures"),
    [
        ("scripted:", False),
        ("scripted:?able=yes", False),
        ("scripted:?able=yes&continues=no&words=60", True),
    ],
)
def test_after_two_hundred_messages_a_cleanup_was_made_and_memory_is_low(
    make_vega: MakeVega, model: str, has_failures: bool
) -> None:
    vega = make_vega(model_url=model)
    vega.start()

    *said, shown = _values(_run(vega, TEST_2))

    manager = shown.get("memory_manager", shown)
    assert manager["cleanup_count"] > 0
    assert 0 < manager["process_mb"] < LOW_MB
    assert {turn["status"] for turn in said} == {"completed"}
    wait_until(lambda: vega.status()["memory"]["activity"] is None, 20)
    manager = vega.status()["memory"]
    assert manager["cleanups"]["backlog"] == manager["cleanup_count"]
    assert manager["last_cleanup"]["compressed"] > 0
    assert bool(manager["summary_failures"]) == has_failures
    tiers = vega.request("GET", "/metrics").json()["turns"]
    assert tiers["compressed"] > 0
    assert tiers["full"] <= 150
    assert [(turn["prompt"], turn["response"]) for turn in vega.history()] == [
        (f"Test message {number}", answer["response"]) for number, answer in enumerate(said, 1)
    ]
    vega.terminate()
    with read_life(vega.home) as life:
        assert_sound(life, vega.home)


@pytest.mark.parametrize(("warning", "critical", "kept"), [(85.0, 95.0, 100), (70.0, 85.0, 30)])
def test_the_values_for_a_large_and_for_a_small_machine_are_really_used(
    make_vega: MakeVega, warning: float, critical: float, kept: int
) -> None:
    settings = {
        "VEGA_WARNING_THRESHOLD_PERCENT": str(warning),
        "VEGA_CRITICAL_THRESHOLD_PERCENT": str(critical),
        "VEGA_MAX_CONTEXT_ENTRIES": str(kept),
        "VEGA_COMPRESSION_TRIGGER": "10",
    }
    vega = make_vega(settings=settings)
    vega.start()

    for number in range(kept + 11):
        vega.chat(f"Message {number}").raise_for_status()
    wait_until(lambda: vega.request("GET", "/metrics").json()["turns"]["full"] <= kept, 20)

    shown = vega.request("GET", "/metrics").json()
    manager = shown["memory_manager"]
    assert manager["warning_threshold_percent"] == warning
    assert manager["critical_threshold_percent"] == critical
    assert manager["max_context_entries"] == kept
    assert shown["turns"] == {"full": kept, "compressed": 11, "archived": 0}
    percent = manager["percent"]
    if not any(0 <= threshold - percent <= 6 for threshold in (warning, critical)):
        expected = "normal" if percent < warning else "warning"
        assert manager["pressure"] == ("critical" if percent >= critical else expected)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("VEGA_WARNING_THRESHOLD_PERCENT", "95", "must be below critical_threshold_percent"),
        ("VEGA_CRITICAL_THRESHOLD_PERCENT", "80", "must be below critical_threshold_percent"),
        ("VEGA_WARNING_THRESHOLD_PERCENT", "0", "greater than 0"),
        ("VEGA_WARNING_THRESHOLD_PERCENT", "-5", "greater than 0"),
        ("VEGA_CRITICAL_THRESHOLD_PERCENT", "100.5", "less than or equal to 100"),
        ("VEGA_CRITICAL_THRESHOLD_PERCENT", "nan", "100"),
        ("VEGA_MAX_CONTEXT_ENTRIES", "0", "greater than or equal to 1"),
        ("VEGA_MAX_CONTEXT_ENTRIES", "1000000", "less than or equal to 10000"),
        ("VEGA_COMPRESSION_TRIGGER", "0", "greater than or equal to 1"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_in_a_sentence(
    make_vega: MakeVega, name: str, value: str, why: str
) -> None:
    vega = make_vega(settings={name: value})

    vega.launch()

    assert vega.wait() not in (0, None)
    assert why in vega.output
    assert "Traceback" not in vega.output
    assert not (vega.home / "vega.db").exists()
