"""`vega facts …`: what Vega knows of its owner, and what the owner makes of that."""

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.core.memory import FactKind
from vega.errors import VegaError

app = typer.Typer(
    help="Show, correct, pin, hide and forget what Vega knows of you.", rich_markup_mode=None
)

#: One page of the list.
PAGE_FACTS = 500
#: Of the turns in which a forgotten fact was told.
MOST_TURNS = 5

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
HasAll = Annotated[bool, typer.Option("--all", help="Also what is over, or was put right.")]
Kind = Annotated[FactKind | None, typer.Option("--kind", help="Facts of this kind alone.")]
Id = Annotated[int, typer.Argument(min=1, metavar="ID", help="As `vega facts` shows it.")]


@app.callback(invoke_without_command=True)
def facts(
    context: typer.Context, has_all: HasAll = False, kind: Kind = None, as_json: AsJson = False
) -> None:
    """Show, correct, pin, hide and forget what Vega knows of you."""
    if context.invoked_subcommand is None:
        list_facts(has_all, kind, as_json)


@app.command("list")
def list_facts(has_all: HasAll = False, kind: Kind = None, as_json: AsJson = False) -> None:
    """Show the facts that hold, the newest first."""
    query = {"limit": str(PAGE_FACTS), "all": str(has_all).lower()}
    query |= {"kind": kind.value} if kind else {}
    client, found = Client(), list[dict[str, Any]]()
    while True:
        page = client.get(f"/api/facts?{urlencode(query)}")
        found += page["facts"]
        if page["next_before"] is None:
            break
        query["before"] = page["next_before"]
    if as_json:
        print(json.dumps({"facts": found}))
        return
    for fact in found:
        print(_line(fact))
    if not found:
        screen.tell("Vega knows nothing of that yet. Tell it, as in: My favorite color is blue.")


@app.command()
def show(fact_id: Id, as_json: AsJson = False) -> None:
    """Show one fact, where it is from, and what it was before."""
    fact = Client().get(f"/api/facts/{fact_id}")
    if as_json:
        print(json.dumps(fact))
        return
    print(_line(fact))
    print(screen.printable(f"Told in turn {fact['turn_id']}, {_drawn_by(fact)}."))
    if fact["said_again_in"]:
        again = _day(fact["said_again_at"], fact)
        print(f"Said again in turn {fact['said_again_in']}, on {again}.")
    for other in fact["history"]:
        if other["id"] != fact["id"]:
            print(screen.dim(_line(other)))


@app.command()
def correct(fact_id: Id, value: Annotated[str, typer.Argument(help="What is right.")]) -> None:
    """Put a fact right; the old value stays in its history, as one that never was so."""
    print(_line(_change(fact_id, value=value)))


@app.command()
def pin(fact_id: Id) -> None:
    """Have a fact always known, before all others."""
    print(_line(_change(fact_id, is_pinned=True)))


@app.command()
def unpin(fact_id: Id) -> None:
    """Pin it no more."""
    print(_line(_change(fact_id, is_pinned=False)))


@app.command()
def private(fact_id: Id) -> None:
    """Never send a fact to a model server outside this machine."""
    print(_line(_change(fact_id, is_private=True)))


@app.command()
def public(fact_id: Id) -> None:
    """Let a fact be sent to whichever model answers."""
    print(_line(_change(fact_id, is_private=False)))


@app.command()
def forget(
    fact_id: Id,
    is_sure: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> None:
    """Erase a fact; the words in which it was told stay in their turn."""
    client = Client()
    print(_line(client.get(f"/api/facts/{fact_id}")))
    if not is_sure and not _is_confirmed():
        screen.tell("Nothing was changed.")
        raise typer.Exit(1)
    turns = client.delete(f"/api/facts/{fact_id}")["told_in"]
    print("It is forgotten, and is not drawn again from where it was told.")
    shown = turns[-MOST_TURNS:]
    where = " and ".join(f"turn {turn}" for turn in shown)
    if len(turns) > len(shown):
        where = f"{len(turns)} turns, the last of them {where}"
    how = " and ".join(f"`vega forget {turn}`" for turn in shown)
    verb = "erases" if len(shown) == 1 else "erase"
    print(f"Its words still stand in {where}; {how} {verb} these too.")


@app.command()
def redraw(as_json: AsJson = False) -> None:
    """Draw facts again from your whole life, in the background, with the model that you use now."""
    begun = Client().post("/api/facts/redraw")
    if as_json:
        print(json.dumps(begun))
        return
    count = begun["pending"]
    print(f"Facts are drawn again from {count:,} turn{'' if count == 1 else 's'}; ", end="")
    print("`vega status` shows how many are left.")


def _change(fact_id: int, **change: object) -> dict[str, Any]:
    changed: dict[str, Any] = Client().request("PATCH", f"/api/facts/{fact_id}", change)
    return changed


def _line(fact: Mapping[str, Any]) -> str:
    """A fact in one line."""
    marks = [name for name in ("pinned", "private") if fact[f"is_{name}"]]
    told = f"told on {_day(fact['held_from'], fact)}"
    if fact["ending"] == "corrected":
        told += f", put right on {_day(fact['held_until'], fact)}"
    elif fact["held_until"]:
        told += f", until {_day(fact['held_until'], fact)}"
    text = f"{fact['id']:>4}  {fact['attribute']}: {fact['value']}  ({', '.join([told, *marks])})"
    return screen.printable(text)


def _day(at: str, fact: Mapping[str, Any]) -> str:
    """By the owner's calendar, where they told it."""
    day = datetime.fromisoformat(at).astimezone(ZoneInfo(fact["timezone"]))
    return f"{day.day} {day:%B %Y}"


def _drawn_by(fact: Mapping[str, Any]) -> str:
    return f"drawn by {fact['model']}" if fact["model"] else "in your own words"


def _is_confirmed() -> bool:
    if not screen.is_terminal(sys.stdin):
        raise VegaError("Nobody can be asked here: say --yes to forget it.")
    try:
        return input("Forget it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
