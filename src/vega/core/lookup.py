"""Recall for an answer that somebody waits for: it may fail or be slow, and never holds it up."""

import asyncio
import logging
import time
import traceback
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from vega.core.conversation import Turn
from vega.core.durations import Durations
from vega.core.recollection import Recollection
from vega.errors import VegaError

if TYPE_CHECKING:
    from vega.core.recall.recall import Recall

log = logging.getLogger(__name__)

#: An answer waits so long for what the past says, and then does without.
MOST_SECONDS = 3.0


class Lookup:
    """Looks things up in one life, within bounds."""

    def __init__(self, recall: "Recall", most_seconds: float = MOST_SECONDS) -> None:
        self._recall = recall
        self._most_seconds = most_seconds
        #: How often it failed, by the kind of error, and how long it took.
        self.failures: Counter[str] = Counter()
        self.durations = Durations()

    async def find(
        self, turn: Turn, now: datetime, budget_tokens: int, limit: int = 50
    ) -> Recollection | None:
        """What fits the prompt of what was said before it; None where that cannot be told now."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._most_seconds):
                return await self._recall.find(
                    turn.prompt,
                    now=now,
                    zone=turn.zone,
                    budget_tokens=budget_tokens,
                    limit=limit,
                    before=(turn.at, turn.id),
                )
        except Exception as exc:  # noqa: BLE001 - whatever it is, somebody waits for an answer
            self.note_failure(turn.id, exc)
            return None
        finally:
            self.durations.add(time.monotonic() - began)

    def note_failure(self, turn_id: int, exc: Exception) -> None:
        """Counts it and logs it: by its kind, and where it came up unless it was to be expected.
        Its words may hold what the owner said, so they are left out."""
        self.failures[type(exc).__name__] += 1
        where = "" if isinstance(exc, VegaError | TimeoutError) else _places(exc)
        log.error("Nothing was recalled for turn %d: %s%s", turn_id, type(exc).__name__, where)


def _places(exc: BaseException) -> str:
    """The lines of code that an error came through, and those of what caused it."""
    # Not the lines themselves: they may hold a text.
    frames = traceback.extract_tb(exc.__traceback__)
    lines = "\n".join(f"  {each.filename}:{each.lineno} in {each.name}" for each in frames)
    cause = exc.__cause__ or exc.__context__
    before = f"\nafter {type(cause).__name__}{_places(cause)}" if cause is not None else ""
    return f"\n{lines}{before}"
