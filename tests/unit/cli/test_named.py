"""A key or a browser is meant by its number, or by its name where that is no other one's number."""

import pytest

from vega.cli.named import pick
from vega.errors import VegaError

FOUND = [
    {"id": 1, "name": "phone"},
    {"id": 2, "name": "tablet"},
    {"id": 3, "name": "1"},
    {"id": 4, "name": "tablet"},
]


@pytest.mark.parametrize(("said", "number"), [("1", 1), ("3", 3), ("phone", 1)])
def test_no_name_stands_before_a_number(said: str, number: int) -> None:
    assert pick(FOUND, said, "device")["id"] == number


@pytest.mark.parametrize(
    ("said", "told"),
    [("tablet", "say which by its number: 2, 4"), ("9", "There is no device 9"), ("", "no device")],
)
def test_what_means_none_or_several_is_refused(said: str, told: str) -> None:
    with pytest.raises(VegaError, match=told):
        pick(FOUND, said, "device")
