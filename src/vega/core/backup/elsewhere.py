"""Backups on another disk: each is copied there too, and verified, by a process that may hang
without holding up anybody.
"""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

#: Without a sign of life for so long the disk is said to hang, and is left alone until the next
#: night.
STALL_SECONDS = 120.0
_END_SECONDS = 5.0
COMMAND = (sys.executable, "-m", "vega.core.backup.sending")


class Elsewhere:
    """One folder on another disk."""

    def __init__(
        self,
        folder: Path,
        *,
        stall_seconds: float = STALL_SECONDS,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.folder = folder
        self._stall_seconds = stall_seconds
        self._command = command

    async def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What `vega.core.backup.sending` says of it at last: a `count` and the `newest`, or an
        `error` in a sentence. Never fails."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as exc:
            return {"error": f"It could not be begun: {exc.strerror}."}
        try:
            line = json.dumps({**request, "target": str(self.folder)})
            return await self._listen(process, line.encode() + b"\n")
        finally:
            await self._end(process)

    async def _listen(self, process: asyncio.subprocess.Process, line: bytes) -> dict[str, Any]:
        if process.stdin is None or process.stdout is None:
            return {"error": "It could not be begun."}
        with contextlib.suppress(ConnectionError):
            process.stdin.write(line)
            await process.stdin.drain()
        while True:
            try:
                async with asyncio.timeout(self._stall_seconds):
                    said = await process.stdout.readline()
            except TimeoutError:
                seconds = f"{self._stall_seconds:.0f}"
                return {"error": f"The disk has not answered for {seconds} seconds."}
            if not said:
                return {"error": "It ended in the middle."}
            found: dict[str, Any] = json.loads(said)
            if "bytes" not in found:
                return found

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await process.wait()
        except TimeoutError:
            # It waits for the disk, in the kernel, and ends when that answers.
            log.warning("Process %d still waits for the disk of %s.", process.pid, self.folder)
