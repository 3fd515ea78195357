"""Copies backups to a folder on another disk: a process of its own, since a disk that hangs holds
whoever reads or writes it, and nothing ends that.

    python -m vega.core.backup.sending     is told what to do by a line of JSON, and says how far it
                                           is, and at last how it ended, by lines of JSON

Everything there is done by the open folder: no link is followed, and a disk that goes away takes
the folder with it, instead of leaving one on the disk below.
"""

import contextlib
import errno
import hashlib
import json
import os
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from vega.core.backup.retention import kept_backups

#: In the folder: whose backups these are, so that no other folder is taken for it.
MARK = "vega-backups"
#: Left free there.
SPARE_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
TOLD_BYTES = 8 * 1024 * 1024

_PART = ".part"
_NAME = re.compile(r"vega-\d{8}T\d{6}Z(-\d+)?\.db", re.ASCII)
_REASONS: Mapping[int, str] = {
    errno.ENOENT: "It is not there: is the disk mounted?",
    errno.ENODEV: "The disk is gone.",
    errno.ENOTDIR: "It is no folder, or a link to one.",
    errno.ELOOP: "It is a link; no link is followed.",
    errno.ENOSPC: "The disk is full.",
    errno.EDQUOT: "The disk is full.",
    errno.EROFS: "The disk can only be read, or the service may not write there.",
    errno.EACCES: "Vega may not write there.",
    errno.EPERM: "Vega may not write there.",
    errno.EIO: "The disk fails.",
}


class Refused(Exception):
    """Why nothing is written there, in a sentence."""


def main() -> None:
    request = json.loads(sys.stdin.readline())
    try:
        found = send(request)
    except Refused as exc:
        _tell(error=str(exc))
    except OSError as exc:
        _tell(error=_REASONS.get(exc.errno or 0, f"{os.strerror(exc.errno or 0)}."))
    else:
        _tell(**found)


def send(request: Mapping[str, Any]) -> dict[str, Any]:
    """How many backups are there now, and when the newest was made.

    `names` are those to be copied, of the folder `source`; `life` whose they are; `is_known`
    whether the folder was used before; `zone` and `made` are for the rule by which old ones go.
    """
    target = os.open(request["target"], os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _check_mark(target, request)
        _remove_leftovers(target)
        source = Path(request["source"])
        for name in request["names"]:
            if not _is_there(target, name):
                _copy(source / name, target, name)
        manifests = _manifests(target)
        dropped = _drop_old(target, manifests, request)
        times = [each["created_at"] for name, each in manifests.items() if name not in dropped]
        return {"count": len(times), "newest": max(times, default=None)}
    finally:
        os.close(target)


def _check_mark(target: int, request: Mapping[str, Any]) -> None:
    mark = _read(target, MARK)
    if mark is None or not mark.strip():
        if mark is None and request["is_known"]:
            raise Refused(
                f"The file {MARK} is not in it, so that it is not the folder that it was: is the "
                "disk mounted? Where it is a new one, make an empty file of that name in it."
            )
        if mark is not None:
            os.unlink(MARK, dir_fd=target)
        _write(target, MARK, f"{request['life']}\n".encode())
        os.fsync(target)
    elif mark.decode(errors="replace").strip() != request["life"]:
        raise Refused("It holds the backups of another life: choose a folder of its own.")


def _copy(source: Path, target: int, name: str) -> None:
    """Verified and on the disk before it has its name; its manifest comes first."""
    manifest = source.with_suffix(".json").read_bytes()
    wanted = json.loads(manifest)
    room = os.fstatvfs(target)
    if room.f_bavail * room.f_frsize < wanted["size_bytes"] + SPARE_BYTES:
        raise Refused("The disk is full.")
    part = name + _PART
    json_name = Path(name).with_suffix(".json").name
    try:
        opened = _create(target, part)
        with source.open("rb") as origin, os.fdopen(opened, "wb") as copy:
            done = 0
            while chunk := origin.read(CHUNK_BYTES):
                copy.write(chunk)
                done += len(chunk)
                if done % TOLD_BYTES < CHUNK_BYTES:
                    copy.flush()
                    os.fsync(copy.fileno())
                    _tell(bytes=done)
            copy.flush()
            os.fsync(copy.fileno())
            # What is read again comes from the disk, and not out of what was just written.
            os.posix_fadvise(copy.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        if _digest(target, part) != wanted["sha256"]:
            raise Refused("What was written there reads back as something else: the disk fails.")
        _write(target, json_name + _PART, manifest)
        for each in (json_name, name):
            os.rename(each + _PART, each, src_dir_fd=target, dst_dir_fd=target)
            os.fsync(target)
    except BaseException:
        with contextlib.suppress(OSError):
            _remove_leftovers(target)
        raise


def _digest(target: int, name: str) -> str:
    found = hashlib.sha256()
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=target), "rb") as file:
        done = 0
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
            done += len(chunk)
            if done % TOLD_BYTES < CHUNK_BYTES:
                _tell(bytes=done)
    return found.hexdigest()


def _manifests(target: int) -> dict[str, dict[str, Any]]:
    """Of every backup that is there, by its name."""
    found = {}
    for name in os.listdir(target):
        data = (
            _read(target, Path(name).with_suffix(".json").name) if _NAME.fullmatch(name) else None
        )
        with contextlib.suppress(ValueError, LookupError, TypeError):
            shown = json.loads(data or b"")
            datetime.fromisoformat(shown["created_at"])
            found[name] = shown
    return found


def _drop_old(
    target: int, manifests: Mapping[str, Mapping[str, Any]], request: Mapping[str, Any]
) -> set[str]:
    """The same rule as at home, over what is here."""
    nightly = {
        name: datetime.fromisoformat(each["created_at"])
        for name, each in manifests.items()
        if each.get("kind") == request["nightly"]
    }
    unwanted = nightly.keys() - kept_backups(nightly, request["zone"]) - set(request["names"])
    for name in unwanted:
        os.unlink(name, dir_fd=target)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(Path(name).with_suffix(".json").name, dir_fd=target)
    if unwanted:
        os.fsync(target)
    return set(unwanted)


def _remove_leftovers(target: int) -> None:
    """Of copies that were never finished."""
    names = set(os.listdir(target))
    for name in names:
        stem, _, rest = name.partition(".")
        is_part = rest in (f"db{_PART}", f"json{_PART}")
        is_alone = rest == "json" and f"{stem}.db" not in names
        if _NAME.fullmatch(f"{stem}.db") and (is_part or is_alone):
            os.unlink(name, dir_fd=target)


def _is_there(target: int, name: str) -> bool:
    json_name = Path(name).with_suffix(".json").name
    data = _read(target, json_name)
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        found = os.stat(name, dir_fd=target, follow_symlinks=False)
        return bool(found.st_size == json.loads(data or b"")["size_bytes"])
    return False


def _read(target: int, name: str) -> bytes | None:
    """A small file; None where there is none."""
    try:
        opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=target)
    except FileNotFoundError:
        return None
    with os.fdopen(opened, "rb") as file:
        return file.read(CHUNK_BYTES)


def _write(target: int, name: str, data: bytes) -> None:
    with os.fdopen(_create(target, name), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _create(target: int, name: str) -> int:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    return os.open(name, flags, 0o600, dir_fd=target)


def _tell(**line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
