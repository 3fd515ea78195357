"""A fault in a running server's system calls, from one moment to another: strace puts it there.

The server is the real one, started without strace; whatever else it does goes on untouched.
"""

import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

INJECTED = "(INJECTED)"
KILLED = "killed by SIGKILL"


class Fault(NamedTuple):
    """What happens to which calls, on which files."""

    name: str
    #: strace's names, joined by commas.
    calls: str
    #: As strace wants it: `error=EIO`, `signal=KILL`.
    effect: str

    def option(self, when: str) -> tuple[str, ...]:
        return ("-e", f"trace={self.calls}", "-e", f"inject={self.calls}:{self.effect}:when={when}")


SYNC_FAILS = Fault("fsync: EIO", "fsync,fdatasync", "error=EIO")
WRITE_FAILS = Fault("write: EIO", "write,pwrite64", "error=EIO")
DISK_IS_FULL = Fault("write: ENOSPC", "write,pwrite64,fallocate", "error=ENOSPC")
KILLED_AT_WRITE = Fault("write: KILL", "write,pwrite64", "signal=KILL")
KILLED_AT_SYNC = Fault("fsync: KILL", "fsync,fdatasync", "signal=KILL")
NAMES = "open,openat,rename,unlink,mkdir,ftruncate"
NAME_FAILS = Fault("open, rename, unlink: EIO", NAMES, "error=EIO")


class Injection:
    """From entering to leaving, the fault is there; `is_hit` says whether it was met."""

    def __init__(self, pid: int, fault: Fault, when: str, files: Sequence[Path]) -> None:
        self._output = tempfile.NamedTemporaryFile(prefix="vega-faults-")  # noqa: SIM115
        paths = [word for file in files for word in ("-P", str(file))]
        options = ["-f", "-p", str(pid), *paths, *fault.option(when), "-o", self._output.name]
        self._command = ["strace", *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.is_hit = False

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stderr=subprocess.PIPE)
        assert self._process.stderr is not None
        # It says so once it has each thread.
        line = self._process.stderr.readline()
        if b"attached" not in line:
            raise RuntimeError(f"strace: {line.decode()}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self._process.communicate()
        found = Path(self._output.name).read_text(errors="replace")
        self.is_hit = INJECTED in found or KILLED in found
        self._output.close()
