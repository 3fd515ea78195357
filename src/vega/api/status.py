"""What Vega is doing, for people and for monitors."""

from dataclasses import asdict
from typing import Any

import psutil
from fastapi import APIRouter

import vega
from vega.api.parts import Parts, TheParts
from vega.errors import ModelUnavailable

router = APIRouter(tags=["status"])

_PROCESS = psutil.Process()
_MEGABYTE = 1024 * 1024


@router.get("/api/status")
async def status(parts: TheParts) -> dict[str, Any]:
    """The model, the queue, the life's size, and what needs its owner."""
    totals = await parts.store.tier_totals()
    return {
        "version": vega.__version__,
        "session_id": parts.store.session_id,
        "timezone": parts.clock.zone,
        "model": await _model(parts),
        "queue": {
            "waiting": parts.assistant.queue_length,
            "limit": parts.settings.queue_limit,
        },
        "tiers": {
            tier.value: {"turns": total.turns, "bytes": total.bytes}
            for tier, total in totals.items()
        },
        "memory": _memory(),
        "attention": parts.store.attention,
    }


@router.get("/metrics")
async def metrics(parts: TheParts) -> dict[str, Any]:
    """The figures of the moment."""
    totals = await parts.store.tier_totals()
    return {
        "memory_manager": {
            # No cleanup exists yet, so none has been done.
            "cleanup_count": 0,
            "warning_threshold_percent": parts.settings.warning_threshold_percent,
            "critical_threshold_percent": parts.settings.critical_threshold_percent,
            "max_context_entries": parts.settings.max_context_entries,
            **_memory(),
        },
        "turns": {tier.value: total.turns for tier, total in totals.items()},
        "bytes": {tier.value: total.bytes for tier, total in totals.items()},
        "queue_depth": parts.assistant.queue_length,
    }


def _memory() -> dict[str, float]:
    system = psutil.virtual_memory()
    return {
        "process_mb": round(_PROCESS.memory_info().rss / _MEGABYTE, 1),
        "system_percent": system.percent,
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
        "place": profile.place,
        "offer": offer,
    }
