"""The image's health check, as Docker runs it: of a Vega that answers, one that hangs, and none."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.guards.dockerfile import health_command
from tests.vega_process import VegaProcess, free_ports

TIMEOUT_SECONDS = 30.0


def is_well(**variables: str) -> bool:
    """By the command's exit code; `python` is the first of the PATH, as in the image."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        health_command(),
        env={"PATH": path, **variables},
        timeout=TIMEOUT_SECONDS,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def test_a_vega_that_answers_is_well(vega: VegaProcess) -> None:
    assert is_well(VEGA_PORT=str(vega.port))


def test_no_proxy_answers_for_it(vega: VegaProcess) -> None:
    (nobody,) = free_ports(1)

    assert is_well(VEGA_PORT=str(vega.port), http_proxy=f"http://127.0.0.1:{nobody}")


def test_a_vega_that_hangs_is_not_well(vega: VegaProcess) -> None:
    os.kill(vega.pid, signal.SIGSTOP)

    assert not is_well(VEGA_PORT=str(vega.port))


def test_no_vega_is_not_well() -> None:
    (nobody,) = free_ports(1)

    assert not is_well(VEGA_PORT=str(nobody))
