"""The texts of the units for one life, out of those in `systemd/`, which are the first life's."""

import re
from collections.abc import Iterator
from pathlib import Path

from vega.service.doors import Doors
from vega.service.instance import SERVICE, Instance

#: From this version on systemd knows how to wait longer each time, which the drop-in asks it for.
BACKOFF_VERSION = 254
#: What a user's own systemd can do for a service; the others need root's.
_SERVICE_OF_USER = frozenset(
    {
        *("Type", "NotifyAccess", "Environment", "WorkingDirectory", "ExecStart", "ExecStartPost"),
        *("UMask", "Restart", "RestartSec", "RestartSteps", "RestartMaxDelaySec", "WatchdogSec"),
        *("TimeoutAbortSec", "TimeoutStartSec", "TimeoutStartFailureMode", "TimeoutStopSec"),
        *("KillMode", "LimitCORE", "LimitNOFILE", "TasksMax", "MemoryHigh", "MemoryMax"),
        *("OOMPolicy", "NoNewPrivileges", "RestrictSUIDSGID", "RestrictNamespaces"),
        *("LockPersonality", "RestrictRealtime", "MemoryDenyWriteExecute"),
        *("RestrictAddressFamilies", "SystemCallArchitectures", "SystemCallFilter"),
        *("SystemCallErrorNumber",),
    }
)


def unit_files(folder: Path, instance: Instance, doors: Doors, version: int) -> dict[Path, str]:
    """Every file below the folder of units that this life needs, with its text.

    `folder` holds the first life's; `version` is that of systemd.
    """
    found = {
        instance.units / instance.service_unit: read(folder / f"{SERVICE}.service", instance),
        instance.units / instance.socket_unit: _with_doors(
            read(folder / f"{SERVICE}.socket", instance), doors
        ),
    }
    if version >= BACKOFF_VERSION:
        found[backoff_path(instance)] = read(folder / f"{SERVICE}-backoff.conf", instance)
    return found


def backoff_path(instance: Instance) -> Path:
    """Of the drop-in, which stands beside what the owner writes by `systemctl edit`."""
    return instance.units / f"{instance.service_unit}.d" / "backoff.conf"


def read(path: Path, instance: Instance) -> str:
    """That unit as it is for this life."""
    text = path.read_text(encoding="utf-8")
    if instance.is_users:
        return _for_user(text, instance)
    return _for_person(text, instance) if instance.person else text


def meaning(text: str) -> list[str]:
    """What systemd reads of it: where that is the same, nothing need be started anew."""
    return [line for line in text.splitlines() if line and line[0] not in "#;"]


def _for_person(text: str, instance: Instance) -> str:
    text = _of_instance(text, instance)
    text = re.sub(r"/var/lib/vega\b", str(instance.home), text)
    text = re.sub(r"^(User|Group|StateDirectory)=vega$", rf"\1={instance.user}", text, flags=re.M)
    return re.sub(r"^(Description=.*)$", rf"\1 ({instance.person})", text, flags=re.M)


def _for_user(text: str, instance: Instance) -> str:
    text = _of_instance("\n".join(_kept_lines(text)) + "\n", instance)
    text = re.sub(r"/var/lib/vega\b", "%h/.vega", text)
    text = text.replace("-+/usr/bin/systemctl", "-/usr/bin/systemctl --user")
    text = text.replace(" network.target", "")
    return text.replace("multi-user.target", "default.target")


def _of_instance(text: str, instance: Instance) -> str:
    text = re.sub(rf"\b{SERVICE}(?!-)", instance.service, text)
    return re.sub(r"/opt/vega/current\b", lambda _: unit_path(instance.current), text)


def _kept_lines(text: str) -> Iterator[str]:
    """Without what only root's systemd can do; a comment goes with its line."""
    section = ""
    comment: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = line
        if line.startswith("#"):
            comment.append(line)
            continue
        name = line.partition("=")[0]
        is_kept = section != "[Service]" or not line or line[0] == "[" or name in _SERVICE_OF_USER
        if is_kept:
            yield from comment
            yield line
        comment = []


def _with_doors(text: str, doors: Doors) -> str:
    """The addresses of the API and of the page, which stand there in this order."""
    addresses = iter((doors.address(doors.port), doors.address(doors.page_port)))
    return re.sub(
        r"^ListenStream=.*$", lambda _: f"ListenStream={next(addresses)}", text, flags=re.M
    )


def unit_path(path: Path) -> str:
    """A path as a unit may hold it, where a space would end it and % means something."""
    return str(path).replace("%", "%%").replace(" ", r"\x20")


def doors_of(path: Path, otherwise: Doors) -> Doors:
    """The addresses that an installed socket unit says."""
    text = path.read_text() if path.exists() else ""
    found = re.findall(r"^ListenStream=\[?([^\]\n]*?)\]?:(\d+)$", text, re.M)
    if len(found) != 2:
        return otherwise
    (host, port), (_, page_port) = found
    return Doors(host, int(port), int(page_port))
