"""Keeps the model host's process alive, and its cache of the prompt on the disk.

The child is started again whenever it dies, with a back-off; what it had read of the prompt is
saved when it has been idle for a while, and restored before it is said to be ready. Without a
request nothing here runs. What is asked of the model goes through `vega.llm.builtin`.
"""

import asyncio
import json
import logging
import math
import os
import secrets
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from vega.errors import ModelUnavailable
from vega.llm import child
from vega.llm.caches import erase_caches, part_path, put_in_place, remove_caches_but
from vega.llm.catalogue import SMOLLM2_135M, CatalogueModel
from vega.llm.download import ModelFiles, Progress, tell_nobody
from vega.llm.host_process import HostParameters

if TYPE_CHECKING:
    import httpx2

log = logging.getLogger(__name__)

#: Until the child is started again: doubled each time, and the first again after a steady run.
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
#: For a big model on a slow disk; what takes longer hangs.
LOAD_SECONDS = 600.0
#: How long after an answer the cache is saved: not between two quick turns.
IDLE_SAVE_SECONDS = 20.0
#: Of a bigger model the cache is saved at the end alone: it would be hundreds of megabytes after
#: every exchange.
MOST_IDLE_SAVE_BYTES = 1_000_000_000
#: For saving or restoring a cache: some tens of megabytes.
CACHE_SECONDS = 10.0
#: Between the end of the child's input and SIGKILL.
END_SECONDS = 2.0
MOST_THREADS = 4
#: The starter model's. Chosen by reading its answers: bare it repeats whole sentences; from a
#: penalty of 1.15 on it avoids the right word ("2 + 2 is three"). DRY holds back repeated phrases,
#: not words.
STARTER_SAMPLING = {
    "temp": 0.0,
    "penalty_repeat": 1.1,
    "penalty_last_n": 64,
    "dry_multiplier": 0.8,
}
#: Else an abort waits, for seconds on a busy machine, until gdb has looked at it.
HOST_ENVIRONMENT = {"GGML_NO_BACKTRACE": "1"}


@dataclass(frozen=True, slots=True)
class Sharing:
    """Where a host serves several lives, each with a slot of its own, and with which key if any."""

    host: str
    port: int
    slots: int
    key: str | None


class ModelHost:
    """One supervised child that serves one model: for answers, or for embeddings."""

    def __init__(
        self,
        model: CatalogueModel,
        files: ModelFiles,
        cache_folder: Path | None,
        *,
        sharing: Sharing | None = None,
        threads: int | None = None,
        on_progress: Progress = tell_nobody,
        idle_save_seconds: float = IDLE_SAVE_SECONDS,
    ) -> None:
        """Starts nothing yet. The cache folder will hold what was said; it is made if need be.
        Without one nothing is saved.

        Without `sharing` it serves its owner alone, on any port, with a new key at each start.
        """
        self._model = model
        self._files = files
        self._cache_folder = cache_folder
        self._sharing = sharing
        self._threads = threads or sensible_threads()
        self._on_progress = on_progress
        self._idle_save_seconds = idle_save_seconds
        #: What the host is doing, or why it cannot, in a sentence for the owner.
        self.state = f"The built-in model {model.id} has not been started."
        #: Whether it is a matter of seconds: the files are there, and the child starts.
        self.is_loading = True
        #: How often the child has been started.
        self._starts = 0
        #: Where the child serves and with which key. Both change at each start.
        self.address = ""
        self.key = ""
        self._engine = ""
        self._ready = asyncio.Event()
        #: Set while it is known whether the child serves or has failed to.
        self._settled = asyncio.Event()
        self._ready_at = math.inf
        self._process: Process | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._users = 0
        self._is_dirty = False
        self._save_timer: asyncio.TimerHandle | None = None
        self._save: asyncio.Task[None] | None = None
        self._http: httpx2.AsyncClient | None = None

    @property
    def is_ready(self) -> bool:
        """Whether the child serves."""
        return self._ready.is_set()

    @property
    def _saves_when_idle(self) -> bool:
        return self._cache_folder is not None and self._model.size_bytes <= MOST_IDLE_SAVE_BYTES

    @property
    def restarts(self) -> int:
        """How often the child has been started again."""
        return max(0, self._starts - 1)

    @property
    def process_id(self) -> int | None:
        """The child's, while there is one."""
        return self._process.pid if self._process is not None else None

    @property
    def is_idle(self) -> bool:
        """Whether the child serves, and is asked nothing."""
        return self.is_ready and self._users == 0

    async def start(self) -> None:
        """Begin to supervise; `wait_until_ready` tells when the child serves."""
        self._supervisor = asyncio.create_task(self._supervise(), name="model host")

    async def wait_until_ready(self, timeout_seconds: float) -> bool:
        """Wait until the child serves; False when time is up."""
        # wait_for with no time left does not look at what is there already.
        if self.is_ready:
            return True
        try:
            await asyncio.wait_for(self._ready.wait(), timeout_seconds)
        except TimeoutError:
            return False
        return True

    async def wait_until_settled(self, timeout_seconds: float) -> bool:
        """Wait until the child serves or has failed to; False when time is up."""
        if self.is_ready:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_seconds):
                await self._settled.wait()
        return self._settled.is_set()

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Hold this for the length of a request: the cache is saved some time after the last."""
        self._users += 1
        self._forget_timer()
        try:
            yield
        finally:
            self._users -= 1
            self._is_dirty = True
            if self._users == 0 and self._supervisor is not None and self._saves_when_idle:
                loop = asyncio.get_running_loop()
                self._save_timer = loop.call_later(self._idle_save_seconds, self._save_soon)

    def restart(self) -> None:
        """End a child that hangs; it is started again."""
        if self._process is not None:
            child.kill(self._process)

    async def save_cache(self) -> None:
        """Write what the child has read of the prompt to the disk, if that changed; never fails."""
        folder = self._cache_folder
        if folder is None or not self._is_dirty or not self.is_ready:
            return
        self._is_dirty = False
        import httpx2

        part = part_path(folder)
        try:
            await self._slot("save", part)
            await asyncio.to_thread(put_in_place, part, self._cache_path(folder))
        except (OSError, httpx2.HTTPError) as error:
            log.warning("The model's cache was not saved: %r", error)

    async def forget_cache(self) -> None:
        """Nothing of what the child has read is left in a file or in its memory; never fails."""
        self._forget_timer()
        if self._save is not None:
            await asyncio.wait([self._save])
        self._is_dirty = False
        if self._cache_folder is not None:
            await asyncio.to_thread(erase_caches, self._cache_folder)
        # A slot that is erased keeps its bytes until others are written over them: with the
        # process they go.
        self.restart()

    async def stop(self) -> None:
        """Save the cache and end the child, within a bounded time."""
        self._forget_timer()
        supervisor, self._supervisor = self._supervisor, None
        if self._save is not None:
            await asyncio.wait([self._save])
        await self.save_cache()
        if supervisor is not None:
            supervisor.cancel()
            await asyncio.wait([supervisor])
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _supervise(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE_SECONDS
        told = ""
        while True:
            self._ready_at = math.inf
            self._settled.clear()
            self.state = f"The built-in model {self._model.id} is loading."
            try:
                await self._run_once()
                self.state = f"The built-in model {self._model.id} has ended and starts again."
            except (ModelUnavailable, OSError, ValueError) as error:
                self.state = str(error)
                self.is_loading = False
            except Exception as error:
                log.exception("The built-in model's host failed")
                self.state = f"The built-in model's host failed: {error!r}."
                self.is_loading = False
            self._settled.set()
            if self.state != told:
                told = self.state
                log.warning("%s", told)
            if loop.time() - self._ready_at >= STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    async def _run_once(self) -> None:
        """One life of the child, from its model's files to its end."""
        parameters = await self._parameters()
        process = await child.start(
            "vega.llm.host_process", stdin=PIPE, stdout=PIPE, environment=HOST_ENVIRONMENT
        )
        self._process = process
        self._starts += 1
        try:
            report = await _first_report(process, parameters)
            self.key = parameters.key or ""
            self.address = report["address"]
            self._engine = report["engine"]
            await self._restore_cache()
            self._is_dirty = False
            self._ready_at = asyncio.get_running_loop().time()
            self._ready.set()
            self._settled.set()
            log.info("The built-in model %s is ready.", self._model.id)
            await process.wait()
        finally:
            self._ready.clear()
            self._process = None
            await child.end(process, END_SECONDS)

    async def _parameters(self) -> HostParameters:
        path = await self._files.ensure(self._model, self._tell)
        self.state = f"The built-in model {self._model.id} is loading."
        self.is_loading = True
        if self._cache_folder is not None:
            self._cache_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        parameters = HostParameters(
            model_path=str(path),
            model_name=self._model.id,
            context_tokens=self._model.context_tokens,
            sampling=STARTER_SAMPLING if self._model.id == SMOLLM2_135M.id else {},
            threads=self._threads,
            cache_folder=str(self._cache_folder) if self._cache_folder else None,
            key=secrets.token_urlsafe(32),
            embeds=self._model.kind == "embedding",
        )
        return replace(parameters, **asdict(self._sharing)) if self._sharing else parameters

    def _tell(self, model_id: str, done_bytes: int, total_bytes: int) -> None:
        percent = 100 * done_bytes // max(total_bytes, 1)
        self.state = f"The built-in model {model_id} is being fetched ({percent} %)."
        self.is_loading = False
        self._on_progress(model_id, done_bytes, total_bytes)

    async def _restore_cache(self) -> None:
        """Give the child its cache back. One that it does not take is removed.

        Raises ModelUnavailable when the child died of it, as it does of some damaged ones.
        """
        folder = self._cache_folder
        if folder is None:
            return
        import httpx2

        path = self._cache_path(folder)
        # Under another name meanwhile: a file that kills the child is not tried a second time.
        trial = part_path(folder)
        try:
            remove_caches_but(path)
            if path.exists():
                path.replace(trial)
                await self._slot("restore", trial)
                trial.replace(path)
        except (OSError, httpx2.HTTPError) as error:
            log.warning("The model's cache could not be used: %r", error)
            trial.unlink(missing_ok=True)
            if isinstance(error, httpx2.TransportError):
                raise ModelUnavailable("The model host died of its cache.") from error

    def _cache_path(self, folder: Path) -> Path:
        model = self._model
        # An owner's own file has no checksum; its name and size have to do.
        known_by = (
            model.sha256 or sha256(f"{model.file_name} {model.size_bytes}".encode()).hexdigest()
        )
        return folder / f"{known_by[:16]}-{model.context_tokens}-{self._engine}.cache"

    async def _slot(self, action: str, file: Path) -> None:
        import httpx2

        if self._http is None:
            self._http = httpx2.AsyncClient(trust_env=False, timeout=CACHE_SECONDS)
        answer = await self._http.post(
            f"{self.address}/slots/0",
            params={"action": action},
            json={"filename": file.name},
            headers={"Authorization": f"Bearer {self.key}", "Connection": "close"},
        )
        answer.raise_for_status()

    def _save_soon(self) -> None:
        self._save_timer = None
        self._save = asyncio.create_task(self.save_cache(), name="save the model's cache")

    def _forget_timer(self) -> None:
        if self._save_timer is not None:
            self._save_timer.cancel()
            self._save_timer = None


def sensible_threads() -> int:
    """Half of the processors that this process may use, from one to four.

    llama.cpp's threads wait busily for each other: with two of them on a busy machine of two
    processors the model was ten times slower than with one.
    """
    is_linux = hasattr(os, "sched_getaffinity")
    processors = len(os.sched_getaffinity(0)) if is_linux else os.cpu_count() or 1
    return max(1, min(MOST_THREADS, processors // 2))


async def _first_report(process: Process, parameters: HostParameters) -> dict[str, Any]:
    """What the child says when it serves, as `vega.llm.host_process` describes it.

    Raises ModelUnavailable when it does not come to that.
    """
    name = parameters.model_name
    cast(asyncio.StreamWriter, process.stdin).write(parameters.to_line())
    answer = cast(asyncio.StreamReader, process.stdout)
    try:
        line = await asyncio.wait_for(answer.readline(), LOAD_SECONDS)
    except TimeoutError as error:
        raise ModelUnavailable(f"{name} hangs while loading.") from error
    if not line:
        raise ModelUnavailable(f"The process of {name} died while loading.")
    report: dict[str, Any] = json.loads(line)
    if "error" in report:
        raise ModelUnavailable(f"{name} does not load: {report['error']}")
    return report
