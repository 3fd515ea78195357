"""`vega recall` and `vega search`: what is asked for, and how messages are shown."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.integration.cli.stub_server import StubServer, answer
from vega.cli.app import app

ITEM = {
    "turn_id": 7,
    "external_id": None,
    "role": "user",
    "name": None,
    "at": "2026-03-05T09:30:00+00:00",
    "text": "My sister Ana moves to Graz.",
    "tokens": 21,
    "score": 5.5,
    "tier": "archived",
}
WINDOW = {"from": "2026-03-05T00:00:00+00:00", "to": "2026-03-06T00:00:00+00:00"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEGA_HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "UTC")
    return tmp_path


def run(home: Path, *words: str, found: dict[str, Any]) -> tuple[Result, str]:
    """What the command prints, and the path that it asked for."""
    with StubServer(home, [answer(200, found)]) as server:
        done = CliRunner().invoke(app, list(words))
    return done, server.requests[0].path


def recalled(*items: dict[str, Any], window: dict[str, str] | None = None) -> dict[str, Any]:
    found = {"window": window, "timezone": "UTC", "complete": True, "tokens": 0}
    return {**found, "items": list(items)}


def test_each_message_stands_under_its_day_its_speaker_and_its_turn(home: Path) -> None:
    others = {**ITEM, "role": "assistant", "turn_id": 8}, {**ITEM, "name": "Ana\nB", "turn_id": 9}

    done, _ = run(home, "recall", "Where does Ana live?", found=recalled(ITEM, *others))

    assert done.exit_code == 0
    heads = [line for line in done.stdout.splitlines() if "turn " in line]
    assert [head.split("  ")[1:] for head in heads] == [
        ["you", "turn 7"],
        ["Vega", "turn 8"],
        ["Ana B", "turn 9"],
    ]
    assert "5 March 2026" in heads[0]
    assert "My sister Ana moves to Graz." in done.stdout


def test_a_question_needs_no_quotes(home: Path) -> None:
    _, path = run(home, "recall", "Where", "is", "Ana?", "-n", "3", found=recalled())

    assert path == "/api/recall?q=Where+is+Ana%3F&budget_tokens=2000&limit=3"


def test_it_can_be_asked_as_if_at_another_time_and_with_other_room(home: Path) -> None:
    words = ("recall", "yesterday?", "--at", "2026-03-06T10:00:00+01:00", "--budget", "500")

    _, path = run(home, *words, found=recalled())

    assert path == (
        "/api/recall?q=yesterday%3F&budget_tokens=500&limit=10&at=2026-03-06T10%3A00%3A00%2B01%3A00"
    )


def test_the_time_that_was_understood_is_said(home: Path) -> None:
    done, _ = run(home, "recall", "yesterday?", found=recalled(ITEM, window=WINDOW))

    assert "The time meant: 2026-03-05" in done.stderr


def test_that_there_is_no_record_is_said(home: Path) -> None:
    done, _ = run(home, "recall", "moles", found=recalled())

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "There is no record of that.\n"


def test_a_search_asks_for_words_and_phrases_as_they_were_typed(home: Path) -> None:
    words = ("search", '"to Graz"', "Ana", "--before", "2026-04-01")

    done, path = run(home, *words, found={"items": [ITEM], "complete": True})

    assert path == "/api/search?q=%22to+Graz%22+Ana&limit=10&before=2026-04-01"
    assert "turn 7" in done.stdout


def test_that_nothing_was_found_is_said(home: Path) -> None:
    done, _ = run(home, "search", "moles", found={"items": [], "complete": True})

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "Nothing that was said holds that.\n"


@pytest.mark.parametrize("command", ["recall", "search"])
def test_json_is_one_line_as_the_server_said_it(home: Path, command: str) -> None:
    found = recalled(ITEM, window=WINDOW)

    done, _ = run(home, command, "Ana", "--json", found=found)

    assert json.loads(done.stdout) == found
    assert done.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["recall"], ["search"], ["recall", "a", "-n", "0"], ["search", "a", "-n", "101"]]
)
def test_what_cannot_be_asked_is_refused_before_anybody_is(home: Path, words: list[str]) -> None:
    assert CliRunner().invoke(app, words).exit_code == 2
