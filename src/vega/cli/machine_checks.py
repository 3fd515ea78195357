"""What `vega doctor` looks at on this machine, whether Vega runs or not."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vega.cli.finding import Finding, State
from vega.cli.place import machine_zone
from vega.errors import ModelFileRefused

if TYPE_CHECKING:
    from vega.config import Settings

LIFE_FILE = "vega.db"
HEAD_FILE = "vega.head"
#: Below it something is about to go wrong; below the other one may wonder.
LEAST_FREE_MB, LITTLE_FREE_MB = 200, 1000
_MEGABYTE = 1_000_000
SERVICE = "vega-server"
COMMAND_SECONDS = 5.0
#: The SQLite header: https://www.sqlite.org/fileformat.html
HEADER_BYTES = 100
RESERVED_AT, APPLICATION_AT = 20, 68
#: Room for the checksum of each page.
RESERVED_BYTES = 8
#: No clock that is right shows an earlier time.
YEAR_OF_VEGA = 2026


def check_home(home: Path) -> Iterator[Finding]:
    """The folder, who may read it, and the room that it has."""
    try:
        state = home.stat()
    except OSError as exc:
        if isinstance(exc, FileNotFoundError):
            yield Finding("Home", "note", f"{home} is not there yet; `vega serve` makes it.")
        else:
            yield Finding("Home", "bad", f"{home}: {exc.strerror}.", "Choose another: VEGA_HOME.")
        return
    if not stat.S_ISDIR(state.st_mode) or not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        yield Finding(
            "Home", "bad", f"{home} is no folder that you can write to.", "Whose life is it?"
        )
    elif state.st_mode & 0o077:
        yield Finding("Home", "bad", f"Others can look into {home}.", f"chmod 700 {home}")
    else:
        yield Finding("Home", "ok", f"{home}, for you alone")
    free = shutil.disk_usage(home).free // _MEGABYTE
    found: State = "bad" if free < LEAST_FREE_MB else "note" if free < LITTLE_FREE_MB else "ok"
    hint = "" if found == "ok" else "Make room: a full disk keeps Vega from taking prompts."
    yield Finding("Disk", found, f"{free:,} MB free", hint)


def check_life(home: Path) -> Finding:
    """The file that holds the life: that it is there and looks like one."""
    from vega.core.life.sqlite import APPLICATION_ID

    path = home / LIFE_FILE
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
        size = path.stat().st_size
    except FileNotFoundError:
        if (home / HEAD_FILE).exists():
            hint = "`vega backup restore` brings one back; Vega begins no second life by itself."
            return Finding("Life", "bad", f"{path} is missing, and a life was begun here.", hint)
        return Finding("Life", "note", "None has begun here yet.")
    except OSError as exc:
        return Finding("Life", "bad", f"{path}: {exc.strerror}.", "Whose life is it?")
    is_life = (
        header.startswith(b"SQLite format 3\0")
        and header[RESERVED_AT] == RESERVED_BYTES
        and int.from_bytes(header[APPLICATION_AT : APPLICATION_AT + 4]) == APPLICATION_ID
    )
    if not is_life:
        hint = "Leave it as it is. `vega backup restore` brings one back, and keeps this file."
        return Finding("Life", "bad", f"{path} is no life of Vega's, or is damaged.", hint)
    return Finding("Life", "ok", f"{path}, {size / _MEGABYTE:,.1f} MB")


def check_model_files(settings: "Settings") -> Iterator[Finding]:
    """Each model file: that it is as long as it must be, and looks like one."""
    from vega.llm.catalogue import CATALOGUE
    from vega.llm.gguf_file import local_model

    folder = settings.models_folder
    sizes = {model.file_name: model.size_bytes for model in CATALOGUE}
    files = sorted(folder.glob("*.gguf")) if folder.is_dir() else []
    broken = 0
    for path in files:
        size = path.stat().st_size
        if path.name in sizes:
            trouble = "" if size == sizes[path.name] else f"{size:,} bytes of {sizes[path.name]:,}"
        else:
            try:
                local_model(path)
                trouble = ""
            except ModelFileRefused as exc:
                trouble = str(exc)
        if trouble:
            broken += 1
            hint = f"Delete {path}; what the catalogue knows is fetched again."
            yield Finding("Model file", "bad", f"{path.name}: {trouble}", hint)
    if not files:
        yield Finding("Model files", "note", f"None in {folder} yet.")
    elif not broken:
        yield Finding("Model files", "ok", f"{len(files)} in {folder}, all whole by their size")


def check_service() -> Finding:
    """The service of this machine, where there is one."""
    shown = _properties("show", SERVICE, "LoadState", "ActiveState", "UnitFileState", "NRestarts")
    if not shown or shown.get("LoadState") == "not-found":
        return Finding("Service", "note", "None is installed; setup_jarvis_mode.sh makes one.")
    state = f"{shown.get('ActiveState')}, {shown.get('UnitFileState')}"
    hint = f"systemctl status {SERVICE}"
    if shown.get("ActiveState") == "failed":
        return Finding("Service", "bad", f"{SERVICE}: {state}", hint)
    if shown.get("ActiveState") != "active":
        return Finding("Service", "note", f"{SERVICE}: {state}", hint)
    return Finding("Service", "ok", f"{SERVICE}: {state}, {shown.get('NRestarts')} restarts")


def check_clock(settings: "Settings", newest: datetime | None) -> Iterator[Finding]:
    """`newest`: when the last turn was said, where that is known."""
    now = datetime.now(UTC)
    if now.year < YEAR_OF_VEGA or (newest and newest > now):
        yield Finding("Clock", "bad", f"It shows {now:%Y-%m-%d %H:%M} UTC.", "Set the clock.")
    else:
        yield Finding("Clock", "ok", f"{now.astimezone():%Y-%m-%d %H:%M}")
    zone = machine_zone()
    if zone not in (None, settings.timezone):
        text = f"{settings.timezone} by the settings, {zone} on this machine"
        yield Finding("Zone", "note", text)
    else:
        yield Finding("Zone", "ok", settings.timezone)


def _properties(verb: str, unit: str, *names: str) -> dict[str, str]:
    """What systemd says of a unit; nothing where it does not run."""
    if not Path("/run/systemd/system").is_dir():
        return {}
    command = ["systemctl", verb, unit, *(f"--property={name}" for name in names)]
    try:
        shown = subprocess.run(
            command, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return dict(line.split("=", 1) for line in shown.stdout.splitlines() if "=" in line)
