"""A full disk: what is said then is refused, what was said stays, and nothing is half there."""

from contextlib import suppress
from itertools import takewhile

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import answers_in, assert_sound, read_life, turns_in
from tests.acceptance.small_disk import DISK_BYTES, SmallDisk
from tests.vega_process import StartFailed, VegaProcess, wait_until
from vega.llm.scripted import scripted_answer

WORDS = 60
#: What Vega holds back on such a disk.
BALLAST_BYTES = DISK_BYTES // 64
#: Above what makes it full, below what makes it low.
LITTLE_BYTES = 2 * 1024 * 1024
LONG_PROMPT_BYTES = 300_000
RETRY_SECONDS = 60.0
RECOVERY_SECONDS = 3.0


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
    short = vega.chat("Short.")
    known = vega.request("POST", f"/api/turns/{before['turn_id']}/again")
    read_meanwhile = vega.history()
    turn_meanwhile = vega.turn(before["turn_id"])
    disk.empty()
    again = vega.chat(_long(0), idempotency_key="key 0")
    twice = vega.chat(_long(0), idempotency_key="key 0")
    vega.wait_until_idle()
    history = vega.history()
    assert vega.terminate() == 0

    assert [response.status_code for response in (*refused, short, known)] == [507] * 5
    assert "Retry-After" in refused[0].headers
    assert "disk is full: nothing was stored. Free 3 MB" in refused[0].json()["error"]
    assert [turn["prompt"] for turn in read_meanwhile] == ["The first."]
    assert turn_meanwhile["response"] == before["response"]
    assert (again.status_code, twice.status_code) == (200, 200)
    assert again.json()["turn_id"] == twice.json()["turn_id"]
    assert [turn["prompt"] for turn in history] == ["The first.", _long(0)]
    with read_life(vega.home) as life:
        assert len(turns_in(life)) == len(answers_in(life)) == 2
        assert_sound(life, vega.home)
    assert "Traceback" not in vega.output


def test_little_room_and_none_are_told_and_the_ballast_goes_and_comes_back(
    vega: VegaProcess, disk: SmallDisk
) -> None:
    at_first, ballast_at_first = vega.status(), _ballast_bytes(vega)
    disk.fill(but_bytes=LITTLE_BYTES)
    low, ballast_when_low = vega.status(), _ballast_bytes(vega)
    taken = vega.chat("There is still room for this.")
    disk.fill()
    full, ready = vega.status(), vega.request("GET", "/readyz")
    ballast_when_full = _ballast_bytes(vega)
    disk.empty()
    wait_until(lambda: vega.status()["disk"]["state"] == "ok", RECOVERY_SECONDS)
    after, ballast_after = vega.status(), _ballast_bytes(vega)
    ready_after = vega.request("GET", "/readyz")

    assert at_first["disk"]["state"] == "ok"
    assert at_first["disk"]["total_bytes"] == DISK_BYTES
    assert at_first["attention"] == after["attention"] == []
    assert ballast_at_first == ballast_when_low == ballast_after == BALLAST_BYTES
    assert low["disk"]["state"] == "low"
    assert "nearly full" in low["attention"][0]
    assert taken.status_code == 200
    assert full["disk"]["state"] == "full"
    assert "no prompt is taken until 3 MB more are free" in full["attention"][0]
    assert ballast_when_full == 0
    assert (ready.status_code, ready_after.status_code) == (503, 200)
    assert "disk is full" in ready.json()["store"]


def test_an_answer_in_hand_when_the_disk_fills_gets_the_ballasts_room(
    vega: VegaProcess, disk: SmallDisk
) -> None:
    with vega.events("/chat", prompt=_long(0)) as events:
        for event in events:
            if event.kind == "turn.delta":
                break
        disk.fill()
        told = list(takewhile(lambda event: event.kind != "turn.waiting", events))
    vega.wait_until_idle()
    shown = vega.history()
    refused = vega.chat("And now?")
    assert vega.terminate() == 0

    assert {event.kind for event in told} == {"turn.delta", "turn.completed"}
    assert told[-1].data["response"] == scripted_answer(_long(0), WORDS)
    assert [turn["status"] for turn in shown] == ["completed"]
    assert refused.status_code == 507
    assert not (vega.home / "vega.ballast").exists()
    with read_life(vega.home) as life:
        assert_sound(life, vega.home)


@pytest.mark.parametrize("is_killed", [False, True], ids=["waits", "killed"])
def test_an_answer_that_finds_no_room_at_all_is_given_when_there_is_some(
    is_killed: bool, vega: VegaProcess, disk: SmallDisk
) -> None:
    before = vega.chat("The first.").json()
    with suppress(httpx2.TransportError), vega.events("/chat", prompt=_long(0)) as events:
        for event in events:
            if event.kind == "turn.delta":
                break
        _fill_with_the_ballast(vega, disk)
        waits = next(event for event in events if event.kind == "turn.waiting")
        if is_killed:
            vega.kill()
            vega.start()
        read_meanwhile = vega.history()
        turn_meanwhile = vega.turn(before["turn_id"])
        refused = vega.chat("And now?")
        disk.empty()
        *_, last = events
    vega.wait_until_idle(RETRY_SECONDS)
    after = vega.chat("The last.")
    history = vega.history()
    ballast = _ballast_bytes(vega)
    assert vega.terminate() == 0

    assert "disk is full" in waits.data["reason"]
    assert is_killed or last.kind == "turn.completed"
    assert [turn["prompt"] for turn in read_meanwhile] == ["The first.", _long(0)]
    assert turn_meanwhile["response"] == before["response"]
    assert (refused.status_code, after.status_code) == (507, 200)
    assert ballast == BALLAST_BYTES
    prompts = ["The first.", _long(0), "The last."]
    assert [turn["prompt"] for turn in history] == prompts
    assert [turn["response"] for turn in history] == [scripted_answer(p, WORDS) for p in prompts]
    with read_life(vega.home) as life:
        assert len(answers_in(life)) == 3
        assert_sound(life, vega.home)
    assert "Traceback" not in vega.output


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "ended"])
def test_a_start_on_a_full_disk_serves_the_past(
    is_killed: bool, vega: VegaProcess, disk: SmallDisk
) -> None:
    vega.chat("The first.")
    if is_killed:
        vega.kill()
    else:
        vega.terminate()
    disk.fill()

    vega.start()
    served, status, refused = vega.history(), vega.status(), vega.chat("Now?")
    disk.empty()
    taken = vega.chat("And now?")

    assert [turn["prompt"] for turn in served] == ["The first."]
    assert status["disk"]["state"] == "full"
    assert (refused.status_code, taken.status_code) == (507, 200)
    assert [turn["prompt"] for turn in vega.history()] == ["The first.", "And now?"]
    assert "Traceback" not in vega.output


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "ended"])
def test_a_start_without_any_room_works_or_says_what_is_wrong(
    is_killed: bool, vega: VegaProcess, disk: SmallDisk
) -> None:
    vega.chat("The first.")
    _fill_with_the_ballast(vega, disk)
    if is_killed:
        vega.kill()
    else:
        vega.terminate()
    disk.fill()

    vega.launch()
    with suppress(StartFailed):
        vega.wait_until_healthy()
    is_running, said = vega.is_running, vega.output
    vega.kill()
    disk.empty()
    vega.start()

    assert is_running or (not is_killed and "vega: The disk is full" in said)
    assert "Traceback" not in said
    assert [turn["prompt"] for turn in vega.history()] == ["The first."]


def _long(number: int) -> str:
    return f"Prompt {number}. ".ljust(LONG_PROMPT_BYTES, "x")


def _ballast_bytes(vega: VegaProcess) -> int:
    """What of it is really on the disk."""
    path = vega.home / "vega.ballast"
    return path.stat().st_blocks * 512 if path.exists() else 0


def _fill_with_the_ballast(vega: VegaProcess, disk: SmallDisk) -> None:
    """Whoever fills the disk takes what the ballast gave up, too."""
    disk.fill()
    vega.status()
    disk.fill()
