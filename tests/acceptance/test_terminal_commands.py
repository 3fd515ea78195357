"""The other commands: history, status, config, open, doctor, and completion in a shell."""

import json
import os
import socket
import subprocess
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeVega
from tests.terminal import (
    PATIENCE_SECONDS,
    VEGA,
    Terminal,
    environment,
    run_command,
    settings_of,
)
from tests.vega_process import VegaProcess

COMMANDS = {"serve", "chat", "ask", "history", "digest", "status", "config", "open", "doctor"}
CODE_BLOCKS = "▄▀█"


# History


def test_history_shows_the_last_turns_oldest_first(vega: VegaProcess) -> None:
    for number in range(4):
        vega.chat(f"Prompt {number}.")

    shown = run_command(vega.home, "history", "-n", "2").stdout

    assert "Prompt 1." not in shown
    assert (
        shown.index("> Prompt 2.") < shown.index("You said: Prompt 2.") < shown.index("Prompt 3.")
    )
    assert " 20" in shown.splitlines()[0]


def test_history_goes_on_where_it_says_that_older_turns_are(vega: VegaProcess) -> None:
    for number in range(3):
        vega.chat(f"Prompt {number}.")

    newest = run_command(vega.home, "history", "-n", "1")
    words = newest.stderr.partition("vega ")[2].split()
    older = run_command(vega.home, *words)

    assert newest.stdout.count("> Prompt") == 1
    assert older.stdout.count("> Prompt") == 2
    assert older.stderr == ""


def test_history_as_json_has_the_turns_of_the_api(vega: VegaProcess) -> None:
    vega.chat("Hello.")

    found = json.loads(run_command(vega.home, "history", "--json").stdout)

    assert found == {"turns": [vega.turn(1)], "next_before": None}


def test_a_long_history_is_read_page_by_page(vega: VegaProcess) -> None:
    for number in range(205):
        vega.request("POST", "/chat", {"prompt": f"My dog {number} is old."})

    found = json.loads(run_command(vega.home, "history", "--json", "-n", "203").stdout)

    assert [turn["id"] for turn in found["turns"]] == list(range(3, 206))


# Status


def test_status_says_what_vega_is_doing(vega: VegaProcess) -> None:
    vega.chat("Hello.")

    shown = run_command(vega.home, "status").stdout
    found = json.loads(run_command(vega.home, "status", "--json").stdout)

    assert "scripted" in shown
    assert "1 turn," in shown
    assert found.keys() == vega.status().keys()


def test_status_fits_a_narrow_terminal(vega: VegaProcess) -> None:
    with Terminal(vega.home, "status", columns=40) as terminal:
        assert terminal.wait() == 0

    assert "scripted" in terminal.text


# Config


def test_config_says_where_each_setting_comes_from(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "vega.toml").write_text('page_port = 9123\napi_key = "hush-hush"\n')

    done = run_command(home, "config", variables={"VEGA_PORT": "9124"})
    rows = json.loads(run_command(home, "config", "--json", variables={"VEGA_PORT": "9124"}).stdout)

    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert lines["port"].endswith("VEGA_PORT")
    assert lines["page_port"].endswith(str(home / "vega.toml"))
    assert lines["host"].endswith("default")
    assert "hush" not in done.stdout + json.dumps(rows)
    assert rows["port"] == {"value": 9124, "from": "VEGA_PORT"}


@pytest.mark.parametrize(
    ("written", "variables", "named"),
    [
        ("port = 'x'", {}, "vega.toml: port"),
        ("prot = 1", {}, "did you mean port?"),
        ("port = ", {}, "not valid TOML"),
        ("", {"VEGA_PORT": "0"}, "VEGA_PORT"),
    ],
)
def test_config_explains_badsettings_of(
    tmp_path: Path, written: str, variables: dict[str, str], named: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "vega.toml").write_text(written)

    done = run_command(home, "config", variables=variables)

    assert done.returncode == 1
    assert named in done.stderr


# Open


def test_open_gives_a_link_that_pairs_a_browser_once(vega: VegaProcess) -> None:
    done = run_command(vega.home, "open")
    url = done.stdout.strip()
    code = url.partition("#")[2]

    paired = vega.request("POST", "/api/devices", {"code": code, "name": "A browser"})
    again = vega.request("POST", "/api/devices", {"code": code, "name": "A browser"})

    assert done.returncode == 0
    assert url.startswith(f"http://localhost:{vega.page_port}/pair#")
    assert (paired.status_code, again.status_code) == (201, 410)
    assert not set(CODE_BLOCKS) & set(done.stdout)


def test_open_starts_the_browser_of_a_desktop(vega: VegaProcess, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n')
    browser.chmod(0o700)

    done = run_command(vega.home, "open", variables={"BROWSER": f"{browser} %s"})

    assert (tmp_path / "opened").read_text() == done.stdout


def test_open_draws_the_link_for_a_phone(vega: VegaProcess) -> None:
    with Terminal(vega.home, "open", "--qr", columns=60) as wide:
        assert wide.wait() == 0
    with Terminal(vega.home, "open", "--qr", columns=20) as narrow:
        assert narrow.wait() == 0
    plain = run_command(vega.home, "open", "--qr", variables={"PYTHONIOENCODING": "ascii"})

    assert sum(wide.text.count(block) for block in CODE_BLOCKS) > 100
    assert "to this machine only" in " ".join(wide.text.split())
    assert "columns" in narrow.text
    assert "UTF-8" in plain.stderr
    assert plain.stdout.startswith("http://")


# Doctor


def test_doctor_finds_nothing_wrong_with_a_vega_that_is_well(vega: VegaProcess) -> None:
    vega.chat("Hello.")

    done = run_command(vega.home, "doctor", variables=settings_of(vega))

    assert done.returncode == 0, done.stdout
    assert "!!" not in done.stdout
    for name in ("Settings", "Home", "Disk", "Life", "Server", "API port", "Page port", "Model"):
        assert any(line.startswith(f"ok  {name}") for line in done.stdout.splitlines()), name


def test_doctor_works_with_the_server_down(vega: VegaProcess) -> None:
    vega.terminate()

    done = run_command(vega.home, "doctor", variables=settings_of(vega))

    assert done.returncode == 1
    bad = [line for line in done.stdout.splitlines() if line.startswith("!!")]
    assert len(bad) == 1
    assert "Vega is not running." in bad[0]
    assert f"{vega.port} is free" in done.stdout


def test_doctor_tells_a_killed_vega_from_a_stopped_one(vega: VegaProcess) -> None:
    vega.kill()

    done = run_command(vega.home, "doctor", variables=settings_of(vega))

    assert "not ended cleanly" in done.stdout


def test_doctor_names_who_has_the_port(make_vega: MakeVega) -> None:
    vega = make_vega()
    with socket.create_server(("127.0.0.1", vega.port)) as taken:
        taken.settimeout(PATIENCE_SECONDS)
        done = run_command(vega.home, "doctor", variables=settings_of(vega))

    line = next(line for line in done.stdout.splitlines() if "API port" in line)
    assert line.startswith("!!")
    assert f"Another program has port {vega.port}" in line
    assert f"pid {os.getpid()}" in line


def test_doctor_sees_a_broken_life_open_doors_and_half_a_model(vega: VegaProcess) -> None:
    vega.terminate()
    (vega.home / "vega.db").write_bytes(b"no life")
    vega.home.chmod(0o755)
    (vega.home / "models").mkdir(exist_ok=True)
    (vega.home / "models" / "half.gguf").write_bytes(b"GGUF and nothing")

    done = run_command(vega.home, "doctor", variables=settings_of(vega))

    bad = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("!!")]
    assert bad[:2] == ["Home", "Life"]
    assert "half.gguf" in done.stdout
    assert "chmod 700" in done.stdout


def test_doctor_misses_a_life_that_was_begun(vega: VegaProcess) -> None:
    vega.terminate()
    for path in vega.home.glob("vega.db*"):
        path.unlink()

    done = run_command(vega.home, "doctor", variables=settings_of(vega))

    assert "a life was begun here" in done.stdout


def test_doctor_goes_on_after_badsettings_of(tmp_path: Path) -> None:
    done = run_command(tmp_path / "home", "doctor", variables={"VEGA_PORT": "no"})

    assert done.returncode == 1
    assert "VEGA_PORT" in done.stdout
    assert "Server" in done.stdout


# The command itself


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_given_a_completion_that_completes(shell: str, tmp_path: Path) -> None:
    variables = {"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    script = run_command(tmp_path, "--show-completion", shell, variables=variables)
    asked = {
        "bash": {"_VEGA_COMPLETE": "complete_bash", "COMP_WORDS": "vega ", "COMP_CWORD": "1"},
        "zsh": {"_VEGA_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "vega "},
        "fish": {
            "_VEGA_COMPLETE": "complete_fish",
            "_TYPER_COMPLETE_ARGS": "vega ",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        },
    }[shell]
    vega = Path(VEGA[0]).with_name("vega")

    found = subprocess.run(
        [vega],
        env=environment(tmp_path, **asked),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert script.returncode == 0
    assert f"_VEGA_COMPLETE=complete_{shell}" in script.stdout
    assert {name for name in COMMANDS if name in found.stdout} == COMMANDS


def test_a_word_that_is_no_command_is_a_mistake(tmp_path: Path) -> None:
    done = run_command(tmp_path, "aks")

    assert done.returncode == 2
    assert "aks" in done.stderr


def test_help_names_every_command_in_a_narrow_terminal(tmp_path: Path) -> None:
    with Terminal(tmp_path, "--help", columns=40) as terminal:
        assert terminal.wait() == 0

    assert {name for name in COMMANDS if name in terminal.text} == COMMANDS


def test_closed_outputs_are_no_error(vega: VegaProcess) -> None:
    command = f'exec {" ".join(VEGA)} ask "Hello." <&- >&- 2>&-'

    done = subprocess.run(
        ["sh", "-c", command], env=environment(vega.home), timeout=PATIENCE_SECONDS, check=False
    )

    assert done.returncode == 0
    assert vega.turn(1)["status"] == "completed"
