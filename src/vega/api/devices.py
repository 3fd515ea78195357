"""The owner's browsers: one-time links, pairing, the list, unpairing."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from vega.api.access import netloc
from vega.api.parts import TheParts
from vega.api.shapes import PairRequest
from vega.config import Settings
from vega.errors import InvalidInput, MalformedInput

router = APIRouter(tags=["devices"])

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
        "code": made.code,
        "expires_at": made.expires_at.isoformat(),
    }
    return JSONResponse(shape, 201, _NO_STORE)


@router.post("/api/devices", status_code=201, openapi_extra=_REQUEST_BODY)
async def pair(request: Request, parts: TheParts) -> JSONResponse:
    """Pair this browser with a code; its cookie stands in place of a key from then on."""
    asked = _parse(await _body(request))
    device, token = await parts.pairing.pair(asked.code, asked.name)
    before = parts.access.find_device(request.headers)
    if before:
        # The browser forgets its older cookie.
        await parts.pairing.unpair(before[0].id)
    headers = {"Set-Cookie": parts.cookies.write(device.id, token), **_NO_STORE}
    return JSONResponse({"id": device.id, "name": device.name}, 201, headers)


@router.get("/api/devices")
async def list_devices(request: Request, parts: TheParts) -> dict[str, Any]:
    """The browsers that are paired."""
    asking = parts.access.find_device(request.headers)
    return {
        "devices": [
            {
                "id": device.id,
                "name": device.name,
                "created_at": device.created_at.isoformat(),
                "is_this": asking is not None and asking[0].id == device.id,
            }
            for device in parts.pairing.devices
        ]
    }


@router.delete("/api/devices/{device_id}", status_code=204)
async def unpair(device_id: Annotated[int, Path(ge=1, le=2**63 - 1)], parts: TheParts) -> Response:
    """Unpair a browser, at once: its streams end, its cookie is worth nothing."""
    await parts.pairing.unpair(device_id)
    return Response(None, 204)


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
