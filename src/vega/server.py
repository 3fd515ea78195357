"""Runs Vega: listens, has every part built (`vega.assembly`), serves.

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
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import uvicorn

from vega import unix_socket
from vega.api.app import create_app
from vega.api.devices import pairing_link
from vega.api.parts import Parts
from vega.api.protocol import BoundedProtocol
from vega.assembly import running
from vega.config import Settings, variable
from vega.core.clock import Clock, SystemClock
from vega.errors import ConfigError, DatabaseError, ModelUnavailable
from vega.home import HomeLock

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


async def serve(
    settings: Settings, announce: Announce, on_progress: Progress, clock: Clock | None = None
) -> None:
    """Runs Vega until it is told to end, by the machine's clock if no other is given.

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
        keys, parts = await stack.enter_async_context(
            running(settings, on_progress, clock or SystemClock(settings.timezone))
        )
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
