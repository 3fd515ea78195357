"""The values of memory: tiers, facts, and how scarce it is. They import nothing of ours."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


class Tier(StrEnum):
    """Where a turn's text lives."""

    FULL = "full"
    COMPRESSED = "compressed"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class TierTotal:
    """How much lives in one tier: turns, and the UTF-8 bytes of their prompts and answers."""

    turns: int
    bytes: int
    #: Of the text that stands in the active tables.
    active_bytes: int = 0
    #: Turns that ever came into the tier, those that left it included: it never falls.
    entered: int = 0


@dataclass(frozen=True, slots=True)
class ArchiveTotal:
    """How much the archive holds: its blocks, their text, and what they take of the disk."""

    blocks: int
    text_bytes: int
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The short form of one answer, which stands beside its prompt in a compressed turn."""

    text: str
    #: The name of the model that wrote it; None where it is made of the answer's own sentences.
    model: str | None


#: Less that is given back is nothing that a cleanup did.
LEAST_GIVEN_BYTES = 8_000_000


class CleanupKind(StrEnum):
    """What a cleanup is for, and so how far it goes."""

    #: Memory becomes scarce: older turns are compressed.
    GENTLE = "gentle"
    #: It is scarce: older ones still are archived, and disk and machine get back what they can.
    AGGRESSIVE = "aggressive"
    #: Too many turns stand uncompressed, whatever their age and the memory.
    BACKLOG = "backlog"
    #: Nobody is awake: everything is put in order.
    NIGHTLY = "nightly"


@dataclass(frozen=True, slots=True)
class Cleanup:
    """What one pass over the tiers did."""

    kind: CleanupKind
    began_at: datetime
    ended_at: datetime
    #: Turns.
    compressed: int = 0
    archived: int = 0
    #: Bytes that the text in the active tables is smaller by.
    saved_bytes: int = 0
    #: Bytes given back to the file system, and to the machine.
    disk_bytes: int = 0
    memory_bytes: int = 0

    @property
    def did_anything(self) -> bool:
        """Whether it counts: some megabytes that fill again at once do not."""
        given = self.disk_bytes + self.memory_bytes
        return bool(self.compressed or self.archived or given >= LEAST_GIVEN_BYTES)


class FactKind(StrEnum):
    """What a fact is about."""

    NAME = "name"
    FAVORITE = "favorite"
    LIKE = "like"
    DISLIKE = "dislike"
    FAMILY = "family"
    PET = "pet"
    HOME = "home"
    WORK = "work"
    #: A birthday, an anniversary.
    DATE = "date"
    #: Health and diet.
    HEALTH = "health"
    POSSESSION = "possession"
    PLAN = "plan"
    #: How Vega is to behave, always: "always answer in metric units".
    WISH = "wish"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Statement:
    """What a prompt states about the owner, before it is stored as a fact."""

    #: The normal form of what is stated, as "name" or "favorite color".
    attribute: str
    #: In the owner's words.
    value: str
    kind: FactKind = FactKind.OTHER
    #: Whether the attribute may have many values at a time, as what the owner likes.
    is_one_of_many: bool = False
    #: Whether it is said that this no longer holds.
    is_over: bool = False
    #: Whether it may never be sent to a model server outside this machine.
    is_private: bool = False
    #: The value that the owner says to have been wrong: "Karin, not Kathi". It never was so.
    instead_of: str | None = None

    @property
    def slot(self) -> str:
        """What one value at a time fills."""
        if self.is_one_of_many:
            return f"{self.attribute}: {self.value.casefold()}"
        return self.attribute


class FactEnding(StrEnum):
    """Why a fact does not hold any more."""

    #: A newer value took its place.
    SUPERSEDED = "superseded"
    #: The owner said that it is no longer so.
    TAKEN_BACK = "taken back"
    #: It never was so: the owner put it right.
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about the owner, the turn it came from, and the time it held."""

    id: int
    turn_id: int
    kind: FactKind
    attribute: str
    slot: str
    value: str
    held_from: datetime
    #: None while it holds.
    held_until: datetime | None
    ending: FactEnding | None
    #: The owner's IANA zone when they said it.
    zone: str
    is_pinned: bool = False
    is_private: bool = False
    #: The name of the model that drew it; None: rules did, or the owner's own hand.
    model: str | None = None
    #: When, and in which turn, it was last said again while it held.
    said_again_at: datetime | None = None
    said_again_in: int | None = None


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A range of time that a question speaks of."""

    #: In UTC; the first moment, and the one right behind the last.
    start: datetime
    end: datetime
    #: As the owner said it: "yesterday afternoon".
    words: str


class DigestKind(StrEnum):
    """How long a span of time a digest tells of, on the owner's calendar."""

    DAY = "day"
    #: From Monday to Sunday (ISO 8601).
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Digest:
    """The short form of a span of time that is over."""

    kind: DigestKind
    #: Of the owner's calendar, where they were.
    first_day: date
    last_day: date
    text: str
    #: How many were said in it.
    turns: int
    #: By chronology.
    first_turn_id: int
    last_turn_id: int
    #: The name of the model that wrote it; None where it is made of what was said.
    model: str | None
    written_at: datetime


class Pressure(StrEnum):
    """How scarce memory is."""

    NORMAL = "normal"
    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class MemoryReading:
    """How much memory was in use at one moment: of the machine, and of the limits set for Vega.

    What a system does not tell is None; `process_bytes` and what is said of the system are then 0.
    """

    #: Of whichever is scarcer, and which that is. Above a soft limit it may be more than 100.
    percent: float
    source: Literal["cgroup", "system"]
    #: In use and the most there is, of that source.
    used_bytes: int
    limit_bytes: int
    system_percent: float
    #: Of the scarcest limit that holds for Vega, where there is one.
    cgroup_percent: float | None
    #: The shares of the last ten seconds in which some, or all, of the work waited for memory.
    psi_some_percent: float | None
    psi_full_percent: float | None
    #: How often the limits that hold for Vega were run into, since they were set.
    limit_hits: int | None
    process_bytes: int
