"""A disk with a cache that a power cut takes away: what was done to it, and what may be left of it.

The model is stricter than any file system in use, so that whatever it forgives, all of them do:

- A write, or a cut of a file's length, is on the disk for certain once an `fsync` or `fdatasync` of
  that file that began after it has returned. Before, each of them is kept or lost by itself, in
  whatever order; of a write, each sector of 512 bytes by itself. What a lost write left free inside
  a longer file reads as zeros.
- That a name was made, given to another file or taken away is on the disk once the *folder* was
  synced. Before, each is kept or lost by itself; a rename is there or not, never in halves. Syncing
  a file says nothing of its name (ext4 and others do more).

- What a sync that *failed* was about is lost or kept for good, whatever is synced later: the system
  takes those pages for clean (https://lwn.net/Articles/752063/).

Not in it: sectors that are themselves damaged, or hold old bytes of another file; a disk that says
it has synced and has not; hard links. Whoever calls it leaves out what is no state at all:
`vega.db-shm`, which SQLite makes anew where the power was cut, and the ballast, which has no
content.
"""

import random
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple

SECTOR = 512
#: Of what a sync that failed was about, this part is on the disk all the same.
FAILED_KEPT = 0.5

Paths = dict[str, bytes | None]


class Op(NamedTuple):
    """One thing that was done to a file or a folder, by its path in the home folder."""

    #: write, cut, create, mkdir, unlink, rename; and of a sync `begin`, and `sync` or `failed`.
    kind: str
    path: str
    #: Of a write where it begins, of a cut how long the file is then; of a sync its number.
    at: int = 0
    data: bytes = b""
    #: What it is called after a rename.
    target: str = ""


@dataclass(slots=True)
class _File:
    """One file or folder, whatever it is called."""

    is_folder: bool = False
    #: What a sync has put on the disk, and what came since.
    synced: bytearray = field(default_factory=bytearray)
    waiting: list[Op] = field(default_factory=list)
    #: How many have come to the disk so far.
    done: int = 0


class _Naming(NamedTuple):
    """A change of names that may not be on the disk yet."""

    op: Op
    file: _File


@dataclass(frozen=True, slots=True)
class Chance:
    """How a cut treats what was not synced: what part of it is lost, what part of that in parts."""

    lost: float
    torn: float
    #: What came first is kept, up to some moment; nothing after it.
    is_in_order: bool = False


NOTHING_KEPT = Chance(1, 0)
ALL_KEPT = Chance(0, 0)
#: By turns.
CHANCES = (
    NOTHING_KEPT,
    ALL_KEPT,
    Chance(0.5, 0),
    Chance(0, 0, is_in_order=True),
    Chance(0.3, 0.4),
    Chance(0, 0.6),
    Chance(0.85, 0.1),
    Chance(0.1, 0.15),
)


class Disk:
    """The files of one home folder."""

    def __init__(self, paths: Paths | None = None, seed: int = 0) -> None:
        """With what is on the disk for certain; None stands for a folder. The seed says what is
        lost where a sync fails."""
        self._fate = random.Random(seed)
        self._names: dict[str, _File] = {}
        for path, content in (paths or {}).items():
            self._names[path] = _File(content is None, bytearray(content or b""))
        self._synced_names = dict(self._names)
        self._namings: list[_Naming] = []
        #: By the number of a sync: the file, and up to which operation on it that sync is about; or
        #: the names, by their folder.
        self._file_syncs: dict[int, tuple[_File, int]] = {}
        self._folder_syncs: dict[int, list[_Naming]] = {}

    def do(self, op: Op) -> None:
        """Raises KeyError for a file that is not there: the recording is not whole."""
        match op.kind:
            case "write" | "cut":
                self._names[op.path].waiting.append(op)
            case "create" | "mkdir":
                self._name(op, _File(op.kind == "mkdir"))
            case "unlink":
                self._name(op, self._names[op.path])
            case "rename":
                self._name(op, self._names[op.path])
            case "begin":
                self._begin_sync(op)
            case "sync":
                self._end_sync(op)
            case "failed":
                self._fail_sync(op)
            case other:
                raise ValueError(other)

    def length(self, path: str) -> int:
        """How long the file is by now, synced or not."""
        file = self._names[path]
        length = len(file.synced)
        for op in file.waiting:
            length = op.at if op.kind == "cut" else max(length, op.at + len(op.data))
        return length

    def has(self, path: str) -> bool:
        return path in self._names

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits to be synced."""
        return not self._namings and not any(each.waiting for each in self._names.values())

    def cut(self, chance: Chance, dice: random.Random) -> Paths:
        """What may be found after the power was cut now."""
        names = dict(self._synced_names)
        # An unlink that is lost brings back a file that may have been written to before.
        for kept in _kept(self._namings, chance, dice):
            _change(names, kept)
        found: Paths = {}
        built: dict[int, bytes] = {}
        for path in sorted(names):
            file = names[path]
            parent = str(PurePosixPath(path).parent)
            if parent != "." and parent not in found:
                continue
            if id(file) not in built:
                built[id(file)] = _content(file, chance, dice)
            found[path] = None if file.is_folder else built[id(file)]
        return found

    def _name(self, op: Op, file: _File) -> None:
        naming = _Naming(op, file)
        _change(self._names, naming)
        self._namings.append(naming)

    def _begin_sync(self, op: Op) -> None:
        file = self._names[op.path] if op.path else None
        if file is None or file.is_folder:
            self._folder_syncs[op.at] = [
                each for each in self._namings if op.path in _folders(each.op)
            ]
        else:
            self._file_syncs[op.at] = file, file.done + len(file.waiting)

    def _end_sync(self, op: Op) -> None:
        if op.at in self._file_syncs:
            file, until = self._file_syncs.pop(op.at)
            # Another thread's sync may have come first.
            count = max(0, until - file.done)
            for each in file.waiting[:count]:
                _do_to(file.synced, each)
            del file.waiting[:count]
            file.done += count
            return
        for naming in self._folder_syncs.pop(op.at):
            if any(naming is each for each in self._namings):
                _change(self._synced_names, naming)
                self._namings = [each for each in self._namings if each is not naming]

    def _fail_sync(self, op: Op) -> None:
        if op.at in self._folder_syncs:
            del self._folder_syncs[op.at]
            return
        file, until = self._file_syncs.pop(op.at)
        count = max(0, until - file.done)
        for each in file.waiting[:count]:
            if self._fate.random() < FAILED_KEPT:
                _do_to(file.synced, each)
        del file.waiting[:count]
        file.done += count


def _folders(op: Op) -> set[str]:
    parents = {str(PurePosixPath(path).parent) for path in (op.path, op.target) if path}
    return {"" if parent == "." else parent for parent in parents}


def _change(names: dict[str, _File], naming: _Naming) -> None:
    op, file = naming
    if op.kind in ("create", "mkdir"):
        names[op.path] = file
    elif op.kind == "unlink":
        if names.get(op.path) is file:
            del names[op.path]
    elif names.get(op.path) is file:
        names[op.target] = names.pop(op.path)


def _kept(namings: list[_Naming], chance: Chance, dice: random.Random) -> list[_Naming]:
    if chance.is_in_order:
        return namings[: dice.randint(0, len(namings))]
    return [each for each in namings if dice.random() >= chance.lost]


def _content(file: _File, chance: Chance, dice: random.Random) -> bytes:
    found = bytearray(file.synced)
    waiting = file.waiting
    if chance.is_in_order:
        waiting = waiting[: dice.randint(0, len(waiting))]
    for op in waiting:
        fate = dice.random()
        if fate < chance.lost:
            continue
        if fate < chance.lost + chance.torn and op.kind == "write":
            _tear(found, op, dice)
        else:
            _do_to(found, op)
    return bytes(found)


def _tear(found: bytearray, op: Op, dice: random.Random) -> None:
    """Some of its sectors alone, by where they are in the file."""
    start = op.at
    end = op.at + len(op.data)
    while start < end:
        until = min(end, (start // SECTOR + 1) * SECTOR)
        if dice.random() < 0.5:
            data = op.data[start - op.at : until - op.at]
            _do_to(found, op._replace(at=start, data=data))
        start = until


def _do_to(found: bytearray, op: Op) -> None:
    if op.kind == "cut":
        del found[op.at :]
        found.extend(bytes(op.at - len(found)))
        return
    if len(found) < op.at:
        found.extend(bytes(op.at - len(found)))
    found[op.at : op.at + len(op.data)] = op.data
