"""Family, friends and pets: "my wife's name is Ana", "I have a dog called Rex"."""

import re

from vega.core import vocabulary as en
from vega.core.facts import values
from vega.core.facts.attributes import (
    COUNTED,
    OTHER_WORDS,
    PETS,
    RELATIONS,
    singular_relation,
)
from vega.core.facts.rule import ADVERBS, I_AM, I_HAVE, Drawn, any_of, drawn, rule, say
from vega.core.facts.shape import bare_value, is_short, listed
from vega.core.patterns import Pattern

_ALSO_SAID = {word for word, means in OTHER_WORDS.items() if means in RELATIONS | COUNTED}
_PETS_SAID = PETS | {word for word, means in OTHER_WORDS.items() if means in PETS}


_RELATION = any_of(RELATIONS | _ALSO_SAID)
_MANY = any_of({f"{one}s" for one in RELATIONS} | COUNTED | {"kids", "grandkids"})
_PET = any_of(_PETS_SAID)
_PETS = any_of({f"{one}s" for one in _PETS_SAID} | {"puppies", "mice"})
_SORT = (
    r"(?:(?:older|younger|elder|eldest|oldest|youngest|little|big|middle|twin|half|late|dear|new|"
    r"old|small|lovely|own|black|white|brown|grey|gray|ginger|rescue|tabby|male|female|labrador|"
    r"golden|german|baby|pet|first|second)[ -]){0,2}"
)
_NUMBER = r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
_IS_CALLED = r"(?:(?:'s| is| was|'re| are|s are) (?:called|named)| goes by)"
#: What a person adds to names: "Ana, who is six", "Tom from Graz".
_BEHIND_NAMES = Pattern(
    r",? (?:who|which|that|from|aged?|and (?:he|she|they|it|we|i|is|has|are|the|a)|he|she|they|"
    r"he's|she's|they're|we|the|an?|is|are|was|has)\b.*|, \d+.*| -+ .*| \(.*",
    re.DOTALL,
)


def names(text: str) -> list[str]:
    """The names that are listed; none where one of them is no name."""
    found = listed(_BEHIND_NAMES.sub("", bare_value(text)).strip(" ,"), has_pairs=False)
    is_good = all(is_short(one) and _is_name(one) for one in found)
    return found if is_good else []


def _is_name(text: str) -> bool:
    is_long = len(text.split()) > 1 and text[0].islower()
    return values.is_name(text) and not is_long and text.lower() not in en.NEVER_CALLED


def is_name_beside(text: str) -> bool:
    """Whether capitals beside a relation are a name: no day, no people, no shouting."""
    words = text.split()
    is_written_so = all(word[1:].islower() or "-" in word or "'" in word for word in words)
    is_other = any(word.lower() in en.CLAUSE | en.NATIONS | en.TIMES for word in words)
    return is_written_so and not is_other and not text.endswith("'s") and _is_name(text)


def _called(match: re.Match[str]) -> Drawn | None:
    return _of_relation(match["who"], names(match["names"]))


def _of_relation(said_as: str, found: list[str], *, is_over: bool = False) -> Drawn | None:
    relation = singular_relation(said_as.lower())
    is_many_of_one = len(found) > 1 and said_as.lower() == relation
    return None if is_many_of_one else drawn(relation, found, is_over=is_over)


def _counted(match: re.Match[str]) -> Drawn | None:
    word = match["who"].lower()
    plural = OTHER_WORDS.get(word, word)
    if plural not in COUNTED:
        one = singular_relation(word)
        plural = "children" if one == "child" else f"{one}s"
    if plural not in COUNTED:
        return None
    return drawn(plural, [match["value"]])


def _beside(match: re.Match[str]) -> Drawn | None:
    """ "My daughter Mia is six": the name beside what she is."""
    name, rest = match["name"], match["rest"]
    words = name.split()
    said_as = match["who"].lower()
    if (
        name.endswith("'s")
        or OTHER_WORDS.get(said_as, said_as) in COUNTED
        or not all(word[1:].islower() or "-" in word for word in words)
        or not _is_name(name)
    ):
        return None
    if any(one in en.CLAUSE for one in name.lower().split()):
        # Where Each Word Is So Written, a capital says nothing.
        return None
    if name.lower() in en.NATIONS | en.TIMES or (rest and not rest[1:2].islower()):
        return None
    attribute = singular_relation(match["who"].lower())
    is_gone = attribute in PETS and re.match(
        r" (?:just )?(?:has )?(?:died|passed away)\b| is dead\b", rest
    )
    said = say(attribute, name, is_over=bool(is_gone))
    return Drawn((said,), rest, is_all=not rest or bool(is_gone))


def _pet(match: re.Match[str]) -> Drawn | None:
    """ "I have two cats": not who they are."""
    is_one = match["count"].lower() in ("a", "an")
    value = f"a {match['value'].split(maxsplit=1)[1]}" if is_one else match["value"]
    return drawn(singular_relation(match["animal"].lower()), [value])


def _is_someone(match: re.Match[str]) -> Drawn | None:
    """ "Ana is my wife"."""
    name = match["names"]
    if not name[0].isupper() or any(word.lower() in en.CLAUSE for word in name.split()):
        return None
    return _of_relation(match["who"], names(name))


def _married(match: re.Match[str]) -> Drawn | None:
    found = names(match["names"])
    return drawn("spouse", found) if len(found) == 1 and found[0][0].isupper() else None


def _enumerated(match: re.Match[str]) -> Drawn | None:
    """ "We have two kids, Tom and Mia": as many as are counted."""
    found = names(match["names"])
    number = match.groupdict().get("number")
    is_kind = any(
        word in _BREEDS | en.NATIONS | en.TIMES | en.CLAUSE
        for one in found
        for word in one.lower().split()
    )
    if is_kind or (number and _COUNTS.get(number.lower()) != len(found)):
        return None
    return _of_relation(match["who"], found)


_COUNTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6} | {
    str(number): number for number in range(1, 10)
}
_BREEDS = en.of("""
siamese persian maine bengal ragdoll sphynx labrador labradors poodle poodles beagle beagles
dachshund dalmatian husky collie
""")
_NAME = r"(?-i:[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)?)"
_NAMES = rf"{_NAME}(?:, {_NAME})*(?:,? (?:and|&) {_NAME})?"
_MINE = rf"(?:my|our) {_SORT}"
_WHO = rf"(?P<who>{_RELATION}|{_PET})"
RULES = (
    rule(rf"{_MINE}{_WHO}'s? name(?:'s| is| was) {ADVERBS}(?P<names>.+)", _called),
    rule(rf"{_MINE}(?P<who>{_MANY}|{_PETS})'? names are (?P<names>.+)", _called),
    rule(rf"the names? of (?:my|our) {_WHO} (?:is|are) (?P<names>.+)", _called),
    rule(rf"{_MINE}{_WHO}{_IS_CALLED} (?P<names>.+)", _called),
    rule(rf"{_MINE}(?P<who>{_MANY}|{_PETS}){_IS_CALLED} (?P<names>.+)", _called),
    rule(
        rf"{I_HAVE} {ADVERBS}(?:{_NUMBER} )?{_SORT}(?P<who>{_RELATION}|{_MANY}|{_PET}|{_PETS}),? "
        r"(?:who is |that is |which is |who are |that are )?(?:called|named|by the name of|whose "
        r"names? (?:is|are)) (?P<names>.+)",
        _called,
    ),
    rule(
        rf"{I_HAVE} {ADVERBS}(?P<number>{_NUMBER}) {_SORT}"
        rf"(?P<who>{_RELATION}|{_MANY}|{_PET}|{_PETS})(?:,|:| -)? (?P<names>{_NAMES})",
        _enumerated,
    ),
    rule(
        rf"{_MINE}(?P<who>{_MANY}|{_PETS})(?:,|:| are)? (?P<names>{_NAMES})",
        _enumerated,
    ),
    rule(rf"{I_HAVE} {ADVERBS}(?P<value>{_NUMBER} {_SORT}(?P<who>{_MANY}|{_RELATION}))", _counted),
    rule(
        rf"{I_HAVE} {ADVERBS}(?P<value>(?P<count>{_NUMBER}) {_SORT}(?P<animal>{_PETS}|{_PET}))",
        _pet,
    ),
    rule(rf"{_MINE}(?P<who>{_RELATION}|{_PET}),? (?P<name>{_NAME})(?P<rest>,? .+|)", _beside),
    rule(
        rf"(?P<names>\w[\w'-]*(?: \w[\w'-]*)?) is my {_SORT}(?P<who>{_RELATION}|{_PET})",
        _is_someone,
    ),
    rule(rf"{I_AM} married to (?P<names>.+)", _married),
)
