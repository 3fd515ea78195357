"""`vega status`: what Vega is doing, in a few lines."""

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from vega.cli import screen
from vega.cli.client import Client

_MEGABYTE = 1_000_000


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what Vega is doing."""
    client = Client()
    found = client.get("/api/status")
    if as_json:
        print(json.dumps(found))
        return
    print(screen.bold(f"Vega {found['version']} is running on {client.home}."))
    for name, text in _lines(found):
        print(f"  {name:<10}{screen.printable(text)}")


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    model, queue, memory = found["model"], found["queue"], found["memory"]
    if model["reachable"]:
        yield "Model", f"{model['name']} ({model['place']}, {model['context_tokens']:,} tokens)"
    else:
        yield "Model", f"none now: {model['reason']}"
    if model.get("offer"):
        yield "", model["offer"]["text"]
    yield "Waiting", f"{queue['waiting']} of at most {queue['limit']} prompts"
    tiers = found["tiers"].items()
    count = sum(total["turns"] for _, total in tiers)
    size = sum(total["bytes"] for _, total in tiers) / _MEGABYTE
    kinds = ", ".join(f"{total['turns']:,} {name}" for name, total in tiers if total["turns"])
    turns = f"{count:,} turn{'' if count == 1 else 's'}, {size:.1f} MB of text"
    yield "Life", f"{turns} ({kinds})" if kinds else turns
    used = f"the system's in use: {memory['system_percent']} %"
    yield "Memory", f"{memory['process_mb']:.0f} MB, {used}"
    yield "Zone", found["timezone"]
    for sentence in found["attention"]:
        yield "Attention", sentence
