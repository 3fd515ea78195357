"""Which models there are, and which one answers: shown, fetched, chosen, tried."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from vega.api.parts import TheParts
from vega.api.shapes import ModelRequest

router = APIRouter(prefix="/api/models", tags=["models"])


@router.get("")
async def show_models(parts: TheParts) -> dict[str, Any]:
    """Every model that there is to choose from, and which one answers now."""
    return asdict(await parts.menu.overview())


@router.post("/pull", status_code=202)
async def pull_model(asked: ModelRequest, parts: TheParts) -> dict[str, Any]:
    """Fetch a model of the catalogue in the background."""
    return asdict(parts.menu.pull(asked.id))


@router.delete("/pull")
async def stop_pull(model_id: Annotated[str, Query(alias="id")], parts: TheParts) -> dict[str, Any]:
    """Fetch it no more; what has come of it is kept."""
    return asdict(await parts.menu.stop_pull(model_id))


@router.post("/use")
async def use_model(asked: ModelRequest, parts: TheParts) -> dict[str, Any]:
    """Let this model answer from the next turn on; an empty id is the best that there is."""
    return asdict(await parts.menu.use(asked.id))


@router.post("/test")
async def test_model(asked: ModelRequest, parts: TheParts) -> dict[str, Any]:
    """Ask a model a few questions, of which nothing is kept; an empty id is the current one."""
    return asdict(await parts.menu.test(asked.id))
