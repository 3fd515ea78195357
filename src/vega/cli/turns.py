"""Turns as they are shown: under their day, with their time, the prompt before the answer."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vega.cli import screen
from vega.cli.writer import open_writer

Turn = Mapping[str, Any]

PROMPT_MARK = "> "
#: Of the turns that an answer rests on.
SHOWN_SOURCES = 3
#: What stands where there is no whole answer.
_STATES = {
    "pending": "(not answered yet)",
    "answering": "(still being answered)",
    "stopped": "(stopped)",
}


class TurnPrinter:
    """Prints turns one below the other, with a line for each new day."""

    def __init__(self) -> None:
        self._day: date | None = None

    def print(self, turns: Iterable[Turn]) -> None:
        for turn in turns:
            self.print_head(local_time(turn["created_at"], turn.get("timezone")), turn["origin"])
            if turn.get("forgotten_at"):
                print(screen.dim("(forgotten)") + "\n")
                continue
            self.print_prompt(turn["prompt"])
            self.print_answer(turn)

    def print_head(self, at: datetime, origin: str) -> None:
        """The day where it is another one, and the time; with the channel where it is another."""
        if at.date() != self._day:
            self._day = at.date()
            print(screen.bold(day_line(at)) + "\n")
        where = "" if origin == "terminal" else f"  {origin}"
        print(screen.dim(f"{at:%H:%M}{where}"))

    def print_prompt(self, prompt: str) -> None:
        for line in prompt.split("\n"):
            print(screen.bold(PROMPT_MARK + line))

    def print_answer(self, turn: Turn) -> None:
        if turn["response"]:
            open_writer().end(turn["response"])
        if turn["status"] in _STATES:
            print(screen.dim(_STATES[turn["status"]]))
        elif turn["status"] == "failed":
            print(screen.dim(f"(failed: {turn.get('error') or 'no reason is known'})"))
        if turn.get("note"):
            print(screen.dim(f"({turn['note']})"))
        if turn.get("sources"):
            print(screen.dim(sources_line(turn["sources"])))
        print(flush=True)


def sources_line(sources: Sequence[Mapping[str, Any]]) -> str:
    """From which turns an answer is: "(from 20 Nov 2026, 09:12: turn 12)"."""
    shown = []
    for source in sources[:SHOWN_SOURCES]:
        at = local_time(source["at"], source.get("timezone"))
        shown.append(f"{at.day} {at:%b %Y, %H:%M}: turn {source['turn_id']}")
    if len(sources) > SHOWN_SOURCES:
        shown.append(f"and {len(sources) - SHOWN_SOURCES} more")
    return f"(from {'; '.join(shown)})"


def local_time(text: str, zone: str | None = None) -> datetime:
    """A time of the API as the clocks of that zone show it, else this machine's: near midnight the
    day is another one where the owner is."""
    at = datetime.fromisoformat(text)
    if zone is None:
        return at.astimezone()
    try:
        return at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        # This machine knows fewer zones than the one that Vega runs on.
        return at.astimezone()


def day_line(at: datetime) -> str:
    dash = "─" if (sys.stdout.encoding or "").lower().startswith("utf") else "-"
    return f"{dash * 2} {at:%A}, {at.day} {at:%B} {at.year} {dash * 2}"
