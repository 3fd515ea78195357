"""Answers that come from the store, without a model: in plain sentences, with date and source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from vega.core.facts import Question, Reading, Said, asks_who_vega_is, read_question
from vega.core.memory import Fact
from vega.core.store import Store

INTRODUCTION = (
    "I am Vega, your personal assistant on your own machine, in one conversation for life. I keep "
    "every word that we say, and I remember your name and your favorites when you tell me. The "
    "small model that I come with is only for the first minutes: for real conversation, connect a "
    "better one."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer from the store, and the turns that it rests on."""

    text: str
    sources: tuple[int, ...] = ()


async def reply_from_store(
    store: Store, prompt: str, reading: Reading, now: datetime
) -> Reply | None:
    """What needs no model: a fact told, a fact asked for, who Vega is. None for all else."""
    if reading.is_all:
        return Reply(acknowledge(reading.said))
    if asks_who_vega_is(prompt):
        return Reply(INTRODUCTION)
    question = read_question(prompt)
    if question is None:
        return None
    fact = await store.find_fact(question.attribute)
    return Reply(recollect(question, fact, now), (fact.turn_id,) if fact else ())


def acknowledge(said: Sequence[Said]) -> str:
    """What was understood: "Got it! I'll remember that your favorite color is blue."."""
    clauses = [f"your {one.phrase} {one.verb} {one.statement.value}" for one in said]
    *others, last = clauses
    listed = f"{', '.join(others)} and {last}" if others else last
    return f"Got it! I'll remember that {listed}{'' if listed.endswith('.') else '.'}"


def recollect(question: Question, fact: Fact | None, now: datetime) -> str:
    """What is known, since when; or that there is no record of it."""
    if fact is None:
        return f"I have no record of that. Tell me your {question.phrase}, and I'll remember it."
    opening = "Yes! " if question.wants_yes else ""
    if question.value is not None:
        opening = "Yes! " if question.value.casefold() == fact.value.casefold() else "No. "
    told = _told(fact, now)
    return f"{opening}Your {question.phrase} {question.verb} {fact.value}: you told me {told}."


def _told(fact: Fact, now: datetime) -> str:
    """When, as a person says it, by the owner's clock at that moment."""
    zone = ZoneInfo(fact.zone)
    then, today = fact.held_from.astimezone(zone), now.astimezone(zone)
    if then.date() == today.date():
        return f"today at {then:%H:%M}"
    if then.date() == today.date() - timedelta(days=1):
        return f"yesterday at {then:%H:%M}"
    year = f" {then.year}" if then.year != today.year else ""
    return f"on {then.day} {then:%B}{year}"
