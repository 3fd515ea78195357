"""What the owner once said of what is asked, quoted: where no fact was read of it.

Only their own words count, only of the very thing, and no more is said of them than that they are
the nearest that there is.
"""

import re
from collections.abc import Callable
from datetime import datetime

from vega.core.conversation import Turn
from vega.core.facts import Question, read_kin_question, read_question
from vega.core.facts.attributes import OTHER_WORDS, PETS, singular_relation
from vega.core.facts.relatives import CATS, DOGS
from vega.core.facts.rule import any_of
from vega.core.facts.work import job_of
from vega.core.importing import Role
from vega.core.life.talk_store import is_talk
from vega.core.memory import FactKind
from vega.core.recall.asking import is_interrogative, subject_of
from vega.core.recollection import Recollection
from vega.core.replies.asking import read_asking
from vega.core.replies.kin import TOLD_BY, Known
from vega.core.replies.moments import at_words
from vega.core.replies.quoting import is_question, is_supposed, passage, quote
from vega.core.replies.reply import Reply, no_record
from vega.core.store import Store
from vega.core.vocabulary import NATIONS, of
from vega.core.words import STEM_CHARS, STOP_WORDS, stems, words

#: Messages that are looked at.
MOST_TRIED = 12
_FIRST_PERSON = re.compile(r"\b(?:i|i'm|i've|my|mine|me|we|our)\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?:\b(?:is|was|turns|turned|age|aged|be)|,) (?:now |already |just |only )?"
    r"(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|"
    r"(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b",
    re.IGNORECASE,
)
OF_THE_THING = (FactKind.NAME, FactKind.FAVORITE, FactKind.DATE, FactKind.PET, FactKind.FAMILY)
_SAYS_A_NAME = re.compile(
    r"\bmy (?:[\w-]+ )?name(?:'s| is| was) \w|\b(?:call me|i am called|i'm called) (?-i:[A-ZÀ-Þ])|"
    r"(?:^|[.!,] ?)(?:i'm|i am) (?-i:[A-ZÀ-Þ][a-zà-þ]+)(?=[,.!]|$| and\b)",
    re.IGNORECASE,
)
#: "When I was ten I lived in Rome": in the order of a statement, and nothing asked.
STATED = re.compile(
    r"(?:when|while|after|before) (?:i|we|he|she|they|(?:my|our) [\w' ]+?) "
    r"(?:was|were|am|are|is|had|lived|worked|moved|turned|\w+ed) [^?]+?,? (?:i|we|my|our|he|she|"
    r"they) (?!(?:tell|told|said|say)\b)\w+[^?]*$",
    re.IGNORECASE,
)
#: What the owner would like, or says of another: nothing of themselves.
_WISHED = re.compile(
    r"\b(?:i'd|i would|we'd|we would|i wish|i hope|i want|i dream|some ?day|one day)\b",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(
    r"\b(?:my|our|the|his|her) (?!(?:family|doctor|name)\b)[\w-]+(?: (?-i:[A-ZÀ-Þ])[\w-]+)? "
    r"(?:is|was|has|had|can't|can|does|doesn't|thinks?|says?|said|believes?|got|bought|sold|drove|"
    r"spoke|took|\w+s)\b",
    re.IGNORECASE,
)
_MARRIED = re.compile(
    r"\b(?:got|getting|am|are|were|be|been|'m|'re) (?:just |happily |now )?married\b|\bwedding\b",
    re.IGNORECASE,
)
_A_CAR = of("""
car pickup truck van suv estate hatchback convertible ford volkswagen vw audi bmw mercedes opel
vauxhall toyota honda nissan mazda skoda seat fiat renault peugeot citroen volvo kia hyundai tesla
subaru suzuki jeep chevrolet chevy mini dacia fiesta octavia golf passat corolla
""") - of("seat mini golf")
#: Who has one of these has a dog, or a cat.
_SORTS = {
    # A boxer, a pointer or a Persian may be something else.
    "dog": DOGS - of("boxer pointer setter") | {"puppy"},
    "cat": CATS - of("persian bengal burmese") | of("moggy kitten"),
}
_ANIMALS = PETS.union(*_SORTS.values())
#: How it is told without the word by which it is asked for, and words by which to look for that.
_TOLD_AS = {
    "language": (
        re.compile(r"\bi (?:also |can )?speak\b", re.IGNORECASE), " ".join(sorted(NATIONS)),
    ),
    "medication": (
        re.compile(
            r"\bi(?:'m| am) (?:now |still |back )?(?:on|taking) (?!my\b|the\b|an?\b|it\b)[a-z]{5,}|"
            r"\bi(?:'ve been| was| am)? (?:take|prescribed)\b|\b(?:tablets|pills)\b",
            re.IGNORECASE,
        ),
        "on taking prescribed tablets pills diabetes pressure pain thyroid asthma",
    ),
    "car": (
        re.compile(
            rf"\b(?:have|got|bought|drive|driving|own|my|our)\b.*?\b{any_of(_A_CAR)}\b",
            re.IGNORECASE,
        ),
        " ".join(sorted(_A_CAR)),
    ),
    **dict.fromkeys(("wife", "husband", "spouse"), (_MARRIED, "got married wedding")),
}  # fmt: skip


async def of_owner(
    store: Store, question: Question, recollection: Recollection, turn: Turn, now: datetime
) -> Reply | None:
    """What the owner said of their own thing; None where they never did."""
    holds = _of_the_thing(question, turn.prompt)
    if holds is None:
        return None
    is_of_owner = question.kind in (*OF_THE_THING, FactKind.WISH, FactKind.PLAN)

    def is_unsure(text: str) -> bool:
        if is_supposed(text) or _WISHED.search(text):
            return True
        return not is_of_owner and bool(_OF_ANOTHER.search(text))

    return await _quoted(store, recollection, turn, now, holds, is_unsure)


async def of_another(
    store: Store, known: Known, recollection: Recollection, turn: Turn, now: datetime
) -> Reply | None:
    """What the owner said of somebody; None where they never did."""
    sought = known.asked.sought
    is_favorite = sought.startswith("favorite ")
    told_by = TOLD_BY.get("likes" if is_favorite else sought) or tuple(words(sought))
    is_any = is_favorite or sought in TOLD_BY
    mentioned = re.compile(
        rf"\b(?:{'|'.join(map(re.escape, known.mentions))})\b" if known.mentions else r"(?!)",
        re.IGNORECASE,
    )

    def holds(text: str) -> bool:
        found = set(re.findall(r"[a-z]+", text.casefold()))
        said = [word in found for word in told_by]
        is_told = any(said) if is_any else all(said)
        if sought == "age":
            is_told = is_told or _NUMBER.search(text) is not None
        if sought == "work":
            is_told = is_told or _says_a_job(text)
        return bool(mentioned.search(text)) and is_told

    return await _quoted(store, recollection, turn, now, holds)


def told_as(question: Question) -> str | None:
    """Words by which to look for what is told in other words than it is asked for."""
    if animals := _animals(question):
        return " ".join(sorted(animals))
    return _TOLD_AS[question.attribute][1] if question.attribute in _TOLD_AS else None


def _animals(question: Question) -> frozenset[str]:
    """Those that answer a question of pets, by other names than the one that is asked for."""
    if question.all_of is FactKind.PET:
        return frozenset(_ANIMALS)
    return frozenset(_SORTS.get(singular_relation(question.attribute or ""), ()))


async def in_other_words(
    store: Store, question: Question, recollection: Recollection, turn: Turn, now: datetime
) -> Reply | None:
    """What the owner said of their own thing without naming it: "I speak German"."""
    said = _TOLD_AS.get(question.attribute or "")
    pattern = (
        said[0]
        if said
        else re.compile(
            rf"\b(?:have|got|has|adopted|bought|my|our)\b.*?\b{any_of(_animals(question))}s?\b",
            re.IGNORECASE,
        )
    )

    def is_unsure(text: str) -> bool:
        return is_supposed(text) or bool(_WISHED.search(text) or _OF_ANOTHER.search(text))

    def holds(text: str) -> bool:
        return bool(pattern.search(text))

    return await _quoted(store, recollection, turn, now, holds, is_unsure)


def _says_a_job(text: str) -> bool:
    for said in re.findall(r"\b(?:is|are|was|were|as) an? ([\w-]+(?: [\w-]+){0,3})", text):
        given = said.split()
        if any(job_of(" ".join(given[:count])) for count in range(1, len(given) + 1)):
            return True
    return False


def _of_the_thing(question: Question, prompt: str) -> Callable[[str], bool] | None:
    """Whether a text speaks of the very thing that is asked for, as the owner's."""
    if question.kind is FactKind.NAME:
        which = stems(words(question.attribute or "name"))
        which -= stems(["name"])
        return lambda text: bool(_SAYS_A_NAME.search(text)) and which <= stems(words(text))
    if question.kind in OF_THE_THING and question.attribute is not None:
        asked = [word for word in words(question.attribute) if word not in STOP_WORDS]
        head = re.escape(asked[-1][:STEM_CHARS]) if asked else ""
        if not head:
            return None
        of_owner = re.compile(rf"\b(?:my|our) (?:[\w-]+ ){{0,3}}?{head}", re.IGNORECASE)
        is_kin = question.kind in (FactKind.PET, FactKind.FAMILY)
        has = re.compile(
            rf"\b(?:have|got|bought|adopted|with|two|three|four) (?:[\w-]+ ){{0,3}}?{head}",
            re.IGNORECASE,
        )

        def holds(text: str) -> bool:
            text = _with_plain_relations(text)
            is_whose = bool(of_owner.search(text)) or (is_kin and bool(has.search(text)))
            return is_whose and stems(asked) <= stems(words(text))

        return holds
    things = subject_of(prompt)
    sought = (*things.things, *things.deeds)
    if not sought:
        return None

    def says(text: str) -> bool:
        found = stems(words(text))
        is_held = all(stems(forms) & found for forms in sought)
        return is_held and bool(_FIRST_PERSON.search(text))

    return says


async def _quoted(
    store: Store,
    recollection: Recollection,
    turn: Turn,
    now: datetime,
    holds: Callable[[str], bool],
    is_unsure: Callable[[str], bool] = is_supposed,
) -> Reply | None:
    tried = [each for each in recollection.items[:MOST_TRIED] if each.found.role is Role.USER]
    ids = list(dict.fromkeys(each.found.turn_id for each in tried))
    said = [each for each in await store.talk.turns(ids) if each.id != turn.id]
    said = [each for each in said if is_talk(each) and not _only_asks(each.prompt)]
    held = [each for each in said if holds(each.prompt)]
    if not held:
        return None
    plain = [each for each in held if not is_unsure(each.prompt)]
    best = (plain or held)[0]
    when = at_words(best.at, best.zone, now)
    text = (
        f"The nearest that I find is: {when} you said: {quote(passage(best.prompt, turn.prompt))}"
    )
    # What was only supposed, or another's words, tells nothing of the owner.
    return Reply(text, (best.id,)) if plain else no_record(f". {text}", (best.id,))


def _with_plain_relations(text: str) -> str:
    """With "father" for "dad"."""
    return re.sub(
        r"[a-z]+", lambda word: OTHER_WORDS.get(word[0].lower(), word[0]), text, flags=re.IGNORECASE
    )


def _only_asks(prompt: str) -> bool:
    return (
        is_question(prompt)
        or is_interrogative(prompt)
        or (read_asking(prompt) is not None and not STATED.match(prompt))
        or read_question(prompt) is not None
        or read_kin_question(prompt) is not None
    )
