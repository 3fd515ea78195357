"""`start`: from the start of the process to its first answers, in a long life.

Beside it a bare FastAPI application on uvicorn, and the mere import of the two.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import life
from benchmarks.client import Broken, Client
from benchmarks.processes import ROOT, wait_until_healthy
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.models_folder import models_folder
from tests.vega_process import VegaProcess, free_ports

IMPORT = "import fastapi, uvicorn"
BARE = "bare app: first answer"
HEALTHY = "vega: first healthy answer"
ANSWERED = "vega: first turn, from the store"
HOST_HEALTHY = "with the host: first healthy answer"
HOST_ANSWERED = "with the host: the model's first answer"
#: What the store answers alone, the scripted model being not able.
STORE_QUESTION = "What is my favorite color?"
MODEL_QUESTION = "Please say hello."
HEALTHY_MS = 2_000.0


def measure(size: Size) -> Report:
    seconds: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name:
        length = max(size.lives)
        home = asyncio.run(life.lives(Path(name), [length]))[length]
        # The first round fills the caches of the system and is not counted.
        for number in range(size.starts + 1):
            found = _import() | _bare() | _vega(home)
            if number < size.host_starts + 1:
                found |= _vega_with_host(home)
            if number:
                for label, one in found.items():
                    seconds.setdefault(label, []).append(one)
    report = Report(f"from the start of the process, with {length:,} turns", baseline=BARE)
    for label in (IMPORT, BARE, HEALTHY, ANSWERED, HOST_HEALTHY, HOST_ANSWERED):
        report.add(label, seconds[label])
    healthy = report.spreads[HEALTHY].median
    report.figures = [
        Figure("first healthy answer beside the bare app", healthy / _median(report, BARE), "×"),
        Figure.at_most("first healthy answer without the host", healthy, HEALTHY_MS, "ms"),
        Figure("first healthy answer with the host", _median(report, HOST_HEALTHY), "ms"),
    ]
    return report


def _median(report: Report, label: str) -> float:
    return report.spreads[label].median


def _import() -> dict[str, float]:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", IMPORT], check=True)
    return {IMPORT: time.perf_counter() - began}


def _bare() -> dict[str, float]:
    port = free_ports(1)[0]
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare_app:app", "--port", str(port)]
    began = time.perf_counter()
    with subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT) as process:
        wait_until_healthy(port, process)
        seconds = time.perf_counter() - began
        process.terminate()
    return {BARE: seconds}


def _vega(home: Path) -> dict[str, float]:
    healthy, answered = _first_answers(home, "scripted:", STORE_QUESTION)
    return {HEALTHY: healthy, ANSWERED: answered}


def _vega_with_host(home: Path) -> dict[str, float]:
    healthy, answered = _first_answers(home, "", MODEL_QUESTION)
    return {HOST_HEALTHY: healthy, HOST_ANSWERED: answered}


def _first_answers(home: Path, model_url: str, question: str) -> tuple[float, float]:
    settings = {"VEGA_MODELS_DIR": str(models_folder())}
    with VegaProcess(home, model_url=model_url, settings=settings) as vega:
        began = time.perf_counter()
        vega.launch()
        wait_until_healthy(vega.port, vega.process)
        healthy = time.perf_counter() - began
        with Client(vega.url, vega.key) as client:
            if not client.post("/chat", {"prompt": question}):
                raise Broken("the first turn has no answer")
        answered = time.perf_counter() - began
        vega.terminate()
    return healthy, answered
