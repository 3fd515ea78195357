"""Whether two ways to say a value mean the same, and what a statement puts an end to."""

import re

from vega.core.memory import Fact, FactKind, Statement
from vega.core.words import words

_DETERMINER = re.compile(r"(?:an?|the|my|our|some) (?=.)", re.IGNORECASE)
_OPPOSITE = {"like": "dislike", "dislike": "like"}
#: With a job one loses the place where one has it.
_GOES_WITH = {"job": "employer"}


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
        return False
    if statement.value.casefold() == statement.attribute:
        # "I sold my car", "I lost my job": whichever it was.
        return fact.attribute in (statement.attribute, _GOES_WITH.get(statement.attribute))
    if statement.attribute != fact.attribute:
        return fact.kind is FactKind.WISH is statement.kind and _is_of(statement, fact)
    return is_same_value(statement.value, fact.value) or _is_of(statement, fact)


def _is_of(statement: Statement, fact: Fact) -> bool:
    """Whether a wish that is taken back is that one: all that it names is in it."""
    is_wish = fact.kind is FactKind.WISH is statement.kind
    return is_wish and set(words(statement.value)) <= set(words(fact.value))


def plain_value(value: str) -> str:
    """The same for all that name the same thing; a part of each of them, casefolded."""
    return _DETERMINER.sub("", value.casefold().strip(" .!\"'"), count=1)
