"""Builds every part below HTTP once, and joins them: the only place that knows all of them.

In the order in which they need each other; they are ended in reverse.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import time
from typing import NamedTuple
from urllib.parse import urlsplit

import vega
from vega.api.access import Access
from vega.api.attempts import Attempts
from vega.api.cookies import Cookies
from vega.api.https_door import HttpsDoor
from vega.api.parts import Parts
from vega.config import SETTINGS_FILE, Settings, is_loopback, setting_places, variable
from vega.core.assistant import Assistant
from vega.core.backup.backups import NIGHTLY_BACKUP, Backups
from vega.core.backup.elsewhere import Elsewhere
from vega.core.clock import Clock
from vega.core.context import Context
from vega.core.forgetting import Forgetting
from vega.core.keys import Keys
from vega.core.live_turns import LiveTurns
from vega.core.lookup import Lookup
from vega.core.memory import CleanupKind
from vega.core.memory_manager import MemoryManager
from vega.core.nights import Nights
from vega.core.pairing import Pairing
from vega.core.pressure.memory_release import trim_heap
from vega.core.recall.recall import Recall
from vega.core.store import Store
from vega.core.telling.digests import DigestWriter
from vega.core.telling.fact_drawer import FactDrawer
from vega.core.verification import Verification
from vega.errors import SettingOverridden
from vega.indexes import Indexes
from vega.llm.choice import ModelChoice
from vega.llm.download import Progress
from vega.llm.lineup import Lineup, Wishes
from vega.llm.menu import ModelMenu
from vega.llm.scripted import SCHEME, ScriptedModel
from vega.llm.servers import ModelServers
from vega.llm.shelf import Shelf
from vega.settings_file import write_setting

log = logging.getLogger(__name__)


@asynccontextmanager
async def running(
    settings: Settings, on_progress: Progress, clock: Clock
) -> AsyncIterator[tuple[Keys, Parts]]:
    """Every part below HTTP, started; ended in reverse."""
    async with AsyncExitStack() as stack:
        store = await Store.open(settings.home)
        stack.push_async_callback(store.close)
        for line in store.attention:
            log.error("%s", line)
        await asyncio.to_thread(store.disk.restore_ballast)
        given = settings.api_key.get_secret_value() if settings.api_key else None
        keys = await Keys.open(store, settings.home, given, clock)
        stack.push_async_callback(keys.close)
        models = ModelChoice(_lineup(settings, on_progress))
        stack.push_async_callback(models.close)
        await models.start()
        indexes = await Indexes.open(settings, store, models, on_progress)
        stack.push_async_callback(indexes.close)
        live_turns = LiveTurns(store)
        talk = await _talk(stack, settings, store, models, indexes, live_turns, clock)
        upkeep = await _look_after(
            stack, settings, store, models, indexes, live_turns, talk.assistant, clock
        )
        await indexes.start(live_turns, upkeep.memory_manager.is_critical)
        pairing = await Pairing.open(store.devices, clock)
        stack.push_async_callback(pairing.close)
        attempts = Attempts(clock)
        stack.callback(attempts.close)
        cookies = Cookies(store.session_id, clock)
        https = HttpsDoor(settings, clock)
        stack.push_async_callback(https.close)
        yield (
            keys,
            Parts(
                settings=settings,
                store=store,
                models=models,
                menu=ModelMenu(models, lambda name: _save_model(settings, name)),
                live_turns=live_turns,
                access=Access(settings, keys, pairing, cookies, lambda: https.names),
                attempts=attempts,
                keys=keys,
                pairing=pairing,
                cookies=cookies,
                https=https,
                clock=clock,
                indexer=indexes.indexer,
                word_index=indexes.words,
                **talk._asdict(),
                **upkeep._asdict(),
            ),
        )


class _Talk(NamedTuple):
    """What answers, finds and forgets."""

    assistant: Assistant
    recall: Recall
    forgetting: Forgetting


async def _talk(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    models: ModelChoice,
    indexes: Indexes,
    live_turns: LiveTurns,
    clock: Clock,
) -> _Talk:
    recall = Recall(
        store, indexes.embedder, indexes.vectors, day_first=settings.date_order == "day"
    )
    stack.callback(recall.close)
    context = Context(store, settings.max_context_entries)
    assistant = Assistant(
        store, live_turns, models, context, clock, settings.queue_limit, Lookup(recall)
    )
    forgetting = Forgetting(
        store,
        live_turns,
        clock,
        vectors=indexes.vectors,
        forget_caches=models.forget_caches,
        forget_counts=assistant.forget_counts,
    )
    stack.push_async_callback(forgetting.close)
    await forgetting.start()
    await assistant.start()
    stack.push_async_callback(assistant.close)
    return _Talk(assistant, recall, forgetting)


class _Upkeep(NamedTuple):
    """What looks after a life while nobody asks."""

    memory_manager: MemoryManager
    backups: Backups
    verification: Verification
    nights: Nights
    facts: FactDrawer


async def _look_after(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    models: ModelChoice,
    indexes: Indexes,
    live_turns: LiveTurns,
    assistant: Assistant,
    clock: Clock,
) -> _Upkeep:
    """Cleanups, and the work of the night, begun; ended with the stack."""
    elsewhere = Elsewhere(settings.backup_folder) if settings.backup_folder else None
    backups = Backups(settings.home, clock, vega.__version__, elsewhere)
    stack.push_async_callback(backups.close)
    verification = Verification(store, live_turns, clock)
    stack.push_async_callback(verification.close)
    memory_manager = MemoryManager(
        settings.warning_threshold_percent,
        settings.critical_threshold_percent,
        settings.max_context_entries,
        compression_trigger=settings.compression_trigger,
        check_interval_seconds=settings.check_interval_seconds,
    )
    await memory_manager.start(
        store, models, live_turns, clock, assistant.forget_counts, embedder=indexes.embedder
    )
    stack.push_async_callback(memory_manager.close)
    digests = DigestWriter(store, models, live_turns, clock)
    nights = Nights(
        store,
        clock,
        time.fromisoformat(settings.nightly_at.zfill(5)),
        nightly={
            "The nightly cleanup": lambda: memory_manager.clean(CleanupKind.NIGHTLY),
            "The nightly digests": digests.write_due,
            NIGHTLY_BACKUP: backups.nightly,
            "The nightly verification": verification.run,
            "The nightly look at the index of words": indexes.words.tend,
        },
        daily={"The digests": digests.write_due, "Giving back what they took": trim_heap},
    )
    await nights.start()
    stack.push_async_callback(nights.close)
    facts = FactDrawer(store, models, live_turns)
    await facts.start()
    stack.push_async_callback(facts.close)
    return _Upkeep(memory_manager, backups, verification, nights, facts)


def _lineup(settings: Settings, on_progress: Progress) -> Lineup:
    """The models that may answer, as the settings name them."""
    own = {settings.port, settings.page_port}
    addresses = [
        address
        for address in settings.model_servers
        # Not Vega itself.
        if not (is_loopback(urlsplit(address).hostname or "") and urlsplit(address).port in own)
    ]
    wishes = Wishes(
        model=settings.model,
        url=settings.model_url,
        name=settings.model_name,
        key=settings.model_key.get_secret_value() if settings.model_key else None,
        context_tokens=settings.model_context_tokens,
        is_able=settings.model_is_able,
        falls_back=settings.model_fallback,
    )
    shelf = Shelf(settings.models_folder, settings.home / "cache", settings.model_hub, on_progress)
    is_scripted = settings.model_url.startswith(SCHEME)
    only = ScriptedModel.from_url(settings.model_url) if is_scripted else None
    return Lineup(wishes, ModelServers(addresses), shelf, only)


def _save_model(settings: Settings, name: str) -> None:
    """Writes which model is wanted into vega.toml. Raises ConfigError, SettingOverridden."""
    places = setting_places()
    if settings.model_url:
        raise SettingOverridden(
            f"A model server is set (model_url, in {places.get('model_url')}), which goes before "
            "every other model; take that setting out and restart Vega first."
        )
    if places.get("model") == variable("model"):
        raise SettingOverridden(
            f"{variable('model')} is set, which goes before {SETTINGS_FILE}; take it out and "
            "restart Vega first."
        )
    write_setting(settings.home / SETTINGS_FILE, "model", name)
