"""What must be there before anything is touched."""

import fcntl
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vega.service.instance import Instance
from vega.service.owner import Owner
from vega.service.saying import Refusal, StepFailed
from vega.service.systemctl import Systemctl

#: Looked for in this order; those that are not on the PATH are passed over.
PYTHONS = ("/usr/bin/python3", "python3", "python3.14", "python3.13", "python3.12", "python3.11")
IS_NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))"
#: Ends with HELD where somebody holds a home's lock.
TRY_LOCK = """
import fcntl, sys
try:
    fcntl.flock(open(sys.argv[1]), fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    sys.exit(3)
"""
HELD = 3
UNIX_NOBODY = 65534
SYSTEMD_RUNS = Path("/run/systemd/system")
LINGERING = Path("/var/lib/systemd/linger")
#: For a user's own systemd to come up.
MANAGER_SECONDS = 10.0


def check_rights(instance: Instance, typed: str) -> None:
    """Root for what is the machine's, and not for what is a user's. Raises Refusal."""
    if not SYSTEMD_RUNS.is_dir() or shutil.which("systemctl") is None:
        raise Refusal(
            "this machine does not run systemd, which would keep Vega up.",
            "Run Vega without a service: make serve",
            "Or in a container, which is started again as the service would be: docs/docker.md",
        )
    is_root = os.geteuid() == 0
    if instance.is_users and is_root:
        raise Refusal(
            "--user installs for one user, without root; root's own life is the machine's service.",
            "Say it without sudo, or leave --user out.",
        )
    if not instance.is_users and not is_root:
        raise Refusal(
            "this takes root.",
            f"Say: sudo {typed}",
            f"Or, for your user alone: {typed} --user",
            "Or run Vega without a service: make serve",
        )


@contextmanager
def alone(instance: Instance) -> Iterator[None]:
    """One run at a time changes an installation. Raises Refusal."""
    with instance.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise Refusal("another run of this script is at work.") from exc
        yield


def find_python(instance: Instance) -> Path:
    """One that is new enough, and that the life's user can run. Raises Refusal."""
    if shutil.which("make") is None:
        raise Refusal("it needs make.", "On Debian: sudo apt install make")
    others = []
    chosen = os.environ.get("PYTHON")
    for candidate in (chosen,) if chosen else PYTHONS:
        found = shutil.which(candidate)
        if found is None:
            continue
        path = Path(found).absolute()
        if _fails(path, IS_NEW_ENOUGH):
            said = subprocess.run((path, "--version"), capture_output=True, text=True, check=False)
            others.append(f"{path} ({(said.stdout or said.stderr).strip()}) is too old;")
        elif not instance.is_users and _fails(path, "", UNIX_NOBODY):
            others.append(f"{path} lies where only its owner can run it;")
        else:
            return path
    raise Refusal(
        "it needs Python 3.11 or newer, where every user can run it.",
        f"Found: {' '.join(others) or 'none.'}",
        "Name another one: sudo PYTHON=/path/to/python3.13 ./setup_jarvis_mode.sh",
    )


def has_user(instance: Instance) -> bool:
    """Whether the user who owns the life is there."""
    try:
        pwd.getpwnam(instance.user)
    except KeyError:
        return False
    return True


def check_user(instance: Instance) -> None:
    """That the name is free, or is that of the life's owner already. Raises Refusal."""
    if instance.is_users or not has_user(instance):
        return
    home = pwd.getpwnam(instance.user).pw_dir
    if home != str(instance.home):
        raise Refusal(
            f"there is a user {instance.user} already, whose home is {home}.",
            f"A life's owner is a user of that name for {instance.home} alone.",
        )


def life_of_caller(instance: Instance, python: Path) -> tuple[Path, Owner] | None:
    """The life that whoever calls this has begun with `make serve`, if it is to go on.

    Raises Refusal where it runs at this moment.
    """
    caller = os.environ.get("SUDO_USER") or "root"
    if instance.person or instance.is_users or instance.home.exists():
        return None
    try:
        folder = Path(pwd.getpwnam(caller).pw_dir) / ".vega"
    except KeyError:
        return None
    if not (folder / "vega.db").exists():
        return None
    owner = Owner(caller, folder)
    if is_held(folder, owner, python):
        raise Refusal(
            f"the Vega on {folder} is running.",
            "End it, and its life goes on as the service; or begin another: sudo "
            "./setup_jarvis_mode.sh --new-life",
        )
    return folder, owner


def is_held(home: Path, owner: Owner, python: Path) -> bool:
    """Whether a Vega runs on it."""
    path = home / "vega.pid"
    return path.exists() and owner.run(python, "-I", "-c", TRY_LOCK, path).returncode == HELD


def reach_users_systemd(instance: Instance, systemctl: Systemctl) -> bool:
    """Whether it had to be woken, by letting the user linger. Raises Refusal."""
    if systemctl.ask("show-environment"):
        return False
    is_woken = not lingers(instance) and set_lingering(instance, "enable")
    deadline = time.monotonic() + MANAGER_SECONDS
    while lingers(instance) and time.monotonic() < deadline:
        if systemctl.ask("show-environment"):
            return is_woken
        time.sleep(0.2)
    if is_woken:
        set_lingering(instance, "disable")
    raise Refusal(
        f"the systemd of {instance.user} does not run, or cannot be reached from here.",
        "It runs while you are logged in (not by su or sudo). An administrator can have it always "
        "run:",
        f"sudo loginctl enable-linger {instance.user}",
    )


def lingers(instance: Instance) -> bool:
    """Whether the user's services run from boot on, without anybody logged in."""
    return (LINGERING / instance.user).exists()


def set_lingering(instance: Instance, verb: str) -> bool:
    """`enable` or `disable`; whether that was allowed, and done."""
    words = ("loginctl", "--no-ask-password", f"{verb}-linger", instance.user)
    try:
        return subprocess.run(words, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_user(instance: Instance) -> None:
    """A system user that cannot log in. Raises StepFailed."""
    _told(
        *("useradd", "--system", "--user-group", "--home-dir", str(instance.home)),
        *("--no-create-home", "--shell", shutil.which("nologin") or "/bin/false", instance.user),
    )


def remove_user(instance: Instance) -> None:
    """Raises StepFailed."""
    _told("userdel", instance.user)


def _told(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as exc:
        raise StepFailed(f"There is no {command[0]}.") from exc
    if done.returncode:
        raise StepFailed(f"{command[0]}: {(done.stderr or done.stdout).strip()}")


def _fails(python: Path, code: str, uid: int | None = None) -> bool:
    """Whether that Python cannot run it, as that user."""
    try:
        return (
            subprocess.run(
                (python, "-I", "-c", code),
                capture_output=True,
                cwd="/",
                check=False,
                user=uid,
                group=uid,
                extra_groups=None if uid is None else [],
            ).returncode
            != 0
        )
    except OSError:
        return True
