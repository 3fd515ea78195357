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
from datetime import datetime
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np

from vega.core.conversation import CHATTER_ORIGINS
from vega.core.life import records
from vega.core.life.recall_store import Said
from vega.core.life.vector_codes import Floats
from vega.core.life.vectors import Vectors
from vega.core.memory import TimeWindow
from vega.core.recall.asking import asks_for_time_alone, asks_what_was_said, ends, sought_words
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
from vega.core.recall.times import Anchor, TimeExpression, is_future, read_time
from vega.core.recall.windows import find_window, span_of
from vega.core.recollection import Recalled, Recollection
from vega.core.store import Store
from vega.core.words import words
from vega.errors import DatabaseError, ModelUnavailable
from vega.llm.base import Embedder

log = logging.getLogger(__name__)
Result = TypeVar("Result")
#: A place in the chronology: microseconds since 1970 in UTC, and a turn's id.
Place = tuple[int, int]

DEFAULT_BUDGET_TOKENS = 2000
DEFAULT_LIMIT = 100
#: Of a longer question its two ends are embedded.
EMBEDDED_CHARS = 1_000
#: A question is embedded in some milliseconds, unless a batch of the index is before it.
EMBEDDING_SECONDS = 1.5
#: Messages whose likeness is known without asking for each, and those that are looked at closely.
SEARCHED = 1_000
CANDIDATES = 400
#: Pieces of messages. In a longer life only the likeness of those that are most alike is known: to
#: look up the others takes as long as the search did.
LONG_LIFE = 200_000
#: Messages by whose words days are judged, and long windows looked through: those with the most.
DAY_HITS = 1_500
#: Turns of a window that are known one by one; of a question of time alone those that are read.
WINDOW_TURNS = 20_000
READ_TURNS = 2_000
#: So many of those that are shown are compared with the question by all of their words.
COMPARED = 24
#: A message that is the same question is longer than it by so much and no more.
SAME_CHARS = 100
#: So many characters of messages that come last are held until then.
MOST_ASIDE_CHARS = 4_000_000
#: Messages of which the best that fit are shown.
READ_MESSAGES = 400
_DAY_MICROS = 86_400_000_000
END_OF_TIME: Place = (2**62, 2**62)


class Recall:
    """Finds what was said."""

    def __init__(
        self, store: Store, embedder: Embedder | None, vectors: Vectors | None, *, day_first: bool
    ) -> None:
        """Without an embedder or vectors it finds by words and time alone. `day_first`: 3/4 is
        3 April."""
        self._store = store
        self._embedder = embedder
        self._vectors = vectors
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
        if expression is None or window is None or is_future(expression.meaning, asked):
            window = window if expression else None
            return await self._pack(packer, await self._rank(question, end), question, window)
        if asks_for_time_alone(question, expression):
            return await self._pack_all(packer, window, end)
        # An anchor is part of what is asked for, but where it tells when something was said.
        is_what_was_said = asks_what_was_said(question)
        is_anchor = isinstance(expression.meaning, Anchor)
        looked_at = None if is_anchor and not is_what_was_said else window
        found = await self._rank(question, end, looked_at, is_what_was_said=is_what_was_said)
        return await self._pack(packer, found, question, looked_at)

    def _read_time(self, question: str, asked: datetime) -> TimeExpression | None:
        return read_time(question, asked, day_first=self._day_first)

    async def _window(
        self, expression: TimeExpression, asked: datetime, end: Place
    ) -> TimeWindow | None:
        async def find_anchor(phrase: str, within: TimeWindow | None) -> datetime | None:
            found = await self._rank(phrase, end, within, is_what_was_said=within is not None)
            if not found.ranked.ids:
                return None
            turn_id = found.ranked.ids[0] // 2
            places = await self._store.recall.places([turn_id])
            return records.moment(places[turn_id].at) if turn_id in places else None

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
        known, vector = await asyncio.gather(self._words(question), self._vector(question))
        try:
            hits = await self._work(lambda: word_scores(known.terms, known.total))
            later, within = await self._turns(end, window, hits)
            likenesses, chosen = await self._work(
                lambda: self._candidates(hits, vector, later, within, window)
            )
            places = await self._places(chosen, within)
            likenesses = await self._work(lambda: self._complete(likenesses, vector, places))
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

    async def _vector(self, question: str) -> Floats | None:
        """None where there is no embedder now, or it takes too long."""
        if self._vectors is None or self._embedder is None or not self._embedder.is_available:
            return None
        text = [ends(question, EMBEDDED_CHARS)]
        try:
            async with asyncio.timeout(EMBEDDING_SECONDS):
                return cast(Floats, (await self._embedder.embed(text))[0])
        except (ModelUnavailable, TimeoutError) as exc:
            log.debug("A question is answered without its meaning: %s", exc)
            return None

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
        later: Sequence[int],
        within: Sequence[int] | None,
        window: TimeWindow | None,
    ) -> tuple[Likenesses, list[int]]:
        likenesses = self._similar(vector, None)
        chosen = best_candidates(hits, likenesses, CANDIDATES, later)
        if window is not None and within:
            inside = self._similar(vector, window)
            likenesses = likenesses.joined(inside)
            if len(within) >= WINDOW_TURNS:
                within = [*within, *(id_ // 2 for id_ in inside.scores)]
            chosen += best_candidates(hits, inside, CANDIDATES, later, within)
        return likenesses, chosen

    def _similar(self, vector: Floats | None, window: TimeWindow | None) -> Likenesses:
        if vector is None or self._vectors is None:
            return Likenesses()
        days = None
        if window is not None:
            first, last = (records.micros(at) // _DAY_MICROS for at in (window.start, window.end))
            # In some zone it was another day.
            days = (first - 1, last + 1)
        try:
            found = self._vectors.search(vector, SEARCHED, days)
        except OSError as exc:
            log.warning("A question is answered without its meaning: %s", exc)
            return Likenesses()
        ids = found.message_ids.tolist()
        return Likenesses(
            dict(zip(ids, found.scores.tolist(), strict=True)),
            dict(zip(ids, found.pieces.tolist(), strict=True)),
            found.mean,
            found.deviation,
        )

    async def _places(self, chosen: Iterable[int], within: Sequence[int] | None) -> Places:
        """The turns of these messages, of the window's first, and those beside them."""
        wanted = {message_id // 2 for message_id in chosen} | set((within or ())[:CANDIDATES])
        places = await self._store.recall.places(wanted)
        beside = [id_ for turn in places.values() for id_ in (turn.before_id, turn.after_id)]
        more = await self._store.recall.places(
            id_ for id_ in beside if id_ is not None and id_ not in places
        )
        return {**places, **more}

    def _complete(
        self, likenesses: Likenesses, vector: Floats | None, places: Places
    ) -> Likenesses:
        """With those of all messages of these turns."""
        if vector is None or self._vectors is None or not likenesses.is_known:
            return likenesses
        if self._vectors.count > LONG_LIFE:
            return likenesses
        ids = [id_ for turn in places.values() for id_ in turn.message_ids]
        missing = [id_ for id_ in ids if id_ not in likenesses.scores]
        try:
            scores = self._vectors.scores_of(vector, missing)
        except OSError:
            return likenesses
        found = zip(missing, scores.tolist(), strict=True)
        more = {id_: score for id_, score in found if not np.isnan(score)}
        return replace(likenesses, scores={**likenesses.scores, **more})

    async def _days(self, known: QuestionWords, hits: tuple[Ids, Numbers]) -> dict[int, float]:
        days = await self._store.recall.days_of(best_turns(hits, DAY_HITS))
        totals, count = await self._store.recall.day_totals(days.values())
        mean = known.total / 2 / max(count, 1)
        return await self._work(lambda: day_scores(known.terms, days, totals, count, mean))

    # What is shown

    async def _pack(
        self, packer: Packer, found: "_Found", question: str, window: TimeWindow | None
    ) -> Recollection:
        asked = words(question)
        # What is much longer is not the same question: a book is not taken apart for that.
        most = SAME_CHARS + 2 * len(question)

        def take(messages: Iterator[Said]) -> None:
            aside: list[Said] = []
            held = 0
            for said in messages:
                if packer.is_full:
                    return
                # What is no talk of the owner's, and the same question asked before, come last.
                text = said.found.text
                if said.origin in CHATTER_ORIGINS or (len(text) <= most and words(text) == asked):
                    held += len(text)
                    if held <= MOST_ASIDE_CHARS:
                        aside.append(said)
                else:
                    found.add_to(packer, said)
            for said in aside:
                found.add_to(packer, said)

        ranked = list(zip(found.ranked.ids, found.ranked.scores, strict=True))[:READ_MESSAGES]
        is_complete = await self._read(ranked, take) and found.known.is_complete
        items = await self._work(packer.items)
        shown = await self._with_shares(items, found.known)
        return Recollection(window, shown, is_complete=is_complete)

    async def _with_shares(
        self, items: tuple[Recalled, ...], known: QuestionWords
    ) -> tuple[Recalled, ...]:
        ids = [item.found.message_id for item in items[:COMPARED]]
        try:
            shares = await self._store.recall.shares(ids, known.weights)
        except DatabaseError as exc:
            log.warning("What was found is not compared by its words: %s", exc)
            return items
        compared = [
            replace(item, word_share=shares[id_]) for id_, item in zip(ids, items, strict=False)
        ]
        return (*compared, *items[len(compared) :])

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

    def add_to(self, packer: Packer, said: Said) -> bool:
        return packer.add(
            said.found,
            piece=self.likenesses.pieces.get(said.message_id),
            likeness=self.likenesses.scores.get(said.message_id),
        )
