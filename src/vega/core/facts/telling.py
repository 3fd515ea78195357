"""Facts as sentences to their owner: "Your favorite color is purple", "You live in Graz"."""

from collections.abc import Sequence

from vega.core.facts.attributes import PETS, RELATIONS, plural_of
from vega.core.facts.forms import Question, Said
from vega.core.facts.phrasing import Time, clause_of
from vega.core.memory import Fact, FactKind


def acknowledge(said: Sequence[Said]) -> str:
    """What was understood: "Got it! I'll remember that your favorite color is blue."."""
    # Beside "you are divorced", that the marriage is over need not be said.
    clauses = [one.clause for one in said if one.clause]
    listed = _listed(clauses)
    is_sad = any(clause.endswith(" died") for clause in clauses)
    opening = "I am sorry." if is_sad else "Got it!"
    return f"{opening} I'll remember that {listed}{'' if listed.endswith('.') else '.'}"


def tell(fact: Fact, question: Question | None = None) -> str:
    """The fact as a sentence without its end mark; in the past where it no longer holds.

    Names and favourites are told in the words of the question: "Your favourite colour is blue".
    """
    is_named = fact.kind in (FactKind.NAME, FactKind.FAVORITE)
    if question is None or question.attribute is None or not is_named:
        clause = clause_of(fact.attribute, fact.value, _time_of(fact))
        return clause[0].upper() + clause[1:]
    verb = question.verb
    if fact.held_until is not None:
        verb = "were" if verb == "are" else "was"
    return f"Your {question.phrase} {verb} {fact.value}"


def tell_all(facts: Sequence[Fact]) -> str:
    """Facts as one sentence without its end mark: "You like tea and chess".

    Of one attribute the values are listed; facts of more are told one by one.
    """
    first = facts[0]
    time = _time_of(first)
    is_alike = all((it.attribute, _time_of(it)) == (first.attribute, time) for it in facts)
    one = clause_of(first.attribute, "\0", time)
    is_listed = is_alike and one.endswith("\0") and first.kind not in (FactKind.WISH, FactKind.PLAN)
    if len(facts) > 1 and is_alike and first.attribute in RELATIONS | PETS:
        were = "were" if time is Time.PAST else "are"
        values = _listed([fact.value for fact in facts])
        clause = f"your {plural_of(first.attribute)} {were} called {values}"
        if any(clause_of(it.attribute, it.value).startswith("you have") for it in facts):
            # Some are told by what they are: "a cat".
            clause = _listed([clause_of(it.attribute, it.value, time) for it in facts])
    elif len(facts) > 1 and is_listed:
        clause = one.replace("\0", _listed([fact.value for fact in facts]))
    else:
        clauses = [tell(fact) for fact in facts]
        clause = _listed([clauses[0], *(one[0].lower() + one[1:] for one in clauses[1:])])
    return clause[0].upper() + clause[1:]


def _time_of(fact: Fact) -> Time:
    return Time.PAST if fact.held_until is not None else Time.NOW


def _listed(clauses: Sequence[str]) -> str:
    *others, last = clauses
    return f"{', '.join(others)} and {last}" if others else last
