"""What `vega doctor` says of the service, in a booted systemd in which it is really broken.

The units are those of this tree; what they run is `sleep`, since nothing here asks Vega itself.
"""

import json
import pwd
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guards.tree import ROOT
from torture.boot.machine import Machine, NoBoot

UNITS = "/etc/systemd/system"
SERVICE, SOCKET = "vega-server.service", "vega-server.socket"
#: Over the unit, for every test: what runs, and as whom.
RUNS_SLEEP = """[Service]
Type=exec
WatchdogSec=0
User=nobody
Group=nogroup
ExecStart=
ExecStart=/bin/sleep infinity
"""
LOOSE = """[Service]
NoNewPrivileges=no
ProtectSystem=no
PrivateDevices=no
SystemCallFilter=
CapabilityBoundingSet=~
RestrictAddressFamilies=
ProtectProc=default
"""
ROOTS_HOME = pwd.getpwuid(0).pw_dir
LINGERING = "/var/lib/systemd/linger/root"


@pytest.fixture(scope="module")
def booted() -> Iterator[Machine]:
    try:
        machine = Machine("1g")
    except NoBoot as exc:
        pytest.skip(str(exc))
    with machine:
        for unit in (SERVICE, SOCKET):
            machine.put(f"{UNITS}/{unit}", (ROOT / "systemd" / unit).read_text())
        machine.put(f"{UNITS}/{SERVICE}.d/sleep.conf", RUNS_SLEEP)
        machine.boot()
        yield machine


@pytest.fixture
def machine(booted: Machine) -> Machine:
    """With a service as it is after the setup."""
    booted.run("rm", "-rf", f"{UNITS}/{SERVICE}.d/loose.conf", f"{ROOTS_HOME}/.config/systemd")
    booted.put(f"{UNITS}/{SOCKET}", (ROOT / "systemd" / SOCKET).read_text())
    booted.run("systemctl", "daemon-reload")
    booted.run("systemctl", "stop", SOCKET, SERVICE)
    booted.run("systemctl", "reset-failed", check=False)
    booted.run("systemctl", "--quiet", "enable", "--now", SOCKET, SERVICE)
    return booted


def diagnose(machine: Machine, home: str = "/var/lib/vega") -> dict[str, dict[str, str]]:
    """By name, what doctor found in there."""
    done = machine.run(
        *(sys.executable, "-m", "vega.cli", "doctor", "--json"),
        check=False,
        VEGA_HOME=home,
        PYTHONPATH=str(ROOT / "src"),
        # Behind those of the socket nobody answers, which takes ten seconds to see.
        VEGA_PORT="18000",
        VEGA_PAGE_PORT="18080",
    )
    found = json.loads(done.stdout.splitlines()[-1])["findings"]
    return {each["name"]: each for each in found}


def test_a_service_as_it_is_installed_is_well(machine: Machine) -> None:
    found = diagnose(machine)

    names = ("Service", "Socket", "Hardening")
    assert {name: found[name]["state"] for name in names} == dict.fromkeys(names, "ok"), found
    assert "Linger" not in found


def test_one_that_is_stopped_is_seen(machine: Machine) -> None:
    machine.run("systemctl", "stop", SOCKET, SERVICE)

    found = diagnose(machine)

    assert found["Service"]["state"] == found["Socket"]["state"] == "bad"
    assert "is inactive" in found["Service"]["text"]
    assert "systemctl start" in found["Service"]["hint"]
    assert "refused" in found["Socket"]["text"]


def test_one_that_does_not_start_at_boot_is_seen(machine: Machine) -> None:
    machine.run("systemctl", "--quiet", "disable", SOCKET, SERVICE)

    found = diagnose(machine)

    assert "does not start at boot" in found["Service"]["text"]
    assert "after the next boot" in found["Socket"]["text"]
    assert "systemctl enable" in found["Service"]["hint"]


def test_a_missing_socket_is_seen(machine: Machine) -> None:
    machine.run("systemctl", "--quiet", "disable", "--now", SOCKET)
    machine.run("rm", f"{UNITS}/{SOCKET}")
    machine.run("systemctl", "daemon-reload")

    found = diagnose(machine)["Socket"]

    assert (found["state"], "There is no" in found["text"]) == ("bad", True)


def test_restarts_that_nobody_asked_for_are_counted(machine: Machine) -> None:
    machine.put("/opt/kill-five-times", KILLS, 0o755)

    machine.run("/opt/kill-five-times")

    found = diagnose(machine)["Service"]
    assert found["state"] == "note"
    assert "after 5 restarts" in found["text"]


def test_a_unit_that_was_loosened_is_seen(machine: Machine) -> None:
    machine.put(f"{UNITS}/{SERVICE}.d/loose.conf", LOOSE)
    machine.run("systemctl", "daemon-reload")

    found = diagnose(machine)["Hardening"]

    assert found["state"] == "bad"
    assert "systemctl cat" in found["hint"]


def test_a_unit_that_systemd_has_not_read_yet_is_seen(machine: Machine) -> None:
    machine.put(f"{UNITS}/{SERVICE}.d/loose.conf", LOOSE)

    found = diagnose(machine)["Service"]

    assert found["state"] == "note"
    assert "daemon-reload" in found["hint"]


def test_a_users_service_without_linger_is_seen(machine: Machine) -> None:
    for unit in (SERVICE, SOCKET):
        machine.put(
            f"{ROOTS_HOME}/.config/systemd/user/{unit}", (ROOT / "systemd" / unit).read_text()
        )
    machine.run("rm", "-f", LINGERING)

    without = diagnose(machine, f"{ROOTS_HOME}/.vega")["Linger"]
    machine.run("mkdir", "-p", str(Path(LINGERING).parent))
    machine.run("touch", LINGERING)
    lingers = diagnose(machine, f"{ROOTS_HOME}/.vega")["Linger"]

    assert (without["state"], lingers["state"]) == ("bad", "ok")
    assert "loginctl enable-linger root" in without["hint"]


def test_a_life_without_a_service_is_told_so(machine: Machine) -> None:
    found = diagnose(machine, "/srv/other")["Service"]

    assert found["state"] == "note"
    assert "None is installed for /srv/other" in found["text"]


KILLS = f"""#!/bin/sh
for count in 1 2 3 4 5; do
  before=$(systemctl show --property=MainPID --value {SERVICE})
  kill -9 "$before"
  until now=$(systemctl show --property=MainPID --value {SERVICE}) &&
    [ "$now" != 0 ] && [ "$now" != "$before" ]; do
    sleep 0.1
  done
done
"""
