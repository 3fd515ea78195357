"""`vega history`: the last turns of the conversation, oldest first."""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.cli.turns import TurnPrinter

#: As many as the server gives at a time.
PAGE_TURNS = 200


def history(
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, metavar="N", help="How many turns.")
    ] = 10,
    before: Annotated[
        str, typer.Option(metavar="PLACE", help="Those before this place, as shown at the top.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show the last turns, oldest first."""
    turns, next_before = last_turns(Client(), count, before)
    if as_json:
        print(json.dumps({"turns": turns, "next_before": next_before}))
        return
    if next_before:
        screen.tell(f"Older ones: vega history --before {next_before}\n")
    elif not turns:
        screen.tell("Nothing has been said yet.")
    TurnPrinter().print(turns)


def last_turns(
    client: Client, count: int, before: str = ""
) -> tuple[list[dict[str, Any]], str | None]:
    """So many of the newest turns, oldest first, and the place before which the others stand."""
    turns: list[dict[str, Any]] = []
    place: str | None = before
    while place is not None and len(turns) < count:
        query = {"limit": min(PAGE_TURNS, count - len(turns))} | (
            {"before": place} if place else {}
        )
        page = client.get(f"/history?{urlencode(query)}")
        turns += page["turns"]
        place = page["next_before"]
    return turns[::-1], place
