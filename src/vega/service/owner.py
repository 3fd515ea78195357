"""Programs that are run as the owner of a life.

Root never reads or writes in a home itself: its owner could have laid a link there that leads
anywhere.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vega.service.saying import StepFailed

#: What of this process's environment a program of another user is given.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ")


class Owner:
    """A user of the system."""

    def __init__(self, user: str, home: Path) -> None:
        """`home` is that of the life."""
        self.user, self.home = user, home

    def told(self, *command: str | Path, **variables: str) -> str:
        """What a command that has to succeed writes to its standard output.

        Raises StepFailed with what it wrote to the other one.
        """
        done = self.run(*command, **variables)
        if done.returncode:
            words = (done.stderr or done.stdout).strip()[-2000:]
            raise StepFailed(words or f"{command[0]} ended with {done.returncode}.")
        return done.stdout

    def run(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs it to its end, whatever that is."""
        return subprocess.run(
            command,
            env={**self.environment(), **variables},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            # No terminal that it could type into.
            start_new_session=True,
            check=False,
            **self.identity(),
        )

    def environment(self) -> Mapping[str, str]:
        """Without a screen: no browser is to be started for a user who has none."""
        passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        home = Path.home() if self._is_here() else self.home
        return {**passed_on, "HOME": str(home), "VEGA_HOME": str(self.home)}

    def identity(self) -> dict[str, Any]:
        """What makes a new process this user's, for subprocess; nothing where it is already."""
        if self._is_here():
            return {}
        uid, gid = self._numbers()
        return {"user": uid, "group": gid, "extra_groups": []}

    def _is_here(self) -> bool:
        return self._numbers()[0] == os.geteuid()

    def _numbers(self) -> tuple[int, int]:
        """Of a user who is no more, what is written at the home."""
        try:
            record = pwd.getpwnam(self.user)
        except KeyError:
            state = self.home.stat()
            return state.st_uid, state.st_gid
        return record.pw_uid, record.pw_gid
