"""Feasts and other days that have a name: "Christmas", "St Patrick's Day", "Pancake Day"."""

from collections.abc import Callable
from datetime import date

from vega.core.recall.times.calendar import DAY, easter, feast, thanksgiving
from vega.core.recall.times.dates import of_year
from vega.core.recall.times.pieces import Reading, Said
from vega.core.recall.times.words import BEFORE_FEASTS, MOTHERING_ZONES

_MOTHERS_DAY = ("mother", "day")


def read_feast(said: Said, at: int, preposition: str) -> Reading | None:
    """As "Christmas", "New Year's Eve", "Easter Monday", "Thanksgiving 2023"."""
    for names, from_day, length in _FEASTS:
        if end := _matches(said, at, names):
            if names == _MOTHERS_DAY and said.zone in MOTHERING_ZONES:
                from_day = _from_easter(-21)
            return of_year(said, feast(from_day, length), end, BEFORE_FEASTS - {"about"})
    return None


def _matches(said: Said, at: int, names: tuple[str, ...]) -> int:
    """What is behind these words, each with or without its 's; 0 where they do not stand there."""
    for index, name in enumerate(names):
        word = said.word(at)
        # "Mothers' Day", "April Fools' Day", "New Years Eve".
        if word != name and (word != f"{name}s" or (index == len(names) - 1 and index > 0)):
            return 0
        at += 1
        at += name == "st" and said.is_mark(at, ".")
        if index < len(names) - 1 or name in ("year", "valentine"):
            at += any(said.is_mark(at, mark) for mark in ("'s", "'", "’"))
    return at


def _fixed(number: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, number, day)


def _from_easter(shift: int) -> Callable[[int], date]:
    return lambda year: easter(year) + shift * DAY


def _nth(number: int, weekday: int, count: int) -> Callable[[int], date]:
    """That weekday (0 is Monday) of a month: the first (1), second, ... or the last (-1)."""

    def in_year(year: int) -> date:
        if count < 0:
            last = date(year, number + 1, 1) - DAY
            return last - (last.weekday() - weekday) % 7 * DAY
        first = date(year, number, 1)
        return first + ((weekday - first.weekday()) % 7 + 7 * (count - 1)) * DAY

    return in_year


#: Longer names first; what they are called, the day they begin, how many days they last.
_FEASTS: tuple[tuple[tuple[str, ...], Callable[[int], date], int], ...] = (
    (("christmas", "eve"), _fixed(12, 24), 1),
    (("christmas", "day"), _fixed(12, 25), 1),
    (("christmas",), _fixed(12, 24), 3),
    (("xmas",), _fixed(12, 24), 3),
    (("boxing", "day"), _fixed(12, 26), 1),
    (("new", "year", "eve"), _fixed(12, 31), 1),
    (("new", "years", "eve"), _fixed(12, 31), 1),
    (("new", "year", "day"), _fixed(1, 1), 1),
    (("new", "years", "day"), _fixed(1, 1), 1),
    (("new", "year"), _fixed(12, 31), 2),
    (("new", "years"), _fixed(12, 31), 2),
    (("good", "friday"), _from_easter(-2), 1),
    (("easter", "sunday"), _from_easter(0), 1),
    (("easter", "monday"), _from_easter(1), 1),
    (("easter", "weekend"), _from_easter(-2), 4),
    (("easter",), _from_easter(-2), 4),
    (("halloween",), _fixed(10, 31), 1),
    (("black", "friday"), lambda year: thanksgiving(year) + DAY, 1),
    (("cyber", "monday"), lambda year: thanksgiving(year) + 4 * DAY, 1),
    (("thanksgiving", "day"), thanksgiving, 1),
    (("thanksgiving",), thanksgiving, 1),
    (("st", "valentine", "day"), _fixed(2, 14), 1),
    (("valentine", "day"), _fixed(2, 14), 1),
    (("easter", "saturday"), _from_easter(-1), 1),
    (("shrove", "tuesday"), _from_easter(-47), 1),
    (("pancake", "day"), _from_easter(-47), 1),
    (("mardi", "gras"), _from_easter(-47), 1),
    (("ash", "wednesday"), _from_easter(-46), 1),
    (("mothering", "sunday"), _from_easter(-21), 1),
    (("palm", "sunday"), _from_easter(-7), 1),
    (("maundy", "thursday"), _from_easter(-3), 1),
    (("ascension", "day"), _from_easter(39), 1),
    (("whit", "sunday"), _from_easter(49), 1),
    (("whit", "monday"), _from_easter(50), 1),
    (("corpus", "christi"), _from_easter(60), 1),
    (_MOTHERS_DAY, _nth(5, 6, 2), 1),
    (("father", "day"), _nth(6, 6, 3), 1),
    (("memorial", "day"), _nth(5, 0, -1), 1),
    (("labor", "day"), _nth(9, 0, 1), 1),
    (("labour", "day"), _fixed(5, 1), 1),
    (("may", "day"), _fixed(5, 1), 1),
    (("burns", "night"), _fixed(1, 25), 1),
    (("groundhog", "day"), _fixed(2, 2), 1),
    (("st", "david", "day"), _fixed(3, 1), 1),
    (("st", "patrick", "day"), _fixed(3, 17), 1),
    (("st", "paddy", "day"), _fixed(3, 17), 1),
    (("paddy", "day"), _fixed(3, 17), 1),
    (("april", "fool", "day"), _fixed(4, 1), 1),
    (("st", "george", "day"), _fixed(4, 23), 1),
    (("bastille", "day"), _fixed(7, 14), 1),
    (("guy", "fawkes", "night"), _fixed(11, 5), 1),
    (("guy", "fawkes", "day"), _fixed(11, 5), 1),
    (("bonfire", "night"), _fixed(11, 5), 1),
    (("armistice", "day"), _fixed(11, 11), 1),
    (("veteran", "day"), _fixed(11, 11), 1),
    (("remembrance", "day"), _fixed(11, 11), 1),
    (("remembrance", "sunday"), _nth(11, 6, 2), 1),
    (("all", "saint", "day"), _fixed(11, 1), 1),
    (("all", "soul", "day"), _fixed(11, 2), 1),
    (("st", "andrew", "day"), _fixed(11, 30), 1),
    (("st", "nicholas", "day"), _fixed(12, 6), 1),
    (("st", "stephen", "day"), _fixed(12, 26), 1),
)
#: The words of their names.
FEAST_WORDS = frozenset(
    word for names, _, _ in _FEASTS for name in names for word in (name, f"{name}s")
)
