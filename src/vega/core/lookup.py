"""Recall for an answer that somebody waits for: it may fail or be slow, and never holds it up."""

import asyncio
import logging
import time
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from vega.core.conversation import Turn
from vega.core.durations import Durations
from vega.core.recollection import Recollection

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
            # By its kind alone: its words may hold what the owner said.
            self.failures[type(exc).__name__] += 1
            log.error("Nothing was recalled for turn %d: %s", turn.id, type(exc).__name__)
            return None
        finally:
            self.durations.add(time.monotonic() - began)
