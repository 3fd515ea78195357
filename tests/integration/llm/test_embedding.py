"""The real embedding model, in its own process: what means the same lies close together."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from vega.errors import ModelUnavailable
from vega.llm import embedding
from vega.llm.catalogue import MINILM_L6
from vega.llm.embedding import EmbeddingModel

SECONDS = 60


@pytest.fixture
async def embedder(models: Path) -> AsyncIterator[EmbeddingModel]:
    running = EmbeddingModel(models, threads=1)
    await running.start()
    await _until_available(running)
    yield running
    await running.close()


async def test_near_sentences_have_near_vectors(embedder: EmbeddingModel) -> None:
    cat, kitten, bank = await embedder.embed(
        [
            "The cat sleeps on the warm sofa.",
            "A kitten is napping on the couch.",
            "The central bank raised its interest rate.",
        ]
    )

    assert cat.shape == (embedder.dimension,) == (384,)
    assert cat @ kitten > 0.5 > 0.2 > cat @ bank


@pytest.mark.parametrize(
    "text",
    ["", " \n", "😀", "語" * 5000, "word " * 5000, "1 " * 3000, "x" * 100_000, "\x00\ufffe"],
    ids=["empty", "blank", "emoji", "chinese", "words", "numbers", "one word", "odd"],
)
async def test_any_text_has_a_vector_and_spoils_no_other(
    embedder: EmbeddingModel, text: str
) -> None:
    (alone,) = await embedder.embed(["The cat sleeps."])
    odd, beside = await embedder.embed([text, "The cat sleeps."])

    assert np.linalg.norm(odd) == pytest.approx(1.0, abs=0.01)
    assert beside @ alone > 0.999


async def test_a_long_text_is_known_by_its_beginning(embedder: EmbeddingModel) -> None:
    begins = "The cat sleeps on the warm sofa. " * 100
    one, other = await embedder.embed([begins, begins + "Interest rates rise. " * 2000])

    assert one @ other > 0.99


async def test_many_texts_come_in_their_order(embedder: EmbeddingModel) -> None:
    texts = [f"Number {number} of many." for number in range(11)]
    together = await embedder.embed(texts)
    alone = np.array([(await embedder.embed([text]))[0] for text in texts])

    assert together.shape == (11, 384)
    assert np.all((together * alone).sum(axis=1) > 0.999)
    assert (await embedder.embed([])).shape == (0, 384)


async def test_its_name_is_that_of_its_weights(embedder: EmbeddingModel) -> None:
    assert embedder.name == f"all-minilm-l6-v2 {MINILM_L6.sha256[:16]}"


async def test_a_killed_child_is_said_and_is_back_by_itself(embedder: EmbeddingModel) -> None:
    process_id = embedder.host.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGKILL)
    with pytest.raises(ModelUnavailable):
        await _ask_for_ever(embedder)
    await _until_available(embedder)

    assert len(await embedder.embed(["Hello"])) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="nothing stops a process here")
async def test_a_child_that_hangs_is_said_and_started_again(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "ANSWER_SECONDS", 0.5)
    embedder = EmbeddingModel(models, threads=1)
    await embedder.start()
    await _until_available(embedder)
    process_id = embedder.host.process_id
    assert process_id is not None
    os.kill(process_id, signal.SIGSTOP)
    with pytest.raises(ModelUnavailable, match="hangs"):
        await embedder.embed(["Hello"])
    monkeypatch.setattr(embedding, "ANSWER_SECONDS", 30.0)
    async with asyncio.timeout(SECONDS):
        while not embedder.is_available or embedder.host.process_id == process_id:
            await asyncio.sleep(0.05)

    assert len(await embedder.embed(["Hello"])) == 1
    assert not psutil.pid_exists(process_id)
    await embedder.close()


async def test_when_memory_is_scarce_it_ends_and_comes_back_when_it_is_needed(
    embedder: EmbeddingModel,
) -> None:
    process_id = embedder.host.process_id
    assert process_id is not None
    kept = await embedder.release_memory(unload=False)
    freed = await embedder.release_memory(unload=True)

    assert kept == 0
    assert freed > 50_000_000
    assert not psutil.pid_exists(process_id)
    assert await embedder.release_memory(unload=True) == 0
    assert embedder.is_available
    # Two at once wake it once.
    await asyncio.gather(embedder.embed(["Hello"]), embedder.embed(["Good day"]))
    assert embedder.host.is_ready
    assert embedder.host.restarts == 0


async def test_it_is_not_ended_in_the_middle_of_its_work(embedder: EmbeddingModel) -> None:
    working = asyncio.create_task(embedder.embed(["Hello there, how are you? " * 40] * 12))
    await asyncio.sleep(0.05)

    assert await embedder.release_memory(unload=True) == 0
    assert len(await working) == 12


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such scores")
async def test_it_is_the_first_to_die_when_memory_runs_out(embedder: EmbeddingModel) -> None:
    path = Path(f"/proc/{embedder.host.process_id}/oom_score_adj")

    assert path.read_text().strip() == "1000"


async def test_one_that_was_never_started_is_away(models: Path) -> None:
    embedder = EmbeddingModel(models)

    assert not embedder.is_available
    with pytest.raises(ModelUnavailable):
        await embedder.embed(["Hello"])
    await embedder.close()


async def test_one_that_was_closed_in_its_sleep_is_not_woken(embedder: EmbeddingModel) -> None:
    await embedder.release_memory(unload=True)
    await embedder.close()

    assert not embedder.is_available
    with pytest.raises(ModelUnavailable):
        await embedder.embed(["Hello"])
    assert embedder.host.process_id is None


async def test_it_comes_though_what_it_waits_for_fails(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise RuntimeError("planted")

    async def is_away() -> bool:
        return False

    embedder = EmbeddingModel(models, threads=1)
    monkeypatch.setattr(embedder, "_is_here", is_away)
    await embedder.start(fail)
    await _until_available(embedder)
    await embedder.close()


async def test_what_answers_is_fetched_before_it(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def wait_for_ever() -> None:
        asked.set()
        await asyncio.Event().wait()

    embedder = EmbeddingModel(tmp_path)
    await embedder.start(wait_for_ever)
    async with asyncio.timeout(SECONDS):
        await asked.wait()
    await embedder.close()

    assert list(tmp_path.iterdir()) == []


async def _ask_for_ever(embedder: EmbeddingModel) -> None:
    async with asyncio.timeout(SECONDS):
        while True:
            await embedder.embed(["Hello"])


async def _until_available(embedder: EmbeddingModel) -> None:
    async with asyncio.timeout(SECONDS):
        while not embedder.is_available:
            await asyncio.sleep(0.01)
