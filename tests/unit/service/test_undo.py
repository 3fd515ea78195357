"""What was done is taken back, the last step first, whatever fails on the way."""

import pytest

from vega.service.undo import Interrupted, Undo


def test_the_last_step_is_taken_back_first(capsys: pytest.CaptureFixture[str]) -> None:
    taken_back: list[str] = []

    undo = Undo()
    undo.later("the first", lambda: taken_back.append("the first"))
    undo.later("the second", lambda: taken_back.append("the second"))
    with pytest.raises(ValueError, match="no"), undo:
        raise ValueError("no")

    assert taken_back == ["the second", "the first"]
    assert "Undone: this machine is as it was before." in capsys.readouterr().err


def test_what_cannot_be_taken_back_is_named_and_the_rest_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken_back: list[str] = []

    def fail() -> None:
        raise OSError("it is stuck")

    undo = Undo()
    undo.later("the first", lambda: taken_back.append("the first"))
    undo.later("the stuck one", fail)
    with pytest.raises(Interrupted), undo:
        raise Interrupted

    said = capsys.readouterr().err
    assert taken_back == ["the first"]
    assert "the stuck one: it is stuck" in said
    assert "as it was before" not in said


def test_what_was_kept_stays() -> None:
    taken_back: list[str] = []

    undo = Undo()
    undo.later("a step", lambda: taken_back.append("a step"))
    undo.forget()
    with pytest.raises(ValueError, match="late"), undo:
        raise ValueError("late")

    assert taken_back == []


def test_nothing_is_taken_back_when_all_went_well(capsys: pytest.CaptureFixture[str]) -> None:
    with Undo() as undo:
        undo.later("a step", lambda: pytest.fail("taken back"))

    assert capsys.readouterr().err == ""
