"""What Vega and systemd tell each other: the sockets that it is handed, and how it fares.

systemd listens for Vega, so that clients wait while Vega restarts instead of being refused, and
hands over the sockets by number (sd_listen_fds(3)). Vega says when it answers, that it still does,
and that it ends (sd_notify(3)). Where no systemd started this process nothing is handed over, and
whatever is said goes nowhere.
"""

import logging
import os
import resource
import socket
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from vega.errors import ConfigError

log = logging.getLogger(__name__)

#: The number of the first socket that is handed over: SD_LISTEN_FDS_START.
FIRST_SOCKET = 3
#: For a manager that is busy with something else; it reads within milliseconds.
TELL_SECONDS = 2.0
#: While Vega starts it is looked so often whether the start gets on; the time that is then asked
#: for outlasts some looks that find nothing, as while the disk is waited for.
LOOK_SECONDS = 5.0
MORE_SECONDS = 60
#: A start that takes longer than this gets nowhere, whatever it does.
LONGEST_START_SECONDS = 3600.0
#: What a start does, in seconds of the processor or in blocks of the disk, or it hangs.
_LEAST_WORK = 0.01
_VARIABLES = (
    "LISTEN_PID",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "NOTIFY_SOCKET",
    "WATCHDOG_PID",
    "WATCHDOG_USEC",
)


@dataclass(frozen=True, slots=True)
class PassedSocket:
    """A socket on which systemd listens for Vega. To close it ends nothing: systemd goes on."""

    #: FileDescriptorName= of its unit; without that the unit's own name.
    name: str
    listening: socket.socket


class Manager:
    """The systemd that started this process, if one did."""

    def __init__(
        self, passed: list[PassedSocket], address: str | None, watchdog_seconds: float | None
    ) -> None:
        self.passed = passed
        #: Within this time it wants a sign of life, again and again; None: it wants none.
        self.watchdog_seconds = watchdog_seconds
        self._address = address

    @classmethod
    def take(cls, environ: MutableMapping[str, str] = os.environ) -> "Manager":
        """What this process was handed and told to do. Call it once, before any child is started:
        children get neither the variables nor the sockets.

        Raises ConfigError for a socket on which nobody can be served.
        """
        given = {name: environ.pop(name, "") for name in _VARIABLES}
        passed = []
        # A child of another service inherits the variables, which are then not meant for it.
        if given["LISTEN_PID"] == str(os.getpid()):
            names = given["LISTEN_FDNAMES"].split(":")
            for place in range(_number(given["LISTEN_FDS"])):
                name = names[place] if place < len(names) else ""
                passed.append(_take_socket(FIRST_SOCKET + place, name))
        micros = 0
        if given["WATCHDOG_PID"] in ("", str(os.getpid())):
            micros = _number(given["WATCHDOG_USEC"])
        address = given["NOTIFY_SOCKET"]
        # "@" stands for the NUL of an address that is no file.
        address = "\0" + address[1:] if address.startswith("@") else address
        return cls(passed, address or None, micros / 1e6 if micros else None)

    def tell(self, *lines: str) -> None:
        """Say that, as sd_notify(3) writes it. What cannot be said is left unsaid."""
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
                telling.settimeout(TELL_SECONDS)
                telling.sendto("\n".join(lines).encode(), self._address)
        except OSError as exc:
            log.warning("systemd could not be told %s: %s", lines[0].partition("=")[0], exc)

    @contextmanager
    def starting(self) -> Iterator[None]:
        """Asks for more time while what is done within gets on, as a long migration does.

        From a thread, since the event loop may be what works. A start that does nothing gets no
        more time, and is ended.
        """
        if self._address is None:
            yield
            return
        ended = threading.Event()
        asking = threading.Thread(
            target=self._ask_for_time, args=(ended,), name="vega-starting", daemon=True
        )
        asking.start()
        try:
            yield
        finally:
            ended.set()
            asking.join()

    def _ask_for_time(self, ended: threading.Event) -> None:
        looks = int(LONGEST_START_SECONDS / LOOK_SECONDS)
        before = _work_done()
        for _ in range(looks):
            if ended.wait(LOOK_SECONDS):
                return
            now = _work_done()
            if now - before > _LEAST_WORK:
                self.tell(f"EXTEND_TIMEOUT_USEC={MORE_SECONDS * 1_000_000}")
            before = now
        log.error("The start took an hour; no more time is asked for.")


def _take_socket(number: int, name: str) -> PassedSocket:
    try:
        taken = socket.socket(fileno=number)
    except OSError as exc:
        raise ConfigError(f"systemd passed something that is no socket: {exc.strerror}.") from exc
    # systemd leaves it open for children; ours must not keep it.
    taken.set_inheritable(False)
    is_listening = False
    with suppress(OSError):
        is_listening = bool(taken.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    if taken.type != socket.SOCK_STREAM or not is_listening:
        raise ConfigError(
            f"systemd passed a socket ({name or number}) on which it does not listen for "
            "connections: its unit needs ListenStream=, and Accept=no."
        )
    return PassedSocket(name, taken)


def _work_done() -> float:
    """What this process has done so far: seconds of the processor, and blocks of the disk."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime + used.ru_inblock + used.ru_oublock


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
