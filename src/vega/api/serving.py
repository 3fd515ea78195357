"""uvicorn, with doors that are open already, and an end by our rules.

At the end it stops accepting at once: whoever then waits in the queue of a socket that systemd
holds is served by the next Vega. Whoever was accepted is answered, or told in bounded time that
there will be no answer.
"""

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from vega.api.protocol import BoundedProtocol, Connections
from vega.doors import BACKLOG, Door

#: What was asked may hold up the end for so long.
GRACEFUL_SECONDS = 2.0
#: What was given up then ends within this time, or is left behind.
GIVING_UP_SECONDS = 1.0
POLL_SECONDS = 0.02
#: How often uvicorn's housekeeping runs: the Date header, and whether to end.
TICK_SECONDS = 1.0


def http_config(app: ASGIApp) -> uvicorn.Config:
    """How HTTP is spoken at every door."""
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        http=BoundedProtocol,
        # A proxy's word about where a request comes from is not believed.
        proxy_headers=False,
    )


class Server(uvicorn.Server):
    """Serves an application at doors, until SIGTERM or SIGINT."""

    def __init__(
        self,
        app: ASGIApp,
        doors: Sequence[Door],
        *,
        on_serving: Callable[[], None],
        before_end: Callable[[], None],
    ) -> None:
        """`on_serving` is called once requests are answered, `before_end` as soon as it is to
        end."""
        super().__init__(http_config(app))
        self.server_state: Connections = Connections()
        self._doors = doors
        self._on_serving = on_serving
        self._before_end = before_end
        self._ended = asyncio.Event()
        self.servers: list[asyncio.Server] = []

    async def startup(self, sockets: object = None) -> None:
        def make_protocol() -> BoundedProtocol:
            return BoundedProtocol(self.config, self.server_state, self.lifespan.state)

        await self.lifespan.startup()
        loop = asyncio.get_running_loop()
        for door in self._doors:
            server = await loop.create_server(make_protocol, sock=door.listening, backlog=BACKLOG)
            self.servers.append(server)
        # Without it the first answers would have no date.
        await self.on_tick(0)
        self.started = True
        self._on_serving()

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
        self._stop_accepting()
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

    async def shutdown(self, sockets: object = None) -> None:
        self._stop_accepting()
        # Who was accepted in this very moment gets as far as to be known.
        await asyncio.sleep(POLL_SECONDS)
        for server in self.servers:
            # It closes our copies of the sockets; those of systemd go on listening.
            server.close()
        state = self.server_state
        if not await _wait_until_over(state, GRACEFUL_SECONDS):
            for task in state.tasks:
                task.cancel()
            await _wait_until_over(state, GIVING_UP_SECONDS)
        for connection in list(state.connections):
            connection.transport.abort()

    def _stop_accepting(self) -> None:
        # To close the servers here would drop who is being accepted: asyncio then has no place
        # for them any more.
        loop = asyncio.get_running_loop()
        for server in self.servers:
            for listening in server.sockets:
                loop.remove_reader(listening.fileno())
        self.server_state.end()


async def _wait_until_over(state: Connections, seconds: float) -> bool:
    """Whether all has been answered and closed within that time."""
    try:
        async with asyncio.timeout(seconds):
            while state.connections or state.tasks:  # noqa: ASYNC110 - uvicorn tells of no end
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        return False
    return True
