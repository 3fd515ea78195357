"""Runs of a verification: in pieces, one at a time, beside turns, and whatever the clock does."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import completed, new_turn, tell, until
from tests.tampering import change, flip, select, verifier
from tests.tiered_lives import ARCHIVED, COMPRESSED, FULL, TURNS, move, tell_tiers
from vega.core import proof, verification
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.core.verification import Verification
from vega.errors import DatabaseDamaged

#: Ends a run after each look.
NO_TIME = 0.0
KILLS = 12


@pytest.fixture
async def told(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A life in all tiers, of which three links are looked at in one go."""
    monkeypatch.setattr(proof, "STRETCH_LINKS", 3)
    await tell_tiers(store)
    return store


async def run_to_the_end(found: Verification) -> int:
    """In as many runs as it takes."""
    count = 1
    while not await found.run(NO_TIME):
        count += 1
    return count


async def test_a_run_in_pieces_comes_to_the_same_verdict(told: Store, tmp_path: Path) -> None:
    change(tmp_path, "UPDATE answers SET hash = randomblob(32) WHERE turn_id IN (19, 22)")
    change(tmp_path, "UPDATE turns SET prompt = 'other' WHERE id IN (20, 21)")
    change(tmp_path, "PRAGMA wal_checkpoint(TRUNCATE)")
    flip(tmp_path, b"answer 23 ")
    at_once = verifier(told)
    await at_once.run(None)
    whole = (await at_once.report()).verdict

    count = await run_to_the_end(verifier(told))

    pieces = (await verifier(told).report()).verdict
    assert count > 10
    assert pieces.flaws == whole.flaws
    assert pieces.damaged_turns == (19, 20, 21, 22, 23)
    assert (pieces.head, pieces.turns) == (whole.head, whole.turns)


async def test_a_new_process_goes_on_where_the_last_one_stopped(told: Store) -> None:
    first = verifier(told)
    for _ in range(3):
        await first.run(NO_TIME)
    second = verifier(told)
    before = await second.report()

    await second.run(NO_TIME)

    after = await second.report()
    assert (before.verdict.place.next_link, after.verdict.place.next_link) == (10, 13)
    assert before.verdict.run == after.verdict.run == 1
    assert 0 < before.progress < after.progress < 1


async def test_a_life_that_grows_meanwhile_is_verified_to_its_new_end(told: Store) -> None:
    found = verifier(told)
    await found.run(NO_TIME)

    turn = await tell(told, "And now?")
    await found.run(None)

    verdict = (await found.report()).verdict
    assert verdict.flaws == ()
    assert verdict.turns == turn.id == TURNS + 1
    assert verdict.head.link == told.newest_link


@pytest.mark.parametrize("steps", range(0, 16, 3))
async def test_turns_that_move_meanwhile_raise_no_alarm(told: Store, steps: int) -> None:
    found = verifier(told)
    for _ in range(steps):
        await found.run(NO_TIME)

    await move(told, FULL[:3])
    for turn_id in (ARCHIVED[0], COMPRESSED[0], ARCHIVED[-1]):
        turn = await told.ask_again(turn_id)
        await told.end_turn(turn.id, completed("once more"), (), FakeClock().now())
    await run_to_the_end(found)

    assert (await found.report()).finding is None


async def test_turns_move_all_the_time_and_raise_no_alarm(told: Store) -> None:
    found = verifier(told)
    running = asyncio.create_task(run_to_the_end(found))
    chance = random.Random(5)
    moves = 0
    while not running.done():
        turn_id = chance.choice([*ARCHIVED, *COMPRESSED, *FULL])
        turn = await told.ask_again(turn_id)
        await told.end_turn(turn.id, completed("once more"), (), FakeClock().now())
        await move(told, [turn_id], archived=[turn_id])
        moves += 1
        if moves == 40:
            await running
    verdict = (await found.report()).verdict

    assert verdict.flaws == ()
    assert moves > 3


async def test_a_flaw_that_is_mended_is_forgotten_by_the_next_run(
    told: Store, tmp_path: Path
) -> None:
    found = verifier(told)
    change(tmp_path, "UPDATE turns SET prompt = prompt || '?' WHERE id = 20")
    await found.run(None)
    seen = (await found.report()).verdict.damaged_turns
    change(tmp_path, "UPDATE turns SET prompt = rtrim(prompt, '?') WHERE id = 20")

    await found.run(NO_TIME)
    meanwhile = (await found.report()).verdict.damaged_turns
    await found.run(None)

    assert seen == meanwhile == (20,)
    assert (await found.report()).finding is None


async def test_a_clock_that_jumps_back_hides_no_flaw(told: Store, tmp_path: Path) -> None:
    clock = FakeClock()
    found = Verification(told, LiveTurns(told), clock)
    await found.run(NO_TIME)
    clock.advance(days=-1)
    change(tmp_path, "UPDATE turns SET prompt = 'other' WHERE id = 20")

    await found.run(None)

    assert (await found.report()).verdict.damaged_turns == (20,)


async def test_who_asks_twice_joins_the_run_that_goes_on(told: Store) -> None:
    found = verifier(told)

    await asyncio.gather(found.start(), found.start())
    report = await found.report()
    await found.wait()

    assert (report.verdict.run, report.is_running) == (1, True)
    assert (await found.report()).verdict.completed_run == 1


async def test_a_nightly_run_makes_way_for_a_whole_one(told: Store) -> None:
    found = verifier(told)
    nightly = asyncio.create_task(found.run())
    await until(lambda: found._lock.locked())

    await found.start()
    await found.wait()

    assert await nightly is False
    verdict = (await found.report()).verdict
    assert (verdict.run, verdict.completed_run) == (2, 2)


async def test_turns_go_first_but_not_for_ever(
    told: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "PATIENCE_SECONDS", 0.02)
    live_turns = LiveTurns(told)
    turn, _ = await told.accept_turn(new_turn("Wait for me"))
    live_turns.add(turn)
    found = Verification(told, live_turns, FakeClock())
    began = time.monotonic()

    await found.run(None)

    looks = told.newest_link / 3
    assert time.monotonic() - began > 0.02 * (looks - 1)
    assert (await found.report()).finding is None


async def test_what_ends_with_vega_goes_on_later(told: Store) -> None:
    found = verifier(told)
    await found.start()

    await found.close()

    assert (await found.report()).verdict.completed_run == 0
    again = verifier(told)
    assert await again.run(None)


async def test_a_run_that_cannot_read_on_says_why(told: Store, tmp_path: Path) -> None:
    page = select(tmp_path, "SELECT rootpage FROM sqlite_master WHERE name = 'chain_head'")
    change(tmp_path, "PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray((tmp_path / "vega.db").read_bytes())
    data[page * 4096 - 20] ^= 1
    (tmp_path / "vega.db").write_bytes(data)
    found = verifier(told)

    with pytest.raises(DatabaseDamaged):
        await found.run(None)
    nightly = await found.report()
    await found.start()
    await found.wait()

    for report in (nightly, await found.report()):
        assert "fails its checksum" in str(report.error)


SCRIPT = """
import asyncio, sys
from pathlib import Path
from tests.tampering import verifier
from vega.core import proof, verification
from vega.core.store import Store

proof.STRETCH_LINKS = 2
verification.SAVE_SECONDS = 0.0

async def main():
    store = await Store.open(Path(sys.argv[1]))
    print("begun", flush=True)
    await verifier(store).run(None)
    await store.close()

asyncio.run(main())
"""


async def test_runs_that_are_killed_anywhere_come_to_the_same_verdict(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await tell_tiers(store)
    await store.close()
    change(tmp_path, "UPDATE turns SET prompt = 'other' WHERE id IN (20, 24)")
    chance = random.Random(7)
    root = Path(__file__).parents[3]

    for _ in range(KILLS):
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, tmp_path],
            env={**os.environ, "PYTHONPATH": f"{root}:{root / 'src'}"},
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        process.stdout.readline()
        await asyncio.sleep(chance.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        process.communicate()

    store = await Store.open(tmp_path)
    found = verifier(store)
    while not await found.run(None):
        pass
    verdict = (await found.report()).verdict
    assert verdict.damaged_turns == (20, 24)
    assert verdict.turns == TURNS
    await store.close()


async def test_where_nothing_was_begun_there_is_nothing_to_wait_for_or_to_end(told: Store) -> None:
    found = verifier(told)

    await found.wait()
    await found.close()

    report = await found.report()
    assert (report.is_running, report.progress, report.finding) == (False, 0.0, None)
