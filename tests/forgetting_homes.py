"""Lives to forget in, with all that lies beside them in their folder."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from tests.clocks import SOME_MOMENT, FakeClock
from tests.lives import tell
from vega.core.conversation import Turn
from vega.core.forgetting import ForgetReport, Forgetting
from vega.core.life.archive import ArchivedTurn
from vega.core.life.forget_plan import ForgetPlan, ForgetTarget
from vega.core.life.vectors import VectorRecord, Vectors
from vega.core.live_turns import LiveTurns
from vega.core.memory import DigestKind, FactKind, Statement
from vega.core.store import Store, Window
from vega.core.telling.periods import Due, period_of
from vega.core.verification import Verification
from vega.llm.caches import erase_caches

WORD = "Xq7vzkt4"
DIMENSION = 384
#: Of SOME_MOMENT in Vienna.
TODAY = SOME_MOMENT.date()
NOT_ROWS = {"vega.db", "vega.db-wal"}


class Home:
    """An open life, and all that is beside it in its folder."""

    def __init__(self, home: Path, store: Store, vectors: Vectors) -> None:
        self.path = home
        self.store = store
        self.vectors = vectors
        self.live_turns = LiveTurns(store)
        self.clock = FakeClock()
        (home / "cache").mkdir(exist_ok=True)
        self.forgetting = Forgetting(
            store,
            self.live_turns,
            self.clock,
            vectors=vectors,
            forget_caches=lambda: asyncio.to_thread(erase_caches, home / "cache"),
        )

    async def forget(self, **target: object) -> ForgetReport:
        wanted = ForgetTarget(**target)  # type: ignore[arg-type]
        plan = await self.forgetting.preview(wanted)
        return await self.forgetting.forget(wanted, plan.token)

    async def plan(self, **target: object) -> ForgetPlan:
        return await self.forgetting.preview(ForgetTarget(**target))  # type: ignore[arg-type]

    async def flaws(self) -> list[str]:
        """What a whole verification finds."""
        verification = Verification(self.store, self.live_turns, self.clock)
        await verification.start()
        await verification.wait()
        report = await verification.report()
        await verification.close()
        assert report.verdict.completed_run == report.verdict.run
        return [flaw.text for flaw in report.verdict.flaws]

    async def originals(self, turn_ids: Sequence[int]) -> list[ArchivedTurn]:
        return await self.store.archive.originals(turn_ids)


@asynccontextmanager
async def at_home(path: Path) -> AsyncIterator[Home]:
    store = await Store.open(path)
    vectors = Vectors.open(path, "some model", DIMENSION)
    home = Home(path, store, vectors)
    try:
        yield home
    finally:
        await home.forgetting.close()
        vectors.close()
        await store.close()


async def tell_others(store: Store, count: int = 8) -> list[int]:
    return [
        (await tell(store, f"plain prompt {number}", f"plain answer {number}")).id
        for number in range(count)
    ]


async def tell_secret(home: Home) -> Turn:
    """A turn whose word stands in each place that can hold one, while the life is open."""
    store = home.store
    await tell_others(store)
    secret = Statement("favorite secret", WORD, FactKind.FAVORITE)
    turn = await tell(
        store,
        f"My favorite secret is {WORD}, and I like it.",
        f"{WORD}: got it! " + "This is long. " * 40,
        facts=(secret,),
    )
    await tell_others(store)
    for kind in DigestKind:
        due = Due(period_of(kind, TODAY), 17)
        await store.digests.put(due, f"You spoke of {WORD}.", None, (1, 17), SOME_MOMENT)
    await store.set_window(Window(f"The owner's secret is {WORD}.", SOME_MOMENT, 1))
    home.vectors.add([_vector(2 * turn.id), _vector(2 * turn.id + 1), _vector(2)])
    (home.path / "cache" / "model-4096-1.cache").write_bytes(b"\0\1" + WORD.encode() * 3)
    (home.path / "cache" / "1234.part").write_bytes(WORD.encode())
    return turn


def _vector(message_id: int) -> VectorRecord:
    values = np.random.default_rng(message_id).normal(size=DIMENSION).astype(np.float32)
    return VectorRecord(message_id, 0, 20_000, values / np.linalg.norm(values))


def has_vector(vectors: Vectors, message_id: int) -> bool:
    scores = vectors.scores_of(_vector(message_id).vector, [message_id])
    return not bool(np.isnan(scores[0]))
