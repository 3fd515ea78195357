"""What was found of the past: messages, and what recall makes of them for a question."""

from dataclasses import dataclass
from datetime import datetime

from vega.core.importing import Role
from vega.core.memory import Tier, TimeWindow


@dataclass(frozen=True, slots=True)
class Found:
    """One message that was looked for."""

    turn_id: int
    #: As it was called where it was imported from.
    external_id: str | None
    role: Role
    name: str | None
    at: datetime
    #: The whole original; of a turn that was asked again its answers, one under the other.
    text: str
    #: How well it fits; 0 where only its age says which comes first.
    score: float
    tier: Tier
    #: The owner's IANA zone then.
    zone: str = "UTC"

    @property
    def message_id(self) -> int:
        """Its row in the message index."""
        return 2 * self.turn_id + (self.role is Role.ASSISTANT)


@dataclass(frozen=True, slots=True)
class Recalled:
    """One message as recall shows it: whole, or what of it fits the question."""

    found: Found
    #: What is shown; of a long message its beginning and the passages that matched.
    text: str
    tokens: int
    #: The cosine between question and message by meaning; None where it is not known.
    likeness: float | None = None
    #: How much of what is asked for the message holds, by the weight of its words: 0 to 1.
    word_share: float = 0.0
    #: The same of the things that the question is about alone, without what was done with them.
    subject_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Recollection:
    """What recall found for a question."""

    #: The range of time that the question speaks of.
    window: TimeWindow | None
    #: In the order in which they are packed: the best first, or of time alone as they were said.
    items: tuple[Recalled, ...]
    #: Whether the question is about that time and about nothing else.
    is_by_time_alone: bool = False
    #: Whether every message could be found: not while the index of words is made anew after damage,
    #: nor where something could not be read.
    is_complete: bool = True
    #: The words of a time that nothing told the beginning of: "before my trip", and no trip is
    #: known. There is no window then.
    unknown_time: str | None = None

    @property
    def tokens(self) -> int:
        return sum(item.tokens for item in self.items)
