"""`vega status` in words."""

from copy import deepcopy
from datetime import datetime
from typing import Any

from vega.cli.status import _lines

STATUS: dict[str, Any] = {
    "version": "0.1.0",
    "timezone": "Europe/Vienna",
    "model": {
        "reachable": True,
        "name": "qwen3",
        "place": "this machine",
        "context_tokens": 8192,
        "is_asleep": False,
        "offer": None,
    },
    "queue": {"waiting": 0, "limit": 100},
    "tiers": {
        "archived": {"turns": 1_100, "bytes": 2_000_000},
        "compressed": {"turns": 54, "bytes": 60_000},
        "full": {"turns": 50, "bytes": 40_000},
    },
    "archive": {"blocks": 12, "text_bytes": 2_060_000, "stored_bytes": 512_000},
    "memory": {
        "process_mb": 96.4,
        "pressure": "normal",
        "reason": "The system's memory is 41 % in use.",
        "activity": None,
        "cleanup_count": 11,
        "last_cleanup": None,
    },
    "disk": {"free_bytes": 81_200_000_000, "database_bytes": 4_100_000},
    "backups": {"count": 0, "last": None, "error": None},
    "verification": {"is_running": False, "progress": 1.0, "completed_at": None, "finding": None},
    "attention": [],
}


def lines(**changes: dict[str, Any]) -> dict[str, str]:
    found = deepcopy(STATUS)
    for name, fields in changes.items():
        found[name] |= fields
    return {name or "then": text for name, text in _lines(found)}


def at(hour: int, year: int | None = None) -> str:
    now = datetime.now().astimezone()
    return now.replace(year=year or now.year, month=3, day=4, hour=hour, minute=5).isoformat()


def test_the_life_is_told_by_tier_as_turns_move_through_them() -> None:
    told = lines()

    assert told["Life"] == ("1,204 turns, 2.1 MB of text (50 full, 54 compressed, 1,100 archived)")
    assert told["Archive"] == "2.1 MB of text in 512.0 kB, 12 blocks"


def test_a_life_that_has_just_begun_is_told_shortly() -> None:
    none = {"turns": 0, "bytes": 0}
    tiers = {"archived": none, "compressed": none, "full": {"turns": 1, "bytes": 9}}
    told = lines(tiers=tiers, archive={"blocks": 0})

    assert told["Life"] == "1 turn, 9 bytes of text (1 full)"
    assert "Archive" not in told
    assert told["Cleanups"] == "none was needed yet"
    assert told["Backups"] == "none yet"
    assert told["Verified"] == "not yet"


def test_memory_is_told_with_its_pressure_reason_and_what_is_done() -> None:
    calm = lines()
    busy = lines(memory={"pressure": "warning", "activity": "Older turns are being compressed."})

    assert calm["Memory"] == "normal; Vega takes 96 MB. The system's memory is 41 % in use."
    assert "then" not in calm
    assert busy["Memory"].startswith("warning;")
    assert busy["then"] == "Older turns are being compressed."


def test_the_last_cleanup_is_told_with_what_it_did() -> None:
    last = {
        "kind": "backlog",
        "ended_at": at(20),
        "compressed": 100,
        "archived": 0,
        "saved_bytes": 1_200_000,
        "disk_bytes": 0,
        "memory_bytes": 0,
    }

    told = lines(memory={"last_cleanup": last})["Cleanups"]

    assert told == (
        "11; the last on 4 March at 20:05 (backlog): 100 compressed, 1.2 MB of text saved"
    )


def test_disk_and_backups_are_told() -> None:
    made = {"created_at": at(3, year=2020), "size_bytes": 4_000_000}
    told = lines(backups={"count": 7, "last": made, "error": "The disk is full."})

    assert told["Disk"] == "81.2 GB free; the life takes 4.1 MB"
    assert told["Backups"] == (
        "7; the newest of 4 March 2020 at 03:05 (4.0 MB). The last try failed: The disk is full."
    )


def test_the_verification_is_told() -> None:
    done = {"completed_at": at(4)}

    assert lines(verification={"is_running": True, "progress": 0.42})["Verified"] == "42 % so far"
    assert lines(verification=done)["Verified"] == "4 March at 04:05: all as it was stored"
    flawed = lines(verification={**done, "finding": "Turn 3 is damaged."})["Verified"]
    assert flawed == "4 March at 04:05: not all is as it was stored"
