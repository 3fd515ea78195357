"""The owner's browsers: one-time links, pairing, the list, names, unpairing."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from vega.api.access import netloc
from vega.api.attempts import source_of
from vega.api.cookies import is_https
from vega.api.gate import answer, too_many_tries
from vega.api.parts import TheParts
from vega.api.shapes import NameRequest, PairRequest
from vega.config import Settings
from vega.core.life.device_store import Device
from vega.errors import InvalidInput, MalformedInput, PairingUnknown

router = APIRouter(tags=["devices"])

DeviceId = Annotated[int, Path(ge=1, le=2**63 - 1)]
#: Nobody holds this request open for longer: it needs no key.
BODY_SECONDS = 10.0
_NO_STORE = {"Cache-Control": "no-store"}
_LOCALHOST = frozenset({"127.0.0.1", "::1", "localhost"})
_EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, not listened on
_REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": PairRequest.model_json_schema()}},
    }
}


def page_url(settings: Settings) -> str:
    """Where the owner finds the page."""
    host = settings.host
    if host in _EVERYWHERE and settings.allowed_hosts:
        host = settings.allowed_hosts[0]
    elif host in _LOCALHOST | _EVERYWHERE:
        host = "localhost"
    return f"http://{netloc(host, settings.page_port)}"


def pairing_link(settings: Settings, code: str) -> str:
    """The code is in the fragment, which no browser sends: it reaches no log and no proxy, and no
    preview of the link uses it up."""
    return f"{page_url(settings)}/pair#{code}"


@router.post("/api/pairing", status_code=201)
async def make_link(parts: TheParts) -> JSONResponse:
    """A link that pairs one browser, within an hour."""
    made = await parts.pairing.make_code()
    shape = {
        "url": pairing_link(parts.settings, made.code),
        # For other devices, while https is on; the first is found best.
        "https_urls": [f"{url}/pair#{made.code}" for url in parts.https.urls],
        "code": made.code,
        "expires_at": made.expires_at.isoformat(),
    }
    return JSONResponse(shape, 201, _NO_STORE)


@router.post("/api/devices", status_code=201, openapi_extra=_REQUEST_BODY)
async def pair(request: Request, parts: TheParts) -> JSONResponse:
    """Pair this browser with a code; its cookie stands in place of a key from then on."""
    asked = _parse(await _body(request))
    if not parts.pairing.is_good(asked.code):
        source = source_of(request.scope)
        waits = parts.attempts.wait_seconds(source)
        if waits:
            parts.attempts.add("pairing code", source)
            return answer(too_many_tries(waits), parts)
    kind = _kind(request.headers.get("user-agent", ""))
    try:
        device, token = await parts.pairing.pair(asked.code, asked.name, kind)
    except PairingUnknown:
        parts.attempts.add("pairing code", source_of(request.scope))
        raise
    before = parts.access.find_device(request.headers)
    if before:
        # The browser forgets its older cookie.
        await parts.pairing.unpair(before[0].id)
    cookie = parts.cookies.write(
        device.id, token, is_secure=is_https(request.scope, request.headers)
    )
    headers = {"Set-Cookie": cookie, **_NO_STORE}
    return JSONResponse({"id": device.id, "name": device.name}, 201, headers)


@router.get("/api/devices")
async def list_devices(request: Request, parts: TheParts) -> dict[str, Any]:
    """The browsers that are paired."""
    asking = parts.access.find_device(request.headers)
    return {
        "devices": [
            {
                **_shape(device),
                "is_this": asking is not None and asking[0].id == device.id,
            }
            for device in parts.pairing.devices
        ]
    }


@router.patch("/api/devices/{device_id}")
async def rename(device_id: DeviceId, asked: NameRequest, parts: TheParts) -> dict[str, Any]:
    """Call a browser otherwise."""
    return _shape(await parts.pairing.rename(device_id, asked.name))


@router.delete("/api/devices/{device_id}", status_code=204)
async def unpair(device_id: DeviceId, parts: TheParts) -> Response:
    """Unpair a browser, at once: its streams end, its cookie is worth nothing."""
    await parts.pairing.unpair(device_id)
    return Response(None, 204)


def _shape(device: Device) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "kind": device.kind,
        "created_at": device.created_at.isoformat(),
        "last_seen_on": device.last_seen_on.isoformat() if device.last_seen_on else None,
    }


def _kind(user_agent: str) -> str | None:
    """What the browser runs on, as far as it says so."""
    if "Mozilla/" not in user_agent:
        return None
    if "iPad" in user_agent or ("Android" in user_agent and "Mobile" not in user_agent):
        return "tablet"
    return "phone" if "Mobi" in user_agent else "computer"


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.body()
    except TimeoutError as exc:
        raise MalformedInput("The body did not come in time.") from exc


def _parse(body: bytes) -> PairRequest:
    try:
        return PairRequest.model_validate_json(body)
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, error["loc"]))[:80] or "The body"
        raise InvalidInput(f"{field}: {error['msg'].removeprefix('Value error, ')}.") from exc
