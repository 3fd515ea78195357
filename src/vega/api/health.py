"""The probes: whether Vega is alive, and whether it can do its work."""

from typing import Any

from fastapi import APIRouter, Response

from vega.api.parts import TheParts
from vega.errors import DatabaseError, ModelUnavailable

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/livez")
async def livez(parts: TheParts, response: Response) -> dict[str, str]:
    """The process answers, and so does the worker that answers turns."""
    is_alive = parts.assistant.is_alive
    response.status_code = 200 if is_alive else 503
    return {"status": "ok" if is_alive else "the assistant's worker has ended"}


@router.get("/readyz")
async def readyz(parts: TheParts, response: Response) -> dict[str, Any]:
    """Prompts can be stored; and whether a model would answer them, which is no condition."""
    try:
        await parts.store.check_writable()
        store = "writable"
    except DatabaseError as exc:
        store = str(exc)
        response.status_code = 503
    model, reachable = parts.assistant.away_reason, False
    if model is None:
        try:
            model, reachable = (await parts.models.profile()).name, True
        except ModelUnavailable as exc:
            model = str(exc)
    return {
        "status": "ready" if response.status_code != 503 else "not ready",
        "store": store,
        "model": model,
        "model_reachable": reachable,
    }
