"""Messages that were found, as they are shown: when, by whom, in which turn, and the text."""

from collections.abc import Iterable, Mapping
from typing import Any

from vega.cli import screen
from vega.cli.turns import local_time


def print_messages(items: Iterable[Mapping[str, Any]]) -> None:
    """One below the other, as they came."""
    for item in items:
        at = local_time(item["at"], item.get("timezone"))
        said = f"{at:%A}, {at.day} {at:%B} {at.year}, {at:%H:%M}"
        print(screen.dim(f"{said}  {_speaker(item)}  turn {item['turn_id']}"))
        print(screen.printable(item["text"]) + "\n", flush=True)


def _speaker(item: Mapping[str, Any]) -> str:
    """As they were imported, else what they are here; in one line."""
    name = " ".join((item["name"] or "").split())
    return name or ("you" if item["role"] == "user" else "Vega")
