"""The pieces that a spoken time is made of, and the text that they are read from."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from vega.core.recall.times.calendar import Recurring
from vega.core.recall.times.tokens import Token
from vega.core.recall.times.values import Choice, ElapsedSpan, LocalSpan
from vega.core.recall.times.words import (
    COUNTED,
    DAY_TURNS_AT,
    DETERMINERS,
    NUMBERS,
    ORDINALS,
    PLURALS,
    SHORT_UNITS,
    UNITS,
    VAGUE,
    WEEKDAYS,
)
from vega.core.words import STOP_WORDS

_BEHIND_A_NUMBER = {
    *(STOP_WORDS - {"of", "or", "and", "to"}),
    *("yesterday", "today", "tomorrow", "tonight", "last", *WEEKDAYS),
}
_ENDING_MARKS = frozenset(".,?!;:)\"'…”»")
#: The first and the last year that a person speaks of.
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True)
class Slice:
    """The "early", "mid" or "late" part of what is said beside it."""

    which: str


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A part of a day that is known ("this morning"), or is said beside it ("Monday morning")."""

    name: str
    day: date | None = None
    #: Whether it tells no time unless a day is said beside it.
    needs_day: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A time by the clock."""

    #: From midnight, the likeliest first: "at 3" is in the afternoon, or else at night.
    minutes: tuple[int, ...]
    #: How many minutes earlier or later it may have been.
    margin: int
    needs_day: bool = False


@dataclass(frozen=True, slots=True)
class ClockRange:
    """From one time of the clock to another."""

    first: Clock
    until: Clock
    needs_day: bool = False


Piece = LocalSpan | ElapsedSpan | Recurring | Slice | PartOfDay | Clock | ClockRange


@dataclass(frozen=True, slots=True)
class Reading:
    """A piece, the token behind it, and the prepositions without which it is no time."""

    piece: Piece
    end: int
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Amount:
    """As "Two", "a few", "half an": at least and at most so many."""

    low: float
    high: float
    end: int


@dataclass(frozen=True, slots=True)
class Said:
    """A text, and when it was said."""

    tokens: list[Token]
    #: By the owner's wall clock.
    now: datetime
    #: The same in UTC.
    instant: datetime
    day_first: bool
    prefers: Literal["past", "future"]
    #: The owner's IANA zone; "" where there is none.
    zone: str = ""

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def waking_day(self) -> date:
        """The day that a person who is awake now lives in: after midnight still the one before."""
        return (self.now - timedelta(hours=DAY_TURNS_AT)).date()

    @property
    def choice(self) -> Choice:
        """Of what comes again and again."""
        return Choice.BEGUN if self.prefers == "past" else Choice.COMING

    def token(self, at: int) -> Token | None:
        return self.tokens[at] if 0 <= at < len(self.tokens) else None

    def word(self, at: int) -> str:
        """Empty where there is none."""
        token = self.token(at)
        return token.text if token and token.kind == "word" else ""

    def is_mark(self, at: int, mark: str) -> bool:
        token = self.token(at)
        return token is not None and token.kind == "mark" and token.text == mark

    def is_capital(self, at: int) -> bool:
        token = self.token(at)
        return token is not None and token.is_capital

    def skip(self, at: int, *words: str) -> int:
        """Behind one of these words if it stands there, else where it was."""
        return at + 1 if self.word(at) in words else at

    def has(self, at: int, *words: str) -> bool:
        """Whether these words stand there one after the other."""
        return all(self.word(at + index) == word for index, word in enumerate(words))

    def is_owned(self, at: int) -> bool:
        """Whether "last", "next" or "this" here counts somebody's own: "my last year"."""
        return self.word(at - 1) in DETERMINERS

    def may_end(self, at: int) -> bool:
        """Whether a number that ends here counts nothing: "at 3, I", but not "at 3 percent"."""
        token = self.token(at)
        if token is None:
            return True
        if token.kind == "mark":
            before = self.token(at - 1)
            is_opening = before is not None and before.end < token.start and token.text in "\"'"
            return token.text in _ENDING_MARKS and not is_opening
        return token.kind == "word" and token.text in _BEHIND_A_NUMBER

    def counts(self, at: int) -> bool:
        """Whether what stands here is counted by the number before it: "2000 words"."""
        word = self.word(at)
        if word in COUNTED or word in PLURALS or word in UNITS:
            return True
        token = self.token(at)
        if token and token.kind == "mark":
            return token.text in "%$€£°"
        is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is"))
        return is_plural and word not in STOP_WORDS and not self.is_capital(at)

    def cardinal(self, at: int) -> tuple[int, int] | None:
        """A whole number in digits or words, and what is behind it."""
        token = self.token(at)
        if token and token.kind == "number":
            return token.number() or 0, at + 1
        number = NUMBERS.get(self.word(at))
        if number is None:
            return None
        if number >= 20 and number % 10 == 0:
            behind = at + 2 if self.is_mark(at + 1, "-") else at + 1
            ones = NUMBERS.get(self.word(behind), 0)
            if 0 < ones < 10:
                return number + ones, behind + 1
        return number, at + 1

    def ordinal(self, at: int) -> tuple[int, int] | None:
        """As "3rd", "third", "twenty-first", and what is behind it."""
        token = self.token(at)
        if token and token.kind == "ordinal":
            return token.number() or 0, at + 1
        word = self.word(at)
        if word in ("twenty", "thirty"):
            behind = at + 2 if self.is_mark(at + 1, "-") else at + 1
            ones = ORDINALS.get(self.word(behind), 0)
            return (NUMBERS[word] + ones, behind + 1) if 0 < ones < 10 else None
        number = ORDINALS.get(word)
        return (number, at + 1) if number else None

    def amount(self, at: int) -> Amount | None:
        """How many: "three", "a", "a couple of", "half an"."""
        if self.word(at) == "half" and self.word(at + 1) in ("a", "an"):
            return Amount(0.5, 0.5, at + 2)
        behind = self.skip(at, "a")
        if bounds := VAGUE.get(self.word(behind)):
            return Amount(*bounds, self.skip(behind + 1, "of"))
        if self.word(at) in ("a", "an"):
            return Amount(1, 1, at + 1)
        if found := self.cardinal(at):
            number, end = found
            more = self.cardinal(end + 1) if self.word(end) == "or" else None
            if more and more[0] > number:
                return Amount(number, more[0], more[1])
            if self.has(end, "and", "a", "half"):
                return Amount(number + 0.5, number + 0.5, end + 3)
            return Amount(number, number, end)
        return None

    def unit(self, at: int) -> str:
        """In its singular; "" where there is none."""
        word = self.word(at)
        if word in UNITS:
            return word
        return PLURALS.get(word, "") or SHORT_UNITS.get(word, "")

    def year(self, at: int) -> tuple[int, int] | None:
        """As "2024" or "'24", and what is behind it."""
        token = self.token(at)
        if token is None or token.kind not in ("number", "year"):
            return None
        number = token.number() or 0
        if token.kind == "year":
            return self.full_year(number), at + 1
        return (number, at + 1) if number in _YEARS and len(token.text) == 4 else None

    def full_year(self, number: int) -> int:
        """Of the two last digits: at most twenty years from now."""
        century = self.now.year // 100 * 100
        year = century + number
        return year - 100 if year > self.now.year + 20 else year
