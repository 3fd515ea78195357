"""A booted machine: the real systemd as the first process of namespaces of its own.

Its disk is an overlay of this machine's root, in RAM, so nothing is fetched and nothing out here
changes. It lies in a mount namespace that a keeper holds from boot to boot: when the keeper ends,
and it ends with us however we end, all mounts are gone. Needs Linux, root, and systemd's program.
"""

import ctypes
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from torture.boot.cgroups import PREFIX, Groups, is_running, own_name

PROGRAMS = ("unshare", "nsenter", "setpriv", "mount", "pivot_root", "ip", "hostname", "systemctl")
SYSTEMD = Path("/lib/systemd/systemd")
START = Path(__file__).with_name("start.sh")
TREE = Path(__file__).parents[2]
BOOT_SECONDS = 60.0
#: What the kernel ends the first process with when it asks for a reboot (reboot(2)).
REBOOT_SIGNAL = 1
HOME_OF_ROOT = pwd.getpwuid(0).pw_dir
CLONE_NEWNET = 0x40000000
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": HOME_OF_ROOT,
    "LANG": "C.UTF-8",
}
#: Needs a network, hardware, or a terminal.
MASKED = (
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer"),
    *("fstrim.timer", "man-db.timer", "getty.target", "console-getty.service"),
    *("systemd-networkd-wait-online.service", "NetworkManager-wait-online.service"),
    *("systemd-timesyncd.service", "systemd-firstboot.service", "systemd-resolved.service"),
)

KEEPER = """
set -e
mount -t tmpfs -o "size=$2,mode=755" tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
echo ready
exec cat
"""
JOIN = """
root=$1 start=$2
shift 2
while [ "$1" != -- ]; do
  echo $$ >"$1/cgroup.procs"
  shift
done
shift
exec unshare --fork --kill-child --pid --mount --uts --ipc --net --cgroup --propagation private \
  sh "$start" "$root" "$@"
"""


class NoBoot(Exception):
    """No systemd can be booted on this machine, and why."""


class Machine:
    """From before its first boot to its end."""

    def __init__(self, ram: str = "6g") -> None:
        """Lays its disk out. Raises NoBoot."""
        _check_this_machine()
        self._folder = _make_folder()
        self._boot: subprocess.Popen[bytes] | None = None
        self.groups = Groups()
        self._keeper = subprocess.Popen(
            (
                *("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--propagation"),
                *("private", "sh", "-c", KEEPER, "keeper", self._folder, ram),
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert self._keeper.stdout is not None
        if self._keeper.stdout.readline() != b"ready\n":
            self.close()
            raise NoBoot("This machine allows no overlay of its root; see the lines above.")
        self._furnish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def path(self, inside: str) -> Path:
        """Where a file of its disk is reached from out here; whether or not it is booted."""
        return Path(f"/proc/{self._keeper.pid}/root{self._folder}/root{inside}")

    def boot(self) -> float:
        """Boots it; returns the seconds until everything that starts at boot has started."""
        began = time.monotonic()
        words: list[str | Path] = [
            *("setpriv", "--pdeathsig", "KILL"),
            *("nsenter", "--target", str(self._keeper.pid), "--mount"),
            *("sh", "-c", JOIN, "boot", str(self._folder / "root"), str(START)),
            *(*map(str, self.groups.folders), "--", *self.groups.words),
        ]
        self._boot = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            env={**ENVIRONMENT, "VEGA_TREE": str(TREE)},
            start_new_session=True,
        )
        has_left = False
        while time.monotonic() - began < BOOT_SECONDS:
            if self._boot.poll() is not None:
                raise NoBoot(f"systemd ended with {self._boot.returncode} while it booted.")
            if self._children() and not has_left:
                # What waits for the first process is none of the machine's own.
                self.groups.leave(self._boot.pid)
                has_left = True
            if has_left and self.path("/run").exists():
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
                if state in ("running", "degraded"):
                    return time.monotonic() - began
            time.sleep(0.05)
        raise NoBoot(f"systemd is not up after {BOOT_SECONDS:.0f} s.")

    def reboot(self) -> float:
        """Has it go down as `systemctl reboot` does, and boots it again."""
        assert self._boot is not None
        self.run("systemctl", "reboot", check=False)
        status = self._boot.wait(BOOT_SECONDS)
        if status not in (-REBOOT_SIGNAL, 128 + REBOOT_SIGNAL):
            raise NoBoot(f"It went down with {status} instead of asking for a reboot.")
        return self.boot()

    def start(self, *command: str | Path, **variables: str) -> subprocess.Popen[str]:
        """Starts a command in it, as root; what it writes comes by its standard output."""
        spaces = ("--mount", "--pid", "--net", "--uts", "--ipc")
        return subprocess.Popen(
            ("nsenter", "--target", str(self._first()), *spaces, "env", "--chdir=/", *command),
            env={**ENVIRONMENT, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(
        self, *command: str | Path, check: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command in it to its end. Raises CommandFailed."""
        with self.start(*command, **variables) as process:
            said, _ = process.communicate()
        if check and process.returncode:
            raise CommandFailed(command, said)
        return subprocess.CompletedProcess(command, process.returncode, said)

    def put(self, inside: str, text: str, mode: int = 0o644) -> None:
        """Writes a file of its disk, with the folders on the way."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def enter_network(self) -> None:
        """From now on the calling thread's new sockets are in there."""
        with Path(f"/proc/{self._first()}/ns/net").open() as space:
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.setns(space.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")

    def close(self) -> None:
        """Ends whatever runs in it, at once, and leaves nothing behind."""
        if self._boot is not None:
            # Its child goes with it: the first process, and so all of them.
            self._boot.kill()
            self._boot.wait()
        self._keeper.communicate()
        self.groups.remove()
        self._folder.rmdir()

    def _first(self) -> int:
        """The number out here of its first process."""
        children = self._children()
        if not children:
            raise NoBoot("It is not booted.")
        return int(children[0])

    def _children(self) -> list[str]:
        assert self._boot is not None
        pid = self._boot.pid
        try:
            return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except FileNotFoundError:
            return []

    def _furnish(self) -> None:
        """A disk whose machine starts what systemd itself brings along, and nothing else."""
        units = self.path("/etc/systemd/system")
        for wants in [*units.glob("*.wants"), *units.glob("*.requires")]:
            shutil.rmtree(wants)
        for unit in MASKED:
            (units / unit).unlink(missing_ok=True)
            (units / unit).symlink_to("/dev/null")
        self.put("/etc/fstab", "")
        self.path("/etc/machine-id").unlink(missing_ok=True)
        self.put("/etc/machine-id", f"{secrets.token_hex(16)}\n", 0o444)
        self.path("/var/log/journal").mkdir(parents=True, exist_ok=True)
        self.path("/etc/hosts").unlink(missing_ok=True)
        self.put("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")


class CommandFailed(Exception):
    """A command in the machine that had to succeed did not."""

    def __init__(self, command: tuple[str | Path, ...], said: str) -> None:
        super().__init__(f"`{' '.join(map(str, command))}` failed:\n{said[-5000:]}")
        self.command, self.said = command, said


def _make_folder() -> Path:
    """An empty one of our own. Those of runs that were killed go: what lay in them is gone."""
    folder = Path(tempfile.gettempdir())
    for left in folder.glob(f"{PREFIX}*"):
        if not is_running(left.name):
            left.rmdir()
    made = folder / own_name()
    made.mkdir(mode=0o700)
    return made


def _check_this_machine() -> None:
    if os.uname().sysname != "Linux" or os.geteuid() != 0:
        raise NoBoot("Booting a systemd takes Linux and root.")
    if not SYSTEMD.exists():
        raise NoBoot(f"This machine has no {SYSTEMD}; on Debian: apt-get install systemd.")
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise NoBoot(f"This machine lacks {', '.join(missing)}.")
