"""Stands in for systemctl where no systemd runs, as in a container of CI.

A socket unit is held by a process that listens and hands its sockets over; a service by one that
starts what the unit and its drop-ins say, as the user that they say, waits for READY=1, and starts
it again when it ends. It adds the scripted model, so that no model is fetched. What systemd itself
makes of the units is for `systemd-analyze verify` and for a real boot to prove.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

IS_USERS = "--user" in sys.argv
KIND = ("--user",) if IS_USERS else ()
if IS_USERS:
    RUNTIME = Path(os.environ["XDG_RUNTIME_DIR"])
    UNITS = Path.home() / ".config/systemd/user"
    PASSING_UNITS = RUNTIME / "systemd/user"
    STATE = RUNTIME / "stand-in"
else:
    UNITS = Path("/etc/systemd/system")
    PASSING_UNITS = Path("/run/systemd/system")
    STATE = Path("/run/systemctl-stand-in")
END_SECONDS = 20.0
START_SECONDS = 60.0
RESTART_SECONDS = 0.5
POLL_SECONDS = 0.02
#: The first number of a socket that is handed over.
FIRST_SOCKET = 3
MODEL = {
    "VEGA_MODEL_URL": "scripted:",
    "VEGA_MODEL_SERVERS": "none",
    "VEGA_MODEL_FALLBACK": "false",
    "VEGA_EMBEDDING": "off",
}


def main() -> int:
    STATE.mkdir(exist_ok=True)
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    if options == ["--version"]:
        print(f"systemd {os.environ.get('STAND_IN_VERSION', '252')} (stand-in)")  # noqa: T201
        return 0
    verb, *units = words
    if verb == "hold":
        return hold(units[0])
    if verb == "run":
        return Runner(units[0]).run()
    with (STATE / "calls").open("a") as calls:
        calls.write(json.dumps([verb, *units]) + "\n")
    return told(verb, [_full(unit) for unit in units], options)


def told(verb: str, units: list[str], options: list[str]) -> int:
    # Sockets start first, and end last.
    in_order = sorted(units, key=lambda unit: not unit.endswith(".socket"))
    match verb:
        case "daemon-reload" | "reset-failed" | "show-environment":
            return 0
        case "is-enabled":
            return 0 if _link(units[0]).is_symlink() else 1
        case "is-active":
            return 0 if _state(units[0])["ActiveState"] == "active" else 3
        case "enable":
            for unit in units:
                _link(unit).parent.mkdir(exist_ok=True)
                _link(unit).symlink_to(UNITS / unit)
        case "disable":
            for unit in reversed(in_order):
                _link(unit).unlink(missing_ok=True)
                folder = _link(unit).parent
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
                if "--now" in options:
                    _stop(unit)
        case "stop":
            for unit in reversed(in_order):
                _stop(unit)
        case "start":
            return max(_start(unit) for unit in in_order)
        case "restart":
            for unit in reversed(in_order):
                _stop(unit)
            return max(_start(unit) for unit in in_order)
        case "show":
            for option in options:
                name = option.removeprefix("--property=")
                print(f"{name}={_state(units[0]).get(name, '')}")  # noqa: T201
        case _:
            return 1
    return 0


def hold(unit: str) -> int:
    """Listens where the socket unit says, and hands that over to whoever asks."""
    address = STATE / f"{unit}.handing"
    address.unlink(missing_ok=True)
    listening = []
    for host, port in (text.rsplit(":", 1) for text in _read(unit).get("ListenStream", [])):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening.append(socket.create_server((host.strip("[]"), int(port)), family=family))
    handing = socket.socket(socket.AF_UNIX)
    handing.bind(str(address))
    handing.listen()
    _note(unit, ActiveState="active", pid=os.getpid())
    while True:
        asking, _ = handing.accept()
        with asking:
            socket.send_fds(asking, [b"sockets"], [each.fileno() for each in listening])


class Runner:
    """Keeps a service running until it is told to end."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self.process: subprocess.Popen[bytes] | None = None
        self.is_ending = False
        taken = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # Not where those that are handed over have to be.
        number = fcntl.fcntl(taken, fcntl.F_DUPFD_CLOEXEC, 50)
        self.notices = socket.socket(fileno=number)
        self.address = STATE / f"{unit}.notify"
        self.address.unlink(missing_ok=True)
        self.notices.bind(str(self.address))
        self.address.chmod(0o777)
        self.notices.settimeout(POLL_SECONDS)

    def run(self) -> int:
        signal.signal(signal.SIGTERM, self._end)
        restarts = 0
        while not self.is_ending:
            _note(self.unit, ActiveState="activating", NRestarts=restarts, pid=os.getpid())
            settings = _read(self.unit)
            if all(self._spawn(settings, line).wait() == 0 for line in _commands(settings)):
                self._serve(settings)
            restarts += 1
            _note(self.unit, ActiveState="activating", NRestarts=restarts, failed=restarts)
            self._pause()
        _note(self.unit, ActiveState="inactive", NRestarts=0, failed=0)
        return 0

    def _serve(self, settings: dict[str, Any]) -> None:
        self.process = self._spawn(settings, settings["ExecStart"][-1], self._sockets())
        _note(self.unit, MainPID=self.process.pid)
        while self.process.poll() is None:
            try:
                said = self.notices.recv(4096).decode().splitlines()
            except TimeoutError:
                continue
            if "READY=1" in said:
                stamp = time.monotonic_ns() // 1000
                _note(self.unit, ActiveState="active", ActiveEnterTimestampMonotonic=stamp)
        self.process = None

    def _spawn(
        self, settings: dict[str, Any], line: str, sockets: int = 0
    ) -> "subprocess.Popen[bytes]":
        variables = dict(text.split("=", 1) for text in settings["Environment"])
        passed = {"LISTEN_FDS": str(sockets), "NOTIFY_SOCKET": str(self.address)}
        with (STATE / "log").open("ab") as log:
            return subprocess.Popen(
                # The number of the process that listens is known to itself alone.
                ("sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh", *line.lstrip("-+").split()),
                env={"PATH": os.environ["PATH"], **MODEL, **variables, **passed},
                pass_fds=range(FIRST_SOCKET, FIRST_SOCKET + sockets),
                cwd=settings["WorkingDirectory"][-1],
                user=settings.get("User", [None])[-1],
                group=settings.get("Group", [None])[-1],
                extra_groups=[] if "User" in settings else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _sockets(self) -> int:
        """How many there are now, beginning with the number 3."""
        address = STATE / f"{self.unit.removesuffix('.service')}.socket.handing"
        if not address.exists():
            return 0
        with socket.socket(socket.AF_UNIX) as asking:
            asking.connect(str(address))
            _, numbers, _, _ = socket.recv_fds(asking, 16, 8)
        # Out of the way first: one of them may be another's place.
        high = [os.dup2(number, 100 + place) for place, number in enumerate(numbers)]
        for place, number in enumerate(high):
            os.dup2(number, FIRST_SOCKET + place)
        return len(numbers)

    def _pause(self) -> None:
        deadline = time.monotonic() + RESTART_SECONDS
        while not self.is_ending and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)

    def _end(self, *_: object) -> None:
        self.is_ending = True
        if self.process is not None:
            self.process.terminate()


def _commands(settings: dict[str, Any]) -> list[str]:
    return [str(line) for line in settings.get("ExecStartPre", [])]


def _full(unit: str) -> str:
    return unit if unit.endswith((".service", ".socket")) else f"{unit}.service"


def _link(unit: str) -> Path:
    wants = "sockets.target.wants" if unit.endswith(".socket") else "multi-user.target.wants"
    return UNITS / wants / unit


def _read(unit: str) -> dict[str, Any]:
    """Each directive with its values, in the unit and then in its drop-ins."""
    found: dict[str, list[str]] = {}
    drop_ins = [*UNITS.glob(f"{unit}.d/*.conf"), *PASSING_UNITS.glob(f"{unit}.d/*.conf")]
    for path in (UNITS / unit, *sorted(drop_ins)):
        for line in path.read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals and line[0] != "#":
                found.setdefault(name, []).append(value.replace("%h", str(Path.home())))
    return found


def _note(unit: str, **values: Any) -> None:
    """Whole or not at all: it is read at any moment."""
    path = STATE / unit
    known = json.loads(path.read_text()) if path.exists() else {}
    part = path.with_name(f".{unit}.{os.getpid()}")
    part.write_text(json.dumps({**known, **values}))
    part.replace(path)


def _state(unit: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((STATE / unit).read_text())
        state = Path(f"/proc/{found['pid']}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return {"ActiveState": "inactive"}
    return found if state != "Z" else {"ActiveState": "inactive"}


def _start(unit: str) -> int:
    """1 where the first start fails, though it is tried again, as systemctl says it."""
    keeper = None
    if _state(unit)["ActiveState"] == "inactive":
        (STATE / unit).unlink(missing_ok=True)
        with (STATE / "log").open("ab") as log:
            keeper = subprocess.Popen(
                (sys.executable, __file__, *KIND, _keeping(unit), unit),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        state = _state(unit)
        if state["ActiveState"] == "active":
            return 0
        if state.get("failed") or (keeper and keeper.poll() is not None):
            return 1
        time.sleep(POLL_SECONDS)
    return 1


def _keeping(unit: str) -> str:
    return "hold" if unit.endswith(".socket") else "run"


def _stop(unit: str) -> None:
    state = _state(unit)
    if state["ActiveState"] == "inactive":
        return
    os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while _state(unit)["ActiveState"] != "inactive" and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
