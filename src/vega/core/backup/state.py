"""How the last backups went, on the disk, so that a start does not forget that they fail."""

import contextlib
import json
import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from vega.syncing import write_whole

log = logging.getLogger(__name__)

#: After so many nights in a row it is said more loudly.
LOUD_NIGHTS = 3
_NAME = "backup-state.json"


@dataclass(slots=True)
class Course:
    """How it goes in one place."""

    #: Why the last try failed; None where it did not.
    error: str | None = None
    #: So many nights in a row.
    failed_nights: int = 0
    #: When the newest that is there was made, as ISO 8601.
    last_good_at: str | None = None
    count: int = 0

    def succeed(self, at: str | None, count: int) -> None:
        self.error, self.failed_nights = None, 0
        self.last_good_at, self.count = at, count

    def fail(self, error: str, *, is_night: bool) -> None:
        self.error = error
        self.failed_nights += is_night

    def notice(self, what: str) -> str | None:
        """What the owner must be told; `what` failed."""
        if self.error is None:
            return None
        if self.last_good_at is None:
            last = "There is no good one yet."
        else:
            at = datetime.fromisoformat(self.last_good_at).astimezone()
            last = f"The last good one is of {at.day} {at:%B %Y at %H:%M}."
        if self.failed_nights >= LOUD_NIGHTS:
            nights = f"for {self.failed_nights} nights now: what was said since is in no copy"
            return f"ATTENTION: {what} has failed {nights}! {self.error} {last}"
        return f"{what} failed: {self.error} {last}"


@dataclass(slots=True)
class State:
    """Of one life's backups."""

    here: Course = field(default_factory=Course)
    elsewhere: Course = field(default_factory=Course)
    #: The folders on other disks that were used, each known by its mark from then on.
    folders: list[str] = field(default_factory=list)


def load_state(home: Path) -> State:
    """As it was saved in that home folder; nothing is known where that cannot be read."""
    with contextlib.suppress(OSError, ValueError, TypeError, LookupError):
        found: dict[str, Any] = json.loads((home / _NAME).read_bytes())
        return State(
            Course(**found["here"]), Course(**found["elsewhere"]), [*map(str, found["folders"])]
        )
    return State()


def save_state(home: Path, state: State) -> None:
    """Never fails: the present state is known without it."""
    try:
        write_whole(home / _NAME, json.dumps(asdict(state)).encode(), draft_suffix=".new")
    except OSError as exc:
        log.warning("How backups went could not be noted: %s", exc)
