"""A life that is talked in for weeks or years, within seconds or minutes, on a simulated clock.

The passes over the tiers are the product's own, at the times at which it would make them: the
backlog as it comes, the night's every night. Sizes are those of the file's pages, by table.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import texts
from tests.lives import only_model
from vega.core.cleanup import Cleaner
from vega.core.conversation import NewTurn, Outcome, TurnStatus
from vega.core.life.sqlite import Connection
from vega.core.live_turns import LiveTurns
from vega.core.memory import CleanupKind, Tier
from vega.core.store import Store
from vega.core.telling.summaries import Summarizer
from vega.llm.scripted import ScriptedModel

TRIGGER = 100
NIGHT = timedelta(hours=3, minutes=30)
_SIZES = "SELECT name, sum(pgsize) FROM dbstat GROUP BY name"
_ACTIVE = ("turns", "answers", "sources", "sqlite_autoindex_turns", "sqlite_autoindex_answers")


@dataclass
class SimulatedClock:
    """Stands where the simulation has come to."""

    moment: datetime = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    zone: str = "UTC"

    def now(self) -> datetime:
        return self.moment


class SimulatedLife:
    """A life that is talked in for weeks, within seconds."""

    def __init__(self, store: Store, home: Path, kept: int | None) -> None:
        """`kept` most recent turns stay in full; None: all do."""
        self.clock = SimulatedClock()
        self.kept = kept
        self._model = only_model(ScriptedModel(is_able=False), home)
        self.use(store)
        self.raw_bytes = self.answer_bytes = 0
        self.turns = 0
        #: Seconds of the passes.
        self.cleaning = 0.0

    def use(self, store: Store) -> None:
        """Goes on in this store, which was opened again."""
        self.store = store
        live_turns = LiveTurns(store)
        summarizer = Summarizer(self._model, live_turns)
        self.cleaner = Cleaner(store, summarizer, live_turns, self.clock, self.kept or 1)

    async def talk(self, exchanges: Iterator[texts.Exchange], turns: int, days: float) -> None:
        step = timedelta(days=days) / turns
        for _ in range(turns):
            before = self.clock.moment
            self.clock.moment += step
            if (before - NIGHT).date() != (self.clock.moment - NIGHT).date():
                await self._clean(CleanupKind.NIGHTLY)
            prompt, answer = next(exchanges)
            await self._say(prompt, answer)
            if self.kept and self.turns % 10 == 0:
                full = (await self.store.tier_totals())[Tier.FULL].turns
                if full > self.kept + TRIGGER:
                    await self._clean(CleanupKind.BACKLOG)

    async def rest(self) -> None:
        """Until the night is over."""
        self.clock.moment += timedelta(hours=5)
        await self._clean(CleanupKind.NIGHTLY)

    async def sizes(self) -> dict[str, int]:
        """Bytes of the file by what they hold."""

        def read(connection: Connection) -> dict[str, int]:
            found = {"active": 0, "archive": 0, "index": 0, "other": 0}
            for name, size in connection.execute(_SIZES):
                found[_holder(str(name))] += int(size)
            return found | {"total": sum(found.values())}

        return await self.store._db.read(read)

    async def _say(self, prompt: str, answer: str) -> None:
        new = NewTurn(prompt, self.clock.now(), self.clock.zone)
        turn, _ = await self.store.accept_turn(new)
        outcome = Outcome(TurnStatus.COMPLETED, answer, model="stub", place="this machine")
        await self.store.end_turn(turn.id, outcome, (), self.clock.now())
        self.turns += 1
        self.answer_bytes += len(answer.encode())
        self.raw_bytes += len(prompt.encode()) + len(answer.encode())

    async def _clean(self, kind: CleanupKind) -> None:
        if self.kept:
            began = time.perf_counter()
            await self.cleaner.run(kind)
            self.cleaning += time.perf_counter() - began


def _holder(name: str) -> str:
    if name.startswith("message_index"):
        return "index"
    if name.startswith("archive_blocks"):
        return "archive"
    return "active" if name.startswith(_ACTIVE) else "other"
