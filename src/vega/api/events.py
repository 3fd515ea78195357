"""Event streams: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

A reader that comes back sends the id of the last event that it saw as Last-Event-ID.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from fastapi.sse import EventSourceResponse, format_sse_event

from vega.api.shapes import event_shape
from vega.core.conversation import TurnEvent

#: So often a silent stream says that it is there, in seconds.
KEEP_ALIVE_SECONDS = 15.0
_KEEP_ALIVE = b": keep-alive\n\n"


def event_response(events: AsyncGenerator[TurnEvent, None], session_id: str) -> EventSourceResponse:
    """The events as a stream that ends when they do."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(_encoded(events, session_id), headers=headers)


async def _encoded(
    events: AsyncGenerator[TurnEvent, None], session_id: str
) -> AsyncIterator[bytes]:
    # The headers leave at once, also where the first event is far off.
    yield b": vega\n\n"
    async with aclosing(events):
        following = asyncio.ensure_future(anext(events, None))
        try:
            while True:
                await asyncio.wait((following,), timeout=KEEP_ALIVE_SECONDS)
                if not following.done():
                    yield _KEEP_ALIVE
                    continue
                event = following.result()
                if event is None:
                    return
                yield format_sse_event(
                    event=event.kind,
                    id=event.id,
                    data_str=json.dumps(event_shape(event, session_id), ensure_ascii=False),
                )
                following = asyncio.ensure_future(anext(events, None))
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
