"""The rules of access for a key "secret" and a paired browser, and requests to ask them with."""

import hashlib
from typing import Any, cast

from starlette.datastructures import Headers

from tests.clocks import SOME_MOMENT, FakeClock
from vega.api.access import Access, Refusal
from vega.api.cookies import Cookies
from vega.config import load_settings
from vega.core.keys import Keys
from vega.core.life.device_store import Device
from vega.core.pairing import Pairing

KEY = {"X-API-Key": "secret"}
COOKIE = {"Cookie": "vega_0123abcd=token"}
LOCAL = ("127.0.0.1", 5)


def access(**variables: str) -> Access:
    settings = load_settings({"VEGA_HOME": "/nowhere/at/all", **variables})
    clock = FakeClock()
    devices = {hashlib.sha256(b"token").digest(): Device(7, "Firefox", SOME_MOMENT)}
    return Access(
        settings,
        Keys([hashlib.sha256(b"secret").digest()], "/srv/ana/.vega/api_key"),
        # No rule asks the database.
        Pairing(cast(Any, None), clock, devices),
        Cookies("persistent-0123abcd", clock),
    )


def ask(
    rules: Access,
    headers: dict[str, str],
    path: str = "/api/status",
    method: str = "GET",
    client: tuple[str, int] | None = LOCAL,
    peer_uid: int | None = None,
) -> Refusal | None:
    state = {"peer_uid": peer_uid}
    scope = {"type": "http", "path": path, "method": method, "client": client, "state": state}
    return rules.refusal(scope, Headers({"Host": "localhost:8000", **headers}))


def status(refusal: Refusal | None) -> int:
    return refusal.status if refusal else 200
