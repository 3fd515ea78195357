"""A life whose models are chosen among real servers on real sockets, and real files."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from tests.lives import Life, living
from vega.core.conversation import TurnStatus
from vega.llm.choice import ModelChoice
from vega.llm.download import tell_nobody
from vega.llm.lineup import Lineup, Wishes
from vega.llm.servers import ModelServers
from vega.llm.shelf import Shelf

#: For one answer of the starter model on a busy machine.
ANSWER_SECONDS = 120


@asynccontextmanager
async def life_on(
    tmp_path: Path,
    addresses: Sequence[str] = (),
    *,
    models: Path | None = None,
    hub_url: str = "http://127.0.0.1:9",
    **wishes: object,
) -> AsyncIterator[Life]:
    """A life with that choice of models; without `models` the starter model cannot be had."""
    shelf = Shelf(models or tmp_path / "models", tmp_path / "cache", hub_url, tell_nobody)
    lineup = Lineup(Wishes(**wishes), ModelServers(addresses), shelf)  # type: ignore[arg-type]
    chosen = ModelChoice(lineup)
    async with living(tmp_path, models=chosen) as life:
        try:
            await chosen.start()
            yield life
        finally:
            await life.assistant.close()
            await chosen.close()


async def ask(life: Life, prompt: str = "What is a tree?") -> tuple[str, str | None, str]:
    """The model that answered, the note, and the answer."""
    turn = await life.say(prompt)
    async with asyncio.timeout(ANSWER_SECONDS):
        while not (turn := await life.store.turn(turn.id)).status.is_end:
            await asyncio.sleep(0.005)
    assert turn.status is TurnStatus.COMPLETED, turn.answer
    assert turn.answer is not None
    return turn.answer.model or "", turn.answer.reason, turn.response


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(ANSWER_SECONDS):
        while not is_so():
            await asyncio.sleep(0.005)
