"""`vega backup` as its owner types it, beside a Vega that runs and without one."""

import json
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.life_file import assert_sound, read_life, turns_in
from tests.terminal import PATIENCE_SECONDS, Terminal, run_command
from tests.vega_process import VegaProcess, wait_until


def _backup(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_command(home, "backup", *words)


def _made(home: Path) -> dict[str, object]:
    done = _backup(home, "create", "--json")
    assert done.returncode == 0, done.stderr
    made: dict[str, object] = json.loads(done.stdout)
    return made


def _prompts(vega: VegaProcess) -> list[str]:
    return [turn["prompt"] for turn in vega.history()]


def test_a_life_goes_back_to_its_backup_and_the_newer_one_is_kept(vega: VegaProcess) -> None:
    vega.chat("The first.")
    made = _made(vega.home)
    for number in range(3):
        vega.chat(f"Later {number}.")
    newer = vega.history()
    vega.terminate()

    done = _backup(vega.home, "restore", str(made["name"]), "--yes")
    vega.start()

    assert done.returncode == 0, done.stderr
    assert "4 turns, 3 of them after this backup" in done.stdout
    assert _prompts(vega) == ["The first."]
    assert vega.status()["attention"] == []
    assert vega.chat("And on.").json()["turn_id"] == 2
    vega.terminate()
    (kept,) = (vega.home / "replaced").iterdir()
    assert str(kept) in done.stdout
    for home in (vega.home, kept):
        with read_life(home) as life:
            assert_sound(life, home)
    with read_life(kept) as life:
        assert [turn.prompt for turn in turns_in(life)] == [turn["prompt"] for turn in newer]


def test_backups_are_made_listed_and_verified_with_vega_running_and_without(
    vega: VegaProcess,
) -> None:
    vega.chat("Hello.")
    first = _made(vega.home)
    beside = [
        _backup(vega.home, *words).stdout for words in (["list"], ["verify", str(first["name"])])
    ]
    vega.terminate()
    second = _made(vega.home)
    listed = json.loads(_backup(vega.home, "list", "--json").stdout)
    verified = [_backup(vega.home, "verify", each["name"]) for each in listed["backups"]]

    assert listed == {"backups": [second, first]}
    assert [done.returncode for done in verified] == [0, 0]
    assert all("as it was made" in done.stdout for done in verified)
    assert "1 turn, " in beside[0]
    assert str(first["name"]) in beside[0]
    assert "as it was made" in beside[1]
    assert (second["turns"], second["head"]) == (first["turns"], first["head"])


def test_a_life_is_not_replaced_under_a_vega_that_runs(vega: VegaProcess) -> None:
    vega.chat("Hello.")
    made = _made(vega.home)

    done = _backup(vega.home, "restore", str(made["name"]), "--yes")

    assert done.returncode == 1
    assert "Stop it first" in done.stderr
    assert vega.chat("Still there?").status_code == 200
    assert not (vega.home / "replaced").exists()


@pytest.mark.parametrize("is_running", [True, False])
def test_a_damaged_backup_is_told_and_is_not_restored(vega: VegaProcess, is_running: bool) -> None:
    vega.chat("Hello.")
    made = _made(vega.home)
    path = vega.home / "backups" / str(made["name"])
    data = bytearray(path.read_bytes())
    data[9_000] ^= 1
    path.write_bytes(data)
    if not is_running:
        vega.terminate()

    verified = _backup(vega.home, "verify", path.name)
    vega.terminate()
    restored = _backup(vega.home, "restore", path.name, "--yes")
    vega.start()

    assert (verified.returncode, restored.returncode) == (1, 1)
    assert "does not have its checksum" in verified.stderr
    assert "does not have its checksum" in restored.stderr
    assert _prompts(vega) == ["Hello."]


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_a_name_that_leads_elsewhere_is_refused(vega: VegaProcess, command: str) -> None:
    vega.terminate()
    _made(vega.home)
    for name in ("../vega.db", "/etc/passwd", "vega-20990101T000000Z.db"):
        done = _backup(vega.home, command, name)

        assert done.returncode == 1
        assert "no such backup" in done.stderr


def test_a_home_without_a_life_has_no_backups(tmp_path: Path) -> None:
    for words in (["create"], ["list"], ["verify", "vega-20990101T000000Z.db"]):
        done = _backup(tmp_path / "home", *words)

        assert done.returncode == 1
        assert "no life" in done.stderr
    assert not (tmp_path / "home").exists()


def test_the_backups_alone_bring_a_life_to_a_new_machine(
    vega: VegaProcess, make_vega: MakeVega
) -> None:
    vega.chat("My favorite color is purple.")
    made = _made(vega.home)
    new = make_vega("new")
    shutil.copytree(vega.home / "backups", new.home / "backups")
    shutil.copy(vega.home / "api_key", new.home)

    done = _backup(new.home, "restore", str(made["name"]), "--yes")
    new.start()

    assert "no life" in done.stdout
    assert _prompts(new) == ["My favorite color is purple."]
    assert new.status()["session_id"] == vega.status()["session_id"]


@pytest.mark.parametrize(("answer", "prompts"), [("n", 2), ("y", 1)])
def test_a_person_is_asked_before_a_life_is_replaced(
    vega: VegaProcess, answer: str, prompts: int
) -> None:
    vega.chat("The first.")
    made = _made(vega.home)
    vega.chat("The second.")
    vega.terminate()

    nobody = _backup(vega.home, "restore", str(made["name"]))
    with Terminal(vega.home, "backup", "restore", str(made["name"])) as terminal:
        terminal.wait_for("Restore it?")
        terminal.type(f"{answer}\r")
        code = terminal.process.wait(PATIENCE_SECONDS)
    vega.start()

    assert nobody.returncode == 1
    assert "--yes" in nobody.stderr
    assert code == (0 if answer == "y" else 1)
    assert len(_prompts(vega)) == prompts


def test_a_kill_while_a_backup_is_made_harms_nothing(vega: VegaProcess) -> None:
    for number in range(20):
        vega.chat(f"{number} " * 200_000)
    asking = threading.Thread(target=_backup, args=(vega.home, "create"))
    asking.start()
    folder = vega.home / "backups"
    wait_until(lambda: folder.is_dir() and any(folder.glob("*.part*")), PATIENCE_SECONDS, 0.0)
    vega.kill()
    asking.join()
    left = list(folder.glob("*.part*"))
    vega.start()
    made = _made(vega.home)
    vega.terminate()

    assert left
    assert {path.name for path in folder.iterdir()} == {
        str(made["name"]),
        str(made["name"]).replace(".db", ".json"),
    }
    assert made["turns"] == 20
    with read_life(vega.home) as life:
        assert_sound(life, vega.home)
