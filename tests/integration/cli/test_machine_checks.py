"""What `vega doctor` finds on this machine and in a home folder, where it is really broken."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vega.cli import machine_checks
from vega.cli.finding import Finding
from vega.config import Settings

ANOTHER_USER = 12345


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """As Vega leaves one behind."""
    home = tmp_path / "home"
    for folder in (home, home / "backups", home / "models"):
        folder.mkdir(mode=0o700)
    for name in ("vega.db", "vega.head", "api_key", "backups/vega-20260101T033000Z.db"):
        (home / name).touch(mode=0o600)
    return home


def found(home: Path, name: str) -> Finding:
    return next(each for each in machine_checks.check_home(home) if each.name == name)


# Files


def test_files_for_their_owner_alone_are_well(home: Path) -> None:
    assert {each.state for each in machine_checks.check_home(home)} == {"ok"}
    assert found(home, "Files").text == "6 in there, for their owner alone"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_a_file_that_others_may_read_or_change_is_named(home: Path, mode: int) -> None:
    (home / "api_key").chmod(mode)

    shown = found(home, "Files")

    assert (shown.state, shown.text) == ("bad", "api_key is open to others.")
    assert shown.hint == f"chmod -R go-rwx {home}"


def test_a_file_deep_inside_counts_as_well(home: Path) -> None:
    (home / "backups" / "vega-20260101T033000Z.db").chmod(0o644)

    assert "backups/vega-20260101T033000Z.db is open" in found(home, "Files").text


def test_of_many_open_files_a_few_are_named(home: Path) -> None:
    for number in range(5):
        (home / f"open-{number}").touch(mode=0o666)
        (home / f"open-{number}").chmod(0o644)

    assert "open-0, open-1, open-2 and 2 more are open" in found(home, "Files").text


def test_a_model_may_be_read_by_all_and_changed_by_nobody(home: Path) -> None:
    model = home / "models" / "one.gguf"
    model.touch()
    model.chmod(0o644)
    readable = found(home, "Files")
    model.chmod(0o666)

    assert (readable.state, found(home, "Files").state) == ("ok", "bad")


def test_the_certificate_to_trust_may_be_read_by_all_and_changed_by_nobody(home: Path) -> None:
    (home / "tls").mkdir(mode=0o700)
    certificate = home / "tls" / "vega-ca.crt"
    certificate.touch()
    certificate.chmod(0o644)
    readable = found(home, "Files")
    certificate.chmod(0o666)

    assert (readable.state, found(home, "Files").state) == ("ok", "bad")


def test_a_link_to_a_shared_model_is_no_open_file(home: Path) -> None:
    (home / "models" / "shared.gguf").symlink_to("/usr")

    assert found(home, "Files").state == "ok"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user_is_named(home: Path) -> None:
    os.chown(home / "vega.head", ANOTHER_USER, ANOTHER_USER)

    shown = found(home, "Files")

    assert (shown.state, shown.text) == ("bad", "vega.head is of another user's.")
    assert "chown -R" in shown.hint


def test_a_home_that_others_may_enter_is_seen(home: Path) -> None:
    home.chmod(0o750)

    shown = found(home, "Home")

    assert (shown.state, shown.hint) == ("bad", f"chmod 700 {home}")


# The clock


def settings(home: Path) -> Settings:
    return Settings(home=home)


def clock(home: Path, newest: datetime | None = None) -> Finding:
    return next(iter(machine_checks.check_clock(settings(home), newest)))


def test_a_clock_that_is_right_is_never_bad(home: Path) -> None:
    assert clock(home, datetime.now(UTC) - timedelta(hours=1)).state in ("ok", "note")


def test_a_clock_behind_the_last_turn_is_seen(home: Path) -> None:
    shown = clock(home, datetime.now(UTC) + timedelta(minutes=5))

    assert shown.state == "bad"
    assert "before what was last said" in shown.text


def test_a_clock_behind_the_lifes_files_is_seen_without_asking_vega(home: Path) -> None:
    later = time.time() + 3600
    os.utime(home / "vega.head", (later, later))

    assert clock(home).state == "bad"


# The engine of the built-in models


def test_an_engine_that_can_be_loaded_is_well() -> None:
    assert machine_checks.check_engine().state == "ok"


def test_an_engine_that_misses_a_library_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / f"{machine_checks.ENGINE}.py"
    broken.write_text('raise ImportError("libgomp.so.1: cannot open shared object file")\n')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    shown = machine_checks.check_engine()

    assert shown.state == "bad"
    assert "apt-get install libgomp1" in shown.hint


def test_an_engine_that_dies_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / f"{machine_checks.ENGINE}.py").write_text("import os\nos.abort()\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    shown = machine_checks.check_engine()

    assert (shown.state, shown.hint) == ("bad", "Install Vega anew.")


def test_memory_is_told() -> None:
    (shown,) = machine_checks.check_memory()

    assert "MB of" in shown.text
    assert shown.state in ("ok", "note")
