"""`vega doctor`: looks at everything that can be wrong, one line each, and says what to do.

It works with the server down or hanging, and changes nothing; but for `--repair`, which mends what
was damaged in the archive from the backups.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from vega.cli import (
    access_checks,
    life_checks,
    machine_checks,
    screen,
    server_checks,
    service_checks,
)
from vega.cli import repair as repairing
from vega.cli.client import Client, ConnectionLost, NotRunning, Refused
from vega.cli.finding import Finding
from vega.cli.history import last_turns
from vega.cli.holder import find_holder
from vega.errors import ConfigError

MARKS = {"ok": "ok", "note": "--", "bad": "!!"}
#: More turns than these are counted, not named.
NAMED_TURNS = 20


def doctor(
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend damage from what is left and the backups.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Look for what is wrong, and say what to do; exit code 1 if you are needed."""
    if repair:
        repairing.repair()
        return
    is_needed = False
    if as_json:
        found = list(findings())
        is_needed = any(finding.state == "bad" for finding in found)
        print(json.dumps({"is_well": not is_needed, "findings": [asdict(one) for one in found]}))
    for finding in [] if as_json else findings():
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
    yield life_checks.check_life(client.home)
    yield from life_checks.check_pages(client.home)
    yield life_checks.check_driver()
    if find_holder(client.home) is None:
        yield from life_checks.check_log(client.home)
    yield life_checks.check_backups(client.home)
    if settings is not None:
        yield life_checks.check_second_place(client.home, settings.backup_folder)
    status, server = server_checks.ask_status(client)
    yield server
    if settings is not None:
        for name in ("port", "page_port"):
            yield server_checks.check_port(settings, name, is_running=status is not None)
        yield server_checks.check_exposure(settings)
    newest = None
    if status is not None:
        try:
            yield from server_checks.check_status(client, status)
            yield from access_checks.check_access(client)
            yield _check_verification(status["verification"])
            turns, _ = last_turns(client, 1)
            newest = datetime.fromisoformat(turns[0]["created_at"]) if turns else None
        except (NotRunning, ConnectionLost, Refused) as exc:
            hint = "Its log says more. If Vega was upgraded meanwhile, restart it."
            yield Finding("Server", "bad", str(exc), hint)
    if settings is not None:
        yield from machine_checks.check_model_files(settings)
        yield from machine_checks.check_clock(settings, newest)
    yield machine_checks.check_engine()
    yield from machine_checks.check_memory()
    yield from service_checks.check_service(client.home)


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
