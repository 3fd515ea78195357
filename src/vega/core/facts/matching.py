"""Whether two ways to say a value mean the same, and what a statement puts an end to."""

import re
from collections.abc import Sequence

from vega.core.facts.attributes import OWN_THINGS, PETS
from vega.core.memory import Fact, FactKind, Statement
from vega.core.patterns import Pattern
from vega.core.vocabulary import PREPOSITIONS, TIMES, of
from vega.core.words import words

_DETERMINER = Pattern(r"(?:an?|the|my|our|some) (?=.)", re.IGNORECASE)
_OPPOSITE = {"like": "dislike", "dislike": "like"}
#: With a job one loses the place where one has it; a marriage ends whoever is spoken of.
_GOES_WITH = {
    "job": of("employer"),
    "spouse": of("wife husband"), "wife": of("spouse"), "husband": of("spouse"),
    "partner": of("girlfriend boyfriend fiancé fiancée fiance fiancee wife husband spouse"),
    "pet": PETS - {"pet"},
    # "I have a car" tells of a possession, "I drive a Volvo" of the car.
    **{thing: of("possession") for thing in OWN_THINGS},
}  # fmt: skip


#: They say nothing of which plan is meant.
_LITTLE = PREPOSITIONS | of("""
a an the my our i we am are is do have got next new upcoming other any it me us
""")
#: As is said from one day: "on Monday" of a plan and of a question need not be the same.
_OF_A_DAY = TIMES | of("""
week weekend month year day morning afternoon evening night noon this coming
""")
#: Of these a plan may have another: "a dentist appointment", "seeing the dentist".
_LOOSE = of("""
appointment meeting seeing visiting going flying travelling traveling driving heading leaving
""")
_ALSO_SAID = {
    "flight": "flying", "fly": "flying", "appointments": "appointment", "meetings": "meeting",
    "trip": "going", "journey": "going", "go": "going", "leave": "leaving", "leaves": "leaving",
    "travel": "travelling", "drive": "driving", "see": "seeing", "meet": "meeting",
    "doctor's": "doctor", "dentist's": "dentist", "exams": "exam",
}  # fmt: skip


def about(subject: str, facts: Sequence[Fact]) -> tuple[list[Fact], bool]:
    """Of the facts those that the words name, and whether with the very day that they name.

    "My dentist appointment" is "seeing the dentist on Monday" as well, "flying to Lisbon" is "my
    flight to Lisbon".
    """
    asked = _names_of(subject)
    said = [(fact, _names_of(fact.value)) for fact in facts]
    exact = [fact for fact, names in said if asked and asked <= names]
    if exact:
        return exact, True
    of_no_day = asked - _OF_A_DAY
    named = of_no_day - _LOOSE or of_no_day
    has_named_day = asked != of_no_day
    return [fact for fact, names in said if named and named <= names], not has_named_day


def _names_of(text: str) -> set[str]:
    found = re.findall(r"[\w:'-]+", text.casefold())
    return {_ALSO_SAID.get(word, word) for word in found} - _LITTLE


def is_same_value(one: str, other: str) -> bool:
    """Whether both name the same thing: "a Volvo" and "Volvo", "Sushi" and "sushi"."""
    return plain_value(one) == plain_value(other)


def ends(statement: Statement, fact: Fact) -> bool:
    """Whether what is stated puts an end to a fact that stands in another slot, or is over.

    "I hate olives" ends that olives are liked; "I sold my Volvo" that there is one; "you may use
    emojis again" the wish "never use emojis". What a newer value of its own slot supersedes is
    not told here.
    """
    if _OPPOSITE.get(statement.attribute) == fact.attribute and not statement.is_over:
        return is_same_value(statement.value, fact.value)
    if not statement.is_over:
        # Whose dog is called Bruno has more than "a dog".
        is_alike = statement.attribute == fact.attribute and fact.kind is FactKind.PET
        return is_alike and is_unnamed(fact) and not names_any(statement)
    goes_with = _GOES_WITH.get(statement.attribute, frozenset())
    if names_any(statement):
        # "I sold my car", "I lost my job": whichever it was.
        if fact.attribute == "possession" != statement.attribute:
            return plain_value(fact.value).split(" ")[-1] == statement.attribute
        return fact.attribute == statement.attribute or fact.attribute in goes_with
    if fact.attribute in goes_with:
        return is_same_value(statement.value, fact.value)
    if statement.attribute != fact.attribute:
        return fact.kind is FactKind.WISH is statement.kind and _is_of(statement, fact)
    return is_same_value(statement.value, fact.value) or _is_of(statement, fact)


def names_any(statement: Statement) -> bool:
    """Whether whichever there is is meant: "I lost my job"."""
    return plain_value(statement.value) == statement.attribute


def is_unnamed(fact: Fact) -> bool:
    """Whether it tells of a pet no more than what it is: "a dog"."""
    return fact.kind is FactKind.PET and plain_value(fact.value) == fact.attribute


def names_one(statement: Statement) -> bool:
    """Whether only one can be meant, and it is not named: "my dog died"."""
    return names_any(statement) and statement.value.casefold() != statement.attribute


def related_to(attribute: str) -> frozenset[str]:
    """Attributes of which a statement may end that one's, or the other way round."""
    opposite = {one for one in (_OPPOSITE.get(attribute),) if one}
    others = {one for one, with_it in _GOES_WITH.items() if attribute in with_it}
    return frozenset(opposite | others) | _GOES_WITH.get(attribute, frozenset())


def _is_of(statement: Statement, fact: Fact) -> bool:
    """Whether a wish that is taken back is that one: all that it names is in it."""
    is_wish = fact.kind is FactKind.WISH is statement.kind
    return is_wish and set(words(statement.value)) <= set(words(fact.value))


def plain_value(value: str) -> str:
    """The same for all that name the same thing; a part of each of them, casefolded."""
    return _DETERMINER.sub("", value.casefold().strip(" .!\"'"), count=1)
