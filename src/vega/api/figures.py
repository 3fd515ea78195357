"""Everything that a scraper is told, read once from the parts.

In which format it is told is `vega.api.exposition`'s.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from vega.api.attempts import REASONS
from vega.api.parts import Parts
from vega.core.conversation import TurnStatus
from vega.core.db import DATABASE_NAME
from vega.core.durations import Durations
from vega.core.life.disk import DiskReading
from vega.core.life.verification_store import Verdict
from vega.core.memory import ArchiveTotal, Tier, TierTotal
from vega.core.memory_manager import MemoryReport
from vega.errors import ModelUnavailable

#: A model server that does not say within this time what it has is not reachable: a scraper waits.
MODEL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """One Vega at one moment."""

    started_at: float
    tiers: Mapping[Tier, TierTotal]
    archive: ArchiveTotal
    #: By which file it is.
    database_bytes: Mapping[str, int]
    disk: DiskReading
    memory: MemoryReport
    #: From which percentage on memory is scarce, by the pressure.
    thresholds: Mapping[str, float]
    turns: Mapping[TurnStatus, Durations]
    queue_depth: int
    queue_limit: int
    is_model_reachable: bool
    backup_count: int
    last_backup_at: datetime | None
    last_backup_bytes: int | None
    has_backup_failed: bool
    failed_backup_nights: int
    #: Of the folder on another disk, where there is one.
    backup_elsewhere: Mapping[str, Any] | None
    failed_nightly_jobs: int
    verdict: Verdict
    #: Since the start, by the error's code.
    refusals: Mapping[str, int]
    #: Since the start, by what was wrong.
    wrong_tries: Mapping[str, int]


async def read_figures(parts: Parts) -> Figures:
    """Raises DatabaseError."""
    manager, home = parts.memory_manager, parts.settings.home
    backups = await parts.backups.summary()
    last: Mapping[str, Any] | None = backups["last"]
    return Figures(
        started_at=_started_at(),
        tiers=await parts.store.tier_totals(),
        archive=await parts.store.archive.total(),
        database_bytes=database_bytes(home),
        disk=await asyncio.to_thread(parts.store.disk.measure),
        memory=manager.report(),
        thresholds={
            "warning": manager.warning_threshold_percent,
            "critical": manager.critical_threshold_percent,
        },
        turns=parts.live_turns.durations,
        queue_depth=parts.assistant.queue_length,
        queue_limit=parts.settings.queue_limit,
        is_model_reachable=await _is_model_reachable(parts),
        backup_count=backups["count"],
        last_backup_at=datetime.fromisoformat(last["created_at"]) if last else None,
        last_backup_bytes=last["size_bytes"] if last else None,
        has_backup_failed=backups["error"] is not None,
        failed_backup_nights=backups["failed_nights"],
        backup_elsewhere=backups["elsewhere"],
        failed_nightly_jobs=len(parts.nights.failures),
        verdict=await parts.store.verification.verdict(),
        refusals={reason: parts.attempts.refusals[reason] for reason in REASONS},
        wrong_tries=dict(parts.attempts.totals),
    )


def database_bytes(home: Path) -> dict[str, int]:
    """How large the life's file is, and the log of what is not folded into it yet."""
    files = {"life": home / DATABASE_NAME, "log": home / f"{DATABASE_NAME}-wal"}
    return {name: path.stat().st_size if path.exists() else 0 for name, path in files.items()}


async def _is_model_reachable(parts: Parts) -> bool:
    if parts.assistant.away_reason is not None:
        return False
    try:
        async with asyncio.timeout(MODEL_SECONDS):
            await parts.models.profile()
    except (ModelUnavailable, TimeoutError):
        return False
    return True


@cache
def _started_at() -> float:
    """When this process began, in seconds since 1970."""
    import psutil

    return float(psutil.Process().create_time())
