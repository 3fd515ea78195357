"""What is known of the owner, as answers: what holds, what held before, what held then."""

import re
from collections.abc import Sequence
from dataclasses import replace
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
from vega.core.facts.attributes import (
    COUNTED,
    OWN_THINGS,
    PETS,
    RELATIONS,
    is_of_many,
    kind_of,
    singular_relation,
)
from vega.core.facts.food import ATTRIBUTES as OF_FOOD
from vega.core.facts.food import is_of_food
from vega.core.facts.matching import about, is_unnamed
from vega.core.facts.rule import say
from vega.core.life.talk_store import Place
from vega.core.memory import Fact, FactEnding, FactKind, TimeWindow
from vega.core.replies import changes
from vega.core.replies.ages import Life
from vega.core.replies.moments import told_words
from vega.core.replies.portrait import all_known, told_once
from vega.core.replies.quoting import lower
from vega.core.replies.reply import Reply, no_record
from vega.core.replies.told import no_longer, since, sources_of
from vega.core.store import Store

__all__ = [
    "all_known", "answer", "food", "put_right", "recollect", "spoken_of", "unknown",
]  # fmt: skip

#: "Tell me your birthday": of these a person would say it so.
_TELLABLE = frozenset((FactKind.NAME, FactKind.FAVORITE, FactKind.DATE, FactKind.PET))
#: Of these there may be more than were told: what was not told is not denied.
_MAY_BE_MORE = frozenset(("allergy", "language", "instrument", "game", "possession", "medication"))
#: What tells it too.
_ALSO_CALLED = {
    "name": ("full name", "first name", "nickname"),
    "full name": ("name", "first name"), "first name": ("name", "nickname"),
    "nickname": ("name",), "cat": ("kitten",), "dog": ("puppy",),
}  # fmt: skip
_COMPARED = re.compile(r" (?:to|over|than|instead of) ", re.IGNORECASE)
#: Facts that one answer lists.
MOST_LISTED = 12
_COUNT = (
    "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven",
    "Twelve",
)  # fmt: skip
#: Of those that a question names.
MOST_NAMED = 3
#: Facts of one kind among which it looks for them.
MOST_SEARCHED = 200
#: Turns back, in a row about one thing, for what "it" is.
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
    statement = said.statement
    if correction.was_wrong and (told := await store.facts.find(attribute)):
        statement = replace(statement, instead_of=told.value)
    return Reply(acknowledge([said]), statements=(statement,))


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
        found = told_once(await store.facts.current(MOST_LISTED, [question.all_of]))
        if question.phrase.startswith("number of ") and found:
            return _numbered(await _list(store, found, question, now), found)
        return await _list(store, found, question, now) if found else None
    if question.attribute is None and question.is_list:
        return await all_known(store)
    attribute = question.attribute or await spoken_of(store, (turn.at, turn.id))
    if attribute is None:
        return None
    if question.attribute is None and question.tense is not Tense.NOW:
        steps = await _steps_back(store, (turn.at, turn.id))
        return await _over_time(store, attribute, question, now, steps)
    attributes = (attribute, *question.also, *_ALSO_CALLED.get(attribute, ()))
    is_count = attribute in COUNTED or (
        attribute not in PETS and singular_relation(attribute) in PETS
    )
    if is_count and question.tense is Tense.NOW and window is None:
        return await _counted(store, attributes, question, now)
    if question.is_list and window is None and question.tense is Tense.NOW and not question.value:
        return await _listed(store, attributes, question, now)
    for one in attributes:
        if one == "possession" != attribute and question.tense is Tense.NOW and window is None:
            things = await store.facts.all_held_at(one, now)
            if own := [fact for fact in things if _head(fact.value) == attribute]:
                return await _list(store, own[::-1], question, now)
            continue
        asked = question if one == attribute else replace(question, attribute=one, phrase=one)
        if reply := await _of(store, one, asked, now, window):
            return reply
    return await _ended(store, attributes, question, now) if window is None else None


async def food(store: Store, question: Question, now: datetime) -> Reply | None:
    """What was told that has to do with a food; None where nothing was."""
    kinds = [FactKind.HEALTH, FactKind.DISLIKE, FactKind.LIKE, FactKind.FAVORITE]
    known = await store.facts.current(MOST_SEARCHED, kinds)
    found = [
        fact
        for fact in known
        if (fact.attribute in OF_FOOD or fact.attribute.startswith("favorite "))
        and is_of_food(fact, question.value or "")
        and (question.phrase == "diet" or fact.attribute in ("allergy", "intolerance"))
    ]
    # What rules it out goes before what is liked.
    found.sort(key=lambda fact: [*OF_FOOD, fact.attribute].index(fact.attribute))
    if not found:
        return None
    told = [f"{tell(fact)}: {await since(store, fact, now)}." for fact in found[:MOST_NAMED]]
    return Reply(" ".join(told), sources_of(found[:MOST_NAMED]))


async def _named(
    store: Store, kind: FactKind, subject: str, question: Question, now: datetime
) -> Reply | None:
    """What the words name of one kind, the newest first: "When is my flight to Lisbon?"."""
    facts = await store.facts.current(MOST_SEARCHED, [kind])
    if question.phrase == "served":
        # "I prefer tea to coffee" tells not how it is taken.
        facts = [fact for fact in facts if not _COMPARED.search(fact.value)]
    named, is_exact = about(subject, facts)
    newest = sorted(named, key=lambda fact: (fact.held_from, fact.id), reverse=True)[:MOST_NAMED]
    if not newest:
        every = await store.facts.all(MOST_SEARCHED, kinds=[kind])
        over = [fact for fact in every if fact.held_until and fact.ending is FactEnding.TAKEN_BACK]
        gone = about(subject, over)[0] if kind is FactKind.PLAN else []
        return await no_longer(store, gone[0], now) if gone else None
    told = " ".join([f"{tell(fact)}: {await since(store, fact, now)}." for fact in newest])
    opening = "Yes! " if question.wants_yes and is_exact else ""
    return Reply(opening + told, sources_of(newest))


async def _steps_back(store: Store, before: Place) -> int:
    """How many values back "before that" is: one further than the turns before it have gone."""
    steps = 1
    for turn in await store.talk.before(before, MOST_BACK):
        question = read_question(turn.prompt)
        if question is None or question.tense is not Tense.BEFORE or question.when is not None:
            break
        steps += 1
        if question.attribute is not None:
            break
    return steps


async def _over_time(
    store: Store, attribute: str, question: Question, now: datetime, steps: int = 1
) -> Reply | None:
    """What its history tells."""
    history = await store.facts.history(attribute)
    match question.tense:
        case Tense.BEFORE:
            return changes.before(history, steps, now)
        case Tense.FIRST:
            return changes.first(history, now)
        case Tense.CHANGE:
            return changes.change(history, question, now)
    return changes.ever(history, question, now)


async def _of(
    store: Store, attribute: str, question: Question, now: datetime, window: TimeWindow | None
) -> Reply | None:
    """What is known of one attribute."""
    if window is not None:
        return changes.held_in(await store.facts.history(attribute), question, window, now)
    if question.tense is not Tense.NOW:
        return await _over_time(store, attribute, question, now)
    if attribute in ("age", "birth year") or question.phrase == "date of birth":
        return await _age(store, question, now)
    if question.value is not None and is_of_many(attribute):
        return await _is_one_of(store, attribute, question.value, now)
    if is_of_many(attribute) and attribute != question.attribute:
        return None
    if question.attribute == attribute and is_of_many(attribute):
        held = await store.facts.all_held_at(attribute, now)
        return await _list(store, held[:MOST_LISTED][::-1], question, now) if held else None
    fact = await _one_of_names(store, question) or await store.facts.find(attribute)
    if fact is None:
        return None
    told = recollect(question, fact, now, await since(store, fact, now))
    return Reply(told, (fact.turn_id,))


async def _one_of_names(store: Store, question: Question) -> Fact | None:
    """The name or nickname that is asked for by its value: "Is my name Kathi?"."""
    if question.kind is not FactKind.NAME or question.value is None:
        return None
    names = await store.facts.current(MOST_LISTED, [FactKind.NAME])
    return next((fact for fact in names if changes.agrees(question.value, fact)), None)


async def _age(store: Store, question: Question, now: datetime) -> Reply | None:
    facts = [await store.facts.find(one) for one in ("age", "birthday", "birth year")]
    life = Life("You", *facts)
    if question.attribute == "age":
        return life.how_old(now) or (life.when_born(now) if facts[1] else None)
    return life.when_born(now, is_year=question.phrase != "date of birth")


async def _listed(
    store: Store, attributes: Sequence[str], question: Question, now: datetime
) -> Reply | None:
    """All that holds of any of them; else what no longer does."""
    held: list[Fact] = []
    for one in attributes:
        found = await store.facts.all_held_at(one, now)
        if one == "possession" and question.attribute != one:
            found = [fact for fact in found if _head(fact.value) == question.attribute]
        held += found[::-1]
    named = told_once([fact for fact in held if fact.attribute not in COUNTED])
    shown = (named or held)[:MOST_LISTED]
    if not shown:
        return await _ended(store, attributes, question, now)
    return await _list(store, shown, question, now)


async def _counted(
    store: Store, attributes: Sequence[str], question: Question, now: datetime
) -> Reply | None:
    """How many there are, as it was told, and who they are."""
    held: list[Fact] = []
    for one in attributes:
        held += (await store.facts.all_held_at(one, now))[::-1]
    shown = told_once(held)[:MOST_LISTED]
    return _numbered(await _list(store, shown, question, now), shown) if shown else None


def _numbered(reply: Reply, shown: Sequence[Fact]) -> Reply:
    """With how many they are, where each is one."""
    if any(fact.attribute in COUNTED or is_unnamed(fact) for fact in shown):
        return reply
    return replace(reply, text=f"{_COUNT[len(shown) - 1]} that I know of. {reply.text}")


async def _is_one_of(store: Store, attribute: str, value: str, now: datetime) -> Reply | None:
    """Whether that is among the values: "Do I like hiking?"; None where nothing was told of it."""
    opposite = {"like": "dislike", "dislike": "like"}.get(attribute)
    for asked, opening in ((attribute, "Yes! "), (opposite, "No. ")):
        held = await store.facts.all_held_at(asked, now) if asked else []
        fact = next((one for one in held if _is_meant(value, one)), None)
        if fact is not None:
            told = await since(store, fact, now)
            return Reply(f"{opening}{tell(fact)}: {told}.", (fact.turn_id,))
    head = _head(value)
    if attribute == "possession" and head in OWN_THINGS and (own := await store.facts.find(head)):
        told = await since(store, own, now)
        return Reply(f"Yes! {tell(own)}: {told}.", (own.turn_id,))
    history = await store.facts.history(attribute)
    over = [fact for fact in history if fact.held_until and _is_meant(value, fact)]
    stop = await store.facts.said_to_be_over(attribute)
    if stop is not None and is_same_value(stop.value, value):
        over = over or [stop]
    if over:
        return await no_longer(store, over[-1], now)
    others = await store.facts.all_held_at(attribute, now)
    if others and attribute != "possession" and attribute in _MAY_BE_MORE | RELATIONS | PETS:
        shown = others[:MOST_LISTED][::-1]
        return Reply(f"Not that I know: {lower(tell_all(shown))}.", sources_of(shown))
    return None


def _is_meant(value: str, fact: Fact) -> bool:
    """Whether the value that is asked about is that: "a guitar" is "an old Martin guitar" too."""
    if is_same_value(fact.value, value):
        return True
    is_bare = len(re.sub(r"^(?:an?|any|the|my) ", "", value.casefold()).split()) == 1
    return fact.attribute == "possession" and is_bare and _head(fact.value) == _head(value)


def _head(value: str) -> str:
    return value.casefold().strip(" .!").split()[-1]


async def _ended(
    store: Store, attributes: Sequence[str], question: Question, now: datetime
) -> Reply | None:
    """What held and does not any more."""
    over: list[Fact] = []
    for one in attributes:
        history = await store.facts.history(one)
        over += [fact for fact in history if fact.held_until is not None]
        if any(fact.held_until is None for fact in history):
            return None
        if question.attribute != "possession" and one == "possession":
            over = [fact for fact in over if _head(fact.value) == question.attribute]
    if question.tense is not Tense.NOW:
        return None
    if not over:
        stops = [await store.facts.said_to_be_over(one) for one in attributes]
        over = [stop for stop in stops if stop is not None]
        if question.attribute in OWN_THINGS:
            named = {question.attribute}
            over = [stop for stop in over if named & {stop.attribute, _head(stop.value)}]
        if question.value is not None:
            over = [stop for stop in over if is_same_value(stop.value, question.value)]
    if not over:
        return None
    return await no_longer(store, max(over, key=lambda fact: fact.held_until or now), now)


def unknown(question: Question) -> Reply:
    """That nothing is known of it, and how that can be changed."""
    is_one = question.attribute is not None and question.value is None and not question.is_list
    is_asked_now = question.tense is Tense.NOW and not question.when
    if not (is_one and is_asked_now and question.phrase and question.kind in _TELLABLE):
        return no_record()
    return no_record(f". Tell me your {question.phrase}, and I'll remember it.")


def recollect(question: Question, fact: Fact | None, now: datetime, told: str = "") -> str:
    """What is known, and since when in these words, else by when it was told; or that there is no
    record of it."""
    if fact is None:
        return unknown(question).text
    opening = "Yes! " if question.wants_yes else ""
    if question.value is not None:
        opening = {True: "Yes! ", False: "No. ", None: ""}[changes.agrees(question.value, fact)]
    if question.attribute is not None and question.attribute != fact.attribute:
        question = replace(question, phrase=fact.attribute)
    told = told or f"you told me {told_words(fact.held_from, fact.zone, now)}"
    return f"{opening}{tell(fact, question)}: {told}."


async def _list(store: Store, facts: Sequence[Fact], question: Question, now: datetime) -> Reply:
    opening = "Yes! " if question.wants_yes else ""
    if len(facts) == 1:
        told = await since(store, facts[0], now)
        return Reply(f"{opening}{tell(facts[0])}: {told}.", (facts[0].turn_id,))
    by_attribute: dict[str, list[Fact]] = {}
    for fact in facts:
        by_attribute.setdefault(fact.attribute, []).append(fact)
    text = " ".join(f"{tell_all(each)}." for each in by_attribute.values())
    return Reply(opening + text, sources_of(facts))
