"""Since when something is known, and what no longer holds, in sentences."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vega.core.facts import tell
from vega.core.facts.phrasing import Time, clause_of
from vega.core.memory import Fact
from vega.core.replies.moments import span_words, told_words
from vega.core.replies.reply import Reply
from vega.core.store import Store


def sources_of(facts: Iterable[Fact]) -> tuple[int, ...]:
    """The turns that told them, each once."""
    return tuple(dict.fromkeys(fact.turn_id for fact in facts))


async def since(store: Store, fact: Fact, now: datetime) -> str:
    """ "you told me on 3 March"; "you put it right on 5 March" where the owner's own hand did."""
    put_right = await store.facts.put_right_at(fact)
    if put_right is not None:
        return f"you put it right {told_words(put_right, fact.zone, now)}"
    return f"you told me {told_words(fact.held_from, fact.zone, now)}"


def span_of(fact: Fact, now: datetime) -> str:
    """The time for which it held, by what was told: "from 1 March until 3 March 2026"."""
    if fact.held_until is None:
        return f"you told me {told_words(fact.held_from, fact.zone, now)}"
    there = ZoneInfo(fact.zone)
    told, until = fact.held_from.astimezone(there), fact.held_until.astimezone(there)
    if until - told < timedelta(minutes=1):
        when = told_words(fact.held_from, fact.zone, now)
        when = f"{when} at {told:%H:%M}" if when.startswith("on ") else when
        return f"you told me {when}, and changed it within a minute"
    return span_words(fact.held_from, fact.held_until, fact.zone)


async def no_longer(store: Store, fact: Fact, now: datetime) -> Reply:
    """That it is over, when that was told, and what it was."""
    until = fact.held_until or now
    over = clause_of(fact.attribute, fact.value, Time.OVER)
    if fact.attribute == "plan" or fact.kind.value == "wish":
        over = f"{clause_of(fact.attribute, fact.value)} no longer"
    text = f"You told me {told_words(until, fact.zone, now)} that {over}."
    if until > fact.held_from:
        text = f"{text} {tell(fact)}: {span_of(fact, now)}."
    ended_in = await store.talk.between(until, until + timedelta(microseconds=1), (now, 2**62), 1)
    return Reply(text, tuple(dict.fromkeys([fact.turn_id, *ended_in])))
