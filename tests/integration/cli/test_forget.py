"""`vega forget`, when Vega goes away in the middle: it says what is sure."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.integration.cli.stub_server import Step, StubServer, answer, drop
from vega.cli.app import app

PLAN: dict[str, Any] = {
    "confirm": "token",
    "turns": [
        {
            "turn_id": 7,
            "at": "2026-03-05T23:30:00+00:00",
            "timezone": "Europe/Vienna",
            "tier": "full",
            "prompt": "My PIN is 4711",
            "response": "All right.",
        }
    ],
    "facts": [],
    "digests": [],
    "others": [],
    "backups": [],
}


def forget(home: Path, monkeypatch: pytest.MonkeyPatch, *after: Step) -> Result:
    """Forgets turn 7, and the connection is lost behind the confirmation."""
    monkeypatch.setenv("VEGA_HOME", str(home))
    with StubServer(home, [answer(200, PLAN), drop, *after]):
        return CliRunner().invoke(app, ["forget", "7", "--yes"])


def said(result: Result) -> str:
    return f"{result.output} {result.exception}"


def test_a_forgetting_that_had_begun_goes_on_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {"error": "Turn 7 was forgotten.", "code": "turn_forgotten"}
    done = forget(tmp_path, monkeypatch, answer(410, gone))

    assert done.exit_code != 0
    assert "the forgetting had begun" in said(done)
    assert "goes on by itself" in said(done)


def test_one_that_had_not_begun_changed_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = forget(tmp_path, monkeypatch, answer(200, {"id": 7, "forgotten_at": None}))

    assert done.exit_code != 0
    assert "nothing was changed" in said(done)


def test_where_nobody_can_be_asked_both_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = forget(tmp_path, monkeypatch, answer(500, {"error": "No."}))

    assert done.exit_code != 0
    assert "at the next start" in said(done)
    assert "if it had not begun" in said(done)


def test_the_days_shown_are_the_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Fri 6 Mar 2026, 00:30" in forget(tmp_path, monkeypatch, answer(500, {})).output
