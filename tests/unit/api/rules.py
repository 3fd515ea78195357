"""The rules of access for a key "secret" and a paired browser, and requests to ask them with."""

import hashlib
from pathlib import Path
from typing import Any, cast

from starlette.datastructures import Headers

from tests.clocks import SOME_MOMENT, FakeClock
from vega.api.access import Access, Refusal
from vega.api.cookies import Cookies
from vega.config import load_settings
from vega.core.keys import Keys
from vega.core.life.device_store import Device
from vega.core.life.key_store import Key
from vega.core.pairing import Pairing

KEY = {"X-API-Key": "secret"}
COOKIE = {"Cookie": "vega_0123abcd=token"}
LOCAL = ("127.0.0.1", 5)


def access(https_names: frozenset[str] = frozenset(), **variables: str) -> Access:
    settings = load_settings({"VEGA_HOME": "/nowhere/at/all", **variables})
    clock = FakeClock()
    keys = {hashlib.sha256(b"secret").digest(): Key(1, "owner", SOME_MOMENT)}
    devices = {hashlib.sha256(b"token").digest(): Device(7, "Firefox", SOME_MOMENT)}
    return Access(
        settings,
        # No rule asks the database.
        Keys(cast(Any, None), clock, keys, Path("/srv/ana/.vega/api_key")),
        Pairing(cast(Any, None), clock, devices, {}),
        Cookies("persistent-0123abcd", clock),
        lambda: https_names,
    )


def ask(
    rules: Access,
    headers: dict[str, str],
    path: str = "/api/status",
    method: str = "GET",
    client: tuple[str, int] | None = LOCAL,
    peer_uid: int | None = None,
    scheme: str = "http",
) -> Refusal | None:
    state = {"peer_uid": peer_uid}
    scope = {"type": "http", "path": path, "method": method, "client": client, "state": state}
    scope["scheme"] = scheme
    return rules.refusal(scope, Headers({"Host": "localhost:8000", **headers}))


def status(refusal: Refusal | None) -> int:
    return refusal.status if refusal else 200
