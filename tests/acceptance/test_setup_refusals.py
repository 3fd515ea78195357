"""What `setup_jarvis_mode.sh` refuses: it says why and what to do, and touches nothing."""

import socket
import subprocess
import sys

import pytest

from tests.acceptance.scratch_machine import AS_NOBODY, HOME, Installed, ScratchMachine


def test_nothing_to_uninstall_is_said(machine: ScratchMachine) -> None:
    done = machine.setup("--uninstall")

    assert done.returncode == 0
    assert "no Vega service" in done.stdout


def test_without_root_it_says_how(machine: ScratchMachine) -> None:
    machine.told("cp", "-r", machine.clone, "/usr/local/clone")

    done = machine.run(*AS_NOBODY, "/usr/local/clone/setup_jarvis_mode.sh")

    _assert_refused(
        machine, done, "sudo /usr/local/clone/setup_jarvis_mode.sh", "--user", "make serve"
    )


def test_without_systemd_it_names_make_serve(machine: ScratchMachine) -> None:
    machine.told("rm", "-r", "/run/systemd/system")

    _assert_refused(machine, machine.setup(), "systemd", "make serve")


@pytest.mark.parametrize("option", ["--port", "--page-port"])
def test_a_port_in_use_is_named_with_its_option(option: str, machine: ScratchMachine) -> None:
    options = Installed(machine).options
    port = options[options.index(option) + 1]

    with socket.create_server(("127.0.0.1", int(port))):
        done = machine.setup(*options)

    _assert_refused(machine, done, f"port {port}", f"{option} ")


@pytest.mark.parametrize("port", ["0", "65536", "http", ""])
def test_what_is_no_port_is_refused(port: str, machine: ScratchMachine) -> None:
    done = machine.setup("--port", port)

    assert done.returncode == 2
    assert "--port" in done.stdout


def test_an_unknown_option_is_answered_with_those_that_there_are(machine: ScratchMachine) -> None:
    done = machine.setup("--remove")

    assert done.returncode == 2
    assert "--remove" in done.stdout
    assert "--uninstall" in done.stdout


def test_a_python_that_is_too_old_is_named(machine: ScratchMachine) -> None:
    old = machine.folder / "python3.9"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2 && exit\nexit 1\n')
    old.chmod(0o755)

    done = machine.setup(PYTHON=str(old))

    _assert_refused(machine, done, "Python 3.11", str(old), "Python 3.9.2")


def test_a_python_that_only_root_can_run_is_named(machine: ScratchMachine) -> None:
    private = machine.folder / "private"
    private.mkdir(mode=0o700)
    (private / "python3").symlink_to(sys.executable)

    done = machine.setup(PYTHON=str(private / "python3"))

    _assert_refused(machine, done, str(private / "python3"), "only")


def test_a_broken_vega_toml_is_named(installed: Installed) -> None:
    installed.machine.told("sh", "-c", f"echo 'port = ' >{HOME}/vega.toml")

    done = installed.machine.setup()

    assert done.returncode == 1
    assert f"{HOME}/vega.toml" in done.stdout


def test_a_second_run_at_the_same_time_is_refused(machine: ScratchMachine) -> None:
    done = machine.run("flock", "/run/vega-setup.lock", machine.installer)

    _assert_refused(machine, done, "another run")


def _assert_refused(
    machine: ScratchMachine, done: subprocess.CompletedProcess[str], *words: str
) -> None:
    """It said so, with these words, and touched nothing."""
    assert done.returncode == 1
    assert "Nothing was changed" in done.stdout
    assert [word for word in words if word not in done.stdout] == []
    assert not machine.has("/opt/vega")
    assert not machine.has(HOME)
