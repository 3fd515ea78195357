"""Plays systemd for a `vega serve`: holds its ports, hands them over, and hears what it says.

As the real one it goes on listening whatever becomes of the process, so that clients wait.
"""

import os
import select
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.vega_process import COMMAND, VegaProcess

#: Runs as the process that becomes Vega: the sockets get the numbers that systemd gives them.
LAUNCH = """
import os, sys
count = int(sys.argv[1])
given, command = sys.argv[2:2 + count], sys.argv[2 + count:]
apart = [os.dup2(int(number), 1000 + place) for place, number in enumerate(given)]
for place, number in enumerate(apart):
    os.dup2(number, 3 + place, inheritable=True)
os.closerange(3 + count, 1000 + count)
os.environ["LISTEN_PID"] = os.environ["WATCHDOG_PID"] = str(os.getpid())
os.execv(command[0], command)
"""
BACKLOG = 4096


class PlayedSystemd:
    """What systemd is to one Vega."""

    def __init__(
        self,
        home: Path,
        *,
        names: Sequence[str] = ("api", "page"),
        sockets: Sequence[socket.socket] | None = None,
        watchdog_seconds: float = 1.0,
        is_abstract: bool = False,
        command: Sequence[str] = COMMAND,
        settings: dict[str, str] | None = None,
    ) -> None:
        """Starts nothing yet. `sockets` are handed over in place of those of Vega's ports."""
        self.vega = VegaProcess(home, settings=settings)
        ports = (self.vega.port, self.vega.page_port)
        self.sockets = list(sockets or [_listening(port) for port in ports])
        self._hearing = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        address = f"@vega-test-{os.getpid()}-{self.vega.port}" if is_abstract else f"{home}.notify"
        self._hearing.bind(address.replace("@", "\0"))
        numbers = [str(each.fileno()) for each in self.sockets]
        self.vega.command = (sys.executable, "-I", "-c", LAUNCH, str(len(numbers)), *numbers)
        self.vega.command += tuple(command)
        self.vega.pass_fds = tuple(each.fileno() for each in self.sockets)
        self.vega.settings |= {
            "LISTEN_FDS": str(len(numbers)),
            "LISTEN_FDNAMES": ":".join(names),
            "NOTIFY_SOCKET": address,
            "WATCHDOG_USEC": str(int(watchdog_seconds * 1e6)),
            # Else the process begins itself anew.
            "PYTHONMALLOC": "malloc",
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.vega.__exit__()
        for each in (*self.sockets, self._hearing):
            each.close()

    def hear(self, wanted: str, timeout_seconds: float = 60.0) -> list[str]:
        """All lines up to the one that begins so, which is the last. Raises TimeoutError."""
        heard: list[str] = []
        deadline = time.monotonic() + timeout_seconds
        while not (heard and heard[-1].startswith(wanted)):
            lines = self._hear_one(deadline - time.monotonic())
            if lines is None:
                raise TimeoutError(f"{wanted} was not said; {heard} was.")
            for line in lines:
                heard.append(line)
                if line.startswith(wanted):
                    break
        return heard

    def hear_for(self, seconds: float) -> list[str]:
        """All lines of that time."""
        heard: list[str] = []
        deadline = time.monotonic() + seconds
        while (lines := self._hear_one(deadline - time.monotonic())) is not None:
            heard += lines
        return heard

    def _hear_one(self, seconds: float) -> list[str] | None:
        ready, _, _ = select.select([self._hearing], [], [], max(0.0, seconds))
        return self._hearing.recv(65536).decode().split("\n") if ready else None


def _listening(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port), backlog=BACKLOG)
