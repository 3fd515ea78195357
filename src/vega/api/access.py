"""Who is let in: the key, the Host, the Origin, and how much may be sent.

Every request needs a key, wherever it comes from. Without one: the probes, the page's static
shell and the API's description, and from this machine `/metrics`. The Host is checked on every
route against DNS rebinding; the Origin and Sec-Fetch-Site on whatever changes something and on
streams against other sites.
"""

import logging
import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vega.config import Settings, is_loopback
from vega.core.keys import Keys

log = logging.getLogger(__name__)

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_DRAINED_BYTES = 64 * 1024 * 1024
OPEN_PATHS = frozenset({"/", "/healthz", "/livez", "/docs", "/openapi.json"})
OPEN_FOLDERS = ("/docs/",)
#: Open only to this machine.
LOCAL_PATHS = frozenset({"/metrics"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORWARDING_HEADERS = ("forwarded", "x-real-ip", "via")
FORWARDING_PREFIX = "x-forwarded-"
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in."""

    status: int
    code: str
    message: str


class Access:
    """The rules, for one Vega."""

    def __init__(self, settings: Settings, keys: Keys) -> None:
        names = {"localhost", "127.0.0.1", "::1", settings.host, *settings.allowed_hosts}
        self._hosts = frozenset(name.lower() for name in names)
        self._origins = frozenset(
            _netloc(host, port)
            for host in self._hosts
            for port in (settings.port, settings.page_port)
        )
        self._keys = keys
        self._is_key_required = settings.require_key

    def refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Why this request is not let in; None when it is."""
        host = _host(headers.get("host", ""))
        is_forwarded = any(
            name in FORWARDING_HEADERS or name.startswith(FORWARDING_PREFIX) for name in headers
        )
        if not self._is_key_required and (is_forwarded or host not in self._hosts):
            self._is_key_required = True
            log.warning(
                "Keys are required again until restart: a request came %s.",
                "through a proxy" if is_forwarded else f"for the host {host!r}",
            )
        if host not in self._hosts:
            return Refusal(
                421,
                "unknown_host",
                f"This Vega does not go by the name {host[:80]!r}. If it should, add it to "
                "allowed_hosts in vega.toml.",
            )
        is_stream = scope["path"].endswith("/events")
        if scope["method"] not in SAFE_METHODS or is_stream:
            foreign = self._foreign_site(headers)
            if foreign:
                return Refusal(403, "foreign_origin", f"Requests from {foreign} are refused.")
        is_local = is_loopback((scope.get("client") or ("",))[0]) and not is_forwarded
        if _is_open(scope["path"], is_local) or not self._is_key_required:
            return None
        return self._key_refusal(headers, is_local)

    def _foreign_site(self, headers: Headers) -> str | None:
        origin = headers.get("origin")
        # The Host itself was checked: a page that it served is no other site.
        own = self._origins | {headers.get("host", "").lower()}
        if origin is not None and origin.lower().partition("://")[2] not in own:
            return f"the site {origin[:80]!r}"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin", "same-site"):
            return "other sites"
        return None

    def _key_refusal(self, headers: Headers, is_local: bool) -> Refusal | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        key = headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")
        if key and self._keys.accept(key):
            return None
        problem = "This key is not valid." if key else "A key is needed."
        place = self._keys.whereabouts if is_local else "the key file in its home folder"
        return Refusal(
            401,
            "key_wrong" if key else "key_missing",
            f"{problem} Send it as the header X-API-Key. On the machine where Vega runs it is in "
            f"{place}.",
        )


class AccessMiddleware:
    """Applies the rules to every request, and bounds what it may send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        access: Access = scope["app"].state.parts.access
        refusal = access.refusal(scope, headers)
        length = headers.get("content-length", "")
        if refusal is None and length.isdigit() and int(length) > MAX_BODY_BYTES:
            await _drain(receive)
            refusal = too_large()
        if refusal is not None:
            await _respond(refusal)(scope, receive, send)
            return
        await self._app(scope, _Bounded(receive), send)


class BodyTooLarge(Exception):
    """More was sent than a request may hold."""


class _Bounded:
    """Receives a body without a declared length, up to the limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._received = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message.get("body", b""))
            if self._received > MAX_BODY_BYTES:
                await _drain(self._receive)
                raise BodyTooLarge
        return message


async def _drain(receive: Receive) -> None:
    """Lets a client that sends too much finish, within reason: many do not read before."""
    received = 0
    while received < MAX_DRAINED_BYTES:
        message = await receive()
        received += len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body"):
            return


def too_large() -> Refusal:
    limit = MAX_BODY_BYTES // 1024 // 1024
    return Refusal(413, "too_large", f"A request may hold at most {limit} MB; send it in parts.")


def _respond(refusal: Refusal) -> JSONResponse:
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    body = {"error": refusal.message, "code": refusal.code}
    return JSONResponse(body, refusal.status, headers)


def _is_open(path: str, is_local: bool) -> bool:
    if path in OPEN_PATHS or path.startswith(OPEN_FOLDERS):
        return True
    return is_local and path in LOCAL_PATHS


def _host(header: str) -> str:
    """The Host header's name, without port and brackets; empty for what is no host."""
    match = _HOST.fullmatch(header)
    return match[1].strip("[]").lower() if match else ""


def _netloc(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
