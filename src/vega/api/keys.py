"""The owner's keys: made, listed, renamed, revoked. Not for paired browsers (`api.access`)."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import JSONResponse

from vega.api.parts import TheParts
from vega.api.shapes import NameRequest
from vega.core.life.key_store import Key

router = APIRouter(tags=["access"])

KeyId = Annotated[int, Path(ge=1, le=2**63 - 1)]


@router.post("/api/keys", status_code=201)
async def create_key(asked: NameRequest, parts: TheParts) -> JSONResponse:
    """Make a key. It is in this answer and nowhere else: Vega keeps its hash alone."""
    made, secret = await parts.keys.create(asked.name)
    return JSONResponse({**_shape(made), "key": secret}, 201)


@router.get("/api/keys")
async def list_keys(parts: TheParts) -> dict[str, Any]:
    """The keys that are good; `is_overridden`: but for one that was given in place of all."""
    return {
        "keys": [_shape(key) for key in parts.keys.all],
        "is_overridden": parts.keys.is_overridden,
    }


@router.patch("/api/keys/{key_id}")
async def rename_key(key_id: KeyId, asked: NameRequest, parts: TheParts) -> dict[str, Any]:
    """Call a key otherwise."""
    return _shape(await parts.keys.rename(key_id, asked.name))


@router.delete("/api/keys/{key_id}", status_code=204)
async def revoke_key(
    key_id: KeyId, parts: TheParts, force: Annotated[bool, Query()] = False
) -> Response:
    """Revoke a key, at once and for good; `force`: also the last one."""
    await parts.keys.revoke(key_id, may_be_last=force)
    return Response(None, 204)


def _shape(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "created_at": key.created_at.isoformat(),
        "last_used_on": key.last_used_on.isoformat() if key.last_used_on else None,
    }
