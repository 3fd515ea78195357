"""What is known of somebody the owner knows: "How old is Emil?", "Where does my sister live?"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vega.core.conversation import Turn
from vega.core.facts import (
    Acquaintance,
    is_same_value,
    read_kin_question,
    read_question,
    read_statements,
    tell,
    tell_all,
)
from vega.core.facts.attributes import COUNTED, OTHER_WORDS, PETS, RELATIONS, singular_relation
from vega.core.life.talk_store import Place
from vega.core.memory import Fact, FactEnding, FactKind
from vega.core.replies.ages import Life
from vega.core.replies.portrait import told_once
from vega.core.replies.quoting import capital, lower
from vega.core.replies.reply import Reply, no_record
from vega.core.replies.told import no_longer, since, sources_of
from vega.core.store import Store

#: Facts among which somebody is looked for, and those that are told.
MOST_SEARCHED = 5_000
MOST_TOLD = 8
#: Turns back, in a row about the same one, for whom "she" is.
MOST_BACK = 6
_OF_SOMEBODY = RELATIONS | PETS | {"spouse"}
#: What a fact about somebody is called, for what is sought of them.
_CALLED = {
    "age": ("age", "birthday", "birth year"),
    "breed": ("breed", "kind"),
    "birthday": ("birthday", "birth year", "date of birth"),
    "birthplace": ("birthplace", "hometown"),
    "home": ("home", "city", "town", "hometown", "address", "country"),
    "work": ("job", "employer", "profession", "occupation", "workplace", "work"),
    "likes": ("like", "likes", "dislike", "dislikes", "hobby"),
}  # fmt: skip
#: What their sentences hold where the owner told it in passing.
TOLD_BY = {
    "age": ("old", "years", "turned", "birthday", "born"),
    "breed": ("breed",),
    "birthday": ("birthday", "born"),
    "birthplace": ("born",),
    "home": ("live", "lives", "living", "lived", "moved", "moving"),
    "work": ("work", "works", "working", "job"),
    "likes": (
        "like",
        "likes",
        "love",
        "loves",
        "enjoy",
        "enjoys",
        "hate",
        "hates",
        "favorite",
        "favourite",
    ),
    "name": ("called", "name", "named"),
    "alive": (
        "alive", "died", "dead", "death", "die", "passed", "funeral", "buried", "killed", "lost",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody of the owner's: what tells who they are, what else is known of them."""

    asked: Acquaintance
    #: As a sentence calls them: "Emil", "your sister".
    called: str
    #: By what a message speaks of them: "emil", "my sister".
    mentions: tuple[str, ...]
    own: tuple[Fact, ...] = ()
    over: tuple[Fact, ...] = ()
    others: tuple[Fact, ...] = ()

    @property
    def all(self) -> tuple[Fact, ...]:
        return self.own + self.others


async def find(store: Store, asked: Acquaintance, place: Place) -> Known | None:
    """Whom the question is about; None where the owner never told of anybody by that name."""
    if asked.is_pronoun:
        spoken_of = await _spoken_of(store, place)
        if spoken_of is None:
            return None
        asked = Acquaintance(asked.sought, spoken_of.relation, spoken_of.name, asked.value)
    facts = await store.facts.all(MOST_SEARCHED)
    facts = [fact for fact in facts if fact.ending is None or fact.ending.value != "corrected"]
    people = [fact for fact in facts if fact.attribute in _OF_SOMEBODY][::-1]
    if asked.relation is not None:
        own = [fact for fact in people if fact.attribute == asked.relation]
        if asked.name:
            own = [fact for fact in own if _is_called(fact, asked.name)]
    else:
        own = [fact for fact in people if _is_called(fact, asked.name or "")]
    names = {_first(fact.value) for fact in own if fact.value[:1].isupper()}
    if asked.name:
        names.add(asked.name.casefold())
    relations = {fact.attribute for fact in own} | ({asked.relation} if asked.relation else set())
    others = _about_them(facts, names | relations)
    if asked.relation is None and not own and not others:
        return None
    holding = tuple(fact for fact in own if fact.held_until is None)
    called = asked.name or (holding[-1].value if len(holding) == 1 else f"your {asked.relation}")
    if asked.name and own:
        called = next(fact.value for fact in own if _is_called(fact, asked.name))
    said = relations | {word for word, one in OTHER_WORDS.items() if one in relations}
    mentions = (*names, *(f"my {one}" for one in said), *(f"our {one}" for one in said))
    over = tuple(fact for fact in own if fact.held_until is not None)
    return Known(asked, called, mentions, holding, over, tuple(others))


async def answer(store: Store, known: Known, now: datetime) -> Reply | None:
    """What is known of them, where that answers; None where it does not."""
    sought = known.asked.sought
    if sought in ("who", "all"):
        return await _who(store, known, now)
    if sought == "alive":
        over = [fact for fact in known.over if fact.ending is FactEnding.TAKEN_BACK]
        is_over = bool(over) and not known.own
        return await no_longer(store, over[-1], now) if is_over else None
    if sought == "kind":
        return await _kind(store, known, now)
    found = [fact for fact in known.others if _property(fact) in _CALLED.get(sought, (sought,))]
    if sought == "likes":
        found += [fact for fact in known.others if _property(fact).startswith("favorite ")]
    if sought in ("age", "birthday"):
        if reply := _life(known, found, now):
            return reply
    elif sought == "breed" and not found:
        found = [fact for fact in known.own if fact.value.casefold().split()[-1] in PETS]
    if not found:
        return None
    if known.asked.value is not None and sought != "age":
        same = [fact for fact in found if is_same_value(fact.value, known.asked.value)]
        opening = "Yes! " if same else "Not that I know: " if sought == "likes" else "No. "
        found = same or found
    else:
        opening = ""
    clauses = await _told(store, found, now)
    return Reply(opening + clauses, sources_of(found))


async def _who(store: Store, known: Known, now: datetime) -> Reply | None:
    told = [*told_once(known.own), *known.others][:MOST_TOLD]
    if not told:
        return await no_longer(store, known.over[-1], now) if known.over else None
    return Reply(await _told(store, told, now), sources_of(told))


async def _kind(store: Store, known: Known, now: datetime) -> Reply | None:
    """Whether Luna is a cat: who else she is."""
    kinds = [fact for fact in known.own or known.over if fact.attribute in PETS - {"pet"}]
    if not kinds:
        return await _who(store, known, now)
    asked = singular_relation((known.asked.value or "").lower())
    same = [fact for fact in kinds if fact.attribute == asked]
    opening = "Yes! " if same else "No. "
    if known.own:
        return Reply(opening + await _told(store, same or kinds, now), sources_of(same or kinds))
    told = await no_longer(store, (same or kinds)[-1], now)
    return Reply(opening + told.text, told.sources)


def unknown(known: Known) -> Reply:
    """That it was never told, and who they are."""
    told = told_once([fact for fact in known.own if fact.attribute not in COUNTED])[:2]
    if not told:
        return no_record()
    return no_record(f". What I know: {lower(tell_all(told))}.", sources_of(told))


def _life(known: Known, found: Sequence[Fact], now: datetime) -> Reply | None:
    """Their age or birth, counted."""
    by_name = {_property(fact): fact for fact in found}
    life = Life(
        capital(known.called),
        by_name.get("age"), by_name.get("birthday"), by_name.get("birth year"),
    )  # fmt: skip
    if known.asked.sought == "age":
        return life.how_old(now) or (life.when_born(now) if life.birthday else None)
    return life.when_born(now) if life.birth_year or (life.age and not life.birthday) else None


async def _told(store: Store, facts: Sequence[Fact], now: datetime) -> str:
    if len(facts) > 3:
        return " ".join(f"{tell(fact)}." for fact in facts)
    return " ".join([f"{tell(fact)}: {await since(store, fact, now)}." for fact in facts])


def _is_called(fact: Fact, name: str) -> bool:
    value = fact.value.casefold()
    return value == name.casefold() or _first(value) == name.casefold()


def _first(value: str) -> str:
    return value.casefold().split()[0]


def _about_them(facts: Sequence[Fact], keys: set[str]) -> list[Fact]:
    """What holds of "sister's …" or "Emil's …"."""
    return [
        fact
        for fact in facts
        if fact.held_until is None
        and "'s " in fact.attribute
        and fact.attribute.casefold().split("'s ")[0] in keys
    ][::-1]


def _property(fact: Fact) -> str:
    return fact.attribute.partition("'s ")[2]


async def _spoken_of(store: Store, before: Place) -> Acquaintance | None:
    """Whom the last turns are about: none where the last one is about anything else but "she"."""
    for turn in await store.talk.before(before, MOST_BACK):
        if (found := _named_in(turn)) is not None:
            return found
        asked = read_kin_question(turn.prompt)
        if asked is None or not asked.is_pronoun:
            return None
    return None


def _named_in(turn: Turn) -> Acquaintance | None:
    asked = read_kin_question(turn.prompt)
    if asked is not None:
        return None if asked.is_pronoun else asked
    question = read_question(turn.prompt)
    attributes = [question.attribute] if question is not None else []
    for statement in reversed(read_statements(turn.prompt).statements):
        if statement.attribute in _OF_SOMEBODY and statement.kind in _KINDS:
            return Acquaintance("who", statement.attribute, statement.value)
        attributes.append(statement.attribute)
    for attribute in attributes:
        whose = re.match(r"(.+)'s ", attribute or "")
        relation = whose[1] if whose else attribute
        if relation in _OF_SOMEBODY:
            return Acquaintance("who", relation)
        if whose and whose[1][0].isupper():
            return Acquaintance("who", name=whose[1])
    return None


_KINDS = (FactKind.FAMILY, FactKind.PET, FactKind.OTHER)
