"""`ask`: from the start of `vega ask` to the first byte of its answer, beyond the server's time.

Beside it a client that is there already and sends the same request over the same Unix socket; and
what Python itself takes to start. In a terminal the answer is Markdown, which loads more.
"""

import json
import os
import pty
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.client import Broken
from benchmarks.processes import vega
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.vega_process import VegaProcess
from vega import unix_socket

PROMPT = "Please say hello."
PYTHON = "python: an empty program"
WARM = "warm client: first byte of the answer"
PIPED = "vega ask, piped: first byte of the answer"
SHOWN = "vega ask, in a terminal: first byte of the answer"
COMMAND = (str(Path(sys.executable).with_name("vega")), "ask", PROMPT)
AIM_MS = 300.0


def measure(size: Size) -> Report:
    seconds: dict[str, list[float]] = {label: [] for label in (PYTHON, WARM, PIPED, SHOWN)}
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name:
        home = Path(name) / "home"
        with vega(home, "scripted:") as server:
            # The first round fills the caches of the system and is not counted.
            for number in range(max(10, size.starts) + 1):
                found = {
                    PYTHON: _python(),
                    WARM: _warm(home),
                    PIPED: _piped(server),
                    SHOWN: _shown(server),
                }
                if number:
                    for label, one in found.items():
                        seconds[label].append(one)
    report = Report("`vega ask` beyond the server", baseline=WARM)
    for label, values in seconds.items():
        report.add(label, values)
    warm = report.spreads[WARM].median
    report.figures = [
        Figure.at_most(
            "piped, beyond the server", report.spreads[PIPED].median - warm, AIM_MS, "ms"
        ),
        Figure.at_most(
            "in a terminal, beyond the server", report.spreads[SHOWN].median - warm, AIM_MS, "ms"
        ),
    ]
    return report


def _python() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - began


def _warm(home: Path) -> float:
    """A bare socket: connect, send, and read until a piece of the answer is there."""
    body = json.dumps({"prompt": PROMPT, "stream": True, "origin": "terminal"}).encode()
    head = (
        "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    began = time.perf_counter()
    with unix_socket.connect(home, 30) as connection:
        connection.sendall(head.encode() + body)
        seen = b""
        while b"event: turn.delta" not in seen:
            data = connection.recv(65536)
            if not data:
                raise Broken(f"no answer came: {seen[-500:]!r}")
            seen += data
        taken = time.perf_counter() - began
        # To the end, so that the next one finds an idle server.
        while b".end" not in seen:
            seen += connection.recv(65536)
    return taken


def _piped(server: VegaProcess) -> float:
    began = time.perf_counter()
    with subprocess.Popen(
        COMMAND, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=_environment(server)
    ) as process:
        assert process.stdout is not None
        return _first_byte(process.stdout.fileno(), began)


def _shown(server: VegaProcess) -> float:
    leader, follower = pty.openpty()
    began = time.perf_counter()
    with subprocess.Popen(
        COMMAND, stdin=subprocess.DEVNULL, stdout=follower, env=_environment(server)
    ):
        os.close(follower)
        taken = _first_byte(leader, began)
    os.close(leader)
    return taken


def _first_byte(number: int, began: float) -> float:
    if not os.read(number, 1):
        raise Broken("vega ask says nothing")
    taken = time.perf_counter() - began
    try:
        while os.read(number, 65536):
            continue
    except OSError:
        # A terminal's way of saying that nobody writes any more.
        return taken
    return taken


def _environment(server: VegaProcess) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("VEGA_")}
    return {**kept, "VEGA_HOME": str(server.home), "TERM": "xterm-256color"}
