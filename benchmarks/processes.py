"""The processes that are measured: `vega serve`, and the stub model server that costs no time."""

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.client import Broken
from tests.vega_process import VegaProcess

ROOT = Path(__file__).parents[1]
#: So that an answer has about 1,000 characters.
STUB_PIECES = 150
START_SECONDS = 120.0
POLL_SECONDS = 0.002


@contextmanager
def vega(home: Path, model_url: str, **settings: str) -> Iterator[VegaProcess]:
    """A Vega that answers, stopped at the end; settings are named as in vega.toml."""
    variables = {f"VEGA_{name.upper()}": value for name, value in settings.items()}
    with VegaProcess(home, model_url=model_url, settings=variables) as process:
        try:
            process.start()
            yield process
        except Exception as error:
            error.add_note(f"vega serve, {_state(process)}, wrote:\n{process.output[-3000:]}")
            raise
        process.terminate()


@contextmanager
def stub_model() -> Iterator[str]:
    """The address of a model server without a model, in a process of its own."""
    command = [sys.executable, "-m", "tests.model_server", "--pieces", str(STUB_PIECES)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.terminate()


def wait_until_healthy(port: int, process: subprocess.Popen[bytes] | None) -> None:
    """Until GET /healthz gives a 200; it looks often, so that the wait can be timed."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process is None or process.poll() is not None:
            raise Broken("the server has ended")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            # It does not listen yet.
            time.sleep(POLL_SECONDS)
        finally:
            connection.close()
    raise Broken("the server does not come up")


def _state(process: VegaProcess) -> str:
    return "running" if process.is_running else f"ended with {process.process.returncode}"  # type: ignore[union-attr]


def cpu_seconds(pid: int) -> float:
    """The CPU time of a process, without its children, as exactly as the system tells it."""
    tasks = Path(f"/proc/{pid}/task")
    if tasks.exists():
        # Nanoseconds; psutil's source counts in hundredths of a second.
        return sum(int((t / "schedstat").read_text().split()[0]) for t in tasks.iterdir()) / 1e9
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
