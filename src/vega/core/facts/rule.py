"""What a rule is: a pattern that a clause must fit, and what is drawn from it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vega.core.facts.attributes import is_of_many, kind_of
from vega.core.facts.forms import Said
from vega.core.facts.phrasing import Time, clause_of
from vega.core.memory import Statement
from vega.core.patterns import Pattern

#: The owner, alone or with theirs, as the subject of a clause.
WE = r"(?:i|we|my (?:wife|husband|partner|girlfriend|boyfriend|family) and i)"
I_AM = r"(?:i'm|i am|im|we're|we are)"
I_HAVE = r"(?:i have|i've got|i have got|i've|we have|we've got|we have got|i got|we got)"
ADVERBS = (
    r"(?:(?:really|also|actually|still|now|currently|truly|absolutely|definitely|honestly|"
    r"personally|recently|presently|always|just|both|all|finally|very much|mostly|quite|rather|"
    r"do) ){0,3}"
)
#: Behind what is no longer so.
NO_MORE = r"(?: any ?more| any longer)"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a clause states, and the words behind it that are no part of that."""

    said: tuple[Said, ...]
    tail: str = ""
    #: Whether the clause says nothing beside it: "our cat Tom is sick" does.
    is_all: bool = True


#: None where the words state nothing after all.
Draw = Callable[[re.Match[str]], Drawn | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """Of all rules the first that draws something has the clause."""

    pattern: Pattern
    draw: Draw


def any_of(words: Iterable[str]) -> str:
    """A pattern for one of the words; of those that begin alike the longest."""
    longest_first = sorted((re.escape(word) for word in words), key=lambda one: (-len(one), one))
    return f"(?:{'|'.join(longest_first)})"


def rule(pattern: str, draw: Draw) -> Rule:
    return Rule(Pattern(pattern, re.IGNORECASE | re.DOTALL), draw)


def say(attribute: str, value: str, *, is_over: bool = False, is_private: bool = False) -> Said:
    """A statement of that attribute, and the clause that tells it."""
    statement = Statement(
        attribute, value, kind_of(attribute), is_of_many(attribute), is_over, is_private
    )
    return Said(statement, clause_of(attribute, value, Time.OVER if is_over else Time.NOW))


def drawn(attribute: str, values: Iterable[str], *, is_over: bool = False) -> Drawn | None:
    """One statement for each of the values; None where there is none."""
    said = tuple(say(attribute, value, is_over=is_over) for value in values)
    return Drawn(said) if said else None
