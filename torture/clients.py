"""Clients that behave as Vega's own do, over HTTP: they try again, join again, and keep account.

A prompt is sent under one Idempotency-Key until Vega has said that it has it, however often that
takes; a stream that broke is joined again at its place. Three kinds, by the rules of the terminal
(`vega.cli.client`), of the page (`web/src/outbox.ts`), and of a program that waits for its answer.
"""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

PAUSE_SECONDS = 0.05
REQUEST_SECONDS = 90.0
#: A stream says every 15 seconds that it is there.
SILENCE_SECONDS = 50.0
#: How long one prompt is tried.
PATIENCE_SECONDS = 180.0
#: Between the requests of the reader whose waits are measured.
READER_PAUSE_SECONDS = 0.02
LOOK_SECONDS = 0.02
LOSSES = (ConnectionError, TimeoutError, http.client.HTTPException, OSError)
ENDS = ("turn.completed", "turn.failed")


class GaveUp(Exception):
    """Vega did not take or answer a prompt in all that time."""


class Answered(Exception):
    """An answer that is no success: its status, and for how long it asks to be left alone."""

    def __init__(self, status: int, body: dict[str, Any], pause_seconds: float) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body, self.pause_seconds = status, body, pause_seconds


@dataclass
class Said:
    """One prompt, and what its client was told of it. Times are monotonic."""

    prompt: str
    key: str
    began: float = field(default_factory=time.monotonic)
    turn_id: int = 0
    #: When the client knew that Vega has it; 0 before.
    accepted: float = 0.0
    ended: float = 0.0
    status: str = ""
    #: Put together from the pieces, and as the end told it.
    text: str = ""
    response: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One request of the reader: when it began, when its last try began, when it was served."""

    began: float
    tried: float
    served: float


@dataclass
class Account:
    """What the clients of a load met. The fields only ever grow; `lock` guards them."""

    refused: int = 0
    #: Connections that ended before their answer did.
    broken: int = 0
    failures: Counter[int] = field(default_factory=Counter)
    #: What must never be.
    wrong: list[str] = field(default_factory=list)
    #: Of the reader, in order.
    reads: list[Read] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def meet(self, loss: Exception) -> None:
        with self.lock:
            if isinstance(loss, ConnectionRefusedError):
                self.refused += 1
            elif isinstance(loss, Answered):
                self.failures[loss.status] += 1
            else:
                self.broken += 1

    def note_wrong(self, words: str) -> None:
        with self.lock:
            self.wrong.append(words)


@dataclass(frozen=True, slots=True)
class Door:
    """Where Vega is. `enter` is called once in each thread that knocks."""

    key: str
    port: int = 8000
    enter: Callable[[], None] = lambda: None

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """The JSON of the answer. Raises Answered, and those of LOSSES."""
        with closing(_Asked(self, method, path, body, headers, REQUEST_SECONDS)) as asked:
            return json.loads(asked.response.read())

    def events(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Generator[tuple[str, str, dict[str, Any]]]:
        """Kind, id and data of each event, to the end of the stream. Raises as `ask` does."""
        headers = {"Accept": "text/event-stream", **headers}
        with closing(_Asked(self, method, path, body, headers, SILENCE_SECONDS)) as asked:
            fields: dict[str, str] = {}
            while line := asked.response.readline():
                name, _, text = line.decode().rstrip("\r\n").partition(": ")
                if name:
                    fields[name] = text
                elif line == b"\n":
                    if "event" in fields:
                        yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
                    fields = {}


class _Asked:
    """One request on a connection of its own, and the head of its answer."""

    def __init__(
        self,
        door: Door,
        method: str,
        path: str,
        body: object,
        headers: dict[str, str],
        seconds: float,
    ) -> None:
        """Raises Answered, and those of LOSSES."""
        self._connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=seconds)
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        headers["X-API-Key"] = door.key
        data = None if body is None else json.dumps(body).encode()
        try:
            self._connection.request(method, path, data, headers)
            self.response = self._connection.getresponse()
            if self.response.status >= 400:
                said = json.loads(self.response.read())
                pause = float(self.response.headers.get("Retry-After", 1))
                raise Answered(self.response.status, said, pause)
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        self.response.close()
        self._connection.close()


class Client:
    """Says one thing after another until it is told that it is enough."""

    def __init__(
        self,
        name: str,
        door: Door,
        account: Account,
        prompts: Callable[[str, int], str],
        is_enough: threading.Event,
    ) -> None:
        self.name = name
        self.said: list[Said] = []
        self._door, self._account = door, account
        self._prompts, self._is_enough = prompts, is_enough

    def run(self) -> None:
        self._door.enter()
        while not self._is_enough.is_set():
            number = len(self.said) + 1
            said = Said(self._prompts(self.name, number), f"{self.name}-{number}")
            self.said.append(said)
            try:
                self._say(said)
            except GaveUp as exc:
                self._account.note_wrong(str(exc))
            if said.accepted and not said.turn_id:
                self._account.note_wrong(f"accepted without a turn: {said}")

    @property
    def finished(self) -> list[Said]:
        return [said for said in self.said if said.ended]

    def _say(self, said: Said) -> None:
        """One way of saying it; to the end of it."""
        raise NotImplementedError

    def _try(self, said: Said, attempt: Callable[[Said], bool]) -> None:
        """Tries until an attempt says that it is done. Raises GaveUp."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            pause = PAUSE_SECONDS
            try:
                if attempt(said):
                    return
            except Answered as exc:
                self._account.meet(exc)
                self._note_kept(said, exc)
                if exc.status < 500 and exc.status != 429:
                    raise GaveUp(f"{said.key} was answered {exc}") from exc
                pause = exc.pause_seconds
            except LOSSES as exc:
                self._account.meet(exc)
            time.sleep(pause)
        raise GaveUp(f"{said.key} was tried for {PATIENCE_SECONDS:.0f} s: {said}")

    def _note_kept(self, said: Said, answer: Answered) -> None:
        """An answer that fails may say all the same that the prompt is on the disk."""
        turn_id = answer.body.get("turn_id")
        if turn_id:
            self._accept(said, int(turn_id))

    def _accept(self, said: Said, turn_id: int) -> None:
        if said.turn_id not in (0, turn_id):
            self._account.note_wrong(f"{said.key} is turn {said.turn_id} and turn {turn_id}")
        said.turn_id = turn_id
        said.accepted = said.accepted or time.monotonic()

    def _headers(self, said: Said) -> dict[str, str]:
        return {"Idempotency_Key": said.key}


class Asking(Client):
    """A program: one request, and its answer in JSON."""

    def _say(self, said: Said) -> None:
        self._try(said, self._attempt)

    def _attempt(self, said: Said) -> bool:
        body = {"prompt": said.prompt}
        try:
            answer = self._door.ask("POST", "/chat", body, **self._headers(said))
        except Answered as exc:
            # The model failed: that is how this turn has ended.
            if exc.status != 502 or "turn_id" not in exc.body:
                raise
            self._account.meet(exc)
            answer = exc.body
        self._accept(said, answer["turn_id"])
        said.text = said.response = answer["response"]
        said.status, said.ended = answer["status"], time.monotonic()
        return True


class Streaming(Client):
    """The terminal: follows its answer, and joins the stream again where it broke."""

    def _say(self, said: Said) -> None:
        self._try(said, self._attempt)
        if said.text != said.response:
            self._account.note_wrong(f"{said.key}: pieces {said.text!r}, end {said.response!r}")

    def _attempt(self, said: Said) -> bool:
        if said.turn_id and said.place:
            path = f"/api/turns/{said.turn_id}/events"
            events = self._door.events("GET", path, Last_Event_ID=said.place)
        else:
            body = {"prompt": said.prompt, "stream": True, "origin": "terminal"}
            said.text = ""
            events = self._door.events("POST", "/api/chat", body, **self._headers(said))
        with closing(events):
            for kind, place, data in events:
                self._accept(said, data["turn_id"])
                said.place = place
                if kind == "turn.delta":
                    said.text += data["text"]
                elif kind == "turn.restarted":
                    said.text = data["text"]
                elif kind in ENDS:
                    said.response, said.status = data["response"], data["status"]
                    said.ended = time.monotonic()
                    return True
        return False


class Page(Client):
    """The page: its outbox leaves when Vega has the prompt; the life's stream has the rest."""

    def __init__(
        self,
        name: str,
        door: Door,
        account: Account,
        prompts: Callable[[str, int], str],
        is_enough: threading.Event,
        follower: "Follower",
    ) -> None:
        super().__init__(name, door, account, prompts, is_enough)
        self._follower = follower

    def _say(self, said: Said) -> None:
        self._try(said, self._attempt)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while said.turn_id not in self._follower.ended:
            if time.monotonic() > deadline:
                raise GaveUp(f"the life's stream never said that turn {said.turn_id} ended")
            time.sleep(LOOK_SECONDS)
        said.ended = time.monotonic()

    def _attempt(self, said: Said) -> bool:
        body = {"prompt": said.prompt, "stream": True, "origin": "page"}
        with closing(self._door.events("POST", "/api/chat", body, **self._headers(said))) as events:
            for _, _, data in events:
                self._accept(said, data["turn_id"])
                return True
        return False


class Follower:
    """Follows the whole life, across every end of the server."""

    def __init__(self, name: str, door: Door, account: Account, is_over: threading.Event) -> None:
        self.name = name
        #: How often each turn was said to be accepted, and to have ended.
        self.accepted: Counter[int] = Counter()
        self.ended: Counter[int] = Counter()
        self._door, self._account, self._is_over = door, account, is_over
        self._place = "0"

    def run(self) -> None:
        self._door.enter()
        while not self._is_over.is_set():
            try:
                events = self._door.events("GET", "/api/events", Last_Event_ID=self._place)
                with closing(events):
                    for kind, place, data in events:
                        self._place = place
                        if kind == "turn.accepted":
                            self.accepted[data["turn_id"]] += 1
                        elif kind in ENDS:
                            self.ended[data["turn_id"]] += 1
                        if self._is_over.is_set():
                            return
            except (Answered, *LOSSES) as exc:
                self._account.meet(exc)
            time.sleep(PAUSE_SECONDS)


class Reader:
    """Asks for the newest turn again and again; its waits are what an outage is measured by."""

    def __init__(self, door: Door, account: Account, is_over: threading.Event) -> None:
        self.name = "reader"
        self._door, self._account, self._is_over = door, account, is_over

    def run(self) -> None:
        self._door.enter()
        while not self._is_over.is_set():
            began = time.monotonic()
            while not self._is_over.is_set():
                tried = time.monotonic()
                try:
                    self._door.ask("GET", "/history?limit=1")
                    self._account.reads.append(Read(began, tried, time.monotonic()))
                    break
                except (Answered, *LOSSES) as exc:
                    self._account.meet(exc)
                    time.sleep(READER_PAUSE_SECONDS)
            time.sleep(READER_PAUSE_SECONDS)
