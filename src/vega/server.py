"""Builds every part once and runs them: the only place that knows all of them.

The life of the process, in order: hold the home folder, listen, open the life, start the model
and the assistant, serve; on SIGTERM or Ctrl-C the same in reverse. It listens before it opens the
life, so that a client that comes early waits instead of being refused.
"""

import asyncio
import errno
import gc
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import time
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import uvicorn

import vega
from vega import unix_socket
from vega.api.access import Access
from vega.api.app import create_app
from vega.api.cookies import Cookies
from vega.api.devices import pairing_link
from vega.api.parts import Parts
from vega.api.protocol import BoundedProtocol
from vega.config import SETTINGS_FILE, Settings, is_loopback, setting_places, variable
from vega.core.assistant import Assistant
from vega.core.backup.backups import Backups
from vega.core.clock import Clock, SystemClock
from vega.core.context import Context
from vega.core.keys import Keys
from vega.core.live_turns import LiveTurns
from vega.core.memory import CleanupKind
from vega.core.memory_manager import MemoryManager
from vega.core.nights import Nights
from vega.core.pairing import Pairing
from vega.core.pressure.memory_release import trim_heap
from vega.core.store import Store
from vega.core.telling.digests import DigestWriter
from vega.core.verification import Verification
from vega.errors import ConfigError, DatabaseError, ModelUnavailable, SettingOverridden
from vega.home import HomeLock
from vega.llm.choice import ModelChoice
from vega.llm.lineup import Lineup, Wishes
from vega.llm.menu import ModelMenu
from vega.llm.scripted import SCHEME, ScriptedModel
from vega.llm.servers import ModelServers
from vega.llm.shelf import Shelf
from vega.settings_file import write_setting

log = logging.getLogger(__name__)

#: Clients that may wait in the kernel while Vega is busy or starts.
BACKLOG = 128
#: Open files and connections that Vega asks the system for.
OPEN_FILES = 65_536
#: An open event stream may hold up the end for so long.
GRACEFUL_SECONDS = 2
#: How often uvicorn's housekeeping runs: the Date header, and whether to end.
TICK_SECONDS = 1.0
#: For so many seconds it is waited for a model before a better one is offered.
OFFER_TRIES = 120

Progress = Callable[[str, int, int], None]
#: Told where the key is, and the link that pairs a browser, if one may be shown.
Announce = Callable[[str, str | None], None]


async def serve(settings: Settings, announce: Announce, on_progress: Progress) -> None:
    """Runs Vega until it is told to end.

    `announce` is called once requests are answered. Raises ConfigError, HomeInUse, DatabaseError
    for what keeps Vega from starting.
    """
    _raise_open_files()
    async with AsyncExitStack() as stack:
        lock = HomeLock(settings.home)
        stack.callback(lock.release)
        sockets = [_listen(settings, "port"), _listen(settings, "page_port")]
        local = _listen_locally(settings.home)
        if local is not None:
            sockets.append(local)
            stack.callback(unix_socket.remove, settings.home)
        for listening in sockets:
            stack.callback(listening.close)
        keys, parts = await stack.enter_async_context(_running(settings, on_progress))
        server = _Server(
            parts.live_turns.close,
            uvicorn.Config(
                create_app(parts),
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                http=BoundedProtocol,
                backlog=BACKLOG,
                # A proxy's word about where a request comes from is not believed.
                proxy_headers=False,
                timeout_graceful_shutdown=GRACEFUL_SECONDS,
            ),
        )
        # What is loaded by now stays: a collection, which holds up everybody, may pass over it.
        gc.freeze()
        announce(keys.whereabouts, await _link(parts))
        telling = asyncio.create_task(_tell_offer(parts))
        stack.callback(telling.cancel)
        await server.serve(sockets)
        log.info("Vega ends; the conversation goes on at the next start.")


@asynccontextmanager
async def _running(settings: Settings, on_progress: Progress) -> AsyncIterator[tuple[Keys, Parts]]:
    """Every part below HTTP, started; ended in reverse."""
    async with AsyncExitStack() as stack:
        clock = SystemClock(settings.timezone)
        store = await Store.open(settings.home)
        stack.push_async_callback(store.close)
        for line in store.attention:
            log.error("%s", line)
        await asyncio.to_thread(store.disk.restore_ballast)
        given = settings.api_key.get_secret_value() if settings.api_key else None
        keys = await Keys.open(store, settings.home, given, clock)
        models = ModelChoice(_lineup(settings, on_progress))
        stack.push_async_callback(models.close)
        await models.start()
        live_turns = LiveTurns(store)
        context = Context(store, settings.max_context_entries)
        assistant = Assistant(store, live_turns, models, context, clock, settings.queue_limit)
        await assistant.start()
        stack.push_async_callback(assistant.close)
        upkeep = await _look_after(stack, settings, store, models, live_turns, assistant, clock)
        pairing = await Pairing.open(store.devices, clock)
        cookies = Cookies(store.session_id, clock)
        yield (
            keys,
            Parts(
                settings=settings,
                store=store,
                backups=upkeep.backups,
                memory_manager=upkeep.memory_manager,
                nights=upkeep.nights,
                verification=upkeep.verification,
                assistant=assistant,
                live_turns=live_turns,
                models=models,
                menu=ModelMenu(models, lambda name: _save_model(settings, name)),
                access=Access(settings, keys, pairing, cookies),
                pairing=pairing,
                cookies=cookies,
                clock=clock,
            ),
        )


class _Upkeep(NamedTuple):
    """What looks after a life while nobody asks."""

    memory_manager: MemoryManager
    backups: Backups
    verification: Verification
    nights: Nights


async def _look_after(
    stack: AsyncExitStack,
    settings: Settings,
    store: Store,
    models: ModelChoice,
    live_turns: LiveTurns,
    assistant: Assistant,
    clock: Clock,
) -> _Upkeep:
    """Cleanups, and the work of the night, begun; ended with the stack."""
    backups = Backups(settings.home, clock, vega.__version__)
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
    await memory_manager.start(store, models, live_turns, clock, assistant.forget_counts)
    stack.push_async_callback(memory_manager.close)
    digests = DigestWriter(store, models, live_turns, clock)
    nights = Nights(
        store,
        clock,
        time.fromisoformat(settings.nightly_at.zfill(5)),
        nightly={
            "The nightly cleanup": lambda: memory_manager.clean(CleanupKind.NIGHTLY),
            "The nightly digests": digests.write_due,
            "The nightly backup": backups.nightly,
            "The nightly verification": verification.run,
        },
        daily={"The digests": digests.write_due, "Giving back what they took": trim_heap},
    )
    await nights.start()
    stack.push_async_callback(nights.close)
    return _Upkeep(memory_manager, backups, verification, nights)


async def _link(parts: Parts) -> str | None:
    """A one-time link to the page, to be printed."""
    if _is_journaled():
        return None
    try:
        made = await parts.pairing.make_code()
    except DatabaseError as exc:
        # A full disk keeps no Vega from starting.
        log.warning("There is no link to the page now: %s", exc)
        return None
    return pairing_link(parts.settings, made.code)


async def _tell_offer(parts: Parts) -> None:
    """Says once, when it is known what answers, which model would be better."""
    for _ in range(OFFER_TRIES):
        try:
            await parts.models.profile()
            break
        except ModelUnavailable:
            await asyncio.sleep(1)
    offer = await parts.menu.find_offer()
    if offer is not None:
        log.info("%s (vega model pull %s)", offer.text, offer.id)


def _is_journaled() -> bool:
    """Whether what is printed goes to systemd's journal, where others may read it.

    The variable alone does not say so: whatever runs in a desktop's terminal inherits it
    (systemd.exec(5)).
    """
    try:
        out = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{out.st_dev}:{out.st_ino}"


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


def _listen(settings: Settings, name: str) -> socket.socket:
    """A listening socket on the port of that setting. Raises ConfigError where it is taken."""
    port: int = getattr(settings, name)
    try:
        listening = socket.create_server(
            (settings.host, port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
            backlog=BACKLOG,
        )
    except OSError as exc:
        # The system's words alone: asyncio's and socket's say the address a second time.
        reason = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else exc.strerror
        advice = (
            f"Another program has that port; choose another one with {variable(name)}."
            if exc.errno == errno.EADDRINUSE
            else f"Check {variable('host')} and {variable(name)}."
        )
        raise ConfigError(
            f"Vega cannot listen on {settings.host}:{port}: {reason}. {advice}"
        ) from exc
    # Accepted connections inherit it. asyncio sets it only on sockets of its own making, and
    # without it an answer's second packet waits 40 ms for the client's delayed acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _listen_locally(home: Path) -> socket.socket | None:
    """The socket in the home folder, if the folder can have one: Vega can do without."""
    try:
        return unix_socket.listen(home, BACKLOG)
    except ConfigError as exc:
        log.warning("%s Commands in the terminal cannot reach this Vega; the ports can.", exc)
        return None


def _raise_open_files() -> None:
    """Many systems give a program 1,024 unless it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Server(uvicorn.Server):
    """uvicorn, with signals by our rules, and without waking ten times a second."""

    def __init__(self, before_end: Callable[[], None], config: uvicorn.Config) -> None:
        super().__init__(config)
        self._before_end = before_end
        self._ended = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: object) -> None:
        # A second signal does not hurry: what is left to do is bounded anyway.
        self.should_exit = True
        self._ended.set()
        self._before_end()

    async def main_loop(self) -> None:
        while not self.should_exit:
            await self.on_tick(0)
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await self._ended.wait()
            except TimeoutError:
                continue
