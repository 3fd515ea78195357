"""Faults in the real server, at every Nth write and sync: what becomes of what it promised?

Calls of a server that runs are made to fail (EIO, ENOSPC) or to kill it, by strace, on the files of
one thing that it does at a time: a prompt, an import with a cleanup, forgetting, a backup, vectors,
the head file; and of one that starts, on a new life and on an old one that is migrated. N is
counted for each thread, from the first call on, until nothing more is met.

What must be so: what was acknowledged is there once; nothing is acknowledged that is not stored; an
error says what is wrong and what to do (507, 503); the past can be read; once the fault is over the
service works again, by itself or after its restart.
"""

import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from torture.faults.injection import KILLED_AT_SYNC, SYNC_FAILS, Fault, Injection
from torture.faults.places import PLACES, Place
from torture.faults.starts import FAULTS, STARTS, Start, try_start
from torture.faults.subject import Subject
from torture.findings import Findings
from torture.power_cut.checking import NotAsItMustBe
from torture.power_cut.replay import scratch

QUESTION = "A write or a sync fails: is anything lost, doubled, or acknowledged in vain?"
#: At which calls; the last goes on from there, as a broken disk does.
NUMBERS = {"ci": (1,), "release": tuple(range(1, 25))}
FROM_THERE_ON = {"ci": (1,), "release": (1, 2, 4, 7)}
START_NUMBERS = {"ci": (3,), "release": (*range(1, 12), 15, 20, 30, 45, 60)}
#: In CI these alone, by place and fault.
KILLS_IN_CI = frozenset({"prompt and answer", "forgetting"})
STARTS_IN_CI = ((STARTS[1], SYNC_FAILS), (STARTS[1], KILLED_AT_SYNC))
#: Most of the time is waited for what tries again after a while.
AT_ONCE = 3


@dataclass(slots=True)
class Row:
    """One place and one fault."""

    tried: int = 0
    behaviours: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return ", ".join(f"{what}: {count}" for what, count in sorted(self.behaviours.items()))


#: With what they are called.
Rows = list[tuple[str, Row]]


def run(size: str) -> Findings:
    findings = Findings(QUESTION)
    if shutil.which("strace") is None:
        findings.must(False, "strace is not installed: apt-get install strace")
        return findings
    failures: list[str] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = [
            *pool.map(lambda place: _try_place(place, size, failures), PLACES),
            *pool.map(lambda each: _try_starts(each[0], each[1], size, failures), _starts(size)),
        ]
    tried = 0
    for each in rows:
        for name, row in each:
            tried += row.tried
            findings.figure(name, f"{row.tried} tried:", str(row))
    findings.figure("faults injected", tried)
    lost = sum(each.startswith(("lost", "doubled")) for each in failures)
    findings.figure("acknowledged and lost, or doubled", lost)
    for failure in dict.fromkeys(failures):
        findings.must(False, failure)
    return findings


def _starts(size: str) -> Sequence[tuple[Start, Fault]]:
    if size == "ci":
        return STARTS_IN_CI
    return [(start, fault) for start in STARTS for fault in FAULTS]


def _try_starts(start: Start, fault: Fault, size: str, failures: list[str]) -> Rows:
    row = Row()
    for number in START_NUMBERS[size]:
        with scratch("vega-faults-") as folder:
            found = try_start(start, fault, number, folder)
        failures += found.failures
        if not found.is_hit:
            break
        row.tried += 1
        row.behaviours[found.behaviour] += 1
    return [(f"{start.name}, {fault.name}", row)]


def _try_place(place: Place, size: str, failures: list[str]) -> Rows:
    with scratch("vega-faults-") as folder:
        return _try_in(folder, place, size, failures)


def _try_in(folder: Path, place: Place, size: str, failures: list[str]) -> Rows:
    subject = Subject(folder)
    rows: Rows = []
    try:
        subject.vega.start()
        subject.say()
        subject.post("/api/backups")
        for fault in place.faults:
            if size == "ci" and "KILL" in fault.name and place.name not in KILLS_IN_CI:
                continue
            rows.append((f"{place.name}, {fault.name}", _try_fault(subject, place, fault, size)))
        subject.vega.wait_until_idle()
    finally:
        subject.vega.kill()
    try:
        subject.check()
    except NotAsItMustBe as exc:
        subject.failures.append(str(exc))
    failures += [f"{each} ({place.name})" for each in subject.failures]
    return rows


def _try_fault(subject: Subject, place: Place, fault: Fault, size: str) -> Row:
    row = Row()
    for number in NUMBERS[size]:
        if not _try(subject, place, fault, str(number), row):
            break
    for number in FROM_THERE_ON[size]:
        if "KILL" not in fault.name:
            _try(subject, place, fault, f"{number}+", row)
    return row


def _try(subject: Subject, place: Place, fault: Fault, when: str, row: Row) -> bool:
    """Whether the fault was met."""
    prepared = place.prepare(subject)
    before = Counter(subject.ends)
    injection = Injection(subject.vega.pid, fault, when, place.paths(subject.home))
    with injection:
        place.act(subject, prepared)
        can_be_read = subject.can_be_read()
    if not injection.is_hit:
        return False
    row.tried += 1
    where = f"{place.name}, {fault.name} {when}"
    if not can_be_read:
        subject.failures.append(f"{where}: the past could not be read meanwhile")
    row.behaviours.update((subject.ends - before).keys() or {"nobody noticed"})
    if not subject.vega.is_running:
        subject.restart()
        row.behaviours["restarted"] += 1
    if not subject.within(20.0, lambda: place.is_done(subject, prepared)):
        row.behaviours["works after a restart"] += 1
        subject.restart()
        if not subject.within(20.0, lambda: place.is_done(subject, prepared)):
            subject.failures.append(f"{where}: it does not work again")
    return True
