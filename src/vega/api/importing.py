"""`POST /api/import`: messages from elsewhere come into the life."""

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect

from vega.api.parts import TheParts
from vega.api.shapes import report_shape
from vega.core.importing import Line, Lines
from vega.errors import MalformedInput

router = APIRouter(tags=["memory"])

#: A body that takes longer lets the next import go first.
BODY_SECONDS = 300.0
_REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "description": "One JSON object a line: external_id, role, name, text, at.",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}


@router.post("/api/import", openapi_extra=_REQUEST_BODY)
async def import_messages(request: Request, parts: TheParts) -> dict[str, Any]:
    """Take in up to 1,000 messages, one JSON object a line; those that are known are skipped."""
    async with parts.store.imports.one_at_a_time:
        lines = await _read(request)
        return report_shape(await parts.store.imports.take(lines, parts.clock))


async def _read(request: Request) -> list[Line]:
    """The lines of the body, as it comes. Raises ImportTooLong, MalformedInput."""
    encoding = request.headers.get("content-encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise MalformedInput(
            "Content-Encoding: a body is taken as it is and not unpacked; send plain lines."
        )
    lines = Lines()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for piece in request.stream():
                lines.add(piece)
    except (ClientDisconnect, TimeoutError) as exc:
        raise MalformedInput("The body broke off; nothing of it was taken.") from exc
    return lines.end()
