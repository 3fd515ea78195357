"""Lives of many days, with a writer of their digests, for a test."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.clocks import FakeClock
from tests.lives import completed, only_model
from vega.core.conversation import NewTurn, Turn
from vega.core.memory import Digest, DigestKind
from vega.core.store import Store
from vega.core.telling.digests import DigestWriter
from vega.llm.scripted import ScriptedModel

VIENNA = "Europe/Vienna"
#: A day that a model would be asked about: more than a digest holds.
LONG_DAY = (
    (
        "How long does a sourdough rest in the fridge before it is baked, and does the dough need "
        "a cloth over it, or is the lid of a pot enough so that it does not dry out over night?",
        "Ten hours or more. " * 9,
    ),
    (
        "My sister Ana moves to Graz in May, and I want to help her with it. Her flat there has "
        "two rooms and a balcony that looks to the river, so she takes all of her plants along.",
        "How kind! " * 9,
    ),
    ("What does a van cost for two days in Graz?", "About 160 euros with insurance. " * 6),
)


def local(text: str, zone: str = VIENNA) -> datetime:
    """A moment by the owner's clock on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


class Owner:
    """An Activity: whether a live turn is there is for the test to say."""

    def __init__(self) -> None:
        self._busy = asyncio.Event()

    @property
    def is_idle(self) -> bool:
        return not self._busy.is_set()

    async def wait_until_busy(self) -> None:
        await self._busy.wait()

    def speak(self) -> None:
        self._busy.set()

    def rest(self) -> None:
        self._busy.clear()


class Diary:
    """A life with a writer of digests."""

    def __init__(self, store: Store, clock: FakeClock, home: Path) -> None:
        self.store = store
        self.clock = clock
        self.owner = Owner()
        self._home = home

    def writer(
        self, model: ScriptedModel | None = None, timeout_seconds: float = 10
    ) -> DigestWriter:
        models = only_model(model or ScriptedModel(is_able=False), self._home)
        return DigestWriter(self.store, models, self.owner, self.clock, timeout_seconds)

    async def write(self, model: ScriptedModel | None = None, limit: int = 1_000) -> int:
        async with asyncio.timeout(60):
            return await self.writer(model).write_due(limit)

    async def say(
        self, when: str, prompt: str = "Hello there", answer: str = "Hello!", zone: str = VIENNA
    ) -> Turn:
        at = local(when, zone)
        turn, _ = await self.store.accept_turn(NewTurn(prompt, at, zone))
        return await self.store.end_turn(turn.id, completed(answer), (), at)

    async def say_long_day(self, day: str) -> list[Turn]:
        return [
            await self.say(f"{day}T1{hour}:00", prompt, answer)
            for hour, (prompt, answer) in enumerate(LONG_DAY)
        ]

    async def found(self, *kinds: DigestKind) -> list[Digest]:
        return await self.store.digests.find(kinds or list(DigestKind), date.min, date.max, 10_000)

    async def days(self) -> dict[str, int]:
        """How many turns the digest of each day tells of."""
        return {each.first_day.isoformat(): each.turns for each in await self.found(DigestKind.DAY)}

    async def text(self, kind: DigestKind = DigestKind.DAY) -> str:
        [digest] = await self.found(kind)
        return digest.text

    async def due(self) -> int:
        today = await self.store.digests.today(self.clock)
        return len(await self.store.digests.due(today))
