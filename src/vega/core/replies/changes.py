"""What was so before, at first, at any time; whether and when it changed: from a fact's history."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from vega.core.facts import Question, is_same_value, tell, tell_all
from vega.core.facts.matching import plain_value
from vega.core.memory import Fact, FactKind, TimeWindow
from vega.core.replies.ages import day_of
from vega.core.replies.moments import told_words, window_name
from vega.core.replies.quoting import capital, lower
from vega.core.replies.reply import Reply
from vega.core.replies.told import sources_of, span_of
from vega.core.words import words

#: Told by their value alone: "it was blue".
NAMED = frozenset((FactKind.NAME, FactKind.FAVORITE))
_TIMES = ("once", "twice", "three times", "four times", "five times")


def before(history: Sequence[Fact], steps: int, now: datetime) -> Reply | None:
    """The value that the present one took the place of, or so many steps further back."""
    over = [fact for fact in history if fact.held_until is not None]
    if len(over) < steps:
        if not history:
            return None
        first = history[0]
        return Reply(f"I know of nothing before that: {lower(tell(first))}.", (first.turn_id,))
    fact = over[-steps]
    successor = next((one for one in history if one.held_from == fact.held_until), None)
    return Reply(
        f"Before that {_was(fact)}: {span_of(fact, now)}.",
        sources_of([fact, successor] if successor else [fact]),
    )


def first(history: Sequence[Fact], now: datetime) -> Reply | None:
    """The very first value."""
    if not history:
        return None
    fact = history[0]
    if fact.held_until is None:
        return Reply(
            f"I know of no other: {lower(tell(fact))}: {span_of(fact, now)}.", sources_of([fact])
        )
    return Reply(f"At first {_was(fact)}: {span_of(fact, now)}.", sources_of([fact]))


def ever(history: Sequence[Fact], question: Question, now: datetime) -> Reply | None:
    """Every value with its time; or whether it ever was the one that is asked about."""
    if not history:
        return None
    if question.value is not None:
        same = [fact for fact in history if agrees(question.value, fact)]
        if same:
            return Reply(f"Yes! {tell(same[-1])}: {span_of(same[-1], now)}.", sources_of(same[-1:]))
        if history[0].slot != history[0].attribute:
            # There may be many, which say nothing of this one.
            return None
        if any(agrees(question.value, fact) is None for fact in history):
            return Reply(f"{_line(history, now)}.", sources_of(history))
        return Reply(f"Not that I know: {lower(_line(history, now))}.", sources_of(history))
    return Reply(f"{_line(history, now)}.", sources_of(history))


def agrees(asked: str, fact: Fact) -> bool | None:
    """Whether the value that is asked about is that one, or all that it says is in it: "a Skoda"
    of "a blue Skoda Octavia", "Tulsa" of "Tulsa, Oklahoma", but "York" not of "New York". None
    where both have something in common."""
    known = fact.value
    if is_same_value(asked, known):
        return True
    if (day := day_of(known)) is not None and (other := day_of(asked)) is not None:
        return day == other
    wanted, held = set(words(plain_value(asked))), set(words(plain_value(known)))
    is_in = wanted <= held
    if fact.kind is FactKind.HOME:
        is_in = _parts(asked) <= _parts(known)
    if is_in:
        return True
    return None if wanted & held else False


def _parts(place: str) -> set[str]:
    return {plain_value(part.strip()) for part in place.split(",")}


def change(history: Sequence[Fact], question: Question, now: datetime) -> Reply | None:
    """Whether it changed, when, and from what to what, the last time first; None where a value is
    named that it never was."""
    value = question.value
    if not history or (value and not any(is_same_value(fact.value, value) for fact in history)):
        return None
    if len(history) == 1:
        only = history[0]
        opening = "No, " if question.wants_yes else "I know of no change: "
        return Reply(f"{opening}{lower(tell(only))}: {span_of(only, now)}.", sources_of(history))
    if history[0].kind not in NAMED:
        opening = "Yes! " if question.wants_yes else ""
        return Reply(f"{opening}{_line(history, now)}.", sources_of(history))
    count = len(history) - 1
    times = _TIMES[count - 1] if count <= len(_TIMES) else f"{count} times"
    pairs = list(pairwise(history))[::-1]
    changes = [
        f"{told_words(new.held_from, new.zone, now)} from {old.value} to {new.value}"
        for old, new in pairs
    ]
    opening = (
        f"Yes, {times}" if question.wants_yes else f"Your {history[0].attribute} changed {times}"
    )
    return Reply(f"{opening}: {', before that '.join(changes)}.", sources_of(history))


def held_in(
    history: Sequence[Fact], question: Question, window: TimeWindow, now: datetime
) -> Reply | None:
    """Every value that held at any time within the window."""
    held = [
        fact
        for fact in history
        if fact.held_from < window.end
        and (fact.held_until is None or fact.held_until > window.start)
    ]
    if not held:
        return None
    name = window_name(window, held[0].zone, now)
    opening = capital(name)
    if held[0].kind not in NAMED:
        return Reply(f"{opening}: {lower(tell_all(held))}.", sources_of(held))
    name = question.phrase if question.attribute else held[0].attribute
    verb = "were" if question.verb == "are" else "was"
    opening = f"{opening} your {name} {verb} "
    parts = []
    for fact in held:
        told = told_words(fact.held_from, fact.zone, now)
        parts.append(f"{fact.value} (you told me {told})")
    return Reply(f"{opening}{', then '.join(parts)}.", sources_of(held))


def _line(history: Sequence[Fact], now: datetime) -> str:
    """ "Your favorite color was red (from 1 May until 1 August 2024), now it is blue (…)"."""
    parts = []
    for at, fact in enumerate(history):
        clause = tell(fact) if at == 0 else lower(tell(fact))
        if at and fact.kind in NAMED:
            clause = fact.value if fact.held_until is not None else f"now it is {fact.value}"
        elif at and fact.held_until is None:
            clause = f"now {clause}"
        then = "then " if at and fact.held_until is not None else ""
        parts.append(f"{then}{clause} ({span_of(fact, now)})")
    return ", ".join(parts)


def _was(fact: Fact) -> str:
    return f"it was {fact.value}" if fact.kind in NAMED else lower(tell(fact))
