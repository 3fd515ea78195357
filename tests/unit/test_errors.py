"""The error tree."""

import inspect

from vega import errors

#: Their message names what it is about.
NAMING = (
    *(errors.TurnNotFound, errors.TurnForgotten, errors.TurnNotEnded, errors.TurnDamaged),
    *(errors.ContextNotKept, errors.FactNotFound, errors.ModelNotFound, errors.AnswerDelayed),
)


def test_each_docstring_is_its_classes_message() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind not in NAMING]

    assert len(kinds) > 20
    for kind in kinds:
        assert issubclass(kind, errors.VegaError)
        assert str(kind()) == kind.__doc__
        assert str(kind("because")) == "because"


def test_the_drawn_tree_names_every_class() -> None:
    drawn = errors.__doc__ or ""

    for name, _ in inspect.getmembers(errors, inspect.isclass):
        assert name in drawn


def test_a_model_that_is_not_there_is_named() -> None:
    assert "qwen9" in str(errors.ModelNotFound("qwen9"))


def test_errors_about_a_turn_name_it() -> None:
    assert "7" in str(errors.TurnNotFound(7))
    assert "turn 7 is damaged" in str(errors.TurnDamaged(7))
    assert "/api/turns/7" in str(errors.AnswerDelayed(7, "The model is away."))
    assert str(errors.AnswerDelayed(7, "The model is away.")).startswith("The model is away.")
