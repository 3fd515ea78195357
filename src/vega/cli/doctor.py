"""`vega doctor`: looks at everything that can be wrong, one line each, and says what to do.

It works with the server down, and changes nothing.
"""

from collections.abc import Iterator
from datetime import datetime

import typer

from vega.cli import machine_checks, screen, server_checks
from vega.cli.client import Client, ConnectionLost, NotRunning, Refused
from vega.cli.finding import Finding
from vega.cli.history import last_turns
from vega.errors import ConfigError

MARKS = {"ok": "ok", "note": "--", "bad": "!!"}


def doctor() -> None:
    """Look for what is wrong, and say what to do; exit code 1 if you are needed."""
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
            turns, _ = last_turns(client, 1)
            newest = datetime.fromisoformat(turns[0]["created_at"]) if turns else None
        except (NotRunning, ConnectionLost, Refused) as exc:
            hint = "Its log says more. If Vega was upgraded meanwhile, restart it."
            yield Finding("Server", "bad", str(exc), hint)
    if settings is not None:
        yield from machine_checks.check_model_files(settings)
        yield from machine_checks.check_clock(settings, newest)
    yield machine_checks.check_service()
