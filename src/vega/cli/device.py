"""`vega device …`: the browsers that are paired with Vega."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.cli.named import day_of, pick, print_table

app = typer.Typer(
    help="Show, rename and unpair the browsers that are paired with Vega.", rich_markup_mode=None
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Which = Annotated[str, typer.Argument(metavar="NAME_OR_ID", help="As `vega device` shows it.")]


@app.callback(invoke_without_command=True)
def device(context: typer.Context, as_json: AsJson = False) -> None:
    """Show, rename and unpair the browsers that are paired with Vega."""
    if context.invoked_subcommand is None:
        list_devices(as_json)


@app.command("list")
def list_devices(as_json: AsJson = False) -> None:
    """Show which browsers are paired, and when each was last here."""
    found = Client().get("/api/devices")
    if as_json:
        print(json.dumps(found))
        return
    if found["devices"]:
        print_table([_row(each) for each in found["devices"]])
    else:
        screen.tell("No browser is paired; `vega open` pairs one.")


@app.command()
def rename(which: Which, name: Annotated[str, typer.Argument(help="The new name.")]) -> None:
    """Call a browser otherwise."""
    client = Client()
    chosen = pick(client.get("/api/devices")["devices"], which, "device")
    print_table([_row(client.request("PATCH", f"/api/devices/{chosen['id']}", {"name": name}))])


@app.command()
def revoke(which: Which) -> None:
    """Unpair a browser, at once; what it has open ends."""
    client = Client()
    chosen = pick(client.get("/api/devices")["devices"], which, "device")
    client.delete(f"/api/devices/{chosen['id']}")
    print(screen.printable(f"{chosen['name']} is paired no more."))


def _row(found: Mapping[str, Any]) -> list[str]:
    seen = found["last_seen_on"]
    return [
        str(found["id"]),
        str(found["name"]),
        str(found["kind"] or ""),
        f"paired on {day_of(found['created_at'])}",
        f"last seen on {day_of(seen)}" if seen else "not seen since",
    ]
