"""What was said about something, quoted with its time: where recall is sure that it is about it."""

from collections.abc import Sequence
from datetime import datetime

from vega.core.conversation import Turn
from vega.core.importing import Role
from vega.core.life.talk_store import is_talk
from vega.core.memory import TimeWindow
from vega.core.recall.asking import asks_what_was_said, sought_words
from vega.core.recall.relevance import is_about
from vega.core.recollection import Recalled, Recollection
from vega.core.replies.asking import Asking, Wanted, read_asking
from vega.core.replies.moments import at_words, window_words
from vega.core.replies.quoting import is_question, passage, quote, said_verb
from vega.core.replies.reply import NO_RECORD, Reply
from vega.core.store import Store
from vega.core.words import STOP_WORDS, words

#: The origin of what another assistant answered.
IMPORTED = "import"
#: So much of a word is the same in its forms: "project", "projects".
STEM_CHARS = 6
#: Messages that are looked at whether they are about it, and those that an answer quotes.
MOST_TRIED = 12
MOST_QUOTED = 3
#: A second message is quoted only where it fits as well as the first, nearly.
NEARLY = 0.6


async def quoted(
    store: Store, asking: Asking, recollection: Recollection, turn: Turn, now: datetime
) -> Reply | None:
    """What is surely about it; None where nothing is."""
    sure = await _sure(store, asking, recollection, turn)
    if not sure:
        return None
    if asking.is_first:
        sure.sort(key=lambda pair: (pair[0].found.at, pair[0].found.turn_id))
    best = sure[0][0].found.score
    others = [pair for pair in sure[1:MOST_QUOTED] if pair[0].found.score >= NEARLY * best]
    if sure[0][0].found.role is Role.USER:
        # What a model made of the owner's words adds nothing to them.
        others = [pair for pair in others if pair[0].found.role is Role.USER]
    shown = [sure[0], *others]
    if asking.wanted is Wanted.MOMENT or asking.is_first:
        shown = shown[:1]
    sentences = [_told(recalled, said, turn.prompt, now) for recalled, said in shown]
    return Reply(" ".join(sentences), tuple(dict.fromkeys(said.id for _, said in shown)))


def nothing(window: TimeWindow | None, zone: str) -> Reply:
    """That there is no record of it, and which days were looked at."""
    if window is None:
        return Reply(NO_RECORD)
    days = window_words(window.start, window.end, zone)
    return Reply(f"{NO_RECORD[:-1]} ({window.words}: {days}).")


async def _sure(
    store: Store, asking: Asking, recollection: Recollection, turn: Turn
) -> list[tuple[Recalled, Turn]]:
    """Messages that are about it, with their turns, best first; of each turn one; chatter only
    where there is nothing else, and what only asked for the past, or told of it, never."""
    tried: Sequence[Recalled] = recollection.items[:MOST_TRIED]
    if asking.voice is not None:
        tried = [each for each in tried if each.found.role is asking.voice]
    is_of_talk = asking.is_certain and asks_what_was_said(turn.prompt)
    wanted = _subject(turn.prompt, recollection.window, is_of_talk=is_of_talk)
    about = [each for each in tried if is_about(turn.prompt, each) or _holds(each, wanted)]
    turns = {each.id: each for each in await store.talk.turns([a.found.turn_id for a in about])}
    found: dict[int, tuple[Recalled, Turn]] = {}
    for recalled in about:
        said = turns.get(recalled.found.turn_id)
        if said is None or said.id == turn.id or _is_of_the_past(said, recalled, asking):
            continue
        found.setdefault(said.id, (recalled, said))
    talk = [pair for pair in found.values() if is_talk(pair[1])]
    return talk or list(found.values())


def _subject(prompt: str, window: TimeWindow | None, *, is_of_talk: bool) -> frozenset[str]:
    """What a question asks for besides a time: "that project we discussed yesterday" is about a
    project. Nothing where it neither names a time nor says that it was talked about: then words
    alone say too little."""
    if window is None and not is_of_talk:
        return frozenset()
    text = prompt.casefold().replace(window.words.casefold() if window else "\n", " ")
    return frozenset(map(_stem, sought_words(text))) - STOP_WORDS


def _holds(recalled: Recalled, wanted: frozenset[str]) -> bool:
    """Whether it holds all of that."""
    return bool(wanted) and wanted <= frozenset(map(_stem, words(recalled.found.text)))


def _stem(word: str) -> str:
    return word[:STEM_CHARS]


def _is_of_the_past(said: Turn, recalled: Recalled, asking: Asking) -> bool:
    """Whether it is only where the owner asked for something before, or Vega told it then."""
    if recalled.found.role is Role.ASSISTANT:
        is_own = said.answer is not None and said.answer.model is None
        return (is_own and said.origin != IMPORTED) or not asking.is_certain
    if not asking.is_certain and is_question(said.prompt):
        # What was asked of the world is not what the owner told.
        return True
    return not asking.is_of_questions and read_asking(said.prompt) is not None


def _told(recalled: Recalled, said: Turn, asked: str, now: datetime) -> str:
    when = at_words(said.at, said.zone, now)
    verb = said_verb(recalled.found.role, recalled.found.text)
    text = passage(recalled.text, asked)
    return f"{when[:1].upper()}{when[1:]} {verb}: {quote(text)}"
