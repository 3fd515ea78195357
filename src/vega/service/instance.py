"""One installed Vega: whose it is, and where its parts are.

Three kinds, which differ in nothing but what stands here: the first life of a machine, a further
person's life beside it, and that of a user who installs without root.
"""

import os
import pwd
import re
from dataclasses import dataclass
from pathlib import Path

from vega.service.saying import Refusal

SERVICE = "vega-server"
SYSTEM_UNITS = Path("/etc/systemd/system")
#: What is also the name of a user, of folders and of units.
_NAME = re.compile(r"[a-z][a-z0-9-]{0,19}(?<!-)")
#: vega-model is the service of the shared model, with a user and a folder of that name; the other
#: would make vega-server a command.
TAKEN_NAMES = frozenset({"model", "server"})


@dataclass(frozen=True, slots=True)
class Instance:
    """Of one life: everything that an installation makes or needs to know."""

    #: "" for the first life of the machine, and for that of a user.
    person: str
    #: Installed without root, for the user who did so.
    is_users: bool
    #: Who owns the life, and runs it.
    user: str
    home: Path
    #: The versions, which the lives of one machine share.
    code: Path
    #: Where the units are, and where those are that the next boot forgets.
    units: Path
    passing_units: Path
    launcher: Path
    lock: Path

    @property
    def service(self) -> str:
        return f"{SERVICE}{self._suffix}"

    @property
    def service_unit(self) -> str:
        return f"{self.service}.service"

    @property
    def socket_unit(self) -> str:
        return f"{self.service}.socket"

    @property
    def current(self) -> Path:
        """The link to the version that this life runs; each has its own, to go back by itself."""
        return self.code / f"current{self._suffix}"

    @property
    def vega(self) -> Path:
        """Its command, by way of that link."""
        return self.current / ".venv" / "bin" / "vega"

    @property
    def is_installed(self) -> bool:
        return (self.units / self.service_unit).exists()

    @property
    def systemctl_typed(self) -> str:
        return "systemctl --user" if self.is_users else "sudo systemctl"

    @property
    def options(self) -> tuple[str, ...]:
        """Those of the setup script, and of `vega service`, that mean this life."""
        return ("--user",) if self.is_users else ("--person", self.person) if self.person else ()

    @property
    def _suffix(self) -> str:
        return f"-{self.person}" if self.person else ""


def system_instance(person: str = "") -> Instance:
    """The machine's first life, or that of a further person."""
    name = f"vega-{person}" if person else "vega"
    return Instance(
        person=person,
        is_users=False,
        user=name,
        home=Path("/var/lib") / name,
        code=Path("/opt/vega"),
        units=SYSTEM_UNITS,
        passing_units=Path("/run/systemd/system"),
        launcher=Path("/usr/local/bin") / name,
        lock=Path("/run/vega-setup.lock"),
    )


def user_instance() -> Instance:
    """The life of the user who asks, installed without root."""
    home = Path.home()
    runtime = runtime_folder()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    return Instance(
        person="",
        is_users=True,
        user=pwd.getpwuid(os.getuid()).pw_name,
        home=home / ".vega",
        code=data / "vega",
        units=config / "systemd/user",
        passing_units=runtime / "systemd/user",
        launcher=home / ".local/bin/vega",
        lock=runtime / "vega-setup.lock",
    )


def runtime_folder() -> Path:
    """Where the user's own systemd is reached; a shell got by `su` knows nothing of it."""
    return Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")


def check_name(person: str) -> str:
    """A name for a further person. Raises Refusal."""
    if not _NAME.fullmatch(person) or person in TAKEN_NAMES:
        raise Refusal(
            f"{person!r} is no name that a person's life can have.",
            "Take up to 20 of a-z, 0-9 and -, a letter first: --person ben",
        )
    return person


def installed_instances(is_users: bool) -> list[Instance]:
    """All that are installed, the first life first."""
    if is_users:
        mine = user_instance()
        return [mine] if mine.is_installed else []
    names = sorted(
        path.name.removeprefix(SERVICE).removesuffix(".service").removeprefix("-")
        for path in SYSTEM_UNITS.glob(f"{SERVICE}*.service")
    )
    return [system_instance(name) for name in names if not name or _NAME.fullmatch(name)]
