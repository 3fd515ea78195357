"""When something was that a phrase speaks of, by the messages that tell of it: "my trip to Lisbon"
lies between what tells of the arrival and of the return. Pure; English only.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Literal

from vega.core.recall.times import LocalSpan, read_time
from vega.core.recollection import Recalled

#: What is said of a journey besides its place.
_JOURNEY = re.compile(
    r"\b(?:trips?|holidays?|vacations?|journeys?|visit(?:ed|ing|s)?|stay(?:ed|ing)?|weekend|flights?|"
    r"flew|fl(?:y|ew|ying|own)|drove|travell?ed|went|got|came|return(?:ed)?|going|away|back|home)\b",
    re.IGNORECASE,
)
#: "I was in Rome", "our trip to Norway", "we flew to Lisbon".
_IS_STAY = re.compile(
    r"\b(?:was|were|been|being|am|are|stay(?:ed|ing)|liv(?:ed|ing)) (?:\w+ )?(?:in|at|on|over in) |"
    r"\b(?:trips?|holidays?|vacations?|journeys?|visits?|stay|weekend|flights?|conference|congress|fair|"
    r"festival|retreat|flew|travell?ed|"
    r"went) (?:\w+ )?(?:to|in|on|at|from)\b|\bvisited ",
    re.IGNORECASE,
)
_ARRIVES = re.compile(
    r"\b(?:arrived?|landed|reached|touched down|checked in(?:to)?|flew (?:in)?to|drove to|"
    r"got (?:here|there|in|to)|(?:begins|starts|began|started) today|first (?:day|morning|"
    r"evening|night|afternoon) (?:here|in|on|at)|(?:i'm|we're|i am|we are|here|now|finally) "
    r"(?:here )?(?:in|on|at))\b|^\W*(?:in|on|at) [A-Z]",
    re.IGNORECASE,
)
_RETURNS = re.compile(
    r"\b(?:back (?:home )?from|(?:are|am|is|'re|'m) back|got back|got home|came (?:back|home)|"
    r"(?:return(?:ed|ing)?|home) from|flying (?:home|back)|flew (?:home|back)|on (?:my|our) way "
    r"(?:home|back)|last (?:day|morning|evening|night|afternoon) (?:here|in|on|at))\b",
    re.IGNORECASE,
)
_PLANS = re.compile(
    r"\b(?:resolutions?|plan(?:s|ned|ning)?|going to|gonna|will|want(?:ed)? to|would (?:like|love)|"
    r"i'd (?:like|love)|book(?:ed|ing)?|reserved|hop(?:e|es|ing) to|wish|dream(?:ing)? of|"
    r"thinking (?:of|about)|tomorrow|next (?:week|weekend|month|year|summer|spring|autumn|winter)|"
    r"sign(?:ed|ing) up|registered|should|might|maybe|packing|\w+'ll|(?:can't|cannot) wait)\b",
    re.IGNORECASE,
)
#: A day so far off is told for something else.
_NEAR_DAYS = timedelta(days=400)
#: A journey is told of, at most so long after its beginning.
_LONGEST = timedelta(days=90)
#: So long it is taken to last where only one end of it is told.
_SHORT = timedelta(days=3)
#: A message that speaks of the place is of the stay, so long behind the one before it.
_NEXT_TOLD = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something was: of a moment both are the same."""

    first: datetime
    last: datetime
    #: Its day, where what tells of it names another than its own.
    day: date | None = None

    @property
    def is_stay(self) -> bool:
        return self.first != self.last


def is_plan(text: str) -> bool:
    """Whether it is only told what is to come: "My resolution is to run a marathon"."""
    return bool(_PLANS.search(text))


def place_of(phrase: str) -> str:
    """Where a phrase of a stay was: "Lisbon" of "my trip to Lisbon"; "" where it is of none, or
    names no place."""
    if not _IS_STAY.search(phrase):
        return ""
    rest = " ".join(_JOURNEY.sub(" ", phrase).split())
    return rest if re.search(r"\b[A-Z]\w|\b(?:in|to|on|at|from) \w{3,}", rest) else ""


def occasion(told: Recalled, zone: tzinfo, *, day_first: bool) -> Occasion:
    """When that was of which a message tells: "Ran the marathon yesterday"."""
    at, text = told.found.at, told.found.text
    local = at.astimezone(zone)
    prefers: Literal["past", "future"] = "future" if is_plan(text) else "past"
    expression = read_time(text, local, day_first=day_first, prefers=prefers)
    span = expression.meaning if expression is not None else None
    if not isinstance(span, LocalSpan) or not span.is_day:
        return Occasion(at, at)
    day = span.first.date()
    is_near = timedelta() < abs(day - local.date()) < _NEAR_DAYS
    return Occasion(at, at, day if is_near else None)


def stay(told: Sequence[Recalled]) -> Occasion | None:
    """The latest stay of which these messages tell, all of the place; None where they tell neither
    of an arrival nor of a return."""
    told = sorted(told, key=lambda item: item.found.at)
    plain = [item for item in told if not is_plan(item.found.text)]
    returns = [item.found.at for item in plain if _RETURNS.search(item.found.text)]
    arrivals = [
        item.found.at
        for item in plain
        if item.found.at not in returns and _ARRIVES.search(item.found.text)
    ]
    if not returns and not arrivals:
        return None
    last_return = returns[-1] if returns else None
    if last_return is None or (arrivals and arrivals[-1] > last_return):
        first = last = arrivals[-1]
        for item in plain:
            if last < item.found.at <= last + _NEXT_TOLD:
                last = item.found.at
        return Occasion(first, max(last, first + _SHORT))
    before = returns[-2] if len(returns) > 1 else None
    begun = [
        at
        for at in arrivals
        if last_return - _LONGEST <= at < last_return and (before is None or at > before)
    ]
    # "Last morning in Osaka" and "back from Osaka" are of one stay.
    if not begun and before is not None and last_return - before <= _SHORT:
        begun = [at for at in arrivals if last_return - _LONGEST <= at < before]
    return Occasion(begun[0] if begun else last_return - _SHORT, last_return)
