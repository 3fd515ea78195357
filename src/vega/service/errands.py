"""What an installed version does in a life's home for the installer, as the owner of the life.

`python -m vega.service.errands NAME …`; the answer is one line of JSON. `keep` and `go-back` are
run by systemd itself, between the end of one version and the start of another: clients wait at the
socket meanwhile, and nobody writes.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vega.config import SETTINGS_FILE, load_settings
from vega.core.backup import backup as one
from vega.core.db import DATABASE_NAME
from vega.core.life import sqlite
from vega.core.life.forgotten_file import ForgottenFile
from vega.core.sql import migrations
from vega.errors import BackupNotFound, VegaError
from vega.settings_file import write_setting

#: What is known of an upgrade on its way, and of the backups that the last one made.
NOTE = "upgrade.json"
#: Where the number of the last migration stands in the file's header.
HEADER_BYTES = 100
VERSION_AT = slice(60, 64)


def plan(home: Path) -> dict[str, Any]:
    """What the upgrade to this code would mean. What an earlier one left undone is forgotten."""
    write_note(home, {"made": read_note(home).get("made", [])})
    path = home / DATABASE_NAME
    return {
        "schema": schema_of(home),
        "schema_here": migrations()[-1][0],
        "bytes": path.stat().st_size if path.exists() else 0,
        "free": shutil.disk_usage(home).free,
    }


def keep(home: Path, old_vega: str) -> dict[str, Any]:
    """A backup of the life as the old version leaves it, made by that version, which knows it.

    Made once: a start that fails is tried again, and may have migrated by then.
    """
    note = read_note(home)
    if "backup" not in note and schema_of(home) not in (None, migrations()[-1][0]):
        words = (old_vega, "backup", "create", "--json")
        said = subprocess.run(words, stdout=subprocess.PIPE, check=True).stdout
        made = json.loads(said)
        note |= {"backup": made["name"], "turns": made["turns"]}
        write_note(home, note)
    return note


def go_back(home: Path, old_vega: str) -> dict[str, Any]:
    """The life as it was kept is the life again, unless a prompt was accepted since, which counts
    more. What it was meanwhile is kept as well, as whatever a backup replaces."""
    note = read_note(home)
    if "backup" not in note or "outcome" in note:
        return note
    if turns_now(home) > note["turns"]:
        note["outcome"] = "newer"
    else:
        forgotten = ForgottenFile(home).path
        text = forgotten.read_bytes() if forgotten.exists() else None
        words = (old_vega, "backup", "restore", "--yes", note["backup"])
        subprocess.run(words, stdin=subprocess.DEVNULL, check=True)
        if text is not None:
            # It is the same life, so what was forgotten stays forgotten.
            forgotten.write_bytes(text)
        note["outcome"] = "back"
    write_note(home, note)
    return note


def end(home: Path, outcome: str, *made: str) -> dict[str, Any]:
    """The upgrade is over. Of the backups that upgrades made, those of the last one stay, and of
    what was tried in vain since ("failed")."""
    note = read_note(home)
    earlier = note.get("made", [])
    names = [*made, *([note["backup"]] if "backup" in note else [])]
    if outcome == "failed" or not names:
        names = [*earlier, *names]
    for name in set(earlier) - set(names):
        with contextlib.suppress(BackupNotFound):
            path = one.backup_path(home, name)
            path.unlink()
            one.manifest_path(path).unlink(missing_ok=True)
    write_note(home, {"made": names})
    return {}


def doors(home: Path, *words: str) -> dict[str, Any]:
    """Sets `name=port` in vega.toml, or takes a name out; the answer is what was there before."""
    path = home / SETTINGS_FILE
    # What is there must be right, or the next start fails for it.
    before = load_settings().model_dump(include={"port", "page_port"}, exclude_unset=True)
    for word in words:
        name, _, port = word.partition("=")
        write_setting(path, name, int(port or 0))
    load_settings()
    return {name: before.get(name, 0) for name in ("port", "page_port")}


ERRANDS: dict[str, Callable[..., dict[str, Any]]] = {
    "plan": plan,
    "keep": keep,
    "note": lambda home: read_note(home),
    "go-back": go_back,
    "end": end,
    "doors": doors,
}
#: What these write would stand in the journal.
BY_SYSTEMD = ("keep", "go-back")


def schema_of(home: Path) -> int | None:
    """The schema's number in the file itself; None where there is no life yet.

    What still stands in the write-ahead log is not seen: it can only be newer, and a life that
    seems older than it is gets one backup more.
    """
    try:
        with (home / DATABASE_NAME).open("rb") as file:
            header = file.read(HEADER_BYTES)
    except FileNotFoundError:
        return None
    return int.from_bytes(header[VERSION_AT]) if len(header) == HEADER_BYTES else None


def turns_now(home: Path) -> int:
    """How many turns the life has. None can have come to one that is migrated half, or that the
    version which failed has damaged."""
    try:
        life = sqlite.connect(home / DATABASE_NAME, read_only=True)
        with contextlib.closing(life), sqlite.translated_errors():
            return one.count_turns(life)
    except VegaError as exc:
        print(exc, file=sys.stderr)  # noqa: T201 - for the journal
        return 0


def read_note(home: Path) -> dict[str, Any]:
    """What is known of an upgrade on its way; nothing where none ever was."""
    try:
        found: dict[str, Any] = json.loads((home / NOTE).read_text())
    except FileNotFoundError:
        return {}
    return found


def write_note(home: Path, note: dict[str, Any]) -> None:
    """Whole or not at all, and on the disk."""
    part = home / f".{NOTE}.part"
    with part.open("w") as file:
        json.dump(note, file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(home / NOTE)


def main() -> int:
    os.umask(0o077)
    name, *words = sys.argv[1:]
    try:
        answer = ERRANDS[name](Path(os.environ["VEGA_HOME"]), *words)
    except (VegaError, OSError, subprocess.CalledProcessError) as exc:
        print(exc, file=sys.stderr)  # noqa: T201 - for the installer, or the journal
        return 1
    if name not in BY_SYSTEMD:
        print(json.dumps(answer))  # noqa: T201 - for the installer
    return 0


if __name__ == "__main__":
    sys.exit(main())
