"""The doors: the sockets on which Vega is called.

Each is handed over by systemd, which then listened before Vega ran and goes on when it ends, or
opened by Vega itself. What systemd listens on holds, whatever the settings say: who calls there
waits for this Vega.
"""

import errno
import logging
import os
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from vega import unix_socket
from vega.config import Settings, is_loopback, variable
from vega.errors import ConfigError
from vega.systemd import PassedSocket

log = logging.getLogger(__name__)

#: Clients that may wait in the kernel while Vega is busy or starts. asyncio says it again of a
#: socket that systemd passed, so it is that of the socket unit.
BACKLOG = 4096
#: What the kernel keeps of an answer for a client that does not read; Linux doubles it. Left to
#: itself it keeps up to 4 MB for each.
SEND_BUFFER_BYTES = 128 * 1024
#: The settings that hold the address of each door: its host, and its port.
ADDRESSES = {
    "api": ("host", "port"),
    "page": ("host", "page_port"),
    "https": ("https_host", "https_port"),
}
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Door:
    """One listening socket."""

    #: "api", "page", "https" or "local"; what is answered is the same at each.
    name: str
    listening: socket.socket

    @property
    def address(self) -> str:
        """As a person reads it."""
        if self.listening.family == socket.AF_UNIX:
            return str(self.listening.getsockname())
        host, port = self.listening.getsockname()[:2]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def take_doors(settings: Settings, passed: Iterable[PassedSocket]) -> list[Door]:
    """What systemd passed, each as the door that it is: by its name, else by its port, else in the
    order in which they come. A further one is one more "api"."""
    by_port = {getattr(settings, port): name for name, (_, port) in ADDRESSES.items()}
    known = [
        (each, each.name if each.name in ADDRESSES else by_port.get(_port(each.listening) or -1))
        for each in passed
    ]
    left = [name for name in ("api", "page") if name not in {name for _, name in known}]
    guessed: dict[int, str] = {}
    doors = []
    for each, name in known:
        prepare(each.listening)
        if name is None:
            # The same port of another address is the same door.
            port = _port(each.listening)
            if port not in guessed:
                guessed[port] = left.pop(0) if left else "api"
            name = guessed[port]
        doors.append(Door(name, each.listening))
    return doors


def heed(settings: Settings, doors: Sequence[Door]) -> Settings:
    """The settings with the addresses of the doors that systemd passed, which hold.

    Raises ConfigError where they do not fit the others: a Vega without keys is for this machine.
    """
    told: dict[str, object] = {}
    for door in doors:
        if _port(door.listening) == 0:
            continue
        host_setting, port_setting = ADDRESSES[door.name]
        host, port = door.listening.getsockname()[:2]
        # Of two addresses the one that others can reach counts.
        if host_setting not in told or not is_loopback(host):
            told[host_setting] = host
        if told.setdefault(port_setting, port) == port != getattr(settings, port_setting):
            log.warning(
                "systemd listens on port %d for Vega, so %s = %d does not hold; docs/service.md "
                "says how to change it.",
                *(port, port_setting, getattr(settings, port_setting)),
            )
    try:
        return Settings(**{**settings.model_dump(), **told}) if told else settings
    except ValidationError as exc:
        reason = exc.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        raise ConfigError(f"What systemd listens on does not fit the settings: {reason}.") from exc


def open_doors(settings: Settings, passed: Sequence[Door] = ()) -> list[Door]:
    """All doors to the network: those that were passed, and the others, opened now.

    Raises ConfigError where a port is taken.
    """
    there = {door.name for door in passed}
    opened = [Door(name, listen(settings, name)) for name in ("api", "page") if name not in there]
    return [*passed, *opened]


def listen(settings: Settings, name: str) -> socket.socket:
    """A listening socket for that door. Raises ConfigError where its port is taken."""
    host_setting, port_setting = ADDRESSES[name]
    host: str = getattr(settings, host_setting)
    port: int = getattr(settings, port_setting)
    try:
        listening = socket.create_server(
            (host, port),
            family=socket.AF_INET6 if ":" in host else socket.AF_INET,
            backlog=BACKLOG,
        )
    except OSError as exc:
        # The system's words alone: asyncio's and socket's say the address a second time.
        reason = os.strerror(exc.errno) if exc.errno and exc.errno > 0 else exc.strerror
        advice = (
            f"Another program has that port; choose another one with {variable(port_setting)}."
            if exc.errno == errno.EADDRINUSE
            else f"Check {variable(host_setting)} and {variable(port_setting)}."
        )
        raise ConfigError(f"Vega cannot listen on {host}:{port}: {reason}. {advice}") from exc
    prepare(listening)
    return listening


def open_local_door(home: Path) -> Door | None:
    """The socket in the home folder, if the folder can have one: Vega can do without."""
    try:
        return Door(LOCAL, unix_socket.listen(home, BACKLOG))
    except ConfigError as exc:
        log.warning("%s Commands in the terminal cannot reach this Vega; the ports can.", exc)
        return None


def prepare(listening: socket.socket) -> None:
    """Accepted connections inherit what is said here."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if listening.family in (socket.AF_INET, socket.AF_INET6):
        # asyncio sets it only on sockets of its own making, and without it an answer's second
        # packet waits 40 ms for the client's delayed acknowledgement.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _port(listening: socket.socket) -> int:
    """0 for what has none."""
    if listening.family in (socket.AF_INET, socket.AF_INET6):
        return int(listening.getsockname()[1])
    return 0
