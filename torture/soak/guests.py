"""Those who come and go: odd jobs, an importer, visitors, the far too slow, and the impolite."""

import http.client
import json
import random
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from torture.clients import LOSSES, Answered, Door

HERE = "127.0.0.1"
#: Whoever sends bad keys is soon not listened to: that must not be where the good ones are.
STRANGER = ("127.0.0.2", 0)
JOB_PAUSE_SECONDS = 0.3
BAD_PAUSE_SECONDS = 1.0
VISIT_SECONDS = (0.5, 20.0)
SLOW_SECONDS = 30.0
IMPORT_SECONDS, FORGET_SECONDS, BACKUP_SECONDS, VERIFY_SECONDS = 20.0, 60.0, 300.0, 600.0
IMPORTED_MESSAGES = 20
ANSWER_SECONDS = 60.0
END_SECONDS = 120.0
READS = {
    "recall": "/api/recall?q=what+is+my+favorite+color",
    "search": "/api/search?q=diary",
    "history": "/history?limit=50",
    "status": "/api/status",
    "metrics": "/metrics",
    "facts": "/api/facts",
    "digests": "/api/digests",
    "models": "/api/models",
}
_BIG = b"x" * 3_000_000
#: None of it may succeed, and none may be more than a request that failed.
BAD_REQUESTS = (
    b"POST /chat HTTP/1.1\r\nHost: localhost\r\nX-API-Key: KEY\r\nContent-Length: 9\r\n\r\n"
    b'{"prompt"',
    b"POST /chat HTTP/1.1\r\nHost: localhost\r\nX-API-Key: KEY\r\nContent-Length: 13\r\n\r\n"
    b'{"prompt":""}',
    b"GET /history HTTP/1.1\r\nHost: localhost\r\nX-API-Key: guessed\r\n\r\n",
    b"GET /history HTTP/1.1\r\nHost: evil.example\r\nX-API-Key: KEY\r\n\r\n",
    b"POST /chat HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nX-API-Key: KEY\r\n"
    b'Content-Length: 14\r\n\r\n{"prompt":"a"}',
    b"GET /history?limit=-1 HTTP/1.1\r\nHost: localhost\r\nX-API-Key: KEY\r\n\r\n",
    b"GET /no/such/page HTTP/1.1\r\nHost: localhost\r\nX-API-Key: KEY\r\n\r\n",
    b"GET /history HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    b"POST /chat HTTP/1.1\r\nHost: localhost\r\nX-API-Key: KEY\r\nContent-Length: 3000000\r\n\r\n"
    + _BIG,
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
)


class Crowd:
    """Everybody who does not talk, from `with` until `end`."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._is_over = threading.Event()
        self._lock = threading.Lock()
        #: By kind: when it was served, in monotonic seconds, and how long that took.
        self.times: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.wrong: list[str] = []
        self.refused = 0
        deeds = (self._job, self._visit, self._visit, self._dawdle, self._half_ask, self._offend)
        rare = (
            (IMPORT_SECONDS, self._import),
            (FORGET_SECONDS, self._forget),
            (BACKUP_SECONDS, self._back_up),
            (VERIFY_SECONDS, self._verify),
        )
        self._threads = [
            threading.Thread(target=self._repeat, args=(deed, 0.0), name=deed.__name__, daemon=True)
            for deed in deeds
        ]
        self._threads += [
            threading.Thread(
                target=self._repeat, args=(deed, pause), name=deed.__name__, daemon=True
            )
            for pause, deed in rare
        ]
        self._imported = 0

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._is_over.set()

    def end(self) -> None:
        """Has everybody leave."""
        self._is_over.set()
        deadline = time.monotonic() + END_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self.wrong.append(f"{thread.name} hangs")

    def cleanups(self) -> int:
        """How many passes over the tiers Vega has made."""
        return int(self._door.ask("GET", "/metrics")["memory_manager"]["cleanup_count"])

    def _repeat(self, deed: Callable[[], None], pause_seconds: float) -> None:
        while not self._is_over.wait(pause_seconds):
            try:
                deed()
            except (Answered, *LOSSES) as exc:
                self._note_wrong(f"{deed.__name__.strip('_')}: {exc!r}")
                self._is_over.wait(1)

    def _note_wrong(self, words: str) -> None:
        with self._lock:
            self.wrong.append(words)

    def _ask(self, kind: str, method: str, path: str, body: object = None) -> Any:
        began = time.monotonic()
        found = self._door.ask(method, path, body, Content_Type="application/json")
        self.times[kind].append((time.monotonic(), time.monotonic() - began))
        return found

    # Deeds

    def _job(self) -> None:
        for kind, path in READS.items():
            self._ask(kind, "GET", path)
            if self._is_over.wait(JOB_PAUSE_SECONDS):
                return

    def _bring(self, messages: list[dict[str, str]]) -> None:
        """Imports them. Raises Answered where one was not taken."""
        lines = "\n".join(map(json.dumps, messages)).encode()
        began = time.monotonic()
        place = (HERE, self._door.port)
        with closing(http.client.HTTPConnection(*place, timeout=ANSWER_SECONDS)) as connection:
            connection.request("POST", "/api/import", lines, {"X-API-Key": self._door.key})
            response = connection.getresponse()
            answer = json.loads(response.read())
        self.times["import"].append((time.monotonic(), time.monotonic() - began))
        if response.status != 200 or answer["imported"] != len(messages):
            raise Answered(response.status, answer, 0)

    def _visit(self) -> None:
        """A stream of the whole life, left in the middle without a word."""
        connection = self._open("/api/events")
        until = time.monotonic() + random.uniform(*VISIT_SECONDS)
        while time.monotonic() < until and not self._is_over.is_set():
            with suppress(TimeoutError):
                connection.recv(65536)
        connection.close()

    def _dawdle(self) -> None:
        """A stream from the beginning, read byte by byte, so that it fills every buffer."""
        connection = self._open("/api/events", "Last-Event-ID: 0")
        until = time.monotonic() + SLOW_SECONDS
        while time.monotonic() < until and not self._is_over.wait(1):
            with suppress(TimeoutError, ConnectionError):
                connection.recv(1)
        connection.close()

    def _half_ask(self) -> None:
        """Half of a request, and nothing more; Vega hangs up, or the guest does."""
        connection = socket.create_connection((HERE, self._door.port), 10, STRANGER)
        with closing(connection):
            connection.settimeout(0.5)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHos")
            until = time.monotonic() + SLOW_SECONDS
            while time.monotonic() < until and not self._is_over.is_set():
                with suppress(TimeoutError):
                    if not connection.recv(1000):
                        return

    def _offend(self) -> None:
        for request in BAD_REQUESTS:
            status = self._send_raw(request.replace(b"KEY", self._door.key.encode()))
            if status is not None and not 400 <= status < 500:
                self._note_wrong(f"{status} for {request[:60]!r}")
            else:
                self.refused += 1
            if self._is_over.wait(BAD_PAUSE_SECONDS):
                return

    def _send_raw(self, request: bytes) -> int | None:
        """The status of its answer; None where Vega hung up without one."""
        with closing(socket.create_connection((HERE, self._door.port), 10, STRANGER)) as connection:
            connection.settimeout(ANSWER_SECONDS)
            try:
                connection.sendall(request)
                connection.shutdown(socket.SHUT_WR)
                head = connection.recv(1000)
            except ConnectionError:
                return None
        words = head.split(b" ", 2)
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else None

    def _import(self) -> None:
        self._bring(self._past(IMPORTED_MESSAGES))

    def _forget(self) -> None:
        """Something that was imported is erased, and not found again."""
        secret = f"secret{random.randrange(10**12):012}"
        self._bring(self._past(2, f"The code is {secret}."))
        plan = self._ask("forget, its plan", "POST", "/api/forget", {"phrase": secret})
        if not plan["turns"]:
            self._note_wrong(f"what is to be forgotten is not there: {secret}")
        self._ask("forget", "POST", "/api/forget", {"phrase": secret, "confirm": plan["confirm"]})
        if self._door.ask("GET", f"/api/search?q={quote(secret)}")["items"]:
            self._note_wrong(f"forgotten and found: {secret}")

    def _back_up(self) -> None:
        self._ask("backup", "POST", "/api/backups")

    def _verify(self) -> None:
        self._ask("verify", "POST", "/api/verification")

    def _past(self, count: int, text: str = "") -> list[dict[str, str]]:
        """Messages of long ago, each a day after the other."""
        lines = []
        for number in range(self._imported, self._imported + count):
            at = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(hours=number)
            said = text or f"Letter {number}. " + f"Of {number % 97} boats one came back. " * 20
            role = ("user", "assistant")[number % 2]
            key = f"letter-{number}"
            lines.append({"external_id": key, "role": role, "text": said, "at": at.isoformat()})
        self._imported += count
        return lines

    def _open(self, path: str, header: str = "Accept: text/event-stream") -> socket.socket:
        connection = socket.socket()
        # Small, so that a slow reader is felt at the other end.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(10)
        connection.connect((HERE, self._door.port))
        lines = (f"GET {path} HTTP/1.1", "Host: localhost", f"X-API-Key: {self._door.key}")
        connection.sendall("\r\n".join((*lines, header, "", "")).encode())
        connection.settimeout(0.5)
        return connection
