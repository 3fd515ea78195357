"""`first_event`: how long until the first words, through Vega and straight from a model host.

Each prompt goes through Vega on its built-in host; the very messages that Vega sent then go
straight to a second host with the same file and options. Both hosts read the same prompts in the
same order and both answers are stopped after their first words, so both prefix caches hold the
same. A pair in which Vega began its window anew (both then read a prompt nearly from its start)
is told apart.
"""

import asyncio
import statistics
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import life
from benchmarks.client import Broken, Client
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.models_folder import models_folder
from tests.vega_process import VegaProcess, wait_until
from vega.core.context import Context
from vega.core.preamble import INSTRUCTIONS
from vega.core.store import Store, Window
from vega.core.tokens import TokenCounter
from vega.llm.base import Message
from vega.llm.builtin import SLOT, BuiltInModel

#: They and the first question make a prompt of about 1,000 tokens. More turns than these and the
#: first question's the built-in model is not shown, and of a longer message only a part.
PAST_TURNS = 3
MESSAGE_CHARACTERS = 600
READY_SECONDS = 60.0
#: Vega saves the host's cache when it has been idle for 20 s.
SAVE_SECONDS = 60.0
MOST = 1.10
COLD = "cold"
RESTORED = "restored"
WARM = "warm"
ANEW = "window begun anew"
DIRECT = "straight from the host"
THROUGH = "through Vega"


@dataclass(slots=True)
class Samples:
    """Seconds to the first words, in pairs."""

    direct: list[float] = field(default_factory=list)
    through: list[float] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)
    prompt_tokens: list[int] = field(default_factory=list)


def measure(size: Size) -> Report:
    return asyncio.run(_measure(size, models_folder()))


async def _measure(size: Size, models: Path) -> Report:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vega-bench-")))
        home = folder / "home"
        await life.grow(home, 0, PAST_TURNS, MESSAGE_CHARACTERS, MESSAGE_CHARACTERS)
        await _open_window(home)
        settings = {"VEGA_MODELS_DIR": str(models)}
        server = stack.enter_context(VegaProcess(home, model_url="", settings=settings))
        model = BuiltInModel(models, folder / "direct")
        await model.start()
        stack.push_async_callback(model.close)
        await asyncio.to_thread(_start, server)
        if not await model.wait_until_available(READY_SECONDS):
            raise Broken(model.host.state)
        pairs = Pairs(server, home, model)
        samples = {kind: Samples() for kind in (COLD, RESTORED, WARM, ANEW)}
        await pairs.measure(samples[COLD], samples[COLD], MESSAGE_CHARACTERS)
        await _kill_and_start(server)
        await pairs.measure(samples[RESTORED], samples[RESTORED], MESSAGE_CHARACTERS)
        for _ in range(size.first_events):
            await pairs.measure(samples[WARM], samples[ANEW], life.PROMPT_CHARACTERS)
        return _report(samples)


class Pairs:
    """Asks Vega, then the second host the same."""

    def __init__(self, server: VegaProcess, home: Path, model: BuiltInModel) -> None:
        self._server = server
        self._home = home
        self._model = model
        self._window: Window | None = None
        self._number = 0

    async def measure(self, kept: Samples, hopped: Samples, characters: int) -> None:
        """One pair, noted with those in which the window stayed, or with the others."""
        turn_id, accepted, through = await asyncio.to_thread(self._ask_vega, characters)
        messages, tokens, window = await self._messages(turn_id)
        into = kept if self._window in (None, window) else hopped
        self._window = window
        direct = await asyncio.to_thread(self._ask_host, messages)
        into.accepted.append(accepted)
        into.through.append(through)
        into.direct.append(direct)
        into.prompt_tokens.append(tokens)

    def _ask_vega(self, characters: int) -> tuple[int, float, float]:
        self._number += 1
        prompt = life.text(-self._number, characters)
        accepted = 0.0
        with Client(self._server.url, self._server.key) as client:
            for seconds, line in client.stream("/chat", {"prompt": prompt, "stream": True}):
                if b"turn.accepted" in line:
                    accepted = seconds
                if b"turn.delta" in line:
                    break
            else:
                raise Broken("the stream has no words")
        turn_id = self._newest()
        self._server.request("DELETE", f"/api/turns/{turn_id}")
        return turn_id, accepted, seconds

    def _newest(self) -> int:
        page = self._server.request("GET", "/history?limit=1").raise_for_status().json()
        return int(page["turns"][0]["id"])

    async def _messages(self, turn_id: int) -> tuple[tuple[Message, ...], int, Window | None]:
        """What Vega has sent for that turn: built from its store, by its own code."""
        store = await Store.open(self._home)
        try:
            turn = await store.turn(turn_id)
            tokens = TokenCounter(self._model)
            profile = await self._model.profile()
            prompt = await Context(store, 50).build(turn, profile, tokens, "")
            counts = [await tokens.count(message.content) for message in prompt.messages]
            return prompt.messages, sum(counts), await store.find_window()
        finally:
            await store.close()

    def _ask_host(self, messages: tuple[Message, ...]) -> float:
        body = {
            "model": "built-in",
            "messages": [{"role": each.role, "content": each.content} for each in messages],
            "max_tokens": 96,
            "stream": True,
            "stream_options": {"include_usage": True},
            **SLOT,
        }
        host = self._model.host
        with Client(f"{host.address}/v1", host.key) as client:
            for seconds, line in client.stream("/chat/completions", body):
                if b'"content":"' in line and b'"content":""' not in line:
                    return seconds
        raise Broken("the host's stream has no words")


async def _open_window(home: Path) -> None:
    """All turns of the life stand in the window, as if it had grown to them."""
    store = await Store.open(home)
    try:
        first = (await store.history(PAST_TURNS))[-1]
        await store.set_window(Window(INSTRUCTIONS, first.at, first.id))
    finally:
        await store.close()


async def _kill_and_start(server: VegaProcess) -> None:
    """kill -9 once the cache was saved, and up again."""
    cache = server.home / "cache"
    before = time.time()

    def is_saved() -> bool:
        return any(path.stat().st_mtime > before for path in cache.glob("*.cache"))

    await asyncio.to_thread(wait_until, is_saved, SAVE_SECONDS)
    server.kill()
    await asyncio.to_thread(_start, server)


def _start(server: VegaProcess) -> None:
    """Until its model can be asked."""
    server.start()

    def is_ready() -> bool:
        answer = server.request("GET", "/readyz")
        if answer.status_code != 200:
            raise Broken(f"/readyz: {answer.status_code} {answer.text}\n{server.output}")
        return bool(answer.json()["model_reachable"])

    wait_until(is_ready, READY_SECONDS)


def _report(samples: dict[str, Samples]) -> Report:
    report = Report("the first words of a stream, on the built-in model")
    report.baseline = f"{WARM}: {DIRECT}"
    for kind in (WARM, ANEW, RESTORED, COLD):
        found = samples[kind]
        if not found.direct:
            continue
        report.add(f"{kind}: {DIRECT}", found.direct)
        report.add(f"{kind}: {THROUGH}", found.through)
        if kind == WARM:
            report.add(f"{kind}: turn.accepted {THROUGH}", found.accepted)
        tokens = f"{min(found.prompt_tokens)} to {max(found.prompt_tokens)}"
        report.remarks.append(f"{kind}: prompts of {tokens} tokens without the template's own")
    report.remarks.append(f"{RESTORED}: the host that is asked straight was not ended")
    more = [
        1000 * (through - direct)
        for through, direct in zip(samples[WARM].through, samples[WARM].direct, strict=True)
    ]
    direct = report.spreads[report.baseline].median
    cold, restored = samples[COLD], samples[RESTORED]
    report.figures = [
        Figure("more in a warm pair, median", statistics.median(more), "ms"),
        Figure.at_most(
            "warm, through Vega to straight", 1 + statistics.median(more) / direct, MOST, "×"
        ),
        Figure("cold, through Vega to straight", cold.through[0] / cold.direct[0], "×"),
        Figure("through Vega, restored to cold", restored.through[0] / cold.through[0], "×"),
    ]
    return report
