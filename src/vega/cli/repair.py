"""`vega doctor --repair`: what was damaged, mended from what is left of it and from the backups.

A running Vega mends blocks of its archive. Where none runs, a life that is damaged in any way is
put together anew beside the damaged file, which is only read.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from vega.cli import screen
from vega.cli.client import Client, NotRunning, home_folder

#: Every block of the archive is read, and each backup may be.
REPAIR_SECONDS = 3600.0
#: More turns than these are counted, not named.
NAMED_TURNS = 1_000


def repair() -> None:
    """Says by turn what was mended and what was not; exit code 1 where something is left."""
    try:
        found = Client().request("POST", "/api/verification/repair", None, REPAIR_SECONDS)
    except NotRunning:
        _repair_here(home_folder())
        return
    _tell_mended(found["mended"])
    for each in found["unmended"]:
        print(screen.bold(f"!!  Turn {each['turn_id']} is not mended: {each['reason']}."))
    if not found["mended"] and not found["unmended"]:
        print("ok  No turn of the archive is damaged.")
    if found["unmended"]:
        print("    Stop Vega and run this again: the whole life is then put together anew.")
        raise typer.Exit(1)


def _repair_here(home: Path) -> None:
    # Imported here: only who finds no Vega pays for the database.
    from vega.core.clock import SystemClock
    from vega.core.db import DATABASE_NAME
    from vega.core.life.head import HeadFile
    from vega.core.salvage.salvage import Salvage, shape
    from vega.home import HomeLock

    if not (home / DATABASE_NAME).exists() and not HeadFile(home).exists():
        raise NotRunning(home)
    lock = HomeLock(home)
    try:
        salvage = Salvage(home, SystemClock("UTC"))
        reason = salvage.look()
        if reason is None:
            print("ok  No turn of the archive is damaged.")
            return
        print(f"--  The life is damaged: {reason}")
        found = shape(salvage.perform(_backups(home)))
    finally:
        lock.release()
    _tell_salvaged(found)
    if found["lost"] or found["flaws"]:
        raise typer.Exit(1)


def _backups(home: Path) -> list[Path]:
    """Here and on the other disk, the newest first."""
    from vega.config import load_settings
    from vega.core.backup.backups import find_backups

    elsewhere = load_settings().backup_folder
    return find_backups([home / "backups", *([elsewhere] if elsewhere else [])])


def _tell_salvaged(found: Mapping[str, Any]) -> None:
    _tell_mended(found["mended"])
    for each in found["lost"][:NAMED_TURNS]:
        at = datetime.fromisoformat(each["at"]).astimezone()
        what = "" if each["is_prompt"] else "an answer to it "
        text = f"{what}could not be read, and no backup has it"
        print(screen.bold(f"!!  Turn {each['turn_id']} ({at:%Y-%m-%d %H:%M}): {text}."))
    more = len(found["lost"]) - NAMED_TURNS
    if more > 0:
        print(f"!!  … and {more:,} more.")
    for text in found["flaws"]:
        print(screen.bold(f"!!  {text}"))
    for note in found["notes"]:
        print(f"--  {note}")
    whole = found["turns"] - len(found["lost"])
    print(f"ok  {whole:,} of {found['turns']:,} turns are whole; start Vega to go on with them.")
    if found["kept"]:
        print(f"    The damaged life is kept in {found['kept']}.")


def _tell_mended(mended: list[Mapping[str, Any]]) -> None:
    for each in mended[:NAMED_TURNS]:
        print(f"ok  Turn {each['turn_id']} is as it was stored again, from {each['backup']}.")
    more = len(mended) - NAMED_TURNS
    if more > 0:
        print(f"ok  … and {more:,} more.")
