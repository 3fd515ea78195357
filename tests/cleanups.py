"""A life with a cleaner, for tests of what cleanups do."""

from collections.abc import Iterable
from pathlib import Path

from tests.clocks import FakeClock
from tests.lives import only_model, tell
from vega.core.cleanup import Cleaner
from vega.core.conversation import Turn
from vega.core.live_turns import LiveTurns
from vega.core.memory import Tier
from vega.core.store import Store
from vega.core.telling.summaries import Summarizer
from vega.llm.base import Connector
from vega.llm.scripted import ScriptedModel

KEPT = 5
ANSWER = (
    "The Moon is the only natural satellite of the Earth. It orbits at an average distance of "
    "384,400 km. Its gravity causes the tides of the sea. People first walked on it in 1969. "
    "It always shows the same side to the Earth, since it turns once in each orbit. "
) * 2


class Home:
    """A life with a cleaner that keeps the last five turns."""

    def __init__(
        self,
        store: Store,
        clock: FakeClock,
        home: Path,
        model: Connector | None = None,
        timeout_seconds: float = 10.0,
    ) -> None:
        self.store = store
        self.clock = clock
        self.live_turns = LiveTurns(store)
        self._models = only_model(model or ScriptedModel(), home)
        self._timeout_seconds = timeout_seconds
        self.cleaner = self.cleaner_beside(self.live_turns)

    def cleaner_beside(self, live_turns: LiveTurns) -> Cleaner:
        self.summarizer = Summarizer(self._models, live_turns, self._timeout_seconds)
        return Cleaner(self.store, self.summarizer, live_turns, self.clock, KEPT)

    async def say(self, count: int, minutes_apart: float = 1.0) -> list[Turn]:
        turns = []
        for number in range(count):
            self.clock.advance(minutes=minutes_apart)
            prompt = f"Tell me thing {number} about the moon."
            turns.append(await tell(self.store, prompt, f"{number}: {ANSWER}", at=self.clock.now()))
        return turns

    async def tiers(self) -> list[int]:
        totals = await self.store.tier_totals()
        return [totals[tier].turns for tier in Tier]


async def assert_unchanged(store: Store, said: Iterable[Turn]) -> None:
    """Each of these turns is shown as it was said, whatever its tier."""
    for turn in said:
        found = await store.turn(turn.id)
        assert (found.prompt, found.response, found.at, found.zone, found.origin) == (
            turn.prompt,
            turn.response,
            turn.at,
            turn.zone,
            turn.origin,
        )
