"""The real application over a real life, called without a socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.lives import Life, living
from tests.memory_trees import write_service
from vega.api.access import Access
from vega.api.app import create_app
from vega.api.attempts import Attempts
from vega.api.cookies import Cookies
from vega.api.https_door import HttpsDoor
from vega.api.parts import Parts
from vega.config import Settings, load_settings
from vega.core.backup.backups import Backups
from vega.core.forgetting import Forgetting
from vega.core.keys import Keys
from vega.core.memory_manager import MemoryManager
from vega.core.nights import Nights
from vega.core.pairing import Pairing
from vega.core.pressure.memory_probe import MemoryProbe
from vega.core.recall.recall import Recall
from vega.core.telling.fact_drawer import FactDrawer
from vega.core.verification import Verification
from vega.core.word_index import WordIndex
from vega.llm.menu import ModelMenu
from vega.llm.scripted import ScriptedModel

LOOPBACK = ("127.0.0.1", 1234)


@dataclass(frozen=True)
class Vega:
    """One running Vega, and clients of it."""

    app: Any
    life: Life
    memory_manager: MemoryManager
    #: The files that the memory manager takes for this machine's.
    machine: Path
    key: str
    key_file: Path

    def client(
        self,
        *,
        key: str | None = None,
        peer: tuple[str, int] = LOOPBACK,
        host: str = "localhost:8000",
    ) -> httpx2.AsyncClient:
        """A client with the owner's key; with an empty one it sends none."""
        chosen = self.key if key is None else key
        return httpx2.AsyncClient(
            transport=httpx2.ASGITransport(self.app, client=peer, raise_app_exceptions=False),
            base_url=f"http://{host}",
            headers={"X-API-Key": chosen} if chosen else {},
        )


async def started_manager(life: Life, settings: Settings, machine: Path) -> MemoryManager:
    """A memory manager that takes those files for this machine's."""
    manager = MemoryManager(
        settings.warning_threshold_percent,
        settings.critical_threshold_percent,
        settings.max_context_entries,
        compression_trigger=settings.compression_trigger,
    )
    await manager.start(
        life.store,
        life.models,
        life.live_turns,
        life.clock,
        life.assistant.forget_counts,
        MemoryProbe(machine),
    )
    return manager


@asynccontextmanager
async def running(
    home: Path, model: ScriptedModel | None = None, **variables: str
) -> AsyncIterator[Vega]:
    settings = load_settings({"VEGA_HOME": str(home), **variables})
    async with living(home, model, queue_limit=settings.queue_limit) as life:
        given = settings.api_key.get_secret_value() if settings.api_key else None
        keys = await Keys.open(life.store, home, given, life.clock)
        pairing = await Pairing.open(life.store.devices, life.clock)
        cookies = Cookies(life.store.session_id, life.clock)
        https = HttpsDoor(settings, life.clock)
        machine = home.with_name(f"{home.name}-machine")
        write_service(machine)
        manager = await started_manager(life, settings, machine)
        parts = Parts(
            settings=settings,
            store=life.store,
            backups=Backups(home, life.clock, "0.0.0"),
            memory_manager=manager,
            nights=Nights(life.store, life.clock, time(3), nightly={}, daily={}),
            verification=Verification(life.store, life.live_turns, life.clock),
            facts=FactDrawer(life.store, life.models, life.live_turns),
            forgetting=Forgetting(
                life.store,
                life.live_turns,
                life.clock,
                forget_caches=life.models.forget_caches,
                forget_counts=life.assistant.forget_counts,
            ),
            recall=Recall(life.store, None, None, day_first=True),
            assistant=life.assistant,
            live_turns=life.live_turns,
            models=life.models,
            menu=ModelMenu(life.models, lambda _: None),
            access=Access(settings, keys, pairing, cookies, lambda: https.names),
            attempts=(attempts := Attempts(life.clock)),
            keys=keys,
            pairing=pairing,
            cookies=cookies,
            https=https,
            clock=life.clock,
            word_index=WordIndex(life.store),
        )
        path = home / "api_key"
        key = given or path.read_text().strip()
        try:
            yield Vega(create_app(parts), life, manager, machine, key, path)
        finally:
            attempts.close()
            await keys.close()
            await pairing.close()
            await manager.close()


@pytest.fixture
async def vega(tmp_path: Path) -> AsyncIterator[Vega]:
    async with running(tmp_path) as vega:
        yield vega


@pytest.fixture
async def client(vega: Vega) -> AsyncIterator[httpx2.AsyncClient]:
    async with vega.client() as client:
        yield client
