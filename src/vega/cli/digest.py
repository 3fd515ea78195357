"""`vega digest`: what was said on a day, or in a week, a month, a year."""

import json
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.core.memory import DigestKind
from vega.core.telling.periods import Period, name_of, read_period
from vega.errors import InvalidInput


def digest(
    when: Annotated[
        str,
        typer.Argument(metavar="[WHEN]", help="yesterday, 2026-03-05, 2026-W12, 2026-03 or 2026."),
    ] = "yesterday",
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Have the model that you use now write all of them.")
    ] = False,
) -> None:
    """Show in short what was said in a span of time."""
    if again:
        _write_again(as_json=as_json)
        return
    try:
        read_period(when, date.max)
    except InvalidInput as exc:
        raise typer.BadParameter(str(exc)) from exc
    client = Client()
    # The owner's day is not always this machine's.
    today = date.fromisoformat(client.get("/api/digests?limit=1")["today"])
    period = read_period(when, today)
    query = {"kind": period.kind, "from": period.first, "to": period.last}
    found = client.get(f"/api/digests?{urlencode(query)}")
    if as_json:
        print(json.dumps(found))
    elif found["digests"] and period.last < today:
        _print(period, found["digests"][0])
    else:
        screen.tell(_why_there_is_none(period, today, is_due=found["unwritten"] > 0))


def _write_again(*, as_json: bool) -> None:
    begun = Client().post("/api/digests/redraw")
    if as_json:
        print(json.dumps(begun))
        return
    count = begun["pending"]
    print(f"{count:,} digest{'' if count == 1 else 's'} will be written again, in the background.")


def _print(period: Period, told: dict[str, Any]) -> None:
    turns = f"{told['turns']:,} turn{'' if told['turns'] == 1 else 's'}"
    print(screen.bold(f"{name_of(period)} ({turns})"))
    print(screen.printable(told["text"]))


def _why_there_is_none(period: Period, today: date, *, is_due: bool) -> str:
    name = name_of(period)
    if period.kind is DigestKind.WEEK:
        name = f"the week from {name}"
    if period.first > today:
        return f"{name[0].upper()}{name[1:]} is yet to come."
    if period.last >= today:
        so_far = "what has been said so far is in `vega history`"
        return f"{name[0].upper()}{name[1:]} is not over yet; {so_far}."
    if is_due:
        return f"The digest of {name} is still to be written, which is done at night."
    return f"Nothing was said {'on' if period.kind is DigestKind.DAY else 'in'} {name}."
