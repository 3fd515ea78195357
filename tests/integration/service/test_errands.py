"""What an upgrade does in a life's home while nobody writes: kept, given back, left alone."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.vega_process import VegaProcess
from vega.core.sql import migrations
from vega.service import errands

HERE = migrations()[-1][0]
NEXT_STEP = "CREATE TABLE next_things (id INTEGER PRIMARY KEY)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Of a life with one turn, which nobody serves now."""
    with VegaProcess(tmp_path / "home") as vega:
        vega.start()
        vega.chat("My favorite color is purple")
        vega.terminate()
        return vega.home


@pytest.fixture
def old_vega(tmp_path: Path) -> str:
    """The command of the version that is gone back to."""
    path = tmp_path / "vega"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m vega.cli "$@"\n')
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def run(home: Path, old_vega: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Keeps or gives back, as systemd has it done; by a version whose schema is one step on."""
    monkeypatch.setenv("VEGA_HOME", str(home))
    monkeypatch.setattr(errands, "migrations", lambda: [(HERE + 1, "next", NEXT_STEP)])
    return lambda name: errands.ERRANDS[name](home, old_vega)


def _migrate(home: Path) -> None:
    """As far as a next version would: by hand, since there is none."""
    header = home / "vega.db"
    with header.open("r+b") as file:
        file.seek(60)
        file.write((HERE + 1).to_bytes(4))


def test_a_life_that_is_to_be_migrated_is_kept_once(home: Path, run: Callable[[str], Any]) -> None:
    first, again = run("keep"), run("keep")

    assert first["turns"] == 1
    assert again == first
    assert [path.name for path in (home / "backups").glob("*.db")] == [first["backup"]]


def test_a_life_that_is_not_to_be_migrated_is_not_copied(
    home: Path, old_vega: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEGA_HOME", str(home))

    assert "backup" not in errands.keep(home, old_vega)
    assert not (home / "backups").exists()


def test_what_was_kept_is_the_life_again_and_what_was_forgotten_stays_so(
    home: Path, run: Callable[[str], Any]
) -> None:
    (home / "vega.forgotten").write_text("")
    run("keep")
    _migrate(home)
    (home / "vega.forgotten").write_text("what the file says\n")

    note = run("go-back")

    assert note["outcome"] == "back"
    assert errands.schema_of(home) == HERE
    assert (home / "vega.forgotten").read_text() == "what the file says\n"
    # Done twice, it does nothing more.
    assert run("go-back") == note
    assert len(list((home / "replaced").iterdir())) == 1


def test_a_life_to_which_something_was_said_since_is_left_alone(
    home: Path, run: Callable[[str], Any]
) -> None:
    run("keep")
    with VegaProcess(home) as vega:
        vega.start()
        vega.chat("My favorite color is green")
        vega.terminate()

    assert run("go-back")["outcome"] == "newer"
    with closing(sqlite3.connect(f"file:{home}/vega.db?mode=ro", uri=True)) as life:
        assert life.execute("SELECT count(*) FROM turns").fetchone() == (2,)


def test_the_backups_of_the_last_upgrade_stay_and_those_before_it_go(
    home: Path, run: Callable[[str], Any]
) -> None:
    names = []
    for _ in range(2):
        errands.plan(home)
        names.append(run("keep")["backup"])
        errands.end(home, "done")

    assert [path.name for path in (home / "backups").glob("*.db")] == names[1:]


def test_a_failed_upgrade_takes_no_backup_away(home: Path, run: Callable[[str], Any]) -> None:
    errands.plan(home)
    first = run("keep")["backup"]
    errands.end(home, "done")
    errands.plan(home)
    second = run("keep")["backup"]
    errands.end(home, "failed")

    assert {path.name for path in (home / "backups").glob("*.db")} == {first, second}
    assert errands.read_note(home) == {"made": [first, second]}


def test_ports_are_set_and_taken_out_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEGA_HOME", str(home))

    before = errands.doors(home, "port=8123", "page_port=8124")
    after = errands.doors(home)
    errands.doors(home, *(f"{name}={port}" for name, port in before.items()))

    assert before == {"port": 0, "page_port": 0}
    assert after == {"port": 8123, "page_port": 8124}
    assert errands.doors(home) == before


def test_the_answer_is_one_line_of_json(home: Path) -> None:
    done = subprocess.run(
        (sys.executable, "-P", "-m", "vega.service.errands", "plan"),
        env={"VEGA_HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    found = json.loads(done.stdout)
    assert found["schema"] == found["schema_here"] == HERE
    assert found["bytes"] > 0
