"""Decides what of a prompt the store alone answers, and has it said."""

from dataclasses import replace
from datetime import datetime

from vega.core import facts
from vega.core.conversation import CHATTER_ORIGINS, Turn
from vega.core.importing import Role
from vega.core.lookup import Lookup
from vega.core.recollection import Recollection
from vega.core.replies import kin, known, occasions, own_words, passages, spans
from vega.core.replies.asking import Asking, Wanted, read_asking
from vega.core.replies.forgetting import how_to_forget
from vega.core.replies.mentions import mentioned
from vega.core.replies.moments import ago_words
from vega.core.replies.names import asked_name, tells_of
from vega.core.replies.own_days import by_date, unknown_day, weekday_note
from vega.core.replies.passages import Passages
from vega.core.replies.reply import Lack, Reply
from vega.core.replies.schedule import planned, reminders
from vega.core.replies.vega import vegas_own
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
#: What was said in a time, which cannot lie ahead.
_OF_TALK = (Wanted.PROMPTS, Wanted.TALK, Wanted.NTH, Wanted.COUNT, Wanted.LAST_TIME)


class Replies:
    """What one life answers by itself."""

    def __init__(self, store: Store, lookup: Lookup) -> None:
        self._store = store
        self._lookup = lookup

    async def reply(self, turn: Turn, reading: facts.Reading, now: datetime) -> Reply | None:
        """What needs no model: a fact told or asked for, the past, who Vega is. None for all else.

        Raises DatabaseError.
        """
        if turn.origin in _FOR_MODELS:
            return None
        reply = await _Answering(self._store, self._lookup, now).reply(turn, reading)
        if reply is None or reply.lack is not Lack.RECORD:
            return reply
        # What is not in the index yet is not what was never said.
        is_complete = (await self._store.word_index.report()).is_complete
        return reply if is_complete else replace(reply, text=NOT_YET)


class _Answering:
    """One reply on its way. Whatever prompt is looked up for it, it is looked up once."""

    def __init__(self, store: Store, lookup: Lookup, now: datetime) -> None:
        self._store = store
        self._lookup = lookup
        self._now = now
        self._found: dict[str, Recollection | None] = {}

    async def _find(self, turn: Turn) -> Recollection | None:
        if turn.prompt not in self._found:
            found = await self._lookup.find(turn, self._now, BUDGET_TOKENS)
            self._found[turn.prompt] = found
        return self._found[turn.prompt]

    async def reply(self, turn: Turn, reading: facts.Reading) -> Reply | None:
        if reading.is_all:
            return Reply(facts.acknowledge(reading.said))
        if reply := await how_to_forget(self._store, turn.prompt, self._now):
            return reply
        if reply := await known.put_right(self._store, turn):
            return reply
        if facts.asks_who_vega_is(turn.prompt):
            return Reply(INTRODUCTION)
        if reply := await vegas_own(self._store, turn.prompt, self._now):
            return reply
        asking = read_asking(turn.prompt)
        if reply := await self._of_others(turn):
            return reply
        question = facts.read_question(turn.prompt)
        if question is not None and (asking is None or asking.wanted is not Wanted.SCHEDULE):
            reply = await self._fact(question, asking, turn)
            if reply is not None:
                return reply
        if asking is None or own_words.STATED.match(turn.prompt):
            return None
        reply = await self._past(asking, turn)
        name = asked_name(turn.prompt)
        if reply is None or name is None or asking.is_certain:
            return reply
        return reply if tells_of(name, await self._store.talk.turns(reply.sources)) else None

    async def _fact(
        self, question: facts.Question, asking: Asking | None, turn: Turn
    ) -> Reply | None:
        """From what is known of the owner; else in their own words, where they once said it."""
        window = None
        if question.when is not None:
            recollection = await self._find(turn)
            window = recollection.window if recollection else None
        reply = await known.answer(self._store, question, turn, self._now, window)
        if reply is not None:
            return reply
        if question.tense is facts.Tense.EVER and question.value is not None and asking is not None:
            # "Did I like the film?" is rather about a day than about what is known of the owner.
            return None
        is_named = question.attribute is not None or question.all_of is not None or question.is_list
        if not is_named and not await known.spoken_of(self._store, (turn.at, turn.id)):
            # "What was it before?", and nobody spoke of the owner.
            return None
        found = await self._find(turn) if is_named else None
        if is_named and found is None:
            return Reply(NOT_NOW)
        if found is None:
            return known.unknown(question)
        told = await own_words.of_owner(self._store, question, found, turn, self._now)
        if told is None and (said := own_words.told_as(question)):
            others = await self._find(replace(turn, prompt=said))
            if others is not None:
                told = await own_words.in_other_words(
                    self._store, question, others, turn, self._now
                )
        if told is None and question.kind not in own_words.OF_THE_THING:
            wanted = asking or Asking(Wanted.PASSAGE)
            if question.subject is not None:
                told = await Passages(self._store, wanted, found, turn, self._now).quoted()
            wanted = replace(wanted, is_certain=False)
            told = told or await Passages(self._store, wanted, found, turn, self._now).nearest()
        return told or known.unknown(question)

    async def _of_others(self, turn: Turn) -> Reply | None:
        """What is asked of somebody the owner knows, or of what the owner eats."""
        if food := facts.read_food_question(turn.prompt):
            told = await known.food(self._store, food, self._now)
            return told or (known.unknown(food) if food.attribute else None)
        asked = facts.read_kin_question(turn.prompt)
        somebody = await kin.find(self._store, asked, (turn.at, turn.id)) if asked else None
        if somebody is None:
            return None
        if reply := await kin.answer(self._store, somebody, self._now):
            return reply
        found = await self._find(turn)
        if found is None:
            return Reply(NOT_NOW)
        told = await own_words.of_another(self._store, somebody, found, turn, self._now)
        return told or kin.unknown(somebody)

    async def _past(self, asking: Asking, turn: Turn) -> Reply | None:
        match asking.wanted:
            case Wanted.FIRST:
                how_long = asking.is_how_long
                return await spans.first(self._store, turn, self._now, is_how_long=how_long)
            case Wanted.LAST:
                return await spans.last(self._store, turn, self._now)
            case Wanted.LAST_ANSWER:
                return await spans.last_answer(self._store, turn, self._now)
            case Wanted.LAST_TIME if not asking.names_time:
                return await spans.last_time(self._store, turn, self._now)
            case Wanted.OWNER:
                return await known.all_known(self._store)
            case Wanted.SCHEDULE:
                return await planned(self._store, turn, self._now)
            case Wanted.REMINDERS:
                return await reminders(self._store, turn, self._now)
        if time := spans.impossible(asking, turn.prompt):
            return await spans.never(self._store, time, turn, self._now)
        if asking.restated:
            turn = replace(turn, prompt=asking.restated)
        if dated := await by_date(self._store, turn.prompt):
            turn = replace(turn, prompt=dated)
            asking = read_asking(dated) or asking
        found = await self._find(turn)
        if found is None:
            return Reply(NOT_NOW) if asking.is_certain else None
        timed = await self._timed(asking, found, turn)
        reply = timed or await self._answer_by(asking, found, turn)
        if reply is not None and asking.is_how_long:
            return await _with_ago(self._store, reply, turn, self._now)
        day = unknown_day(turn.prompt)
        if reply is not None and day and reply.lack is Lack.RECORD:
            return Reply(f"You have not told me when your {day} is, so I cannot look that up.")
        note = weekday_note(turn.prompt, turn.zone, self._now) if found.window else None
        return replace(reply, text=f"{note} {reply.text}") if reply is not None and note else reply

    async def _timed(self, asking: Asking, found: Recollection, turn: Turn) -> Reply | None:
        """What is picked or counted of a time; None where something is asked about."""
        window = found.window
        if found.unknown_time is not None:
            return None
        if window is None and spans.needs_window(asking, turn.prompt, self._now):
            return spans.unread_time(turn)
        if window is not None and window.start >= self._now and asking.wanted in _OF_TALK:
            if spans.is_about(window, turn.prompt):
                return await planned(self._store, turn, self._now)
            return spans.ahead(window, turn, self._now)
        match asking.wanted:
            case Wanted.NTH:
                return await occasions.nth(self._store, asking, window, turn, self._now)
            case Wanted.COUNT:
                return await occasions.counted(self._store, asking, window, turn, self._now)
            case Wanted.LAST_TIME:
                return await occasions.when_talked(self._store, asking, window, turn, self._now)
            case Wanted.MOMENT if asking.subject:
                return await occasions.first_or_last_of(
                    self._store, asking, window, turn, self._now
                )
        return None

    async def _answer_by(self, asking: Asking, found: Recollection, turn: Turn) -> Reply | None:
        """What recall found, as an answer."""
        if heard := passages.replied_to(turn.prompt):
            then = replace(turn, prompt=heard)
            answered = await self._find(then)
            if answered and (
                reply := await passages.replied(self._store, asking, answered, then, self._now)
            ):
                return reply
        if found.unknown_time is not None:
            return await passages.at_an_unknown_time(self._store, asking, found, turn, self._now)
        if asking.wanted is Wanted.PROMPTS:
            return await spans.prompts_in(
                self._store, found.window, turn, self._now, is_of_questions=asking.is_of_questions
            )
        is_of_time = found.is_by_time_alone and found.window is not None
        if is_of_time and asking.voice is Role.USER:
            # "Tell me what I said yesterday": of a fixed form to those who know grammar.
            return await spans.prompts_in(
                self._store, found.window, turn, self._now, is_of_questions=asking.is_of_questions
            )
        if asking.wanted is Wanted.TALK or is_of_time:
            talk = await spans.talk_in(self._store, found.window, turn, self._now)
            # "Summarize 1984" may be about a book.
            return None if talk.lack and not asking.is_certain else talk
        about = Passages(self._store, asking, found, turn, self._now)
        told = (
            await mentioned(self._store, asking, about, turn, self._now)
            or await about.quoted()
            or await passages.last_advice(self._store, asking, turn, self._now)
            or await self._of_that_day(asking, found, turn)
            or await about.nearest()
        )
        if told is None and asking.is_certain:
            return passages.nothing(found.window, turn.zone)
        return told

    async def _of_that_day(self, asking: Asking, found: Recollection, turn: Turn) -> Reply | None:
        """All that the owner said in a short time, where only what they did then is asked for."""
        if not asking.is_certain or not passages.is_of_a_deed_alone(turn.prompt, found.window):
            return None
        told = await spans.prompts_in(
            self._store, found.window, turn, self._now, is_of_questions=False
        )
        return None if told.lack else told


async def _with_ago(store: Store, reply: Reply, turn: Turn, now: datetime) -> Reply:
    """With how long ago that was said, where it is of one turn."""
    found = await store.talk.turns(reply.sources) if len(reply.sources) == 1 else []
    if not found:
        return reply
    ago = ago_words(found[0].at, now, turn.zone)
    return Reply(f"{reply.text} That was said {ago} ago.", reply.sources)
