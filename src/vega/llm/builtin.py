"""A model whose file lies on this machine, run by the supervised model host.

The starter model works everywhere and is no more than a floor: short answers, not to be trusted
with memory. While a model is being fetched or loaded it is unavailable and says so.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path

from vega.errors import AnswerBroken, ModelLoading, ModelUnavailable
from vega.llm.base import HERE, Ending, Message, ModelProfile
from vega.llm.catalogue import SMOLLM2_135M, CatalogueModel
from vega.llm.download import ModelFiles, Progress, tell_nobody
from vega.llm.host import LOAD_SECONDS, ModelHost
from vega.llm.hub import HUB_URL
from vega.llm.openai import OpenAIModel, Timeouts

log = logging.getLogger(__name__)

#: The one slot, whose cache is saved, and the reuse of what it has read of the prompt.
SLOT = {"id_slot": 0, "cache_prompt": True}

#: How long to look at one child before looking whether there is another.
CHILD_WAIT_SECONDS = 2.0


class BuiltInModel:
    """A Connector to a model on this machine: the catalogue's, or a file of the owner's own."""

    def __init__(
        self,
        models_folder: Path,
        cache_folder: Path,
        model: CatalogueModel = SMOLLM2_135M,
        *,
        hub_url: str = HUB_URL,
        threads: int | None = None,
        on_progress: Progress = tell_nobody,
        timeouts: Timeouts | None = None,
    ) -> None:
        """Starts nothing yet. on_progress hears of a fetch, beside what the errors say."""
        self._model = model
        self._timeouts = timeouts
        self._connector: OpenAIModel | None = None
        self._connector_key = ""
        self._preparing: asyncio.Task[None] | None = None
        files = ModelFiles(models_folder, hub_url)
        self.host = ModelHost(model, files, cache_folder, threads=threads, on_progress=on_progress)

    @property
    def is_started(self) -> bool:
        return self._preparing is not None

    async def start(self) -> None:
        """Begin to fetch, if need be, and to load; `wait_until_available` tells when it is done.

        Nothing happens when it was started before.
        """
        if self.is_started:
            return
        await self.host.start()
        self._preparing = asyncio.create_task(self._prepare(), name="prepare the built-in model")

    async def profile(self) -> ModelProfile:
        if not self.host.is_ready:
            raise (ModelLoading if self.host.is_loading else ModelUnavailable)(self.host.state)
        return ModelProfile(
            name=self._model.id,
            context_tokens=self._model.context_tokens,
            answer_tokens=self._model.answer_tokens,
            is_able=self._model.is_able,
            can_continue=True,
            recent_turns=self._model.recent_turns,
            place=HERE,
        )

    def stream(
        self, messages: Sequence[Message], max_tokens: int
    ) -> AsyncGenerator[str | Ending, None]:
        return self._stream(messages, max_tokens, None)

    def stream_in_form(
        self, messages: Sequence[Message], max_tokens: int, form: Mapping[str, object]
    ) -> AsyncGenerator[str | Ending, None]:
        return self._stream(messages, max_tokens, form)

    async def _stream(
        self, messages: Sequence[Message], max_tokens: int, form: Mapping[str, object] | None
    ) -> AsyncGenerator[str | Ending, None]:
        connector = await self._connected()
        messages = [Message(message.role, _inert(message.content)) for message in messages]
        limit = min(max_tokens, self._model.answer_tokens)
        stream = (
            connector.stream(messages, limit)
            if form is None
            else connector.stream_in_form(messages, limit, form)
        )
        with self.host.in_use():
            try:
                async with aclosing(stream) as pieces:
                    async for piece in pieces:
                        yield piece
            except AnswerBroken as error:
                if isinstance(error.__cause__, TimeoutError):
                    self.host.restart()
                raise

    async def count_tokens(self, text: str) -> int | None:
        connector = await self._connected()
        try:
            return await connector.count_tokens(_inert(text))
        except ModelUnavailable:
            if self.host.is_ready:
                # The child is there and does not answer such a question: it hangs.
                log.warning("The built-in model hangs and is started again.")
                self.host.restart()
            raise

    async def wait_until_available(self, timeout_seconds: float) -> bool:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_seconds
        while (left := deadline - loop.time()) > 0 and await self.host.wait_until_ready(left):
            try:
                connector = await self._connected()
            except ModelUnavailable:
                # It died between the two lines above.
                continue
            # In short waits, since the child may die meanwhile and the next one is elsewhere.
            if await connector.wait_until_available(min(left, CHILD_WAIT_SECONDS)):
                return True
        return False

    async def close(self) -> None:
        if self._preparing is not None:
            self._preparing.cancel()
            await asyncio.wait([self._preparing])
        await self.host.stop()
        if self._connector is not None:
            await self._connector.close()
            self._connector = None

    async def _prepare(self) -> None:
        # So that not the first turn pays for importing the SDK.
        await self.wait_until_available(LOAD_SECONDS)

    async def _connected(self) -> OpenAIModel:
        """The connector to the child that runs now. Raises ModelUnavailable if none serves."""
        profile = await self.profile()
        if self._connector is None or self._connector_key != self.host.key:
            before, self._connector_key = self._connector, self.host.key
            self._connector = OpenAIModel(
                self.host.address,
                profile.name,
                self.host.key,
                answer_tokens=profile.answer_tokens,
                is_able=profile.is_able,
                extra_body=SLOT,
                timeouts=self._timeouts,
            )
            if before is not None:
                await before.close()
        return self._connector


def _inert(text: str) -> str:
    """The text without a model's control marks: what was said may not pose as another role.

    A zero-width space breaks `<|im_start|>` and its like, which llama.cpp would take for what
    they look like, wherever they stand.
    """
    return text.replace("<|", "<\u200b|")
