"""A damaged life is put together anew: what can be read, what backups have, holes for the rest."""

import asyncio
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.lives import completed, new_turn, tell
from tests.tampering import make_whole, select, verified
from tests.tiered_lives import ARCHIVED, COMPRESSED, FULL, TURNS
from vega.core.backup.backup import backup_path
from vega.core.backup.backups import Backups
from vega.core.forgetting import Forgetting
from vega.core.life import sqlite
from vega.core.life.archive import ArchivedTurn
from vega.core.life.forget_plan import ForgetTarget
from vega.core.life.head import HeadFile
from vega.core.live_turns import LiveTurns
from vega.core.salvage.salvage import Salvage, Salvaged
from vega.core.search import parse_query
from vega.core.store import Store
from vega.errors import DatabaseDamaged, NoRoomForBackup

PAGE = sqlite.PAGE_BYTES
Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "home"))


def originals(home: Path, last: int = TURNS) -> dict[int, ArchivedTurn]:
    async def read() -> dict[int, ArchivedTurn]:
        store = await Store.open(home)
        try:
            assert store.attention == []
            return {turn.id: turn for turn in await store.archive.originals(range(1, last + 1))}
        finally:
            await store.close()

    return asyncio.run(read())


def back_up(home: Path) -> Path:
    made = asyncio.run(Backups(home, FakeClock(), "0.0.0").create())
    return backup_path(home, made.name)


def salvage(home: Path, *backups: Path) -> Salvaged:
    return Salvage(home, FakeClock()).perform(backups)


def flip_bit(home: Path) -> None:
    path = home / "vega.db"
    data = bytearray(path.read_bytes())
    data[PAGE * 5 + 3000] ^= 1
    path.write_bytes(data)


def trash(*pages: int) -> Damage:
    def damage(home: Path) -> None:
        path = home / "vega.db"
        data = bytearray(path.read_bytes())
        for page in pages:
            data[PAGE * (page - 1) : PAGE * page] = random.Random(page).randbytes(PAGE)
        path.write_bytes(data)

    return damage


def empty(home: Path) -> None:
    (home / "vega.db").write_bytes(b"")


def remove(home: Path) -> None:
    (home / "vega.db").unlink()


def zero(home: Path) -> None:
    path = home / "vega.db"
    path.write_bytes(bytes(path.stat().st_size))


def truncate(home: Path) -> None:
    path = home / "vega.db"
    path.write_bytes(path.read_bytes()[: PAGE * 40 + 100])


def root_of(home: Path, table: str) -> int:
    found: int = select(home, f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'")
    return found


@pytest.mark.parametrize("damage", [flip_bit, trash(1), trash(2), trash(1, 2), trash(3, 4, 5)])
def test_what_can_be_read_needs_no_backup(home: Path, whole: Path, damage: Damage) -> None:
    said = originals(whole)
    damage(home)
    damaged = (home / "vega.db").read_bytes()

    found = salvage(home)

    assert (found.lost, found.flaws, found.turns) == ([], [], TURNS)
    assert originals(home) == said
    assert found.kept is not None
    assert (found.kept / "vega.db").read_bytes() == damaged
    assert (home / "vega.db").stat().st_mode & 0o777 == 0o600
    assert asyncio.run(verified(home)).finding is None


@pytest.mark.parametrize("damage", [empty, remove, zero, truncate, trash(*range(1, 60))])
def test_a_backup_has_the_rest(home: Path, whole: Path, damage: Damage) -> None:
    said = originals(whole)
    backup = back_up(home)
    damage(home)

    found = salvage(home, backup)

    assert (found.lost, found.flaws) == ([], [])
    assert set(found.from_backups) <= {backup.name}
    assert originals(home) == said
    assert asyncio.run(verified(home)).finding is None


def test_what_nothing_has_is_a_hole_that_says_so(home: Path) -> None:
    said = originals(home)
    trash(root_of(home, "turns"))(home)

    found = salvage(home)

    assert [loss.turn_id for loss in found.lost] == list(FULL)
    # Indexes still tell when they were said.
    assert [loss.at.minute for loss in found.lost] == list(FULL)
    left = originals(home)
    for turn_id in (*ARCHIVED, *COMPRESSED):
        assert left[turn_id] == said[turn_id]
    for turn_id in FULL:
        assert left[turn_id].prompt == ""
        assert left[turn_id].origin == "Lost by damage on 2026-11-22"
        assert left[turn_id].answers == said[turn_id].answers
    report = asyncio.run(verified(home))
    assert report.finding is None
    assert (report.verdict.lost_count, report.verdict.damaged_count) == (len(FULL), 0)
    assert report.verdict.lost[0].text.startswith(
        "Lost by damage on 2026-11-22: turn 19, its prompt"
    )


def test_the_conversation_goes_on_behind_holes(home: Path) -> None:
    trash(root_of(home, "turns"), root_of(home, "answers"))(home)
    salvage(home)

    async def go_on() -> int:
        store = await Store.open(home)
        turn = await tell(store, "Here I am again.")
        found = await store.search.find(parse_query("again"), 10)
        await store.close()
        assert found
        return turn.id

    assert asyncio.run(go_on()) == TURNS + 1
    assert asyncio.run(verified(home)).finding is None


def test_turns_after_the_backup_come_from_what_can_be_read(home: Path) -> None:
    backup = back_up(home)

    async def live_on() -> None:
        store = await Store.open(home)
        for number in range(30):
            await tell(store, f"Later {number}", "x" * 3000)
        await store.close()

    asyncio.run(live_on())
    said = originals(home, TURNS + 30)
    zero_pages = trash(*range(1, 20))
    zero_pages(home)

    found = salvage(home, backup)

    left = originals(home, TURNS + 30)
    lost = {loss.turn_id for loss in found.lost}
    assert all(left[turn_id] == said[turn_id] for turn_id in said if turn_id not in lost)
    assert len(lost) < 30


def test_a_lost_end_is_a_hole_as_long_as_the_head_file_knows(home: Path) -> None:
    backup = back_up(home)

    async def live_on() -> None:
        store = await Store.open(home)
        for number in range(3):
            await tell(store, f"Later {number}")
        await store.close()

    asyncio.run(live_on())
    head = HeadFile(home).load()
    empty(home)

    found = salvage(home, backup)

    assert [loss.turn_id for loss in found.lost] == [TURNS + 1, TURNS + 2, TURNS + 3]
    assert HeadFile(home).load() == head
    assert len(originals(home, TURNS + 3)) == TURNS + 3
    assert asyncio.run(verified(home)).finding is None


def test_pending_turns_still_wait(home: Path) -> None:
    async def ask() -> None:
        store = await Store.open(home)
        await store.accept_turn(new_turn("Unanswered", key="some-key"))
        await store.close()

    asyncio.run(ask())
    trash(1)(home)

    salvage(home)

    async def look() -> None:
        store = await Store.open(home)
        [turn] = await store.take_up_turns()
        assert (turn.id, turn.prompt) == (TURNS + 1, "Unanswered")
        known = await store.find_turn_of_key("some-key")
        assert known is not None
        await store.end_turn(turn.id, completed("Here."), (), turn.at)
        await store.close()

    asyncio.run(look())


@pytest.mark.parametrize("damage", [empty, zero, trash(1), trash(*range(3, 40))])
async def test_what_was_forgotten_never_comes_back(tmp_path: Path, damage: Damage) -> None:
    home = tmp_path / "home"
    home.mkdir()
    store = await Store.open(home)
    for word in ("Xq7vzkt4", "harmless", "Wb3nqpl8"):
        await tell(store, f"My word is {word}.", f"{word} it is.")
    made = await Backups(home, FakeClock(), "0.0.0").create()
    await _forget(store, 1, 3)
    await store.close()
    damage(home)

    await asyncio.to_thread(salvage, home, backup_path(home, made.name))

    data = (home / "vega.db").read_bytes()
    assert b"Xq7vzkt4" not in data
    assert b"Wb3nqpl8" not in data
    again = await Store.open(home)
    shown = [await again.turn(turn_id) for turn_id in (1, 2, 3)]
    await again.close()
    assert [bool(turn.forgotten_at) for turn in shown] == [True, False, True]
    assert shown[1].prompt == "My word is harmless."
    assert (await verified(home)).finding is None


async def _forget(store: Store, *turn_ids: int) -> None:
    forgetting = Forgetting(store, LiveTurns(store), FakeClock())
    await forgetting.start()
    for turn_id in turn_ids:
        target = ForgetTarget(turn_id=turn_id)
        plan = await forgetting.preview(target)
        await forgetting.forget(target, plan.token)
    await forgetting.close()


def test_nothing_is_touched_where_nothing_is_left(home: Path) -> None:
    empty(home)
    HeadFile(home).path.unlink()

    with pytest.raises(DatabaseDamaged, match="Nothing can be read"):
        salvage(home)

    assert (home / "vega.db").read_bytes() == b""
    assert not (home / "replaced").exists()
    assert not list(home.glob("*.salvaged*"))


def test_a_full_disk_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trash(1)(home)
    damaged = (home / "vega.db").read_bytes()
    usage = shutil.disk_usage(home)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    with pytest.raises(NoRoomForBackup):
        salvage(home)

    assert (home / "vega.db").read_bytes() == damaged


def test_a_life_that_is_whole_is_not_said_to_be_damaged(home: Path) -> None:
    assert Salvage(home, FakeClock()).look() is None


@pytest.mark.parametrize("damage", [flip_bit, trash(1), empty, remove, zero, truncate])
def test_damage_is_seen(home: Path, damage: Damage) -> None:
    damage(home)

    assert Salvage(home, FakeClock()).look()


def test_every_count_is_right_again(home: Path, whole: Path) -> None:
    query = "SELECT * FROM tier_totals ORDER BY tier"
    days = "SELECT * FROM days ORDER BY day"
    trash(root_of(home, "days"))(home)

    salvage(home)

    for each in (query, days, "SELECT * FROM chain_head", "SELECT id FROM sessions"):
        assert _rows(home, each) == _rows(whole, each)
    both = [
        _rows(where, "SELECT block_count, text_bytes FROM archive_totals")
        for where in (home, whole)
    ]
    assert both[0] == both[1]


def _rows(home: Path, query: str) -> list[object]:
    with closing(sqlite.connect(home / "vega.db", read_only=True)) as connection:
        return list(connection.execute(query))


def test_a_kill_at_any_step_leaves_the_old_life_or_a_way_on(whole: Path, tmp_path: Path) -> None:
    said = originals(whole)
    damaged = b""
    for last in range(1, 60):
        home = tmp_path / str(last)
        shutil.copytree(whole, home)
        trash(1)(home)
        damaged = (home / "vega.db").read_bytes()
        done = _perform_until(home, last)
        is_old = (home / "vega.db").exists()

        if done.returncode != 0:
            salvage(home)

        assert originals(home) == said
        assert is_old or done.returncode != 0
        kept = list((home / "replaced").glob("*/vega.db"))
        assert damaged in [path.read_bytes() for path in kept]
        assert not list(home.glob("*.salvaged*"))
        shutil.rmtree(home)
        if done.returncode == 0:
            break

    assert done.returncode == 0, done.stderr
    assert last > 8


def _perform_until(home: Path, last: int) -> subprocess.CompletedProcess[str]:
    """In a process that kills itself before its so-many-th change to the folder."""
    code = """
import os, pathlib, signal, sys
from tests.clocks import FakeClock
from vega.core.salvage.salvage import Salvage

count, last = 0, int(sys.argv[2])

def hook(event, args):
    global count
    if event in ("os.rename", "os.remove", "os.mkdir", "shutil.copyfile"):
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

salvage = Salvage(pathlib.Path(sys.argv[1]), FakeClock())
sys.addaudithook(hook)
salvage.perform([])
"""
    return subprocess.run(
        [sys.executable, "-c", code, str(home), str(last)],
        capture_output=True,
        text=True,
        check=False,
    )
