"""Connections of the https port: accepted, greeted, and only then given to HTTP.

What has not shown yet that it speaks TLS is bounded in time and number, since asyncio bounds it in
time alone: when too many are half-open, the one that has been so longest gives way to the newest.
The certificate is asked for at each connection, so a new one holds from the next one on and none
is lost. A client that speaks plain HTTP, as one whose address was typed without "https", is told.
"""

import asyncio
import logging
import socket
import ssl
from asyncio import sslproto
from collections.abc import Callable, Sequence

log = logging.getLogger(__name__)

#: To the first byte; then again to the end of the handshake.
GREETING_SECONDS = 10.0
#: A client that does not say goodbye is waited for no longer.
GOODBYE_SECONDS = 2.0
MAX_HALF_OPEN = 256
#: The system has no room for another connection; it may have soon.
ACCEPT_PAUSE_SECONDS = 0.5
#: The first byte of every TLS connection: a record of the handshake.
_TLS = b"\x16"
#: What asyncio sets aside for each connection from its first byte on, before anybody has shown a
#: key; by itself 256 KiB. Nothing that comes at once is longer than a record of TLS.
RECORD_BYTES = 16 * 1024 + 2048
# It is said in no other way, and holds for the connections to models too, which do as well.
sslproto.SSLProtocol.max_size = RECORD_BYTES

MakeProtocol = Callable[[], asyncio.Protocol]


class TlsListener:
    """Accepts on those sockets from `start` until `close`, which closes them."""

    def __init__(
        self,
        sockets: Sequence[socket.socket],
        context: Callable[[], ssl.SSLContext],
        secure: MakeProtocol,
        plain: MakeProtocol,
    ) -> None:
        self._sockets = sockets
        self._context = context
        self._secure = secure
        self._plain = plain
        #: Those that were not greeted yet, the oldest first.
        self._half_open: dict[asyncio.Task[None], None] = {}
        self._accepting: list[asyncio.Task[None]] = []

    def start(self) -> None:
        for listening in self._sockets:
            listening.setblocking(False)
            self._accepting.append(
                asyncio.create_task(self._accept(listening), name="https connections")
            )

    def stop(self) -> None:
        """Nobody is let in any more; whoever is in stays, and whoever is half in goes."""
        for task in (*self._accepting, *self._half_open):
            task.cancel()

    async def close(self) -> None:
        """The same, and the sockets are closed."""
        self.stop()
        await asyncio.gather(*self._accepting, *self._half_open, return_exceptions=True)
        for listening in self._sockets:
            listening.close()

    @property
    def half_open(self) -> int:
        """How many connections were not greeted yet."""
        return len(self._half_open)

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError as exc:
                # Out of files, or the client has left already. One that stays must not spin.
                log.warning("The https port could not accept: %s", exc.strerror or exc)
                await asyncio.sleep(ACCEPT_PAUSE_SECONDS)
                continue
            if len(self._half_open) >= MAX_HALF_OPEN:
                oldest = next(iter(self._half_open))
                del self._half_open[oldest]
                oldest.cancel()
            greeting = loop.create_task(self._greet(connection))
            self._half_open[greeting] = None
            greeting.add_done_callback(lambda task: self._half_open.pop(task, None))

    async def _greet(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(GREETING_SECONDS):
                first = await _first_byte(connection)
        except BaseException as exc:
            connection.close()
            if isinstance(exc, OSError):
                return
            raise
        try:
            if first == _TLS:
                await loop.connect_accepted_socket(
                    self._secure,
                    connection,
                    ssl=self._context(),
                    ssl_handshake_timeout=GREETING_SECONDS,
                    ssl_shutdown_timeout=GOODBYE_SECONDS,
                )
            elif first:
                await loop.connect_accepted_socket(self._plain, connection)
            else:
                connection.close()
        except OSError as exc:
            # A browser that does not trust the certificate ends here: nothing to warn about.
            log.debug("A connection of the https port was not made: %s", exc)


async def _first_byte(connection: socket.socket) -> bytes:
    """The byte that comes first, left where it is; none where the client leaves. Raises OSError."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            return connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            ready = asyncio.Event()
            loop.add_reader(connection, ready.set)
            try:
                await ready.wait()
            finally:
                loop.remove_reader(connection)
