"""systemd, asked and told by its own command: that of the machine, or that of one user."""

import os
import re
import subprocess
from collections.abc import Mapping

from vega.service.instance import runtime_folder
from vega.service.saying import StepFailed


class Systemctl:
    """Of the machine, or of the user who asks."""

    def __init__(self, *, is_users: bool) -> None:
        self.is_users = is_users
        self._kind = ("--user",) if is_users else ()

    def do(self, *words: str) -> None:
        """Raises StepFailed with what it says."""
        done = self._run("systemctl", *self._kind, *words)
        if done.returncode:
            said = (done.stderr or done.stdout).strip()
            raise StepFailed(f"systemctl {' '.join(words)}: {said or done.returncode}")

    def ask(self, *words: str) -> bool:
        """Whether it says yes."""
        return self._run("systemctl", *self._kind, *words).returncode == 0

    def is_active(self, unit: str) -> bool:
        return self.ask("is-active", "--quiet", unit)

    def is_enabled(self, unit: str) -> bool:
        return self.ask("is-enabled", "--quiet", unit)

    def show(self, unit: str, *properties: str) -> Mapping[str, str]:
        """By property; one that is not known is empty."""
        wanted = [f"--property={name}" for name in properties]
        said = self._run("systemctl", *self._kind, "show", unit, *wanted).stdout
        found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        return {name: found.get(name, "") for name in properties}

    def version(self) -> int:
        said = self._run("systemctl", "--version").stdout
        match = re.match(r"systemd (\d+)", said)
        return int(match[1]) if match else 0

    def last_lines(self, unit: str, count: int) -> str:
        """The end of its log, or why there is none."""
        words = (*self._kind, f"--unit={unit}", f"--lines={count}", "--no-pager", "--output=cat")
        done = self._run("journalctl", *words)
        return (done.stdout or done.stderr).rstrip()

    def log_command(self, unit: str, *words: str) -> list[str]:
        """What shows its log in the terminal."""
        return ["journalctl", *self._kind, "--unit", unit, *words]

    def environment(self) -> dict[str, str]:
        """With the way to the user's own systemd, of which a shell got by `su` knows nothing."""
        if not self.is_users:
            return dict(os.environ)
        return {**os.environ, "XDG_RUNTIME_DIR": str(runtime_folder())}

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
        except FileNotFoundError:
            return subprocess.CompletedProcess(command, 127, "", f"There is no {command[0]}.")
