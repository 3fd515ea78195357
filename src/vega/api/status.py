"""What Vega is doing, for people and for monitors."""

import asyncio
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

import vega
from vega.api.figures import database_bytes
from vega.api.indexing import indexing_shape
from vega.api.metrics import memory_shape
from vega.api.parts import Parts, TheParts
from vega.core import verification
from vega.core.backup.backups import NIGHTLY_BACKUP
from vega.errors import ModelUnavailable

router = APIRouter(tags=["status"])


@router.get("/api/status")
async def status(parts: TheParts) -> dict[str, Any]:
    """The model, the queue, the life's size, and what needs its owner."""
    totals = await parts.store.tier_totals()
    disk = await asyncio.to_thread(parts.store.disk.look)
    proof = await parts.verification.report()
    return {
        "version": vega.__version__,
        "session_id": parts.store.session_id,
        "timezone": parts.clock.zone,
        "model": await _model(parts),
        "queue": {
            "waiting": parts.assistant.queue_length,
            "limit": parts.settings.queue_limit,
        },
        "tiers": {tier.value: asdict(total) for tier, total in totals.items()},
        "archive": asdict(await parts.store.archive.total()),
        "indexing": await indexing_shape(parts),
        "facts": {"pending": await parts.facts.pending()},
        "memory": memory_shape(parts.memory_manager),
        "disk": {
            "free_bytes": disk.free_bytes,
            "total_bytes": disk.total_bytes,
            "state": disk.state,
            "database_bytes": sum(database_bytes(parts.settings.home).values()),
        },
        "backups": await parts.backups.summary(),
        "verification": verification.summary(proof),
        "attention": [
            *parts.store.attention,
            *([disk.notice] if disk.notice else []),
            *([proof.finding] if proof.finding else []),
            *([wrong] if (wrong := parts.attempts.notice()) else []),
            *([parts.keys.notice] if parts.keys.notice else []),
            *([parts.https.problem] if parts.https.problem else []),
            *([index] if (index := await parts.word_index.notice()) else []),
            *parts.backups.notices(),
            # Of a failed backup the line before says more.
            *(
                f"{name} failed: {why}"
                for name, why in parts.nights.failures.items()
                if name != NIGHTLY_BACKUP
            ),
        ],
    }


async def _model(parts: Parts) -> dict[str, Any]:
    found = await parts.menu.find_offer()
    offer = asdict(found) if found else None
    reason = parts.assistant.away_reason
    if reason is not None:
        return {"reachable": False, "reason": reason, "offer": offer}
    try:
        profile = await parts.models.profile()
    except ModelUnavailable as exc:
        return {"reachable": False, "reason": str(exc), "offer": offer}
    return {
        "reachable": True,
        "name": profile.name,
        "context_tokens": profile.context_tokens,
        "is_able": profile.is_able,
        "is_asleep": profile.is_asleep,
        "place": profile.place,
        "offer": offer,
    }
