"""An hour of everything at once, under a memory limit: does Vega grow, slow down, or lose anything?

A real server with its built-in models. Four clients talk, two follow the life, one reads; visitors
come and go, some far too slow; a past is imported, turns are forgotten, backups made; and there is
always somebody who sends nonsense. SOAK_MINUTES says for how long.
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.models_folder import models_folder
from tests.vega_process import VegaProcess
from torture.clients import Asking, Door
from torture.findings import Findings
from torture.load import Load
from torture.soak.guests import Crowd
from torture.soak.memory_limit import MemoryLimit
from torture.soak.prompts import prompt
from torture.soak.watch import Watch, slope

MINUTES = {"ci": 5.0, "release": 60.0}
LIMIT_BYTES = 1024 * 1024 * 1024
#: What is seen before is the filling of caches, and counts for no slope.
WARM_UP_SHARE, WARM_UP_SECONDS = 0.2, 60.0
#: A shorter run says nothing of so slow a growth.
LEAST_MINUTES_TO_JUDGE = 30.0
MOST_GROWTH_MB = 1.0
#: Between the first and the last quarter of what counts.
MOST_NEW_FILES, MOST_NEW_THREADS = 8, 2
_TEN_MINUTES = 600.0
_QUARTERS = 4


def run(size: str) -> Findings:
    minutes = float(os.environ.get("SOAK_MINUTES") or MINUTES[size])
    findings = Findings(f"Does Vega grow, slow down or lose anything in {minutes:g} minutes?")
    with tempfile.TemporaryDirectory(prefix="vega-soak-") as name, ExitStack() as stack:
        limit = stack.enter_context(MemoryLimit(LIMIT_BYTES))
        vega = stack.enter_context(_vega(Path(name) / "home", limit))
        vega.start()
        door = Door(vega.key, vega.port)
        watch = Watch(vega, limit)
        load = stack.enter_context(Load("soak", door, prompt))
        crowd = stack.enter_context(Crowd(door))
        watch.follow(minutes * 60)
        crowd.end()
        findings.failures += load.end()
        findings.failures += crowd.wrong
        _tell_of_memory(findings, watch, limit, minutes)
        _tell_of_service(findings, watch, load, crowd)
        findings.must(vega.is_running and vega.pid == watch.pid, "the server did not stay")
        findings.must(vega.terminate() == 0, "the server did not end cleanly")
    return findings


def _vega(home: Path, limit: MemoryLimit) -> VegaProcess:
    return VegaProcess(
        home,
        model_url="",
        settings={
            "VEGA_EMBEDDING": "built-in",
            "VEGA_MODELS_DIR": str(models_folder()),
            # So that a life of an hour has been in each tier.
            "VEGA_MAX_CONTEXT_ENTRIES": "20",
            "VEGA_COMPRESSION_TRIGGER": "40",
            "VEGA_CHECK_INTERVAL_SECONDS": "5",
        },
        prepare=limit.enter,
    )


def _tell_of_memory(findings: Findings, watch: Watch, limit: MemoryLimit, minutes: float) -> None:
    warm_up = max(WARM_UP_SECONDS, WARM_UP_SHARE * minutes * 60)
    counted = [each for each in watch.samples if each.at >= warm_up]
    findings.must(len(counted) >= _QUARTERS, "too short: nothing was seen after the warm-up")
    if len(counted) < _QUARTERS:
        return
    findings.figure("memory limit", limit.words)
    for what, values in (
        ("server RSS", [each.server_rss for each in counted]),
        ("server PSS", [each.server_pss for each in counted]),
        ("model host PSS", [each.host_pss for each in counted]),
    ):
        growth = slope([each.at for each in counted], values) * _TEN_MINUTES
        findings.figure(f"{what}, first, median and most", _three(values), "MB")
        findings.figure(f"{what}, slope", round(growth, 2), "MB per 10 minutes")
        if what == "server RSS" and minutes >= LEAST_MINUTES_TO_JUDGE:
            findings.must(growth < MOST_GROWTH_MB, f"the server grows by {growth:.2f} MB/10 min")
    findings.figure("killed for lack of memory", limit.kills)
    findings.must(limit.kills == 0, f"{limit.kills} times the limit killed a process")
    quarter = len(counted) // _QUARTERS
    for what, name, most in (
        ("open files", "files", MOST_NEW_FILES),
        ("threads", "threads", MOST_NEW_THREADS),
    ):
        first, last = (
            median(getattr(each, name) for each in part)
            for part in (counted[:quarter], counted[-quarter:])
        )
        findings.figure(f"{what}, first and last quarter", f"{first:g}, {last:g}")
        findings.must(last - first <= most, f"{what} grew from {first:g} to {last:g}")
    findings.figure("turns", watch.samples[-1].turns)
    per_turn = slope([each.turns for each in counted], [each.disk for each in counted])
    findings.figure("disk per turn", round(per_turn), "bytes")


def _tell_of_service(findings: Findings, watch: Watch, load: Load, crowd: Crowd) -> None:
    reads = list(load.account.reads)
    waits = [(read.served - watch.began, read.served - read.began) for read in reads]
    findings.figure("/history, p50 and p99 by quarter", _by_quarter(waits, watch.seconds), "ms")
    # A program hears of it together with its answer.
    heard = [
        said for each in load.clients if not isinstance(each, Asking) for said in each.finished
    ]
    waits = [(said.ended - watch.began, said.accepted - said.began) for said in heard]
    findings.figure("accepted, p50 and p99 by quarter", _by_quarter(waits, watch.seconds), "ms")
    for kind, times in sorted(crowd.times.items()):
        waits = [(at - watch.began, seconds) for at, seconds in times]
        findings.figure(f"{kind}, p50 and p99 by quarter", _by_quarter(waits, watch.seconds), "ms")
    account = load.account
    failures = {f"{code}": count for code, count in sorted(account.failures.items())}
    findings.figure("prompts", len(load.said))
    findings.figure("refused, broken", f"{account.refused}, {account.broken}")
    findings.figure("answers that were no success", str(failures or "none"))
    findings.figure("bad requests, each answered as it must be", crowd.refused)
    findings.must(account.refused == 0, f"{account.refused} connections were refused")
    lost = [each for each in load.account.wrong if each.startswith("lost")]
    findings.figure("lost", len(lost))
    findings.figure("cleanups", crowd.cleanups())


def _three(values: list[float]) -> str:
    return f"{values[0]:.1f}, {median(values):.1f}, {max(values):.1f}"


def _by_quarter(waits: list[tuple[float, float]], seconds: float) -> str:
    """Each (when, how long), in quarters of the run: "p50/p99 p50/p99 …" in milliseconds."""
    parts: list[list[float]] = [[] for _ in range(_QUARTERS)]
    for at, wait in waits:
        place = int(_QUARTERS * at / seconds)
        if 0 <= place < _QUARTERS:
            parts[place].append(1000 * wait)
    return " ".join(_p50_p99(sorted(part)) for part in parts)


def _p50_p99(waits: list[float]) -> str:
    if not waits:
        return "-"
    return f"{waits[len(waits) // 2]:.1f}/{waits[int(0.99 * len(waits))]:.1f}"
