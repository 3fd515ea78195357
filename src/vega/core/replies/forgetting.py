"""Asked to forget, Vega erases nothing by a sentence: it says what would go, and how."""

from datetime import UTC, datetime

from vega.core.facts import (
    is_same_value,
    read_kin_question,
    read_question,
    read_statements,
    tell,
)
from vega.core.facts.forgetting import phrase_to_forget, read_forgetting
from vega.core.facts.matching import names_any
from vega.core.memory import Fact
from vega.core.replies import kin
from vega.core.replies.moments import told_words
from vega.core.replies.quoting import capital
from vega.core.replies.reply import Reply
from vega.core.replies.told import sources_of
from vega.core.store import Store

#: Facts that one answer names.
MOST_NAMED = 5


async def how_to_forget(store: Store, prompt: str, now: datetime) -> Reply | None:
    """What the prompt wants forgotten, and the command that does it; None where it wants nothing
    forgotten."""
    what = read_forgetting(prompt)
    if what is None:
        return None
    facts = (await _meant(store, what, now))[:MOST_NAMED]
    phrase = facts[0].value if facts else phrase_to_forget(what)
    quoted = phrase.replace('"', "").replace("\\", "")
    words = f'`vega forget "{quoted}"` shows every turn in which these words were said'
    opening = "I forget nothing by a sentence alone, as it cannot be undone."
    if not facts:
        text = f"{opening} {words}, and erases them once you have confirmed it."
        return Reply(text)
    named = " ".join(
        f"{tell(fact)}, as you told me {told_words(fact.held_from, fact.zone, now)}: "
        f"`vega facts forget {fact.id}` erases that fact, `vega forget fact:{fact.id}` also the "
        "turns in which you told it."
        for fact in facts
    )
    text = f"{opening} {named} {words}, and erases those that you confirm."
    return Reply(text, sources_of(facts))


async def _meant(store: Store, what: str, now: datetime) -> list[Fact]:
    """The facts that the words state, or ask for."""
    found: list[Fact] = []
    for statement in read_statements(capital(what)).statements:
        held = await store.facts.all_held_at(statement.attribute, now)
        found += [
            fact
            for fact in held
            if names_any(statement) or is_same_value(fact.value, statement.value)
        ]
    if found:
        return found
    question = read_question(f"What is {what}?") or read_question(f"What is {what}'s name?")
    if question is None or question.attribute is None:
        return await _of_somebody(store, what)
    for attribute in (question.attribute, *question.also):
        if held := await store.facts.all_held_at(attribute, now):
            return held
    return []


async def _of_somebody(store: Store, name: str) -> list[Fact]:
    """What is known of whom the owner calls so: "Kiwi"."""
    asked = read_kin_question(f"Who is {name}?")
    if asked is None or asked.is_pronoun:
        return []
    known = await kin.find(store, asked, (datetime.max.replace(tzinfo=UTC), 0))
    return [*known.all, *known.over] if known is not None else []
