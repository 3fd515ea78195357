"""Whether something was ever spoken of: by the index of words, which knows every message."""

import re
from collections.abc import Sequence
from datetime import datetime

from vega.core.conversation import Turn
from vega.core.importing import Role
from vega.core.life import records
from vega.core.life.talk_store import is_talk
from vega.core.memory import TimeWindow
from vega.core.recall.asking import (
    Whether,
    asked_whether,
    asks_for_questions,
    asks_for_the_past,
    is_interrogative,
    subject_of,
)
from vega.core.recall.windows import span_of
from vega.core.replies.asking import Asking, read_asking
from vega.core.replies.moments import at_words
from vega.core.replies.passages import Passages
from vega.core.replies.quoting import is_question, passage, quote, said_verb
from vega.core.replies.reply import Reply
from vega.core.store import Store

#: Of so many turns each is looked at whether it speaks of it, or only asks what was said of it; of
#: more, the first and the last so many.
MOST_READ = 60
#: Asked for is what the other one knows, and not what is so.
_OF_KNOWING = re.compile(
    r"\b(?:do|did) (?:i|you|we) (?:still |even )?(?:know|remember|recall)\b", re.IGNORECASE
)


async def mentioned(
    store: Store, asking: Asking, about: Passages, turn: Turn, now: datetime
) -> Reply | None:
    """ "Yes", with how often and when, of a thing that is named and no more. What was said of it no
    word proves: the nearest, where it is denied; else None, as where that was not asked."""
    whether = asked_whether(turn.prompt)
    if whether is None:
        return None
    is_asked = whether.is_asked and asking.voice is Role.USER
    window = about.recollection.window
    if asking.voice is Role.ASSISTANT and whether.is_told_itself:
        return await _requested(store, whether, window, turn, now)
    if not is_asked and not whether.is_topic:
        return await about.nearest() if whether.is_denied else None
    reply = await _yes(store, asking, whether, window, turn, now)
    # What was told is not what was asked.
    return reply or (await about.nearest() if is_asked else None)


async def _yes(
    store: Store,
    asking: Asking,
    whether: Whether,
    window: TimeWindow | None,
    turn: Turn,
    now: datetime,
) -> Reply | None:
    held = await _held(store, whether, window, turn)
    roles = _roles(held, asking.voice)
    ids = list(roles)
    is_all = len(ids) <= 2 * MOST_READ
    looked_at = ids if is_all else ids[:MOST_READ] + ids[-MOST_READ:]
    turns = [each for each in await store.talk.turns(looked_at) if each.id != turn.id]
    if whether.is_asked and asking.voice is Role.USER:
        said = [each for each in turns if roles[each.id] is Role.USER and is_asking(each)]
    else:
        of_it = whether.is_told_of
        said = [each for each in turns if _speaks(each, asking.voice, roles[each.id], of_it)]
        said = said if asking.voice is Role.ASSISTANT else told_of(said)
    if not said:
        return None
    count = str(len(said)) if is_all else f"some {len(ids)}"
    shown = said[:1] if len(said) == 1 else [said[0], said[-1]]
    told = [_told(each, asking.voice or roles[each.id], turn.prompt, now) for each in shown]
    sources = tuple(each.id for each in shown)
    if len(shown) == 1:
        return Reply(f"Yes, once: {told[0]}", sources)
    return Reply(f"Yes, in {count} turns. First {told[0]} Last {told[1]}", sources)


async def _held(
    store: Store, whether: Whether, window: TimeWindow | None, turn: Turn
) -> Sequence[int]:
    subject = subject_of(whether.about, window.words if window else "")
    before = (records.micros(turn.at), turn.id)
    if not subject.things:
        return ()
    return await store.recall.holding(subject.things, before, span_of(window))


def told_of(held: Sequence[Turn]) -> list[Turn]:
    """Of turns that hold something, oldest first, those that speak of it: not what only asks for
    what was said of it before. "Who is Gus?" does so where Gus had been told of."""
    said: list[Turn] = []
    is_told = False
    for each in held:
        if not is_interrogative(each.prompt):
            is_told = True
        elif each.is_of_the_store or _is_of_the_past(each.prompt, is_told=is_told):
            continue
        said.append(each)
    return said


def _is_of_the_past(question: str, *, is_told: bool) -> bool:
    if asks_for_the_past(question) or _OF_KNOWING.search(question):
        return True
    return is_told and read_asking(question) is not None


def is_asking(turn: Turn) -> bool:
    """Whether the owner asks something in it, and not only what they asked before."""
    is_it = is_talk(turn) and is_question(turn.prompt)
    return is_it and not asks_for_questions(turn.prompt)


async def _requested(
    store: Store, whether: Whether, window: TimeWindow | None, turn: Turn, now: datetime
) -> Reply | None:
    """The last answer to what asked for it: whether it was one, only a reader knows."""
    held = await _held(store, whether, window, turn)
    ids = list(_roles(held, None))[-MOST_READ:]
    for each in reversed(await store.talk.turns(ids)):
        is_it = is_asking(each) and each.response and not asks_for_the_past(each.prompt)
        if is_it and each.id != turn.id:
            when = at_words(each.at, each.zone, now)
            text = f"{when} you asked {quote(each.prompt)}, and I answered: {quote(each.response)}"
            return Reply(f"The nearest that I find is: {text}", (each.id,))
    return None


def _roles(held: Sequence[int], voice: Role | None) -> dict[int, Role]:
    """Whose words hold it, of each turn in their order: those that are asked for where they do."""
    roles: dict[int, Role] = {}
    for id_ in held:
        role = Role.ASSISTANT if id_ % 2 else Role.USER
        if id_ // 2 not in roles or role is voice:
            roles[id_ // 2] = role
    return roles


def _speaks(said: Turn, voice: Role | None, role: Role, is_told_of: bool) -> bool:
    """Whether that turn is talk of it, of whoever's words are asked for."""
    asks = is_interrogative(said.prompt)
    if not is_talk(said) or (asks and (asks_for_the_past(said.prompt) or said.is_of_the_store)):
        return False
    if role is Role.ASSISTANT and said.is_of_the_store:
        return False
    if voice is Role.USER:
        return role is Role.USER
    # "Did you tell me about octopuses?": an answer may not name again what it was asked.
    is_answered = is_told_of and bool(said.response) and (asks or is_question(said.prompt))
    return voice is None or role is Role.ASSISTANT or is_answered


def _told(said: Turn, role: Role, asked: str, now: datetime) -> str:
    text = said.response if role is Role.ASSISTANT else said.prompt
    when = at_words(said.at, said.zone, now)
    return f"{when}, {said_verb(role, text)}: {quote(passage(text, asked))}"
