"""A better model is taken into use, and a real Vega tells the past again with it: it may be killed
in the middle, and does nothing twice."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import MakeVega
from tests.clocks import FakeClock
from tests.diaries import LONG_DAY
from tests.lives import only_model, tell
from tests.model_server import Behaviour, ModelServer
from tests.terminal import run_command
from tests.vega_process import VegaProcess, wait_until
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.core.telling.digests import DigestWriter
from vega.llm.scripted import ScriptedModel

SECONDS = 60.0
#: Two weeks of one month: nine days are told, two weeks, a month and a year.
DAYS = (5, 6, 7, 8, 9, 12, 13, 14, 15)
DIGEST = "You asked about bread, spoke of Ana and her plants, and wanted a van for two days. "
TOWNS = ("Graz", "Linz", "Wels", "Steyr", "Bregenz")


async def test_digests_are_written_again_by_the_model_that_is_there_now(
    make_vega: MakeVega,
) -> None:
    behaviour = Behaviour(pieces=[DIGEST] * 4, delay_seconds=0.1, is_llama_cpp=False)
    async with ModelServer(behaviour) as server:
        await asyncio.to_thread(_write_digests_again, make_vega, server)


def _write_digests_again(make_vega: MakeVega, server: ModelServer) -> None:
    vega = make_vega(model_url=server.url)
    vega.home.mkdir()
    asyncio.run(_live_long_days(vega.home))
    vega.start()
    before = _digests(vega)
    assert Counter(each["kind"] for each in before) == {"day": 9, "week": 2, "month": 1, "year": 1}
    assert {each["model"] for each in before} == {None}

    begun = run_command(vega.home, "digest", "--again").stdout
    assert begun == "13 digests will be written again, in the background.\n"
    # Killed before any is written, and again while the third or so is.
    vega.kill()
    vega.start()
    wait_until(lambda: _by_model(vega) >= 2, SECONDS)
    vega.kill()
    vega.start()
    wait_until(lambda: _unwritten(vega) == 0, SECONDS)

    after = _digests(vega)
    assert [_span(each) for each in after] == [_span(each) for each in before]
    assert [each["turns"] for each in after] == [each["turns"] for each in before]
    # One month is no more than what was told of it.
    assert {each["kind"] for each in after if each["model"] is None} <= {"year"}
    assert {each["text"] for each in after if each["model"]} == {(DIGEST * 4).strip()}
    asked = _asked(server)
    assert max(asked.values()) <= 2, asked
    assert sum(asked.values()) <= 12 + 2
    assert "Traceback" not in vega.output


async def _live_long_days(home: Path) -> None:
    store = await Store.open(home)
    for day in DAYS:
        for hour, (prompt, answer) in enumerate(LONG_DAY):
            await tell(store, prompt, answer, at=datetime(2024, 2, day, 9 + hour, tzinfo=UTC))
    models = only_model(ScriptedModel(), home)
    await DigestWriter(store, models, LiveTurns(store), FakeClock()).write_due()
    await store.close()


def _digests(vega: VegaProcess) -> list[dict[str, Any]]:
    told = vega.request("GET", "/api/digests").raise_for_status().json()["digests"]
    return sorted(told, key=_span)


def _span(told: dict[str, Any]) -> tuple[str, str]:
    return told["from"], told["to"]


def _by_model(vega: VegaProcess) -> int:
    return sum(each["model"] is not None for each in _digests(vega))


def _unwritten(vega: VegaProcess) -> int:
    count: int = vega.request("GET", "/api/digests").raise_for_status().json()["unwritten"]
    return count


def _asked(server: ModelServer) -> Counter[str]:
    """What the model was asked for, and how often."""
    prompts = [
        request.json()["messages"][-1]["content"]
        for request in server.requests
        if request.path == "/v1/chat/completions"
    ]
    return Counter(prompt.splitlines()[0] for prompt in prompts if "in this time" in prompt)


async def test_facts_are_drawn_again_by_the_model_that_is_there_now(make_vega: MakeVega) -> None:
    items = [{"attribute": "home", "value": town, "is_over": False} for town in TOWNS]
    pieces = [json.dumps({"facts": items}), "\n", "\n"]
    behaviour = Behaviour(pieces=pieces, delay_seconds=0.1, is_llama_cpp=False)
    async with ModelServer(behaviour) as server:
        await asyncio.to_thread(_draw_facts_again, make_vega, server)


def _draw_facts_again(make_vega: MakeVega, server: ModelServer) -> None:
    vega = make_vega()
    vega.start()
    for town in TOWNS:
        prompt = f"Since the divorce I have been living all alone in {town}."
        vega.chat(prompt).raise_for_status()
    wait_until(lambda: _pending(vega) == 0, SECONDS)
    assert _homes(vega) == []
    vega.terminate()
    vega.settings["VEGA_MODEL_URL"] = server.url
    vega.start()

    assert "from 5 turns" in run_command(vega.home, "facts", "redraw").stdout
    wait_until(lambda: 0 < len(_homes(vega)) < len(TOWNS), SECONDS)
    vega.kill()
    vega.start()
    wait_until(lambda: _pending(vega) == 0, SECONDS)

    homes = _homes(vega)
    assert [each["value"] for each in homes] == list(TOWNS)
    assert [each["turn_id"] for each in homes] == [1, 2, 3, 4, 5]
    assert {each["model"] for each in homes} == {"stub"}
    ends = [each["held_until"] for each in homes]
    assert ends == [each["held_from"] for each in homes[1:]] + [None]
    asked = [each for each in server.requests if each.path == "/v1/chat/completions"]
    assert len(asked) <= len(TOWNS) + 1


def _pending(vega: VegaProcess) -> int:
    count: int = vega.status()["facts"]["pending"]
    return count


def _homes(vega: VegaProcess) -> list[dict[str, Any]]:
    """Where the owner ever lived, the oldest first."""
    shown = vega.request("GET", "/api/facts?all=true").raise_for_status().json()["facts"]
    return [each for each in shown[::-1] if each["attribute"] == "home"]
