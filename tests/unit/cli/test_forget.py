"""What `vega forget` is asked for, as it is typed."""

import pytest

from vega.cli.forget import read_target
from vega.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "target"),
    [
        ("12", {"turn_id": 12}),
        (" 12 ", {"turn_id": 12}),
        ("fact:12", {"fact_id": 12}),
        ("fact 12", {"fact_id": 12}),
        ("my PIN is 4711", {"phrase": "my PIN is 4711"}),
        ('"my PIN is 4711"', {"phrase": "my PIN is 4711"}),
        ('He said "no" to it', {"phrase": 'He said "no" to it'}),
        ("12 apples", {"phrase": "12 apples"}),
        ("fact: 12", {"phrase": "fact: 12"}),
        ("in fact", {"phrase": "in fact"}),
        ("-12", {"phrase": "-12"}),
        ("١٢", {"phrase": "١٢"}),
    ],
)
def test_a_number_is_a_turn_and_everything_else_is_words(
    typed: str, target: dict[str, object]
) -> None:
    assert read_target(typed) == target


@pytest.mark.parametrize("typed", ["", "  "])
def test_nothing_is_no_target(typed: str) -> None:
    with pytest.raises(InvalidInput):
        read_target(typed)
