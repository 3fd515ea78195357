"""Faults while Vega starts: on a new life, and on one of an earlier schema that it migrates."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.old_lives import live_in_the_fourth_schema
from tests.vega_process import COMMAND, StartFailed, VegaProcess
from torture.faults.injection import (
    DISK_IS_FULL,
    INJECTED,
    KILLED,
    KILLED_AT_SYNC,
    KILLED_AT_WRITE,
    NAME_FAILS,
    SYNC_FAILS,
    WRITE_FAILS,
    Fault,
)

FAULTS = (SYNC_FAILS, WRITE_FAILS, DISK_IS_FULL, NAME_FAILS, KILLED_AT_WRITE, KILLED_AT_SYNC)
FILES = (
    "vega.db",
    "vega.db-wal",
    "vega.db.new",
    "vega.db.new-wal",
    "vega.db.new-journal",
    "vega.head",
    "api_key",
    "api_key.new",
    "vega.forgotten.new",
    "",
)
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Start:
    name: str
    #: Lays a life in the folder: its texts.
    make: Callable[[Path], list[str]]


def _none(home: Path) -> list[str]:
    return []


STARTS = (Start("start of a new life", _none), Start("migration", live_in_the_fourth_schema))


@dataclass(frozen=True, slots=True)
class Tried:
    """How one start with a fault went."""

    is_hit: bool
    behaviour: str
    failures: tuple[str, ...]


def try_start(start: Start, fault: Fault, number: int, folder: Path) -> Tried:
    """With the fault at its Nth call of each thread; then again without."""
    home, trace = folder / "home", folder / "trace"
    texts = start.make(home)
    paths = [word for name in FILES for word in ("-P", str(home / name).rstrip("/"))]
    command = ("strace", "-f", *paths, *fault.option(str(number)), "-o", str(trace), *COMMAND)
    failures = []
    with VegaProcess(home, model_url="scripted:", command=command) as vega:
        try:
            vega.start()
            behaviour = "serves all the same"
        except StartFailed as exc:
            behaviour = "ends, and says why"
            if "Traceback" in str(exc):
                failures.append(f"{start.name}, {fault.name} {number}: {str(exc)[-300:]}")
        except TimeoutError:
            behaviour = "hangs"
            failures.append(f"{start.name}, {fault.name} {number}: neither serves nor ends")
    found = trace.read_text(errors="replace") if trace.exists() else ""
    if KILLED in found:
        behaviour = "dies"
    with VegaProcess(home, model_url="scripted:") as vega:
        try:
            vega.start()
            shown = vega.history()
            vega.chat("Hello").raise_for_status()
            known = {text for turn in shown for text in (turn["prompt"], turn["response"])}
            if lost := set(texts) - known:
                failures.append(f"{start.name}, {fault.name} {number}: lost {min(lost)}")
        except (StartFailed, OSError) as exc:
            failures.append(f"{start.name}, {fault.name} {number}, and then: {str(exc)[-300:]}")
    return Tried(INJECTED in found or KILLED in found, behaviour, tuple(failures))
