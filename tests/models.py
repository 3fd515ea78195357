"""Models for tests: the scripted one, held up or failing where a test wants it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from vega.llm.base import Ending, Message, ModelProfile
from vega.llm.scripted import ScriptedModel


class SteppedModel(ScriptedModel):
    """Says its next piece when it is told to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._steps = asyncio.Semaphore(0)

    def step(self, count: int = 1) -> None:
        for _ in range(count):
            self._steps.release()

    def go_on(self) -> None:
        self.step(100_000)

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        async with aclosing(super().stream(messages, max_tokens)) as items:
            async for item in items:
                await self._steps.acquire()
                yield item


class TroubledModel(ScriptedModel):
    """Its first streams fail: each after so many pieces, with that error."""

    def __init__(self, troubles: Sequence[tuple[int, Exception]], **options: Any) -> None:
        super().__init__(**options)
        self._troubles = list(troubles)

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        after, error = self._troubles.pop(0) if self._troubles else (-1, None)
        number = 0
        async with aclosing(super().stream(messages, max_tokens)) as items:
            async for item in items:
                if error is not None and number == after:
                    raise error
                number += 1
                yield item


class SpeakingModel(ScriptedModel):
    """Says exactly these items, whatever it is asked."""

    def __init__(self, *items: str | Ending, **options: Any) -> None:
        super().__init__(**options)
        self._items = items

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        self.calls.append(tuple(messages))
        for item in self._items:
            await asyncio.sleep(0)
            yield item


class HesitantModel(ScriptedModel):
    """Says what it is only when it is let."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.is_asked = asyncio.Event()
        self.may_tell = asyncio.Event()

    async def profile(self) -> ModelProfile:
        self.is_asked.set()
        await self.may_tell.wait()
        return await super().profile()


class CountingModel(ScriptedModel):
    """Has a tokenizer of its own: one token a character."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.counted: list[str] = []

    async def count_tokens(self, text: str) -> int | None:
        self.counted.append(text)
        return len(text)


class HangingModel(ScriptedModel):
    """Begins to speak, and stands still: no real server does so when a test wants it."""

    def __init__(self, *items: str | Ending, **options: Any) -> None:
        super().__init__(**options)
        self._items = items
        self.is_asked = asyncio.Event()
        #: Set when whoever listened has let go of the stream.
        self.is_closed = asyncio.Event()

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        self.calls.append(tuple(messages))
        try:
            for item in self._items:
                yield item
            self.is_asked.set()
            await asyncio.Event().wait()
        finally:
            self.is_closed.set()


class ParrotModel(ScriptedModel):
    """Says what it was sent, word by word: small models do, but not each time."""

    async def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        self.calls.append(tuple(messages))
        for piece in messages[-1].content.split(" ")[:max_tokens]:
            yield f"{piece} "
        yield Ending("stop")
