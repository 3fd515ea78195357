"""One conversation for life: one id, whoever asks, whatever else is written beside it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from tests.acceptance.conftest import MakeVega
from tests.vega_process import VegaProcess
from vega.core.life.sqlite import connect

ASK = (
    "import sys\n"
    "from vega.core.db import get_persistent_session_id\n"
    "print('ready', flush=True)\n"
    "sys.stdin.readline()\n"
    "print(get_persistent_session_id())\n"
)
PLANT = "INSERT INTO sessions (id, is_permanent, created_at) VALUES (?, 0, ?)"
FAR_FUTURE = 2**60
OTHERS = [
    ("aaa", 0),
    ("zzz", FAR_FUTURE),
    ("persistent-00000000", 0),
    ("persistent-zz", FAR_FUTURE),
]


@pytest.mark.parametrize("count", [2, 8])
def test_processes_that_race_at_first_start_get_one_id(count: int, tmp_path: Path) -> None:
    home = tmp_path / "home"

    ids = _race(home, count)

    assert len(ids) == count
    assert len(set(ids)) == 1
    assert ids[0].startswith("persistent-")
    with closing(connect(home / "vega.db", read_only=True)) as life:
        assert life.execute("SELECT id, is_permanent FROM sessions").get == (ids[0], 1)


def test_a_server_and_processes_that_race_at_first_start_get_one_id(make_vega: MakeVega) -> None:
    vega = make_vega()

    vega.launch()
    ids = _race(vega.home, 4)
    vega.wait_until_healthy()

    assert {*ids, vega.status()["session_id"]} == {ids[0]}


def test_the_id_stays_over_restarts(vega: VegaProcess) -> None:
    first = vega.status()["session_id"]
    seen = set()

    for end in (vega.terminate, vega.kill, vega.terminate):
        end()
        seen |= set(_race(vega.home, 1))
        vega.start()
        seen.add(vega.chat("My name is Ana.").json()["session_id"])

    assert seen == {first}


def test_the_id_stays_whatever_other_sessions_are_planted(vega: VegaProcess) -> None:
    first = vega.status()["session_id"]
    vega.terminate()

    with closing(connect(vega.home / "vega.db")) as life:
        life.executemany(PLANT, OTHERS)
    asked = _race(vega.home, 2)
    vega.start()

    assert {*asked, vega.status()["session_id"]} == {first}
    assert vega.chat("Hello.").json()["session_id"] == first
    refused = vega.chat("Hello.", session_id=OTHERS[0][0])
    assert refused.status_code == 409
    assert refused.json()["code"] == "session_conflict"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sessions (id, is_permanent) VALUES ('persistent-2', 1)",
        "INSERT OR REPLACE INTO sessions (id, is_permanent) VALUES ('persistent-2', 1)",
        "INSERT OR REPLACE INTO sessions (id, is_permanent) SELECT id, 0 FROM sessions "
        "WHERE is_permanent = 1",
        "UPDATE sessions SET is_permanent = 1 WHERE id = 'planted'",
        "UPDATE OR REPLACE sessions SET is_permanent = 1 WHERE id = 'planted'",
        "UPDATE OR REPLACE sessions SET id = (SELECT id FROM sessions WHERE is_permanent = 1) "
        "WHERE id = 'planted'",
        "UPDATE sessions SET is_permanent = 0 WHERE is_permanent = 1",
        "UPDATE sessions SET id = 'persistent-2' WHERE is_permanent = 1",
        "DELETE FROM sessions WHERE is_permanent = 1",
        "DELETE FROM sessions",
    ],
)
def test_the_database_refuses_whatever_would_end_or_double_the_session(
    statement: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (first,) = _race(home, 1)
    with closing(connect(home / "vega.db")) as life:
        life.execute(PLANT, ("planted", 1))

        with pytest.raises(apsw.ConstraintError):
            life.execute(statement)

        permanent = life.execute("SELECT id FROM sessions WHERE is_permanent = 1").fetchall()
    assert permanent == [(first,)]


def _race(home: Path, count: int) -> Sequence[str]:
    """What so many processes say that ask for the id at the same moment."""
    asking = [
        subprocess.Popen(
            [sys.executable, "-c", ASK],
            env={**os.environ, "VEGA_HOME": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    for process in asking:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in asking:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=30)[0].strip() for process in asking]
    assert [process.returncode for process in asking] == [0] * count
    return answers
