"""A damaged life, as its owner meets it: told what to do, and put together by one command."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from tests.acceptance.conftest import MakeVega
from tests.played_systemd import PlayedSystemd
from tests.terminal import run_command
from tests.tiered_lives import TURNS, tell_tiers
from tests.vega_process import StartFailed, VegaProcess, wait_until
from vega.core.store import Store

PAGE = 4096


def tell(home: Path) -> None:
    async def live() -> None:
        store = await Store.open(home)
        await tell_tiers(store)
        await store.close()

    asyncio.run(live())


@pytest.fixture
def told(make_vega: MakeVega) -> VegaProcess:
    vega = make_vega()
    tell(vega.home)
    return vega


def trash_first_page(home: Path) -> None:
    path = home / "vega.db"
    path.write_bytes(random.Random(6).randbytes(PAGE) + path.read_bytes()[PAGE:])


def empty(home: Path) -> None:
    (home / "vega.db").write_bytes(b"")


@pytest.mark.parametrize("damage", [trash_first_page, empty])
def test_a_start_says_what_to_do_and_the_command_does_it(
    told: VegaProcess, damage: Callable[[Path], None]
) -> None:
    run_command(told.home, "backup", "create")
    damage(told.home)

    with pytest.raises(StartFailed, match="vega doctor --repair"):
        told.start()
    mended = run_command(told.home, "doctor", "--repair")
    again = run_command(told.home, "doctor", "--repair")

    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert f"{TURNS} of {TURNS} turns are whole" in mended.stdout
    assert f"is kept in {told.home / 'replaced'}" in mended.stdout
    assert again.stdout == "ok  No turn of the archive is damaged.\n"
    told.start()
    assert len(told.history()) == TURNS
    assert told.status()["attention"] == []


def test_what_is_lost_is_named_by_turn(told: VegaProcess) -> None:
    path = told.home / "vega.db"
    data = path.read_bytes()
    path.write_bytes(data[: 40 * PAGE])

    done = run_command(told.home, "doctor", "--repair")
    verified = run_command(told.home, "verify")

    assert done.returncode == 1
    assert "could not be read, and no backup has it" in done.stdout
    assert verified.returncode == 0
    assert "lost by damage" in verified.stdout


def test_nothing_is_put_together_under_a_running_vega(told: VegaProcess) -> None:
    told.start()

    done = run_command(told.home, "doctor", "--repair")

    assert done.stdout == "ok  No turn of the archive is damaged.\n"
    assert not (told.home / "replaced").exists()


def test_a_service_whose_life_is_damaged_answers_with_what_to_do(tmp_path: Path) -> None:
    home = tmp_path / "home"
    tell(home)
    run_command(home, "backup", "create")
    trash_first_page(home)
    with PlayedSystemd(home) as systemd:
        vega = systemd.vega
        vega.launch()
        systemd.hear("READY=1")

        answers = [
            httpx2.get(f"{vega.url}{path}", trust_env=False) for path in ("/healthz", "/", "/x")
        ]
        mended = run_command(home, "doctor", "--repair")
        ended = vega.wait()

        assert [answer.status_code for answer in answers] == [503, 503, 503]
        assert answers[0].json()["code"] == "life_damaged"
        assert "vega doctor --repair" in answers[0].json()["error"]
        assert str(home) not in answers[0].text
        assert mended.returncode == 0, mended.stdout + mended.stderr
        # systemd starts it again.
        assert ended == 0
        vega.start()
        wait_until(lambda: len(vega.history()) == TURNS, 10)
