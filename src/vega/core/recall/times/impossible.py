"""Times in which nothing can have been said: days that no calendar has, hours that no clock shows,
years before anybody could talk here."""

import re
from dataclasses import dataclass
from datetime import timedelta

from vega.core.patterns import Pattern
from vega.core.recall.times.calendar import date_or_none
from vega.core.recall.times.values import LocalSpan, TimeExpression
from vega.core.recall.times.words import MONTHS, SHORT_MONTHS, WEEKDAYS

_NAMES = "|".join(sorted((*MONTHS, *SHORT_MONTHS), key=len, reverse=True))
_NUMBERS = {**MONTHS, **SHORT_MONTHS}
_YEAR = r"(?:,? (?:of |in )?(?P<y>\d{4}))?"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
#: What a thing is about is no time at which it was said.
_NOT_ABOUT = r"(?<!about )(?<!about the )(?<![\w.,:/-])"
#: "May 40 people come?"
_NOT_COUNTED = r"(?! (?!was|is|as|this|yes)(?:people|[a-z]+s)\b)"
_DATES = tuple(
    Pattern(f"{_NOT_ABOUT}{form}", re.IGNORECASE)
    for form in (
        rf"{_DAY} (?:of )?(?P<m>{_NAMES})\b\.?{_YEAR}(?![\w:])",
        rf"(?P<m>{_NAMES})\b\.? (?:the )?{_DAY}{_YEAR}(?![\w:]){_NOT_COUNTED}",
        r"(?P<y>\d{4})([-/])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?![\w:/-])",
        r"(?P<d>\d{1,2})([./-])(?P<m>\d{1,2})\2(?P<y>\d{4})?(?![\w:/-])",
    )
)
_YEARS = Pattern(
    r"(?:\bin (?:the )?(?:year )?|\b(?:the )?year |\b(?:before|since|until) )(?P<y>\d{4})"
    r"(?!\w|[.,:/-]\d)(?! (?:words|people|times|days|steps|dollars|euros))",
    re.IGNORECASE,
)
_CLOCKS = Pattern(
    r"\bat (?P<words>(?P<h>\d{1,2}):(?P<min>\d\d)(?! ?[ap]\.?m\b)|(?P<h2>\d{1,2}) o'?clock|"
    r"(?P<h3>1[3-9]|[2-9]\d|0) ?[ap]\.?m\b)",
    re.IGNORECASE,
)
#: Of these years times are read.
_READ_YEARS = range(1901, 2200)


@dataclass(frozen=True, slots=True)
class Impossible:
    """A time that cannot have been."""

    #: What an answer calls it: "29 February 2023", "1850", "25:00".
    words: str
    #: Whether it is a year that there was or will be, of which only nothing can be known.
    is_year: bool = False


def read_impossible(text: str) -> Impossible | None:
    """The first such time in a text; None where every date in it may have been."""
    for form in _DATES:
        for match in form.finditer(text):
            if found := _day(match):
                return found
    for match in _YEARS.finditer(text):
        if int(match["y"]) not in _READ_YEARS:
            return Impossible(match["y"], is_year=True)
    for match in _CLOCKS.finditer(text):
        hour = int(match["h"] or match["h2"] or 99)
        if hour > 24 or int(match["min"] or 0) > 59:
            return Impossible(match["words"])
    return None


def wrong_weekday(expression: TimeExpression) -> str | None:
    """The date that is called by a weekday which it was not, and which it was: "17 August 2025
    was a Sunday"; None where there is none."""
    span, words = expression.meaning, expression.words
    named = [number for name, number in WEEKDAYS.items() if re.search(rf"\b{name}\b", words, re.I)]
    if not isinstance(span, LocalSpan) or span.until - span.first > timedelta(days=1):
        return None
    day = span.first.date()
    is_date = re.search(r"\d", words) is not None and not re.search(r"\b(?:before|after)\b", words)
    if len(named) != 1 or not is_date or day.weekday() == named[0]:
        return None
    weekday = list(WEEKDAYS)[day.weekday()].capitalize()
    return f"{day.day} {day:%B %Y} was a {weekday}"


def _day(match: re.Match[str]) -> Impossible | None:
    day, said, year = int(match["d"]), match["m"].lower(), match["y"]
    if said in _NUMBERS:
        number = _NUMBERS[said]
    else:
        number = int(said)
        if day <= 12 < number:
            # In the other order.
            day, number = number, day
    # Without a year, 29 February may be that of any leap year.
    if date_or_none(int(year or 2024), number, day) is not None or (not year and day == 0):
        return None
    if not 1 <= number <= 12:
        return Impossible(match[0]) if year else None
    name = list(MONTHS)[number - 1].capitalize()
    return Impossible(f"{day} {name} {year}" if year else f"{day} {name}")
