"""Which model answers: the first that can, of an ordered list.

Each attempt of a turn is given one and stays with it; whatever becomes better meanwhile is taken
into use at the next. One that fails is put aside for a while. Nothing here runs by itself: the
list (`vega.llm.lineup`) is looked through when an attempt begins.
"""

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

from vega.errors import ContextOverflow, ModelError, ModelLoading, ModelUnavailable
from vega.llm.base import Chosen, ModelProfile
from vega.llm.caches import erase_caches
from vega.llm.candidates import Candidate, note_of
from vega.llm.hardware import probe
from vega.llm.lineup import Lineup, Wishes

log = logging.getLogger(__name__)

#: How often servers are looked for, at the beginning of a turn, while a better one could appear.
LOOK_INTERVAL_SECONDS = 60.0
#: How often they are looked for while nothing answers.
GLANCE_SECONDS = 5.0
#: A model of ours that a server has replaced stays in memory for so long.
IDLE_SECONDS = 600.0


class ModelChoice:
    """The models of one Vega, as `vega.llm.base.Models`."""

    def __init__(self, lineup: Lineup) -> None:
        """Starts and asks nothing yet."""
        self.lineup = lineup
        self._last: Candidate | None = None
        #: What attempts have been given and have not given back.
        self._in_hand: list[Chosen] = []
        #: Held by whoever starts and ends models.
        self._choosing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin, in the background, with what the first turn will need."""
        self.lineup.shelf.on_arrival = lambda: self._in_background(self._prepare())
        self._in_background(self._prepare())

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.lineup.close()
        await self.lineup.shelf.close()

    async def use(self, wishes: Wishes) -> None:
        """From the next turn on, what the owner wishes now; a model is loaded until then."""
        self.lineup.wishes = wishes
        self.lineup.before = self._last if wishes.model else None
        await self.lineup.arrange()
        self._in_background(self._prepare())

    # For the assistant

    async def choose(self) -> Chosen:
        async with self._choosing:
            if self._is_look_due():
                await self.lineup.look()
            candidate, profile = await self._first(is_for_turn=True)
            self._last = candidate
            candidate.choose()
            self._end_others(candidate)
            chosen = Chosen(candidate.connector(), profile, self._note(candidate))
            self._in_hand.append(chosen)
            return chosen

    def succeeded(self, chosen: Chosen) -> None:
        candidate = self._candidate_of(chosen)
        if candidate is not None:
            candidate.succeed()
            if candidate.is_owners:
                self.lineup.before = None
            if candidate.served and not candidate.served.is_loaded:
                # Now that it is, its server can tell its real window.
                self.lineup.looked_at = float("-inf")

    def failed(self, chosen: Chosen, error: ModelError) -> bool:
        candidate = self._candidate_of(chosen)
        if candidate is None or isinstance(error, ContextOverflow):
            return False
        self.lineup.looked_at = float("-inf")
        others = [other for other in self.lineup.candidates if other is not candidate]
        if not others:
            return False
        if candidate.fails_first(error):
            # Asked once more; where nobody was there to be asked, after a moment.
            return isinstance(error, ModelUnavailable)
        candidate.put_aside(error)
        return not all(other.is_aside for other in others)

    def done(self, chosen: Chosen) -> None:
        self._in_hand = [each for each in self._in_hand if each is not chosen]

    async def release_memory(self, *, unload: bool) -> int:
        # A slot that is erased gives nothing back: llama.cpp takes a window's whole cache when it
        # loads the model, and keeps it. So it is all of a process, or nothing.
        async with self._choosing:
            running, freed = self.lineup.running(), 0
            for candidate in running if unload else self._replaced(running):
                if candidate.is_idle and not self._is_in_hand(candidate):
                    freed += await candidate.sleep()
            return freed

    async def forget_caches(self) -> None:
        """Nothing of what models on this machine have read is left, in their files or in their
        processes, which are started again. Raises OSError."""
        async with self._choosing:
            for candidate in self.lineup.running():
                await candidate.forget_cache()
            await asyncio.to_thread(erase_caches, self.lineup.shelf.cache_folder)

    async def profile(self) -> ModelProfile:
        _, profile = await self.current()
        return profile

    async def wait_until_available(self, timeout_seconds: float) -> bool:
        await self.lineup.look()
        candidates = list(self.lineup.candidates)
        tasks: dict[asyncio.Task[bool], Candidate | None] = {
            asyncio.create_task(each.wait(timeout_seconds, is_last=each is candidates[-1])): each
            for each in candidates
        }
        tasks[asyncio.create_task(self._wait_for_others())] = None
        try:
            async with asyncio.timeout(timeout_seconds):
                return await _first_that_is_true(tasks)
        except TimeoutError:
            return False
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    # For those who ask what there is

    async def current(self) -> tuple[Candidate, ModelProfile]:
        """The model that would answer now; changes nothing. Raises ModelUnavailable."""
        first_error: ModelUnavailable | None = None
        for candidate in self._usable():
            try:
                return candidate, await candidate.profile()
            except ModelUnavailable as error:
                first_error = first_error or error
        raise first_error or ModelUnavailable("Vega is looking for a model.")

    def _candidate_of(self, chosen: Chosen) -> Candidate | None:
        """Where it stands in the list; None for one of an earlier attempt."""
        last = self._last
        return last if last is not None and last.reaches(chosen.connector) else None

    def _usable(self) -> list[Candidate]:
        """Those that are worth asking; all, where each has failed lately."""
        return [
            each for each in self.lineup.candidates if not each.is_aside
        ] or self.lineup.candidates

    # Choosing

    async def _first(self, *, is_for_turn: bool) -> tuple[Candidate, ModelProfile]:
        """The first that can answer. While it loads, a later one that is ready already.

        Only for a turn one that sleeps is woken, and another one ended that is in its way.
        """
        loading: ModelLoading | None = None
        first_error: ModelUnavailable | None = None
        candidates = self._usable()
        for candidate in candidates:
            if loading and candidate.model and not candidate.is_running:
                continue
            is_last = candidate is candidates[-1]
            try:
                if candidate.is_asleep and not is_for_turn:
                    return candidate, await candidate.profile()
                await self._make_room(candidate, may_end_others=is_for_turn)
                profile = await candidate.ask(is_last=is_last)
            except ModelLoading as error:
                candidate.error = loading = loading or error
            except ModelUnavailable as error:
                first_error = first_error or error
                await self._pass_over(candidate, error, is_last=is_last)
            else:
                if isinstance(candidate.error, ModelLoading):
                    candidate.error = None
                return candidate, profile
        raise loading or first_error or ModelUnavailable("There is no model.")

    async def _pass_over(self, candidate: Candidate, error: ModelError, *, is_last: bool) -> None:
        if is_last or candidate.is_missing:
            candidate.error = error
            return
        candidate.put_aside(error)
        if candidate.model:
            # Else it would try for ever to load what does not load.
            await candidate.close()

    async def _make_room(self, candidate: Candidate, *, may_end_others: bool) -> None:
        """Two models of ours are in memory at once only where there is RAM for both.

        Raises ModelLoading while another one may not be ended.
        """
        others = [each for each in self.lineup.running() if each is not candidate]
        if candidate.model is None or candidate.is_running or not others:
            return
        machine = await probe()
        if machine.available_mb >= candidate.model.ram_mb:
            return
        if not may_end_others:
            raise ModelLoading(f"{candidate.id} is loaded at the next turn, in place of another.")
        await asyncio.gather(*(other.close() for other in others))

    def _is_in_hand(self, candidate: Candidate) -> bool:
        return any(candidate.reaches(chosen.connector) for chosen in self._in_hand)

    def _replaced(self, running: list[Candidate]) -> list[Candidate]:
        """Those in whose place another one answered last."""
        listed = self.lineup.candidates
        if self._last not in listed:
            return []
        better = listed[: listed.index(self._last) + 1]
        return [candidate for candidate in running if candidate not in better]

    def _end_others(self, chosen: Candidate) -> None:
        """Ends processes of models that this one has replaced, and forgets dropped candidates."""
        now = asyncio.get_running_loop().time()
        is_behind = False
        for candidate in self.lineup.candidates:
            idle = now - candidate.chosen_at
            if is_behind and candidate.is_running and (chosen.model or idle > IDLE_SECONDS):
                self._in_background(candidate.close())
            is_behind = is_behind or candidate is chosen
        for dropped in self.lineup.drop():
            self._in_background(dropped.close())

    def _note(self, candidate: Candidate) -> str | None:
        """Why another one than usual answers; a better one that only loads was not usual yet."""
        for missed in self.lineup.candidates:
            if missed is candidate:
                return None
            is_new = isinstance(missed.error, ModelLoading) and not missed.is_owners
            if missed.error and not is_new and missed is not self.lineup.before:
                return note_of(missed, candidate)
        return None

    def _is_look_due(self) -> bool:
        """Whether something better than the last one could have appeared, and it is time."""
        age = asyncio.get_running_loop().time() - self.lineup.looked_at
        is_best = bool(self.lineup.candidates) and self._last is self.lineup.candidates[0]
        if is_best and not (self._last and self._last.model and not self._last.is_owners):
            return age == float("inf")
        return age >= LOOK_INTERVAL_SECONDS

    async def _wait_for_others(self) -> bool:
        """Until there are other candidates than now."""
        before = list(self.lineup.candidates)
        while self.lineup.candidates == before:
            await asyncio.sleep(GLANCE_SECONDS)
            await self.lineup.look()
        return True

    async def _prepare(self) -> None:
        """Loads what the next turn will need, as far as nothing must be ended for it."""
        with suppress(ModelUnavailable):
            await self.lineup.shelf.start()
            await self.lineup.look()
            async with self._choosing:
                await self._first(is_for_turn=False)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("What was done for the models beside a turn failed", exc_info=error)


async def _first_that_is_true(tasks: Mapping[asyncio.Task[bool], Candidate | None]) -> bool:
    """Waits for one of them to come true; its candidate is worth asking again."""
    pending = set(tasks)
    while pending:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            if task.result():
                candidate = tasks[task]
                if candidate is not None:
                    candidate.recall()
                return True
    return False
