"""Digests: each day, week, month and year that is over, in a few sentences.

By the model where it is able, else in the words that were said. A day is told from its turns, a
week and a month from their days, a year from its months. Each is one short transaction that puts
the whole digest in its place, so a writer that is killed leaves nothing half done and does nothing
twice. A live turn goes first. When digests are written, `vega.core.nights` decides; which are due,
`vega.core.telling.periods`.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vega.core.clock import Clock
from vega.core.life.digest_store import Passage
from vega.core.memory import Digest, DigestKind, Summary
from vega.core.store import Store
from vega.core.telling.extract import clip, extract, summary_budget
from vega.core.telling.periods import Due, find_ready, name_of, parts_of
from vega.core.telling.retelling import MOST_PROMPT_CHARS, Span, retell_spans, retell_turns
from vega.core.telling.scribe import (
    INSTRUCTIONS,
    TIMEOUT_SECONDS,
    TOLERANCE,
    Activity,
    Request,
    Scribe,
    fence,
    readable_chars,
)
from vega.errors import SummaryFailed
from vega.llm.base import Message, ModelProfile, Models

log = logging.getLogger(__name__)

MOST_CHARS = {
    DigestKind.DAY: 400,
    DigestKind.WEEK: 500,
    DigestKind.MONTH: 500,
    DigestKind.YEAR: 600,
}
#: Of a day, at most so many turns are read, evenly over it.
MOST_TURNS = 120
#: Of a day with more turns the prompts say enough.
MOST_ANSWERED = 40
#: So many are read in one step, and of each text at most so much.
TURNS_AT_ONCE = 20
MOST_TEXT_CHARS = 60_000
#: After so many it is looked anew what is due: longer periods come soon behind their parts.
PERIODS_AT_ONCE = 20
#: What a model reads of a period, at the most; and of one of its parts, at the least.
MOST_READ_CHARS = 16_000
LEAST_LINE_CHARS = 80
#: Of one go, which the rest of a night's work waits for. What is left is written in the next one.
TIME_LIMIT_SECONDS = 1800.0
#: After so many of its texts in a row were not taken, a model is not asked again this time.
MOST_FAILURES = 3
WORDLESS = "Nothing of it can be told in words."

REQUEST = (
    "This is what was said between the owner and Vega, their assistant, in this time: {name}."
    "\n{fence}\n{material}\n{fence}\n\nWrite down for the owner what they told, asked and did "
    "then, so that they still know it in years: in their own language, in plain sentences of at "
    'most {words} words ({chars} characters) together, which speak to them as "you". What they '
    "told of themselves matters most. Keep the names and numbers that matter exactly as they are "
    "written, and add none. Write these sentences and nothing else."
)


@dataclass(frozen=True, slots=True)
class _Material:
    """What one digest is made from."""

    ends: tuple[int, int]
    #: One for each turn, or shorter period, in their order.
    lines: tuple[str, ...]
    #: Tells it without a model, in so many characters.
    retell: Callable[[int], str]
    #: Of a day.
    turn_ids: frozenset[int] = frozenset()


class DigestWriter:
    """Writes the digests of one life."""

    def __init__(
        self,
        store: Store,
        models: Models,
        activity: Activity,
        clock: Clock,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._store = store
        self._scribe = Scribe(models, activity, timeout_seconds, store.facts.privacy)
        self._clock = clock
        #: In a row, this time.
        self._model_failures = 0

    @property
    def failures(self) -> Counter[str]:
        """How many digests of a model were not taken, by the reason."""
        return self._scribe.failures

    async def write_due(self, limit: int = 1_000, seconds: float = TIME_LIMIT_SECONDS) -> int:
        """Writes what is due, the newest first, at most so many and for about so long: how many.

        Where a live turn comes while a model is to write, it ends and leaves the rest for the next
        time. Raises DatabaseError; what was written by then stays.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        self._model_failures = 0
        written, stuck = 0, set[Due]()
        while True:
            today = await self._store.digests.today(self._clock)
            ready = find_ready(await self._store.digests.due(today))
            batch = [due for due in ready if due not in stuck][:PERIODS_AT_ONCE]
            if not batch:
                return written
            for due in batch:
                if written >= limit or loop.time() >= until:
                    return written
                generation = self._store.forgetting.generation
                material = await self._material(due)
                if material is None:
                    stuck.add(due)
                    continue
                summary = await self._summary(due, material)
                if summary is None:
                    return written
                if generation != self._store.forgetting.generation:
                    # It may tell of what was forgotten since: it is looked at anew.
                    break
                now = self._clock.now()
                await self._store.digests.put(due, summary.text, summary.model, material.ends, now)
                written += 1

    async def _material(self, due: Due) -> _Material | None:
        """None where its turns are gone."""
        parts = parts_of(due.period)
        if parts is None:
            ids = await self._store.digests.turns_of_day(due.period.first, MOST_TURNS)
            return _of_turns(ids, await self._passages(ids)) if ids else None
        kind, first, last = parts
        digests = (await self._store.digests.find([kind], first, last, limit=366))[::-1]
        ends = await self._store.digests.ends(due.period)
        return _of_digests(ends, due.period.kind, digests) if ends and digests else None

    async def _passages(self, turn_ids: Sequence[int]) -> list[Passage]:
        """What these turns have to tell, their answers in short; in short steps."""
        has_answers = len(turn_ids) <= MOST_ANSWERED
        most = MOST_TEXT_CHARS if has_answers else MOST_PROMPT_CHARS
        found = list[Passage]()
        for start in range(0, len(turn_ids), TURNS_AT_ONCE):
            step = turn_ids[start : start + TURNS_AT_ONCE]
            read = await self._store.digests.passages(step, most)
            found += await asyncio.to_thread(_shortened, read, has_answers=has_answers)
        # The row of an archived turn does not say that it was chatter.
        return [each for each in found if not each.is_chatter] or found

    async def _summary(self, due: Due, material: _Material) -> Summary | None:
        """The model's, or what was said; None where a live turn comes before the model's."""
        most = MOST_CHARS[due.period.kind]
        budget = int(most / TOLERANCE)
        is_long = sum(map(len, material.lines)) > most
        if is_long and self._model_failures < MOST_FAILURES and await self._scribe.is_able():
            summary = None
            try:
                if self._scribe.is_idle:
                    summary = await self._scribe.write(
                        budget, lambda profile: _request(due, material, budget, profile)
                    )
                if summary is not None:
                    self._model_failures = 0
                    return summary
                if not self._scribe.is_idle:
                    return None
            except SummaryFailed as exc:
                log.info("The digest of %s is made of what was said: %s", name_of(due.period), exc)
                self._model_failures += 1
        text = await asyncio.to_thread(material.retell, most)
        return Summary(text or WORDLESS, None)


def _of_turns(ids: Sequence[int], passages: Sequence[Passage]) -> _Material:
    turns = [(each.prompt, each.answer) for each in passages]
    lines = tuple(
        f"Owner: {_line(prompt)} Vega: {_line(answer)}" if answer else f"Owner: {_line(prompt)}"
        for prompt, answer in turns
    )
    ends = (ids[0], ids[-1])
    return _Material(ends, lines, lambda room: retell_turns(turns, room), frozenset(ids))


def _of_digests(ends: tuple[int, int], kind: DigestKind, digests: Sequence[Digest]) -> _Material:
    spans = [Span(_label(kind, each), each.text) for each in digests]
    lines = tuple(f"{span.label}: {span.text}" for span in spans)
    return _Material(ends, lines, lambda room: retell_spans(spans, room))


def _label(kind: DigestKind, part: Digest) -> str:
    """How a part is called within a longer period."""
    first = part.first_day
    if kind is DigestKind.WEEK:
        return f"{first:%A}"
    return f"{first:%B}" if kind is DigestKind.YEAR else f"{first.day} {first:%B}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _shortened(passages: Sequence[Passage], *, has_answers: bool) -> list[Passage]:
    """The same whatever tier each lives in: an extracted summary is made of the answer so too."""
    return [
        replace(
            each,
            answer=extract(each.answer, summary_budget(each.answer)) if has_answers else "",
        )
        for each in passages
    ]


def _request(due: Due, material: _Material, budget: int, profile: ModelProfile) -> Request:
    lines = material.lines
    room = min(MOST_READ_CHARS, readable_chars(profile, budget, "".join(lines)))
    step = -(-len(lines) * LEAST_LINE_CHARS // max(room, LEAST_LINE_CHARS))
    read = lines[:: max(1, step)]
    share = max(LEAST_LINE_CHARS, room // len(read)) - 1
    quoted = "\n".join(clip(line, share) for line in read)
    name = name_of(due.period)
    content = REQUEST.format(
        name=name, fence=fence(quoted), material=quoted, words=max(budget // 6, 5), chars=budget
    )
    messages = (Message("system", INSTRUCTIONS), Message("user", content))
    said = f"{name}\n{quoted}"
    if material.turn_ids:
        return Request(messages, material=said, turn_ids=material.turn_ids)
    return Request(messages, material=said, span=(due.period.first, due.period.last))
