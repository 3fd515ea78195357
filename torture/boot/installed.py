"""Vega in a booted machine: installed there by the setup script, from a copy of this tree."""

import json
import os
import shutil
import signal
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.models_folder import models_folder
from torture.boot.machine import CommandFailed, Machine
from torture.boot.wheels import INSIDE, OTHER_CONFS, PIP_CONF, ROOT, installing_python, wheel_folder

SERVICE = "vega-server"
UNIT = f"{SERVICE}.service"
HOME = "/var/lib/vega"
PORT = 8000
CLONE = "/usr/src/vega"
#: What a host holds at least once it has the model that answers; the other one holds less.
LOADED_BYTES = 150 << 20
PAGE = ROOT / "src" / "vega" / "web" / "index.html"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", "node_modules", ".*_cache", ".cache", "*.pyc"
)
DROP_INS = f"/run/systemd/system/{UNIT}.d"
#: What makes the service misbehave when it is told to; on no path but that of our drop-in.
INJECTED = Path(__file__).with_name("injected.py")
INJECTED_INSIDE = "/usr/local/lib/vega-torture"
SWITCHES = "/run/vega-torture"
QUERY = f"""
import json, sqlite3, sys
life = sqlite3.connect("file:{HOME}/vega.db?mode=ro", uri=True)
print(json.dumps(life.execute(sys.argv[1]).fetchall()))
"""
SUDO = '#!/bin/sh\n# This machine has no sudo.\nexec "$@"\n'


class Vega:
    """The service, and the files and processes that belong to it."""

    def __init__(self, machine: Machine) -> None:
        """Lays out what the setup script is given; installs nothing yet."""
        self.machine = machine
        if not PAGE.exists():
            raise CommandFailed((str(PAGE),), "The page is not built; say `make page` first.")
        copy_tree(machine.path(CLONE))
        for folder in OTHER_CONFS:
            shutil.rmtree(machine.path(folder), ignore_errors=True)
        shutil.copytree(wheel_folder(), machine.path(INSIDE), dirs_exist_ok=True)
        machine.path("/etc/pip.conf").unlink(missing_ok=True)
        machine.put("/etc/pip.conf", PIP_CONF)
        self.has_sudo = shutil.which("sudo") is not None
        if not self.has_sudo:
            machine.put("/usr/local/bin/sudo", SUDO, 0o755)
        machine.put(f"{INJECTED_INSIDE}/sitecustomize.py", INJECTED.read_text())

    def setup(self, clone: str = CLONE) -> str:
        """Runs the setup script of that clone; what it says. Raises CommandFailed."""
        python = f"PYTHON={installing_python()}"
        words = ("sudo", python) if self.has_sudo else ("sudo", "env", python)
        try:
            return self.machine.run(*words, f"{clone}/setup_jarvis_mode.sh").stdout
        except CommandFailed as exc:
            raise CommandFailed(exc.command, f"{exc.said}\nIts journal:\n{self.log()}") from exc

    def give_models(self) -> None:
        """The built-in models into the life's folder: there is no network to fetch them by."""
        folder = self.machine.path(f"{HOME}/models")
        owner = self.machine.path(HOME).stat()
        folder.mkdir(exist_ok=True)
        os.chown(folder, owner.st_uid, owner.st_gid)
        for file in models_folder().glob("[!.]*"):
            # Beside it first: Vega may look at any moment.
            part = folder / f".{file.name}.copy"
            shutil.copy2(file, part)
            os.chown(part, owner.st_uid, owner.st_gid)
            part.rename(folder / file.name)

    @cached_property
    def key(self) -> str:
        return self.machine.path(f"{HOME}/api_key").read_text().strip()

    def says(self, *command: str) -> str:
        """What Vega's own command says in there, to root. Raises CommandFailed."""
        return self.machine.run("/usr/local/bin/vega", *command).stdout

    def query(self, words: str) -> list[list[Any]]:
        """Rows of the life's file itself, read in there while Vega has it open."""
        python = str(installing_python())
        return list(json.loads(self.machine.run(python, "-c", QUERY, words).stdout))

    def systemctl(self, *words: str) -> str:
        return self.machine.run("systemctl", *words).stdout.strip()

    def drop_in(self, *lines: str) -> None:
        """Has these lines of [Service] hold over the unit's, until the next boot; or none."""
        name = f"{DROP_INS}/torture.conf"
        if lines:
            self.machine.run("mkdir", "-p", DROP_INS, SWITCHES)
            text = "\n".join(["[Service]", *lines, ""])
            self.machine.run("sh", "-c", 'printf %s "$1" >"$2"', "put", text, name)
        else:
            self.machine.run("rm", "-f", name)
        self.systemctl("daemon-reload")

    def switch(self, name: str, *, on: bool) -> None:
        """A file that the injected module looks for."""
        self.machine.run(*(("touch",) if on else ("rm", "-f")), f"{SWITCHES}/{name}")

    @property
    def server(self) -> int:
        """The server's process, by its number out here; 0 while there is none."""
        return next((pid for pid in self._processes() if "\0serve\0" in _command(pid)), 0)

    @property
    def hosts(self) -> list[int]:
        """The model hosts' processes: first the one that answers, whose model is the bigger one."""
        found = [pid for pid in self._processes() if "vega.llm.host_process" in _command(pid)]
        return sorted(found, key=_resident, reverse=True)

    def wait_for_host(self, but: Sequence[int] = (), seconds: float = 60.0) -> int:
        """The host that answers, once it has its model; none of those. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for pid in self.hosts:
                if pid not in but and _resident(pid) > LOADED_BYTES:
                    return pid
            time.sleep(0.02)
        raise TimeoutError(f"no model is there after {seconds:.0f} s; the log:\n{self.log()}")

    def log(self, lines: int = 40) -> str:
        command = ("journalctl", "-u", UNIT, "-n", str(lines), "-o", "cat", "--no-pager")
        return self.machine.run(*command, check=False).stdout

    def _processes(self) -> list[int]:
        return self.machine.groups.processes(UNIT)


def copy_tree(to: Path) -> None:
    """This tree as somebody who cloned it has it, with the page that was built here."""
    shutil.copytree(ROOT, to, ignore=LEFT_OUT, symlinks=True)


def send(pid: int, number: int) -> None:
    """A signal to a process that may be gone already."""
    if pid:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return


def kill(*pids: int) -> None:
    """SIGKILL to all of them, as near together as can be."""
    for pid in pids:
        send(pid, signal.SIGKILL)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _resident(pid: int) -> int:
    """Its bytes in RAM."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (FileNotFoundError, ProcessLookupError):
        return 0
