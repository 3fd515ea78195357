"""The units of systemd: systemd itself finds nothing to say against them, and they explain
themselves. What they do is proven in a booted machine (`make torture`)."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.guards.tree import ROOT
from vega import doors
from vega.config import Settings

UNITS = sorted((ROOT / "systemd").iterdir())
SERVICE = ROOT / "systemd/vega-server.service"
SOCKET = ROOT / "systemd/vega-server.socket"
MOST_EXPOSURE = 2.0
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_every_directive_is_explained_on_the_line_above_it(unit: Path) -> None:
    lines = unit.read_text().splitlines()

    bare = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if _is_directive(line) and not before.startswith("#")
    ]

    assert bare == []
    assert [line for line in lines if "#" in line and not line.startswith("#")] == []


@needs_systemd
@pytest.mark.parametrize("change", [{}, {"RestartSec": "soon"}, {"ReStartSec": "1"}])
def test_systemd_has_nothing_to_say_against_them(change: Mapping[str, str], tmp_path: Path) -> None:
    copies = []
    for unit in UNITS:
        if unit.suffix in (".service", ".socket"):
            # What is not installed here cannot be run; /bin/true can.
            text = re.sub(r"(?m)^(ExecStart\w*)=.*$", r"\1=/bin/true", unit.read_text())
            if unit == SERVICE:
                text = text.replace(
                    "[Service]\n", "[Service]\n" + "".join(f"{k}={v}\n" for k, v in change.items())
                )
            copies.append(tmp_path / unit.name)
            copies[-1].write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *copies], capture_output=True, text=True
    )

    # Its exit code says nothing of an unknown line.
    assert bool(done.stdout + done.stderr) == bool(change), done.stderr


@needs_systemd
def test_a_stranger_in_the_service_could_do_little() -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", SERVICE],
        capture_output=True,
        text=True,
    )
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)

    assert found, done.stderr
    assert float(found[1]) <= MOST_EXPOSURE


def test_the_socket_is_that_of_the_settings_and_of_the_queue_that_vega_asks_for() -> None:
    lines = SOCKET.read_text().splitlines()
    settings = Settings()

    ports = [int(line.rpartition(":")[2]) for line in lines if line.startswith("ListenStream=")]

    # The API first: where the settings say nothing of a port, its place tells what it is.
    assert ports == [settings.port, settings.page_port]
    assert f"Backlog={doors.BACKLOG}" in lines


def test_no_number_of_restarts_ends_it() -> None:
    service, socket = SERVICE.read_text().splitlines(), SOCKET.read_text().splitlines()

    assert {"Restart=always", "StartLimitIntervalSec=0"} <= set(service)
    assert "TriggerLimitIntervalSec=0" in socket


def _is_directive(line: str) -> bool:
    return "=" in line and not line.startswith("#")
