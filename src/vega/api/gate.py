"""The gate that every request passes: the rules of access, and bounds on what it may send.

A paired browser is let go of when it is unpaired, and has its cookie renewed while it comes.
"""

import asyncio

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vega.api.access import Refusal, is_open_to_all
from vega.api.parts import Parts

MAX_BODY_BYTES = 4 * 1024 * 1024
#: Of an import, which is read as it comes.
MAX_IMPORT_BYTES = 64 * 1024 * 1024
IMPORT_PATH = "/api/import"
#: Of a request that needs no key.
MAX_OPEN_BODY_BYTES = 4 * 1024
#: Of a body that is too large so many times the limit is read, since many clients send it all
#: before they listen.
DRAINED_TIMES = 16
MAX_DRAINED_BYTES = 128 * 1024 * 1024


class Gate:
    """Applies the rules to every request, and bounds what it may send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        parts: Parts = scope["app"].state.parts
        is_open = is_open_to_all(scope)
        limit = _limit(scope, is_open=is_open)
        refusal = parts.access.refusal(scope, headers)
        length = headers.get("content-length", "")
        if refusal is None and length.isdigit() and int(length) > limit:
            # Who shows no key is not waited for.
            if not is_open:
                await _drain(receive, limit)
            refusal = _too_large(limit)
        if refusal is not None:
            await _respond(refusal)(scope, receive, send)
            return
        bounded = _Bounded(receive, limit)
        # What is open to all may be kept by a proxy, which must not keep a cookie with it.
        browser = None if is_open else parts.access.find_device(headers)
        try:
            if browser is None:
                await self._app(scope, bounded, send)
            else:
                device, token = browser
                await _Visit(parts, device.id, token, bounded, send).run(self._app, scope)
        except _BodyTooLarge:
            # While it was read, so nothing was answered yet.
            await _respond(_too_large(limit))(scope, receive, send)


class _BodyTooLarge(Exception):
    """More was sent than a request may hold."""


class _Bounded:
    """Receives a body without a declared length, up to the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._received = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > self._limit:
                await _drain(self._receive, self._limit)
                raise _BodyTooLarge
        return message


class _Visit:
    """One request of a paired browser. Once it is unpaired, it is as if it had left."""

    def __init__(
        self, parts: Parts, device_id: int, token: str, receive: Receive, send: Send
    ) -> None:
        self._parts = parts
        self._device_id = device_id
        self._token = token
        self._receive = receive
        self._send = send
        self._is_answer_open = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        await app(scope, self._receive_or_leave, self._send_with_cookie)
        if self._is_answer_open:
            await self._send({"type": "http.response.body"})

    async def _receive_or_leave(self) -> Message:
        leaving = asyncio.ensure_future(self._receive())
        unpaired = asyncio.ensure_future(self._parts.pairing.wait_until_unpaired(self._device_id))
        try:
            await asyncio.wait((leaving, unpaired), return_when=asyncio.FIRST_COMPLETED)
            return leaving.result() if leaving.done() else {"type": "http.disconnect"}
        finally:
            leaving.cancel()
            unpaired.cancel()
            await asyncio.gather(leaving, unpaired, return_exceptions=True)

    async def _send_with_cookie(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            # Not even as an image or a script does another site get what a cookie opened.
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
            if self._parts.pairing.is_paired(self._device_id):
                renewed = self._parts.cookies.renew(self._device_id, self._token)
                if renewed:
                    headers.append("Set-Cookie", renewed)
            message = {**message, "headers": headers.raw}
        self._is_answer_open = message["type"] == "http.response.start" or bool(
            message.get("more_body")
        )
        await self._send(message)


def _limit(scope: Scope, *, is_open: bool) -> int:
    if is_open:
        return MAX_OPEN_BODY_BYTES
    return MAX_IMPORT_BYTES if scope["path"] == IMPORT_PATH else MAX_BODY_BYTES


async def _drain(receive: Receive, limit: int) -> None:
    """Lets a client that sends too much finish, within reason."""
    received = 0
    while received < min(DRAINED_TIMES * limit, MAX_DRAINED_BYTES):
        message = await receive()
        received += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


def _too_large(limit: int) -> Refusal:
    size = f"{limit >> 20} MB" if limit >> 20 else f"{limit >> 10} KB"
    return Refusal(413, "too_large", f"A request may hold at most {size}; send it in parts.")


def _respond(refusal: Refusal) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    body = {"error": refusal.message, "code": refusal.code}
    return JSONResponse(body, refusal.status, headers)
