"""Everything below HTTP, built for a test over a real database in a temporary folder."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tests.clocks import SOME_MOMENT, FakeClock
from vega.core.assistant import Assistant
from vega.core.context import Context
from vega.core.conversation import NewTurn, Outcome, Turn, TurnStatus
from vega.core.live_turns import LiveTurns
from vega.core.lookup import Lookup
from vega.core.memory import Statement
from vega.core.recall.recall import Recall
from vega.core.store import Store
from vega.llm.base import Connector
from vega.llm.choice import ModelChoice
from vega.llm.download import tell_nobody
from vega.llm.lineup import Lineup, Wishes
from vega.llm.scripted import ScriptedModel
from vega.llm.servers import ModelServers
from vega.llm.shelf import Shelf


@dataclass(frozen=True)
class Life:
    """One Vega without its server."""

    store: Store
    live_turns: LiveTurns
    model: ScriptedModel
    clock: FakeClock
    assistant: Assistant
    models: ModelChoice

    async def say(self, prompt: str, key: str | None = None) -> Turn:
        """The turn, accepted."""
        return await self.assistant.submit(new_turn(prompt, at=self.clock.now(), key=key))

    async def ask(self, prompt: str) -> Turn:
        """The turn, ended."""
        turn = await self.say(prompt)
        return await self.ended(turn.id)

    async def ended(self, turn_id: int) -> Turn:
        async with asyncio.timeout(10):
            return await self.assistant.wait_until_ended(turn_id)

    async def ended_at_last(self, turn_id: int) -> Turn:
        """The turn, ended, however long it was delayed."""
        async with asyncio.timeout(10):
            while not (turn := await self.store.turn(turn_id)).status.is_end:
                await asyncio.sleep(0.001)
            return turn


@asynccontextmanager
async def living(
    home: Path,
    model: ScriptedModel | None = None,
    *,
    models: ModelChoice | None = None,
    clock: FakeClock | None = None,
    queue_limit: int = 100,
    max_turns: int = 50,
) -> AsyncIterator[Life]:
    """A life whose assistant is at work; ended properly behind the test."""
    store = await Store.open(home)
    live_turns = LiveTurns(store)
    model = model or ScriptedModel()
    clock = clock or FakeClock()
    models = models or only_model(model, home)
    lookup = lookup_in(store)
    context = Context(store, max_turns)
    assistant = Assistant(store, live_turns, models, context, clock, queue_limit, lookup)
    try:
        await assistant.start()
        yield Life(store, live_turns, model, clock, assistant, models)
    finally:
        await assistant.close()
        await store.close()


def lookup_in(store: Store) -> Lookup:
    """Recall by words and time."""
    return Lookup(Recall(store, None, None, day_first=True))


def only_model(model: Connector, home: Path) -> ModelChoice:
    """A choice of one."""
    shelf = Shelf(home / "models", home / "cache", "http://127.0.0.1:9", tell_nobody)
    return ModelChoice(Lineup(Wishes(url="scripted:"), ModelServers(()), shelf, model))


def new_turn(
    prompt: str = "Hello", *, at: datetime = SOME_MOMENT, key: str | None = None
) -> NewTurn:
    return NewTurn(prompt=prompt, at=at, zone="Europe/Vienna", idempotency_key=key)


def completed(text: str = "Hello!", **fields: object) -> Outcome:
    return Outcome(TurnStatus.COMPLETED, text, **{"model": "scripted", **fields})  # type: ignore[arg-type]


async def tell(
    store: Store,
    prompt: str = "Hello",
    answer: str = "Hello!",
    *,
    at: datetime = SOME_MOMENT,
    facts: Sequence[Statement] = (),
) -> Turn:
    """One whole turn, stored."""
    turn, _ = await store.accept_turn(new_turn(prompt, at=at))
    return await store.end_turn(turn.id, completed(answer), facts, at)


async def until(is_so: Callable[[], object]) -> None:
    """Waits until that is so."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.001)


async def set_room(store: Store, free_pages: int | None) -> None:
    """The database file may grow by so many pages; None: as much as it wants."""

    def limit(connection: object) -> None:
        pages = connection.pragma("page_count")  # type: ignore[attr-defined]
        most = 2**30 if free_pages is None else pages + free_pages
        connection.pragma("max_page_count", most)  # type: ignore[attr-defined]

    await store._db.write(limit)
