"""`sudo ./setup_jarvis_mode.sh` on a scratch machine: what it makes, keeps, undoes and removes."""

import re
import shutil
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.scratch_machine import AS_NOBODY, HOME, Installed, ScratchMachine
from tests.vega_process import END_SECONDS, wait_until

UNITS = "/etc/systemd/system"
UNIT = f"{UNITS}/vega-server.service"
SOCKET = f"{UNITS}/vega-server.socket"
LAUNCHER = "/usr/local/bin/vega"
CALLER = "ann"
CALLERS_HOME = "/usr/local/ann"


def _files(machine: ScratchMachine) -> str:
    """Everything that an install could change, with its time of change."""
    return "\n".join(_found(machine, "%p %l %T@\\n"))


def _names(machine: ScratchMachine) -> list[str]:
    """The same without their times."""
    return _found(machine, "%p %l\\n")


def _found(machine: ScratchMachine, form: str) -> list[str]:
    places = ("/etc/systemd/system", "/opt", "/usr/local/bin", "/etc/passwd", "/etc/group")
    said = machine.told("find", *places, "-not", "-name", "__pycache__", "-printf", form)
    return sorted(said.splitlines())


def test_it_leaves_a_service_that_answers_and_starts_at_boot(installed: Installed) -> None:
    machine = installed.machine

    assert installed.chat("My favorite color is purple") == (
        "Got it! I'll remember that your favorite color is purple."
    )
    assert machine.told("cat", UNIT) == (
        (machine.clone / "systemd/vega-server.service").read_text().rstrip("\n")
    )
    assert f"ListenStream=127.0.0.1:{installed.port}" in machine.told("cat", SOCKET).splitlines()
    assert machine.told("ls", "/etc/systemd/system/sockets.target.wants") == "vega-server.socket"
    assert "enable" in installed.calls
    assert machine.told("stat", "-c", "%U %a", HOME, f"{HOME}/api_key") == "vega 700\nvega 600"
    assert machine.told("stat", "-c", "%U", f"/proc/{installed.pid}") == "vega"
    assert re.search(r"^vega:.*:/var/lib/vega:.*(nologin|false)$", _user(machine))


def test_it_says_where_to_go_on(machine: ScratchMachine) -> None:
    vega = Installed(machine)

    said = machine.setup(*vega.options).stdout

    assert f"http://localhost:{vega.page_port}/pair#" in said
    assert f"{HOME}/api_key" in said
    assert [line for line in said.splitlines() if line.startswith("  sudo vega ")]


def test_what_was_said_is_known_after_a_restart(installed: Installed) -> None:
    installed.chat("My favorite color is purple")
    installed.machine.told("systemctl", "restart", "vega-server")
    done = installed.machine.setup()

    assert done.returncode == 0, done.stdout
    assert "purple" in installed.chat("What is my favorite color?")


def test_a_second_run_changes_nothing(installed: Installed) -> None:
    files, pid, calls = _files(installed.machine), installed.pid, len(installed.calls)

    done = installed.machine.setup()

    assert done.returncode == 0, done.stdout
    assert _files(installed.machine) == files
    assert installed.pid == pid
    assert {"start", "stop", "restart", "enable"}.isdisjoint(installed.calls[calls:])


def test_a_service_that_was_stopped_is_started(installed: Installed) -> None:
    installed.machine.told("systemctl", "stop", "vega-server")

    done = installed.machine.setup()

    assert done.returncode == 0, done.stdout
    assert installed.chat("Hello.")


def test_new_code_takes_the_place_of_the_old_and_the_life_goes_on(installed: Installed) -> None:
    machine = installed.machine
    installed.chat("My favorite color is purple")
    before = machine.told("readlink", "/opt/vega/current")
    with (machine.clone / "src/vega/__init__.py").open("a") as file:
        file.write("# newer\n")

    done = machine.setup()

    after = machine.told("readlink", "/opt/vega/current")
    assert done.returncode == 0, done.stdout
    assert after != before
    assert machine.told("ls", "/opt/vega/versions") == Path(after).name
    assert machine.told("tail", "-n1", f"{after}/src/vega/__init__.py") == "# newer"
    assert "purple" in installed.chat("What is my favorite color?")


def test_ports_are_changed_by_a_second_run(installed: Installed) -> None:
    other = Installed(installed.machine)
    installed.chat("My favorite color is purple")

    done = installed.machine.setup(*other.options)

    assert done.returncode == 0, done.stdout
    assert "purple" in other.chat("What is my favorite color?")


def _break_unit(clone: Path) -> None:
    unit = clone / "systemd/vega-server.service"
    unit.write_text(unit.read_text().replace("vega serve", "vega no-such-command"))


def _break_build(clone: Path) -> None:
    (clone.parent / "make-fails").touch()
    (clone / "README.md").write_text("newer\n")


@pytest.mark.parametrize("spoil", [_break_build, _break_unit])
def test_an_install_that_fails_leaves_nothing_behind(
    spoil: Callable[[Path], None], machine: ScratchMachine
) -> None:
    before = _names(machine)
    spoil(machine.clone)

    done = machine.setup(*Installed(machine).options)

    assert done.returncode != 0
    assert "undone" in done.stdout
    assert _names(machine) == before
    assert not machine.has(HOME)
    assert _user(machine) == ""


def test_ctrl_c_undoes_what_was_done_so_far(machine: ScratchMachine) -> None:
    (machine.folder / "make-hangs").touch()

    with machine.start(machine.installer, *Installed(machine).options) as process:
        wait_until(lambda: machine.has("/opt/vega/versions") and _builds(machine), END_SECONDS)
        # All but nsenter, which would not wait for the end.
        for each in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                each.send_signal(signal.SIGINT)
        said, _ = process.communicate()

    assert process.returncode == 130
    assert "undone" in said
    assert not machine.has("/opt/vega")
    assert not machine.has(HOME)


@pytest.mark.parametrize("spoil", [_break_build, _break_unit])
def test_an_upgrade_that_fails_leaves_the_old_version_at_work(
    spoil: Callable[[Path], None], installed: Installed
) -> None:
    machine = installed.machine
    installed.chat("My favorite color is purple")
    before = _names(machine)
    unit = machine.told("cat", UNIT)
    spoil(machine.clone)

    done = machine.setup()

    assert done.returncode != 0
    assert _names(machine) == before
    assert machine.told("cat", UNIT) == unit
    assert "purple" in installed.chat("What is my favorite color?")


def test_the_life_outlives_the_service(installed: Installed) -> None:
    machine = installed.machine
    installed.chat("My favorite color is purple")

    said = machine.setup("--uninstall").stdout
    left = [path for path in ("/opt/vega", UNIT, SOCKET, LAUNCHER) if machine.has(path)]
    again = machine.setup()

    assert left == []
    assert HOME in said
    assert again.returncode == 0, again.stdout
    assert "purple" in installed.chat("What is my favorite color?")


def _life_of_caller(machine: ScratchMachine, make_vega: MakeVega) -> Path:
    """A life as `make serve` begins it, in the home of the user who then calls the installer."""
    vega = make_vega(".vega")
    vega.start()
    vega.chat("My favorite color is purple")
    vega.terminate()
    machine.told("useradd", "--create-home", "--home-dir", CALLERS_HOME, CALLER)
    _give_to_caller(machine, vega.home)
    return Path(CALLERS_HOME, ".vega")


def _give_to_caller(machine: ScratchMachine, home: Path) -> None:
    """Mounted where the caller can reach it: the folders of tests are root's alone."""
    machine.told("chown", "-R", CALLER, home)
    machine.told("mkdir", "-p", f"{CALLERS_HOME}/.vega")
    machine.told("mount", "--bind", home, f"{CALLERS_HOME}/.vega")


def test_a_life_that_was_begun_by_hand_goes_on_as_the_services(
    machine: ScratchMachine, make_vega: MakeVega
) -> None:
    home = _life_of_caller(machine, make_vega)
    vega = Installed(machine)

    done = machine.setup(*vega.options, SUDO_USER=CALLER)

    assert done.returncode == 0, done.stdout
    assert str(home) in done.stdout
    assert "purple" in vega.chat("What is my favorite color?")
    assert machine.has(f"{home}/vega.db")


def test_a_new_life_can_be_asked_for(machine: ScratchMachine, make_vega: MakeVega) -> None:
    _life_of_caller(machine, make_vega)
    vega = Installed(machine)

    done = machine.setup("--new-life", *vega.options, SUDO_USER=CALLER)

    assert done.returncode == 0, done.stdout
    assert "purple" not in vega.chat("What is my favorite color?")


def test_a_life_that_is_running_is_not_copied(machine: ScratchMachine, make_vega: MakeVega) -> None:
    home = _life_of_caller(machine, make_vega)
    make_vega(".vega").start()

    done = machine.setup(*Installed(machine).options, SUDO_USER=CALLER)

    assert done.returncode == 1
    assert str(home) in done.stdout
    assert "--new-life" in done.stdout
    assert not machine.has(HOME)


def test_vega_is_the_services_for_root_and_ones_own_for_others(installed: Installed) -> None:
    machine = installed.machine

    roots = machine.run(LAUNCHER, "status")
    others = machine.run(*AS_NOBODY, LAUNCHER, "status", HOME="/nonexistent")

    assert roots.returncode == 0, roots.stdout
    assert others.returncode == 1
    assert "sudo vega status" in others.stdout
    assert machine.told("find", HOME, "-not", "-user", "vega") == ""


def test_another_program_called_vega_stays(machine: ScratchMachine) -> None:
    machine.told("sh", "-c", f"mkdir -p {Path(LAUNCHER).parent} && echo mine >{LAUNCHER}")

    done = machine.setup(*Installed(machine).options)

    assert done.returncode == 0, done.stdout
    assert machine.told("cat", LAUNCHER) == "mine"
    assert (
        "sudo -u vega VEGA_HOME=/var/lib/vega /opt/vega/current/.venv/bin/vega chat" in done.stdout
    )


@pytest.mark.timeout(900)
def test_what_the_installer_takes_along_is_enough_to_build_vega(machine: ScratchMachine) -> None:
    machine.use_real_make()
    vega = Installed(machine)

    done = machine.setup(*vega.options)

    assert done.returncode == 0, done.stdout
    assert vega.chat("My favorite color is purple").startswith("Got it!")
    assert (
        machine.run("cmp", "/opt/vega/current/Makefile", machine.clone / "Makefile").returncode == 0
    )


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_nothing_wrong_with_the_units(installed: Installed) -> None:
    installed.machine.told(installed.machine.installer, "--person", "ben")
    units = installed.machine.told("sh", "-c", f"ls {UNITS}/vega-server*.s*").split()
    model = installed.machine.clone / "systemd/vega-model.service"

    done = installed.machine.run("systemd-analyze", "verify", *units, model)

    assert len(units) == 4
    assert done.stdout == ""
    assert done.returncode == 0


def _builds(machine: ScratchMachine) -> bool:
    return machine.told("find", "/opt/vega/versions", "-name", "hangs") != ""


def _user(machine: ScratchMachine) -> str:
    return machine.run("getent", "passwd", "vega").stdout.strip()
