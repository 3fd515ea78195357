"""What a model was sent for one answer, as references into the life."""

from dataclasses import dataclass
from datetime import datetime

from vega.core.importing import Role


@dataclass(frozen=True, slots=True)
class Quotation:
    """Passages of one message, as recall found them."""

    turn_id: int
    role: Role
    #: From which character to which.
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SentContext:
    """From what one prompt can be put together again, the same to the character."""

    #: The system message.
    preamble: str
    #: How far the life had come: what was stored later was not seen.
    link: int
    #: Where the recent turns begin: (at, id).
    first: tuple[datetime, int]
    #: Turns from there on that were kept back.
    left_out: frozenset[int]
    #: Whether turns were shown that the store had answered.
    shows_stored: bool
    #: A longer past message was sent without its middle; so was a longer prompt.
    message_chars: int
    prompt_chars: int
    #: Which characters of the answer were given to be continued.
    part: tuple[int, int] | None = None
    #: As they were quoted, in their order.
    findings: tuple[Quotation, ...] = ()

    @property
    def quoted_turn_ids(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(each.turn_id for each in self.findings))


@dataclass(frozen=True, slots=True)
class KeptContext:
    """What was sent, and when, to which model, where."""

    sent: SentContext
    at: datetime
    model: str
    place: str
