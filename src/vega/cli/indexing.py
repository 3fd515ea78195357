"""`vega index`: what messages are found by, how far it is, and making it anew."""

import json
import sys
import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from vega.cli import screen
from vega.cli.client import Client

app = typer.Typer(help="Show, or make anew, what messages are found by.", rich_markup_mode=None)

POLL_SECONDS = 0.5

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


@app.callback(invoke_without_command=True)
def index(context: typer.Context, as_json: AsJson = False) -> None:
    """Show how far the index of words is, and that by meaning."""
    if context.invoked_subcommand is None:
        _tell(Client().get("/api/index"), as_json=as_json)


@app.command()
def rebuild(as_json: AsJson = False) -> None:
    """Make both anew from what was said, and wait for it; Ctrl-C leaves it going on."""
    client = Client()
    found = client.post("/api/index/rebuild")
    is_told = False
    try:
        while not _is_done(found):
            # Once: how much room is missing, say, changes all the time.
            is_told = _tell_trouble(found) if not is_told else _has_trouble(found)
            _show_progress(found)
            time.sleep(POLL_SECONDS)
            found = client.get("/api/index")
    except KeyboardInterrupt:
        _end_progress()
        screen.tell("It goes on in the background; `vega index` shows how far it is.")
        raise typer.Exit(130) from None
    _end_progress()
    _tell(found, as_json=as_json)


def _is_done(found: Mapping[str, Any]) -> bool:
    words, vectors = found["words"], found["vectors"]
    return words["state"] == "ready" and vectors["state"] in ("ready", "off")


def _tell(found: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(found))
        return
    print(f"Words    {screen.printable(_words(found['words']))}")
    print(f"Meaning  {screen.printable(_vectors(found['vectors']))}")


def _words(words: Mapping[str, Any]) -> str:
    if words["state"] == "ready":
        return f"all of {words['total']:,} turns"
    so_far = "" if words["complete"] else "; until then a search does not find everything"
    return _with_trouble(
        f"made anew: {words['done']:,} of {words['total']:,} turns{so_far}", words["trouble"]
    )


def _vectors(vectors: Mapping[str, Any]) -> str:
    if vectors["state"] == "off":
        return "off"
    if vectors["state"] == "ready":
        return f"all of {vectors['embedded']:,} messages"
    return _with_trouble(f"{vectors['pending']:,} messages are still to come", vectors["trouble"])


def _with_trouble(text: str, trouble: str | None) -> str:
    return f"{text}. {trouble}" if trouble else text


def _has_trouble(found: Mapping[str, Any]) -> bool:
    return bool(found["words"]["trouble"] or found["vectors"]["trouble"])


def _tell_trouble(found: Mapping[str, Any]) -> bool:
    """Whether something keeps it from getting on: then it is said."""
    for trouble in (found["words"]["trouble"], found["vectors"]["trouble"]):
        if trouble:
            _end_progress()
            screen.tell(trouble)
    return _has_trouble(found)


def _show_progress(found: Mapping[str, Any]) -> None:
    """One line that is rewritten, where that can be seen; a pipe gets no progress."""
    if screen.can_redraw(sys.stderr):
        text = f"Words: {_words(found['words'])}. Meaning: {_vectors(found['vectors'])}"
        print(f"\r{screen.printable(text)}\x1b[K", end="", file=sys.stderr, flush=True)


def _end_progress() -> None:
    if screen.can_redraw(sys.stderr):
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
