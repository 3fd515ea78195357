"""`vega backup …`: makes, lists, verifies and restores backups of the life.

What can be asked of a running Vega is asked of it; where none runs, the home folder itself is
enough. Restoring needs a Vega that does not run.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from vega.cli import screen
from vega.cli.client import Client, NotRunning, home_folder
from vega.errors import HomeInUse, VegaError

if TYPE_CHECKING:
    from vega.core.backup.backup import Backup
    from vega.core.backup.backups import Backups
    from vega.core.backup.restoration import Outlook

app = typer.Typer(
    help="Make, list, verify and restore backups.", no_args_is_help=True, rich_markup_mode=None
)

#: A big life on a slow disk.
BACKUP_SECONDS = 3600.0
_MEGABYTE = 1_000_000

AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
Name = Annotated[str, typer.Argument(help="A name that `vega backup list` shows.")]


@app.command()
def create(as_json: AsJson = False) -> None:
    """Make a backup now, whether Vega runs or not."""
    try:
        made = Client().request("POST", "/api/backups", None, BACKUP_SECONDS)
    except NotRunning:
        made = _create_here(home_folder())
    print(json.dumps(made) if as_json else _line(made))


@app.command("list")
def list_backups(as_json: AsJson = False) -> None:
    """Show the backups that there are, the newest first."""
    try:
        found = Client().get("/api/backups")["backups"]
    except NotRunning:
        found = [_shown(each) for each in asyncio.run(_backups(home_folder()).list())]
    if as_json:
        print(json.dumps({"backups": found}))
        return
    for backup in found:
        print(_line(backup))
    if not found:
        screen.tell("There is no backup yet; `vega backup create` makes one.")


@app.command()
def verify(name: Name, as_json: AsJson = False) -> None:
    """See whether a backup is as it was made; exit code 1 if it is not."""
    try:
        path = f"/api/backups/{quote(name, safe='')}/verify"
        found = Client().request("POST", path, None, BACKUP_SECONDS)
    except NotRunning:
        found = _shown(asyncio.run(_backups(home_folder()).verify(name)))
    print(json.dumps(found) if as_json else f"{_line(found)}\nIt is as it was made.")


@app.command()
def restore(
    name: Name,
    is_sure: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask first.")] = False,
) -> None:
    """Put a backup in the place of the life, which is kept; stop Vega first."""
    from vega.core.backup.restoration import REPLACED, Restoration
    from vega.core.clock import SystemClock
    from vega.home import HomeLock

    home = home_folder()
    try:
        lock = HomeLock(home)
    except HomeInUse as exc:
        raise HomeInUse(
            f"Vega runs on {home}, and a life cannot be replaced under it. Stop it first (Ctrl-C "
            "where it runs, or `systemctl stop vega-server`), then restore."
        ) from exc
    try:
        restoration = Restoration(home, SystemClock("UTC"))
        outlook = restoration.look(name)
        print(f"{_line(_shown(outlook.backup))}\n{_outlook(outlook, home)}")
        if outlook.is_replacing:
            print(f"It will be kept in {home / REPLACED}.")
        if not is_sure and not _is_confirmed():
            screen.tell("Nothing was changed.")
            raise typer.Exit(1)
        kept = restoration.perform(outlook.backup)
    finally:
        lock.release()
    print(f"{name} is the life in {home} now.")
    if kept:
        print(f"The life that was there is in {kept}.")


def _create_here(home: Path) -> dict[str, Any]:
    from vega.home import HomeLock

    backups = _backups(home)
    lock = HomeLock(home)
    try:
        return _shown(asyncio.run(backups.create()))
    finally:
        lock.release()


def _backups(home: Path) -> "Backups":
    """Of a Vega that does not run."""
    # Imported here: only who finds no Vega pays for the database.
    import vega
    from vega.core.backup.backups import Backups
    from vega.core.clock import SystemClock
    from vega.core.db import DATABASE_NAME

    backups = Backups(home, SystemClock("UTC"), vega.__version__)
    if not (home / DATABASE_NAME).exists() and not backups.folder.exists():
        raise VegaError(f"There is no life in {home}, and no backup of one.")
    return backups


def _shown(backup: "Backup") -> dict[str, Any]:
    from vega.core.backup.backup import shape

    return {"name": backup.name, **shape(backup)}


def _line(backup: Mapping[str, Any]) -> str:
    """A backup in one line."""
    made_at = datetime.fromisoformat(backup["created_at"]).astimezone()
    size = backup["size_bytes"] / _MEGABYTE
    text = (
        f"{backup['name']}  {made_at:%d %b %Y %H:%M}  {_turns(backup['turns'])}, {size:,.1f} MB, "
        f"{backup['kind']}"
    )
    return screen.printable(text)


def _outlook(outlook: "Outlook", home: Path) -> str:
    """What it would mean, in a sentence."""
    if outlook.damage is not None:
        return f"The present life cannot be read: {outlook.damage}"
    if outlook.present_turns is None:
        return f"There is no life in {home} now."
    present = f"The present life has {_turns(outlook.present_turns)}"
    if not outlook.is_of_this_life:
        return f"{present}, and this backup is no earlier moment of it."
    return f"{present}, {outlook.newer_turns:,} of them after this backup."


def _turns(count: int) -> str:
    return f"{count:,} turn{'' if count == 1 else 's'}"


def _is_confirmed() -> bool:
    if not screen.is_terminal(sys.stdin):
        raise VegaError("Nobody can be asked here: say --yes to restore it.")
    try:
        return input("Restore it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
