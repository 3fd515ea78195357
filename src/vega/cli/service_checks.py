"""What `vega doctor` asks systemd about the service of this life, where one is installed."""

import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from vega.cli.finding import Finding
from vega.service.instance import Instance, installed_instances
from vega.service.systemctl import Systemctl

RUNNING_SYSTEMD = Path("/run/systemd/system")
LINGERING = Path("/var/lib/systemd/linger")
PROPERTIES = (
    "LoadState", "ActiveState", "SubState", "UnitFileState", "NRestarts", "NeedDaemonReload",
)  # fmt: skip
#: More than these since it was last started by hand, and somebody should read the log.
MANY_RESTARTS = 3
#: As systemd counts it, from 0 to 10; what the unit comes with is below.
MOST_EXPOSURE = 2.0
COMMAND_SECONDS = 20.0


def check_service(home: Path) -> Iterator[Finding]:
    """The units of the installed Vega that has this home; one line where there is none."""
    if not RUNNING_SYSTEMD.is_dir():
        text = "This machine runs no systemd; whatever started Vega must start it again."
        yield Finding("Service", "note", text)
        return
    both = [*installed_instances(is_users=False), *installed_instances(is_users=True)]
    instance = next((each for each in both if each.home == home), None)
    if instance is None:
        text = f"None is installed for {home}; setup_jarvis_mode.sh makes one."
        yield Finding("Service", "note", text)
        return
    systemctl = Systemctl(is_users=instance.is_users)
    yield _check_unit(instance, systemctl.show(instance.service_unit, *PROPERTIES))
    yield _check_socket(instance, systemctl.show(instance.socket_unit, *PROPERTIES))
    if instance.is_users:
        yield _check_linger(instance)
    yield from _check_exposure(instance)


def _check_unit(instance: Instance, shown: Mapping[str, str]) -> Finding:
    unit, control = instance.service_unit, instance.systemctl_typed
    active, restarts = shown["ActiveState"], int(shown["NRestarts"] or 0)
    if shown["LoadState"] != "loaded":
        hint = f"{control} daemon-reload; else run setup_jarvis_mode.sh again."
        return Finding("Service", "bad", f"{unit} is {shown['LoadState'] or 'unknown'}.", hint)
    if active not in ("active", "reloading"):
        hint = f"{control} start {unit}; `vega service logs` says why it ended."
        return Finding("Service", "bad", f"{unit} is {active} ({shown['SubState']}).", hint)
    if shown["UnitFileState"] != "enabled":
        text = f"{unit} runs, but does not start at boot ({shown['UnitFileState']})."
        return Finding("Service", "bad", text, f"{control} enable {unit}")
    if shown["NeedDaemonReload"] == "yes":
        text = f"{unit} was changed and systemd has not read it yet."
        return Finding("Service", "note", text, f"{control} daemon-reload")
    if restarts > MANY_RESTARTS:
        text = f"{unit} runs, after {restarts} restarts that nobody asked for."
        return Finding("Service", "note", text, "`vega service logs` says what ended it.")
    return Finding("Service", "ok", f"{unit} runs and starts at boot; {restarts} restarts")


def _check_socket(instance: Instance, shown: Mapping[str, str]) -> Finding:
    unit, control = instance.socket_unit, instance.systemctl_typed
    if shown["LoadState"] == "not-found":
        text = f"There is no {unit}: clients are refused while Vega restarts."
        return Finding("Socket", "bad", text, "Run setup_jarvis_mode.sh again.")
    if shown["ActiveState"] != "active":
        text = f"{unit} is {shown['ActiveState']}: clients are refused while Vega restarts."
        hint = f"{control} stop {instance.service_unit}; {control} start {unit}"
        return Finding("Socket", "bad", text, hint)
    if shown["UnitFileState"] != "enabled":
        text = f"{unit} listens, but will not after the next boot ({shown['UnitFileState']})."
        return Finding("Socket", "bad", text, f"{control} enable {unit}")
    return Finding("Socket", "ok", f"{unit} listens: clients wait while Vega restarts.")


def _check_linger(instance: Instance) -> Finding:
    """Without it a user's services begin with their first login, and end with the last logout."""
    if (LINGERING / instance.user).exists():
        return Finding("Linger", "ok", f"The services of {instance.user} run without a login.")
    text = f"Vega ends when {instance.user} logs out, and does not start at boot."
    return Finding("Linger", "bad", text, f"loginctl enable-linger {instance.user}")


def _check_exposure(instance: Instance) -> Iterator[Finding]:
    """How much of the machine the service could touch; nothing where systemd cannot tell."""
    kind = ("--user",) if instance.is_users else ()
    try:
        done = subprocess.run(
            ["systemd-analyze", *kind, "security", "--no-pager", instance.service_unit],
            env=Systemctl(is_users=instance.is_users).environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return
    match = re.search(r"Overall exposure level for .*: (\d+\.\d)", done.stdout)
    if match is None:
        return
    score = float(match[1])
    if score <= MOST_EXPOSURE:
        yield Finding("Hardening", "ok", f"exposure {score} of 10, by systemd-analyze security")
    elif instance.is_users:
        text = f"exposure {score} of 10: a user's service can be confined little."
        yield Finding("Hardening", "note", text)
    else:
        text = f"exposure {score} of 10; as it is installed it is below {MOST_EXPOSURE}."
        hint = f"`systemctl cat {instance.service_unit}` shows what was changed."
        yield Finding("Hardening", "bad", text, hint)
