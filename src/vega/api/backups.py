"""Backups of the life: made, listed, verified. They are restored while Vega does not run."""

from typing import Any

from fastapi import APIRouter

from vega.api.parts import TheParts
from vega.core.backup.backup import Backup, shape

router = APIRouter(prefix="/api/backups", tags=["backups"])


@router.post("", status_code=201)
async def make_backup(parts: TheParts) -> dict[str, Any]:
    """Make one now; the conversation goes on meanwhile."""
    return _shown(await parts.backups.create())


@router.get("")
async def list_backups(parts: TheParts) -> dict[str, Any]:
    """Every backup that there is, the newest first."""
    return {"backups": [_shown(backup) for backup in await parts.backups.list()]}


@router.post("/{name}/verify")
async def verify_backup(name: str, parts: TheParts) -> dict[str, Any]:
    """Whether it is as it was made; what it holds."""
    return _shown(await parts.backups.verify(name))


def _shown(backup: Backup) -> dict[str, Any]:
    return {"name": backup.name, **shape(backup)}
