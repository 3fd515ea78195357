"""`vega verify`: proves that the life is complete and as it was stored.

A running Vega does it, in the background; where none runs, it is done here.
"""

import json
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from vega.cli import screen
from vega.cli.client import Client, ConnectionLost, NotRunning, home_folder
from vega.errors import HomeInUse, VegaError

if TYPE_CHECKING:
    from vega.core.verification import Verification

Result = TypeVar("Result")

POLL_SECONDS = 0.3
#: So many findings are shown; `--json` has more.
SHOWN_FINDINGS = 10
#: Of the head's hash: enough to be compared by eye.
HASH_CHARS = 16


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Prove that everything is as it was stored; exit code 1 if it is not."""
    try:
        found = verify_there(Client())
    except NotRunning:
        try:
            found = work_here(home_folder(), _verify_all)
        except HomeInUse:
            # It was started at this very moment.
            found = verify_there(Client())
    if screen.can_redraw(sys.stderr):
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    if as_json:
        print(json.dumps(found))
    elif found["finding"] is None:
        print(_all_well(found))
    else:
        _tell_findings(found)
    if found["finding"] is not None:
        raise typer.Exit(1)


def work_here(home: Path, work: Callable[["Verification"], Awaitable[Result]]) -> Result:
    """What the work gives on the life of a Vega that does not run."""
    # Imported here: only who finds no Vega pays for the database.
    import asyncio

    from vega.core.clock import SystemClock
    from vega.core.db import DATABASE_NAME
    from vega.core.live_turns import LiveTurns
    from vega.core.store import Store
    from vega.core.verification import Verification
    from vega.home import HomeLock

    if not (home / DATABASE_NAME).exists():
        raise NotRunning(home)

    async def open_and_work() -> Result:
        store = await Store.open(home)
        verification = Verification(store, LiveTurns(store), SystemClock("UTC"))
        try:
            return await work(verification)
        finally:
            await verification.close()
            await store.close()

    lock = HomeLock(home)
    try:
        return asyncio.run(open_and_work())
    finally:
        lock.release()


def verify_there(client: Client) -> dict[str, Any]:
    """What the running Vega has found, at the end of a whole run. Raises NotRunning."""
    found = _begin(client)
    run = found["run"]
    while found["completed_run"] < run:
        if found["error"]:
            raise VegaError(found["error"])
        if not found["is_running"]:
            # Vega was started again meanwhile.
            found = _begin(client)
            run = found["run"]
        _show_progress(found)
        time.sleep(POLL_SECONDS)
        found = client.get("/api/verification")
    return found


def _begin(client: Client) -> dict[str, Any]:
    """A whole run goes on; asked twice, it is one all the same."""
    try:
        begun: dict[str, Any] = client.post("/api/verification")
    except ConnectionLost:
        # Waits until Vega is there again.
        client.get("/api/verification")
        begun = client.post("/api/verification")
    return begun


async def _verify_all(verification: "Verification") -> dict[str, Any]:
    import asyncio

    from vega.core.verification import shape

    await verification.start()
    ending = asyncio.create_task(verification.wait())
    while not ending.done():
        _show_progress(shape(await verification.report()))
        await asyncio.wait([ending], timeout=POLL_SECONDS)
    found = shape(await verification.report())
    if found["error"]:
        raise VegaError(found["error"])
    return found


def _show_progress(found: Mapping[str, Any]) -> None:
    """One line that is rewritten, where that can be seen; a pipe gets no progress."""
    if screen.can_redraw(sys.stderr):
        text = f"\rVerifying: {100 * found['progress']:.0f} %\x1b[K"
        print(text, end="", file=sys.stderr, flush=True)


def _all_well(found: Mapping[str, Any]) -> str:
    if not found["links"]:
        return "Nothing has been said yet, and vega.head agrees."
    counts = f"{found['turns']:,} turns, {found['links']:,} links"
    head = f"{found['links']} ({found['head'][:HASH_CHARS]}…)"
    text = f"{counts}, all as they were stored; head {head} agrees with vega.head."
    if not found["lost_count"]:
        return text
    lost = f"{found['lost_count']:,} turn{'' if found['lost_count'] == 1 else 's'}"
    return f"{text}\nOf {lost} something was lost by damage, once and for all; `--json` names them."


def _tell_findings(found: Mapping[str, Any]) -> None:
    for finding in found["findings"][:SHOWN_FINDINGS]:
        print(finding["text"])
    more = found["finding_count"] - SHOWN_FINDINGS
    if more > 0:
        print(f"… and {more:,} more.")
    if found["damaged_count"]:
        screen.tell("`vega doctor --repair` mends what a backup still has.")
