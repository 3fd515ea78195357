"""A server that faults happen to, and all that it said it had."""

import asyncio
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from tests.vega_process import VegaProcess
from torture.power_cut.checking import all_turns, verify
from torture.power_cut.workloads import ENOUGH_MEMORY
from vega.core.store import Store

ALTERED = (sys.executable, "-m", "torture.altered_vega", "words")
MODEL = "scripted:?words=5"
SETTINGS = {
    "VEGA_MAX_CONTEXT_ENTRIES": "4",
    "VEGA_COMPRESSION_TRIGGER": "1",
    "VEGA_CHECK_INTERVAL_SECONDS": "1",
    "VEGA_EMBEDDING": "built-in",
    **ENOUGH_MEMORY,
}
#: For so long a service may take to work again by itself.
RECOVERY_SECONDS = 20.0
REQUEST_SECONDS = 12.0
#: Of an error that says what is wrong, and what to do.
CLEAR = frozenset(
    {
        "storage_full",
        "disk_failed",
        "answer_delayed",
        "no_room_for_backup",
        "answer_running",
    }
)


@dataclass(slots=True)
class Subject:
    """One home folder, its server, and what clients know."""

    folder: Path
    vega: VegaProcess = field(init=False)
    #: Prompts by turn; messages by their text.
    accepted: dict[int, str] = field(default_factory=dict)
    answered: dict[int, str] = field(default_factory=dict)
    imported: list[str] = field(default_factory=list)
    forgotten: set[int] = field(default_factory=set)
    #: What went wrong, in sentences.
    failures: list[str] = field(default_factory=list)
    #: How requests ended under a fault.
    ends: Counter[str] = field(default_factory=Counter)
    _said: int = 0

    def __post_init__(self) -> None:
        self.vega = VegaProcess(
            self.folder / "home", model_url=MODEL, settings=SETTINGS, command=ALTERED
        )

    @property
    def home(self) -> Path:
        return self.vega.home

    def post(self, path: str, body: object = None, **headers: str) -> httpx2.Response | None:
        """None where the server has died of it. An error must be a clear one."""
        try:
            found = self.vega.request(
                "POST", path, body, headers=headers, timeout_seconds=REQUEST_SECONDS
            )
        except httpx2.TimeoutException:
            self.ends["no answer in time"] += 1
            return None
        except httpx2.TransportError:
            self.ends["died"] += 1
            return None
        self.ends[str(found.status_code)] += 1
        if found.is_error:
            shape = found.json()
            if shape["code"] not in CLEAR or not shape["error"]:
                self.failures.append(f"{path}: {found.status_code} {shape}")
        return found

    def say(self, prompt: str | None = None, key: str | None = None) -> str:
        """A prompt of its own; its key, under which it can be said again."""
        self._said += prompt is None
        text = prompt or f"Prompt {self._said}: {'as long as it takes. ' * 60}"
        used = key or secrets.token_hex(8)
        found = self.post("/chat", {"prompt": text}, **{"Idempotency-Key": used})
        shape = found.json() if found is not None else {}
        turn_id = shape.get("turn_id")
        if turn_id is not None:
            self.accepted[turn_id] = text
            if found is not None and found.status_code == 200:
                self.answered[turn_id] = shape["response"]
        return json.dumps([text, used])

    def say_until_answered(self, said: str) -> bool:
        """Whether the same prompt is answered within the time that a service may take."""
        text, key = json.loads(said)
        return self.within(RECOVERY_SECONDS, lambda: self._is_answered(text, key))

    def _is_answered(self, text: str, key: str) -> bool:
        before = len(self.answered)
        known = {turn for turn, prompt in self.accepted.items() if prompt == text}
        if known & self.answered.keys():
            return True
        self.say(text, key)
        return len(self.answered) > before

    def import_some(self) -> None:
        lines = []
        for number in range(12):
            text = f"Line {secrets.token_hex(6)}"
            role = ("user", "assistant")[number % 2]
            at = datetime.now(UTC).isoformat()
            lines.append({"external_id": text, "role": role, "text": text, "at": at})
        body = "\n".join(map(json.dumps, lines))
        with suppress(httpx2.TransportError):
            found = self.vega._http.post(
                "/api/import",
                content=body,
                headers={"X-API-Key": self.vega.key},
                timeout=REQUEST_SECONDS,
            )
            self.ends[str(found.status_code)] += 1
            if found.status_code == 200:
                self.imported += [line["text"] for line in lines]
            elif found.json()["code"] not in CLEAR:
                self.failures.append(f"/api/import: {found.status_code} {found.text}")

    def can_be_read(self) -> bool:
        try:
            found = self.vega.request("GET", "/history?limit=5", timeout_seconds=REQUEST_SECONDS)
        except httpx2.TransportError:
            return self.within(2.0, lambda: False) or not self.vega.is_running
        return found.status_code == 200

    def within(self, seconds: float, is_so: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() >= deadline or not self.vega.is_running:
                return False
            time.sleep(0.1)
        return True

    def restart(self) -> None:
        self.vega.kill()
        self.vega.start()

    def check(self) -> None:
        """Everything that was promised, in the files: once, and whole. The server has ended."""
        asyncio.run(self._check())

    async def _check(self) -> None:
        store = await Store.open(self.home)
        try:
            self.failures += store.attention
            turns = await store._db.read(all_turns)
            await verify(store)
        finally:
            await store.close()
        by_id = {turn.id: turn for turn in turns}
        for turn_id, prompt in self.accepted.items():
            turn = by_id.get(turn_id)
            if turn is None or (turn.prompt != prompt and turn_id not in self.forgotten):
                self.failures.append(f"lost: turn {turn_id}")
        for turn_id, response in self.answered.items():
            if turn_id not in self.forgotten and by_id[turn_id].response != response:
                self.failures.append(f"lost: the answer to turn {turn_id}")
        texts = Counter(turn.prompt for turn in turns if turn.prompt)
        texts.update(turn.response for turn in turns if turn.response.startswith("Line "))
        self.failures += [f"doubled: {text[:40]}" for text, n in texts.items() if n > 1]
        self.failures += [f"lost: imported {text}" for text in self.imported if text not in texts]
