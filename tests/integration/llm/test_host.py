"""The model host's process lives exactly as long as it should, and keeps what it has read."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest

from tests.package_index import CONTENT, tiny_model
from vega.llm.catalogue import SMOLLM2_135M
from vega.llm.download import ModelFiles
from vega.llm.host import ModelHost

READY_SECONDS = 60
LONG_PROMPT = "You are Vega. " + "The owner likes purple. " * 40

PARENT = """
import asyncio, sys
from pathlib import Path
from vega.llm.catalogue import SMOLLM2_135M
from vega.llm.download import ModelFiles
from vega.llm.host import ModelHost

async def main():
    host = ModelHost(SMOLLM2_135M, ModelFiles(Path(sys.argv[1])), Path(sys.argv[2]))
    await host.start()
    await host.wait_until_ready(60)
    print(host.process_id, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest.fixture
async def host(models: Path, tmp_path: Path) -> AsyncIterator[ModelHost]:
    running = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path / "cache")
    await running.start()
    assert await running.wait_until_ready(READY_SECONDS)
    yield running
    await running.stop()


async def test_it_serves_those_with_its_key_only(host: ModelHost) -> None:
    good = await _post(host, "/tokenize", {"content": "hello"})
    bad = await _post(host, "/tokenize", {"content": "hello"}, key="guessed")

    assert good.status_code == 200
    assert bad.status_code == 401


async def test_its_key_is_not_to_be_seen_from_outside(host: ModelHost) -> None:
    process = psutil.Process(host.process_id)

    assert host.key not in " ".join(process.cmdline())
    assert host.key not in " ".join(process.environ().values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such scores")
async def test_it_is_the_first_to_die_when_memory_runs_out(host: ModelHost) -> None:
    assert Path(f"/proc/{host.process_id}/oom_score_adj").read_text().strip() == "1000"


async def test_a_killed_child_is_back_by_itself_with_a_new_key(host: ModelHost) -> None:
    key, process_id = host.key, host.process_id
    _signal(host, signal.SIGKILL)
    await _until(lambda: host.restarts == 1 and host.is_ready)

    assert host.key != key
    assert host.process_id != process_id
    assert (await _post(host, "/tokenize", {"content": "hello"})).status_code == 200


async def test_ctrl_c_in_the_terminal_does_not_end_the_child_before_its_parent(
    host: ModelHost,
) -> None:
    _signal(host, signal.SIGINT)
    await asyncio.sleep(0.3)

    assert host.is_ready
    assert host.restarts == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_it_is_gone_when_its_parent_is(
    models: Path, tmp_path: Path, number: signal.Signals
) -> None:
    source = Path(__file__).parents[3] / "src"
    parent = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", PARENT, str(models), str(tmp_path)),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(source)},
    )
    assert parent.stdout is not None
    child_id = int(await asyncio.wait_for(parent.stdout.readline(), READY_SECONDS))
    assert _is_alive(child_id)
    parent.send_signal(number)
    await parent.wait()

    await _until(lambda: not _is_alive(child_id), seconds=2)


async def test_stopping_ends_the_child_even_when_it_hangs(models: Path, tmp_path: Path) -> None:
    host = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path)
    await host.start()
    await host.wait_until_ready(READY_SECONDS)
    child_id = host.process_id
    assert child_id is not None
    _signal(host, signal.SIGSTOP)
    begun = time.monotonic()
    await host.stop()

    assert not _is_alive(child_id)
    assert time.monotonic() - begun < 5


async def test_stopping_while_it_loads_or_before_it_starts_is_no_trouble(
    models: Path, tmp_path: Path
) -> None:
    children = psutil.Process().children()
    host = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path)
    await host.stop()
    await host.start()
    await asyncio.sleep(0.1)
    await host.stop()

    assert psutil.Process().children() == children


async def test_what_it_has_read_survives_a_kill(host: ModelHost) -> None:
    cold = await _read_tokens(host)
    await host.save_cache()
    _signal(host, signal.SIGKILL)
    await _until(lambda: host.restarts == 1 and host.is_ready)

    assert cold > 150
    assert await _read_tokens(host) < 10


async def test_what_it_has_read_is_saved_when_it_has_been_idle(
    models: Path, tmp_path: Path
) -> None:
    host = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path, idle_save_seconds=0.1)
    await host.start()
    await host.wait_until_ready(READY_SECONDS)
    await _read_tokens(host)

    await _until(lambda: any(tmp_path.glob("*.cache")))
    await host.stop()


async def test_what_it_has_read_is_saved_at_its_end_for_the_owners_eyes_only(
    models: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cache"
    for _ in range(2):
        host = ModelHost(SMOLLM2_135M, ModelFiles(models), folder)
        await host.start()
        await host.wait_until_ready(READY_SECONDS)
        read = await _read_tokens(host)
        await host.stop()
    files = list(folder.iterdir())

    assert read < 10
    assert [file.suffix for file in files] == [".cache"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert files[0].stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kept_share", [0.0, 0.5, 0.999])
async def test_a_truncated_cache_is_ignored_and_removed(
    models: Path, tmp_path: Path, kept_share: float
) -> None:
    host = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path)
    await host.start()
    await host.wait_until_ready(READY_SECONDS)
    await _read_tokens(host)
    await host.save_cache()
    [cache] = tmp_path.glob("*.cache")
    os.truncate(cache, int(cache.stat().st_size * kept_share))
    _signal(host, signal.SIGKILL)
    await _until(lambda: host.restarts >= 1 and host.is_ready)

    assert list(tmp_path.iterdir()) == []
    assert await _read_tokens(host) > 150
    await host.stop()


async def test_caches_of_other_models_and_of_broken_off_saves_are_removed(
    models: Path, tmp_path: Path
) -> None:
    for name in ("of-another-model.cache", "broken-off.part", "not-ours.txt"):
        (tmp_path / name).write_text("something")
    host = ModelHost(SMOLLM2_135M, ModelFiles(models), tmp_path)
    await host.start()
    await host.wait_until_ready(READY_SECONDS)
    await host.stop()

    assert [path.name for path in tmp_path.iterdir()] == ["not-ours.txt"]


async def test_a_request_that_was_given_up_does_not_hold_the_next_one(host: ModelHost) -> None:
    begun = time.monotonic()
    with suppress(TimeoutError):
        async with asyncio.timeout(0.5):
            await _chat(host, "A different long prompt. " * 250)
    given_up = time.monotonic() - begun
    await _chat(host, "Hi")

    assert given_up < 1
    assert time.monotonic() - begun < 4


async def test_a_file_that_is_no_model_is_said_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "tiny.gguf").write_bytes(CONTENT)
    host = ModelHost(tiny_model(), ModelFiles(tmp_path), tmp_path / "cache")
    await host.start()
    await _until(lambda: host.restarts >= 1)

    assert not host.is_ready
    assert not await host.wait_until_ready(0)
    await _until(lambda: "does not load" in host.state)
    await host.stop()


async def _read_tokens(host: ModelHost) -> int:
    """How many tokens of the long prompt had to be read anew."""
    with host.in_use():
        answer = await _chat(host, LONG_PROMPT)
    return int(answer.json()["timings"]["prompt_n"])


async def _chat(host: ModelHost, prompt: str) -> httpx2.Response:
    body = {"messages": [{"role": "user", "content": prompt}], "max_tokens": 4, "id_slot": 0}
    return await _post(host, "/v1/chat/completions", body)


async def _post(
    host: ModelHost, path: str, body: dict[str, Any], key: str | None = None
) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        headers = {"Authorization": f"Bearer {key or host.key}"}
        return await http.post(f"{host.address}{path}", json=body, headers=headers)


def _signal(host: ModelHost, number: signal.Signals) -> None:
    assert host.process_id is not None
    os.kill(host.process_id, number)


def _is_alive(process_id: int) -> bool:
    # An orphan may stay a zombie where nobody collects the dead.
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
