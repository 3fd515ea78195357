"""The https door: a port of its own, with certificates that are renewed while it is open.

It opens and closes while Vega runs, by the owner's word; whatever is wrong with it keeps Vega from
nothing else, and is tried again each minute.
"""

import asyncio
import errno
import logging
import os
import socket
import ssl
from collections.abc import Sequence, Set
from weakref import WeakSet

import uvicorn

from vega.api.access import netloc
from vega.api.plain_answers import PlainAnswers
from vega.api.protocol import BoundedProtocol, Connections
from vega.api.serving import http_config
from vega.api.tls_listener import TlsListener
from vega.config import Settings
from vega.core.clock import Clock
from vega.doors import BACKLOG, prepare
from vega.errors import CertificateUnusable, PortTaken
from vega.tls.certificates import Certificates
from vega.tls.wish import check_wish, write_wish

log = logging.getLogger(__name__)

#: How often files, names and dates are looked at.
LOOK_SECONDS = 60.0
#: After the door was closed, those who are in may finish for so long.
CLOSING_SECONDS = 2.0


class HttpsDoor:
    """The door of one Vega: closed until `start`, and then as the settings wish."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self.certificates = Certificates(settings, clock)
        #: The port that is wished for; 0: the door is to be closed.
        self.port = settings.https_port
        self._port_problem = ""
        self._listener: TlsListener | None = None
        self._protocols: WeakSet[BoundedProtocol] = WeakSet()
        self._config: uvicorn.Config | None = None
        self._state: Connections | None = None
        #: On which systemd listens already; the first opening takes them.
        self._passed: list[socket.socket] = []
        self._watching: asyncio.Task[None] | None = None
        # One at a time opens, closes and looks.
        self._lock = asyncio.Lock()

    @property
    def is_open(self) -> bool:
        return self._listener is not None

    @property
    def names(self) -> frozenset[str]:
        """What the certificate stands for, while the door is open."""
        return self.certificates.names if self.is_open else frozenset()

    @property
    def problem(self) -> str:
        """What its owner must know; empty: nothing."""
        if not self.port:
            return ""
        return self._port_problem or self.certificates.problem

    @property
    def url(self) -> str:
        """The page's address for others than this machine; empty while the door is closed."""
        return self.urls[0] if self.is_open else ""

    @property
    def urls(self) -> list[str]:
        """All addresses of the page for others, the likeliest first; none while it is closed."""
        names = self.certificates.names_for_others or ["localhost"]
        return [f"https://{netloc(name, self.port)}" for name in names] if self.is_open else []

    async def start(
        self, config: uvicorn.Config, state: Connections, passed: Sequence[socket.socket] = ()
    ) -> None:
        """Opens it, if that is wished for, to the application of that configuration; connections
        are counted with all others. Raises nothing for what is wrong with the door alone."""
        self._config, self._state, self._passed = config, state, [*passed]
        await self._look()
        self._watching = asyncio.create_task(self._watch(), name="https door")

    def stop_accepting(self) -> None:
        """At the end of Vega: nobody is let in any more. Those who are in are the server's."""
        if self._watching is not None:
            self._watching.cancel()
        if self._listener is not None:
            self._listener.stop()

    async def close(self) -> None:
        """The same, and the sockets are closed."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        async with self._lock:
            await self._stop_listening()

    async def turn_on(self, port: int, hosts: Sequence[str], *, is_anew: bool = False) -> None:
        """Opens the door at that port, for those further names too, and has it open at every
        start; anew: with another authority.

        Raises CertificateUnusable, PortTaken, SettingOverridden, ConfigError; then all is as it
        was before.
        """
        async with self._lock:
            wish = check_wish(self._settings, port, [*self.certificates.own_names, *hosts])
            passed, before = self._passed, self.certificates.keep()
            opened = None if self.is_open and port == self.port else self._listen(port)
            try:
                await asyncio.to_thread(self.certificates.take_up, hosts, is_anew=is_anew)
                write_wish(self._settings, wish)
            except BaseException:
                if passed:
                    self._passed = passed
                elif opened is not None:
                    await opened.close()
                await asyncio.to_thread(self.certificates.go_back, before)
                raise
            if opened is not None:
                await self._stop_listening()
                self._listener = opened
                opened.start()
            self.port, self._port_problem = port, ""
            log.info("The page and the API are at %s.", self.url)

    async def turn_off(self) -> None:
        """Closes the door at once, and for all starts to come. What was made stays.

        Raises SettingOverridden, ConfigError.
        """
        async with self._lock:
            write_wish(self._settings, check_wish(self._settings, 0, []))
            self.port, self._port_problem = 0, ""
            await self._stop_listening()
            await self._send_away()

    def plan_on(self, port: int, hosts: Sequence[str], *, is_anew: bool = False) -> None:
        """The same for the next start, by somebody else than the Vega that will run then."""
        wish = check_wish(self._settings, port, [*self.certificates.own_names, *hosts])
        for listening in listen(self._settings.https_host, port):
            listening.close()
        before = self.certificates.keep()
        try:
            self.certificates.take_up(hosts, is_anew=is_anew)
            write_wish(self._settings, wish)
        except BaseException:
            self.certificates.go_back(before)
            raise
        self.port = port

    def plan_off(self) -> None:
        write_wish(self._settings, check_wish(self._settings, 0, []))
        self.port = 0

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._look()
            except Exception:
                log.exception("The https door could not be looked at")

    async def _look(self) -> None:
        async with self._lock:
            if not self.port:
                return
            await asyncio.to_thread(self.certificates.look)
            if self._listener is None and self.certificates.served is not None:
                try:
                    self._listener = self._listen(self.port)
                    self._listener.start()
                    self._port_problem = ""
                    log.info("The page and the API are at %s.", self.url)
                except PortTaken as exc:
                    if str(exc) != self._port_problem:
                        log.error("%s", exc)
                    self._port_problem = str(exc)

    def _listen(self, port: int) -> TlsListener:
        """Raises PortTaken."""
        plain = http_config(PlainAnswers(lambda: self.names, lambda: self.certificates.authority))
        sockets, self._passed = self._passed or listen(self._settings.https_host, port), []
        return TlsListener(
            sockets,
            self._context,
            lambda: self._make_protocol(self._config),
            lambda: self._make_protocol(plain),
        )

    def _context(self) -> ssl.SSLContext:
        served = self.certificates.served
        if served is None:
            # Nothing opens the door before there is one, and nothing takes it away.
            raise CertificateUnusable
        return served.context

    def _make_protocol(self, config: uvicorn.Config | None) -> BoundedProtocol:
        if config is None or self._state is None:
            raise RuntimeError("the door was not started")
        protocol = BoundedProtocol(config, self._state, {})
        self._protocols.add(protocol)
        return protocol

    @property
    def _connections(self) -> Set[object]:
        """Of all doors, those that are there."""
        return self._state.connections if self._state is not None else frozenset()

    async def _stop_listening(self) -> None:
        listener, self._listener = self._listener, None
        if listener is not None:
            await listener.close()

    async def _send_away(self) -> None:
        """Ends the connections of those who are in; what is being answered has a moment yet."""
        for protocol in list(self._protocols):
            if protocol in self._connections:
                protocol.shutdown()
        await asyncio.sleep(CLOSING_SECONDS)
        for protocol in list(self._protocols):
            if protocol in self._connections:
                protocol.transport.abort()


def listen(host: str, port: int) -> list[socket.socket]:
    """Listens there; on no address in particular, on all of both protocols. Raises PortTaken."""
    if host:
        places = [(socket.AF_INET6 if ":" in host else socket.AF_INET, host)]
    else:
        # Two, so that who comes over IPv4 is seen under that address.
        places = [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]  # noqa: S104 - its purpose
    found: list[socket.socket] = []
    try:
        for family, address in places:
            try:
                found.append(_listen_at(family, address, port))
            except OSError as exc:
                # A machine may have no IPv6.
                if host or family == socket.AF_INET or exc.errno == errno.EADDRINUSE:
                    raise
    except OSError as exc:
        for listening in found:
            listening.close()
        reason = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else exc.strerror
        raise PortTaken(
            f"Vega cannot listen on port {port} for https: {reason}. Choose another one: "
            "vega tls on --port N"
        ) from exc
    return found


def _listen_at(family: int, address: str, port: int) -> socket.socket:
    listening = socket.create_server((address, port), family=family, backlog=BACKLOG)
    prepare(listening)
    return listening
