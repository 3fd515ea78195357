"""The values of the conversation: turns, answers, and the events that tell of them.

Pure values: they import nothing of ours, know no database and no HTTP. Times are aware
datetimes in UTC; the owner's IANA zone at that moment stands beside them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from vega.core.memory import Tier

#: Origins of what is not talk of the owner's: commands of a home, titles and tags that other pages
#: ask for, chatter of tools. It is kept and found as everything is, but drowns nothing.
CHATTER_ORIGINS = frozenset(("home", "title", "tool"))
#: The origin of what was said elsewhere, and taken over with its times.
IMPORT_ORIGIN = "import"


class TurnStatus(StrEnum):
    """How far a turn has come. The last three are ends."""

    #: Stored; its answer has not begun, or waits for a model.
    PENDING = "pending"
    #: Its answer is being written. After a crash such a turn is taken up again.
    ANSWERING = "answering"
    #: Answered whole.
    COMPLETED = "completed"
    #: The owner stopped the answer; what there was of it is kept.
    STOPPED = "stopped"
    #: Given up after its last attempt; kept, with the reason, and can be asked again.
    FAILED = "failed"

    @property
    def is_end(self) -> bool:
        return self in (TurnStatus.COMPLETED, TurnStatus.STOPPED, TurnStatus.FAILED)


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A prompt as it arrives, before it is stored."""

    prompt: str
    at: datetime
    zone: str
    origin: str = "api"
    device: str | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A turn that an answer rests on."""

    turn_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a turn: being written, or ended. `text` is what there is of it."""

    id: int
    number: int
    #: Counts how often the text began anew or may differ from what readers have seen.
    generation: int
    text: str
    #: The model that wrote it, or None when it came from the store alone.
    model: str | None
    #: Where the prompt was sent, as a person would say it; None when it was sent nowhere.
    place: str | None
    #: Why it failed; of one that did not, why another model than the usual one wrote it.
    reason: str | None
    is_failed: bool = False
    sources: tuple[Source, ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One prompt of the owner and the answer to it."""

    id: int
    #: Its place in the hash chain: the order of everything that was ever stored.
    link: int
    prompt: str
    at: datetime
    zone: str
    origin: str
    device: str | None
    status: TurnStatus
    tier: Tier
    #: Attempts that the model failed.
    attempts: int
    #: How often in a row the process died over it without getting any further.
    interruptions: int
    #: The highest generation of any of its answers; 0 before the first.
    last_generation: int = 0
    #: The newest answer that is any good, or None as long as none has begun.
    answer: Answer | None = None
    #: The answer in short, of a compressed turn.
    summary: str | None = None
    #: Whether the original cannot be read any more; what is left of it stands here.
    is_damaged: bool = False
    #: When the owner had it forgotten: its text is gone, its place in the chain stays.
    forgotten_at: datetime | None = None

    @property
    def response(self) -> str:
        return self.answer.text if self.answer else ""

    @property
    def is_of_the_store(self) -> bool:
        """Whether Vega answered by itself from what had been said before, and no model spoke."""
        is_own = self.origin != IMPORT_ORIGIN and self.answer is not None
        return is_own and self.answer is not None and self.answer.model is None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the context shows of a turn: the prompt and its newest good answer."""

    turn_id: int
    at: datetime
    zone: str
    prompt: str
    response: str
    #: None when the answer came from the store.
    model: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended."""

    status: TurnStatus
    text: str
    generation: int = 1
    model: str | None = None
    place: str | None = None
    reason: str | None = None
    sources: tuple[int, ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class EventKind(StrEnum):
    """What happens to a turn, in the words of the event stream."""

    ACCEPTED = "turn.accepted"
    #: A piece of the answer.
    DELTA = "turn.delta"
    #: The answer's text so far is replaced by this one.
    RESTARTED = "turn.restarted"
    #: No model answers now; the turn is kept and will be answered.
    WAITING = "turn.waiting"
    COMPLETED = "turn.completed"
    FAILED = "turn.failed"
    #: The owner had it forgotten: whoever shows it takes it away.
    FORGOTTEN = "turn.forgotten"


@dataclass(frozen=True, slots=True)
class TurnEvent:
    """One event of a stream. `id` is what a reader sends back as Last-Event-ID to go on."""

    kind: EventKind
    turn_id: int
    id: str
    #: The piece (DELTA), the whole text so far (RESTARTED) or the reason (WAITING).
    text: str = ""
    #: The turn as it is stored (ACCEPTED, COMPLETED, FAILED).
    turn: Turn | None = field(default=None)
