"""Turns that wait for their answers or are being answered, and everyone who reads along.

The answer belongs to the turn, not to a socket: any number of readers may join or re-join at any
event, come and go, and stop nothing. A reader asks for what follows the place it has reached, so
a slow one costs nothing.

A place in one turn's stream is `generation.offset`: which writing of the answer, and how many
characters of it were seen. After a crash the generation is a new one, because the text may have
lost its last second; a reader that had seen another generation is told the whole text so far
(`turn.restarted`). A place in the stream of the whole life is the number of the last link of the
hash chain that was seen, with the place in the running turn behind it. Neither needs memory on the
server's side, so both survive its death.
"""

import asyncio
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from vega.core.conversation import EventKind, Turn, TurnEvent, TurnStatus
from vega.core.durations import Durations
from vega.core.store import Link, Store
from vega.errors import AnswerDelayed, AnswerRunning, InvalidInput, TurnForgotten

#: How many links are read from the store at a time for a reader that has fallen behind.
LINKS_AT_ONCE = 100
#: Whoever waits for an answer while Vega ends asks again after that: by then it may be back.
RESTART_SECONDS = 1

_TURN_PLACE = re.compile(r"(\d{1,9})\.(\d{1,9})(\.end)?")
_LIFE_PLACE = re.compile(r"(\d{1,18})(?:\.(\d{1,18})\.(\d{1,9})\.(\d{1,9}))?")


class Signal:
    """Wakes everyone who waits for the next change."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Future[None]] = set()

    def notify(self) -> None:
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
        self._waiters.clear()

    async def wait(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)


@dataclass(frozen=True, slots=True)
class Place:
    """How much of an answer a reader has seen."""

    generation: int = 0
    offset: int = 0


class LiveTurn:
    """A turn on its way to its answer."""

    def __init__(self, turn: Turn, changed: Signal) -> None:
        self.turn = turn
        self.queued_at = time.monotonic()
        #: What there is of the answer: the stored part at first.
        self.text = ""
        self.generation = turn.last_generation + 1
        if turn.answer is not None and turn.answer.ended_at is None:
            self.text = turn.answer.text
        #: Why it waits for a model, and since when (the event loop's time); None when it does not.
        self.delay: str | None = None
        self.delayed_at = 0.0
        #: Whether the model is only loading, so that the wait is a matter of seconds.
        self.delay_is_short = False
        self.is_stop_requested = False
        #: Rings when it has ended, waits or waits no more, and not at each piece.
        self.settled = Signal()
        self._changed = changed

    def restart(self, text: str) -> None:
        """The answer begins anew with this text."""
        self.generation += 1
        self.text = text
        self._changed.notify()

    def add(self, piece: str) -> None:
        """The answer goes on."""
        self.text += piece
        self.delay = None
        self._changed.notify()

    def delay_for(self, reason: str, *, is_short: bool) -> None:
        """No model answers now."""
        if self.delay is None:
            self.delayed_at = asyncio.get_running_loop().time()
        self.delay = reason
        self.delay_is_short = is_short
        self._settle()

    def resume(self) -> None:
        """A model is there again."""
        self.delay = None
        self._settle()

    def end(self, turn: Turn) -> None:
        """The turn, as it is stored with its end."""
        self.turn = turn
        self.text = turn.response
        self.delay = None
        self._settle()

    def _settle(self) -> None:
        self.settled.notify()
        self._changed.notify()


class LiveTurns:
    """All turns on their way, by id."""

    def __init__(self, store: Store) -> None:
        self.changed = Signal()
        #: Whether Vega ends: streams end where they are, and their readers come back.
        self.is_closing = False
        #: The one that is being answered now.
        self.running: LiveTurn | None = None
        #: How long turns took since this start, from being queued to their end, by how they ended.
        self.durations = {status: Durations() for status in TurnStatus if status.is_end}
        #: Held while a turn is being answered.
        self.at_work = asyncio.Lock()
        self._store = store
        #: Turns that were forgotten since this start.
        self._forgotten: list[int] = []
        self._turns: dict[int, LiveTurn] = {}

    def __len__(self) -> int:
        return len(self._turns)

    @property
    def is_idle(self) -> bool:
        """Nobody waits for an answer that could be written now."""
        return all(live.delay is not None for live in self._turns.values())

    async def wait_until_busy(self) -> None:
        """Returns when a turn is there to be answered; at once where one is."""
        while self.is_idle:
            await self.changed.wait()

    async def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Whether nobody waits for an answer now, or within that time."""
        try:
            async with asyncio.timeout(timeout_seconds):
                while not self.is_idle:
                    await self.changed.wait()
        except TimeoutError:
            return False
        return True

    @asynccontextmanager
    async def at_rest(self, patience_seconds: float) -> AsyncIterator[None]:
        """No turn is being answered meanwhile. Raises AnswerRunning when the one that is does not
        end in that time."""
        try:
            async with asyncio.timeout(patience_seconds):
                await self.at_work.acquire()
        except TimeoutError as exc:
            raise AnswerRunning from exc
        try:
            yield
        finally:
            self.at_work.release()

    def add(self, turn: Turn) -> LiveTurn:
        live = self._turns.get(turn.id)
        if live is None:
            live = self._turns[turn.id] = LiveTurn(turn, self.changed)
            self.changed.notify()
        return live

    def find(self, turn_id: int) -> LiveTurn | None:
        return self._turns.get(turn_id)

    def in_order(self) -> list[LiveTurn]:
        return [self._turns[turn_id] for turn_id in sorted(self._turns)]

    def close(self) -> None:
        """Vega ends: let all readers go."""
        self.is_closing = True
        for live in self._turns.values():
            live.settled.notify()
        self.changed.notify()

    def tell_forgotten(self, turn_ids: Sequence[int]) -> None:
        """Readers of the whole life drop what they hold of these."""
        self._forgotten += turn_ids
        self.changed.notify()

    def end(self, turn: Turn) -> None:
        """The turn has ended: its readers see the end, and it lives in the store alone."""
        live = self._turns.pop(turn.id, None)
        if live is not None:
            self.durations[turn.status].add(time.monotonic() - live.queued_at)
            live.end(turn)

    async def wait_until_ended(
        self, turn_id: int, patience_seconds: float, loading_patience_seconds: float
    ) -> Turn:
        """The turn with its end.

        Raises AnswerDelayed when it has waited longer than that for a model, or when Vega ends;
        the turn goes on waiting.
        """
        loop = asyncio.get_running_loop()
        ended: Turn | None = None
        while (live := self.find(turn_id)) is not None:
            if self.is_closing:
                reason = "Vega is being stopped or restarted."
                raise AnswerDelayed(turn_id, reason, RESTART_SECONDS)
            timeout = None
            if live.delay is not None:
                patience = loading_patience_seconds if live.delay_is_short else patience_seconds
                timeout = live.delayed_at + patience - loop.time()
                if timeout <= 0:
                    raise AnswerDelayed(turn_id, live.delay)
            try:
                async with asyncio.timeout(timeout):
                    await live.settled.wait()
            except TimeoutError:
                continue
            ended = live.turn
        if ended is not None and ended.status.is_end:
            return ended
        return await self._store.turn(turn_id)

    async def follow(
        self, turn_id: int, last_event_id: str | None
    ) -> AsyncGenerator[TurnEvent, None] | None:
        """One turn's events, from its beginning or after that one, to its end; None when that one
        was the end.

        Raises TurnNotFound, TurnForgotten, and InvalidInput for an id that no stream of a turn
        gave. A place beyond the text, or in another writing of it, is answered by the whole text.
        """
        place, has_seen_end = _turn_place(last_event_id)
        live = self.find(turn_id)
        turn = live.turn if live else await self._store.turn(turn_id)
        if turn.forgotten_at is not None:
            raise TurnForgotten(turn_id)
        if has_seen_end and turn.status.is_end and _stored(turn) == place:
            return None
        return self._events(turn, place, is_first=last_event_id is None)

    async def _events(
        self, turn: Turn, place: Place, *, is_first: bool
    ) -> AsyncGenerator[TurnEvent, None]:
        if is_first:
            yield TurnEvent(EventKind.ACCEPTED, turn.id, "0.0", turn=turn)
        told_delay: str | None = None
        while not self.is_closing:
            live = self.find(turn.id)
            if live is None:
                turn = await self._store.turn(turn.id)
                if not turn.status.is_end:
                    await self._wait()
                    continue
                reached, text = _stored(turn), turn.response
            else:
                reached, text = Place(live.generation, len(live.text)), live.text
            event = _text_event(turn.id, place, reached, text)
            place = reached
            if event is not None:
                yield event
            elif live is None:
                yield TurnEvent(_end_kind(turn), turn.id, f"{_id(place)}.end", turn=turn)
                return
            elif live.delay != told_delay:
                told_delay = live.delay
                if told_delay is not None:
                    yield TurnEvent(EventKind.WAITING, turn.id, _id(place), text=told_delay)
            else:
                await self._wait()

    def follow_life(self, last_event_id: str | None) -> AsyncGenerator[TurnEvent, None]:
        """Every turn's events, from now on or after that one, without an end.

        Prompts and ends come in the order in which they were stored, none left out. Raises
        InvalidInput for an id that this stream never gave.
        """
        if last_event_id is None:
            return self._life_events(self._store.newest_link, 0, None, len(self._forgotten))
        link, running_id, place = _life_place(last_event_id)
        return self._life_events(min(link, self._store.newest_link), running_id, place, None)

    async def _life_events(
        self, link: int, running_id: int, place: Place | None, told: int | None
    ) -> AsyncGenerator[TurnEvent, None]:
        while not self.is_closing:
            gone: Sequence[int] = ()
            if told is None:
                # Who comes back may hold what was forgotten since.
                told, gone = len(self._forgotten), await self._store.forgetting.latest()
            gone, told = [*gone, *self._forgotten[told:]], len(self._forgotten)
            for turn_id in gone:
                event_id = _life_id(link, running_id, place)
                yield TurnEvent(EventKind.FORGOTTEN, turn_id, event_id)
            newest = self._store.newest_link
            entries = await self._links_after(link)
            for entry in entries:
                link = entry.number
                kind = _end_kind(entry.turn) if entry.is_answer else EventKind.ACCEPTED
                event_id = _life_id(link, running_id, place)
                yield TurnEvent(kind, entry.turn.id, event_id, turn=entry.turn)
            if len(entries) < LINKS_AT_ONCE:
                # What else there was until then was imported.
                link = max(link, newest)
            live = self.running
            event = None
            if live is not None:
                reached = Place(live.generation, len(live.text))
                if live.turn.id != running_id:
                    running_id = live.turn.id
                    # Only of an answer that has just begun is it sure that a reader holds nothing.
                    place = reached if reached == Place(1, 0) else None
                event = _text_event(running_id, place, reached, live.text)
            if event is not None:
                place = reached
                event_id = _life_id(link, running_id, place)
                yield TurnEvent(event.kind, running_id, event_id, text=event.text)
            elif self._store.newest_link <= link and told == len(self._forgotten):
                await self._wait()

    async def _wait(self) -> None:
        # Vega may have begun to end while the store was read: nothing rings after that.
        if not self.is_closing:
            await self.changed.wait()

    async def _links_after(self, link: int) -> list[Link]:
        if self._store.newest_link <= link:
            return []
        return await self._store.links_after(link, LINKS_AT_ONCE)


def _text_event(turn_id: int, seen: Place | None, reached: Place, text: str) -> TurnEvent | None:
    """What brings a reader's text up to date; None when it is. It may hold anything where what it
    has seen is None."""
    if seen is not None:
        is_continued = seen.generation == reached.generation and seen.offset <= reached.offset
        if is_continued or seen.offset == 0:
            piece = text[seen.offset :]
            return TurnEvent(EventKind.DELTA, turn_id, _id(reached), text=piece) if piece else None
    elif not text:
        return None
    return TurnEvent(EventKind.RESTARTED, turn_id, _id(reached), text=text)


def _life_id(link: int, running_id: int, place: Place | None) -> str:
    return f"{link}" if place is None else f"{link}.{running_id}.{_id(place)}"


def _stored(turn: Turn) -> Place:
    return Place(turn.answer.generation, len(turn.answer.text)) if turn.answer else Place()


def _id(place: Place) -> str:
    return f"{place.generation}.{place.offset}"


def _end_kind(turn: Turn) -> EventKind:
    return EventKind.FAILED if turn.status is TurnStatus.FAILED else EventKind.COMPLETED


def _turn_place(last_event_id: str | None) -> tuple[Place, bool]:
    if last_event_id is None:
        return Place(), False
    match = _TURN_PLACE.fullmatch(last_event_id)
    if match is None:
        raise _unknown_event(last_event_id)
    return Place(int(match[1]), int(match[2])), match[3] is not None


def _life_place(last_event_id: str) -> tuple[int, int, Place | None]:
    match = _LIFE_PLACE.fullmatch(last_event_id)
    if match is None:
        raise _unknown_event(last_event_id)
    if match[2] is None:
        return int(match[1]), 0, None
    return int(match[1]), int(match[2]), Place(int(match[3]), int(match[4]))


def _unknown_event(last_event_id: str) -> InvalidInput:
    return InvalidInput(
        f"Last-Event-ID {last_event_id[:40]!r} is no id of this stream; leave it out to begin anew."
    )
