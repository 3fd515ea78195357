"""Whether the life is as it was stored: proven anew, told, and mended where it is not."""

from typing import Any

from fastapi import APIRouter

from vega.api.parts import TheParts
from vega.core import repair, verification
from vega.core.backup.backup import backup_path

router = APIRouter(prefix="/api/verification", tags=["verification"])


@router.post("", status_code=202)
async def verify_life(parts: TheParts) -> dict[str, Any]:
    """Begin a whole verification in the background, or join the one that runs."""
    await parts.verification.start()
    return verification.shape(await parts.verification.report())


@router.get("")
async def show_verification(parts: TheParts) -> dict[str, Any]:
    """How far it has come, and what is known of the life."""
    return verification.shape(await parts.verification.report())


@router.post("/repair")
async def repair_archive(parts: TheParts) -> dict[str, Any]:
    """Mend damaged turns of the archive with what the backups have of them."""
    backups = [backup_path(parts.settings.home, each.name) for each in await parts.backups.list()]
    return repair.shape(await parts.verification.repair(backups))
