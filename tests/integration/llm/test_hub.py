"""A hub's file comes whole, whatever the hub or the line between does, and comes once."""

import asyncio
import errno
import os
import shutil
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.model_hub import ModelHub, hub_model
from vega.errors import ModelFileRefused, ModelUnavailable
from vega.llm import hub as hub_module
from vega.llm.catalogue import CatalogueModel
from vega.llm.download import ModelFiles
from vega.llm.hub import Patience

PATIENCE = Patience(connect_seconds=5, stall_seconds=0.5, pauses_seconds=(0.01, 0.02, 0.05))
FETCHER = """
import asyncio, sys
from pathlib import Path
from types import SimpleNamespace
from tests.model_hub import hub_model
from vega.llm.download import ModelFiles
content = Path(sys.argv[1]).read_bytes()
asyncio.run(ModelFiles(Path(sys.argv[2]), sys.argv[3]).ensure(hub_model(content)))
"""


@pytest.fixture
def files(hub: ModelHub, tmp_path: Path) -> ModelFiles:
    return ModelFiles(tmp_path / "models", hub.url, PATIENCE)


async def test_a_file_comes_whole_through_the_redirect_with_its_progress(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    told: list[tuple[str, int, int]] = []
    path = await files.ensure(model, lambda *news: told.append(news))

    assert path.read_bytes() == content
    assert told[0] == ("tiny", 0, len(content))
    assert told[-1] == ("tiny", len(content), len(content))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
    assert hub.served_bytes == len(content)
    assert files.is_here(model)
    assert _names(files) == {"tiny.gguf", "tiny.gguf.stamp", ".tiny.gguf.lock"}


async def test_what_is_here_is_not_asked_for_again(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel
) -> None:
    for _ in range(2):
        await files.ensure(model)

    assert len(hub.asked) == len(hub.served) == 1


async def test_a_connection_cut_in_the_middle_is_resumed_and_nothing_is_sent_twice(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.faults.cuts = [100_000, 150_000]
    path = await files.ensure(model)

    assert path.read_bytes() == content
    assert [request.headers.get("range") for request in hub.served] == [
        None,
        "bytes=100000-",
        "bytes=250000-",
    ]
    assert {request.headers["if-range"] for request in hub.served[1:]} == {hub.etag}
    assert hub.served_bytes == len(content)


async def test_each_attempt_asks_the_hub_for_a_new_signature(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel
) -> None:
    hub.faults.cuts = [100_000]
    await files.ensure(model)

    assert len(hub.asked) == 2
    assert len({request.path for request in hub.served}) == 2


async def test_a_hub_that_stalls_is_left_and_asked_again_for_the_rest(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.faults.stalls = [100_000, 0]
    path = await files.ensure(model)

    assert path.read_bytes() == content
    assert hub.served_bytes == len(content)


async def test_a_hub_that_only_stalls_is_given_up_in_one_sentence(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel
) -> None:
    hub.faults.stalls = [0] * 10

    with pytest.raises(ModelUnavailable, match=r"^localhost has sent nothing for 0\.5 seconds\.$"):
        await files.ensure(model)
    assert len(hub.served) == len(PATIENCE.pauses_seconds) + 1


async def test_a_hub_that_ends_early_without_saying_so_is_asked_for_the_rest(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.faults.says_no_length = True
    hub.faults.cuts = [100_000]
    path = await files.ensure(model)

    assert path.read_bytes() == content
    assert hub.served_bytes == len(content)


async def test_a_hub_that_has_less_than_the_file_is_refused_after_a_second_beginning(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.content = content[:-1000]

    with pytest.raises(ModelFileRefused, match="it has less than what has come already"):
        await files.ensure(model)
    assert [request.headers.get("range") for request in hub.served].count(None) == 2
    assert _names(files) == {".tiny.gguf.lock"}


@pytest.mark.parametrize("says_no_length", [False, True])
async def test_a_hub_that_sends_more_is_refused_after_a_second_beginning(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes, says_no_length: bool
) -> None:
    hub.faults.says_no_length = says_no_length
    hub.content = content + b"and more"

    with pytest.raises(ModelFileRefused, match="is not the file that Vega knows: it sends"):
        await files.ensure(model)
    assert len(hub.served) == 2
    assert _names(files) == {".tiny.gguf.lock"}


async def test_wrong_bytes_are_thrown_away_fetched_once_more_and_refused(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.content = content[:-1] + b"X"

    with pytest.raises(ModelFileRefused, match="its checksum is"):
        await files.ensure(model)
    assert hub.served_bytes == 2 * len(content)
    assert _names(files) == {".tiny.gguf.lock"}


async def test_a_part_that_was_damaged_on_the_disk_is_begun_anew(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    files.folder.mkdir()
    (files.folder / "tiny.gguf.part").write_bytes(content[:1000] + bytes(99_000))
    path = await files.ensure(model)

    assert path.read_bytes() == content
    assert [request.headers.get("range") for request in hub.served] == ["bytes=100000-", None]


async def test_a_file_that_changed_between_two_attempts_is_begun_anew(
    hub: ModelHub, files: ModelFiles, content: bytes
) -> None:
    before, hub.content = hub.content, content[:200_000] + bytes(len(content) - 200_000)
    hub.faults.cuts = [100_000]
    hub.faults.is_silent_about_checksum = True
    model = hub_model(before)
    task = asyncio.create_task(files.ensure(model))
    while not hub.served or hub.served[0].sent_bytes < 100_000:
        await asyncio.sleep(0.001)
    hub.content, hub.etag = before, '"the second"'

    assert (await task).read_bytes() == before
    assert hub.served[1].headers["if-range"] == '"the first"'
    assert hub.served[1].sent_bytes == len(before)


async def test_a_server_that_knows_no_ranges_is_read_from_the_beginning(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.faults.cuts = [100_000]
    hub.faults.ignores_range = True
    path = await files.ensure(model)

    assert path.read_bytes() == content
    assert hub.served_bytes == 100_000 + len(content)


async def test_after_a_kill_in_the_middle_the_next_process_goes_on(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, original: Path
) -> None:
    hub.faults.stalls = [200_000]
    top = Path(__file__).parents[3]
    fetcher = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FETCHER, str(original), str(files.folder), hub.url),
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(top), str(top / "src")])},
    )
    await asyncio.wait_for(hub.is_stalled.wait(), 30)
    while files.part_bytes(model) < 150_000:
        await asyncio.sleep(0.01)
    fetcher.send_signal(signal.SIGKILL)
    await fetcher.wait()
    kept = files.part_bytes(model)
    assert not files.path(model).exists()
    path = await files.ensure(model)

    assert path.read_bytes() == original.read_bytes()
    assert hub.served[1].headers["range"] == f"bytes={kept}-"
    assert hub.served[1].sent_bytes == model.size_bytes - kept


async def test_of_two_who_fetch_at_once_one_waits_for_the_other(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    other = ModelFiles(files.folder, hub.url, PATIENCE)
    first, second = await asyncio.gather(files.ensure(model), other.ensure(model))

    assert first.read_bytes() == second.read_bytes() == content
    assert len(hub.served) == 1


async def test_what_a_cancelled_fetch_has_brought_is_kept(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, content: bytes
) -> None:
    hub.faults.stalls = [100_000]
    task = asyncio.create_task(files.ensure(model))
    await hub.is_stalled.wait()
    while files.part_bytes(model) < 90_000:
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    kept = files.part_bytes(model)
    await files.ensure(model)

    assert hub.served[1].headers["range"] == f"bytes={kept}-"


async def test_a_disk_without_room_is_said_with_numbers_before_anything_is_asked(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only_this_is_free(monkeypatch, 300_000_000)

    with pytest.raises(ModelUnavailable, match=r"it needs 501 MB, and 300 MB are free\.$"):
        await files.ensure(hub_model(b"GGUF" + bytes(1_000_000)))
    assert hub.asked == []


async def test_a_disk_that_fills_up_in_the_middle_ends_the_fetch_and_keeps_what_is_there(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(hub_module, "SYNC_BYTES", 100_000)
    with monkeypatch.context() as at_first:
        at_first.setattr("os.fsync", full)
        with pytest.raises(ModelUnavailable, match="The disk is too full for the model tiny"):
            await files.ensure(model)
    kept = files.part_bytes(model)
    await files.ensure(model)

    assert kept >= 100_000
    assert hub.served[1].headers["range"] == f"bytes={kept}-"


async def test_a_download_ends_before_it_takes_the_last_room_from_the_life(
    hub: ModelHub, files: ModelFiles, model: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "SYNC_BYTES", 100_000)
    task = asyncio.create_task(files.ensure(model))
    hub.faults.stalls = [90_000]
    await hub.is_stalled.wait()
    _only_this_is_free(monkeypatch, 400_000_000)

    with pytest.raises(ModelUnavailable, match="too full"):
        await task


def _only_this_is_free(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))


def _names(files: ModelFiles) -> set[str]:
    return {path.name for path in files.folder.iterdir()}
