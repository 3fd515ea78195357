"""`vega digest`: which span of time is asked for, and what is said where there is none."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.integration.cli.stub_server import StubServer, answer
from vega.cli.app import app

#: A Friday.
TODAY = "2026-03-06"
WRITTEN = {
    "kind": "day",
    "from": "2026-03-05",
    "to": "2026-03-05",
    "text": "You said: My sister Ana moves to Graz.",
    "turns": 1_204,
    "first_turn_id": 7,
    "last_turn_id": 1_210,
    "model": None,
    "written_at": "2026-03-06T00:00:12+00:00",
}


def server_answer(*digests: dict[str, Any], unwritten: int = 0) -> dict[str, Any]:
    return {"digests": list(digests), "unwritten": unwritten, "today": TODAY}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEGA_HOME", str(tmp_path))
    return tmp_path


def ask(home: Path, *words: str, found: dict[str, Any] | None = None) -> tuple[Result, list[str]]:
    """What the command prints, and the paths that it asked for."""
    with StubServer(home, [answer(200, server_answer()), answer(200, found or {})]) as server:
        done = CliRunner().invoke(app, ["digest", *words])
    return done, [request.path for request in server.requests]


def test_yesterday_is_the_owners_and_what_is_meant_by_nothing(home: Path) -> None:
    done, paths = ask(home, found=server_answer(WRITTEN))

    assert done.exit_code == 0
    assert done.stdout == (
        "Thursday, 5 March 2026 (1,204 turns)\nYou said: My sister Ana moves to Graz.\n"
    )
    assert paths[1] == "/api/digests?kind=day&from=2026-03-05&to=2026-03-05"


@pytest.mark.parametrize(
    ("said", "query"),
    [
        ("2026-W10", "kind=week&from=2026-03-02&to=2026-03-08"),
        ("2024-02", "kind=month&from=2024-02-01&to=2024-02-29"),
        ("2025", "kind=year&from=2025-01-01&to=2025-12-31"),
    ],
)
def test_a_longer_span_is_asked_for_whole(home: Path, said: str, query: str) -> None:
    _, paths = ask(home, said, found=server_answer())

    assert paths[1] == f"/api/digests?{query}"


@pytest.mark.parametrize(
    ("said", "unwritten", "sentence"),
    [
        ("2026-03-04", 0, "Nothing was said on Wednesday, 4 March 2026."),
        ("2026-W09", 0, "Nothing was said in the week from 23 February to 1 March 2026."),
        ("2026-02", 0, "Nothing was said in February 2026."),
        ("2025", 1, "The digest of 2025 is still to be written, which is done at night."),
        (
            "today",
            0,
            "Friday, 6 March 2026 is not over yet; what has been said so far is in `vega history`.",
        ),
        (
            "2026-W10",
            0,
            "The week from 2 to 8 March 2026 is not over yet; what has been said so far is in "
            "`vega history`.",
        ),
        ("2026-03-07", 0, "Saturday, 7 March 2026 is yet to come."),
    ],
)
def test_where_there_is_none_a_sentence_says_why(
    home: Path, said: str, unwritten: int, sentence: str
) -> None:
    done, _ = ask(home, said, found=server_answer(unwritten=unwritten))

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"{sentence}\n")


def test_a_day_that_is_not_over_shows_no_digest_of_a_clock_that_was_ahead(home: Path) -> None:
    done, _ = ask(home, "today", found=server_answer(WRITTEN))

    assert done.stdout == ""
    assert "is not over yet" in done.stderr


def test_json_is_what_the_server_says(home: Path) -> None:
    found = server_answer(WRITTEN)

    done, _ = ask(home, "2026-03-05", "--json", found=found)

    assert json.loads(done.stdout) == found


@pytest.mark.parametrize("said", ["tomorrow", "2026-02-30", "2025-W53"])
def test_what_is_no_span_of_time_is_a_mistake(home: Path, said: str) -> None:
    done, paths = ask(home, said)

    assert done.exit_code == 2
    assert said in done.stderr
    assert paths == []
