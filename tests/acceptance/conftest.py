"""Real servers for tests, each in a home folder of its own, none left behind."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.scratch_machine import Installed, ScratchMachine
from tests.acceptance.small_disk import DISK_BYTES, SmallDisk
from tests.vega_process import VegaProcess

MakeVega = Callable[..., VegaProcess]


@pytest.fixture
def make_vega(tmp_path: Path) -> Iterator[MakeVega]:
    """Makes a Vega that is not started yet, in a fresh home; the same name is the same home."""
    with ExitStack() as stack:

        def make(name: str = "home", **options: Any) -> VegaProcess:
            return stack.enter_context(VegaProcess(tmp_path / name, **options))

        yield make


@pytest.fixture
def vega(make_vega: MakeVega) -> VegaProcess:
    """A Vega on the scripted model, started."""
    started = make_vega()
    started.start()
    return started


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can mount a small disk")
    path = tmp_path / "disk"
    path.mkdir()
    options = f"size={DISK_BYTES}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "vega-test", path], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"this machine mounts no small disk: {mounted.stderr}")
    yield SmallDisk(path)
    subprocess.run(["umount", "--lazy", path], check=True)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[ScratchMachine]:
    """A machine without Vega, for the installer."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("Only root on Linux can make a machine.")
    with ScratchMachine(tmp_path / "machine") as made:
        yield made


@pytest.fixture
def installed(machine: ScratchMachine) -> Installed:
    """A machine's service, which runs."""
    service = Installed(machine)
    done = machine.setup(*service.options)
    assert done.returncode == 0, done.stdout
    return service


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The counts of the tests that count, also where they pass and nothing else is shown."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, counts in report.user_properties:
                if name == "counts":
                    terminalreporter.write_line(counts)
