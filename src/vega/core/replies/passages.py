"""What was said about something, quoted with its time: where recall is sure that it is about it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from vega.core.conversation import Turn
from vega.core.importing import Role
from vega.core.life import records
from vega.core.life.talk_store import is_talk
from vega.core.memory import TimeWindow
from vega.core.recall.asking import (
    asked_words,
    asks_for_questions,
    asks_what_was_said,
    is_interrogative,
    subject_of,
)
from vega.core.recall.relevance import LIKE, Fit, fit
from vega.core.recollection import Recalled, Recollection
from vega.core.replies.asking import Asking, Wanted, read_asking
from vega.core.replies.moments import at_words, turned, window_words
from vega.core.replies.quoting import (
    capital,
    is_question,
    is_supposed,
    lower,
    passage,
    quote,
    said_verb,
)
from vega.core.replies.reply import Reply, no_record
from vega.core.store import Store
from vega.core.words import STOP_WORDS, stems, words

#: Messages that are looked at whether they are about it, and those that an answer quotes.
MOST_TRIED = 12
MOST_QUOTED = 3
#: A second message is quoted only where it fits as well as the first, nearly.
NEARLY = 0.6
#: A message that holds all that is asked for, what was done included.
WHOLE = 0.99
#: Of a deed that a question names alone all is quoted that was said in so long a time.
MOST_LISTED = timedelta(days=2)
_OF_BEFORE = re.compile(r"\b(?:did|was|were|had)\b", re.IGNORECASE)
_LAST = re.compile(
    r"\b(?:the|my|our) last time\b|\b(?:did|was|were) (?:i|we) last\b", re.IGNORECASE
)
_LAST_ADVICE = re.compile(
    r"\b(?:last|latest|(?:most )?recent(?:ly)?)\b.*\b(?:recommend|suggest|advi[sc]e|propos)|"
    r"\b(?:recommend|suggest|advi[sc]e|propos)\w*.*\b(?:last|lately|(?:most )?recently)\b",
    re.IGNORECASE | re.DOTALL,
)
_ADVISING = ("recommend", "recommendation", "suggest", "suggestion", "advise", "advice", "propose")
#: So many turns that hold a word of advice are looked at for the last that asks for it.
MOST_ADVICE = 60
#: What is meant to be done is not done yet.
_MEANT = re.compile(
    r"\b(?:resolutions?|plan(?:s|ned|ning)?|going to|wanna|gonna|will|want(?:ed)? to|hop(?:e|ing) "
    r"to|would like|intend(?:ing)? to|should|must|need to|might|thinking (?:of|about)|tomorrow|"
    r"next (?:week|month|year)|remind me)\b|['’]ll\b",
    re.IGNORECASE,
)
#: "What did you say when I told you that Nadia is pregnant?" asks for an answer, of no time.
_REPLIED = re.compile(
    r"\W*(?:and |so |vega,? )?what (?:did you (?:say|reply|answer|respond|tell me|think)|was your "
    r"(?:answer|reply|response|reaction|advice))(?: to (?:me|that))? when i (?:first )?"
    r"(?P<verb>told|said|asked|mentioned|wrote)(?: to)?(?: you)?(?: about| of| that| if| whether)? "
    r"(?P<about>\S.*)",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Passage:
    """A message that may be quoted."""

    fit: Fit
    recalled: Recalled
    said: Turn
    #: Whether it was said in the time that is asked about, or names it, where one is.
    is_then: bool = True


class Passages:
    """What was said that is, or may be, about what a prompt asks for."""

    def __init__(
        self,
        store: Store,
        asking: Asking,
        recollection: Recollection,
        turn: Turn,
        now: datetime,
    ) -> None:
        #: What recall found, and the time that is asked about.
        self.recollection = recollection
        self._store = store
        self._asking = asking
        self._turn = turn
        self._now = now
        self._found: list[_Passage] | None = None

    async def _about(self) -> list[_Passage]:
        if self._found is None:
            self._found = await _about(self._store, self._asking, self.recollection, self._turn)
        return self._found

    async def quoted(self) -> Reply | None:
        """What is surely about it; None where nothing is."""
        asking, turn, now = self._asking, self._turn, self._now
        found = await self._about()
        sure = [each for each in found if each.fit is Fit.SURE and each.is_then]
        if not sure:
            return None
        # "Where did I lose my ring?" is not answered by where it was found, if there is better.
        sure = [each for each in sure if each.recalled.word_share >= WHOLE] or sure
        is_last = asking.wanted is Wanted.MOMENT and _LAST.search(turn.prompt) is not None
        if asking.is_first or is_last:
            sure.sort(key=lambda each: (each.recalled.found.at, each.said.id), reverse=is_last)
        best = sure[0].recalled.found
        others = [
            each for each in sure[1:MOST_QUOTED] if each.recalled.found.score >= NEARLY * best.score
        ]
        if best.role is Role.USER:
            # What a model made of the owner's words adds nothing to them.
            others = [each for each in others if each.recalled.found.role is Role.USER]
        shown = [sure[0], *others]
        if asking.wanted is Wanted.MOMENT or asking.is_first:
            shown = shown[:1]
        sentences = [_told(each, turn.prompt, now) for each in shown]
        return Reply(" ".join(sentences), tuple(dict.fromkeys(each.said.id for each in shown)))

    async def nearest(self) -> Reply | None:
        """What may be about it, said to be no more than that; None where nothing is. Of what may
        be a question about the world, only what also means the like."""
        asking, turn, now = self._asking, self._turn, self._now
        found = await self._about()
        if not asking.is_certain:
            found = [each for each in found if (each.recalled.likeness or 0.0) >= LIKE]
        if asking.voice is None and not asks_what_was_said(turn.prompt):
            # Of what is the owner's own, their own words.
            found = [each for each in found if each.recalled.found.role is Role.USER]
        if not found:
            return None
        best = max(found, key=lambda each: (each.is_then, each.fit))
        told = _told(best, turn.prompt, now)
        text = f"The nearest that I find is: {lower(told)}"
        window = self.recollection.window
        if window is not None and not best.is_then:
            # What happened then may have been told of later.
            is_of_talk = asks_what_was_said(turn.prompt)
            if is_of_talk or best.said.at < window.start:
                lacking = nothing(window, turn.zone)
                return replace(lacking, text=f"{lacking.text} {text}", sources=(best.said.id,))
        return Reply(text, (best.said.id,))


def replied_to(prompt: str) -> str | None:
    """What was said that a question asks the answer of, as a question of its own; None for any
    other question."""
    match = _REPLIED.fullmatch(prompt.strip(" ?!."))
    return f"What did I say about {match['about']}?" if match else None


async def last_advice(store: Store, asking: Asking, turn: Turn, now: datetime) -> Reply | None:
    """What Vega last answered where advice was asked for: "What did you last recommend?" None where
    a question names anything else, or no such answer is known."""
    if asking.voice is not Role.ASSISTANT or subject_of(turn.prompt).things:
        return None
    if not _LAST_ADVICE.search(turn.prompt):
        return None
    held = await store.recall.holding((_ADVISING,), (records.micros(turn.at), turn.id))
    ids = list(dict.fromkeys(id_ // 2 for id_ in reversed(held)))[:MOST_ADVICE]
    found = sorted(await store.talk.turns(ids), key=lambda each: (each.at, each.id), reverse=True)
    for said in found:
        is_told = said.response and is_talk(said) and not said.is_of_the_store
        if is_told and said.id != turn.id and _asks(said) and read_asking(said.prompt) is None:
            when = at_words(said.at, said.zone, now)
            text = quote(passage(said.response, turn.prompt))
            return Reply(f"The nearest that I find is: {when} I answered: {text}", (said.id,))
    return None


async def replied(
    store: Store, asking: Asking, recollection: Recollection, turn: Turn, now: datetime
) -> Reply | None:
    """What Vega answered to what is surely that; None where nothing is."""
    asking = replace(asking, wanted=Wanted.PASSAGE, voice=Role.ASSISTANT, is_of_questions=True)
    found = await _about(store, asking, recollection, turn, is_any_answer=True)
    sure = [each for each in found if each.fit is Fit.SURE and each.is_then]
    if not sure:
        return None
    best = max(sure, key=lambda each: each.recalled.word_share >= WHOLE)
    return Reply(_told(best, turn.prompt, now), (best.said.id,))


def is_of_a_deed_alone(prompt: str, window: TimeWindow | None) -> bool:
    """Whether a question asks what the owner did in a short time, and names nothing else: "What did
    I eat yesterday?" What was eaten may be told in words that nothing likens to eating."""
    if window is None or asks_what_was_said(prompt) or not _OF_BEFORE.search(prompt):
        return False
    subject = subject_of(prompt, window.words)
    is_deed = len(subject.things) == 1 and not subject.deeds
    is_mine = re.search(r"\b(?:did|was|were|had) (?:i|we)\b", prompt, re.IGNORECASE) is not None
    return is_deed and is_mine and window.end - window.start <= MOST_LISTED


async def at_an_unknown_time(
    store: Store, asking: Asking, recollection: Recollection, turn: Turn, now: datetime
) -> Reply:
    """That nothing tells when that was, and the nearest that there is where more was asked for."""
    said = quote(recollection.unknown_time or "")
    opening = f"I have no record of when that was: {said}."
    if asking.wanted not in (Wanted.PASSAGE, Wanted.MOMENT):
        return Reply(opening)
    found = await Passages(store, asking, recollection, turn, now).nearest()
    return Reply(f"{opening} {found.text}", found.sources) if found else Reply(opening)


def nothing(window: TimeWindow | None, zone: str) -> Reply:
    """That there is no record of it, and which days were looked at."""
    if window is None:
        return no_record()
    days = window_words(window.start, window.end, zone)
    return no_record(f" ({turned(window.words)}: {days}).")


async def _about(
    store: Store,
    asking: Asking,
    recollection: Recollection,
    turn: Turn,
    *,
    is_any_answer: bool = False,
) -> list[_Passage]:
    """Messages that are or may be about it, best first; of each turn one; chatter only where there
    is nothing else, and what only asked for the past, or told of it, never."""
    items = recollection.items
    tried: Sequence[Recalled] = [
        each for at, each in enumerate(items) if at < MOST_TRIED or each.word_share >= WHOLE
    ]
    if asking.voice is Role.USER:
        tried = [each for each in tried if each.found.role is asking.voice]
    is_of_talk = asking.is_certain and asks_what_was_said(turn.prompt)
    wanted = _subject(turn.prompt, recollection.window, is_of_talk=is_of_talk)
    fits = [(Fit.SURE if _holds(each, wanted) else fit(turn.prompt, each), each) for each in tried]
    if not asks_what_was_said(turn.prompt):
        # "If I were rich my car would be red": said, and yet no answer to "What color is my car?"
        is_before = _OF_BEFORE.search(turn.prompt) is not None
        fits = [
            (
                min(how, Fit.NEAR)
                if _is_supposed(each, turn.prompt) or (is_before and _is_meant(each, turn.prompt))
                else how,
                each,
            )
            for how, each in fits
        ]
    fits = [pair for pair in fits if pair[0] is not Fit.NONE]
    ids = [recalled.found.turn_id for _, recalled in fits]
    turns = {each.id: each for each in await store.talk.turns(ids)}
    found: dict[int, _Passage] = {}
    for how, recalled in fits:
        said = turns.get(recalled.found.turn_id)
        if said is None or said.id == turn.id:
            continue
        shown: Recalled | None = recalled
        if asking.voice is Role.ASSISTANT:
            shown = _answer(recalled, said)
            if not is_any_answer and shown is not None and not _asks(said):
                # What Vega said to it is not sure to be what is asked for.
                how = how if shown is recalled else min(how, Fit.NEAR)
        if shown is None or _is_of_the_past(said, shown, asking):
            continue
        known = found.get(said.id)
        if known is None or (shown is not recalled and known.fit < how):
            is_then = _is_then(shown, recollection.window, turn.prompt)
            found[said.id] = _Passage(how, shown, said, is_then)
    talk = [each for each in found.values() if is_talk(each.said)]
    return talk or list(found.values())


def _answer(recalled: Recalled, said: Turn) -> Recalled | None:
    """What Vega answered, where what it was asked fits: an answer seldom repeats its question."""
    if recalled.found.role is Role.ASSISTANT:
        return recalled
    if not said.response:
        return None
    found = replace(recalled.found, role=Role.ASSISTANT, text=said.response)
    return replace(recalled, found=found, text=said.response)


def _asks(said: Turn) -> bool:
    return is_interrogative(said.prompt) or is_question(said.prompt)


def _clauses(text: str, asked: str) -> tuple[str, str]:
    """The clause that holds the most of what is asked for, and the text as far as its end."""
    wanted = stems(words(asked))
    parts = re.split(r"(?<=[,;.!?])\s+", text)
    best = max(range(len(parts)), key=lambda at: (len(wanted & stems(words(parts[at]))), -at))
    return parts[best], " ".join(parts[: best + 1])


def _is_meant(recalled: Recalled, asked: str) -> bool:
    """Whether what it says of that is only meant to be done."""
    return _MEANT.search(_clauses(recalled.found.text, asked)[0]) is not None


def _is_supposed(recalled: Recalled, asked: str) -> bool:
    """Whether what it says of that is only supposed: "I ran it, my doctor would kill me" is not."""
    text = recalled.found.text
    return is_supposed(text) and (
        re.search(r"\bif\b", text, re.IGNORECASE) is not None
        or is_supposed(_clauses(text, asked)[1])
    )


def _is_then(recalled: Recalled, window: TimeWindow | None, asked: str) -> bool:
    """Whether it was said in that time; of what happened then, it may also name the time. Of what
    is still to come, it was said before."""
    if window is None or window.start <= recalled.found.at < window.end:
        return True
    if asks_what_was_said(asked):
        return False
    if not _OF_BEFORE.search(asked):
        return True
    named = {form for thing in subject_of(window.words).things for form in thing}
    return bool(named) and named <= set(words(recalled.found.text))


def _subject(prompt: str, window: TimeWindow | None, *, is_of_talk: bool) -> frozenset[str]:
    """What a question asks for besides a time: "that project we discussed yesterday" is about a
    project. Nothing where it neither names a time nor says that it was talked about: then words
    alone say too little."""
    if window is None and not is_of_talk:
        return frozenset()
    text = prompt.casefold().replace(window.words.casefold() if window else "\n", " ")
    return stems(asked_words(text)) - STOP_WORDS


def _holds(recalled: Recalled, wanted: frozenset[str]) -> bool:
    """Whether it holds all of that."""
    return bool(wanted) and wanted <= stems(words(recalled.found.text))


def _is_of_the_past(said: Turn, recalled: Recalled, asking: Asking) -> bool:
    """Whether it is only where the owner asked for something before, or Vega told it then."""
    if recalled.found.role is Role.ASSISTANT:
        return said.is_of_the_store or not asking.is_certain
    if not asking.is_certain and is_question(said.prompt):
        # What was asked of the world is not what the owner told.
        return True
    if asking.is_of_questions:
        return asks_for_questions(said.prompt)
    return read_asking(said.prompt) is not None


def _told(shown: _Passage, asked: str, now: datetime) -> str:
    found = shown.recalled.found
    when = at_words(shown.said.at, shown.said.zone, now)
    text = passage(shown.recalled.text, asked)
    return f"{capital(when)} {said_verb(found.role, found.text)}: {quote(text)}"
