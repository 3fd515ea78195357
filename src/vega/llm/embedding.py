"""The embedding model, in a supervised child of its own.

It is apart from the model that answers, which may be scripted, on another machine or unloaded,
while recall needs vectors always. Nobody waits for it at the start: its file is fetched, and the
child loaded, in the background. When memory is critical an idle child is ended; it is loaded again
at the next text.
"""

import asyncio
import base64
import importlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vega.errors import ModelUnavailable
from vega.llm.catalogue import MINILM_L6, CatalogueModel
from vega.llm.download import ModelFiles, Progress, tell_nobody
from vega.llm.hardware import resident_bytes
from vega.llm.host import ModelHost
from vega.llm.hub import HUB_URL

if TYPE_CHECKING:
    import httpx2
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

#: Of one request: a question that comes meanwhile waits for no more.
TEXTS_AT_ONCE = 4
#: For one request; the child answers it in a tenth of a second and hangs if it does not.
ANSWER_SECONDS = 30.0
#: For a child that sleeps, or has died, to load again.
LOAD_SECONDS = 15.0
#: A text opens and ends with a mark of the model's own.
MARKS = 2
#: A token is a character at least; of most texts four or five. Longer ones are cut before they are
#: sent, so that a whole book is not.
MOST_CHARS_A_TOKEN = 8
#: What a text is cut to, of what would fit by its average: its first part may be the denser one.
CUT = 0.9


class EmbeddingModel:
    """An Embedder that runs on this machine."""

    def __init__(
        self,
        models_folder: Path,
        model: CatalogueModel = MINILM_L6,
        *,
        hub_url: str = HUB_URL,
        threads: int | None = None,
        on_progress: Progress = tell_nobody,
    ) -> None:
        """Starts nothing yet."""
        self.name = f"{model.id} {model.sha256[:16]}"
        self.dimension = model.dimension
        self._model = model
        self._files = ModelFiles(models_folder, hub_url)
        self._threads = threads
        self._on_progress = on_progress
        self.host = self._make_host()
        self._starting: asyncio.Task[None] | None = None
        self._is_asleep = False
        self._is_closed = False
        self._waking = asyncio.Lock()
        self._http: httpx2.AsyncClient | None = None
        self._http_key = ""

    async def start(self, before_fetch: Callable[[], Awaitable[object]] | None = None) -> None:
        """Begin to load; where the file must be fetched, when `before_fetch` has ended."""
        self._starting = asyncio.create_task(self._start(before_fetch), name="embedding model")

    async def close(self) -> None:
        self._is_closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.gather(self._starting, return_exceptions=True)
        await self.host.stop()
        await self._disconnect()

    @property
    def is_available(self) -> bool:
        """Whether it can be asked now; one that sleeps is loaded for it in a second or two."""
        return not self._is_closed and (self.host.is_ready or self._is_asleep)

    async def embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """One row for each text, of length 1: (texts, dimension).

        What is longer than the model's window is cut off. Raises ModelUnavailable.
        """
        import numpy as np

        rows = np.zeros((len(texts), self.dimension), np.float32)
        if not texts:
            return rows
        await self._wake()
        # Held throughout, so that it is not put to sleep between two requests.
        with self.host.in_use():
            for first in range(0, len(texts), TEXTS_AT_ONCE):
                part = texts[first : first + TEXTS_AT_ONCE]
                rows[first : first + len(part)] = await self._embed(part)
        return rows

    async def release_memory(self, *, unload: bool) -> int:
        """With `unload`, end the child if nobody uses it, until it is needed: how many bytes of RAM
        it had."""
        async with self._waking:
            if not unload or self._is_asleep or not self.host.is_idle:
                return 0
            process_id = self.host.process_id
            had_bytes = resident_bytes(process_id) if process_id else 0
            self._is_asleep = True
            await self.host.stop()
            await self._disconnect()
            log.info("The embedding model sleeps until it is needed.")
            return had_bytes

    async def _start(self, before_fetch: Callable[[], Awaitable[object]] | None) -> None:
        await asyncio.to_thread(_import)
        if before_fetch is not None and not await self._is_here():
            try:
                await before_fetch()
            except Exception:
                log.exception("What should come before the embedding model failed")
        await self.host.start()

    def _make_host(self) -> ModelHost:
        return ModelHost(
            self._model, self._files, None, threads=self._threads, on_progress=self._on_progress
        )

    async def _is_here(self) -> bool:
        try:
            return await self._files.is_whole(self._model)
        except OSError:
            return False

    async def _wake(self) -> None:
        """Raises ModelUnavailable where it does not serve."""
        async with self._waking:
            if self._is_closed:
                raise ModelUnavailable("The embedding model has been closed.")
            if self._is_asleep:
                self.host = self._make_host()
                await self.host.start()
                self._is_asleep = False
                await self.host.wait_until_settled(LOAD_SECONDS)
        if not self.host.is_ready:
            raise ModelUnavailable(self.host.state)

    async def _embed(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        import numpy as np

        most_chars = self._model.context_tokens * MOST_CHARS_A_TOKEN
        texts = [text[:most_chars] for text in texts]
        answer = await self._ask("/v1/embeddings", _input(texts))
        if answer.status_code != 200:
            # One of them is longer than the window: for that the child refuses all.
            texts = [await self._cut(text) for text in texts]
            answer = await self._ask("/v1/embeddings", _input(texts))
        if answer.status_code != 200:
            raise ModelUnavailable(
                f"The embedding model refused a text (status {answer.status_code})."
            )
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for entry in answer.json()["data"]:
            rows[entry["index"]] = np.frombuffer(base64.b64decode(entry["embedding"]), "<f4")
        # Nothing has no direction: of a text without any token.
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        unit: NDArray[np.float32] = np.nan_to_num(rows / np.maximum(lengths, 1e-12))
        return unit

    async def _cut(self, text: str) -> str:
        """The beginning of it, that fits."""
        most = self._model.context_tokens - MARKS
        while len(text) > most:
            answer = await self._ask("/tokenize", {"content": text})
            if answer.status_code != 200:
                raise ModelUnavailable(
                    f"The embedding model does not count (status {answer.status_code})."
                )
            tokens = len(answer.json()["tokens"])
            if tokens <= most:
                break
            text = text[: max(most, int(len(text) * CUT * most / tokens))]
        return text

    async def _ask(self, path: str, body: dict[str, Any]) -> "httpx2.Response":
        """Raises ModelUnavailable."""
        import httpx2

        try:
            return await (await self._connected()).post(path, json=body)
        except httpx2.TimeoutException as error:
            log.warning("The embedding model hangs and is started again.")
            self.host.restart()
            raise ModelUnavailable("The embedding model hangs.") from error
        except httpx2.TransportError as error:
            raise ModelUnavailable("The embedding model's process has ended.") from error

    async def _connected(self) -> "httpx2.AsyncClient":
        """The client of the child that runs now."""
        import httpx2

        if self._http is not None and self._http_key == self.host.key:
            return self._http
        # At once, so that two who ask do not make two of them.
        self._http_key = self.host.key
        ended, self._http = (
            self._http,
            httpx2.AsyncClient(
                base_url=self.host.address,
                headers={"Authorization": f"Bearer {self.host.key}"},
                trust_env=False,
                timeout=ANSWER_SECONDS,
            ),
        )
        made = self._http
        if ended is not None:
            await ended.aclose()
        return made

    async def _disconnect(self) -> None:
        client, self._http = self._http, None
        if client is not None:
            await client.aclose()


def _input(texts: Sequence[str]) -> dict[str, Any]:
    # The server refuses a text of nothing.
    return {"input": [text or " " for text in texts], "encoding_format": "base64"}


def _import() -> None:
    """0.3 s of CPU the first time: not in the event loop."""
    for name in ("httpx2", "numpy"):
        importlib.import_module(name)
