"""The assistant: takes each turn from its prompt to its stored answer.

Turns are answered one at a time, in the order in which they arrived, by one worker. A prompt is
on the disk before anybody hears of it; each end is one transaction; so whenever the process dies,
what is in the store says exactly what is left to do.
"""

import asyncio
import logging

from vega.core import facts
from vega.core.clock import Clock
from vega.core.context import Context
from vega.core.conversation import CHATTER_ORIGINS, NewTurn, Outcome, Turn, TurnStatus
from vega.core.finder import Finder
from vega.core.live_turns import LiveTurn, LiveTurns
from vega.core.lookup import Lookup
from vega.core.memory import Statement
from vega.core.replies import Replies
from vega.core.store import Store
from vega.core.writing import Writer
from vega.errors import (
    AttemptFailed,
    ContextOverflow,
    DatabaseError,
    ModelError,
    ModelLoading,
    ModelUnavailable,
    QueueFull,
    StorageFull,
    TurnEnded,
    as_sentence,
)
from vega.llm.base import Chosen, Ending, ModelProfile, Models

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
#: Before the second attempt, and twice as long before the third: a server may recover.
ATTEMPT_PAUSE_SECONDS = 1.0
#: Deaths of the process over one turn, in a row and without progress, after which it is given up:
#: more than a turn meets by chance, few enough that it cannot stop Vega for good.
MAX_INTERRUPTIONS = 10
#: How long a client waits for a model that is not there, or only loading, before it hears so.
PATIENCE_SECONDS = 3.0
LOADING_PATIENCE_SECONDS = 60.0
#: How long to wait for a model, or a disk with room, before looking again.
RETRY_SECONDS = 15.0
DISK_RETRY_SECONDS = 5.0


class Assistant:
    """Answers the turns of one life."""

    def __init__(
        self,
        store: Store,
        live_turns: LiveTurns,
        models: Models,
        context: Context,
        clock: Clock,
        queue_limit: int,
        lookup: Lookup,
    ) -> None:
        self._store = store
        self._live_turns = live_turns
        self._models = models
        self._writer = Writer(store, context, clock)
        self._replies = Replies(store, lookup)
        self._finder = Finder(store, lookup)
        self._clock = clock
        self._queue_limit = queue_limit
        self._arriving = 0
        self._arrived = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._streaming: asyncio.Task[Ending] | None = None
        #: The model of this attempt, once it is chosen.
        self._chosen: Chosen | None = None
        #: Why no model can be asked now; None when one can.
        self._away: ModelUnavailable | None = None

    async def start(self) -> None:
        """Takes up what the last process left, then answers whatever comes."""
        for turn in await self._store.take_up_turns():
            if turn.interruptions >= MAX_INTERRUPTIONS or turn.attempts >= MAX_ATTEMPTS:
                await self._give_up(turn)
            else:
                self._live_turns.add(turn)
        self._worker = asyncio.create_task(self._work(), name="assistant")

    async def close(self) -> None:
        """Ends the worker; an answer that is being written keeps what there is of it."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        try:
            for live in self._live_turns.in_order():
                if live.text:
                    await self._store.save_part(live.turn.id, live.generation, live.text)
            # So that the next start does not blame a turn for an end that the owner wanted.
            await self._store.lay_down_turns()
        except DatabaseError as exc:
            log.error("The answer in hand could not be saved; it is asked anew: %s", exc)

    @property
    def away_reason(self) -> str | None:
        """Why no model can be asked now, as far as the worker knows."""
        return str(self._away) if self._away else None

    @property
    def is_alive(self) -> bool:
        """Whether the worker is at work."""
        return self._worker is not None and not self._worker.done()

    def forget_counts(self) -> None:
        """Let go of how many tokens the texts of the life are; they are counted anew."""
        self._writer.forget_counts()

    # What clients ask

    @property
    def queue_length(self) -> int:
        return len(self._live_turns)

    async def submit(self, new: NewTurn) -> Turn:
        """Stores the prompt: the turn that it is from now on, or that its key has long named.

        Raises QueueFull, KeyReused, StorageFull.
        """
        if len(self._live_turns) + self._arriving >= self._queue_limit:
            known = new.idempotency_key and await self._store.find_turn_of_key(new.idempotency_key)
            if not known:
                raise QueueFull
        # A caller that leaves in the middle must not leave a stored turn that nobody answers.
        self._arriving += 1
        return await asyncio.shield(asyncio.ensure_future(self._accept(new)))

    async def _accept(self, new: NewTurn) -> Turn:
        try:
            turn, is_new = await self._store.accept_turn(new)
        finally:
            self._arriving -= 1
        if is_new:
            self._queue(turn)
        return turn

    async def ask_again(self, turn_id: int) -> Turn:
        """The ended turn gets one more answer; the earlier ones stay."""
        if len(self._live_turns) + self._arriving >= self._queue_limit:
            raise QueueFull
        self._arriving += 1
        return await asyncio.shield(asyncio.ensure_future(self._accept_again(turn_id)))

    async def _accept_again(self, turn_id: int) -> Turn:
        try:
            turn = await self._store.ask_again(turn_id)
        finally:
            self._arriving -= 1
        self._queue(turn)
        return turn

    async def stop(self, turn_id: int) -> Turn:
        """Stops the turn's answer; what there is of it is kept. Raises TurnNotFound, TurnEnded."""
        live = self._live_turns.find(turn_id)
        if live is None:
            await self._store.turn(turn_id)
            raise TurnEnded
        live.is_stop_requested = True
        if live is self._live_turns.running:
            if self._streaming is not None:
                self._streaming.cancel()
        else:
            await self._end(live, self._outcome(live, TurnStatus.STOPPED))
        return await self.wait_until_ended(turn_id)

    async def wait_until_ended(self, turn_id: int) -> Turn:
        """The turn with its end. Raises TurnNotFound, AnswerDelayed."""
        patience = PATIENCE_SECONDS, LOADING_PATIENCE_SECONDS
        return await self._live_turns.wait_until_ended(turn_id, *patience)

    # The worker

    def _queue(self, turn: Turn) -> None:
        self._live_turns.add(turn)
        self._arrived.set()

    async def _work(self) -> None:
        while True:
            self._arrived.clear()
            live = self._next()
            if live is None:
                await self._wait()
                continue
            try:
                async with self._live_turns.at_work:
                    self._live_turns.running = live
                    await self._attempt(live)
            except TurnEnded:
                ended = await self._store.turn(live.turn.id)
                # Stopped and asked again in the same moment, it waits once more.
                if ended.status.is_end:
                    self._live_turns.end(ended)
            except DatabaseError as exc:
                log.error("Turn %d waits: %s", live.turn.id, exc)
                live.delay_for(_reason(exc), is_short=False)
                await asyncio.sleep(DISK_RETRY_SECONDS)
            finally:
                self._live_turns.running = None

    def _next(self) -> LiveTurn | None:
        """The turn that came first; while the model is away, of those not yet tried without it."""
        for live in self._live_turns.in_order():
            if self._away is None or live.delay is None or live.is_stop_requested:
                return live
        return None

    async def _attempt(self, live: LiveTurn) -> None:
        self._chosen = None
        try:
            await self._answer(live)
        except ModelUnavailable as exc:
            if self._lets_another(exc):
                # The same turn is the next.
                return
            self._away = exc
            # Should Vega die while it waits, the turn is not to blame.
            await self._store.lay_down_turns()
            live.delay_for(str(exc), is_short=isinstance(exc, ModelLoading))
        except AttemptFailed as exc:
            await self._count_failure(live, exc, is_urgent=self._lets_another(exc))
        except (DatabaseError, TurnEnded):
            raise
        except Exception as exc:
            log.exception("Turn %d could not be answered", live.turn.id)
            await self._count_failure(live, exc)
        finally:
            if self._chosen is not None:
                self._models.done(self._chosen)

    def _lets_another(self, error: ModelError) -> bool:
        """Whether another model is to be asked at once, now that the one that was has failed."""
        return self._chosen is not None and self._models.failed(self._chosen, error)

    async def _wait(self) -> None:
        """Until a turn has arrived, or it is time to ask an absent model again."""
        if self._away is None:
            await self._arrived.wait()
            return
        arrived = asyncio.create_task(self._arrived.wait())
        model = asyncio.create_task(self._models.wait_until_available(RETRY_SECONDS))
        try:
            await asyncio.wait((arrived, model), return_when=asyncio.FIRST_COMPLETED)
            if model.done():
                self._away = None
                if model.result():
                    for live in self._live_turns.in_order():
                        live.resume()
        finally:
            arrived.cancel()
            model.cancel()
            await asyncio.gather(arrived, model, return_exceptions=True)

    async def _answer(self, live: LiveTurn) -> None:
        """From the store where the model may not be trusted with it, else by the model."""
        if live.is_stop_requested:
            await self._end(live, self._outcome(live, TurnStatus.STOPPED))
            return
        is_chatter = live.turn.origin in CHATTER_ORIGINS
        reading = facts.Reading() if is_chatter else facts.read_statements(live.turn.prompt)
        if not reading.said and not is_chatter:
            reading = await self._store.readings.of_known(live.turn)
        chosen: Chosen | None = None
        away = self._away
        if away is None:
            try:
                chosen = self._chosen = await self._models.choose()
            except ModelUnavailable as exc:
                away = exc
        if chosen is None or not chosen.profile.is_able:
            now = self._clock.now()
            reply = await self._replies.reply(live.turn, reading, now)
            if reply is not None:
                if not reply.text.startswith(live.text):
                    # A model had begun otherwise: readers drop what they hold.
                    live.restart("")
                outcome = self._outcome(
                    live, TurnStatus.COMPLETED, text=reply.text, sources=reply.sources
                )
                await self._end(live, outcome, reading.statements + reply.statements)
                return
        if chosen is None:
            raise away or ModelUnavailable
        await self._ask_model(live, chosen, reading)
        self._models.succeeded(chosen)

    async def _ask_model(self, live: LiveTurn, chosen: Chosen, reading: facts.Reading) -> None:
        profile = chosen.profile
        opening = ""
        if reading.said and not profile.is_able:
            # What was understood is said first, for certain; the model's answer follows it.
            opening = facts.acknowledge(reading.said) + "\n\n"
        is_kept = live.text.startswith(opening) and self._writer.goes_on(live, profile)
        if live.text not in ("", opening) and not is_kept:
            live.restart("")
        if not live.text:
            live.add(opening)
        findings = await self._finder.find(live.turn, profile, self._clock.now())
        self._writer.prompt = None
        self._streaming = asyncio.create_task(self._writer.write(live, chosen, opening, findings))
        if live.is_stop_requested:
            self._streaming.cancel()
        try:
            ending = await self._streaming
        except asyncio.CancelledError:
            if not live.is_stop_requested or asyncio.current_task().cancelling():  # type: ignore[union-attr]
                raise
            await self._end(
                live, self._outcome(live, TurnStatus.STOPPED, profile, reason=chosen.note)
            )
            return
        finally:
            self._streaming = None
        sources = await self._finder.sources(live, profile, self._writer.prompt)
        outcome = self._outcome(
            live,
            TurnStatus.COMPLETED,
            profile,
            reason=chosen.note,
            sources=sources,
            ending=ending,
        )
        await self._end(live, outcome, reading.statements)

    async def _count_failure(
        self, live: LiveTurn, error: Exception, *, is_urgent: bool = False
    ) -> None:
        if isinstance(error, ContextOverflow):
            self._writer.narrow()
        attempts = await self._store.count_failed_attempt(live.turn.id)
        # By its kind alone: a server's words may hold what the owner said.
        log.warning("Turn %d, attempt %d: %s", live.turn.id, attempts, type(error).__name__)
        if attempts >= MAX_ATTEMPTS:
            reason = f"{as_sentence(str(error))} Given up after {attempts} attempts."
            await self._end(live, self._outcome(live, TurnStatus.FAILED, reason=reason))
        elif not is_urgent:
            await asyncio.sleep(attempts * ATTEMPT_PAUSE_SECONDS)

    async def _give_up(self, turn: Turn) -> None:
        reason = (
            f"Vega ended {turn.interruptions} times in a row while it answered this."
            if turn.interruptions >= MAX_INTERRUPTIONS
            else f"The model failed at it {turn.attempts} times."
        )
        live = LiveTurn(turn, self._live_turns.changed)
        await self._end(live, self._outcome(live, TurnStatus.FAILED, reason=reason))

    def _outcome(
        self,
        live: LiveTurn,
        status: TurnStatus,
        profile: ModelProfile | None = None,
        *,
        text: str | None = None,
        reason: str | None = None,
        sources: tuple[int, ...] = (),
        ending: Ending | None = None,
    ) -> Outcome:
        return Outcome(
            status=status,
            text=live.text if text is None else text,
            generation=live.generation,
            model=profile.name if profile else None,
            place=profile.place if profile else None,
            reason=reason,
            sources=sources,
            prompt_tokens=ending.prompt_tokens if ending else None,
            completion_tokens=ending.completion_tokens if ending else None,
        )

    async def _end(
        self, live: LiveTurn, outcome: Outcome, statements: tuple[Statement, ...] = ()
    ) -> None:
        prompt = self._writer.prompt if live is self._live_turns.running else None
        sent = prompt.sent if prompt and outcome.model else None
        now = self._clock.now()
        turn = await self._store.end_turn(live.turn.id, outcome, statements, now, sent)
        self._live_turns.end(turn)


def _reason(error: DatabaseError) -> str:
    """Why a turn waits that is stored already."""
    full = "The disk is full; the answer waits for room."
    return full if isinstance(error, StorageFull) else str(error)
