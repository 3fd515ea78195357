"""Builds every part once and runs them: the only place that knows all of them.

The life of the process, in order: hold the home folder, listen, open the life, start the model
and the assistant, serve; on SIGTERM or Ctrl-C the same in reverse. It listens before it opens the
life, so that a client that comes early waits instead of being refused.
"""

import asyncio
import errno
import logging
import os
import resource
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import uvicorn

from vega.api.access import Access
from vega.api.app import create_app
from vega.api.parts import Parts
from vega.api.protocol import BoundedProtocol
from vega.config import Settings, variable
from vega.core.assistant import Assistant
from vega.core.clock import SystemClock
from vega.core.context import Context
from vega.core.keys import Keys
from vega.core.live_turns import LiveTurns
from vega.core.store import Store
from vega.errors import ConfigError
from vega.home import HomeLock
from vega.llm.base import Connector
from vega.llm.builtin import BuiltInModel
from vega.llm.openai import OpenAIModel
from vega.llm.scripted import SCHEME, ScriptedModel

log = logging.getLogger(__name__)

#: Clients that may wait in the kernel while Vega is busy or starts.
BACKLOG = 128
#: Open files and connections that Vega asks the system for.
OPEN_FILES = 65_536
#: An open event stream may hold up the end for so long.
GRACEFUL_SECONDS = 2
#: How often uvicorn's housekeeping runs: the Date header, and whether to end.
TICK_SECONDS = 1.0

Progress = Callable[[str, int, int], None]


async def serve(settings: Settings, announce: Callable[[str], None], on_progress: Progress) -> None:
    """Runs Vega until it is told to end.

    `announce` is called once requests are answered, with where the key is. Raises ConfigError,
    HomeInUse, DatabaseError for what keeps Vega from starting.
    """
    _raise_open_files()
    async with AsyncExitStack() as stack:
        lock = HomeLock(settings.home)
        stack.callback(lock.release)
        sockets = [_listen(settings, "port"), _listen(settings, "page_port")]
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
        announce(keys.whereabouts)
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
        given = settings.api_key.get_secret_value() if settings.api_key else None
        keys = await Keys.open(store, settings.home, given, clock)
        connector = await _connector(settings, on_progress)
        stack.push_async_callback(connector.close)
        live_turns = LiveTurns(store)
        context = Context(store, settings.max_context_entries)
        assistant = Assistant(store, live_turns, connector, context, clock, settings.queue_limit)
        await assistant.start()
        stack.push_async_callback(assistant.close)
        access = Access(settings, keys)
        yield keys, Parts(settings, store, assistant, live_turns, connector, access, clock)


async def _connector(settings: Settings, on_progress: Progress) -> Connector:
    """The model that the settings name; the built-in one where they name none."""
    if settings.model_url.startswith(SCHEME):
        return ScriptedModel.from_url(settings.model_url)
    if settings.model_url:
        return OpenAIModel(
            settings.model_url,
            settings.model_name,
            settings.model_key.get_secret_value() if settings.model_key else None,
            context_tokens=settings.model_context_tokens,
            is_able=settings.model_is_able,
        )
    builtin = BuiltInModel(settings.models_folder, settings.home / "cache", on_progress=on_progress)
    await builtin.start()
    return builtin


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
