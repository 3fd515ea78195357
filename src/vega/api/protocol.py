"""The HTTP protocol of uvicorn, bounded: a client that is slow, or never comes to its end, costs
little and is let go; and who is at the other end.

Bodies are bounded in size where they are read; of everything else httptools takes whatever comes,
for as long as it comes, before anybody has asked for a key.
"""

import asyncio
import json
import resource
import socket
from enum import IntEnum
from typing import Any, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from vega import unix_socket

MAX_HEAD_BYTES = 64 * 1024
#: From the connection, or a request's first byte, to the end of its head.
HEAD_SECONDS = 20.0
#: In each such time so much of a body must come, unless it is Vega that is slow to take it.
BODY_SECONDS = 20.0
LEAST_BODY_BYTES = 10_000
#: In each such time some of an answer must be taken. The kernel has room again only when a third of
#: its buffer is free, so that this means about 1.5 kB a second.
ANSWER_SECONDS = 60.0
#: Connections over the network at a time; the socket of the owner's programs has room beside them.
MOST_CONNECTIONS = 1000
#: At the end, who is asking at this moment is heard for so long.
LAST_REQUEST_SECONDS = 0.25
#: In a request's `state`: the uid at the other end of the Unix socket; None over a network. No
#: header can say it.
PEER_UID = "peer_uid"
#: Also in `state`: what a request asks for, where that is no path: `http://host/path`.
TARGET = "target"
_ENDING = {"error": "Vega is being restarted; ask again in a moment.", "code": "restarting"}


class Connections(ServerState):
    """What the connections of one server share."""

    def __init__(self) -> None:
        super().__init__()
        self.is_ending = False
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        #: Half of the files that may be open are for the life and for everything else.
        self.most = MOST_CONNECTIONS
        if soft != resource.RLIM_INFINITY:
            self.most = min(self.most, soft // 2)

    def end(self) -> None:
        """From now on each connection is closed when what was asked on it is answered."""
        if not self.is_ending:
            self.is_ending = True
            for connection in list(self.connections):
                connection.shutdown()


class _Waits(IntEnum):
    """What a connection waits for; who waits for the least is let go first."""

    FOR_A_REQUEST = 0
    FOR_A_BODY = 1
    FOR_A_READER = 2
    FOR_NOBODY = 3


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose head is too large or too slow, whose body does not come, or whose
    answer is not read; knows a Unix socket's peer."""

    server_state: Connections

    def __init__(
        self, config: Config, server_state: Connections, app_state: dict[str, Any]
    ) -> None:
        super().__init__(config, server_state, app_state)
        self._peer_uid: int | None = None
        self._is_in_head = True
        self._is_in_message = False
        self._head_bytes = 0
        #: Of the body, since it was last looked at.
        self._body_bytes = 0
        self._was_held_up = False
        self._unread_bytes = 0
        #: What gives up, when it is time: a head, a body, an answer's reader.
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._reader_timer: asyncio.TimerHandle | None = None
        #: Since when it waits, by the loop's clock.
        self._waits_since = 0.0
        #: The request that is being answered, while others of the connection may wait behind it.
        self._answering: RequestResponseCycle | None = None

    # The connection

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        # What a client does not take is then known at once, however little it is. Under TLS a limit
        # of 0 counts as reached by nothing at all.
        is_tls = transport.get_extra_info("sslcontext") is not None
        transport.set_write_buffer_limits(high=1 if is_tls else 0, low=0)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family == socket.AF_UNIX:
            self._peer_uid = unix_socket.peer_uid(connection)
        self._await_head()
        if self.server_state.is_ending:
            self.shutdown()
        elif len(self.connections) > self.server_state.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_timers()
        # uvicorn tells only the newest of several requests that nobody is there any more.
        behind = [cycle for cycle, _ in self.pipeline]
        for cycle in (self._answering, *behind):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server ends."""
        if self._is_asked:
            super().shutdown()
            if self._answering is not None:
                self._answering.keep_alive = False
        else:
            # A request may be on its way.
            self.loop.call_later(LAST_REQUEST_SECONDS, self._close_unless_asked)

    # What comes

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        # Whatever has come without ending the head is the head's.
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431, "Request Header Fields Too Large")
        elif self._is_in_message:
            self._body_bytes += len(data)
            if self._body_timer is None:
                self._await_body()
        elif not self._is_asked and self.timeout_keep_alive_task is None:
            # Bytes that begin no request, and that uvicorn would wait behind for ever.
            self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][PEER_UID] = self._peer_uid
        self._is_in_message = True
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_ends()
        if not self.url.startswith(b"/"):
            self.scope["state"][TARGET] = self.url
        super().on_headers_complete()
        if self.server_state.is_ending:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._was_held_up |= self.flow.read_paused

    def on_message_complete(self) -> None:
        self._is_in_message = False
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        super().on_message_complete()

    # What goes

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, cast(Any, _EndingCleanly(app, cycle)))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._reader_timer is not None:
            self._reader_timer.cancel()
            self._reader_timer = None

    # Patience

    @property
    def _is_asked(self) -> bool:
        """Whether a whole head has come that is not answered yet."""
        # uvicorn has none before the first request, and does not say so.
        newest = cast("RequestResponseCycle | None", self.cycle)
        return newest is not None and not newest.response_complete

    @property
    def _waits(self) -> _Waits:
        if self._reader_timer is not None:
            return _Waits.FOR_A_READER
        if self._body_timer is not None:
            return _Waits.FOR_A_BODY
        return _Waits.FOR_NOBODY if self._is_asked else _Waits.FOR_A_REQUEST

    def _await_head(self) -> None:
        self._is_in_head, self._head_bytes = True, 0
        if self._head_timer is None:
            self._waits_since = self.loop.time()
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _head_ends(self) -> None:
        self._is_in_head = False
        self._waits_since = self.loop.time()
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _await_body(self) -> None:
        self._body_bytes, self._was_held_up = 0, False
        self._body_timer = self.loop.call_later(BODY_SECONDS, self._look_at_body)

    def _look_at_body(self) -> None:
        # Who was answered already has no reason to go on.
        is_wanted = self._is_asked
        comes = self._body_bytes >= LEAST_BODY_BYTES
        if is_wanted and (comes or self._was_held_up or self.flow.read_paused):
            self._await_body()
        elif is_wanted and not self.cycle.response_started:
            self._refuse(408, "Request Timeout")
        else:
            self._give_up()

    def _await_reader(self) -> None:
        self._unread_bytes = self.transport.get_write_buffer_size()
        if self._reader_timer is None:
            self._waits_since = self.loop.time()
        self._reader_timer = self.loop.call_later(ANSWER_SECONDS, self._look_at_reader)

    def _look_at_reader(self) -> None:
        if self.transport.get_write_buffer_size() < self._unread_bytes:
            self._await_reader()
        else:
            self.transport.abort()

    def _make_room(self) -> None:
        """Let go of who has waited longest, if anybody may be; else of the newest, this one."""
        if self._peer_uid is not None:
            return
        crowd = [
            each
            for each in cast("set[BoundedProtocol]", self.connections)
            if each._peer_uid is None and not each.transport.is_closing()
        ]
        if len(crowd) <= self.server_state.most:
            return
        others = [each for each in crowd if each is not self]
        first = min(others, key=lambda each: (each._waits, each._waits_since))
        if first._waits is _Waits.FOR_NOBODY:
            self._refuse(503, "Service Unavailable", b"retry-after: 1\r\n")
        else:
            first.transport.abort()

    def _refuse(self, status: int, reason: str, header: bytes = b"") -> None:
        """Answers with that and closes; the application is not asked, or not any more."""
        if self.transport.is_closing():
            return
        line = f"HTTP/1.1 {status} {reason}\r\n".encode()
        self.transport.write(line + header + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self._give_up()

    def _close_unless_asked(self) -> None:
        if not self._is_asked:
            self._give_up()

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()

    def _cancel_timers(self) -> None:
        for timer in (self._head_timer, self._body_timer, self._reader_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._body_timer = self._reader_timer = None


class _EndingCleanly:
    """An application whose request, given up at the end of the server, still gets an answer."""

    def __init__(self, app: ASGIApp, cycle: RequestResponseCycle) -> None:
        self._app = app
        self._cycle = cycle

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if self._cycle.response_started:
                # What is cut off must not look like a whole answer.
                self._cycle.disconnected = True
                self._cycle.transport.abort()
                return
            body = json.dumps(_ENDING).encode()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"retry-after", b"1"),
                (b"connection", b"close"),
            ]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": body})
