"""kill -9 in the middle of cleanups loses nothing: each original stays, whatever its tier.

A real server, always short of memory by its settings, gets old conversations as fast as it can put
them away, is spoken to meanwhile, and is killed inside its passes. The seed is printed;
VEGA_TEST_SEED gives it back.
"""

import asyncio
import json
import os
import random
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import answers_in, assert_sound, read_copy, read_life, turns_in
from tests.lives import tell
from tests.vega_process import VegaProcess, wait_until
from vega.core.life.sqlite import Connection
from vega.core.store import Store
from vega.llm.scripted import scripted_answer

KILLS_IN_A_PASS = 30
MOST_KILLS = 80
#: Every so many, the nightly pass is what is killed.
NIGHTLY_EVERY = 4
WORDS = 30
#: How often it is killed as soon as turns are archived, which takes the shortest time.
ARCHIVING_SHARE = 0.3
TURNS_AT_FIRST = 300
TURNS_AT_A_TIME = 250
LINES_AT_A_TIME = 1_000
MODEL = f"scripted:?words={WORDS}&delay_ms=1"
#: Memory is scarce whatever this machine has, so that each look is followed by a pass.
SETTINGS = {
    "VEGA_WARNING_THRESHOLD_PERCENT": "0.1",
    "VEGA_CRITICAL_THRESHOLD_PERCENT": "0.2",
    "VEGA_MAX_CONTEXT_ENTRIES": "5",
    "VEGA_COMPRESSION_TRIGGER": "1",
    "VEGA_CHECK_INTERVAL_SECONDS": "1",
}
#: Turns that a pass has moved and that no finished one has on record: it was killed at work.
_UNRECORDED = """
SELECT (SELECT sum(entered_count) FROM tier_totals WHERE tier <> 'full')
    - (SELECT coalesce(sum(compressed_count + archived_count), 0) FROM cleanups)
"""
_LEFT = "SELECT tier, count(*) FROM turns WHERE at < ? AND tier <> 'archived' GROUP BY tier"


@dataclass
class Deaths:
    """What the kills found."""

    #: By what was still to be done.
    compressing: int = 0
    archiving: int = 0
    recording: int = 0
    nightly: int = 0
    between: int = 0
    #: How long a Vega lives at the most once it is kept busy: as long as passes take on this
    #: machine, as far as the kills so far have told.
    longest_seconds: float = 0.7
    _unrecorded: int = 0

    @property
    def in_a_pass(self) -> int:
        return self.compressing + self.archiving + self.recording + self.nightly

    @property
    def count(self) -> int:
        return self.in_a_pass + self.between

    def note(self, life: Connection, *, was_nightly: bool) -> None:
        unrecorded = int(life.execute(_UNRECORDED).get)
        was_at_work = unrecorded > self._unrecorded
        self._unrecorded = unrecorded
        two_hours_ago = int((time.time() - 2 * 3600) * 1e6)
        left: dict[str, int] = dict(life.execute(_LEFT, (two_hours_ago,)))
        if was_nightly:
            self.nightly += 1
        elif not was_at_work:
            self.between += 1
            self.longest_seconds *= 0.85
        elif left.get("full", 0) > 0:
            self.compressing += 1
            self.longest_seconds *= 1.15
        elif left.get("compressed", 0) > 0:
            self.archiving += 1
        else:
            self.recording += 1


@dataclass
class Told:
    """What the life must hold: by prompt its answers, the last of which is shown."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    #: Of prompts that were sent while the server might die: their keys.
    keys: dict[str, str] = field(default_factory=dict)
    #: What is still to be imported.
    lines: list[str] = field(default_factory=list)


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("VEGA_TEST_SEED") or secrets.randbits(32))


def test_kill_9_inside_cleanups_loses_nothing(
    seed: int,
    make_vega: MakeVega,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    chance = random.Random(seed)
    vega = make_vega(model_url=MODEL, settings=SETTINGS)
    deaths, told = Deaths(), Told()
    asyncio.run(_begin_a_life(vega.home, chance, told))

    _kill_again_and_again(vega, chance, deaths, told, tmp_path / "copy")
    vega.start()
    _import(vega, told)
    for prompt, key in told.keys.items():
        vega.chat(prompt, idempotency_key=key).raise_for_status()
    vega.wait_until_idle()
    wait_until(lambda: _is_settled(vega), 60)
    shown = vega.history(page_size=200)
    sample = [vega.turn(turn["id"]) for turn in chance.sample(shown, 100)]
    tiers = vega.request("GET", "/metrics").json()["turns"]
    output = vega.output
    assert vega.terminate() == 0
    verified = _verify(vega)

    lost = len(set(told.answers) - {turn["prompt"] for turn in shown})
    counts = (
        f"{deaths.count} kills ({deaths.compressing} while turns were compressed, "
        f"{deaths.archiving} while turns were archived, {deaths.recording} before a pass was "
        f"recorded, {deaths.nightly} in a nightly pass, {deaths.between} between passes), "
        f"{len(shown)} turns ({tiers}), {lost} lost"
    )
    record_property("counts", f"kill -9 inside cleanups (seed {seed}): {counts}")
    assert deaths.in_a_pass >= KILLS_IN_A_PASS, counts
    assert deaths.compressing > 0, counts
    assert deaths.archiving + deaths.recording > 0, counts
    assert deaths.nightly > 0, counts
    assert {turn["prompt"]: turn["response"] for turn in shown} == {
        prompt: answers[-1] for prompt, answers in told.answers.items()
    }
    assert len(shown) == len(told.answers)
    assert {turn["prompt"]: turn["response"] for turn in sample}.items() <= {
        prompt: answers[-1] for prompt, answers in told.answers.items()
    }.items()
    assert verified["finding"] is None
    assert "Traceback" not in output
    with read_life(vega.home) as life:
        assert_sound(life, vega.home)
        prompts = {turn.id: turn.prompt for turn in turns_in(life)}
        firsts = [each for each in answers_in(life) if each.number == 1]
        assert {prompts[each.turn_id]: each.text for each in firsts} == {
            prompt: answers[0] for prompt, answers in told.answers.items()
        }


def _kill_again_and_again(
    vega: VegaProcess, chance: random.Random, deaths: Deaths, told: Told, copy: Path
) -> None:
    with ThreadPoolExecutor(3) as pool:
        while deaths.in_a_pass < KILLS_IN_A_PASS and deaths.count < MOST_KILLS:
            is_nightly = deaths.count % NIGHTLY_EVERY == NIGHTLY_EVERY - 1
            if is_nightly:
                asyncio.run(_forget_last_night(vega.home))
            vega.start()
            if is_nightly:
                was_nightly = _wait_until_night_falls(vega, chance)
            else:
                was_nightly = False
                _keep_it_busy(vega, pool, chance, told, deaths)
            vega.kill()
            with read_copy(vega.home, copy) as life:
                deaths.note(life, was_nightly=was_nightly)


async def _begin_a_life(home: Path, chance: random.Random, told: Told) -> None:
    """Some weeks old."""
    home.mkdir()
    store = await Store.open(home)
    for number in range(TURNS_AT_FIRST):
        prompt, answer = f"Old prompt {number}", _text(chance)
        at = datetime.now(UTC) - timedelta(days=30) + timedelta(minutes=number)
        await tell(store, prompt, answer, at=at)
        told.answers[prompt] = [answer]
    await store.close()


async def _forget_last_night(home: Path) -> None:
    """So that the next start makes up for it."""
    store = await Store.open(home)
    await store.upkeep.set_night(0)
    await store.close()


def _wait_until_night_falls(vega: VegaProcess, chance: random.Random) -> bool:
    """Whether the nightly pass was under way a moment ago."""

    def is_night() -> bool:
        activity = vega.request("GET", "/metrics").json()["memory_manager"]["activity"]
        return activity is not None and "nightly" in activity

    with suppress(TimeoutError):
        wait_until(is_night, 5, poll_seconds=0.002)
        deadline = time.monotonic() + chance.uniform(0, 0.1)
        while was_night := is_night():
            if time.monotonic() >= deadline:
                return was_night
    return False


def _keep_it_busy(
    vega: VegaProcess, pool: ThreadPoolExecutor, chance: random.Random, told: Told, deaths: Deaths
) -> None:
    """An old turn is asked again, old conversations come, somebody talks; until the kill."""
    asked = vega.turn(chance.randint(1, TURNS_AT_FIRST))
    vega.request("POST", f"/api/turns/{asked['id']}/again").raise_for_status()
    told.answers[asked["prompt"]].append(scripted_answer(asked["prompt"], WORDS))
    told.lines += _old_conversation(deaths.count, chance, told)
    prompt = f"Live prompt {deaths.count}"
    told.answers[prompt] = [scripted_answer(prompt, WORDS)]
    told.keys[prompt] = secrets.token_hex(8)
    archived = _archived(vega)
    running = (
        pool.submit(_import, vega, told),
        pool.submit(vega.chat, prompt, idempotency_key=told.keys[prompt]),
    )
    if chance.random() < ARCHIVING_SHARE:
        with suppress(TimeoutError):
            wait_until(lambda: _archived(vega) > archived, 5, poll_seconds=0.002)
    else:
        time.sleep(chance.uniform(0.05, deaths.longest_seconds))
    vega.kill()
    for each in running:
        with suppress(httpx2.TransportError):
            each.result()


def _old_conversation(number: int, chance: random.Random, told: Told) -> list[str]:
    """Its lines, as they are imported."""
    lines = []
    begun = datetime.now(UTC) - timedelta(days=chance.uniform(1, 12))
    for place in range(TURNS_AT_A_TIME):
        prompt, answer = f"Import {number}.{place}", _text(chance)
        told.answers[prompt] = [answer]
        at = (begun + timedelta(seconds=place)).isoformat()
        for role, text in (("user", prompt), ("assistant", answer)):
            message = {"external_id": f"{prompt} {role}", "role": role, "text": text, "at": at}
            lines.append(json.dumps(message))
    return lines


def _import(vega: VegaProcess, told: Told) -> None:
    """What a killed server may not have taken is sent once more; what it took, it knows."""
    while told.lines:
        response = httpx2.post(
            f"{vega.url}/api/import",
            content="\n".join(told.lines[:LINES_AT_A_TIME]).encode(),
            headers={"X-API-Key": vega.key},
            trust_env=False,
            timeout=60,
        )
        assert response.raise_for_status().json()["failed"] == []
        del told.lines[:LINES_AT_A_TIME]


def _text(chance: random.Random) -> str:
    """Some sentences of words that are no words."""
    words = ["".join(chance.choices("abcdefghijklmnoprstuvwz", k=6)) for _ in range(120)]
    return ". ".join(" ".join(words[place : place + 12]) for place in range(0, 120, 12))


def _archived(vega: VegaProcess) -> int:
    return int(vega.request("GET", "/metrics").json()["turns"]["archived"])


def _is_settled(vega: VegaProcess) -> bool:
    shown = vega.request("GET", "/metrics").json()
    is_working = shown["memory_manager"]["activity"] is not None
    return not is_working and shown["turns"]["full"] <= 6


def _verify(vega: VegaProcess) -> dict[str, object]:
    """What `vega verify` says of the life of a Vega that has ended."""
    done = subprocess.run(
        [sys.executable, "-m", "vega.cli", "verify", "--json"],
        env={**os.environ, "VEGA_HOME": str(vega.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found
