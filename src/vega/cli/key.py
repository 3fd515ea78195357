"""`vega key …`: the keys by which programs speak to Vega."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.cli.named import day_of, pick, print_table

app = typer.Typer(
    help="Show, make, rename and revoke the keys by which programs speak to Vega.",
    rich_markup_mode=None,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Which = Annotated[str, typer.Argument(metavar="NAME_OR_ID", help="As `vega key` shows it.")]
Name = Annotated[str, typer.Argument(help="What it is for, as `phone` or `home-assistant`.")]


@app.callback(invoke_without_command=True)
def key(context: typer.Context, as_json: AsJson = False) -> None:
    """Show, make, rename and revoke the keys by which programs speak to Vega."""
    if context.invoked_subcommand is None:
        list_keys(as_json)


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show which keys there are; none of them can be shown itself."""
    found = Client().get("/api/keys")
    if as_json:
        print(json.dumps(found))
        return
    if found["keys"]:
        print_table([_row(each) for each in found["keys"]])
    else:
        screen.tell("There is no key; `vega key create NAME` makes one.")
    if found["is_overridden"]:
        screen.tell("VEGA_API_KEY is given: while it is, it is the only key that opens anything.")


@app.command()
def create(name: Name, as_json: AsJson = False) -> None:
    """Make a key, and show it once."""
    made = Client().post("/api/keys", {"name": name})
    if as_json:
        print(json.dumps(made))
        return
    print(made["key"], flush=True)
    screen.tell("Keep it now: Vega cannot show it again. It is sent as the header X-API-Key.")


@app.command()
def rename(which: Which, name: Name) -> None:
    """Call a key otherwise."""
    client = Client()
    chosen = pick(client.get("/api/keys")["keys"], which, "key")
    print_table([_row(client.request("PATCH", f"/api/keys/{chosen['id']}", {"name": name}))])


@app.command()
def revoke(
    which: Which,
    is_forced: Annotated[bool, typer.Option("--force", help="Also the last one.")] = False,
) -> None:
    """Revoke a key, at once and for good; what it has open ends."""
    client = Client()
    chosen = pick(client.get("/api/keys")["keys"], which, "key")
    client.delete(f"/api/keys/{chosen['id']}?force={str(is_forced).lower()}")
    print(screen.printable(f"The key {chosen['name']} is revoked: it opens nothing any more."))


def _row(found: Mapping[str, Any]) -> list[str]:
    used = found["last_used_on"]
    return [
        str(found["id"]),
        str(found["name"]),
        f"made on {day_of(found['created_at'])}",
        f"last used on {day_of(used)}" if used else "never used",
    ]
