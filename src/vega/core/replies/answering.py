"""Decides what of a prompt the store alone answers, and has it said."""

from dataclasses import replace
from datetime import datetime

from vega.core import facts
from vega.core.conversation import CHATTER_ORIGINS, Turn
from vega.core.importing import Role
from vega.core.lookup import Lookup
from vega.core.recollection import Recollection
from vega.core.replies import known, passages, spans
from vega.core.replies.asking import Asking, Wanted, read_asking
from vega.core.replies.reply import NO_RECORD, Reply
from vega.core.replies.schedule import planned
from vega.core.store import Store

INTRODUCTION = (
    "I am Vega, your personal assistant on your own machine, in one conversation for life. I keep "
    "every word that we say and find it again, and I remember what you tell me about yourself. The "
    "small model that I come with is only for the first minutes: for real conversation, connect a "
    "better one."
)
NOT_NOW = "I cannot look that up right now. Please ask me again in a moment."
NOT_YET = (
    "I do not find that now, but the index of what was said is being made anew after damage and is "
    "not whole yet. Please ask me again in a while."
)
#: What is looked at for one answer.
BUDGET_TOKENS = 2_000
#: Of these no answer comes from the store: other programs ask, and want a model's words.
_FOR_MODELS = CHATTER_ORIGINS - {"home"}


class Replies:
    """What one life answers by itself."""

    def __init__(self, store: Store, lookup: Lookup) -> None:
        self._store = store
        self._lookup = lookup

    async def reply(self, turn: Turn, reading: facts.Reading, now: datetime) -> Reply | None:
        """What needs no model: a fact told or asked for, the past, who Vega is. None for all else.

        Raises DatabaseError.
        """
        reply = await self._reply(turn, reading, now)
        if reply is None or NO_RECORD[:-1] not in reply.text:
            return reply
        # What is not in the index yet is not what was never said.
        is_complete = (await self._store.word_index.report()).is_complete
        return reply if is_complete else replace(reply, text=NOT_YET)

    async def _reply(self, turn: Turn, reading: facts.Reading, now: datetime) -> Reply | None:
        if turn.origin in _FOR_MODELS:
            return None
        if reading.is_all:
            return Reply(facts.acknowledge(reading.said))
        if reply := await known.put_right(self._store, turn):
            return reply
        if facts.asks_who_vega_is(turn.prompt):
            return Reply(INTRODUCTION)
        asking = read_asking(turn.prompt)
        question = facts.read_question(turn.prompt)
        if question is not None and (asking is None or asking.wanted is not Wanted.SCHEDULE):
            reply = await self._fact(question, asking, turn, now)
            if reply is not None:
                return reply
        return await self._past(asking, turn, now) if asking is not None else None

    async def _fact(
        self, question: facts.Question, asking: Asking | None, turn: Turn, now: datetime
    ) -> Reply | None:
        """From what is known of the owner; else in their own words, where they once said it."""
        window = None
        if question.when is not None:
            recollection = await self._lookup.find(turn, now, BUDGET_TOKENS)
            window = recollection.window if recollection else None
        reply = await known.answer(self._store, question, turn, now, window)
        if reply is not None:
            return reply
        is_named = question.attribute is not None or question.all_of is not None or question.is_list
        if not is_named and not await known.spoken_of(self._store, (turn.at, turn.id)):
            # "What was it before?", and nobody spoke of the owner.
            return None
        found = await self._lookup.find(turn, now, BUDGET_TOKENS)
        if found is None:
            return Reply(NOT_NOW)
        wanted = asking or Asking(Wanted.PASSAGE)
        told = await passages.quoted(self._store, wanted, found, turn, now) if is_named else None
        return told or known.unknown(question)

    async def _past(self, asking: Asking, turn: Turn, now: datetime) -> Reply | None:
        match asking.wanted:
            case Wanted.FIRST:
                return await spans.first(self._store, turn, now)
            case Wanted.LAST:
                return await spans.last(self._store, turn, now)
            case Wanted.LAST_ANSWER:
                return await spans.last_answer(self._store, turn, now)
            case Wanted.LAST_TIME:
                return await spans.last_time(self._store, turn, now)
            case Wanted.OWNER:
                return await known.all_known(self._store, now)
            case Wanted.SCHEDULE:
                return await planned(self._store, turn, now)
        found = await self._lookup.find(turn, now, BUDGET_TOKENS)
        if found is None:
            return Reply(NOT_NOW) if asking.is_certain else None
        return await self._found(asking, found, turn, now)

    async def _found(
        self, asking: Asking, found: Recollection, turn: Turn, now: datetime
    ) -> Reply | None:
        """What recall found, as an answer."""
        if asking.wanted is Wanted.PROMPTS:
            return await spans.prompts_in(
                self._store, found.window, turn, now, is_of_questions=asking.is_of_questions
            )
        is_of_time = found.is_by_time_alone and found.window is not None
        if is_of_time and asking.voice is Role.USER:
            # "Tell me what I said yesterday": of a fixed form to those who know grammar.
            return await spans.prompts_in(
                self._store, found.window, turn, now, is_of_questions=asking.is_of_questions
            )
        if asking.wanted is Wanted.TALK or is_of_time:
            return await spans.talk_in(self._store, found.window, turn, now)
        told = await passages.quoted(self._store, asking, found, turn, now)
        if told is None and asking.is_certain:
            return passages.nothing(found.window, turn.zone)
        return told
