"""`vega serve` has the allocator that gives RAM back, however it was started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeVega
from tests.guards.tree import ROOT
from tests.vega_process import VegaProcess
from vega.allocator import ENVIRONMENT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows environments")
COMMANDS = [
    [sys.executable, "-m", "vega.cli", "serve"],
    [sys.executable, "-P", "-X", "utf8", "-m", "vega.cli", "serve"],
    [sys.executable, str(Path(sys.executable).with_name("vega")), "serve"],
]


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_it_begins_itself_anew_with_the_allocator(command: list[str], make_vega: MakeVega) -> None:
    vega = make_vega(command=command)
    vega.start()

    assert _allocator(vega) == ENVIRONMENT
    # As the same process, called as it was.
    assert _words(vega, "cmdline")[-len(command[1:]) :] == command[1:]
    assert vega.chat("Hello.").status_code == 200
    assert vega.terminate() == 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"PYTHONMALLOC": "debug"}, {"PYTHONMALLOC": "debug"}),
        ({"PYTHONMALLOC": "pymalloc"}, {"PYTHONMALLOC": "pymalloc"}),
        ({"MALLOC_ARENA_MAX": "8"}, {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "8"}),
        ({"PYTHONMALLOC": ""}, ENVIRONMENT),
    ],
)
def test_what_the_owner_has_set_stays(
    given: dict[str, str], expected: dict[str, str], make_vega: MakeVega
) -> None:
    vega = make_vega(settings=given)
    vega.start()

    assert _allocator(vega) == expected


def test_the_service_says_the_same_so_that_it_starts_once() -> None:
    unit = (ROOT / "systemd/vega-server.service").read_text().splitlines()

    assert {f"Environment={name}={text}" for name, text in ENVIRONMENT.items()} <= set(unit)


def test_where_a_program_may_not_be_started_it_runs_all_the_same() -> None:
    code = (
        "import os, sys, vega.allocator\n"
        "def refuse(*_): raise PermissionError\n"
        "os.execve = refuse\n"
        "vega.allocator.use_the_systems()\n"
        "print('runs')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ}
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "runs\n", "")


def _allocator(vega: VegaProcess) -> dict[str, str]:
    """What the process was told of its allocator."""
    variables = dict(line.split("=", 1) for line in _words(vega, "environ"))
    return {name: variables[name] for name in ENVIRONMENT if name in variables}


def _words(vega: VegaProcess, name: str) -> list[str]:
    raw = Path(f"/proc/{vega.pid}/{name}").read_bytes()
    return [word.decode() for word in raw.split(b"\0") if word]
