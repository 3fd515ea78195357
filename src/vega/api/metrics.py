"""The figures of the moment, for people and for scrapers."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Header, Response

from vega.api.exposition import wants_text, written
from vega.api.figures import database_bytes, read_figures
from vega.api.parts import TheParts
from vega.core.memory import Cleanup
from vega.core.memory_manager import MemoryManager

router = APIRouter(tags=["status"])

_MEGABYTE = 1024 * 1024
#: For whoever keeps answers: which one it is depends on this header.
_BY_ACCEPT = {"Vary": "Accept"}


@router.get("/metrics", response_model=None)
async def metrics(
    parts: TheParts, response: Response, accept: Annotated[str, Header()] = ""
) -> dict[str, Any] | Response:
    """The figures of the moment: JSON, or Prometheus's text for who asks for that."""
    if wants_text(accept):
        return await prometheus(parts, accept)
    response.headers.update(_BY_ACCEPT)
    totals = await parts.store.tier_totals()
    return {
        "memory_manager": memory_shape(parts.memory_manager),
        "turns": {tier.value: total.turns for tier, total in totals.items()},
        "bytes": {tier.value: total.bytes for tier, total in totals.items()},
        "active_bytes": {tier.value: total.active_bytes for tier, total in totals.items()},
        "archive": asdict(await parts.store.archive.total()),
        "database_bytes": database_bytes(parts.settings.home),
        "queue_depth": parts.assistant.queue_length,
    }


@router.get("/metrics/prometheus")
async def prometheus(parts: TheParts, accept: Annotated[str, Header()] = "") -> Response:
    """All figures in the text format of Prometheus or OpenMetrics."""
    text, content_type = written(await read_figures(parts), accept)
    return Response(text, media_type=content_type, headers=_BY_ACCEPT)


def memory_shape(manager: MemoryManager) -> dict[str, Any]:
    """What the memory manager sees, does and has done."""
    report = manager.report()
    reading, last = report.reading, report.last_cleanup
    return {
        "cleanup_count": report.cleanup_count,
        "pressure": report.pressure,
        "reason": report.reason,
        "activity": report.activity,
        "process_mb": round(reading.process_bytes / _MEGABYTE, 1),
        "percent": round(reading.percent, 1),
        "system_percent": round(reading.system_percent, 1),
        "seen": asdict(reading),
        "warning_threshold_percent": manager.warning_threshold_percent,
        "critical_threshold_percent": manager.critical_threshold_percent,
        "max_context_entries": manager.max_context_entries,
        "compression_trigger": manager.compression_trigger,
        "cleanups": {kind.value: count for kind, count in report.cleanups.items()},
        "last_cleanup": _cleanup_shape(last) if last else None,
        "given_back": dict(report.released),
        "summary_failures": dict(report.summary_failures),
        "longest_step_seconds": round(report.longest_step_seconds, 4),
    }


def _cleanup_shape(cleanup: Cleanup) -> dict[str, Any]:
    return {
        **asdict(cleanup),
        "began_at": cleanup.began_at.isoformat(),
        "ended_at": cleanup.ended_at.isoformat(),
    }
