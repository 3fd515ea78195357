"""The values of memory: tiers and facts. They import nothing of ours."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class Statement:
    """What a prompt states about the owner, before it is stored as a fact."""

    #: The normal form of what is stated, as "name" or "favorite color".
    attribute: str
    #: In the owner's words.
    value: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement about the owner, the turn it came from, and the time it held."""

    id: int
    turn_id: int
    attribute: str
    value: str
    held_from: datetime
    #: None while it holds.
    held_until: datetime | None
    #: The owner's IANA zone when they said it.
    zone: str
