"""Imported years are embedded in the background by the real model, past kill -9, each once."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import MakeVega
from tests.models_folder import models_folder
from tests.vega_process import VegaProcess, wait_until
from vega.core.life.vectors import Vectors
from vega.core.recall.passages import PASSAGES
from vega.llm.catalogue import MINILM_L6

MESSAGES = 240
SECONDS = 120


@pytest.fixture
def vega(make_vega: MakeVega) -> VegaProcess:
    settings = {"VEGA_EMBEDDING": "built-in", "VEGA_MODELS_DIR": str(models_folder())}
    made = make_vega(settings=settings)
    made.start()
    return made


def _indexing(vega: VegaProcess) -> dict[str, Any]:
    shown: dict[str, Any] = vega.status()["indexing"]
    return shown


def _import(vega: VegaProcess) -> None:
    lines = [
        {
            "external_id": f"m{number}",
            "role": "assistant" if number % 2 else "user",
            "name": None,
            "text": f"Message {number} of the past, about the walrus and its {number} tusks.",
            "at": f"2021-05-01T10:{number % 60:02}:00+02:00",
        }
        for number in range(MESSAGES)
    ]
    body = "\n".join(map(json.dumps, lines)).encode()
    answer = vega._http.post("/api/import", content=body, headers={"X-API-Key": vega.key})
    assert answer.raise_for_status().json()["imported"] == MESSAGES


def _vectors(home: Path) -> Vectors:
    """The files of one that has ended."""
    session_id = json.loads((home / "index" / "vectors.codes").read_bytes()[:4096])["life"]
    name = f"{MINILM_L6.id} {MINILM_L6.sha256[:16]} {PASSAGES}"
    return Vectors.open(home, name, MINILM_L6.dimension, session_id)


def test_a_past_that_is_imported_is_embedded_past_kills_each_message_once(
    vega: VegaProcess,
) -> None:
    _import(vega)
    for part in (0.2, 0.5, 0.8):
        wait_until(lambda part=part: _indexing(vega)["embedded"] >= part * MESSAGES, SECONDS)  # type: ignore[misc]
        vega.kill()
        vega.start()
    wait_until(lambda: _indexing(vega)["pending"] == 0, SECONDS)
    shown = _indexing(vega)
    vega.terminate()
    vectors = _vectors(vega.home)

    assert shown == {"pending": 0, "embedded": MESSAGES, "trouble": None, "is_on": True}
    assert not vectors.needs_rebuild
    assert vectors.count == MESSAGES
    assert [each for part in vectors.check() for each in part] == []
    vectors.close()


def test_a_turn_is_embedded_within_seconds_and_lost_files_are_made_again(
    vega: VegaProcess,
) -> None:
    vega.chat("My boat is called Walrus.")
    wait_until(lambda: _indexing(vega)["pending"] == 0, SECONDS)
    vega.kill()
    for path in (vega.home / "index").iterdir():
        path.write_bytes(b"nonsense")
    vega.start()
    wait_until(lambda: _indexing(vega)["embedded"] == 2, SECONDS)
    vega.terminate()
    vectors = _vectors(vega.home)

    assert vectors.count == 2
    vectors.close()


def test_where_it_is_switched_off_nothing_waits_and_no_process_runs(make_vega: MakeVega) -> None:
    made = make_vega()
    made.start()
    made.chat("Hello")

    assert _indexing(made) == {"pending": 0, "embedded": 0, "trouble": None, "is_on": False}
    assert not (made.home / "index").exists()
