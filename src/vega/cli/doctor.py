"""`vega doctor`: looks at everything that can be wrong, one line each, and says what to do.

It works with the server down, and changes nothing; but for `--repair`, which mends what was damaged
in the archive from the backups.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vega.cli import machine_checks, screen, server_checks
from vega.cli.client import Client, ConnectionLost, NotRunning, Refused, home_folder
from vega.cli.finding import Finding
from vega.cli.history import last_turns
from vega.cli.verify import work_here
from vega.errors import ConfigError

if TYPE_CHECKING:
    from vega.core.verification import Verification

MARKS = {"ok": "ok", "note": "--", "bad": "!!"}
#: Every block of the archive is read, and each backup may be.
REPAIR_SECONDS = 3600.0
#: More turns than these are counted, not named.
NAMED_TURNS = 20


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend damaged turns of the archive from the backups.")
    ] = False,
) -> None:
    """Look for what is wrong, and say what to do; exit code 1 if you are needed."""
    if repair:
        _repair()
        return
    is_needed = False
    for finding in findings():
        is_needed |= finding.state == "bad"
        line = f"{MARKS[finding.state]}  {finding.name:<12}{finding.text}"
        print(screen.bold(line) if finding.state == "bad" else screen.printable(line), flush=True)
        if finding.hint:
            print(screen.printable(f"{'':16}{finding.hint}"), flush=True)
    if is_needed:
        raise typer.Exit(1)


def findings() -> Iterator[Finding]:
    """In the order in which one would look."""
    from vega.config import load_settings

    client = Client(is_patient=False)
    settings = None
    try:
        settings = load_settings()
        yield Finding("Settings", "ok", "They fit together; `vega config` shows them.")
    except ConfigError as exc:
        yield Finding("Settings", "bad", str(exc), "docs/configuration.md lists them.")
    yield from machine_checks.check_home(client.home)
    yield machine_checks.check_life(client.home)
    status, server = server_checks.ask_status(client)
    yield server
    if settings is not None:
        for name in ("port", "page_port"):
            yield server_checks.check_port(settings, name, is_running=status is not None)
    newest = None
    if status is not None:
        try:
            yield from server_checks.check_status(client, status)
            yield _check_verification(status["verification"])
            turns, _ = last_turns(client, 1)
            newest = datetime.fromisoformat(turns[0]["created_at"]) if turns else None
        except (NotRunning, ConnectionLost, Refused) as exc:
            hint = "Its log says more. If Vega was upgraded meanwhile, restart it."
            yield Finding("Server", "bad", str(exc), hint)
    if settings is not None:
        yield from machine_checks.check_model_files(settings)
        yield from machine_checks.check_clock(settings, newest)
    yield machine_checks.check_service()


def _check_verification(found: Mapping[str, Any]) -> Finding:
    """What the last look at the whole life has found."""
    turns = found["damaged_turns"]
    if turns:
        names = ", ".join(map(str, turns[:NAMED_TURNS]))
        more = ", …" if len(turns) > NAMED_TURNS else ""
        hint = "`vega doctor --repair` takes them from the newest backup that has them."
        return Finding("Verified", "bad", f"Damaged turns: {names}{more}", hint)
    if found["finding"]:
        return Finding("Verified", "bad", found["finding"], "`vega backup list` shows the backups.")
    if found["completed_at"] is None:
        return Finding("Verified", "note", "Not yet; `vega verify` does it now, else the night.")
    at = datetime.fromisoformat(found["completed_at"]).astimezone()
    return Finding("Verified", "ok", f"{found['links']:,} links, on {at:%Y-%m-%d %H:%M}")


def _repair() -> None:
    """Mends what can be mended, and says so by turn; exit code 1 where something is left."""
    try:
        found = Client().request("POST", "/api/verification/repair", None, REPAIR_SECONDS)
    except NotRunning:
        found = work_here(home_folder(), _repair_here)
    for each in found["mended"]:
        print(f"ok  Turn {each['turn_id']} is as it was stored again, from {each['backup']}.")
    for each in found["unmended"]:
        print(screen.bold(f"!!  Turn {each['turn_id']} is not mended: {each['reason']}."))
    if not found["mended"] and not found["unmended"]:
        print("ok  No turn of the archive is damaged.")
    if found["unmended"]:
        raise typer.Exit(1)


async def _repair_here(verification: "Verification") -> dict[str, Any]:
    import vega
    from vega.core.backup.backup import backup_path
    from vega.core.backup.backups import Backups
    from vega.core.clock import SystemClock
    from vega.core.repair import shape

    home = home_folder()
    backups = await Backups(home, SystemClock("UTC"), vega.__version__).list()
    return shape(await verification.repair([backup_path(home, each.name) for each in backups]))
