"""Every shell script passes shellcheck, also those that the installer writes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.guards.tree import ROOT, name_of, project_files
from vega.service.instance import Instance, system_instance, user_instance
from vega.service.launcher import launcher_text

SHELLS = ("#!/bin/sh", "#!/usr/bin/env bash", "#!/bin/bash")
SCRIPTS = [path for path in project_files() if path.read_bytes()[:20].startswith(b"#!")]
SHELL_SCRIPTS = [path for path in SCRIPTS if path.read_text().startswith(SHELLS)]


@pytest.mark.parametrize("script", SHELL_SCRIPTS, ids=name_of)
def test_a_script_is_clean(script: Path) -> None:
    assert _complaints(script.read_text()) == ""


@pytest.mark.parametrize(
    "instance",
    [system_instance(), system_instance("ben"), user_instance()],
    ids=lambda one: one.service,
)
def test_a_command_that_is_put_into_place_is_clean(instance: Instance) -> None:
    assert _complaints(launcher_text(instance)) == ""


def test_the_measure_sees_a_trap() -> None:
    assert "SC2115" in _complaints('#!/bin/sh\nrm -rf "$1/"*\n')


def test_the_setup_script_is_small() -> None:
    assert ROOT / "setup_jarvis_mode.sh" in SHELL_SCRIPTS
    assert len((ROOT / "setup_jarvis_mode.sh").read_text().splitlines()) < 60


def _complaints(text: str) -> str:
    command = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([command, "-"], input=text, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
