"""A client of the Vega that runs on a home folder, over its Unix socket.

It does not give up where giving up would be wrong: while Vega starts or restarts it waits, a
prompt is sent again under the same Idempotency-Key, a stream that broke is joined again where it
broke. Someone whose Vega does not run hears so at once. On the standard library alone: a command
that starts slowly is not used.
"""

import http.client
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any

from vega import unix_socket
from vega.cli.holder import find_holder
from vega.errors import VegaError, as_sentence

DEFAULT_HOME = "~/.vega"
SERVICE_FILE = Path("/etc/systemd/system/vega-server.service")
#: How long a start or a restart may take.
START_SECONDS = 20.0
#: How long a Vega that was killed is waited for, if nobody saw it alive.
RETURN_SECONDS = 3.0
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5
#: For one answer that is no stream.
REQUEST_SECONDS = 60.0
#: A stream says every 15 seconds that it is there.
SILENCE_SECONDS = 50.0
#: How long a prompt waits for a model that is away.
MODEL_SECONDS = 30.0
#: How often in a row a stream may break without any event in between.
MAX_BREAKS = 30
ENDS = ("turn.completed", "turn.failed")
#: What a connection fails with when the other side goes away.
_LOSSES = (ConnectionError, TimeoutError, http.client.HTTPException)


class NotRunning(VegaError):
    """Vega is not running."""

    def __init__(self, home: Path) -> None:
        service = " or `systemctl start vega-server`" if SERVICE_FILE.exists() else ""
        super().__init__(f"Vega is not running on {home}; start it with `vega serve`{service}.")


class ConnectionLost(VegaError):
    """Vega went away in the middle of an answer, and has not come back."""


class Refused(VegaError):
    """Vega said no."""

    def __init__(self, status: int, data: Mapping[str, Any]) -> None:
        super().__init__(str(data.get("error") or f"Vega answers with status {status}."))
        self.status = status
        self.code = str(data.get("code", ""))


class StillWaiting(VegaError):
    """The prompt is kept, and its answer waits for a model or for Vega itself."""

    def __init__(self, turn_id: int, reason: str) -> None:
        super().__init__(
            f"{as_sentence(reason)} Your prompt is kept as turn {turn_id} and will be answered as "
            "soon as possible; `vega history` shows it then."
        )
        self.turn_id = turn_id


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    kind: str
    id: str
    data: dict[str, Any]


def home_folder() -> Path:
    """The home folder as the settings have it, without reading them."""
    return Path(os.environ.get("VEGA_HOME") or DEFAULT_HOME).expanduser().absolute()


class Client:
    """Asks one Vega. `on_wait` is called when a wait for it begins.

    One that is not patient does not wait.
    """

    def __init__(
        self,
        home: Path | None = None,
        on_wait: Callable[[], None] = lambda: None,
        *,
        is_patient: bool = True,
    ) -> None:
        self.home = home or home_folder()
        self._on_wait = on_wait
        self._is_patient = is_patient

    def get(self, path: str) -> Any:
        return self.request("GET", path)

    def post(self, path: str, body: object = None) -> Any:
        return self.request("POST", path, body)

    def delete(self, path: str) -> Any:
        return self.request("DELETE", path)

    def request(
        self, method: str, path: str, body: object = None, timeout_seconds: float = REQUEST_SECONDS
    ) -> Any:
        """The JSON of the answer, None where it has none.

        Raises NotRunning, ConnectionLost, Refused.
        """
        connection, response = self._ask(
            method, path, body, {}, timeout_seconds, is_repeatable=method != "POST"
        )
        try:
            return _json_of(response)
        except _LOSSES as exc:
            raise ConnectionLost from exc
        finally:
            connection.close()

    def stop(self, turn_id: int) -> None:
        """Stop that answer; it may have ended by itself meanwhile."""
        try:
            self.delete(f"/api/turns/{turn_id}")
        except Refused as exc:
            if exc.code != "turn_ended":
                raise

    def say(
        self,
        prompt: str,
        *,
        key: str,
        timezone: str | None = None,
        device: str | None = None,
        model_seconds: float = MODEL_SECONDS,
    ) -> Iterator[Event]:
        """A prompt, and the events of its answer to the end, each once, whatever happens to Vega.

        Under the same `key` a prompt is one prompt, however often it is sent. Raises NotRunning,
        ConnectionLost, Refused, and StillWaiting when no model came in so many seconds, or when
        Vega went away with the prompt and did not come back.
        """
        said = {"prompt": prompt, "stream": True, "origin": "terminal"}
        said |= {name: text for name, text in (("timezone", timezone), ("device", device)) if text}
        headers = {"Idempotency-Key": key}
        stream = self._stream("POST", "/api/chat", said, headers)
        breaks = 0
        while True:
            with closing(stream):
                for event in stream.events():
                    breaks = 0
                    if event.kind == "turn.waiting":
                        stream.allow(model_seconds, event.data["reason"])
                    elif event.kind != "turn.accepted":
                        stream.allow(None)
                    yield event
                    if event.kind in ENDS:
                        return
            breaks += 1
            if breaks == MAX_BREAKS:
                raise ConnectionLost
            time.sleep(FIRST_PAUSE_SECONDS)
            if stream.turn_id:
                stream = self._join(stream)
            else:
                stream = self._stream("POST", "/api/chat", said, headers, is_known=True)

    def follow_life(self) -> "Stream":
        """The events of every turn from now on, until the stream breaks."""
        return self._stream("GET", "/api/events", None, {})

    def _join(self, broken: "Stream") -> "Stream":
        """The stream of the same turn, from where it broke. Raises StillWaiting."""
        path = f"/api/turns/{broken.turn_id}/events"
        headers = {"Last-Event-ID": broken.last_event_id}
        try:
            joined = self._stream("GET", path, None, headers, is_known=True)
        except (NotRunning, ConnectionLost) as exc:
            raise StillWaiting(broken.turn_id, "Vega went away and is not back yet.") from exc
        joined.continue_from(broken)
        return joined

    def _stream(
        self,
        method: str,
        path: str,
        body: object,
        headers: dict[str, str],
        *,
        is_known: bool = False,
    ) -> "Stream":
        headers = {"Accept": "text/event-stream", **headers}
        connection, response = self._ask(
            method, path, body, headers, SILENCE_SECONDS, is_repeatable=True, is_known=is_known
        )
        return Stream(connection, response)

    def _ask(
        self,
        method: str,
        path: str,
        body: object,
        headers: dict[str, str],
        timeout_seconds: float,
        *,
        is_repeatable: bool,
        is_known: bool = False,
    ) -> tuple["_Connection", http.client.HTTPResponse]:
        """The head of the answer. `is_known`: this Vega answered a moment ago."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        deadline = time.monotonic() + START_SECONDS
        while True:
            connection = _Connection(self._connect(timeout_seconds, is_known))
            try:
                connection.request(method, path, data, headers)
                response = connection.getresponse()
                if response.status >= 400:
                    raise Refused(response.status, _json_of(response))
            except _LOSSES as exc:
                connection.close()
                if not is_repeatable or time.monotonic() > deadline:
                    raise ConnectionLost from exc
                is_known = True
                time.sleep(FIRST_PAUSE_SECONDS)
            except BaseException:
                connection.close()
                raise
            else:
                return connection, response

    def _connect(self, timeout_seconds: float, is_known: bool) -> socket:
        """Waits while Vega starts, and a little for one that was killed. Raises NotRunning."""
        began = time.monotonic()
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                return unix_socket.connect(self.home, timeout_seconds)
            except PermissionError as exc:
                raise VegaError(f"The Vega on {self.home} is another user's.") from exc
            except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError) as exc:
                if time.monotonic() - began > self._patience_seconds(is_known):
                    raise NotRunning(self.home) from exc
            except BlockingIOError:
                # Too many clients are waiting at the door at this moment.
                if time.monotonic() - began > START_SECONDS:
                    raise
            if pause == FIRST_PAUSE_SECONDS:
                self._on_wait()
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _patience_seconds(self, is_known: bool) -> float:
        if not self._is_patient:
            return 0.0
        if is_known or find_holder(self.home) is not None:
            return START_SECONDS
        # A clean end takes the socket away; a killed Vega leaves it, and may be started again.
        return RETURN_SECONDS if unix_socket.socket_path(self.home).is_socket() else 0.0


class Stream:
    """Server-sent events as they come."""

    def __init__(self, connection: "_Connection", response: http.client.HTTPResponse) -> None:
        self.turn_id = 0
        self.last_event_id = ""
        self._connection = connection
        self._response = response
        self._deadline: float | None = None
        self._reason = ""

    def events(self) -> Iterator[Event]:
        """To the end of the stream, or until it breaks; both look alike. Raises StillWaiting."""
        fields: dict[str, str] = {}
        while line := self._line():
            name, _, text = line.decode().rstrip("\r\n").partition(": ")
            if name:
                fields[name] = text
            elif line.strip():
                continue
            else:
                if "event" in fields:
                    event = Event(fields["event"], fields["id"], json.loads(fields["data"]))
                    self.turn_id, self.last_event_id = event.data["turn_id"], event.id
                    yield event
                fields = {}

    def allow(self, seconds: float | None, reason: str = "") -> None:
        """So long may the turn wait for a model, from the first time that it has to."""
        self._reason = reason
        if seconds is None:
            self._deadline = None
        elif self._deadline is None:
            self._deadline = time.monotonic() + seconds

    def continue_from(self, broken: "Stream") -> None:
        self.turn_id, self.last_event_id = broken.turn_id, broken.last_event_id
        self._deadline, self._reason = broken._deadline, broken._reason

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def _line(self) -> bytes:
        seconds = SILENCE_SECONDS
        if self._deadline is not None:
            seconds = min(seconds, self._deadline - time.monotonic())
            if seconds <= 0:
                raise StillWaiting(self.turn_id, self._reason)
        self._connection.connected.settimeout(seconds)
        try:
            return self._response.readline()
        except TimeoutError as exc:
            if self._deadline is not None:
                raise StillWaiting(self.turn_id, self._reason) from exc
            return b""
        except _LOSSES:
            return b""


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket that is connected already; for one request."""

    def __init__(self, connected: socket) -> None:
        super().__init__("localhost")
        # `sock` is forgotten where the answer says that nothing follows it.
        self.sock = self.connected = connected


def new_key() -> str:
    """An Idempotency-Key for a new prompt."""
    return secrets.token_urlsafe(18)


def _json_of(response: http.client.HTTPResponse) -> Any:
    body = response.read()
    try:
        return json.loads(body) if body else None
    except ValueError:
        return {"error": f"Vega answers with status {response.status}, and not in JSON."}
