"""Downloads in the background: one at a time, seen, stopped, gone on with, said once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.model_hub import LOGIN_PAGE, ModelHub, hub_model
from tests.vega_process import free_ports
from vega.errors import ModelUnavailable
from vega.llm.catalogue import CatalogueModel
from vega.llm.download import ModelFiles
from vega.llm.hub import Patience
from vega.llm.pulls import PullProgress, Pulls

PATIENCE = Patience(connect_seconds=5, stall_seconds=30, pauses_seconds=(0.01, 0.02))


class Owner:
    """The pulls of a Vega, and what was heard of them."""

    def __init__(self, files: ModelFiles, *models: CatalogueModel) -> None:
        self.done: list[str] = []
        self.files = files
        self.pulls = Pulls(
            files,
            models,
            on_done=lambda model: self.done.append(model.id),
            first_pause_seconds=0.01,
        )

    async def until(self, model: CatalogueModel, state: str) -> PullProgress:
        async with asyncio.timeout(60):
            while True:
                progress = self.pulls.progress(model)
                if progress is not None and progress.state == state:
                    return progress
                await asyncio.sleep(0.001)


@pytest.fixture
async def owner(hub: ModelHub, model: CatalogueModel, tmp_path: Path) -> AsyncIterator[Owner]:
    files = ModelFiles(tmp_path / "models", hub.url, PATIENCE)
    made = Owner(files, model, _another(model))
    yield made
    await made.pulls.close()


async def test_what_nobody_asked_for_has_no_progress(owner: Owner, model: CatalogueModel) -> None:
    await owner.pulls.resume()

    assert owner.pulls.progress(model) is None


async def test_a_wanted_model_comes_in_the_background_and_its_coming_is_told(
    owner: Owner, model: CatalogueModel, content: bytes
) -> None:
    begun = owner.pulls.start(model)
    done = await owner.until(model, "done")

    assert begun == PullProgress("queued", 0, len(content))
    assert done == PullProgress("done", len(content), len(content))
    assert owner.done == ["tiny"]
    assert owner.files.path(model).read_bytes() == content
    assert not _marks(owner)


async def test_a_model_that_is_here_is_done_at_once(
    owner: Owner, hub: ModelHub, model: CatalogueModel
) -> None:
    await owner.files.ensure(model)

    assert owner.pulls.start(model).state == "done"
    assert len(hub.asked) == 1


async def test_progress_shows_bytes_and_pace_while_it_comes(
    owner: Owner, hub: ModelHub, model: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vega.llm.pulls.SAMPLE_SECONDS", 0.0)
    hub.faults.stalls = [200_000]
    owner.pulls.start(model)
    await hub.is_stalled.wait()
    while owner.files.part_bytes(model) < 190_000:
        await asyncio.sleep(0.001)
    progress = owner.pulls.progress(model)

    assert progress is not None
    assert progress.state == "fetching"
    assert 190_000 <= progress.done_bytes <= 200_000
    assert progress.total_bytes == model.size_bytes
    assert progress.bytes_per_second is not None
    assert progress.bytes_per_second > 0


async def test_a_second_one_waits_for_the_first(
    owner: Owner, hub: ModelHub, model: CatalogueModel
) -> None:
    other = _another(model)
    hub.faults.stalls = [100_000]
    owner.pulls.start(model)
    owner.pulls.start(other)
    owner.pulls.start(other)
    await hub.is_stalled.wait()
    queued = owner.pulls.progress(other)
    assert queued is not None
    assert queued.state == "queued"
    assert len(hub.served) == 1

    await owner.pulls.stop(model)
    await owner.until(other, "done")
    assert owner.done == ["another"]


async def test_what_is_stopped_keeps_what_has_come_and_goes_on_when_it_is_wanted_again(
    owner: Owner, hub: ModelHub, model: CatalogueModel, content: bytes
) -> None:
    await _until_half(owner, hub, model)
    stopped = await owner.pulls.stop(model)
    kept = owner.files.part_bytes(model)

    assert stopped == PullProgress("paused", kept, len(content))
    assert not _marks(owner)
    owner.pulls.start(model)
    await owner.until(model, "done")
    assert hub.served[1].headers["range"] == f"bytes={kept}-"


async def test_what_is_stopped_and_wanted_in_one_breath_comes(
    owner: Owner, hub: ModelHub, model: CatalogueModel
) -> None:
    await _until_half(owner, hub, model)
    stopping = asyncio.create_task(owner.pulls.stop(model))
    await asyncio.sleep(0)
    owner.pulls.start(model)
    await stopping
    await owner.until(model, "done")

    assert owner.done == ["tiny"]


async def test_what_was_wanted_when_vega_ended_goes_on_at_the_next_start(
    owner: Owner, hub: ModelHub, model: CatalogueModel
) -> None:
    await _until_half(owner, hub, model)
    await owner.pulls.close()
    kept = owner.files.part_bytes(model)
    next_start = Owner(owner.files, model)
    await next_start.pulls.resume()
    await next_start.until(model, "done")
    await next_start.pulls.close()

    assert hub.served[1].headers["range"] == f"bytes={kept}-"
    assert next_start.done == ["tiny"]


async def test_without_a_network_it_waits_and_goes_on_by_itself_when_it_is_back(
    model: CatalogueModel, content: bytes, tmp_path: Path
) -> None:
    (port,) = free_ports(1)
    owner = Owner(ModelFiles(tmp_path / "models", f"http://127.0.0.1:{port}", PATIENCE), model)
    owner.pulls.start(model)
    waiting = await owner.until(model, "waiting")
    async with ModelHub(content, port):
        await owner.until(model, "done")
    await owner.pulls.close()

    assert waiting.error == "127.0.0.1 cannot be reached, so tiny waits for the network."
    assert owner.done == ["tiny"]


async def test_why_it_does_not_come_is_said_once_however_often_it_is_tried(
    owner: Owner, hub: ModelHub, model: CatalogueModel, caplog: pytest.LogCaptureFixture
) -> None:
    hub.faults.statuses = [503] * 12
    with caplog.at_level(logging.INFO, "vega"):
        owner.pulls.start(model)
        await owner.until(model, "done")

    assert [record.getMessage() for record in caplog.records] == [
        "localhost cannot send tiny now (503). It is tried again by itself.",
        "The model tiny is here.",
    ]


async def test_what_is_refused_has_failed_with_its_reason_until_it_is_asked_for_again(
    owner: Owner, hub: ModelHub, model: CatalogueModel
) -> None:
    hub.faults.page = LOGIN_PAGE
    owner.pulls.start(model)
    failed = await owner.until(model, "failed")
    assert failed.error is not None
    assert "is no GGUF file" in failed.error
    assert not _marks(owner)
    hub.faults.page = b""

    assert owner.pulls.start(model).error is None
    await owner.until(model, "done")


async def test_what_cannot_come_now_does_not_hold_up_the_next(
    owner: Owner, hub: ModelHub, model: CatalogueModel
) -> None:
    hub.faults.statuses = [503] * 3
    owner.pulls.start(model)
    owner.pulls.start(_another(model))
    await owner.until(_another(model), "done")
    await owner.until(model, "done")

    assert owner.done == ["another", "tiny"]


async def test_a_surprise_is_a_failure_of_that_model_only(
    owner: Owner, model: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ensure(wanted: CatalogueModel, *_: object) -> Path:
        if wanted is model:
            raise ValueError("nobody thought of this")
        return Path()

    monkeypatch.setattr(owner.files, "ensure", ensure)
    owner.pulls.start(model)
    owner.pulls.start(_another(model))
    while owner.done != ["another"]:
        await asyncio.sleep(0.001)

    assert (await owner.until(model, "failed")).error == "nobody thought of this"


async def test_a_folder_that_cannot_be_written_to_is_said(
    model: CatalogueModel, tmp_path: Path
) -> None:
    (tmp_path / "models").write_text("a file is in the way")

    with pytest.raises(ModelUnavailable, match="cannot be written to"):
        Pulls(ModelFiles(tmp_path / "models")).start(model)


def _another(model: CatalogueModel) -> CatalogueModel:
    return hub_model(
        b"",
        id="another",
        file_name="another.gguf",
        sha256=model.sha256,
        size_bytes=model.size_bytes,
    )


def _marks(owner: Owner) -> list[Path]:
    return list(owner.files.folder.glob(".*.wanted"))


async def _until_half(owner: Owner, hub: ModelHub, model: CatalogueModel) -> None:
    hub.faults.stalls = [100_000]
    owner.pulls.start(model)
    await hub.is_stalled.wait()
    while owner.files.part_bytes(model) < 90_000:
        await asyncio.sleep(0.001)
