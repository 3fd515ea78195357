"""What `vega doctor` finds in the files of a life and its backups, where they are really broken."""

import asyncio
import json
import os
import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from tests.clocks import FakeClock
from tests.lives import new_turn
from vega.cli import life_checks
from vega.cli.finding import Finding
from vega.core.backup.backups import Backups
from vega.core.life import self_test, sqlite
from vega.core.store import Store

PAGE_BYTES = 4096
OLD = 10 * 24 * 3600.0


async def live(home: Path, turns: int = 30) -> None:
    store = await Store.open(home)
    for number in range(turns):
        await store.accept_turn(new_turn(f"Turn {number}. " + "The sea was calm. " * 50))
    await store.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """With a life that nobody has open."""
    home = tmp_path / "home"
    asyncio.run(live(home))
    return home


def pages(home: Path) -> Finding:
    (shown,) = life_checks.check_pages(home)
    return shown


# The life


def test_a_whole_life_is_well(home: Path) -> None:
    assert life_checks.check_life(home).state == "ok"
    assert pages(home).state == "ok"


def test_it_is_looked_at_without_being_touched(home: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in home.glob("vega.*")}

    life_checks.check_life(home)
    pages(home)

    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in home.glob("vega.*")}
    assert after == before


LOOK = """
import sys
from pathlib import Path
from vega.cli import life_checks
for _ in range(10):
    print(*(each.state for each in life_checks.check_pages(Path(sys.argv[1]))))
"""


async def test_one_that_is_being_written_is_looked_at_from_another_process(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    looking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", LOOK, str(tmp_path)), stdout=asyncio.subprocess.PIPE
    )
    ended = asyncio.create_task(looking.communicate())
    while not ended.done():
        await store.accept_turn(new_turn("The wind came. " * 300))
    await store.close()

    said, _ = await ended
    assert said.decode().split() == ["ok"] * 10
    assert pages(tmp_path).state == "ok"


@pytest.mark.parametrize("seed", range(5))
def test_a_turned_bit_is_seen(home: Path, seed: int) -> None:
    path = home / life_checks.LIFE_FILE
    count = path.stat().st_size // PAGE_BYTES
    assert count <= life_checks.TRIED_PAGES
    page = random.Random(seed).randrange(1, count)
    self_test.damage(path, page * PAGE_BYTES + 1000)

    shown = pages(home)

    assert shown.state == "bad"
    assert f" {page + 1}." in shown.text
    assert "vega verify" in shown.hint


def test_a_damaged_first_page_is_always_seen(home: Path) -> None:
    self_test.damage(home / life_checks.LIFE_FILE, 2000)

    assert pages(home).state == "bad"


def test_a_database_without_checksums_is_no_life(home: Path) -> None:
    path = home / life_checks.LIFE_FILE
    path.unlink()
    with apsw.Connection(str(path)) as plain:
        plain.pragma("application_id", sqlite.APPLICATION_ID)
    plain.close()

    assert life_checks.check_life(home).state == "bad"
    assert pages(home).state == "bad"


@pytest.mark.parametrize(
    "content", [b"", b"no life", bytes(8192), life_checks.MAGIC + b"\x00\x07" + bytes(8000)]
)
def test_what_is_no_database_is_seen(home: Path, content: bytes) -> None:
    (home / life_checks.LIFE_FILE).write_bytes(content)

    assert life_checks.check_life(home).state == "bad"
    assert list(life_checks.check_pages(home)) == []


def test_a_missing_life_is_seen(home: Path) -> None:
    (home / life_checks.LIFE_FILE).unlink()

    shown = life_checks.check_life(home)

    assert (shown.state, "backup restore" in shown.hint) == ("bad", True)
    assert list(life_checks.check_pages(home)) == []


# The driver


def test_the_sqlite_that_came_with_vega_is_well() -> None:
    assert life_checks.check_driver().state == "ok"


def test_an_sqlite_that_believes_a_damaged_page_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite.connect

    def without_checks(path: Path) -> sqlite.Connection:
        with path.open("r+b") as file:
            file.seek(self_test.EMPTY_PLACE)
            file.write(b"\0")
        return connect(path)

    monkeypatch.setattr(sqlite, "connect", without_checks)

    shown = life_checks.check_driver()

    assert shown.state == "bad"
    assert "as if it were whole" in shown.text


def test_an_old_sqlite_and_one_without_search_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.51.2")
    monkeypatch.setattr(apsw, "compile_options", ("THREADSAFE=0",))

    shown = life_checks.check_driver()

    assert shown.state == "bad"
    for words in ("older than 3.51.3", "without ENABLE_FTS5", "one thread"):
        assert words in shown.text


# Backups


async def back_up(home: Path, age: timedelta) -> None:
    clock = FakeClock()
    clock.set(datetime.now(UTC) - age)
    await Backups(home, clock, "1.0").create()


@pytest.fixture
def backed_up(home: Path) -> Callable[[timedelta], Finding]:
    def check(age: timedelta) -> Finding:
        asyncio.run(back_up(home, age))
        return life_checks.check_backups(home)

    return check


def test_a_backup_of_last_night_is_well(backed_up: Callable[[timedelta], Finding]) -> None:
    assert backed_up(timedelta(hours=20)).state == "ok"


def test_nights_without_a_backup_are_seen(backed_up: Callable[[timedelta], Finding]) -> None:
    shown = backed_up(timedelta(days=4))

    assert (shown.state, "none was made since" in shown.text) == ("bad", True)
    assert "vega backup create" in shown.hint


def test_a_backup_that_lost_its_end_is_seen(
    home: Path, backed_up: Callable[[timedelta], Finding]
) -> None:
    backed_up(timedelta(hours=1))
    (path,) = (home / "backups").glob("*.db")
    os.truncate(path, path.stat().st_size - 1)

    assert life_checks.check_backups(home).state == "bad"


def test_a_backup_whose_manifest_is_garbled_does_not_count(
    home: Path, backed_up: Callable[[timedelta], Finding]
) -> None:
    backed_up(timedelta(hours=1))
    (manifest,) = (home / "backups").glob("*.json")
    manifest.write_text(json.dumps([1, 2]))

    assert "none" in life_checks.check_backups(home).text


def test_a_new_life_has_no_backup_yet_and_an_old_one_should_have(home: Path) -> None:
    new = life_checks.check_backups(home)
    for path in (home, *home.rglob("*")):
        os.utime(path, (path.stat().st_atime - OLD, path.stat().st_mtime - OLD))

    assert (new.state, life_checks.check_backups(home).state) == ("note", "bad")


def test_backups_that_cannot_be_looked_at_are_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: Path) -> list[object]:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(life_checks, "_backups", refuse)

    found = life_checks.check_backups(home)

    assert (found.state, found.text) == ("bad", f"{home / 'backups'}: Permission denied.")


def test_where_no_life_began_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    assert life_checks.check_backups(tmp_path).state == "note"


# Their copies on another disk


def second(home: Path, folder: Path | None) -> Finding:
    return life_checks.check_second_place(home, folder)


def test_a_folder_on_the_same_disk_is_no_second_place(home: Path, tmp_path: Path) -> None:
    asyncio.run(back_up(home, timedelta(hours=1)))

    shown = second(home, home / "backups")

    assert (shown.state, "own disk" in shown.text) == ("note", True)


def test_copies_that_stopped_coming_are_seen(home: Path) -> None:
    asyncio.run(back_up(home, timedelta(days=4)))

    assert second(home, home / "backups").state == "bad"


def test_a_copy_that_lost_its_end_is_seen_there_too(home: Path) -> None:
    asyncio.run(back_up(home, timedelta(hours=1)))
    (path,) = (home / "backups").glob("*.db")
    os.truncate(path, 100)

    assert second(home, home / "backups").state == "bad"


def test_a_disk_that_hangs_does_not_hold_up_doctor(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life_checks, "DISK_SECONDS", 0.1)
    folder = home / "backups"
    folder.mkdir(exist_ok=True)
    # Who opens a pipe for reading waits for a writer.
    os.mkfifo(folder / "vega-20260101T033000Z.json")

    shown = second(home, folder)

    assert (shown.state, shown.text) == ("bad", f"{folder} hangs.")
