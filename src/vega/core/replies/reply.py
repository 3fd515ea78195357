"""An answer from the store, as a value."""

from dataclasses import dataclass

from vega.core.memory import Statement


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer from the store, and the turns that it rests on."""

    text: str
    sources: tuple[int, ...] = ()
    #: What the prompt is taken to state, where only the turns before it say so: "it is green now".
    statements: tuple[Statement, ...] = ()


#: Where the owner asks for something of their own that was never said.
NO_RECORD = "I have no record of that."
