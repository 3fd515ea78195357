"""An answer from the store, as a value."""

from dataclasses import dataclass
from enum import Enum, auto

from vega.core.memory import Statement


class Lack(Enum):
    """What a reply says that there is none of."""

    #: Of what is asked for, nothing among all that was said.
    RECORD = auto()
    #: Nothing was said in the time that is asked about.
    TALK = auto()


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer from the store, and the turns that it rests on."""

    text: str
    sources: tuple[int, ...] = ()
    #: What the prompt is taken to state, where only the turns before it say so: "it is green now".
    statements: tuple[Statement, ...] = ()
    lack: Lack | None = None


#: Where the owner asks for something of their own that was never said.
NO_RECORD = "I have no record of that"


def no_record(more: str = ".", sources: tuple[int, ...] = ()) -> Reply:
    """That there is no record of what is asked for; `more` ends that sentence and may go on."""
    return Reply(f"{NO_RECORD}{more}", sources, lack=Lack.RECORD)
