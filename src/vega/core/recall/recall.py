"""What the past says to a question: by words, by meaning and by time, in every tier.

No model speaks in it, and it stores nothing. Whatever fails on the way (no vectors yet, a damaged
index) leaves out only what it would have said. What one question looks at is bounded, however
long the life; the numbers are worked on in a thread of their own.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from vega.core.conversation import CHATTER_ORIGINS
from vega.core.life import records
from vega.core.life.recall_store import Said
from vega.core.life.vector_codes import Floats
from vega.core.life.vectors import Vectors
from vega.core.memory import TimeWindow
from vega.core.recall.asking import (
    asks_for_questions,
    asks_for_the_past,
    asks_for_time_alone,
    asks_what_was_said,
    ends,
    sought_words,
)
from vega.core.recall.comparing import (
    ANCHORS_TRIED,
    Aside,
    all_that_tell,
    compared,
    is_repetition,
    may_be_anchor,
    says_something,
    tells_of,
)
from vega.core.recall.meaning import Meaning
from vega.core.recall.packing import Packer
from vega.core.recall.ranking import (
    Ids,
    Numbers,
    Places,
    QuestionWords,
    day_scores,
    word_scores,
)
from vega.core.recall.scoring import (
    Asked,
    Likenesses,
    Ranked,
    best_candidates,
    best_turns,
    rank,
)
from vega.core.recall.stays import Occasion, occasion, place_of, stay
from vega.core.recall.times import Anchor, TimeExpression, is_future, read_time
from vega.core.recall.windows import find_window, span_of
from vega.core.recollection import Recalled, Recollection
from vega.core.store import Store
from vega.core.words import words
from vega.errors import DatabaseError
from vega.llm.base import Embedder

log = logging.getLogger(__name__)
Result = TypeVar("Result")
#: A place in the chronology: microseconds since 1970 in UTC, and a turn's id.
Place = tuple[int, int]

DEFAULT_BUDGET_TOKENS = 2000
DEFAULT_LIMIT = 100
#: Messages that are looked at closely.
CANDIDATES = 400
#: Messages by whose words days are judged, and long windows looked through: those with the most.
DAY_HITS = 1_500
#: Turns of a window that are known one by one; of a question of time alone those that are read.
WINDOW_TURNS = 20_000
READ_TURNS = 2_000
#: A message that is the same question is longer than it by so much and no more.
SAME_CHARS = 100
#: So many characters of messages that come last are held until then.
MOST_ASIDE_CHARS = 4_000_000
#: Messages of which the best that fit are shown.
READ_MESSAGES = 400
#: Of the messages that may tell of a time.
ANCHOR_TOKENS = 8_000
END_OF_TIME: Place = (2**62, 2**62)


class Recall:
    """Finds what was said."""

    def __init__(
        self, store: Store, embedder: Embedder | None, vectors: Vectors | None, *, day_first: bool
    ) -> None:
        """Without an embedder or vectors it finds by words and time alone. `day_first`: 3/4 is
        3 April."""
        self._store = store
        self._meaning = Meaning(embedder, vectors)
        self._day_first = day_first
        # One question after the other: numbers are worked on in a few milliseconds.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="vega-recall")

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def find(
        self,
        question: str,
        *,
        now: datetime,
        zone: str,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        limit: int = DEFAULT_LIMIT,
        before: tuple[datetime, int] | None = None,
    ) -> Recollection:
        """What fits the question, packed into the budget.

        `zone` is the owner's IANA zone at the moment of asking. `before` is the place (at, id) of
        the turn that asks: neither itself nor what is later is found. Each item's `score` says
        only how it compares with the others; whether it surely is about the question says
        `vega.core.recall.relevance.is_about`.
        """
        question = ends(question)
        end = (records.micros(before[0]), before[1]) if before else END_OF_TIME
        asked = now.astimezone(ZoneInfo(zone))
        expression = await self._work(lambda: self._read_time(question, asked))
        window = await self._window(expression, asked, end) if expression else None
        packer = Packer(budget_tokens, limit)
        is_anchor = expression is not None and isinstance(expression.meaning, Anchor)
        if expression is None or window is None or is_future(expression.meaning, asked):
            found = await self._rank(question, end)
            recollection = await self._pack(packer, found, question, window)
            is_unknown = is_anchor and window is None and expression is not None
            unknown = expression.words if expression is not None and is_unknown else None
            return replace(recollection, unknown_time=unknown)
        if asks_for_time_alone(question, expression):
            return await self._pack_all(packer, window, end)
        # An anchor is part of what is asked for, but where it tells when something was said.
        is_what_was_said = asks_what_was_said(question)
        looked_at = None if is_anchor and not is_what_was_said else window
        found = await self._rank(question, end, looked_at, is_what_was_said=is_what_was_said)
        said_then = expression.words if looked_at is not None else ""
        return await self._pack(packer, found, question, looked_at, said_then)

    def _read_time(self, question: str, asked: datetime) -> TimeExpression | None:
        return read_time(question, asked, day_first=self._day_first)

    async def _window(
        self, expression: TimeExpression, asked: datetime, end: Place
    ) -> TimeWindow | None:
        async def told_of(phrase: str, within: TimeWindow | None) -> Sequence[Recalled]:
            is_of_talk = says_something(phrase)
            found = await self._rank(phrase, end, within, is_what_was_said=within is not None)
            packer = Packer(ANCHOR_TOKENS, ANCHORS_TRIED)

            def take(messages: Iterator[Said]) -> None:
                for said in messages:
                    if packer.is_full:
                        return
                    if may_be_anchor(said, is_of_talk=is_of_talk):
                        found.add_to(packer, said)

            await self._read(found.best, take)
            items = await compared(self._store, packer.items(), phrase)
            if within is not None:
                items = tuple(i for i in items if within.start <= i.found.at < within.end)
            return items

        async def find_anchor(phrase: str, within: TimeWindow | None) -> Occasion | None:
            place = place_of(phrase)
            of_place = all_that_tell(await told_of(place, within)) if place else []
            if found := stay(of_place):
                return found
            told = tells_of(await told_of(phrase, within)) or tells_of(of_place)
            zone = asked.tzinfo or UTC
            return occasion(told, zone, day_first=self._day_first) if told else None

        try:
            return await find_window(self._store, expression, asked, find_anchor)
        except DatabaseError as exc:
            log.warning("No window of time for a question: %s", exc)
            return None

    # By words and meaning

    async def _rank(
        self,
        question: str,
        end: Place,
        window: TimeWindow | None = None,
        *,
        is_what_was_said: bool = False,
    ) -> "_Found":
        known, vector = await asyncio.gather(self._words(question), self._meaning.vector(question))
        try:
            waiting = await self._store.embedding.count() if vector is not None else 0
            hits = await self._work(lambda: word_scores(known.terms, known.total))
            later, within = await self._turns(end, window, hits)
            likenesses, chosen = await self._work(
                lambda: self._candidates(hits, vector, waiting, later, within, window)
            )
            places = await self._places(chosen, within)
            likenesses = await self._work(
                lambda: self._meaning.completed(likenesses, vector, places)
            )
            asked = Asked(
                known,
                frozenset(words(question)),
                end,
                span_of(window),
                is_what_was_said,
                await self._days(known, hits),
            )
            lengths = {id_: count for turn in places.values() for id_, count in turn.lengths}
            ranked = await self._work(
                lambda: rank(
                    asked, places, likenesses, word_scores(known.terms, known.total, lengths)
                )
            )
        except DatabaseError as exc:
            log.warning("A question found nothing: %s", exc)
            return _Found(replace(known, is_complete=False))
        return _Found(known, likenesses, ranked)

    async def _words(self, question: str) -> QuestionWords:
        try:
            return await self._store.recall.words(sought_words(question))
        except DatabaseError as exc:
            log.warning("A question is answered without its words: %s", exc)
            return QuestionWords()

    async def _turns(
        self, end: Place, window: TimeWindow | None, hits: tuple[Ids, Numbers]
    ) -> tuple[list[int], list[int] | None]:
        """Those that may not be found, and those of the window; of a long one the first, and those
        that fit the words."""
        store = self._store.recall
        later = await store.turns_from(end, WINDOW_TURNS) if end != END_OF_TIME else []
        if window is None:
            return later, None
        span = (window.start, window.end, end)
        within = await store.turns_between(*span, WINDOW_TURNS)
        if len(within) >= WINDOW_TURNS:
            within += await store.turns_among(best_turns(hits, DAY_HITS), *span)
        return later, within

    def _candidates(
        self,
        hits: tuple[Ids, Numbers],
        vector: Floats | None,
        waiting: int,
        later: Sequence[int],
        within: Sequence[int] | None,
        window: TimeWindow | None,
    ) -> tuple[Likenesses, list[int]]:
        likenesses = self._meaning.similar(vector, waiting)
        chosen = best_candidates(hits, likenesses, CANDIDATES, later)
        if window is not None and within:
            inside = self._meaning.similar(vector, waiting, window)
            likenesses = likenesses.joined(inside)
            if len(within) >= WINDOW_TURNS:
                within = [*within, *(id_ // 2 for id_ in inside.scores)]
            chosen += best_candidates(hits, inside, CANDIDATES, later, within)
        return likenesses, chosen

    async def _places(self, chosen: Iterable[int], within: Sequence[int] | None) -> Places:
        """The turns of these messages, of the window's first, and those beside them."""
        wanted = {message_id // 2 for message_id in chosen} | set((within or ())[:CANDIDATES])
        places = await self._store.recall.places(wanted)
        beside = [id_ for turn in places.values() for id_ in (turn.before_id, turn.after_id)]
        more = await self._store.recall.places(
            id_ for id_ in beside if id_ is not None and id_ not in places
        )
        return {**places, **more}

    async def _days(self, known: QuestionWords, hits: tuple[Ids, Numbers]) -> dict[int, float]:
        days = await self._store.recall.days_of(best_turns(hits, DAY_HITS))
        totals, count = await self._store.recall.day_totals(days.values())
        mean = known.total / 2 / max(count, 1)
        return await self._work(lambda: day_scores(known.terms, days, totals, count, mean))

    # What is shown

    async def _pack(
        self,
        packer: Packer,
        found: "_Found",
        question: str,
        window: TimeWindow | None,
        time_words: str = "",
    ) -> Recollection:
        asked, is_of_questions = words(question), asks_for_questions(question)
        is_of_the_past = asks_for_the_past(question)
        # What is much longer is not the same question: a book is not taken apart for that.
        most = SAME_CHARS + 2 * len(question)

        def take(messages: Iterator[Said]) -> None:
            # What only repeats what was said comes behind all that fits; what is no talk of the
            # owner's, and the same question asked before, behind everything.
            again, aside = Aside(MOST_ASIDE_CHARS), Aside(MOST_ASIDE_CHARS)
            for said in messages:
                if packer.is_full:
                    return
                text = said.found.text
                if said.message_id in found.ranked.unfit:
                    again.empty(packer, found.add_to)
                is_same = len(text) <= most and words(text) == asked
                # "What did you suggest with leeks?" is not what was asked for a suggestion.
                is_same = is_same and asks_for_the_past(text) == is_of_the_past
                if is_same or said.origin in CHATTER_ORIGINS:
                    aside.add(said)
                elif is_repetition(said, is_of_questions=is_of_questions):
                    again.add(said)
                else:
                    found.add_to(packer, said)
            for each in (again, aside):
                each.empty(packer, found.add_to)

        is_complete = await self._read(found.best, take) and found.known.is_complete
        items = await self._work(packer.items)
        shown = await compared(self._store, items, question, time_words)
        return Recollection(window, shown, is_complete=is_complete)

    async def _pack_all(self, packer: Packer, window: TimeWindow, end: Place) -> Recollection:
        """What was said in that time, in its order, while the room lasts."""

        def take(messages: Iterator[Said]) -> None:
            for said in messages:
                if packer.is_full:
                    return
                if said.origin not in CHATTER_ORIGINS:
                    packer.add(said.found)

        ids: list[tuple[int, float]] = []
        is_known = True
        try:
            turns = await self._store.recall.turns_between(
                window.start, window.end, end, READ_TURNS
            )
            ids = [(message_id, 0.0) for id_ in turns for message_id in (2 * id_, 2 * id_ + 1)]
        except DatabaseError as exc:
            log.warning("What was said in a time is not known: %s", exc)
            is_known = False
        is_complete = await self._read(ids, take) and is_known
        return Recollection(window, packer.items(), is_by_time_alone=True, is_complete=is_complete)

    async def _read(
        self, ranked: Sequence[tuple[int, float]], take: Callable[[Iterator[Said]], None]
    ) -> bool:
        """Whether all of it could be read."""
        try:
            await self._store.recall.read(ranked, take)
        except DatabaseError as exc:
            log.warning("Not all that a question found could be read: %s", exc)
            return False
        return True

    async def _work(self, work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


@dataclass(frozen=True, slots=True)
class _Found:
    """What ranking has found for a question."""

    known: QuestionWords
    likenesses: Likenesses = field(default_factory=Likenesses)
    ranked: Ranked = field(default_factory=Ranked)

    @property
    def best(self) -> list[tuple[int, float]]:
        """Those that are read, each with its score."""
        return list(zip(self.ranked.ids, self.ranked.scores, strict=True))[:READ_MESSAGES]

    def add_to(self, packer: Packer, said: Said) -> bool:
        return packer.add(
            said.found,
            piece=self.likenesses.pieces.get(said.message_id),
            likeness=self.likenesses.scores.get(said.message_id),
        )
