"""A text is read for the time that it speaks of."""

import re
from datetime import UTC, datetime
from typing import Literal

from vega.core.recall.times.feasts import FEAST_WORDS
from vega.core.recall.times.grammar import Expression, read_expressions
from vega.core.recall.times.pieces import Said
from vega.core.recall.times.tokens import tokenize
from vega.core.recall.times.values import (
    Anchor,
    ElapsedSpan,
    FirstTalk,
    LocalSpan,
    Meaning,
    TimeExpression,
)
from vega.core.recall.times.words import (
    LEADING,
    MONTHS,
    NEED_CAPITAL,
    SHORT_MONTHS,
    SHORT_WEEKDAYS,
    WEEKDAYS,
    of,
)

_NAMES = {
    *(f"{day}s" for day in WEEKDAYS),
    *MONTHS, *SHORT_MONTHS, *WEEKDAYS, *SHORT_WEEKDAYS,
    "christmas", "easter", "halloween", "thanksgiving", "valentine", "xmas", "i",
}  # fmt: skip
#: What may not be left over at the end of a sentence whose time is taken out.
_DANGLING = of(
    """
    about at by during for from in of on over since the till until to within
    """
)
_FEASTS = re.compile(
    r"\b(?:new years?(?:'s)?|christmas|valentine's|thanksgiving|boxing|black friday|cyber)"
    r"( eve| day| monday)?\b",
    re.I,
)
#: They belong to the time behind them: "back in March", "ever since Christmas".
_FILLERS = of("back sometime ever all exactly")
#: Which words tell a time does not depend on the day on which they are said.
_SOME_DAY = datetime(2026, 6, 17, 12, tzinfo=UTC)
#: "Right after my trip".
_SOON = of("right just shortly soon immediately straight directly long")
_PUNCTUATION = " \t\n,;:?!."


def read_time(
    text: str,
    now: datetime,
    *,
    day_first: bool = True,
    prefers: Literal["past", "future"] = "past",
) -> TimeExpression | None:
    """The time that a text speaks of; None where it speaks of none.

    `now` is the moment of asking, in the owner's zone. `day_first`: 3/4 is 3 April. `prefers`
    says which Friday "on Friday" is. Of several times the first that fits that is taken, and an
    anchor only where there is no other.
    """
    if now.tzinfo is None:
        raise ValueError("The moment of asking has no zone.")
    local, instant = now.replace(tzinfo=None, fold=0), now.astimezone(UTC)
    said = Said(tokenize(text), local, instant, day_first, prefers, str(now.tzinfo))
    found = read_expressions(said)
    if not found:
        return None

    def rank(expression: Expression) -> tuple[bool, bool]:
        meaning = expression.meaning
        # "My first question today" was asked today.
        is_last_choice = isinstance(meaning, Anchor | FirstTalk)
        is_other_way = is_future(meaning, now) != (prefers == "future")
        return is_other_way and not is_last_choice, is_last_choice

    best = min(found, key=rank)
    start = best.start
    is_beside = said.word(start) in ("before", "after")
    fillers = _FILLERS | _SOON if is_beside else _FILLERS
    while said.word(start - 1) in fillers:
        start -= 1
    first, last = said.tokens[start], said.tokens[best.end - 1]
    words = _words(said, best)
    return TimeExpression(words, first.start, last.end, best.meaning)


def told_time(text: str) -> TimeExpression | None:
    """Which words of a text tell a time, on whatever day it is said; "when we first talked" and the
    like are none. Its meaning is of no use."""
    found = read_time(text, _SOME_DAY)
    return None if found is None or isinstance(found.meaning, FirstTalk) else found


def subject(text: str, expression: TimeExpression) -> str:
    """The text without the words of time, and without what dangles where they stood."""
    before, behind = text[: expression.start].rstrip(), text[expression.end :].lstrip()
    if not behind.strip(_PUNCTUATION):
        while (last := before.rpartition(" ")[2].lower()) in _DANGLING:
            before = before[: len(before) - len(last)].rstrip()
            if not before:
                break
    before = before.rstrip(",;")
    if not before:
        behind = behind.lstrip(_PUNCTUATION)
    joint = "" if not before or not behind or behind[0] in _PUNCTUATION else " "
    return f"{before}{joint}{behind}".strip()


def is_future(meaning: Meaning, now: datetime) -> bool:
    """Whether all of it is still to come: nothing can have been said in it."""
    match meaning:
        case LocalSpan(first, _):
            return first >= now.replace(tzinfo=None)
        case ElapsedSpan(start, _):
            return start >= now
    return False


def _words(said: Said, expression: Expression) -> str:
    """As an answer says it: without a "from" before it, names with a capital, one space between."""
    start, end = expression.start, expression.end
    if said.is_mark(end - 1, "'s") or said.is_mark(end - 1, "'"):
        end -= 1
    is_anchor = isinstance(expression.meaning, Anchor)
    if said.word(start) == "about" and said.amount(start + 1) is None:
        start += 1
    while said.word(start) in LEADING and start + 1 < end and not is_anchor:
        if said.word(start) == "from" and _is_range(said, start, end):
            break
        start += 1
    text = ""
    for at in range(start, end):
        token = said.tokens[at]
        if text and said.tokens[at - 1].end < token.start:
            text += " "
        is_name = token.text in _NAMES and (token.text not in NEED_CAPITAL or token.is_capital)
        is_kept = is_anchor or token.text in FEAST_WORDS or token.kind == "quarter"
        is_owners = is_kept and at >= start + is_anchor and token.is_capital
        text += token.text.capitalize() if is_name or is_owners else token.text
    return _FEASTS.sub(lambda match: match[0].title().replace("'S", "'s"), text)


def _is_range(said: Said, start: int, end: int) -> bool:
    joints = ("to", "till", "until", "through")
    return any(said.word(at) in joints for at in range(start, end))
