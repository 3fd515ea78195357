"""How old somebody is and when they were born: from a date of birth, or an age once told."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from vega.core.memory import Fact
from vega.core.recall.times.words import MONTHS
from vega.core.replies.moments import date_words, told_words
from vega.core.replies.quoting import capital
from vega.core.replies.reply import Reply

_MONTHS = tuple(name[:3] for name in MONTHS)
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_DAY_MONTH = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th|\.)?(?: of)? ([a-z]{3})[a-z]*\b", re.IGNORECASE)
_MONTH_DAY = re.compile(
    r"\b([a-z]{3})[a-z]*\.? (?:the )?(\d{1,2})(?:st|nd|rd|th)?\b", re.IGNORECASE
)
_ISO = re.compile(r"\b\d{4}-(\d\d)-(\d\d)\b")
_FIGURES = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-]")
_ONES = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
sixteen seventeen eighteen nineteen
"""
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety"
_WORDS = {word: 10 * number for number, word in enumerate(_TENS.split())} | {
    word: number for number, word in enumerate(_ONES.split())
}


@dataclass(frozen=True, slots=True)
class _Birth:
    """What is known of a birth: its year lies between the two, the day is (month, day)."""

    earliest: int | None
    latest: int | None
    day: tuple[int, int] | None

    @property
    def year(self) -> int | None:
        return self.earliest if self.earliest == self.latest else None

    @property
    def on(self) -> date | None:
        if self.year is None or self.day is None:
            return None
        try:
            return date(self.year, *self.day)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Life:
    """What was told of one person's age: "You" or "Emil", and the facts."""

    who: str
    age: Fact | None
    birthday: Fact | None
    birth_year: Fact | None

    @property
    def _is(self) -> str:
        return "are" if self.who == "You" else "is"

    @property
    def _was(self) -> str:
        return "were" if self.who == "You" else "was"

    @property
    def _subject(self) -> str:
        """Within a sentence: "you", "your daughter", "Emil"."""
        return self.who.replace("You", "you", 1) if re.match(r"Your?\b", self.who) else self.who

    @property
    def _whose(self) -> str:
        return "your" if self.who == "You" else f"{self._subject}'s"

    def how_old(self, now: datetime) -> Reply | None:
        """Exact where the birth is known, else by when an age was told."""
        birth = self._birth()
        fact = self.age or self.birthday or self.birth_year
        if fact is None or birth is None or birth.latest is None or birth.earliest is None:
            return None
        today = now.astimezone(ZoneInfo(fact.zone)).date()
        least, most = self._ages(today, birth)
        told = self._reasons(now)
        if told_age := self._other_age(birth, now):
            reckoned = f"{least}" if least == most else f"{least} or {most}"
            return Reply(f"{told_age}, but {told}, which makes {reckoned}.", self._sources())
        if least == most:
            age = f"{self.who} {self._is} {least} years old"
        elif self.age is not None:
            who = self._subject
            return Reply(
                f"{capital(told)}, so {who} {self._is} {least} or {most} now.",
                self._sources(),
            )
        else:
            age = f"{self.who} {self._is} {least} or {most} years old"
        return Reply(f"{age}: {told}.", self._sources())

    def _other_age(self, birth: _Birth, now: datetime) -> str | None:
        """The age that was told, where the birth that was told makes another."""
        number = _number(self.age.value) if self.age else None
        is_told = any(one and _year_of(one.value) for one in (self.birthday, self.birth_year))
        if self.age is None or number is None or birth.year is None or not is_told:
            return None
        least, most = self._ages(_told_on(self.age), birth)
        if least <= number <= most:
            return None
        told = told_words(self.age.said_again_at or self.age.held_from, self.age.zone, now)
        return f"You told me {told} that {self._subject} {self._is} {number}"

    def when_born(self, now: datetime, *, is_year: bool = False) -> Reply | None:
        """The day as far as it is known."""
        birth = self._birth()
        if birth is None:
            return None
        told = self._reasons(now)
        if birth.on is not None and not is_year:
            when = f"on {date_words(birth.on)}"
        elif birth.year is not None:
            when = f"in {birth.year}"
        elif birth.latest is not None:
            when = f"in {birth.earliest} or {birth.latest}"
        else:
            return Reply(f"{capital(told)}. You have not told me the year.", self._sources())
        return Reply(f"{self.who} {self._was} born {when}: {told}.", self._sources())

    def _ages(self, today: date, birth: _Birth) -> tuple[int, int]:
        """The least and the most years that it can be."""
        if birth.year is None and self.age is not None:
            told, number = _told_on(self.age), _number(self.age.value) or 0
            whole = today.year - told.year - ((told.month, told.day) > (today.month, today.day))
            return number + whole, number + whole + (told < today)
        years = today.year - (birth.year or today.year)
        if birth.day is None:
            return max(0, years - 1), years
        age = years - (birth.day > (today.month, today.day))
        return age, age

    def _birth(self) -> _Birth | None:
        day = day_of(self.birthday.value) if self.birthday else None
        year = _year_of(self.birthday.value) if self.birthday else None
        if year is None and self.birth_year is not None:
            year = _year_of(self.birth_year.value)
        if year is not None:
            return _Birth(year, year, day)
        number = _number(self.age.value) if self.age else None
        if self.age is None or number is None:
            return _Birth(None, None, day) if day or self.birthday else None
        told = _told_on(self.age)
        if day is not None:
            year = told.year - number - (day > (told.month, told.day))
            return _Birth(year, year, day)
        return _Birth(told.year - number - 1, told.year - number, None)

    def _reasons(self, now: datetime) -> str:
        """What was told, and when; not what says no more than the rest does."""
        parts = []
        birthday_says_all = self.birthday is not None and _year_of(self.birthday.value) is not None
        if self.age is not None and not birthday_says_all and self.birth_year is None:
            told = told_words(self.age.said_again_at or self.age.held_from, self.age.zone, now)
            who = self._subject
            parts.append(f"you told me {told} that {who} {self._is} {self.age.value}")
        if self.birthday is not None:
            told = told_words(self.birthday.held_from, self.birthday.zone, now)
            parts.append(f"{self._whose} birthday is {self.birthday.value}, you told me {told}")
        if self.birth_year is not None and not birthday_says_all:
            told = told_words(self.birth_year.held_from, self.birth_year.zone, now)
            parts.append(f"the year is {self.birth_year.value}, you told me {told}")
        return "; ".join(parts)

    def _sources(self) -> tuple[int, ...]:
        told = (self.age, self.birthday, self.birth_year)
        return tuple(dict.fromkeys(fact.turn_id for fact in told if fact is not None))


def _told_on(age: Fact) -> date:
    return (age.said_again_at or age.held_from).astimezone(ZoneInfo(age.zone)).date()


def _number(value: str) -> int | None:
    figures = re.search(r"\d+", value)
    if figures:
        return int(figures[0])
    found = [_WORDS[word] for word in re.findall(r"[a-z]+", value.lower()) if word in _WORDS]
    return sum(found) if found else None


def _year_of(value: str) -> int | None:
    match = _YEAR.search(value)
    return int(match[1]) if match else None


def day_of(value: str) -> tuple[int, int] | None:
    """(month, day); None where the order of two figures leaves it open."""
    if match := _ISO.search(value):
        return int(match[1]), int(match[2])
    if (match := _DAY_MONTH.search(value)) and match[2].lower() in _MONTHS:
        return _MONTHS.index(match[2].lower()) + 1, int(match[1])
    if (match := _MONTH_DAY.search(value)) and match[1].lower() in _MONTHS:
        return _MONTHS.index(match[1].lower()) + 1, int(match[2])
    if match := _FIGURES.search(value):
        one, other = int(match[1]), int(match[2])
        if one > 12:
            return other, one
        if other > 12:
            return one, other
    return None
