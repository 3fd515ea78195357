"""`vega search`: messages by their words; what stands in quotes word for word."""

import json
from typing import Annotated
from urllib.parse import urlencode

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.cli.messages import print_messages


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS", help="Words, and phrases in quotes.")
    ],
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=100, metavar="N", help="Messages at most.")
    ] = 10,
    before: Annotated[
        str, typer.Option(metavar="TIME", help="Only those from before it (ISO 8601).")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show the messages that hold these words, whole, the best first."""
    query: dict[str, str | int] = {"q": " ".join(words), "limit": limit}
    if before:
        query["before"] = before
    found = Client().get(f"/api/search?{urlencode(query)}")
    if as_json:
        print(json.dumps(found))
        return
    if not found["complete"]:
        screen.tell("The word index is being rebuilt: this is what it finds so far.")
    elif not found["items"]:
        screen.tell("Nothing that was said holds that.")
    print_messages(found["items"])
