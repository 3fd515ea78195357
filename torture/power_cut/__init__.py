"""The power is cut under a real server, at every step of its work: is anything lost?

`vega serve` runs under strace, as it is. Prompts, an import, forgetting, backups, cleanups and
settings are recorded with every write, sync, cut and change of name in the home folder, and with
the moment at which each was acknowledged: by `turn.accepted` in the stream of events, by the answer
to a request. Then each disk is made that a power cut could have left at each step, and a start is
tried on it: see `disk` for the model, and for what is not in it, `checking` for what must be so.

What was acknowledged as forgotten must not come back, neither as a row nor as bytes: its text
stands in no file of the home folder but a backup. Whatever is in flight at the cut may be there
or not.

The canary is the same server with synchronous=NORMAL: it loses what it had acknowledged, and where
this drill does not see that, the drill is broken. strace is needed (`apt-get install strace`).
"""

import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.old_lives import live_in_the_fourth_schema
from torture.findings import Findings
from torture.power_cut import workloads
from torture.power_cut.recording import Recording
from torture.power_cut.replay import Outcome, replay, scratch

QUESTION = "After a power cut at any step, is everything there that was acknowledged?"
#: Ways to cut the power at each step, and rounds of what is done.
VARIANTS = {"ci": 1, "release": 4}
#: Behind one of so many steps.
STRIDES = {"ci": 3, "release": 1}
ROUNDS = {"ci": 1, "release": 2}
#: On a disk that fails.
PROMPTS = {"ci": 6, "release": 20}
LEAST_STATES = {"ci": 1_500, "release": 20_000}
#: Of the canary a few are enough.
CANARY_VARIANTS = 1
LOST = ("lost", "doubled", "came back")
BROKEN = ("corrupt", "refused", "alarmed")


def run(size: str) -> Findings:
    findings = Findings(QUESTION)
    if shutil.which("strace") is None:
        findings.must(False, "strace is not installed: apt-get install strace")
        return findings
    # At the same time: most of it is waited for. Their checks are not.
    with ThreadPoolExecutor() as pool:
        canary, *recordings = pool.map(_recorded, (workloads.careless, *_workloads(size)))
    found = Outcome()
    for recording in recordings:
        began = time.monotonic()
        outcome = replay(recording, VARIANTS[size], STRIDES[size])
        rate = len(outcome.states) / (time.monotonic() - began)
        findings.figure(recording.name, f"{len(outcome.states):,}", f"disks, {rate:.0f} a second")
        found.add(outcome)
    _judge(findings, found, LEAST_STATES[size])
    findings.figure("operations recorded", f"{sum(len(each.steps) for each in recordings):,}")
    findings.figure("acknowledgements", f"{sum(len(each.promises) for each in recordings):,}")
    _judge_canary(findings, replay(canary, CANARY_VARIANTS, STRIDES["ci"]))
    return findings


def _workloads(size: str) -> Sequence[Callable[[Path], Recording]]:
    rounds = ROUNDS[size]
    return (
        lambda folder: workloads.a_life(folder, rounds),
        lambda folder: workloads.an_old_life(folder, live_in_the_fourth_schema),
        lambda folder: workloads.with_vectors(folder, rounds),
        lambda folder: workloads.on_a_failing_disk(folder, PROMPTS[size]),
    )


def _recorded(record: Callable[[Path], Recording]) -> Recording:
    with scratch("vega-recording-") as folder:
        return record(folder)


def _judge(findings: Findings, found: Outcome, least: int) -> None:
    lost = sum(found.kinds[kind] for kind in LOST)
    broken = sum(found.kinds[kind] for kind in BROKEN)
    findings.figure("disks that a power cut could have left", f"{len(found.states):,}")
    findings.figure("of which something acknowledged was lost", lost)
    findings.figure("of which something was corrupt, or refused", broken)
    findings.figure("whole, with the notice that it may not be", found.kinds["doubtful"])
    findings.must(len(found.states) >= least, f"fewer than {least:,} disks were tried")
    for kind, examples in sorted(found.examples.items()):
        if kind == "doubtful":
            continue
        findings.must(False, f"{kind} on {found.kinds[kind]} disks, {'; '.join(examples)}")


def _judge_canary(findings: Findings, found: Outcome) -> None:
    count = f"{found.kinds['lost'] + found.kinds['alarmed']:,} of {len(found.states):,}"
    findings.figure("the canary, synchronous=NORMAL, lost acknowledged prompts", count, "disks")
    findings.must(found.kinds["lost"] > 0, "the canary (synchronous=NORMAL) was not caught")
