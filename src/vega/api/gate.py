"""The gate that every request passes: the rules of access, and bounds on what it may send.

Whoever loses its key or its pairing is let go of at once, and a paired browser has its cookie
renewed while it comes. Every answer that leaves here carries the headers of `vega.api.headers`.
"""

import asyncio
from collections.abc import Hashable

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vega.api.access import SAFE_METHODS, Caller, Refusal, is_open_to_all
from vega.api.attempts import source_of
from vega.api.cookies import is_https
from vega.api.crowd import Crowd, Crowded, Stranger
from vega.api.headers import secured
from vega.api.parts import Parts
from vega.api.protocol import PEER_UID

#: Of what says something: a prompt of 1 MB, however it is escaped.
MAX_BODY_BYTES = 4 * 1024 * 1024
TALK_PATHS = frozenset({"/chat", "/api/chat"})
#: Of all else, which has nothing long to say.
MAX_SMALL_BODY_BYTES = 64 * 1024
#: Of an import, which is read as it comes.
MAX_IMPORT_BYTES = 64 * 1024 * 1024
IMPORT_PATH = "/api/import"
#: Of a request that needs no key.
MAX_OPEN_BODY_BYTES = 4 * 1024
#: From the first byte of a body to its last; whoever needs no key has less.
BODY_SECONDS = 300.0
#: Of a body that is too large so many times the limit is read, since many clients send it all
#: before they listen.
DRAINED_TIMES = 16
MAX_DRAINED_BYTES = 128 * 1024 * 1024
DRAIN_SECONDS = 30.0
CROWDED_RETRY_SECONDS = 5


class Gate:
    """Applies the rules to every request, and bounds what it may send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._crowd = Crowd()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            # Vega has none; before it is accepted, this is a 403.
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            await send(secured(message))

        parts: Parts = scope["app"].state.parts
        headers = Headers(scope=scope)
        is_open = is_open_to_all(scope)
        limit = _limit(scope, is_open=is_open)
        refusal = _with_wait(parts.access.refusal(scope, headers), parts, scope)
        if refusal is None and _declared_bytes(headers) > limit:
            # Who shows no key is not waited for.
            if not is_open:
                await _drain(receive, limit)
            refusal = _too_large(limit)
        try:
            if refusal is None:
                # What is open to all may be kept by a proxy, which must not keep a cookie with it.
                caller = Caller() if is_open else parts.access.find_caller(headers)
                await self._let_in(caller, scope, _Bounded(receive, limit), send_secured)
                return
        except Crowded as exc:
            refusal = Refusal(429, "crowded", f"{exc} Try again.", CROWDED_RETRY_SECONDS)
        await answer(refusal, parts)(scope, receive, send_secured)

    async def _let_in(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Crowded."""
        parts: Parts = scope["app"].state.parts
        is_stream = scope["path"].endswith("/events")
        with self._crowd.joined(_name_of(caller, scope), is_stream=is_stream):
            if caller.key is not None:
                parts.keys.note_use(caller.key.id)
            if caller.device is not None:
                parts.pairing.note_visit(caller.device.id)
            if caller.key is None and caller.device is None:
                await self._app(scope, receive, send)
            else:
                is_secure = is_https(scope, Headers(scope=scope))
                visit = _Visit(parts, caller, receive, send, is_secure=is_secure)
                await visit.run(self._app, scope)


class BodyRefused(HTTPException):
    """A body is larger, or comes more slowly, than it may."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.status, refusal.message)
        self.refusal = refusal


class _Bounded:
    """Receives a body up to the limit, also where it declares no length, and in time."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._received = 0
        self._is_whole = False
        self._deadline: float | None = None

    async def __call__(self) -> Message:
        if self._is_whole:
            # Now it is waited for the client to leave.
            return await self._receive()
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError as exc:
            raise BodyRefused(
                Refusal(408, "too_slow", "The body did not come in time; nothing was done.")
            ) from exc
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            self._is_whole = not message.get("more_body")
            if self._received > self._limit:
                if not self._is_whole:
                    await _drain(self._receive, self._limit)
                raise BodyRefused(_too_large(self._limit))
        return message


class _Visit:
    """One request by a key or a paired browser. Once that is void, it is as if it had left."""

    def __init__(
        self, parts: Parts, caller: Caller, receive: Receive, send: Send, *, is_secure: bool
    ) -> None:
        self._is_secure = is_secure
        self._parts = parts
        self._caller = caller
        self._receive = receive
        self._send = send
        self._is_answer_open = False

    async def run(self, app: ASGIApp, scope: Scope) -> None:
        await app(scope, self._receive_or_leave, self._send_with_cookie)
        if self._is_answer_open:
            await self._send({"type": "http.response.body"})

    async def _receive_or_leave(self) -> Message:
        leaving = asyncio.ensure_future(self._receive())
        voided = asyncio.ensure_future(self._wait_until_void())
        try:
            await asyncio.wait((leaving, voided), return_when=asyncio.FIRST_COMPLETED)
            return leaving.result() if leaving.done() else {"type": "http.disconnect"}
        finally:
            leaving.cancel()
            voided.cancel()
            await asyncio.gather(leaving, voided, return_exceptions=True)

    async def _wait_until_void(self) -> None:
        if self._caller.key is not None:
            await self._parts.keys.wait_until_revoked(self._caller.key.id)
        elif self._caller.device is not None:
            await self._parts.pairing.wait_until_unpaired(self._caller.device.id)

    async def _send_with_cookie(self, message: Message) -> None:
        device = self._caller.device
        if message["type"] == "http.response.start" and device is not None:
            headers = MutableHeaders(raw=list(message.get("headers", ())))
            if self._parts.pairing.is_paired(device.id):
                renewed = self._parts.cookies.renew(
                    device.id, self._caller.token, is_secure=self._is_secure
                )
                if renewed:
                    headers.append("Set-Cookie", renewed)
            message = {**message, "headers": headers.raw}
        self._is_answer_open = message["type"] == "http.response.start" or bool(
            message.get("more_body")
        )
        await self._send(message)


def _with_wait(refusal: Refusal | None, parts: Parts, scope: Scope) -> Refusal | None:
    """The same, or that it is the one wrong key too many."""
    if refusal is None or refusal.code != "key_wrong":
        return refusal
    seconds = parts.attempts.add("key", source_of(scope))
    return too_many_tries(seconds) if seconds else refusal


def too_many_tries(seconds: int) -> Refusal:
    return Refusal(
        429,
        "too_many_tries",
        f"Too many wrong keys or pairing codes came. Wait {seconds} s; what is right is let in at "
        "once.",
        seconds,
    )


def _name_of(caller: Caller, scope: Scope) -> Hashable | None:
    """Whom a request is counted for; None: it is not, as the owner's at the Unix socket."""
    if caller.key is not None:
        return ("key", caller.key.id)
    if caller.device is not None:
        return ("device", caller.device.id)
    if scope.get("state", {}).get(PEER_UID) is not None:
        return None
    if is_open_to_all(scope):
        # Only this one waits for what its sender has to say.
        return Stranger(source_of(scope)) if scope["method"] not in SAFE_METHODS else None
    return ("address", source_of(scope))


def _limit(scope: Scope, *, is_open: bool) -> int:
    if is_open:
        return MAX_OPEN_BODY_BYTES
    if scope["path"] == IMPORT_PATH:
        return MAX_IMPORT_BYTES
    return MAX_BODY_BYTES if scope["path"] in TALK_PATHS else MAX_SMALL_BODY_BYTES


def _declared_bytes(headers: Headers) -> int:
    length = headers.get("content-length", "")
    # More digits than an int is read from are more than any limit.
    return int(length[:20]) if length.isascii() and length.isdigit() else 0


async def _drain(receive: Receive, limit: int) -> None:
    """Lets a client that sends too much finish, within reason."""
    received = 0
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            while received < min(DRAINED_TIMES * limit, MAX_DRAINED_BYTES):
                message = await receive()
                received += len(message.get("body", b""))
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
    except TimeoutError:
        return


def _too_large(limit: int) -> Refusal:
    size = f"{limit >> 20} MB" if limit >> 20 else f"{limit >> 10} KB"
    return Refusal(413, "too_large", f"A request may hold at most {size}; send it in parts.")


def answer(refusal: Refusal, parts: Parts) -> JSONResponse:
    """The answer that tells it; it is counted."""
    parts.attempts.refusals[refusal.code] += 1
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    if refusal.retry_after_seconds:
        headers["Retry-After"] = str(refusal.retry_after_seconds)
    body = {"error": refusal.message, "code": refusal.code}
    return JSONResponse(body, refusal.status, headers)
