"""`vega.forgotten`: which turns the owner had forgotten, by their numbers, kept beside the life.

A backup still has what was forgotten after it was made. Where the life itself is damaged this file
knows what must not come back. It holds no word of anything, and grows by a line for each turn.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vega.syncing import write_whole

log = logging.getLogger(__name__)

_TURN, _CLOSED = "turn", "facts"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten of one life."""

    #: When, in microseconds since 1970, by the turn and its link.
    turns: Mapping[tuple[int, int], int] = field(default_factory=dict)
    #: Turns of which the owner had a fact forgotten.
    closed: frozenset[int] = frozenset()


class ForgottenFile:
    """In a life's home folder."""

    def __init__(self, home: Path) -> None:
        self.path = home / "vega.forgotten"

    def load(self) -> Forgotten | None:
        """None where there is none that can be read. A line that cannot be is passed over."""
        try:
            lines = self.path.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            return None
        turns: dict[tuple[int, int], int] = {}
        closed = set()
        for line in lines:
            kind, *numbers = line.split()[:4] or [""]
            try:
                values = [int(number) for number in numbers]
                if kind == _TURN:
                    turn_id, link, at = values
                    turns[turn_id, link] = at
                elif kind == _CLOSED:
                    closed.add(values[0])
            except (ValueError, IndexError):
                log.warning("A line of %s cannot be read.", self.path)
        return Forgotten(turns, frozenset(closed))

    def add(self, found: Forgotten) -> None:
        """Remembers this as well; what it knows of already stays. It never fails: what is forgotten
        is so without it."""
        known = self.load()
        before = known or Forgotten()
        turns = {**before.turns, **found.turns}
        closed = before.closed | found.closed
        if known is not None and (turns, closed) == (dict(before.turns), before.closed):
            return
        lines = [f"{_TURN} {turn} {link} {at}\n" for (turn, link), at in sorted(turns.items())]
        lines += [f"{_CLOSED} {turn}\n" for turn in sorted(closed)]
        try:
            write_whole(self.path, "".join(lines).encode(), draft_suffix=".new")
        except OSError as exc:
            log.warning("%s could not be written: %s", self.path, exc)
