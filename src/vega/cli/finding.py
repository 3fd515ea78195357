"""One thing that `vega doctor` looked at."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    name: str
    state: State
    text: str
    #: For what is not well: `bad` needs the owner, a `note` may stay as it is.
    hint: str = ""
