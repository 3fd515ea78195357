"""`vega recall`: what the past says to a question, by words, meaning and time."""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.cli.messages import print_messages
from vega.cli.turns import local_time


def recall(
    question: Annotated[
        list[str], typer.Argument(metavar="QUESTION", help='As "what did I ask you yesterday?"')
    ],
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=100, metavar="N", help="Messages at most.")
    ] = 10,
    budget: Annotated[
        int,
        typer.Option(min=1, max=100_000, metavar="TOKENS", help="Room for all of them together."),
    ] = 2000,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="As if it were asked then (ISO 8601).")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what was said that fits a question, the best first."""
    query: dict[str, str | int] = {
        "q": " ".join(question),
        "budget_tokens": budget,
        "limit": limit,
    }
    if at:
        query["at"] = at
    found = Client().get(f"/api/recall?{urlencode(query)}")
    if as_json:
        print(json.dumps(found))
        return
    if found["window"]:
        screen.tell(_window_line(found["window"], found.get("timezone")) + "\n")
    if not found["complete"]:
        screen.tell("The word index is being rebuilt: this is what it finds so far.")
    elif not found["items"]:
        screen.tell("There is no record of that.")
    print_messages(found["items"])


def _window_line(window: dict[str, Any], zone: str | None) -> str:
    first, last = (local_time(window[side], zone) for side in ("from", "to"))
    return f"The time meant: {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}."
