"""What is planned. There is no calendar yet: only what the owner has told of their plans."""

import re
from datetime import datetime, timedelta

from vega.core.conversation import Turn
from vega.core.facts import read_statements, tell
from vega.core.importing import Role
from vega.core.life import records
from vega.core.life.talk_store import is_talk
from vega.core.memory import Fact, FactKind
from vega.core.replies.asking import read_asking
from vega.core.replies.moments import told_words
from vega.core.replies.quoting import is_question, lower, quote
from vega.core.replies.reply import Reply, no_record
from vega.core.search import parse_query
from vega.core.store import Store

MOST_PLANS = 6
#: A plan that was told longer ago is hardly one any more.
OLDEST = timedelta(days=60)
#: What is said of that which stands in calendars.
_WORDS = "appointment meeting dentist doctor flight reservation interview deadline booked scheduled"
#: The index takes "book" and "booked" for one word.
_TELLS = re.compile(
    r"\b(?:(?:appointment|meeting|dentist|doctor|flight|reservation|interview|deadline)s?|booked|"
    r"scheduled?)\b",
    re.IGNORECASE,
)
_SEARCHED = 40
#: "Remind me to call Ana", and not "Remind me what we said".
_REMIND = re.compile(
    r"\bremind me (?:to\b|(?:of|about|in|at|on|by|before|tomorrow|tonight|every|that|when)\b)",
    re.IGNORECASE,
)
NO_REMINDERS = "I do not remind by myself yet"
NO_CALENDAR = "I have no calendar yet, so I know only of plans that you tell me"


async def planned(store: Store, turn: Turn, now: datetime) -> Reply:
    """The plans that the owner has told of lately; or honestly that there are none."""
    facts = await store.facts.current(100, [FactKind.PLAN])
    recent = [fact for fact in facts if now - fact.held_from <= OLDEST][-MOST_PLANS:]
    told = [f"{_told(fact)} (told {told_words(fact.held_from, fact.zone, now)})" for fact in recent]
    known = [fact.turn_id for fact in recent]
    said = [each for each in await _said(store, turn) if each.id not in known]
    said = said[: MOST_PLANS - len(told)]
    told += [
        f"{told_words(each.at, each.zone, now)} you said {quote(each.prompt)}" for each in said
    ]
    if not told:
        return Reply(f"{NO_CALENDAR}, and I have no record of any. Tell me, and I'll remember it.")
    sources = tuple(dict.fromkeys([*known, *(each.id for each in said)]))
    return Reply(f"{NO_CALENDAR}: {'; '.join(told)}.", sources)


def _told(fact: Fact) -> str:
    """The plan itself, but for one that is a sentence: "your flight leaves at 7 on Sunday"."""
    clause = tell(fact)
    return lower(clause) if clause.startswith("Your ") else fact.value


async def reminders(store: Store, turn: Turn, now: datetime) -> Reply:
    """What the owner wanted to be reminded of, the newest first."""
    place = (records.micros(turn.at), turn.id)
    held = await store.recall.holding([("remind",)], place)
    ids = list(dict.fromkeys(id_ // 2 for id_ in reversed(held) if id_ % 2 == 0))[:_SEARCHED]
    turns = [
        each
        for each in await store.talk.turns(ids)
        if is_talk(each) and _REMIND.search(each.prompt) and read_asking(each.prompt) is None
    ]
    if not turns:
        return no_record()
    shown = turns[:MOST_PLANS]
    told = "; ".join(
        f"{told_words(each.at, each.zone, now)} {quote(each.prompt)}" for each in shown
    )
    return Reply(f"{NO_REMINDERS}, but you asked me: {told}.", tuple(each.id for each in shown))


def _is_read(prompt: str) -> bool:
    return any(each.kind is FactKind.PLAN for each in read_statements(prompt).statements)


async def _said(store: Store, turn: Turn) -> list[Turn]:
    """What the owner said lately of appointments and the like, the newest first."""
    found = await store.search.find(parse_query(_WORDS), _SEARCHED, turn.at)
    ids = {each.turn_id for each in found if each.role is Role.USER and turn.at - each.at <= OLDEST}
    turns = await store.talk.turns(sorted(ids, reverse=True))
    turns = [each for each in turns if is_talk(each) and not is_question(each.prompt)]
    # What was read as a plan is told as that, or is over.
    turns = [each for each in turns if _TELLS.search(each.prompt) and not _is_read(each.prompt)]
    return sorted(turns, key=lambda each: (each.at, each.id), reverse=True)
