"""`vega forget`: shows what will go, asks, and has it erased everywhere."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from vega.cli import screen
from vega.cli.client import Client, ConnectionLost, NotRunning, Refused
from vega.cli.turns import local_time
from vega.errors import InvalidInput, VegaError

#: So many turns are shown; the others are counted.
SHOWN_TURNS = 20
#: The index and the pages of a long life take their time.
FORGET_SECONDS = 3600.0
_QUOTED = re.compile(r'["“„]([^"“”„]+)["”“]')
_FACT = re.compile(r"fact[: ](\d{1,18})")


def forget(
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="TURN|fact:ID|PHRASE",
            help="A turn's number, a fact, or words: then every turn that holds them.",
        ),
    ],
    is_sure: Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON; without --yes, what would go.")
    ] = False,
) -> None:
    """Erase something everywhere, for ever, after showing what it is."""
    target = read_target(" ".join(what))
    client = Client()
    plan = client.request("POST", "/api/forget", target, FORGET_SECONDS)
    if as_json and not is_sure:
        print(json.dumps(plan))
        return
    if not plan["turns"] and not plan["facts"] and not plan["digests"]:
        if as_json:
            print(json.dumps(plan))
        else:
            screen.tell("Nothing holds this; nothing was changed.")
        raise typer.Exit(1)
    if not as_json:
        _show(plan)
    if not is_sure and not _is_confirmed():
        screen.tell("Nothing was changed.")
        raise typer.Exit(1)
    confirmed = {**target, "confirm": plan["confirm"]}
    try:
        done = client.request("POST", "/api/forget", confirmed, FORGET_SECONDS)
    except (ConnectionLost, NotRunning) as exc:
        raise VegaError(what_is_sure(client, plan)) from exc
    if as_json:
        print(json.dumps(done))
    else:
        _tell(done)


def what_is_sure(client: Client, plan: Mapping[str, Any]) -> str:
    """What became of it, when Vega went away in the middle: asked of Vega itself if it is back."""
    turns = plan["turns"]
    try:
        is_untouched = bool(turns and client.get(f"/api/turns/{turns[0]['turn_id']}"))
    except Refused as exc:
        if exc.code == "turn_forgotten":
            return (
                "Vega went away in the middle, but the forgetting had begun: it is shown to nobody "
                "any more, and Vega goes on by itself until it is erased from every file."
            )
        is_untouched = False
    except VegaError:
        is_untouched = False
    if not is_untouched:
        return (
            "Vega went away in the middle. What had begun to be forgotten is shown to nobody any "
            "more, and the rest is erased by itself at the next start; if it had not begun, "
            "nothing was changed. Start Vega, and say the same once more: it shows what is left."
        )
    return "Vega went away before the forgetting began: nothing was changed. Say it once more."


def read_target(text: str) -> dict[str, object]:
    """A number alone is a turn. Raises InvalidInput."""
    said = text.strip()
    if not said:
        raise InvalidInput("Say what to forget: a turn's number, fact:ID, or words.")
    if said.isascii() and said.isdigit():
        return {"turn_id": int(said)}
    if match := _FACT.fullmatch(said):
        return {"fact_id": int(match[1])}
    # As a search has them; the shell may have taken them away already.
    quoted = _QUOTED.fullmatch(said)
    return {"phrase": quoted[1] if quoted else said}


def _show(plan: Mapping[str, Any]) -> None:
    turns = plan["turns"]
    for turn in turns[:SHOWN_TURNS]:
        at = local_time(turn["at"], turn.get("timezone"))
        print(screen.bold(f"turn {turn['turn_id']}  {at:%a} {at.day} {at:%b %Y, %H:%M}"))
        for mark, text in (("> ", turn["prompt"]), ("  ", turn["response"])):
            if text:
                print(screen.printable(mark + text))
    if len(turns) > SHOWN_TURNS:
        print(f"… and {len(turns) - SHOWN_TURNS:,} more turns")
    for fact in plan["facts"]:
        print(screen.printable(f"fact {fact['id']}  {fact['attribute']}: {fact['value']}"))
    counts = [_count(len(plan[name]), name[:-1]) for name in ("turns", "facts", "digests")]
    print(f"\nWill be erased for ever: {', '.join(each for each in counts if each)}.")
    if plan["digests"]:
        print("Digests are written anew at night, without it.")
    if plan["others"]:
        numbers = ", ".join(str(each) for each in plan["others"][:SHOWN_TURNS])
        more = "…" if len(plan["others"]) > SHOWN_TURNS else ""
        print(f"These turns speak of it too, and stay: {numbers}{more}.")
    _show_backups(plan["backups"])


def _show_backups(backups: Sequence[Mapping[str, Any]]) -> None:
    if not backups:
        return
    newest, oldest = (local_time(each["created_at"]) for each in (backups[0], backups[-1]))
    held = f"of {newest.day} {newest:%B %Y}"
    if len(backups) > 1:
        held = f"from {oldest.day} {oldest:%B %Y} to {newest.day} {newest:%B %Y}"
    print(f"{_count(len(backups), 'backup')} {held} may still hold it (vega backup list).")


def _tell(done: Mapping[str, Any]) -> None:
    turns = _count(len(done["forgotten"]), "turn")
    facts = _count(done["facts"], "fact")
    print(f"Forgotten: {', '.join(each for each in (turns, facts) if each) or 'what was shown'}.")
    for sentence in done["left"]:
        screen.tell(sentence)
    if done["backups"]:
        names = ", ".join(each["name"] for each in done["backups"][:3])
        more = ", …" if len(done["backups"]) > 3 else ""
        print(f"Backups made before now may hold it: {names}{more}")


def _count(count: int, noun: str) -> str:
    """Nothing where there are none."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else ""


def _is_confirmed() -> bool:
    if not screen.is_terminal(sys.stdin):
        raise VegaError("Nobody can be asked here: say --yes to forget it.")
    try:
        return input("Forget it? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False
