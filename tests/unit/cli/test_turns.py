"""Turns as they are shown."""

from typing import Any

import pytest

from vega.cli.turns import TurnPrinter


def _turn(**fields: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "prompt": "Hello.",
        "response": "Good day.",
        "status": "completed",
        "created_at": "2026-11-20T12:00:00+00:00",
        "origin": "terminal",
        "error": None,
        **fields,
    }


def test_each_day_has_its_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    days = ("2026-11-20T10:00", "2026-11-20T11:00", "2026-11-22T10:00")

    TurnPrinter().print([_turn(created_at=f"{day}:00+00:00") for day in days])

    shown = capsys.readouterr().out
    assert shown.count("20 November 2026") == 1
    assert shown.count("22 November 2026") == 1


def test_a_turn_from_elsewhere_says_from_where(capsys: pytest.CaptureFixture[str]) -> None:
    TurnPrinter().print([_turn(origin="page"), _turn()])

    shown = capsys.readouterr().out
    assert shown.count("page") == 1
    assert "terminal" not in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"status": "pending", "response": ""}, "not answered yet"),
        ({"status": "answering", "response": "Goo"}, "still being answered"),
        ({"status": "stopped"}, "stopped"),
        ({"status": "failed", "response": "", "error": "It gave up."}, "It gave up."),
        ({"note": "Another model answered."}, "Another model answered."),
    ],
)
def test_what_is_no_plain_answer_says_so(
    fields: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    TurnPrinter().print([_turn(**fields)])

    assert said in capsys.readouterr().out


def test_every_line_of_a_prompt_is_marked(capsys: pytest.CaptureFixture[str]) -> None:
    TurnPrinter().print([_turn(prompt="one\ntwo")])

    assert "> one\n> two\n" in capsys.readouterr().out


def test_a_turn_stands_under_the_day_on_which_its_owner_lived_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    late = "2026-11-20T23:30:00+00:00"

    TurnPrinter().print([_turn(created_at=late, timezone="Asia/Tokyo")])
    TurnPrinter().print([_turn(created_at=late, timezone="America/New_York")])

    shown = capsys.readouterr().out
    assert "21 November 2026" in shown
    assert "08:30" in shown
    assert "20 November 2026" in shown
    assert "18:30" in shown


def test_a_zone_that_this_machine_does_not_know_hides_no_turn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    TurnPrinter().print([_turn(timezone="Mars/Olympus")])

    assert "Hello." in capsys.readouterr().out
