"""The HTTP protocol of uvicorn with bounds on a request's head, and who is at the other end.

Bodies are bounded where they are read; of a head httptools takes whatever comes, for as long as
it comes, before anybody has asked for a key.
"""

import asyncio
import socket
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vega import unix_socket

MAX_HEAD_BYTES = 64 * 1024
#: From the connection, or a request's first byte, to the end of its head.
HEAD_SECONDS = 20.0
#: In a request's `state`: the uid at the other end of the Unix socket; None over a network. No
#: header can say it.
PEER_UID = "peer_uid"
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """Closes a connection whose head is too large or too slow; knows a Unix socket's peer."""

    _peer_uid: int | None = None
    _head_bytes = 0
    _is_in_head = True
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family == socket.AF_UNIX:
            self._peer_uid = unix_socket.peer_uid(connection)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_ends()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Whatever has come without ending the head is the head's.
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][PEER_UID] = self._peer_uid
        self._await_head()

    def on_headers_complete(self) -> None:
        self._head_ends()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._is_in_head, self._head_bytes = True, 0
        if self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _head_ends(self) -> None:
        self._is_in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()
