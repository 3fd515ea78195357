"""Where faults are put: what is being done, and which files it is done to."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from torture.faults.injection import (
    DISK_IS_FULL,
    KILLED_AT_SYNC,
    KILLED_AT_WRITE,
    NAME_FAILS,
    SYNC_FAILS,
    WRITE_FAILS,
    Fault,
)
from torture.faults.subject import Subject

DATABASE = ("vega.db", "vega.db-wal")
DISK_FAULTS = (SYNC_FAILS, WRITE_FAILS, DISK_IS_FULL)
KILLS = (KILLED_AT_WRITE, KILLED_AT_SYNC)


@dataclass(frozen=True, slots=True)
class Place:
    """One thing that a server does."""

    name: str
    #: In the home folder.
    files: Sequence[str]
    faults: Sequence[Fault]
    #: Before the fault: what `act` needs.
    prepare: Callable[[Subject], str]
    #: Under the fault.
    act: Callable[[Subject, str], None]
    #: After it: whether it is done, or can be.
    is_done: Callable[[Subject, str], bool]

    def paths(self, home: Path) -> list[Path]:
        return [home / name for name in self.files]


def _nothing(subject: Subject) -> str:
    return json.dumps([f"Prompt {len(subject.accepted)} {subject.ends.total()}", None])


def _new_prompt(subject: Subject) -> str:
    text = f"Prompt {subject.ends.total()}, said once: {'as long as it takes. ' * 60}"
    return json.dumps([text, f"key-{subject.ends.total()}"])


def _say(subject: Subject, prepared: str) -> None:
    text, key = json.loads(prepared)
    subject.say(text, key)


def _import(subject: Subject, prepared: str) -> None:
    """And with it a cleanup, which the backlog asks for."""
    subject.import_some()
    before = _moved(subject)
    subject.within(1.5, lambda: _moved(subject) != before)


def _moved(subject: Subject) -> int:
    try:
        turns = subject.vega.request("GET", "/metrics").json()["turns"]
    except (httpx2.TransportError, KeyError):
        return -1
    return int(turns["compressed"]) + int(turns["archived"])


def _back_up(subject: Subject, prepared: str) -> None:
    found = subject.post("/api/backups")
    if found is not None and found.status_code == 201:
        name = found.json()["name"]
        verified = subject.vega.request("POST", f"/api/backups/{name}/verify")
        if verified.status_code != 200:
            subject.failures.append(f"201 for a backup that is not whole: {verified.text}")


def _can_be_backed_up(subject: Subject, prepared: str) -> bool:
    before = len(subject.failures)
    found = subject.post("/api/backups")
    return found is not None and found.status_code == 201 and len(subject.failures) == before


def _secret(subject: Subject) -> str:
    said = subject.say()
    return str(max(subject.accepted)) if said else ""


def _forget(subject: Subject, prepared: str) -> None:
    turn_id = int(prepared)
    shown = subject.post("/api/forget", {"turn_id": turn_id})
    if shown is None or shown.status_code != 200:
        return
    subject.forgotten.add(turn_id)
    body = {"turn_id": turn_id, "confirm": shown.json()["confirm"]}
    found = subject.post("/api/forget", body)
    if found is not None and found.status_code == 200 and not _is_forgotten(subject, prepared):
        subject.failures.append(f"200 for turn {turn_id}, which is not forgotten")


def _is_forgotten(subject: Subject, prepared: str) -> bool:
    """As far as anybody can see; or it can be said again, and is."""
    turn_id = int(prepared)
    if subject.vega.request("GET", f"/api/turns/{turn_id}").status_code == 410:
        return True
    _forget_again(subject, turn_id)
    return False


def _forget_again(subject: Subject, turn_id: int) -> None:
    shown = subject.vega.request("POST", "/api/forget", {"turn_id": turn_id})
    if shown.status_code == 200:
        subject.forgotten.add(turn_id)
        body = {"turn_id": turn_id, "confirm": shown.json()["confirm"]}
        subject.vega.request("POST", "/api/forget", body)


def _embed(subject: Subject, prepared: str) -> None:
    _say(subject, prepared)
    subject.within(1.0, lambda: _is_embedded(subject, prepared))


def _is_embedded(subject: Subject, prepared: str) -> bool:
    try:
        found = subject.vega.request("GET", "/api/index").json()["vectors"]
    except httpx2.TransportError:
        return False
    return bool(found["state"] == "ready")


PLACES = (
    Place(
        "prompt and answer",
        DATABASE,
        (*DISK_FAULTS, *KILLS),
        _new_prompt,
        _say,
        lambda subject, prepared: subject.say_until_answered(prepared),
    ),
    Place(
        "import and cleanup",
        DATABASE,
        (*DISK_FAULTS, *KILLS),
        _new_prompt,
        _import,
        lambda subject, prepared: subject.say_until_answered(prepared),
    ),
    Place(
        "forgetting",
        (*DATABASE, "vega.forgotten.new"),
        (*DISK_FAULTS, *KILLS),
        _secret,
        _forget,
        _is_forgotten,
    ),
    Place(
        "backup",
        # All of the process: what a backup is called is not known before.
        (),
        (*DISK_FAULTS, NAME_FAILS, *KILLS),
        _nothing,
        _back_up,
        _can_be_backed_up,
    ),
    Place(
        "vectors",
        ("index", "index/vectors.codes", "index/vectors.planes"),
        (*DISK_FAULTS, *KILLS),
        _new_prompt,
        _embed,
        _is_embedded,
    ),
    Place(
        "head file",
        ("vega.head",),
        (WRITE_FAILS, DISK_IS_FULL, NAME_FAILS),
        _new_prompt,
        _say,
        lambda subject, prepared: subject.say_until_answered(prepared),
    ),
)
