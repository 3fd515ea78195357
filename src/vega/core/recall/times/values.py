"""What a question says about time, as values: ranges of a calendar, of instants, and anchors."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

#: Where an open range begins and ends; nothing that a person says reaches beyond.
EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001
LATEST = datetime(2200, 1, 1)  # noqa: DTZ001

Relation = Literal["before", "after", "during", "around", "since"]


@dataclass(frozen=True, slots=True)
class LocalSpan:
    """A range of the owner's wall clock and calendar, wherever they were then. No zone."""

    first: datetime
    #: Right behind its last moment.
    until: datetime

    @property
    def is_day(self) -> bool:
        """Whether it is one whole day."""
        return self.first.time() == self.until.time() == datetime.min.time() and (
            self.until - self.first == timedelta(days=1)
        )


@dataclass(frozen=True, slots=True)
class ElapsedSpan:
    """A range counted from the moment of asking, in UTC: "an hour ago"."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Anchor:
    """A time that another turn tells: "before my trip in June". That turn is still to be found."""

    relation: Relation
    #: What is to be found: "my trip".
    phrase: str
    #: When it was, as far as that is said: June.
    span: LocalSpan | None = None
    #: How far the window reaches from it: "the week before my trip".
    within: timedelta | None = None
    #: Which whole day beside its own is meant: -1 of "the day before my trip".
    day: int | None = None
    #: A part of that day ("the evening before"), or which one it is ("the weekend before").
    part: str = ""


@dataclass(frozen=True, slots=True)
class FirstTalk:
    """The day of the very first turn: "when we first talked"."""


Meaning = LocalSpan | ElapsedSpan | Anchor | FirstTalk


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """Where a text speaks of a time, and what it means."""

    #: As the owner said it, with its preposition where that is part of it: "on Monday",
    #: "yesterday afternoon". In lower case but for names.
    words: str
    #: Of what is left out of the text so that the subject remains, as offsets in characters.
    start: int
    end: int
    meaning: Meaning


class Choice(Enum):
    """Which of the times that come again and again is meant."""

    #: The latest that has begun: "on Monday", said of the past.
    BEGUN = "begun"
    #: The latest that is over: "last Monday".
    OVER = "over"
    #: The first that is not over: "on Monday", said of the future.
    COMING = "coming"
    #: The first that has not begun: "next March".
    NEXT = "next"
    #: That of the present week, or year.
    THIS = "this"
