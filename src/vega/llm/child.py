"""Children that never outlive their parent: pip, the conversion of a model, the model host.

`start` runs a module in a new Python process; there this module is the main one and prepares the
process before it becomes that module. Heavy libraries are only ever loaded in such children.
"""

import asyncio
import ctypes
import os
import runpy
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping

#: From Linux's sys/prctl.h.
PR_SET_PDEATHSIG = 1


async def start(
    module: str,
    *arguments: str,
    stdin: int = DEVNULL,
    stdout: int = DEVNULL,
    stderr: int = DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> Process:
    """`python -m module arguments…` as a child of this process.

    Call it from the main thread: Linux ends the child with the thread that started it.
    """
    return await asyncio.create_subprocess_exec(
        sys.executable,
        # Without the current folder on the path: a file that lies there is no module of ours.
        *("-P", "-m", __name__, str(os.getpid()), module, *arguments),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        env={**_inherited(), **(environment or {})},
    )


def _inherited() -> dict[str, str]:
    """The environment without Vega's own settings: among them are keys, and no child needs any."""
    return {name: text for name, text in os.environ.items() if not name.startswith("VEGA_")}


async def end(process: Process, patience_seconds: float = 0.0) -> None:
    """End the child: by the end of its input, and after the patience by SIGKILL."""
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        try:
            await asyncio.wait_for(process.wait(), patience_seconds)
        except TimeoutError:
            kill(process)
    await process.wait()


def kill(process: Process) -> None:
    """SIGKILL, unless it is gone already."""
    if process.returncode is None:
        process.kill()


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have died before the line above.
    if os.getppid() != parent:
        sys.exit(1)


def _main() -> None:
    _, parent, module, *arguments = sys.argv
    _die_with(int(parent))
    # Ctrl-C in a terminal, and systemd's SIGTERM, go to the whole group; it is the parent that
    # ends its children.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _main()
