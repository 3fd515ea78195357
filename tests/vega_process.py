"""A real `vega serve` as a process: started, asked, killed, started again.

For tests and benchmarks alike, so nothing here knows pytest. Each process has a session of its own,
so that `kill` takes its children (the model host, pip) with it, as a power cut would.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx2

START_SECONDS = 30.0
END_SECONDS = 20.0
POLL_SECONDS = 0.01
#: For one answer, also of the built-in model on a busy machine.
ANSWER_SECONDS = 180.0
COMMAND = (sys.executable, "-m", "vega.cli", "serve")
#: Below the ports that the kernel gives to clients: one of those that knocks at a closed port of
#: that range can be given this very port, and is then connected to itself.
PORTS = range(20_000, 32_000)

_random = random.Random()


class StartFailed(Exception):
    """`vega serve` ended before it answered."""


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    kind: str
    id: str
    data: dict[str, Any]


class VegaProcess:
    """One home folder and the `vega serve` that runs on it, again and again."""

    def __init__(
        self,
        home: Path,
        *,
        model_url: str = "scripted:",
        settings: Mapping[str, str] | None = None,
        prepare: Callable[[], None] | None = None,
        command: Sequence[str] = COMMAND,
    ) -> None:
        """Starts nothing yet. `settings` are VEGA_* variables, `prepare` runs in the new process
        before it becomes Vega."""
        self.home = home
        self.port, self.page_port = free_ports(2)
        #: Changes hold from the next start on.
        self.settings = {
            "VEGA_HOME": str(home),
            "VEGA_PORT": str(self.port),
            "VEGA_PAGE_PORT": str(self.page_port),
            "VEGA_MODEL_URL": model_url,
            # Whatever runs on this machine is not a test's.
            "VEGA_MODEL_SERVERS": "none",
            "VEGA_MODEL_FALLBACK": "false",
            # Its model would be fetched for each home.
            "VEGA_EMBEDDING": "off",
            **(settings or {}),
        }
        #: Everything that it wrote, over all starts.
        self.log = home.with_name(f"{home.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        #: What is run, and which open files it is handed; of both the next start takes notice.
        self.command = command
        self.pass_fds: tuple[int, ...] = ()
        self._prepare = prepare
        # Kept connections would die with the server, and the next request on them too.
        self._http = httpx2.Client(
            base_url=self.url,
            trust_env=False,
            timeout=ANSWER_SECONDS,
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=0),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._http.close()

    # Its life

    def launch(self) -> None:
        """Start the process, and wait for nothing."""
        if self.is_running:
            raise StartFailed("It runs already.")
        others = {name: text for name, text in os.environ.items() if not name.startswith("VEGA_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                pass_fds=self.pass_fds,
                env={**others, **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=self._prepare,
            )

    def start(self) -> None:
        """Start the process and wait until it answers. Raises StartFailed with what it said."""
        self.launch()
        self.wait_until_healthy()

    def wait_until_healthy(self, timeout_seconds: float = START_SECONDS) -> None:
        def is_healthy() -> bool:
            if not self.is_running:
                raise StartFailed(self.output)
            try:
                return self._http.get("/healthz").status_code == 200
            except httpx2.TransportError:
                return False

        wait_until(is_healthy, timeout_seconds)

    def kill(self) -> None:
        """SIGKILL to the whole process group: what a crash and a power cut have in common."""
        if self.process is not None:
            self.signal_group(signal.SIGKILL)
            self.process.wait()

    def terminate(self) -> int:
        """SIGTERM to the server alone, as systemd does it first: the exit code."""
        return self.end_by(signal.SIGTERM)

    def end_by(self, number: signal.Signals) -> int:
        """The exit code after that signal."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.wait()

    def wait(self, timeout_seconds: float = END_SECONDS) -> int:
        """The exit code, once it has ended by itself."""
        assert self.process is not None
        return self.process.wait(timeout_seconds)

    def signal_group(self, number: signal.Signals) -> None:
        """The signal to the server and its children, as a terminal's Ctrl-C."""
        if self.process is not None and self.process.returncode is None:
            os.killpg(self.process.pid, number)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @property
    def output(self) -> str:
        """Everything that it wrote, over all starts."""
        return self.log.read_text() if self.log.exists() else ""

    # What it is asked

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key(self) -> str:
        """The owner's key, once the first start has made it."""
        return (self.home / "api_key").read_text().strip()

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = ANSWER_SECONDS,
    ) -> httpx2.Response:
        """One request with the owner's key."""
        return self._http.request(
            method,
            path,
            json=body,
            headers={"X-API-Key": self.key, **(headers or {})},
            timeout=timeout_seconds,
        )

    def chat(
        self, prompt: str, *, idempotency_key: str | None = None, **fields: object
    ) -> httpx2.Response:
        """The answer to a prompt, in one piece."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self.request("POST", "/chat", {"prompt": prompt, **fields}, headers=headers)

    def turn(self, turn_id: int) -> dict[str, Any]:
        shown: dict[str, Any] = (
            self.request("GET", f"/api/turns/{turn_id}").raise_for_status().json()
        )
        return shown

    def status(self) -> dict[str, Any]:
        shown: dict[str, Any] = self.request("GET", "/api/status").raise_for_status().json()
        return shown

    def history(self, page_size: int = 50) -> list[dict[str, Any]]:
        """Every turn of the life, oldest first, read page by page."""
        turns: list[dict[str, Any]] = []
        query: dict[str, str] = {"limit": str(page_size)}
        while True:
            address = f"/history?{httpx2.QueryParams(query)}"
            page = self.request("GET", address).raise_for_status().json()
            turns += page["turns"]
            if page["next_before"] is None:
                return turns[::-1]
            query["before"] = page["next_before"]

    def wait_until_idle(self, timeout_seconds: float = ANSWER_SECONDS) -> None:
        """Until no turn waits for its answer."""
        wait_until(lambda: self.status()["queue"]["waiting"] == 0, timeout_seconds)

    @contextmanager
    def events(
        self,
        path: str,
        *,
        last_event_id: str | None = None,
        prompt: str | None = None,
        idempotency_key: str | None = None,
        timeout_seconds: float = ANSWER_SECONDS,
    ) -> Iterator[Iterator[Event]]:
        """A stream of events: of a GET, or of a prompt that is posted there."""
        headers = {"X-API-Key": self.key, "Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        with self._http.stream(
            "GET" if prompt is None else "POST",
            path,
            json=None if prompt is None else {"prompt": prompt, "stream": True},
            headers=headers,
            timeout=timeout_seconds,
        ) as response:
            if response.is_error:
                response.read()
            yield _events(response.raise_for_status())


def _events(response: httpx2.Response) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in _lines(response):
        name, _, text = line.partition(": ")
        if name:
            fields[name] = text
        elif not line:
            if "event" in fields:
                yield Event(fields["event"], fields["id"], json.loads(fields["data"]))
            fields = {}


def _lines(response: httpx2.Response) -> Iterator[str]:
    # Not iter_lines, for which a U+2028 inside of an answer ends a line.
    rest = b""
    for chunk in response.iter_bytes():
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line.decode().removesuffix("\r")


def wait_until(
    is_true: Callable[[], bool], timeout_seconds: float, poll_seconds: float = POLL_SECONDS
) -> None:
    """Raises TimeoutError when that does not come true in time."""
    deadline = time.monotonic() + timeout_seconds
    while not is_true():
        if time.monotonic() >= deadline:
            raise TimeoutError(f"Not true within {timeout_seconds} s.")
        time.sleep(poll_seconds)


def free_ports(count: int) -> list[int]:
    """Different ports on which nobody listens now."""
    found: list[int] = []
    for port in _random.sample(PORTS, len(PORTS)):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found
