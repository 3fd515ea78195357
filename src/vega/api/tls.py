"""The https door, for its owner: how it stands, opened and closed; and what devices trust."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from vega.api.https_door import HttpsDoor
from vega.api.parts import TheParts
from vega.api.plain_answers import CA_PATH, ca_response
from vega.tls.files import fingerprint

router = APIRouter(tags=["https"])
#: The certificate itself needs no key.
public = APIRouter(tags=["https"])

DEFAULT_PORT = 8443
MAX_NAMES = 20


class OpenRequest(BaseModel):
    """At which port, and for which further names."""

    model_config = ConfigDict(extra="forbid")

    port: Annotated[int, Field(ge=1, le=65535)] = DEFAULT_PORT
    names: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=253)]], Field(max_length=MAX_NAMES)
    ] = []
    new_authority: bool = False


@router.get("/api/tls")
async def show(parts: TheParts) -> dict[str, Any]:
    """The https door: whether it is open, and its certificate."""
    return shape(parts.https)


@router.post("/api/tls")
async def turn_on(asked: OpenRequest, parts: TheParts) -> dict[str, Any]:
    """Open the https door at once, and at every start to come."""
    await parts.https.turn_on(asked.port, asked.names, is_anew=asked.new_authority)
    return shape(parts.https)


@router.delete("/api/tls")
async def turn_off(parts: TheParts) -> dict[str, Any]:
    """Close the https door at once, and at every start to come."""
    await parts.https.turn_off()
    return shape(parts.https)


@public.get(CA_PATH)
async def authority(parts: TheParts) -> Response:
    """The authority's certificate, which devices are to trust."""
    return ca_response(parts.https.certificates.authority)


def shape(door: HttpsDoor) -> dict[str, Any]:
    """The door as clients see it."""
    certificates = door.certificates
    served, made = certificates.served, certificates.authority
    return {
        "open": door.is_open,
        "port": door.port,
        "url": door.url,
        "urls": door.urls,
        "problem": door.problem,
        # Plain HTTP, so that a device that does not trust it yet is shown no warning.
        "ca_url": f"http{door.url.removeprefix('https')}{CA_PATH}" if door.url else "",
        "left_out": sorted(certificates.left_out),
        "certificate": served
        and {
            "is_own": certificates.is_own,
            "names": sorted(served.names.texts),
            "issuer": served.issuer,
            "not_after": served.not_after.isoformat(),
            "sha256": served.fingerprint,
        },
        "authority": made
        and {
            "path": str(certificates.public_path),
            "not_after": made.not_after.isoformat(),
            "sha256": fingerprint(made.root),
        },
    }
