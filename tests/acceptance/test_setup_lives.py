"""Lives beside the first one: `--person`, and what `vega service` says of all of them."""

import re

import httpx2

from tests.acceptance.scratch_machine import Installed, ScratchMachine
from tests.vega_process import ANSWER_SECONDS

BEN = "/var/lib/vega-ben"
UNITS = "/etc/systemd/system"
LAUNCHER = "/usr/local/bin/vega"


def _ports(machine: ScratchMachine, service: str) -> list[str]:
    text = machine.told("cat", f"{UNITS}/{service}.socket")
    return re.findall(r"^ListenStream=.*:(\d+)$", text, re.M)


def _ask_ben(machine: ScratchMachine, prompt: str) -> str:
    port = _ports(machine, "vega-server-ben")[0]
    key = machine.told("cat", f"{BEN}/api_key")
    with httpx2.Client(trust_env=False, timeout=ANSWER_SECONDS) as client:
        url = f"http://127.0.0.1:{port}/chat"
        answer = client.post(url, json={"prompt": prompt}, headers={"X-API-Key": key})
    return str(answer.raise_for_status().json()["response"])


def test_a_person_gets_a_life_with_a_user_and_ports_of_their_own(installed: Installed) -> None:
    machine = installed.machine
    installed.chat("My favorite color is purple")

    done = machine.setup("--person", "ben")

    assert done.returncode == 0, done.stdout
    assert "sudo vega-ben chat" in done.stdout
    assert machine.told("stat", "-c", "%U %a", BEN, f"{BEN}/api_key") == (
        "vega-ben 700\nvega-ben 600"
    )
    assert set(_ports(machine, "vega-server-ben")).isdisjoint(_ports(machine, "vega-server"))
    assert "purple" not in _ask_ben(machine, "What is my favorite color?")
    assert f"is running on {BEN}." in machine.told(f"{LAUNCHER}-ben", "status")
    assert machine.told("find", BEN, "-not", "-user", "vega-ben") == ""


def test_the_next_setup_upgrades_every_life(installed: Installed) -> None:
    machine = installed.machine
    assert machine.setup("--person", "ben").returncode == 0
    _ask_ben(machine, "My favorite color is green")
    (machine.clone / "README.md").write_text("newer")

    done = machine.setup()

    assert done.returncode == 0, done.stdout
    for link in ("current", "current-ben"):
        assert machine.told("cat", f"/opt/vega/{link}/README.md") == "newer"
    assert len(machine.told("ls", "/opt/vega/versions").split()) == 1
    assert "green" in _ask_ben(machine, "What is my favorite color?")


def test_a_person_is_uninstalled_alone_and_the_life_stays(installed: Installed) -> None:
    machine = installed.machine
    assert machine.setup("--person", "ben").returncode == 0
    _ask_ben(machine, "My favorite color is green")

    done = machine.setup("--uninstall", "--person", "ben")

    assert done.returncode == 0, done.stdout
    assert BEN in done.stdout
    assert not machine.has(f"{UNITS}/vega-server-ben.service")
    assert not machine.has(f"{LAUNCHER}-ben")
    assert installed.chat("Hello.")
    assert machine.setup("--person", "ben").returncode == 0
    assert "green" in _ask_ben(machine, "What is my favorite color?")


def test_a_name_that_cannot_be_a_users_is_refused(machine: ScratchMachine) -> None:
    for name in ("Ben", "model", "-x", "../etc", "a" * 21):
        done = machine.setup(f"--person={name}")

        assert done.returncode == 1, done.stdout
        assert "Nothing was changed" in done.stdout
    assert not machine.has("/opt/vega")


def test_no_start_installs_and_starts_nothing(machine: ScratchMachine) -> None:
    vega = Installed(machine)

    done = machine.setup("--no-start", *vega.options)

    assert done.returncode == 0, done.stdout
    assert "not started" in done.stdout
    assert {"start", "restart"}.isdisjoint(vega.calls)
    assert machine.told("readlink", f"{UNITS}/sockets.target.wants/vega-server.socket")
    started = machine.run(LAUNCHER, "service", "start")
    assert started.returncode == 0, started.stdout
    assert vega.chat("Hello.")


def test_vega_service_says_how_it_is_and_stops_its_ports_too(installed: Installed) -> None:
    machine = installed.machine

    running = machine.run(LAUNCHER, "service", "status")
    machine.told(LAUNCHER, "service", "stop")
    stopped = machine.run(LAUNCHER, "service", "status")

    assert running.returncode == 0, running.stdout
    assert "vega-server runs." in running.stdout
    assert f"127.0.0.1:{installed.port}" in running.stdout
    assert "it starts at boot" in running.stdout
    assert stopped.returncode == 1
    assert "stopped" in stopped.stdout
    assert machine.run("systemctl", "is-active", "vega-server.socket").returncode != 0
    machine.told(LAUNCHER, "service", "start")
    assert installed.chat("Hello.")


def test_vega_service_uninstall_is_that_of_the_script(installed: Installed) -> None:
    machine = installed.machine

    done = machine.run(LAUNCHER, "service", "uninstall")

    assert done.returncode == 0, done.stdout
    assert "/var/lib/vega" in done.stdout
    assert not machine.has("/opt/vega")


def test_newer_systemd_gets_the_drop_in_that_waits_longer_each_time(
    machine: ScratchMachine,
) -> None:
    vega = Installed(machine)
    drop_in = f"{UNITS}/vega-server.service.d/backoff.conf"

    assert machine.setup(*vega.options, STAND_IN_VERSION="254").returncode == 0
    has_it = machine.has(drop_in)
    assert machine.setup(*vega.options, STAND_IN_VERSION="252").returncode == 0

    assert has_it
    assert not machine.has(drop_in)


def test_without_root_a_user_gets_a_service_of_their_own(machine: ScratchMachine) -> None:
    home = "/usr/local/ann"
    machine.share_programs()
    machine.told("useradd", "--create-home", "--home-dir", home, "ann")
    machine.told("cp", "-r", machine.clone, f"{home}/clone")
    machine.told("mkdir", f"{home}/run")
    machine.told("chown", "-R", "ann", home)
    as_ann = ("setpriv", "--reuid=ann", "--regid=ann", "--clear-groups", "env", f"HOME={home}")
    variables = {"XDG_RUNTIME_DIR": f"{home}/run"}
    vega = Installed(machine)

    def run(*words: str) -> str:
        done = machine.run(*as_ann, *words, **variables)
        assert done.returncode == 0, done.stdout
        return done.stdout

    said = run(f"{home}/clone/setup_jarvis_mode.sh", "--user", *vega.options)
    status = run(f"{home}/.local/bin/vega", "service", "status")
    left = run(f"{home}/.local/bin/vega", "service", "uninstall")

    # There is no systemd that could let the user linger.
    assert "enable-linger ann" in said
    assert f"{home}/.vega" in said
    assert "when you log in" in status
    assert f"untouched, in {home}/.vega" in left
    assert machine.has(f"{home}/.vega/vega.db")
    assert not machine.has(f"{home}/.local/share/vega")
    assert not machine.has("/opt/vega")
    assert machine.told("find", home, "-user", "root") == ""
