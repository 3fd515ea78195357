"""What `vega doctor` looks at on this machine, whether Vega runs or not."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vega.cli.finding import Finding, State
from vega.cli.life_checks import HEAD_FILE, LIFE_FILE
from vega.cli.place import machine_zone
from vega.errors import ModelFileRefused

if TYPE_CHECKING:
    from vega.config import Settings

#: Below it something is about to go wrong; below the other one may wonder.
LEAST_FREE_MB, LITTLE_FREE_MB = 200, 1000
_MEGABYTE = 1_000_000
#: What the built-in models take together.
MODEL_MEMORY_MB = 500
#: In per cent: then most of what somebody waits for comes from the disk.
MUCH_SWAP = 50.0
NEVER_OVERCOMMIT = "2"
MODELS_FOLDER = "models"
#: What devices are to trust.
PUBLIC_CERTIFICATE = Path("tls", "vega-ca.crt")
ENGINE = "xllamacpp"
ENGINE_SECONDS = 30.0
#: No clock that is right shows an earlier time.
YEAR_OF_VEGA = 2026
#: A disk's clock, and the time between two looks.
CLOCK_SECONDS = 60.0
#: adjtimex(2): what it returns where nothing keeps the clock right, and a size that no kernel's
#: struct timex goes beyond.
CLOCK_UNKEPT, TIMEX_BYTES = 5, 512
#: Of the files of a home, so many are named.
NAMED_FILES = 3


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
    yield from _check_files(home, state.st_uid)
    usage = shutil.disk_usage(home)
    free = usage.free // _MEGABYTE
    found: State = "bad" if free < LEAST_FREE_MB else "note" if free < LITTLE_FREE_MB else "ok"
    hint = "" if found == "ok" else "Make room: a full disk keeps Vega from taking prompts."
    yield Finding("Disk", found, f"{free:,} MB free of {usage.total // _MEGABYTE:,} MB", hint)


def _check_files(home: Path, owner: int) -> Iterator[Finding]:
    """Each file and folder in there: whose it is, and who else may read or change it."""
    foreign, loose, unread, count = [], [], [], 0

    def note(exc: OSError) -> None:
        unread.append(Path(exc.filename or home))

    for folder, folders, files in os.walk(home, onerror=note):
        for name in (*folders, *files):
            path = Path(folder, name)
            try:
                state = path.lstat()
            except FileNotFoundError:
                # Vega works on.
                continue
            count += 1
            if state.st_uid != owner:
                foreign.append(path)
            elif not stat.S_ISLNK(state.st_mode) and state.st_mode & 0o077:
                # These are no secret, but nobody else may change them.
                within = path.relative_to(home)
                is_public = within.parts[0] == MODELS_FOLDER or within == PUBLIC_CERTIFICATE
                if not is_public or state.st_mode & 0o022:
                    loose.append(path)
    if foreign:
        hint = f"sudo chown -R --reference={home} {home}; run `vega` as the user that serves."
        yield Finding("Files", "bad", f"{_named(foreign, home)} of another user's.", hint)
    if unread:
        text = f"{_named(unread, home)} not to be looked into."
        yield Finding("Files", "bad", text, f"chmod -R u+rwX {home}")
    if loose:
        hint = f"chmod -R go-rwx {home}"
        text = f"{_named(loose, home)} open to others."
        yield Finding("Files", "bad", text, hint)
    if not foreign and not unread and not loose:
        yield Finding("Files", "ok", f"{count} in there, for their owner alone")


def _named(paths: list[Path], home: Path) -> str:
    """The first of them by name, and a verb."""
    names = ", ".join(str(path.relative_to(home)) for path in sorted(paths)[:NAMED_FILES])
    if len(paths) > NAMED_FILES:
        names += f" and {len(paths) - NAMED_FILES} more"
    return f"{names} {'is' if len(paths) == 1 else 'are'}"


def check_memory() -> Iterator[Finding]:
    """RAM and swap, and whether the kernel gives what is asked for."""
    # Imported here: most commands need none of it.
    import psutil

    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    free = memory.available // _MEGABYTE
    text = f"{free:,} MB of {memory.total // _MEGABYTE:,} MB to be had"
    rule = Path("/proc/sys/vm/overcommit_memory")
    if free < MODEL_MEMORY_MB:
        hint = f"The built-in models take {MODEL_MEMORY_MB} MB; Vega gives up theirs first."
        yield Finding("Memory", "note", text, hint)
    elif swap.total and swap.percent > MUCH_SWAP:
        text += f"; {swap.percent:.0f} % of the swap is in use"
        yield Finding("Memory", "note", text, "Answers may be slow: something else needs RAM.")
    elif rule.exists() and rule.read_text().strip() == NEVER_OVERCOMMIT:
        hint = "Loading a model may fail: vm.overcommit_memory=2 is for machines with much swap."
        yield Finding("Memory", "note", f"{text}; none beyond what there is", hint)
    else:
        yield Finding("Memory", "ok", text)


def check_engine() -> Finding:
    """The built-in models' engine: that it can be loaded, in a process of its own."""
    command = [sys.executable, "-c", f"import {ENGINE}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=ENGINE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        return Finding("Engine", "note", f"{ENGINE} could not be tried: {exc}.")
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        is_library = "libgomp" in reason
        hint = "On Debian: apt-get install libgomp1" if is_library else "Install Vega anew."
        return Finding("Engine", "bad", f"The built-in models cannot run: {reason}", hint)
    return Finding("Engine", "ok", f"{ENGINE} can be loaded")


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


def check_clock(settings: "Settings", newest: datetime | None) -> Iterator[Finding]:
    """`newest`: when the last turn was said, where that is known."""
    now = datetime.now(UTC)
    written = _last_written(settings.home)
    is_late = any(each and each > now for each in (newest, written))
    if now.year < YEAR_OF_VEGA or is_late:
        text = f"It shows {now:%Y-%m-%d %H:%M} UTC" + (", before what was last said." * is_late)
        hint = "Set the clock: `timedatectl set-ntp true`, or by hand."
        yield Finding("Clock", "bad", text, hint)
    elif _is_unkept():
        text = f"{now.astimezone():%Y-%m-%d %H:%M}, and nothing keeps it right."
        yield Finding("Clock", "note", text, "`timedatectl set-ntp true`")
    else:
        yield Finding("Clock", "ok", f"{now.astimezone():%Y-%m-%d %H:%M}")
    zone = machine_zone()
    if zone not in (None, settings.timezone):
        text = f"{settings.timezone} by the settings, {zone} on this machine"
        yield Finding("Zone", "note", text)
    else:
        yield Finding("Zone", "ok", settings.timezone)


def _last_written(home: Path) -> datetime | None:
    """When the life's files were written last, by the clock of that time, less what may pass."""
    times = []
    for name in (LIFE_FILE, f"{LIFE_FILE}-wal", HEAD_FILE):
        try:
            times.append((home / name).stat().st_mtime)
        except OSError:
            continue
    return datetime.fromtimestamp(max(times) - CLOCK_SECONDS, UTC) if times else None


def _is_unkept() -> bool:
    """Whether the kernel says that no time service sets its clock; no where it does not say."""
    if sys.platform != "linux":
        return False
    try:
        # All zeros: nothing is to be changed.
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return state == CLOCK_UNKEPT
