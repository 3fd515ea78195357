"""`vega status`: what Vega is doing, in a few lines."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from vega.cli import screen
from vega.cli.client import Client
from vega.cli.turns import local_time

_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
#: As turns move through them.
_TIERS = ("full", "compressed", "archived")


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Show what Vega is doing."""
    client = Client()
    found = client.get("/api/status")
    if as_json:
        print(json.dumps(found))
        return
    print(screen.bold(f"Vega {found['version']} is running on {client.home}."))
    for name, text in _lines(found):
        print(f"  {name:<10}{screen.printable(text)}")


def _lines(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    model, queue, memory = found["model"], found["queue"], found["memory"]
    if model["reachable"]:
        rest = ", asleep until the next turn" if model.get("is_asleep") else ""
        where = f"{model['place']}, {model['context_tokens']:,} tokens{rest}"
        yield "Model", f"{model['name']} ({where})"
    else:
        yield "Model", f"none now: {model['reason']}"
    if model.get("offer"):
        yield "", model["offer"]["text"]
    yield "Waiting", f"{queue['waiting']} of at most {queue['limit']} prompts"
    yield "Life", _life(found["tiers"])
    archive = found["archive"]
    if archive["blocks"]:
        text, stored = _size(archive["text_bytes"]), _size(archive["stored_bytes"])
        yield "Archive", f"{text} of text in {stored}, {_count(archive['blocks'], 'block')}"
    own = f"{memory['process_mb']:.0f} MB"
    yield "Memory", f"{memory['pressure']}; Vega takes {own}. {memory['reason']}"
    if memory["activity"]:
        yield "", memory["activity"]
    yield "Cleanups", _cleanups(memory)
    disk = found["disk"]
    yield (
        "Disk",
        f"{_size(disk['free_bytes'])} free; the life takes {_size(disk['database_bytes'])}",
    )
    yield "Backups", _backups(found["backups"])
    yield "Verified", _verified(found["verification"])
    yield "Zone", found["timezone"]
    for sentence in found["attention"]:
        yield "Attention", sentence


def _life(tiers: Mapping[str, Any]) -> str:
    count, size = (sum(tier[what] for tier in tiers.values()) for what in ("turns", "bytes"))
    kinds = [f"{tiers[name]['turns']:,} {name}" for name in _TIERS if tiers[name]["turns"]]
    text = f"{_count(count, 'turn')}, {_size(size)} of text"
    return f"{text} ({', '.join(kinds)})" if kinds else text


def _cleanups(memory: Mapping[str, Any]) -> str:
    last = memory["last_cleanup"]
    if last is None:
        return "none was needed yet"
    moved = [f"{last[name]:,} {name}" for name in ("compressed", "archived") if last[name]]
    sizes = (
        (last["saved_bytes"], "of text saved"),
        (last["disk_bytes"], "of disk given back"),
        (last["memory_bytes"], "of RAM given back"),
    )
    done = [*moved, *(f"{_size(size)} {what}" for size, what in sizes if size > 0)]
    when = f"{memory['cleanup_count']:,}; the last on {_moment(last['ended_at'])} ({last['kind']})"
    return f"{when}: {', '.join(done)}" if done else when


def _backups(backups: Mapping[str, Any]) -> str:
    last = backups["last"]
    if last is None:
        text = "none yet"
    else:
        made = f"{_moment(last['created_at'])} ({_size(last['size_bytes'])})"
        text = f"{backups['count']:,}; the newest of {made}"
    if backups["error"]:
        text = f"{text}. The last try failed: {backups['error']}"
    return f"{text}{_elsewhere(backups['elsewhere'])}" if backups.get("elsewhere") else text


def _elsewhere(there: Mapping[str, Any]) -> str:
    """On the other disk."""
    if there["last_good_at"] is None:
        return f"; none yet in {there['folder']}"
    newest = _moment(there["last_good_at"])
    return f"; {there['count']:,} in {there['folder']}, the newest of {newest}"


def _verified(verification: Mapping[str, Any]) -> str:
    if verification["is_running"]:
        return f"{100 * verification['progress']:.0f} % so far"
    if verification["completed_at"] is None:
        return "not yet"
    is_well = verification["finding"] is None
    found = "all as it was stored" if is_well else "not all is as it was stored"
    return f"{_moment(verification['completed_at'])}: {found}"


def _moment(text: str) -> str:
    """By this machine's clocks; with the year where it is another one."""
    at = local_time(text)
    year = "" if at.year == datetime.now().astimezone().year else f" {at.year}"
    return f"{at.day} {at:%B}{year} at {at:%H:%M}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _size(size_bytes: int) -> str:
    for unit, name in _UNITS:
        if size_bytes >= unit:
            return f"{size_bytes / unit:.1f} {name}"
    return f"{size_bytes} bytes"
