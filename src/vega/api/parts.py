"""The parts that handlers call, as the server has built them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from vega.api.access import Access
from vega.api.attempts import Attempts
from vega.api.cookies import Cookies
from vega.api.https_door import HttpsDoor
from vega.config import Settings
from vega.core.assistant import Assistant
from vega.core.backup.backups import Backups
from vega.core.clock import Clock
from vega.core.forgetting import Forgetting
from vega.core.indexing import Indexer
from vega.core.keys import Keys
from vega.core.live_turns import LiveTurns
from vega.core.memory_manager import MemoryManager
from vega.core.nights import Nights
from vega.core.pairing import Pairing
from vega.core.recall.recall import Recall
from vega.core.store import Store
from vega.core.telling.fact_drawer import FactDrawer
from vega.core.verification import Verification
from vega.core.word_index import WordIndex
from vega.llm.choice import ModelChoice
from vega.llm.menu import ModelMenu


@dataclass(frozen=True, slots=True)
class Parts:
    """One running Vega."""

    settings: Settings
    store: Store
    backups: Backups
    memory_manager: MemoryManager
    nights: Nights
    verification: Verification
    facts: FactDrawer
    forgetting: Forgetting
    recall: Recall
    assistant: Assistant
    live_turns: LiveTurns
    models: ModelChoice
    menu: ModelMenu
    access: Access
    attempts: Attempts
    keys: Keys
    pairing: Pairing
    cookies: Cookies
    https: HttpsDoor
    clock: Clock
    word_index: WordIndex
    #: None where embedding is switched off, or the vectors' files cannot be.
    indexer: Indexer | None = None


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


#: What a handler declares to be given the parts.
TheParts = Annotated[Parts, Depends(_parts)]
