"""`vega model …`: which models there are, and which one answers."""

import json
import sys
import time
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from vega.cli import model_server, screen
from vega.cli.client import Client

app = typer.Typer(
    help="See, fetch, choose and try models.", no_args_is_help=True, rich_markup_mode=None
)
app.command("serve")(model_server.serve)

POLL_SECONDS = 0.5
#: For a model that must be loaded first, and answers slowly.
TEST_SECONDS = 900.0
_GIGABYTE = 1_000_000_000
_MEGABYTE = 1_000_000

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """Show the models that there are, and which one answers now."""
    found = Client().get("/api/models")
    if as_json:
        print(json.dumps(found))
        return
    width = max((len(model["id"]) for model in found["models"]), default=0)
    for model in found["models"]:
        mark = "*" if model["is_current"] else "+" if model["is_offered"] else " "
        print(f"{mark} {screen.printable(model['id']):<{width}}  {_state(model)}")
        if model["error"]:
            print(f"  {'':<{width}}  {screen.printable(model['error'])}")
    if any(model["is_current"] for model in found["models"]):
        screen.tell_person("* answers now.")
    if found["reason"]:
        screen.tell(found["reason"])
    if found["offer"]:
        screen.tell(f"{found['offer']['text']} (+: vega model pull {found['offer']['id']})")


@app.command()
def pull(
    name: Annotated[str, typer.Argument(help="A name that `vega model list` shows.")],
    stop: Annotated[
        bool, typer.Option("--stop", help="Fetch it no more; what has come is kept.")
    ] = False,
) -> None:
    """Fetch a model; Ctrl-C leaves it going on in the background."""
    client = Client()
    if stop:
        model = client.delete(f"/api/models/pull?{urlencode({'id': name})}")
        screen.tell(f"{name} is not fetched any more; what has come of it is kept.")
        print(_state(model))
        return
    model = client.post("/api/models/pull", {"id": name})
    try:
        while model["state"] == "fetching":
            _show_progress(model)
            time.sleep(POLL_SECONDS)
            model = _find(client.get("/api/models"), name)
    except KeyboardInterrupt:
        _end_line()
        screen.tell(
            f"{name} goes on coming in the background; `vega model pull --stop {name}` stops it."
        )
        raise typer.Exit(130) from None
    _end_line()
    if model["state"] != "here":
        screen.tell(f"{name} has not come: {model['error'] or model['state']}")
        raise typer.Exit(1)
    print(f"{name} is here.")


@app.command()
def use(
    name: Annotated[
        str,
        typer.Argument(help="A name of `vega model list`, or a GGUF file; 'auto' for the best."),
    ],
) -> None:
    """Let a model answer, from the next turn on and at every start."""
    wanted = "" if name in ("", "auto") else name
    found = Client().post("/api/models/use", {"id": wanted})
    chosen = found["chosen"] or "The best that is here"
    current = found["current"]
    if found["reason"]:
        print(f"{chosen} is to answer; not yet: {screen.printable(found['reason'])}")
    elif current:
        print(f"{chosen} answers from the next turn on ({current['place']}).")
    else:
        print(f"{chosen} is to answer, and is loading.")


@app.command("test")
def try_model(
    name: Annotated[
        str, typer.Argument(help="The model; the one that answers now, if left out.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Ask a model a few questions, of which nothing is kept: how quick it is, and how able."""
    screen.tell_person("This takes a moment; a model that is not loaded is loaded first.")
    found = Client().request("POST", "/api/models/test", {"id": name}, TEST_SECONDS)
    if as_json:
        print(json.dumps(found))
        return
    right = sum(check["is_right"] for check in found["checks"])
    for check in found["checks"]:
        print(f"{'right' if check['is_right'] else 'wrong'}  {check['question']}")
        print(f"       {screen.printable(' '.join(check['answer'].split()))}")
    print(
        f"{found['id']}: {right} of {len(found['checks'])} right; the first word after "
        f"{found['first_token_seconds']:.1f} s, then {found['tokens_per_second']:.1f} tokens/s"
    )


def _find(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    model: dict[str, Any] = next(each for each in found["models"] if each["id"] == name)
    return model


def _state(model: Mapping[str, Any]) -> str:
    """A model in one line, without its name."""
    parts = [model["state"]]
    if model["progress"]:
        parts = [f"{model['state']}, {_progress(model)}"]
    if model["size_bytes"]:
        parts.append(_size(model["size_bytes"]))
    if model["ram_mb"]:
        parts.append(f"{model['ram_mb'] / 1000:.1f} GB of RAM")
    if not model["fits"]:
        parts.append("too big for this machine now")
    if not model["is_able"]:
        parts.append("no conversation partner")
    if model["description"]:
        parts.append(screen.printable(model["description"]))
    return "; ".join(parts)


def _show_progress(model: Mapping[str, Any]) -> None:
    """One line that is rewritten, where that can be seen; a pipe gets no progress."""
    if screen.can_redraw(sys.stderr):
        text = f"{model['id']}: {_progress(model)}" if model["progress"] else model["id"]
        why = f" ({model['error']})" if model["error"] else ""
        print(f"\r{screen.safe(text + why)}\x1b[K", end="", file=sys.stderr, flush=True)


def _end_line() -> None:
    if screen.can_redraw(sys.stderr):
        print(file=sys.stderr)


def _progress(model: Mapping[str, Any]) -> str:
    progress = model["progress"]
    percent = 100 * progress["done_bytes"] // max(1, progress["total_bytes"])
    pace = progress["bytes_per_second"]
    if not pace:
        return f"{percent} %"
    left = (progress["total_bytes"] - progress["done_bytes"]) / pace
    return f"{percent} %, {pace / _MEGABYTE:.1f} MB/s, {left / 60:.0f} min left"


def _size(size_bytes: int) -> str:
    if size_bytes >= _GIGABYTE:
        return f"{size_bytes / _GIGABYTE:.1f} GB"
    return f"{size_bytes / _MEGABYTE:.0f} MB"
