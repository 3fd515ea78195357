"""The setup script on a machine that has Vega, with a next version that migrates or fails."""

from pathlib import Path

import pytest

from tests.acceptance.scratch_machine import HOME, Installed, ScratchMachine

MIGRATIONS = Path("src/vega/core/sql/migrations")
STEP = "-- A step of the next version.\n\nCREATE TABLE next_things (id INTEGER PRIMARY KEY);\n"
BROKEN_STEP = "-- A step that fails.\n\nINSERT INTO no_such_table VALUES (1);\n"
LAUNCHER = "/usr/local/bin/vega"


def _add_migrations(machine: ScratchMachine, *steps: str) -> int:
    """To the clone; the number of the last one."""
    folder = machine.clone / MIGRATIONS
    number = max(int(path.name[:4]) for path in folder.glob("[0-9]*.sql"))
    for step in steps:
        number += 1
        (folder / f"{number:04}_next_{number}.sql").write_text(step)
    return number


def _break_start(machine: ScratchMachine) -> None:
    """It fails when it has opened the life, and so migrated it."""
    server = machine.clone / "src/vega/server.py"
    text = server.read_text()
    line = "        def say_end()"
    assert line in text
    server.write_text(text.replace(line, f'        raise SystemExit("broken")\n\n{line}'))


def _schema(machine: ScratchMachine) -> int:
    header = machine.folder / "header"
    machine.told("sh", "-c", f"head -c 100 {HOME}/vega.db >{header}")
    return int.from_bytes(header.read_bytes()[60:64])


def _backups(machine: ScratchMachine) -> list[str]:
    said = machine.run("sh", "-c", f"ls {HOME}/backups").stdout.split()
    return [name for name in said if name.startswith("vega-") and name.endswith(".db")]


def test_an_upgrade_that_migrates_keeps_the_life_and_a_backup_from_before(
    installed: Installed,
) -> None:
    machine = installed.machine
    installed.chat("My favorite color is purple")
    before = _schema(machine)
    number = _add_migrations(machine, STEP)

    done = machine.setup()

    assert done.returncode == 0, done.stdout
    assert f"from {before} to {number}" in done.stdout
    assert _schema(machine) == number
    assert "purple" in installed.chat("What is my favorite color?")
    # By the running version, and once more when nobody wrote.
    assert len(_backups(machine)) == 2


@pytest.mark.parametrize("steps", [(STEP,), (STEP, BROKEN_STEP)], ids=["start", "migration"])
def test_an_upgrade_that_fails_after_it_has_migrated_gives_the_life_back_as_it_was(
    steps: tuple[str, ...], installed: Installed
) -> None:
    machine = installed.machine
    installed.chat("My favorite color is purple")
    before, version = _schema(machine), machine.told("readlink", "/opt/vega/current")
    _add_migrations(machine, *steps)
    if len(steps) == 1:
        _break_start(machine)

    done = machine.setup()

    assert done.returncode == 1, done.stdout
    assert "Undone" in done.stdout
    assert _schema(machine) == before
    assert machine.told("readlink", "/opt/vega/current") == version
    assert "purple" in installed.chat("What is my favorite color?")
    # What it was meanwhile is kept, and nothing that would change the next restart.
    assert machine.told("ls", f"{HOME}/replaced")
    assert not machine.has("/run/systemd/system/vega-server.service.d")
    assert "all as they were stored" in machine.told(LAUNCHER, "verify")


def test_the_backups_of_an_upgrade_go_with_the_next_one(installed: Installed) -> None:
    machine = installed.machine
    installed.chat("Hello.")
    for text in ("newer", "newest"):
        (machine.clone / "README.md").write_text(text)
        done = machine.setup()
        assert done.returncode == 0, done.stdout

    assert len(_backups(machine)) == 1


def test_an_older_version_is_refused_before_anything_is_restarted(installed: Installed) -> None:
    machine = installed.machine
    older = machine.folder / "older"
    machine.told("cp", "-r", machine.clone, older)
    number = _add_migrations(machine, STEP)
    assert machine.setup().returncode == 0
    pid = installed.pid

    done = machine.run(older / "setup_jarvis_mode.sh")

    assert done.returncode == 1
    assert f"schema {number}" in done.stdout
    assert installed.pid == pid


def test_without_a_backup_a_life_that_is_served_is_not_upgraded(installed: Installed) -> None:
    machine = installed.machine
    installed.chat("Hello.")
    pid = installed.pid
    machine.told("sh", "-c", f"rm -rf {HOME}/backups && touch {HOME}/backups")
    (machine.clone / "README.md").write_text("newer")

    done = machine.setup()

    assert done.returncode == 1
    assert "No backup could be made" in done.stdout
    assert installed.pid == pid


def test_vega_upgrade_is_the_script_of_the_folder_that_it_came_from(installed: Installed) -> None:
    machine = installed.machine
    (machine.clone / "README.md").write_text("newer")

    done = machine.run(LAUNCHER, "upgrade")

    assert done.returncode == 0, done.stdout
    assert str(machine.clone) in done.stdout
    assert machine.told("cat", "/opt/vega/current/README.md") == "newer"


def test_vega_upgrade_runs_nothing_that_others_could_have_changed(installed: Installed) -> None:
    machine = installed.machine
    machine.told("chown", "65534", machine.clone)
    (machine.clone / "README.md").write_text("newer")

    done = machine.run(LAUNCHER, "upgrade")

    assert done.returncode == 1
    assert str(machine.clone) in done.stdout
    assert machine.told("cat", "/opt/vega/current/README.md") != "newer"


def test_root_does_not_write_through_a_link_that_the_owner_laid(installed: Installed) -> None:
    machine = installed.machine
    other = Installed(machine)
    machine.told("sh", "-c", "echo mine >/etc/precious")
    machine.told("sh", "-c", f"rm -f {HOME}/vega.toml && ln -s /etc/precious {HOME}/vega.toml")

    done = machine.setup(*other.options)

    assert done.returncode == 1
    assert machine.told("cat", "/etc/precious") == "mine"
