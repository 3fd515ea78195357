"""All that is known of the owner, what matters most first."""

from collections.abc import Sequence
from itertools import groupby

from vega.core.facts import tell_all
from vega.core.memory import Fact, FactKind
from vega.core.replies.reply import Reply
from vega.core.replies.told import sources_of
from vega.core.store import Store

#: Facts that are told, in all and of one kind; and those among which they are chosen.
MOST_TOLD = 40
MOST_OF_A_KIND = 8
MOST_READ = 5_000
_ORDER = (
    FactKind.NAME, FactKind.FAMILY, FactKind.PET, FactKind.HOME, FactKind.WORK, FactKind.DATE,
    FactKind.HEALTH, FactKind.FAVORITE, FactKind.LIKE, FactKind.DISLIKE, FactKind.POSSESSION,
    FactKind.PLAN, FactKind.OTHER, FactKind.WISH,
)  # fmt: skip

#: Each is told by a word for more than one relation.
_GENERAL = ("child", "sibling", "pet", "spouse", "partner")


async def all_known(store: Store) -> Reply:
    """What is known of the owner, by what it is about, with a count of what is left out."""
    found = told_once(await store.facts.current(MOST_READ))
    if not found:
        return Reply("You have not told me anything about yourself yet.")
    told = _chosen(found)
    paragraphs = [
        " ".join(f"{clause}." for clause in _clauses(list(facts)))
        for _, facts in groupby(told, key=lambda fact: fact.kind)
    ]
    left = len(found) - len(told)
    if left:
        count = f"{left:,}{' at least' if len(found) == MOST_READ else ''}"
        paragraphs.append(f"… and {count} more: `vega facts` lists them.")
    return Reply(
        "\n".join(paragraphs) if len(paragraphs) > 3 else " ".join(paragraphs), sources_of(told)
    )


def told_once(facts: Sequence[Fact]) -> list[Fact]:
    """Without what another tells more exactly: a daughter is not told as a child too."""
    exact = {fact.value.casefold() for fact in facts if fact.attribute not in _GENERAL}
    return [
        fact
        for fact in facts
        if fact.attribute not in _GENERAL or fact.value.casefold() not in exact
    ]


def _chosen(found: Sequence[Fact]) -> list[Fact]:
    """The pinned ones, and of each kind the newest; by kind, each in the order of telling."""
    newest = sorted(found, key=lambda fact: (not fact.is_pinned, -fact.held_from.timestamp()))
    counts = dict.fromkeys(FactKind, 0)
    chosen: list[Fact] = []
    for fact in sorted(newest, key=lambda fact: (not fact.is_pinned, _ORDER.index(fact.kind))):
        if len(chosen) < MOST_TOLD and (fact.is_pinned or counts[fact.kind] < MOST_OF_A_KIND):
            counts[fact.kind] += 1
            chosen.append(fact)
    return sorted(chosen, key=lambda fact: (_ORDER.index(fact.kind), fact.held_from, fact.id))


def _clauses(facts: Sequence[Fact]) -> list[str]:
    by_attribute: dict[str, list[Fact]] = {}
    for fact in facts:
        by_attribute.setdefault(fact.attribute, []).append(fact)
    return [tell_all(each) for each in by_attribute.values()]
