"""What strace saw of a server, as operations on its home folder and words on its sockets.

A call takes effect between its beginning and its end, and others may be seen in between. So a write
counts from its beginning, a sync from its end and for what had begun before it did, and what was
promised to a client from the beginning of the call that sends it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from torture.power_cut.disk import Op

WRITES = "write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile"
LENGTHS = "ftruncate,truncate,fallocate,lseek"
SYNCS = "fsync,fdatasync,sync_file_range,syncfs,sync,msync"
NAMES = (
    "open,openat,openat2,creat,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,"
    "symlinkat,mkdir,mkdirat,rmdir"
)
WORDS = "sendto,sendmsg,recvfrom"
CALLS = ",".join((WRITES, LENGTHS, SYNCS, NAMES, WORDS))
#: Of a file nobody may miss the content after a power cut.
LEFT_OUT = re.compile(r"(.*-shm|vega\.ballast|vega\.sock|vega\.pid)")

_LINE = re.compile(r"(\d+)\s+(?:<\.\.\. (\w+) resumed>)?(.*)", re.DOTALL)
_RESULT = re.compile(r"\)\s*= (-?\d+)(?:<[^>]*>)?(?: [A-Z(].*)?$")
_OPENED = re.compile(r"\)\s*= \d+<([^>]*)>")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_FILE = re.compile(r"(\d+)<([^>]*)>(\(deleted\))?")
_UNFINISHED = "<unfinished ...>"


class Word(NamedTuple):
    """What was said to a client, or by one."""

    is_told: bool
    data: bytes


class Unforeseen(Exception):
    """A call whose effect this recorder does not know: it must be taught."""


Step = Op | Word


@dataclass(slots=True)
class _Call:
    name: str
    text: str
    place: int


@dataclass(slots=True)
class Reader:
    """Reads the traces of one home folder, each process after the one before."""

    home: Path
    steps: list[Step | None] = field(default_factory=list)
    #: What is there by now, with how long it is; folders are None.
    _there: dict[str, int | None] = field(default_factory=dict)
    #: By file descriptor: where its next write begins; None where each goes to the end.
    _places: dict[str, int | None] = field(default_factory=dict)
    _syncs: int = 0

    def begin(self, lengths: dict[str, int | None]) -> None:
        """What is there before the first of them."""
        self._there = dict(lengths)

    def read(self, trace: Path) -> None:
        """Raises Unforeseen."""
        begun: dict[str, _Call] = {}
        self._places.clear()
        with trace.open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                self._take(line.rstrip("\n"), begun)

    @property
    def done(self) -> list[Step]:
        return [step for step in self.steps if step is not None]

    def _take(self, line: str, begun: dict[str, _Call]) -> None:
        match = _LINE.match(line)
        if match is None:
            return
        thread, resumed, text = match.groups()
        if resumed:
            call = begun.pop(thread, None)
            if call is None:
                return
            call.text += text
        else:
            call = _Call(text.partition("(")[0], text, len(self.steps))
            self.steps.append(None)
        if call.text.endswith(_UNFINISHED):
            call.text = call.text.removesuffix(_UNFINISHED).rstrip()
            begun[thread] = call
            self._begin(call)
            return
        if not resumed:
            self._begin(call)
        result = _RESULT.search(call.text)
        if result is None or int(result[1]) < 0:
            self._fail(call)
            return
        self._end(call, int(result[1]))

    def _begin(self, call: _Call) -> None:
        """What counts from its beginning, whatever comes of it."""
        if call.name in ("sendto", "sendmsg"):
            data = b"".join(_bytes(each) for each in _STRING.findall(call.text))
            self.steps[call.place] = Word(True, data)
        elif call.name in SYNCS.split(","):
            path = self._path_of(call)
            if path is not None:
                self._syncs += 1
                self.steps[call.place] = Op("begin", path, self._syncs)

    def _fail(self, call: _Call) -> None:
        begin = self.steps[call.place]
        if call.name in ("fsync", "fdatasync") and isinstance(begin, Op):
            self.steps.append(Op("failed", begin.path, begin.at))

    def _end(self, call: _Call, result: int) -> None:
        match call.name:
            case "recvfrom":
                data = b"".join(_bytes(each) for each in _STRING.findall(call.text))
                self.steps.append(Word(False, data))
            case "fsync" | "fdatasync":
                begin = self.steps[call.place]
                if isinstance(begin, Op):
                    self.steps.append(Op("sync", begin.path, begin.at))
            case "open" | "openat" | "creat":
                self._opened(call, result)
            case "write" | "pwrite64":
                self._written(call, result)
            case "lseek":
                file = _FILE.search(call.text)
                if file is not None and self._places.get(file[1], 0) is not None:
                    self._places[file[1]] = result
            case "ftruncate":
                path = self._path_of(call)
                if path is not None:
                    self._cut(call, path, int(call.text.rpartition(",")[2].split(")")[0]))
            case "unlink" | "unlinkat" | "rename" | "renameat" | "mkdir" | "mkdirat":
                self._named(call)
            case "sendto" | "sendmsg":
                pass
            case _:
                self._expect_elsewhere(call)

    def _opened(self, call: _Call, result: int) -> None:
        opened = _OPENED.search(call.text)
        path = self._inside(opened[1]) if opened else None
        self._places[str(result)] = None if "O_APPEND" in call.text else 0
        if path is None or "O_DIRECTORY" in call.text:
            return
        if path not in self._there:
            if "O_CREAT" not in call.text and call.name != "creat":
                # A folder that was opened to be synced, or a file that the model leaves out.
                return
            self._there[path] = 0
            self.steps[call.place] = Op("create", path)
        elif "O_TRUNC" in call.text or call.name == "creat":
            self._cut(call, path, 0)

    def _written(self, call: _Call, result: int) -> None:
        file = _FILE.search(call.text)
        path = self._path_of(call)
        strings = _STRING.findall(call.text)
        if file is not None and file[1] == "1" and path is None and strings:
            self.steps[call.place] = Word(True, _bytes(strings[0]))
        if path is None or file is None:
            return
        if strings[0][1]:
            raise Unforeseen(f"strace cut off what was written to {path}")
        data = _bytes(strings[0])[:result]
        length = self._there[path] or 0
        if call.name == "pwrite64":
            at = int(call.text.rpartition(")")[0].rpartition(",")[2])
        else:
            place = self._places.get(file[1], 0)
            at = length if place is None else place
            if place is not None:
                self._places[file[1]] = at + len(data)
        self.steps[call.place] = Op("write", path, at, data)
        self._there[path] = max(length, at + len(data))

    def _cut(self, call: _Call, path: str, length: int) -> None:
        self.steps[call.place] = Op("cut", path, length)
        self._there[path] = length

    def _named(self, call: _Call) -> None:
        paths = [self._inside(each) for each in _STRING.findall(call.text)]
        kind = call.name.removesuffix("at")
        # The home folder itself is there before the power is cut.
        if not any(paths):
            return
        if call.name in ("unlinkat", "renameat", "mkdirat") and "AT_FDCWD" not in call.text:
            raise Unforeseen(call.text)
        path, target = paths[0], paths[1] if len(paths) > 1 else ""
        if path is None or target is None:
            raise Unforeseen(f"{call.name} out of the home folder or into it")
        self.steps[call.place] = Op(kind, path, target=target)
        if kind == "mkdir":
            self._there[path] = None
            return
        length = self._there.pop(path)
        if target:
            self._there[target] = length

    def _expect_elsewhere(self, call: _Call) -> None:
        """Raises Unforeseen for a call that touches the home folder."""
        names = [each[1] for each in _FILE.findall(call.text)]
        inside = [self._inside(each) for each in (*names, *_STRING.findall(call.text))]
        if any(path for path in inside):
            raise Unforeseen(f"{call.name} of {inside}")

    def _path_of(self, call: _Call) -> str | None:
        """The file in the home folder that the call is about, by its descriptor."""
        file = _FILE.search(call.text)
        if file is None:
            return None
        path = self._inside(file[2])
        if path is not None and file[3]:
            raise Unforeseen(f"{call.name} of {path}, which is unlinked")
        return path

    def _inside(self, found: str | tuple[str, ...]) -> str | None:
        """By its whole path: that in the home folder, or None where it is not one that counts."""
        raw = _bytes((found,)) if isinstance(found, str) else _bytes(found)
        text = raw.decode(errors="replace")
        if text == str(self.home):
            return ""
        if not text.startswith(f"{self.home}/"):
            return None
        path = text.removeprefix(f"{self.home}/")
        return None if LEFT_OUT.fullmatch(path) else path


def _bytes(found: tuple[str, ...]) -> bytes:
    text = found[0]
    if not text.startswith("\\x"):
        return text.encode()
    return bytes.fromhex(text.replace("\\x", ""))
