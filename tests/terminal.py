"""A terminal for tests: a real pty with a program in it, and the screen that a person would see.

The screen understands what Vega itself writes (colours, cursor up, erase below) and no more: it is
for `vega ask` and the answers of `vega chat`, not for a line editor's cursor.
"""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.vega_process import VegaProcess, wait_until

VEGA = (sys.executable, "-m", "vega.cli")
PATIENCE_SECONDS = 60.0
_CONTROL = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])")


def environment(home: Path, **variables: str) -> dict[str, str]:
    """The environment of a command for the Vega on that home; nothing of ours leaks into it."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    return {
        **kept,
        "HOME": str(home.parent),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "VEGA_HOME": str(home),
        # Nobody at the other end answers where the cursor is.
        "PROMPT_TOOLKIT_NO_CPR": "1",
        **variables,
    }


def run_command(
    home: Path, *words: str, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A `vega` command that has ended, without a terminal; whatever it says, it is no traceback."""
    done = subprocess.run(
        [*VEGA, *words],
        stdin=subprocess.DEVNULL,
        env=environment(home, **(variables or {})),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def settings_of(vega: VegaProcess) -> dict[str, str]:
    """The settings of that Vega, as its owner's shell has them."""
    return {name: text for name, text in vega.settings.items() if name != "VEGA_HOME"}


class Terminal:
    """A pty with a `vega` command in it."""

    def __init__(
        self,
        home: Path,
        *words: str,
        columns: int = 80,
        rows: int = 24,
        command: Sequence[str] = VEGA,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self._leader, follower = pty.openpty()
        self._columns = columns
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(follower, termios.TIOCSWINSZ, size)
        self._output = b""
        self.process = subprocess.Popen(
            [*command, *words],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env=environment(home, **(variables or {})),
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(follower)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join()
        os.close(self._leader)

    def type(self, text: str) -> None:
        os.write(self._leader, text.encode())

    def press(self, *keys: str) -> None:
        """As `C-c`, `C-d`, `Enter`, `M-Enter`."""
        codes = {"C-c": "\x03", "C-d": "\x04", "Enter": "\r", "M-Enter": "\x1b\r", "Up": "\x1b[A"}
        for key in keys:
            self.type(codes[key])

    @property
    def output(self) -> str:
        """Every byte that was written."""
        return self._output.decode(errors="replace")

    @property
    def text(self) -> str:
        """What was written, without colours and cursor movements."""
        return _CONTROL.sub("", self.output).replace("\r", "")

    @property
    def screen(self) -> list[str]:
        """The lines that stand there now, those that scrolled away included."""
        return screen_lines(self.output, self._columns)

    def wait_for(self, text: str, count: int = 1) -> None:
        """Until that was written so many times."""
        try:
            wait_until(lambda: self.text.count(text) >= count, PATIENCE_SECONDS)
        except TimeoutError:
            raise AssertionError(f"{text!r} is not there {count} times:\n{self.output!r}") from None

    def wait(self) -> int:
        """The exit code."""
        code = self.process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        return code

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._leader, 65536)
            except OSError:
                # The last one who could write has gone.
                return
            if not data:
                return
            self._output += data


def _take_terminal() -> None:
    # So that Ctrl-C in it becomes a signal.
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def screen_lines(output: str, columns: int) -> list[str]:
    """What stands on the screen after that was written."""
    lines = [""]
    row = column = position = 0
    while position < len(output):
        control = _CONTROL.match(output, position)
        if control:
            position = control.end()
            amount = int(control[1]) if control[1].isdigit() else 0
            if control[2] == "A":
                row -= max(1, amount)
            elif control[2] == "J":
                lines[row] = lines[row][:column]
                del lines[row + 1 :]
            elif control[2] != "m":
                raise AssertionError(f"{control[0]!r} is more than this screen understands")
            continue
        letter = output[position]
        position += 1
        if letter == "\r":
            column = 0
        elif letter == "\n":
            row += 1
        else:
            if column == columns:
                row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
            line = lines[row].ljust(column)
            lines[row] = line[:column] + letter + line[column + 1 :]
            column += 1
        lines += [""] * (row + 1 - len(lines))
    return [line.rstrip() for line in lines]
