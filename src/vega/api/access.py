"""Who is let in: the key, the paired browser, the Unix socket, the Host, the Origin.

Every request needs a key or a paired browser's cookie, or comes through the Unix socket from the
user that Vega runs as. Without: the probes, the page's static shell and the API's description, what
pairs a browser, and from this machine the metrics. The Host is checked on every route against DNS
rebinding; the Origin and Sec-Fetch-Site against other sites, on all but what is open to all.
"""

import logging
import os
import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

from vega.api.cookies import Cookies
from vega.api.protocol import PEER_UID, TARGET
from vega.config import Settings, is_loopback
from vega.core.keys import Keys
from vega.core.life.device_store import Device
from vega.core.life.key_store import Key
from vega.core.pairing import Pairing

log = logging.getLogger(__name__)

#: The last is public: what devices fetch in order to trust Vega's https.
OPEN_PATHS = frozenset(
    {"/", "/pair", "/healthz", "/livez", "/docs", "/openapi.json", "/vega-ca.crt"}
)
OPEN_FOLDERS = ("/assets/", "/docs/")
#: Where a browser brings its one-time code.
PAIRING_DOOR = ("POST", "/api/devices")
#: Not for paired browsers, with all that is below: whoever got hold of a cookie shall get neither
#: more of them nor a key.
OWNER_PATHS = ("/api/pairing", "/api/keys", "/api/tls")
#: Open only to this machine.
LOCAL_PATHS = frozenset({"/metrics", "/metrics/prometheus"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORWARDING_HEADERS = ("forwarded", "x-real-ip", "via")
FORWARDING_PREFIX = "x-forwarded-"
#: May do on this machine whatever the owner may.
ROOT_UID = 0
MAX_PORT = 65_535
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.IGNORECASE | re.ASCII)
_TARGET = re.compile(rb"https?://([^/?#@]+)(?:[/?#].*)?", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not let in."""

    status: int
    code: str
    message: str
    retry_after_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: by a key, else by a paired browser with its token, else nobody that is known."""

    key: Key | None = None
    device: Device | None = None
    token: str = ""


class Access:
    """The rules, for one Vega."""

    def __init__(
        self,
        settings: Settings,
        keys: Keys,
        pairing: Pairing,
        cookies: Cookies,
        https_names: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        """`https_names` are what the certificate stands for, at this moment."""
        names = {"localhost", "127.0.0.1", "::1", settings.host, *settings.allowed_hosts}
        self._hosts = frozenset(name.lower() for name in names)
        self._origins = frozenset(
            netloc(host, port)
            for host in self._hosts
            for port in (settings.port, settings.page_port)
        )
        self._keys = keys
        self._pairing = pairing
        self._cookies = cookies
        self._https_names = https_names
        self._is_key_required = settings.require_key

    def refusal(self, scope: Scope, headers: Headers) -> Refusal | None:
        """Why this request is not let in; None when it is."""
        if len(headers.getlist("host")) > 1:
            return Refusal(400, "malformed_input", "A request has one Host header.")
        host = host_of(headers.get("host", ""))
        is_secure = scope.get("scheme") == "https"
        hosts = self._hosts | self._https_names() if is_secure else self._hosts
        is_forwarded = any(
            name in FORWARDING_HEADERS or name.startswith(FORWARDING_PREFIX) for name in headers
        )
        if not self._is_key_required and (is_forwarded or host not in hosts):
            self._is_key_required = True
            log.warning(
                "Keys are required again until restart: a request came %s.",
                "through a proxy" if is_forwarded else f"for the host {host!r}",
            )
        if host not in hosts:
            return Refusal(
                421,
                "unknown_host",
                f"This Vega does not go by the name {host[:80]!r}. If it should, add it to "
                "allowed_hosts in vega.toml.",
            )
        state = scope.get("state", {})
        if TARGET in state and not _is_at(state[TARGET], headers.get("host", "")):
            return Refusal(421, "unknown_host", "Vega is no proxy: ask it for a path.")
        peer_uid = state.get(PEER_UID)
        if peer_uid not in (None, ROOT_UID, os.geteuid()):
            return Refusal(403, "foreign_user", "This socket is for the user that Vega runs as.")
        # What is open to all is there for links from anywhere, too.
        if scope["method"] not in SAFE_METHODS or not is_open_to_all(scope):
            foreign = self._foreign_site(headers, is_secure=is_secure)
            if foreign:
                return Refusal(403, "foreign_origin", f"Requests from {foreign} are refused.")
        is_local = is_loopback((scope.get("client") or ("",))[0]) and not is_forwarded
        # A proxy may run as the owner too, and forward whoever comes.
        is_owner = peer_uid is not None and not is_forwarded
        is_open = is_open_to_all(scope) or (is_local and scope["path"] in LOCAL_PATHS)
        if is_owner or is_open or not self._is_key_required:
            return None
        if self.find_device(headers):
            return self._cookie_refusal(scope["path"], headers, is_secure=is_secure)
        return self._key_refusal(headers, is_local)

    def find_caller(self, headers: Headers) -> Caller:
        """By which key or paired browser that comes, however it was let in."""
        key = _key(headers)
        if key:
            return Caller(self._keys.find(key))
        found = self.find_device(headers)
        return Caller(None, *found) if found else Caller()

    def find_device(self, headers: Headers) -> tuple[Device, str] | None:
        """The paired browser that sends this, with its token, where no key speaks for it."""
        if _key(headers):
            return None
        for token in self._cookies.read(headers):
            device = self._pairing.find_device(token)
            if device:
                return device, token
        return None

    def _cookie_refusal(self, path: str, headers: Headers, *, is_secure: bool) -> Refusal | None:
        # A cookie is sent by the browser, whoever asked it to. Programs on other ports of this
        # machine are the same site, and no cookie's SameSite keeps them out.
        foreign = self._foreign_site(headers, is_secure=is_secure)
        if foreign is None and headers.get("sec-fetch-site") == "same-site":
            foreign = "other programs of this machine"
        if foreign:
            return Refusal(403, "foreign_origin", f"Requests from {foreign} are refused.")
        if any(path == each or path.startswith(f"{each}/") for each in OWNER_PATHS):
            return Refusal(
                403,
                "key_needed",
                "A paired browser makes neither keys nor pairing links. Run `vega open` or "
                "`vega key` on the machine where Vega runs.",
            )
        return None

    def _foreign_site(self, headers: Headers, *, is_secure: bool) -> str | None:
        origin = headers.get("origin")
        # The Host itself was checked: a page that it served is no other site. A page that came
        # without https may be anybody's work, whatever name it came under.
        host = {headers.get("host", "").lower()}
        own = host if is_secure else self._origins | host
        site = _ORIGIN.fullmatch(origin.lower()) if origin is not None else None
        is_weaker = is_secure and not (origin or "https:").lower().startswith("https:")
        if origin is not None and (site is None or site[1] not in own or is_weaker):
            return f"the site {origin[:80]!r}"
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin", "same-site"):
            return "other sites"
        return None

    def _key_refusal(self, headers: Headers, is_local: bool) -> Refusal | None:
        key = _key(headers)
        if key and self._keys.accept(key):
            return None
        problem = "This key is not valid." if key else "A key is needed."
        place = self._keys.whereabouts if is_local else "the key file in its home folder"
        return Refusal(
            401,
            "key_wrong" if key else "key_missing",
            f"{problem} Send it as the header X-API-Key. On the machine where Vega runs it is in "
            f"{place}. A browser is paired by `vega open` there.",
        )


def is_open_to_all(scope: Scope) -> bool:
    """Whether this needs neither key nor cookie."""
    path = scope["path"]
    is_pairing = (scope["method"], path) == PAIRING_DOOR
    return is_pairing or path in OPEN_PATHS or path.startswith(OPEN_FOLDERS)


def _key(headers: Headers) -> str:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return headers.get("x-api-key") or (token.strip() if scheme.lower() == "bearer" else "")


def _is_at(target: bytes, host_header: str) -> bool:
    """Whether what is asked for by a whole address is at the very host that the header names."""
    match = _TARGET.fullmatch(target)
    return match is not None and match[1].lower() == host_header.lower().encode()


def host_of(header: str) -> str:
    """The Host header's name, without port and brackets; empty for what is no host."""
    match = _HOST.fullmatch(header)
    if match is None or int(match[2] or 0) > MAX_PORT:
        return ""
    return match[1].strip("[]").lower()


def netloc(host: str, port: int) -> str:
    """Host and port as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
