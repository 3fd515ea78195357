"""Keys and browsers in the terminal: found by name or number, listed in lines."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from vega.cli import screen
from vega.errors import VegaError


def pick(found: Sequence[Mapping[str, Any]], name_or_id: str, noun: str) -> Mapping[str, Any]:
    """The one of that number, else the one of that name: a browser may give itself any name, also
    another one's number. Raises VegaError."""
    numbered = [each for each in found if str(each["id"]) == name_or_id]
    if numbered:
        return numbered[0]
    named = [each for each in found if each["name"] == name_or_id]
    if len(named) > 1:
        numbers = ", ".join(str(each["id"]) for each in named)
        raise VegaError(f"Several are called {name_or_id}; say which by its number: {numbers}.")
    if not named:
        raise VegaError(
            f"There is no {noun} {name_or_id}; `vega {noun} list` shows those there are."
        )
    return named[0]


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """The cells of each column below each other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        print(screen.printable("  ".join(cells).rstrip()))


def day_of(text: str) -> str:
    """A day or a moment, as a day; a moment's by this machine's clocks."""
    at = datetime.fromisoformat(text)
    day = at.astimezone().date() if at.tzinfo else date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"
