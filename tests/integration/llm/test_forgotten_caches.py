"""What the built-in model has read of a prompt is forgotten: in its files and in its process."""

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests.lives import only_model
from vega.llm.builtin import BuiltInModel
from vega.llm.caches import erase_caches
from vega.llm.catalogue import SMOLLM2_135M
from vega.llm.download import ModelFiles
from vega.llm.host import ModelHost

READY_SECONDS = 60
SECRET = "The safe opens with seven green herons and a violin."
PROMPT = f"{SECRET} " + "Tell me more about the sea and its islands. " * 20


@pytest.fixture
async def host(models: Path, tmp_path: Path) -> AsyncIterator[ModelHost]:
    running = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path / "cache")
    await running.start()
    assert await running.wait_until_ready(READY_SECONDS)
    yield running
    await running.stop()


async def test_the_words_that_its_cache_holds_are_gone_with_its_process(
    host: ModelHost, tmp_path: Path
) -> None:
    cold = await read_tokens(host)
    await host.save_cache()
    [cache] = (tmp_path / "cache").iterdir()
    # The file holds what was read as numbers of tokens.
    assert await secret_tokens(host) in cache.read_bytes()
    assert await read_tokens(host) < 10
    before = host.process_id

    await host.forget_cache()

    assert not cache.exists()
    assert list((tmp_path / "cache").iterdir()) == []
    async with asyncio.timeout(READY_SECONDS):
        while host.process_id in (None, before) or not host.is_ready:
            await asyncio.sleep(0.01)
    assert before is not None
    assert not psutil.pid_exists(before)
    assert await read_tokens(host) == cold


async def test_nothing_of_it_is_saved_at_the_end_either(models: Path, tmp_path: Path) -> None:
    host = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path / "cache", idle_save_seconds=0.05)
    await host.start()
    assert await host.wait_until_ready(READY_SECONDS)
    await read_tokens(host)

    await host.forget_cache()
    await asyncio.sleep(0.2)
    await host.stop()

    assert list((tmp_path / "cache").iterdir()) == []


async def test_every_model_of_a_choice_forgets(models: Path, tmp_path: Path) -> None:
    choice = only_model(BuiltInModel(models, tmp_path / "cache"), tmp_path)
    (tmp_path / "cache").mkdir()
    for name in ("of-a-sleeping-one.cache", "broken-off.part"):
        (tmp_path / "cache" / name).write_text(SECRET)

    await choice.forget_caches()

    assert list((tmp_path / "cache").iterdir()) == []
    await choice.close()


def test_what_is_no_cache_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    erase_caches(tmp_path)
    erase_caches(tmp_path / "absent")

    assert (tmp_path / "notes.txt").read_text() == "mine"


async def read_tokens(host: ModelHost) -> int:
    """How many tokens of the prompt had to be read anew."""
    body = {"messages": [{"role": "user", "content": PROMPT}], "max_tokens": 4, "id_slot": 0}
    with host.in_use():
        answer = await post(host, "/v1/chat/completions", body)
    return int(answer.json()["timings"]["prompt_n"])


async def secret_tokens(host: ModelHost) -> bytes:
    found = (await post(host, "/tokenize", {"content": SECRET})).json()["tokens"]
    # The first and the last may be other ones beside their neighbours.
    return struct.pack(f"<{len(found) - 2}i", *found[1:-1])


async def post(host: ModelHost, path: str, body: dict[str, Any]) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        headers = {"Authorization": f"Bearer {host.key}"}
        return await http.post(f"{host.address}{path}", json=body, headers=headers)
