"""What answers in Vega's place while its life is damaged or missing: 503 to everybody, with what to
do.

Only where systemd holds the sockets: to end would be to be started again, in vain, and each client
would wait for ever. It ends by itself when another file is the life.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from starlette.types import Receive, Scope, Send

from vega.api.serving import Server
from vega.doors import Door

LOOK_SECONDS = 2.0
#: Whoever asks may be anybody, so that it says nothing of where and what.
SENTENCE = (
    "The life of this Vega is damaged or missing. It was left as it is, and nothing is answered "
    "until its owner runs `vega doctor --repair` on its machine, which saves what is left; its log "
    "says more."
)
_BODY = json.dumps({"error": SENTENCE, "code": "life_damaged"}).encode()
_HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(_BODY)).encode()),
    (b"cache-control", b"no-store"),
    (b"retry-after", b"60"),
]


async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """The application."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 503, "headers": _HEADERS})
        is_bare = scope["method"] == "HEAD"
        await send({"type": "http.response.body", "body": b"" if is_bare else _BODY})


async def stand_in(
    doors: Sequence[Door],
    life: Path,
    *,
    on_serving: Callable[[], None],
    on_look: Callable[[], None],
) -> None:
    """Until it is told to end, or the life is another file; `on_look` is called again and again."""
    server = Server(refuse, doors, on_serving=on_serving, before_end=lambda: None)
    watching = asyncio.create_task(_watch(server, life, on_look))
    try:
        await server.serve()
    finally:
        watching.cancel()


async def _watch(server: Server, life: Path, on_look: Callable[[], None]) -> None:
    before = _identity(life)
    while _identity(life) == before:
        on_look()
        await asyncio.sleep(LOOK_SECONDS)
    server.handle_exit(0, None)


def _identity(life: Path) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        found = life.stat()
        return found.st_dev, found.st_ino
    return None
