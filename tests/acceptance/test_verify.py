"""`vega verify` and `vega doctor --repair`, with Vega running and without; and across kill -9."""

import asyncio
import json
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeVega
from tests.tampering import change, flip, select
from tests.terminal import PATIENCE_SECONDS, VEGA, environment, run_command, settings_of
from tests.tiered_lives import TURNS, tell_tiers
from tests.vega_process import VegaProcess
from vega.core.life.archive import ArchivedTurn
from vega.core.life.sqlite import connect
from vega.core.store import Store

LINKS = 2 * TURNS + 1
BLOCK_2 = range(7, 13)


@pytest.fixture
def told(make_vega: MakeVega) -> VegaProcess:
    """A Vega that does not run, with a life in all tiers."""
    vega = make_vega()

    async def tell() -> None:
        store = await Store.open(vega.home)
        await tell_tiers(store)
        await store.close()

    asyncio.run(tell())
    return vega


def originals(home: Path) -> list[ArchivedTurn]:
    async def read() -> list[ArchivedTurn]:
        store = await Store.open(home)
        found = await store.archive.originals(range(1, TURNS + 1))
        await store.close()
        return found

    return asyncio.run(read())


def flip_block(home: Path) -> None:
    """A bit of a page of the block that holds turns 7 to 12."""
    with closing(connect(home / "vega.db")) as connection:
        connection.wal_checkpoint(mode=3)
        data = connection.execute("SELECT data FROM archive_blocks WHERE id = 2").get
    flip(home, data[-30:])


def trash_block(home: Path) -> None:
    """The beginning of that block."""
    with closing(connect(home / "vega.db")) as connection:
        connection.wal_checkpoint(mode=3)
        data = connection.execute("SELECT data FROM archive_blocks WHERE id = 2").get
    path = home / "vega.db"
    path.write_bytes(path.read_bytes().replace(data[:64], bytes(64)))


@pytest.mark.parametrize("is_running", [True, False])
def test_a_whole_life_is_proven(told: VegaProcess, is_running: bool) -> None:
    if is_running:
        told.start()

    done = run_command(told.home, "verify")
    shown = json.loads(run_command(told.home, "verify", "--json").stdout)

    assert done.returncode == 0
    assert done.stdout.startswith(f"{TURNS} turns, {LINKS} links, all as they were stored; head 49")
    assert done.stdout.endswith("agrees with vega.head.\n")
    assert (shown["links"], shown["finding"], shown["run"]) == (LINKS, None, 2)
    assert done.stderr == ""


@pytest.mark.parametrize("is_running", [True, False])
def test_the_first_turn_that_differs_is_named(told: VegaProcess, is_running: bool) -> None:
    change(told.home, "UPDATE turns SET prompt = 'other' WHERE id IN (20, 22)")
    if is_running:
        told.start()

    done = run_command(told.home, "verify")
    shown = run_command(told.home, "verify", "--json")

    assert done.returncode == shown.returncode == 1
    assert done.stdout.splitlines() == [
        "Turn 20 is not as it was stored: its prompt differs (entry 39).",
        "Turn 22 is not as it was stored: its prompt differs (entry 43).",
    ]
    assert json.loads(shown.stdout)["damaged_turns"] == [20, 22]


def test_where_nothing_was_begun_nothing_is_made(tmp_path: Path) -> None:
    done = run_command(tmp_path / "home", "verify")

    assert done.returncode == 1
    assert "Vega is not running" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_flipped_bit_is_told_by_turn_and_mended_from_a_backup(told: VegaProcess) -> None:
    said = originals(told.home)
    told.start()
    assert run_command(told.home, "backup", "create").returncode == 0
    told.terminate()
    flip_block(told.home)
    told.start()

    seen = run_command(told.home, "verify")
    status = told.status()
    refused = told.request("GET", "/api/turns/9")
    looked = run_command(told.home, "doctor", variables=settings_of(told))
    mended = run_command(told.home, "doctor", "--repair")
    again = run_command(told.home, "doctor", "--repair")

    assert seen.stdout.startswith("Turn 7 is damaged in the archive (entry 12).")
    assert "vega doctor --repair" in seen.stderr
    assert status["verification"]["damaged_turns"] == list(BLOCK_2)
    assert (refused.status_code, refused.json()["code"]) == (500, "turn_damaged")
    assert len(told.history()) == TURNS
    assert "Damaged turns: 7, 8, 9, 10, 11, 12" in looked.stdout
    assert "vega doctor --repair" in looked.stdout
    assert mended.returncode == 0
    assert mended.stdout.count("is as it was stored again, from vega-") == len(BLOCK_2)
    assert again.stdout == "ok  No turn of the archive is damaged.\n"
    assert run_command(told.home, "verify").returncode == 0
    told.terminate()
    assert originals(told.home) == said


def test_a_repair_needs_no_running_vega(told: VegaProcess) -> None:
    said = originals(told.home)
    run_command(told.home, "backup", "create")
    flip_block(told.home)

    mended = run_command(told.home, "doctor", "--repair")

    assert mended.returncode == 0
    assert originals(told.home) == said


def test_what_no_backup_has_is_told_and_needs_the_owner(told: VegaProcess) -> None:
    # A single bit would be turned back.
    trash_block(told.home)

    done = run_command(told.home, "doctor", "--repair")

    assert done.returncode == 1
    told_turns = [line for line in done.stdout.splitlines() if "no backup has it" in line]
    assert len(told_turns) == len(BLOCK_2)


def test_a_healthy_life_is_told_by_doctor(told: VegaProcess) -> None:
    told.start()
    before = run_command(told.home, "doctor", variables=settings_of(told))
    run_command(told.home, "verify")

    after = run_command(told.home, "doctor", variables=settings_of(told))

    assert "Not yet; `vega verify`" in before.stdout
    assert f"{LINKS} links, on 20" in after.stdout


def test_vega_that_is_killed_in_the_middle_is_verified_all_the_same(told: VegaProcess) -> None:
    told.start()
    command = subprocess.Popen(
        [*VEGA, "verify"], env=environment(told.home), stdout=subprocess.PIPE, text=True
    )
    told.kill()
    told.start()

    shown, _ = command.communicate(timeout=PATIENCE_SECONDS)

    assert command.returncode == 0
    assert "all as they were stored" in shown
    assert select(told.home, "SELECT completed_run = run FROM verifications") == 1
