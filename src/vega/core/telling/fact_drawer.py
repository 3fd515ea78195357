"""Draws facts in the background: from turns that were imported, and by a model where it is able.

What the owner says now was read by rules when its turn ended; a model reads it behind that, while
nobody waits for an answer. What was imported is read by rules. When the owner wants it, the whole
life is read again, the newest turns first. Each step is one transaction with its progress, so a
process that dies goes on where it was. Which turns wait, `vega.core.life.reading_store` knows.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from vega.core.conversation import CHATTER_ORIGINS, Turn, TurnStatus
from vega.core.facts import read_statements
from vega.core.life.reading_store import Read
from vega.core.memory import Statement
from vega.core.store import Store
from vega.core.telling.fact_drawing import FORM, REPLY_CHARS, candidates, read_reply, request
from vega.core.telling.scribe import TIMEOUT_SECONDS, Activity, Scribe
from vega.errors import DatabaseError, ModelUnavailable, SummaryFailed
from vega.llm.base import ModelProfile, Models

log = logging.getLogger(__name__)

#: Read in one step, and written in one transaction.
TURNS_AT_ONCE = 20
#: How often it is looked whether there is something to read: imports ring no bell.
LOOK_SECONDS = 30.0
#: A model that keeps what it has read of the conversation is asked when nobody has spoken for so
#: long: it must read that again at the next turn.
LEISURE_SECONDS = 60.0
#: After so many failures in a row a model is not asked for so long.
MOST_FAILURES = 3
PAUSE_SECONDS = 600.0
#: Failures that may not be the turn's.
_PASSING = ("timeout", "model error")


class Rest(Activity, Protocol):
    """Whether somebody waits for an answer, and until when."""

    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether nobody does now, or within that time."""
        ...


class _NotNow(Exception):
    """No model can be asked at this moment; what it is for waits."""


class FactDrawer:
    """Draws the facts of one life."""

    def __init__(
        self,
        store: Store,
        models: Models,
        rest: Rest,
        timeout_seconds: float = TIMEOUT_SECONDS,
        leisure_seconds: float = LEISURE_SECONDS,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        self._store = store
        self._models = models
        self._rest = rest
        self._scribe = Scribe(models, rest, timeout_seconds, store.facts.privacy)
        self._leisure_seconds = leisure_seconds
        self._look_seconds = look_seconds
        self._woken = asyncio.Event()
        self._busy_at = float("-inf")
        self._paused_until = float("-inf")
        #: In a row; and of each turn.
        self._model_failures = 0
        self._tries: Counter[int] = Counter()
        self._task: asyncio.Task[None] | None = None

    @property
    def failures(self) -> Counter[str]:
        """How many replies of a model were not taken, by the reason."""
        return self._scribe.failures

    async def start(self) -> None:
        self._task = asyncio.create_task(self._work(), name="facts")

    async def close(self) -> None:
        """Ends; a step that is under way is taken up at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def begin_again(self) -> int:
        """Facts are drawn again from the whole life, in the background: from how many turns."""
        count = await self._store.readings.begin_again()
        self._woken.set()
        return count

    async def pending(self) -> int:
        """From how many turns facts are still to be drawn."""
        return await self._store.readings.pending()

    async def draw(self) -> None:
        """All that can be drawn now, while nobody waits for an answer. Raises DatabaseError."""
        while await self._rest.wait_until_idle(0) and await self._step():
            pass

    async def _work(self) -> None:
        while True:
            try:
                await self.draw()
            except DatabaseError as exc:
                log.error("Facts cannot be drawn now: %s", exc)
            except Exception:
                log.exception("Facts cannot be drawn now")
            await self._wait()

    async def _wait(self) -> None:
        """Until somebody has spoken and has their answer, or something may have been imported."""
        waits = [
            asyncio.create_task(self._rest.wait_until_busy()),
            asyncio.create_task(self._woken.wait()),
        ]
        try:
            done, _ = await asyncio.wait(
                waits, timeout=self._look_seconds, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        self._woken.clear()
        if waits[0] in done:
            while not await self._rest.wait_until_idle(self._look_seconds):
                pass
            self._busy_at = asyncio.get_running_loop().time()

    async def _step(self) -> bool:
        """The next step; whether there may be another."""
        imported = await self._store.readings.unread(TURNS_AT_ONCE, for_model=False)
        if imported:
            read = await asyncio.to_thread(lambda: [_by_rules(turn) for turn in imported])
            await self._store.readings.take(read)
            return True
        try:
            return await self._read_told() or await self._read_again()
        except _NotNow:
            return False

    async def _read_told(self) -> bool:
        """One turn that was told lately is read by the model. Raises _NotNow."""
        told = await self._store.readings.unread(1, for_model=True)
        if not told:
            return False
        turn = told[0]
        statements, model = await self._draw(turn)
        drawn = [(statement, model) for statement in statements]
        await self._store.readings.take([Read(turn, drawn)])
        return True

    async def _read_again(self) -> bool:
        """The next turns of a life that is read again. Raises _NotNow."""
        place, turns = await self._store.readings.unread_again(TURNS_AT_ONCE)
        if not place:
            return False
        read: list[Read] = []
        next_turn_id = 0
        for turn in turns:
            by_rules = await asyncio.to_thread(_by_rules, turn)
            statements, model = await self._draw(turn)
            if _is_readable(turn):
                # Where both say something of one thing, the rules' counts: it is the last.
                drawn = [*((each, model) for each in statements), *by_rules.drawn]
                read.append(Read(turn, drawn, is_by_model=model is not None))
            next_turn_id = turn.id - 1
            if model is not None and candidates(turn.prompt):
                # A model has taken its time; what it said is kept at once.
                break
        await self._store.readings.take_again(read, place, next_turn_id)
        return True

    async def _draw(self, turn: Turn) -> tuple[Sequence[Statement], str | None]:
        """What an able model draws from the turn, and its name; nothing, and None, where none may
        read it. Raises _NotNow."""
        if not _is_readable(turn):
            return (), None
        profile = await self._profile()
        if not profile.is_able:
            return (), None
        if self._tries[turn.id] >= MOST_FAILURES:
            del self._tries[turn.id]
            return (), None
        if not candidates(turn.prompt):
            return (), profile.name
        if not profile.is_here:
            privacy = await self._store.facts.privacy()
            if privacy.hides_turn(turn.id, turn.prompt):
                return (), None
        return await self._ask(turn, profile)

    async def _profile(self) -> ModelProfile:
        """Of the model that may be asked now. Raises _NotNow."""
        try:
            profile = await self._models.profile()
        except ModelUnavailable as exc:
            raise _NotNow from exc
        now = asyncio.get_running_loop().time()
        is_at_leisure = now >= self._busy_at + self._leisure_seconds
        if profile.is_able and (
            profile.is_asleep
            or now < self._paused_until
            or (profile.can_continue and not is_at_leisure)
        ):
            raise _NotNow
        return profile

    async def _ask(
        self, turn: Turn, profile: ModelProfile
    ) -> tuple[Sequence[Statement], str | None]:
        try:
            reply = await self._scribe.ask(REPLY_CHARS, lambda _: request(turn), FORM)
            if reply is None:
                raise _NotNow
            statements = _read(reply.text, turn)
        except SummaryFailed as failure:
            log.info("The model drew no facts from turn %d: %s", turn.id, failure)
            self._model_failures += 1
            if self._model_failures >= MOST_FAILURES:
                self._model_failures = 0
                self._paused_until = asyncio.get_running_loop().time() + PAUSE_SECONDS
            if str(failure) not in _PASSING:
                return (), None
            self._tries[turn.id] += 1
            raise _NotNow from failure
        self._model_failures = 0
        self._tries.pop(turn.id, None)
        return statements, reply.model


def _read(reply: str, turn: Turn) -> Sequence[Statement]:
    """Raises SummaryFailed, whatever is wrong with it."""
    try:
        return read_reply(reply, turn.prompt)
    except SummaryFailed:
        raise
    except Exception as error:
        log.exception("What a model drew from turn %d could not be read", turn.id)
        raise SummaryFailed("unforeseen error") from error


def _is_readable(turn: Turn) -> bool:
    """Whether there is anything of the owner's in it."""
    return (
        turn.status is TurnStatus.COMPLETED
        and turn.origin not in CHATTER_ORIGINS
        and not turn.is_damaged
        and turn.forgotten_at is None
    )


def _by_rules(turn: Turn) -> Read:
    try:
        statements = read_statements(turn.prompt).statements if _is_readable(turn) else ()
    except Exception:
        # Else it would end each pass that comes to it, for ever.
        log.exception("Turn %d could not be read", turn.id)
        statements = ()
    return Read(turn, [(statement, None) for statement in statements])
