"""Downloads of models that the owner asked for: in the background, one at a time, until done.

What is wanted is marked in the models folder, so that a restart goes on with it. How a file is
brought is `vega.llm.download`'s.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vega.errors import ModelFileRefused, ModelUnavailable
from vega.llm.catalogue import CATALOGUE, CatalogueModel
from vega.llm.download import ModelFiles

log = logging.getLogger(__name__)

#: queued: another one comes first; waiting: it is tried again by itself, `error` says why it does
#: not come now; paused: stopped by the owner; failed: `error` says why, and it is not tried again.
PullState = Literal["queued", "fetching", "waiting", "paused", "failed", "done"]

#: Until a download that cannot go on is tried again: doubled each time.
FIRST_PAUSE_SECONDS = 15.0
LONGEST_PAUSE_SECONDS = 300.0
#: Over how long the pace is measured.
PACE_SECONDS = 10.0
SAMPLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a download has come."""

    state: PullState
    done_bytes: int
    total_bytes: int
    #: Over the last seconds; None while it is not known.
    bytes_per_second: float | None = None
    error: str | None = None


class Pulls:
    """The downloads of one Vega."""

    def __init__(
        self,
        files: ModelFiles,
        models: Iterable[CatalogueModel] = CATALOGUE,
        *,
        on_done: Callable[[CatalogueModel], None] = lambda _: None,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        """Starts nothing yet. on_done hears, in the event loop, of each model that came whole."""
        self._files = files
        self._models = tuple(models)
        self._on_done = on_done
        self._first_pause_seconds = first_pause_seconds
        #: By id, in the order in which they are fetched.
        self._wanted: dict[str, CatalogueModel] = {}
        #: Why a download does not come, or never will.
        self._waiting: dict[str, str] = {}
        self._failed: dict[str, str] = {}
        self._current = ""
        self._done_bytes = 0
        self._pace = _Pace()
        self._fetch: asyncio.Task[Path] | None = None
        self._worker: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def resume(self) -> None:
        """Go on with what was wanted when Vega ended. Never raises."""
        for model in self._models:
            if self._mark_of(model).exists():
                # A folder that others share with us may not be ours to write to.
                with suppress(ModelUnavailable):
                    self.start(model)

    def start(self, model: CatalogueModel) -> PullProgress:
        """Fetch the model in the background; nothing happens when that is so already.

        Raises ModelUnavailable when the folder of models cannot be written to.
        """
        mark = self._mark_of(model)
        if self._files.is_here(model):
            mark.unlink(missing_ok=True)
            return PullProgress("done", model.size_bytes, model.size_bytes)
        try:
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
        except OSError as error:
            raise ModelUnavailable(f"{mark.parent} cannot be written to: {error}.") from error
        self._failed.pop(model.id, None)
        self._wanted.setdefault(model.id, model)
        self._changed.set()
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="downloads of models")
        return self._progress_of_wanted(model)

    async def stop(self, model: CatalogueModel) -> PullProgress | None:
        """Fetch it no more; what has come is kept."""
        self._wanted.pop(model.id, None)
        self._waiting.pop(model.id, None)
        self._mark_of(model).unlink(missing_ok=True)
        self._changed.set()
        if self._fetch is not None and self._current == model.id:
            self._fetch.cancel()
            await asyncio.wait([self._fetch])
        return self.progress(model)

    def progress(self, model: CatalogueModel) -> PullProgress | None:
        """How far it is; None when nobody has asked for it and nothing of it is there."""
        total = model.size_bytes
        if model.id in self._wanted:
            return self._progress_of_wanted(model)
        if self._files.is_here(model):
            return PullProgress("done", total, total)
        done = self._files.part_bytes(model)
        if model.id in self._failed:
            return PullProgress("failed", done, total, error=self._failed[model.id])
        return PullProgress("paused", done, total) if done else None

    async def close(self) -> None:
        """End what runs; it goes on at the next start."""
        tasks = [task for task in (self._worker, self._fetch) if task is not None]
        self._worker = self._fetch = None
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _progress_of_wanted(self, model: CatalogueModel) -> PullProgress:
        is_current = self._current == model.id
        done = self._files.part_bytes(model) or (self._done_bytes if is_current else 0)
        error = self._waiting.get(model.id)
        state: PullState = "fetching" if is_current else "queued"
        pace = self._pace.bytes_per_second() if is_current and error is None else None
        return PullProgress("waiting" if error else state, done, model.size_bytes, pace, error)

    async def _work(self) -> None:
        pause = self._first_pause_seconds
        while self._wanted:
            model = next(iter(self._wanted.values()))
            before = self._files.part_bytes(model)
            await self._fetch_one(model)
            if model.id not in self._waiting or self._files.part_bytes(model) > before:
                pause = self._first_pause_seconds
            if self._wanted.keys() <= self._waiting.keys():
                self._changed.clear()
                try:
                    await asyncio.wait_for(self._changed.wait(), pause)
                except TimeoutError:
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _fetch_one(self, model: CatalogueModel) -> None:
        self._current = model.id
        self._done_bytes = self._files.part_bytes(model)
        self._pace = _Pace()
        fetch = asyncio.create_task(self._files.ensure(model, self._tell), name=f"fetch {model.id}")
        self._fetch = fetch
        try:
            await asyncio.wait([fetch])
        finally:
            self._current, self._fetch = "", None
        if model.id not in self._wanted or fetch.cancelled():
            # Stopped, and perhaps wanted again by now.
            return
        error = fetch.exception()
        if isinstance(error, ModelUnavailable) and not isinstance(error, ModelFileRefused):
            self._wait(model, str(error))
            return
        self._wanted.pop(model.id)
        self._waiting.pop(model.id, None)
        self._mark_of(model).unlink(missing_ok=True)
        if error is None:
            log.info("The model %s is here.", model.id)
            self._on_done(model)
        else:
            self._failed[model.id] = str(error)
            log.warning(
                "%s", error, exc_info=None if isinstance(error, ModelFileRefused) else error
            )

    def _wait(self, model: CatalogueModel, error: str) -> None:
        # Said when it begins, and not at each attempt.
        if self._waiting.get(model.id) != error:
            log.warning("%s It is tried again by itself.", error)
        self._waiting[model.id] = error
        # What comes after it may be small enough for the disk.
        self._wanted[model.id] = self._wanted.pop(model.id)

    def _tell(self, model_id: str, done_bytes: int, _total_bytes: int) -> None:
        if done_bytes > self._done_bytes:
            self._waiting.pop(model_id, None)
        self._done_bytes = done_bytes
        self._pace.add(done_bytes)

    def _mark_of(self, model: CatalogueModel) -> Path:
        path = self._files.path(model)
        return path.with_name(f".{path.name}.wanted")


class _Pace:
    """How fast bytes have come over the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def add(self, done_bytes: int) -> None:
        now = time.monotonic()
        if self._samples and done_bytes < self._samples[-1][1]:
            # Begun anew.
            self._samples.clear()
        if not self._samples or now - self._samples[-1][0] >= SAMPLE_SECONDS:
            self._samples.append((now, done_bytes))
            while now - self._samples[0][0] > PACE_SECONDS:
                self._samples.popleft()

    def bytes_per_second(self) -> float | None:
        if len(self._samples) < 2:
            return None
        (first_time, first), (_, last) = self._samples[0], self._samples[-1]
        # Until now, so that a pace falls while nothing comes.
        return (last - first) / (time.monotonic() - first_time)
