"""What `vega doctor` looks at in the files of the life and its backups, whether Vega runs or not.

It reads them as bytes and never through SQLite, which could fold in or roll back what is another
process's to write. Nor is a file opened that this process has open as a database: closing any
descriptor of it would take SQLite's locks away (fcntl(2)).
"""

import json
import os
import random
import struct
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from vega.cli.finding import Finding

LIFE_FILE = "vega.db"
HEAD_FILE = "vega.head"
BACKUPS_FOLDER = "backups"
#: The SQLite header: https://www.sqlite.org/fileformat.html
HEADER_BYTES = 100
PAGE_SIZE_AT, RESERVED_AT, APPLICATION_AT = 16, 20, 68
MAGIC = b"SQLite format 3\0"
#: Room for the checksum of each page.
RESERVED_BYTES = 8
SMALLEST_PAGE = 512
#: In a file of more than a gigabyte one page is never written.
LOCK_BYTE = 0x4000_0000
#: How many pages are looked at; `vega verify` reads them all.
TRIED_PAGES = 500
#: A page that is just being written is read again after so long.
TRIES, PAUSE_SECONDS = 5, 0.2
#: A night may fail, as when the machine was off.
BACKUP_AGE = timedelta(days=2, hours=12)
DISK_SECONDS = 10.0
_MEGABYTE = 1_000_000
_LEAVE_IT = "Leave it as it is. `vega backup restore` brings one back, and keeps this file."


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
        header.startswith(MAGIC)
        and header[RESERVED_AT] == RESERVED_BYTES
        and int.from_bytes(header[APPLICATION_AT : APPLICATION_AT + 4]) == APPLICATION_ID
    )
    if not is_life:
        text = f"{path} is no life of Vega's, or is damaged."
        return Finding("Life", "bad", text, _LEAVE_IT)
    return Finding("Life", "ok", f"{path}, {size / _MEGABYTE:,.1f} MB")


def check_pages(home: Path) -> Iterator[Finding]:
    """Some of the pages: that each carries its checksum, and that it is right."""
    try:
        file = os.open(home / LIFE_FILE, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # That the file is missing was said.
        return
    try:
        header = os.pread(file, HEADER_BYTES, 0)
        size = _page_bytes(header)
        count = os.fstat(file).st_size // size if size else 0
        if not header.startswith(MAGIC) or not count:
            return
        numbers = {0, *random.sample(range(count), min(count, TRIED_PAGES))}
        bad = [number + 1 for number in sorted(numbers) if not _is_whole(file, number, size)]
    finally:
        os.close(file)
    if bad:
        shown = ", ".join(map(str, bad[:10]))
        text = f"{len(bad)} of {len(numbers)} pages that were tried are damaged: {shown}."
        hint = "`vega verify` says which turns are hurt, `vega doctor --repair` mends what can be."
        yield Finding("Checksums", "bad", text, hint)
    else:
        yield Finding("Checksums", "ok", f"on, and right on {len(numbers)} of {count:,} pages")


def _page_bytes(header: bytes) -> int:
    """0 where what stands there is no size of pages."""
    size = int.from_bytes(header[PAGE_SIZE_AT : PAGE_SIZE_AT + 2])
    size = 65536 if size == 1 else size
    return size if size >= SMALLEST_PAGE and not size & (size - 1) else 0


def _is_whole(file: int, number: int, size: int) -> bool:
    """Tried again where it is wrong: Vega may just be folding its log in."""
    # Imported here: it brings numpy, which other commands do without.
    from vega.core.life.checksums import fold

    if number == LOCK_BYTE // size:
        return True
    for attempt in range(TRIES):
        page = os.pread(file, size, number * size)
        stored = struct.unpack("<II", page[-RESERVED_BYTES:])
        if stored == fold(page[:-RESERVED_BYTES]):
            return True
        if attempt + 1 < TRIES:
            time.sleep(PAUSE_SECONDS)
    return False


def check_driver() -> Finding:
    """The SQLite that would read the life, tried on a file of its own."""
    from vega.core.life.self_test import look_at_driver

    try:
        driver = look_at_driver()
    except OSError as exc:
        hint = "Make room there, or name another folder: TMPDIR."
        return Finding("SQLite", "note", f"It could not be tried: {exc}.", hint)
    if driver.troubles:
        text = f"SQLite {driver.version}: {'; '.join(driver.troubles)}."
        return Finding("SQLite", "bad", text, "Install Vega anew, with the apsw of its lock file.")
    return Finding("SQLite", "ok", f"{driver.version}, and it refuses a damaged page")


def check_backups(home: Path) -> Finding:
    """The newest backup: that there is one, whole by its size, and of late."""
    try:
        made = sorted(_backups(home / BACKUPS_FOLDER), reverse=True)
    except OSError as exc:
        text = f"{home / BACKUPS_FOLDER}: {exc.strerror}."
        return Finding("Backups", "bad", text, "Whose life is it?")
    if not made:
        if not (home / LIFE_FILE).exists():
            return Finding("Backups", "note", "None yet.")
        is_new = datetime.now(UTC) - _begun(home) < BACKUP_AGE
        hint = "`vega backup create` makes one now; each night makes one."
        return Finding("Backups", "note" if is_new else "bad", "There is none.", hint)
    at, name, is_whole = made[0]
    age = datetime.now(UTC) - at
    text = f"{len(made)}, the newest of {at.astimezone():%Y-%m-%d %H:%M}"
    if not is_whole:
        hint = "`vega backup create` makes another; `vega backup verify` tries one."
        return Finding("Backups", "bad", f"{name} is not as long as it was made.", hint)
    if age > BACKUP_AGE:
        hint = "`vega backup create` says what keeps it from being made."
        return Finding("Backups", "bad", f"{text}: none was made since.", hint)
    return Finding("Backups", "ok", text)


def check_second_place(home: Path, folder: Path | None) -> Finding:
    """The copies of the backups on another disk, if there are to be any."""
    if folder is None:
        hint = "backup_folder in vega.toml names a folder on another disk; docs/backups.md."
        text = "All backups are on the life's own disk, and would be lost with it."
        return Finding("Second copy", "note", text, hint)
    found: list[Finding] = []
    # A disk that hangs holds up whoever asks it anything, and cannot be told to let go.
    looking = threading.Thread(target=lambda: found.append(_look_there(home, folder)), daemon=True)
    looking.start()
    looking.join(DISK_SECONDS)
    hint = "Is its disk there, and mounted?"
    return found[0] if found else Finding("Second copy", "bad", f"{folder} hangs.", hint)


def _look_there(home: Path, folder: Path) -> Finding:
    try:
        device = folder.stat().st_dev
        copies = sorted(_backups(folder), reverse=True)
        is_apart = device != home.stat().st_dev
    except OSError as exc:
        hint = "Is its disk there, and mounted?"
        return Finding("Second copy", "bad", f"{folder}: {exc.strerror}.", hint)
    hint = "`vega backup create` says what keeps it from being copied there."
    if not copies:
        return Finding("Second copy", "bad", f"There is none in {folder}.", hint)
    at, name, is_whole = copies[0]
    text = f"{len(copies)} in {folder}, the newest of {at.astimezone():%Y-%m-%d %H:%M}"
    if not is_whole:
        text = f"{folder / name} is not as long as it was made."
        return Finding("Second copy", "bad", text, hint)
    if datetime.now(UTC) - at > BACKUP_AGE:
        return Finding("Second copy", "bad", f"{text}: none was made since.", hint)
    if not is_apart:
        text = f"{folder} is on the life's own disk, and would be lost with it."
        return Finding("Second copy", "note", text, "Name a folder on another disk.")
    return Finding("Second copy", "ok", text)


def check_log(home: Path) -> Iterator[Finding]:
    """What was committed and not yet folded in; while nobody has the life open."""
    from vega.core.db import look_at_log
    from vega.errors import LogDamaged

    try:
        said = look_at_log(home)
    except LogDamaged as exc:
        hint = "`vega doctor --repair` keeps what can be kept."
        yield Finding("Log", "bad", str(exc), hint)
    except OSError as exc:
        yield Finding("Log", "bad", f"{exc.filename}: {exc.strerror}.", "Whose life is it?")
    else:
        if said:
            yield Finding("Log", "note", said)


def _begun(home: Path) -> datetime:
    """About when the life began: as old as the oldest of its files."""
    oldest = min(path.stat().st_mtime for path in (home, *home.iterdir()))
    return datetime.fromtimestamp(oldest, UTC)


def _backups(folder: Path) -> Iterator[tuple[datetime, str, bool]]:
    """When each was made, its name, and whether it is as long as its manifest says."""
    for manifest in folder.glob("vega-*.json"):
        path = manifest.with_suffix(".db")
        try:
            said = json.loads(manifest.read_text(encoding="utf-8"))
            at = datetime.fromisoformat(said["created_at"])
            size = int(said["size_bytes"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if path.exists():
            yield at, path.name, path.stat().st_size == size
