"""What is known of the owner, as answers: what holds, what held before, what held then."""

from collections.abc import Sequence
from datetime import datetime

from vega.core.conversation import Turn
from vega.core.facts import (
    Question,
    Tense,
    acknowledge,
    is_same_value,
    read_correction,
    read_question,
    read_statements,
    tell,
    tell_all,
)
from vega.core.facts.attributes import is_of_many, kind_of
from vega.core.facts.matching import about
from vega.core.facts.rule import say
from vega.core.life.talk_store import Place
from vega.core.memory import Fact, FactEnding, FactKind, TimeWindow
from vega.core.replies.moments import span_words, told_words
from vega.core.replies.reply import NO_RECORD, Reply
from vega.core.store import Store

#: "Tell me your birthday": of these a person would say it so.
_TELLABLE = frozenset((FactKind.NAME, FactKind.FAVORITE, FactKind.DATE, FactKind.PET))
_NAMED = frozenset((FactKind.NAME, FactKind.FAVORITE))
#: Facts that one answer lists.
MOST_LISTED = 12
#: Of those that a question names.
MOST_NAMED = 3
#: Facts of one kind among which it looks for them.
MOST_SEARCHED = 200
#: Turns back, in a row about the same thing, for what "it" is.
MOST_BACK = 6


async def spoken_of(store: Store, before: Place) -> str | None:
    """The attribute that the last turns are about: none where the last one is about anything else
    but "it", as "what was it before?" is."""
    for turn in await store.talk.before(before, MOST_BACK):
        said = read_statements(turn.prompt).statements
        if said:
            return said[-1].attribute
        question = read_question(turn.prompt)
        if question is not None and question.attribute is not None:
            return question.attribute
        if question is None and read_correction(turn.prompt) is None:
            return None
    return None


async def put_right(store: Store, turn: Turn) -> Reply | None:
    """Takes "no, green" and "actually it is green now" for what they say of what was just spoken
    of; None where the prompt is anything else, or nothing was spoken of."""
    correction = read_correction(turn.prompt)
    attribute = await spoken_of(store, (turn.at, turn.id)) if correction else None
    if correction is None or attribute is None:
        return None
    if not _is_possible(attribute, correction.value):
        return None
    said = say(attribute, correction.value)
    return Reply(acknowledge([said]), statements=(said.statement,))


def _is_possible(attribute: str, value: str) -> bool:
    """Whether the rules would take the value where it is told in a sentence of its own: what "it is
    raining now" says is no favorite color."""
    if kind_of(attribute) in (FactKind.PLAN, FactKind.WISH):
        return False
    if not (attribute == "name" or attribute.startswith("favorite ")):
        return True
    told = read_statements(f"My {attribute} is {value}").statements
    return bool(told) and is_same_value(told[0].value, value)


async def answer(
    store: Store, question: Question, turn: Turn, now: datetime, window: TimeWindow | None
) -> Reply | None:
    """What is known, since when; None where nothing is. The window is that of the question's own
    words for a time."""
    if question.all_of is not None and question.subject is not None:
        return await _named(store, question.all_of, question.subject, question, now)
    if question.all_of is not None:
        found = await store.facts.current(MOST_LISTED, [question.all_of])
        return _list(found, now) if found else None
    if question.attribute is None and question.is_list:
        return await all_known(store, now)
    attribute = question.attribute or await spoken_of(store, (turn.at, turn.id))
    if attribute is None:
        return None
    for one in (attribute, *question.also):
        if reply := await _of(store, one, question, now, window):
            return reply
    return None


async def _named(
    store: Store, kind: FactKind, subject: str, question: Question, now: datetime
) -> Reply | None:
    """What the words name of one kind, the newest first: "When is my flight to Lisbon?"."""
    facts = await store.facts.current(MOST_SEARCHED, [kind])
    named, is_exact = about(subject, facts)
    newest = sorted(named, key=lambda fact: (fact.held_from, fact.id), reverse=True)[:MOST_NAMED]
    if not newest:
        return None
    told = " ".join(
        f"{tell(fact)}: you told me {told_words(fact.held_from, fact.zone, now)}."
        for fact in newest
    )
    opening = "Yes! " if question.wants_yes and is_exact else ""
    return Reply(opening + told, tuple(dict.fromkeys(fact.turn_id for fact in newest)))


async def _of(
    store: Store, attribute: str, question: Question, now: datetime, window: TimeWindow | None
) -> Reply | None:
    """What is known of one attribute."""
    if window is not None:
        return _held_in(await store.facts.history(attribute), question, window, now)
    if question.tense is Tense.BEFORE:
        return _before(await store.facts.history(attribute), question)
    if question.value is not None and is_of_many(attribute):
        return await _is_one_of(store, attribute, question.value, now)
    if question.is_list:
        held = await store.facts.all_held_at(attribute, now)
        return _list(held[:MOST_LISTED][::-1], now) if held else None
    fact = await store.facts.find(attribute)
    return Reply(recollect(question, fact, now), (fact.turn_id,)) if fact else None


async def _is_one_of(store: Store, attribute: str, value: str, now: datetime) -> Reply | None:
    """Whether that is among the values: "Do I like hiking?"; None where nothing was told of it."""
    opposite = {"like": "dislike", "dislike": "like"}.get(attribute)
    for asked, opening in ((attribute, "Yes! "), (opposite, "No. ")):
        held = await store.facts.all_held_at(asked, now) if asked else []
        fact = next((one for one in held if is_same_value(one.value, value)), None)
        if fact is not None:
            told = told_words(fact.held_from, fact.zone, now)
            return Reply(f"{opening}{tell(fact)}: you told me {told}.", (fact.turn_id,))
    return None


async def all_known(store: Store, now: datetime) -> Reply:
    """What is known of the owner, the pinned facts and the newest."""
    found = await store.facts.current(MOST_LISTED)
    if not found:
        return Reply("You have not told me anything about yourself yet.")
    return _list(found, now)


def unknown(question: Question) -> Reply:
    """That nothing is known of it, and how that can be changed."""
    is_one = question.attribute is not None and question.value is None and not question.is_list
    is_asked_now = question.tense is Tense.NOW and not question.when
    if not (is_one and is_asked_now and question.phrase and question.kind in _TELLABLE):
        return Reply(NO_RECORD)
    return Reply(f"{NO_RECORD} Tell me your {question.phrase}, and I'll remember it.")


def recollect(question: Question, fact: Fact | None, now: datetime) -> str:
    """What is known, since when; or that there is no record of it."""
    if fact is None:
        return unknown(question).text
    opening = "Yes! " if question.wants_yes else ""
    if question.value is not None:
        opening = "Yes! " if is_same_value(question.value, fact.value) else "No. "
    told = told_words(fact.held_from, fact.zone, now)
    return f"{opening}{tell(fact, question)}: you told me {told}."


def _list(facts: Sequence[Fact], now: datetime) -> Reply:
    if len(facts) == 1:
        told = told_words(facts[0].held_from, facts[0].zone, now)
        return Reply(f"{tell(facts[0])}: you told me {told}.", (facts[0].turn_id,))
    by_attribute: dict[str, list[Fact]] = {}
    for fact in facts:
        by_attribute.setdefault(fact.attribute, []).append(fact)
    text = " ".join(f"{tell_all(each)}." for each in by_attribute.values())
    return Reply(text, tuple(dict.fromkeys(fact.turn_id for fact in facts)))


def _before(history: Sequence[Fact], question: Question) -> Reply | None:
    """The value that the present one took the place of."""
    over = [fact for fact in history if fact.held_until is not None]
    current = [fact for fact in history if fact.held_until is None]
    over = [fact for fact in over if fact.ending is not FactEnding.CORRECTED]
    if not over:
        if not current:
            return None
        return Reply(
            f"I know of nothing before that: {_lower(tell(current[-1]))}.", (current[-1].turn_id,)
        )
    fact = over[-1]
    until = fact.held_until or fact.held_from
    successor = next((one for one in history if one.held_from == until), None)
    sources = (fact.turn_id,) if successor is None else (fact.turn_id, successor.turn_id)
    span = span_words(fact.held_from, until, fact.zone)
    was = f"it was {fact.value}" if fact.kind in _NAMED else _lower(tell(fact))
    return Reply(f"Before that {was}: {span}.", tuple(dict.fromkeys(sources)))


def _held_in(
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
    sources = tuple(dict.fromkeys(fact.turn_id for fact in held))
    opening = f"{window.words[:1].upper()}{window.words[1:]}"
    if held[0].kind not in _NAMED:
        return Reply(f"{opening}: {_lower(tell_all(held))}.", sources)
    name = question.phrase if question.attribute else held[0].attribute
    verb = "were" if question.verb == "are" else "was"
    opening = f"{opening} your {name} {verb} "
    parts = []
    for fact in held:
        told = told_words(fact.held_from, fact.zone, now)
        parts.append(f"{fact.value} (you told me {told})")
    return Reply(f"{opening}{', then '.join(parts)}.", sources)


def _lower(clause: str) -> str:
    return clause[0].lower() + clause[1:]
