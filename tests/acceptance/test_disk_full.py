"""A full disk: what is said then is refused, what was said stays, and nothing is half there."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import answers_in, assert_sound, read_life, turns_in
from tests.vega_process import StartFailed, VegaProcess
from vega.llm.scripted import scripted_answer

WORDS = 60
DISK_MEGABYTES = 8
BLOCK_BYTES = 4096
LONG_PROMPT_BYTES = 300_000
RETRY_SECONDS = 60.0


class SmallDisk:
    """A file system of its own, which can be filled and emptied."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filling = path / "filling"

    def fill(self) -> None:
        with self._filling.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(BLOCK_BYTES))

    def empty(self) -> None:
        self._filling.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    options = f"size={DISK_MEGABYTES}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "vega-test", path], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"this machine mounts no small disk: {mounted.stderr}")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", path], check=True)


@pytest.fixture
def vega(disk: SmallDisk, make_vega: MakeVega) -> VegaProcess:
    """A Vega whose home is the small disk."""
    started = make_vega(
        model_url=f"scripted:?words={WORDS}&delay_ms=30",
        settings={"VEGA_HOME": str(disk.path / "home")},
    )
    started.home = disk.path / "home"
    started.start()
    return started


def test_a_prompt_on_a_full_disk_gets_507_and_leaves_nothing_behind(
    vega: VegaProcess, disk: SmallDisk
) -> None:
    before = vega.chat("The first.").json()

    disk.fill()
    refused = [vega.chat(_long(n), idempotency_key=f"key {n}") for n in range(3)]
    read_meanwhile = vega.history()
    turn_meanwhile = vega.turn(before["turn_id"])
    disk.empty()
    again = vega.chat(_long(0), idempotency_key="key 0")
    vega.wait_until_idle()
    history = vega.history()
    assert vega.terminate() == 0

    assert [response.status_code for response in refused] == [507] * 3
    assert "Retry-After" in refused[0].headers
    assert "disk is full" in refused[0].json()["error"]
    assert [turn["prompt"] for turn in read_meanwhile] == ["The first."]
    assert turn_meanwhile["response"] == before["response"]
    assert again.status_code == 200
    assert [turn["prompt"] for turn in history] == ["The first.", _long(0)]
    with read_life(vega.home) as life:
        assert len(turns_in(life)) == len(answers_in(life)) == 2
        assert_sound(life, vega.home)
    assert "Traceback" not in vega.output


def test_an_answer_that_finds_no_room_is_given_when_there_is_some(
    vega: VegaProcess, disk: SmallDisk
) -> None:
    with vega.events("/chat", prompt=_long(0)) as events:
        for event in events:
            if event.kind == "turn.delta":
                break
        disk.fill()
        _use_up_the_log(vega)
        waits = next(event for event in events if event.kind == "turn.waiting")
        disk.empty()
        *_, last = events
    vega.wait_until_idle(RETRY_SECONDS)
    history = vega.history()
    assert vega.terminate() == 0

    assert "disk is full" in waits.data["reason"]
    assert last.kind == "turn.completed"
    assert last.data["response"] == scripted_answer(_long(0), WORDS)
    assert {turn["status"] for turn in history} == {"completed"}
    with read_life(vega.home) as life:
        assert_sound(life, vega.home)
    assert "Traceback" not in vega.output


def test_a_vega_on_a_full_disk_is_not_ready(vega: VegaProcess, disk: SmallDisk) -> None:
    before = vega.request("GET", "/readyz")
    disk.fill()
    _use_up_the_log(vega)

    full = vega.request("GET", "/readyz")

    assert before.status_code == 200
    assert full.status_code == 503
    assert "disk is full" in full.json()["store"]


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "ended"])
def test_a_start_on_a_full_disk_works_or_says_what_is_wrong(
    is_killed: bool, vega: VegaProcess, disk: SmallDisk
) -> None:
    vega.chat("The first.")
    if is_killed:
        vega.kill()
    else:
        vega.terminate()
    disk.fill()

    vega.launch()
    with suppress(StartFailed):
        vega.wait_until_healthy()
    said = vega.output
    vega.kill()
    disk.empty()
    vega.start()

    assert "Traceback" not in said
    assert [turn["prompt"] for turn in vega.history()] == ["The first."]


def _long(number: int) -> str:
    return f"Prompt {number}. ".ljust(LONG_PROMPT_BYTES, "x")


def _use_up_the_log(vega: VegaProcess) -> None:
    """Prompts, ever shorter ones, until nothing fits into the write-ahead log either."""
    size = LONG_PROMPT_BYTES
    while size >= 1:
        is_refused = True
        with suppress(httpx2.HTTPStatusError), vega.events("/chat", prompt="y" * size) as events:
            next(events)
            is_refused = False
        if is_refused:
            size //= 4
