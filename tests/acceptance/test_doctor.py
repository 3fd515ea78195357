"""What `vega doctor` says of a real Vega that is really unwell."""

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeVega
from tests.acceptance.small_disk import SmallDisk
from tests.own_certificates import write_own
from tests.terminal import run_command, settings_of
from tests.vega_process import VegaProcess, free_ports, wait_until
from vega.core.life import sqlite

Found = dict[str, dict[str, str]]
OLD = datetime.now(UTC).date() - timedelta(days=400)
SHARED_MEMORY = Path("/dev/shm")
EVERYWHERE = "0.0.0.0"
SECONDS = 20.0


def diagnose(vega: VegaProcess, **variables: str) -> Found:
    """By name, what doctor found."""
    settings = {**settings_of(vega), **variables}
    done = run_command(vega.home, "doctor", "--json", variables=settings)
    said = json.loads(done.stdout)
    is_well = all(each["state"] != "bad" for each in said["findings"])
    assert said["is_well"] == is_well == (done.returncode == 0)
    return {each["name"]: each for each in said["findings"]}


def test_every_line_that_is_bad_says_how_to_mend_it(make_vega: MakeVega) -> None:
    vega = make_vega()
    vega.home.mkdir(mode=0o755)
    vega.home.chmod(0o755)
    (vega.home / "vega.db").write_bytes(b"no life")
    (vega.home / "vega.head").write_bytes(b"")

    bad = [each for each in diagnose(vega).values() if each["state"] == "bad"]

    assert {each["name"] for each in bad} >= {"Home", "Files", "Life", "Server"}
    assert [each for each in bad if not each["hint"]] == []


# Exposure


def test_a_vega_for_this_machine_alone_is_not_exposed(vega: VegaProcess) -> None:
    assert diagnose(vega)["Exposure"]["state"] == "ok"


def test_one_that_others_can_reach_in_plain_http_is_told_by_its_sockets(
    make_vega: MakeVega,
) -> None:
    vega = make_vega(settings={"VEGA_HOST": EVERYWHERE})
    vega.start()

    # What it listens on counts, whatever this shell's settings say.
    found = diagnose(vega, VEGA_HOST="127.0.0.1")["Exposure"]

    assert found["state"] == "note"
    assert f"{EVERYWHERE}:{vega.port}" in found["text"]
    assert "vega tls on" in found["hint"]


def test_one_without_keys_is_told(make_vega: MakeVega) -> None:
    vega = make_vega(settings={"VEGA_REQUIRE_KEY": "false"})
    vega.start()

    assert "needs no key" in diagnose(vega)["Exposure"]["text"]


# Who is let in


OLD_ROWS = """
INSERT INTO keys (hash, name, created_at, last_used_day) VALUES (zeroblob(32), 'old watch', ?1, ?2);
INSERT INTO devices (hash, name, created_at, kind, last_seen_day)
VALUES (zeroblob(32), 'old phone', ?1, 'phone', ?2)
"""


def test_a_key_and_a_browser_that_were_long_not_seen_are_named(vega: VegaProcess) -> None:
    vega.terminate()
    begun = datetime(OLD.year, OLD.month, OLD.day, tzinfo=UTC)
    with closing(sqlite.connect(vega.home / "vega.db")) as life:
        for statement in OLD_ROWS.split(";"):
            days = (OLD - date(1970, 1, 1)).days
            life.execute(statement, (int(begun.timestamp() * 1_000_000), days))
    vega.start()

    found = diagnose(vega)

    assert found["Keys"]["state"] == found["Browsers"]["state"] == "note"
    assert "old watch" in found["Keys"]["text"]
    assert "vega key revoke 'old watch'" in found["Keys"]["hint"]
    assert "vega device revoke 'old phone'" in found["Browsers"]["hint"]


def test_a_certificate_that_ends_soon_is_seen(make_vega: MakeVega, tmp_path: Path) -> None:
    begin = datetime.now(UTC) - timedelta(days=80)
    certificate, key = write_own(tmp_path, begin, days=90)
    (port,) = free_ports(1)
    vega = make_vega(
        settings={
            "VEGA_HTTPS_PORT": str(port),
            "VEGA_HTTPS_HOST": "127.0.0.1",
            "VEGA_TLS_CERTIFICATE": str(certificate),
            "VEGA_TLS_KEY": str(key),
        }
    )
    vega.start()

    found = diagnose(vega)["HTTPS"]

    assert found["state"] == "bad"
    assert "renew it" in found["text"]


def test_a_certificate_that_has_ended_is_seen(make_vega: MakeVega, tmp_path: Path) -> None:
    certificate, key = write_own(tmp_path, datetime.now(UTC) - timedelta(days=100), days=90)
    (port,) = free_ports(1)
    vega = make_vega(
        settings={
            "VEGA_HTTPS_PORT": str(port),
            "VEGA_TLS_CERTIFICATE": str(certificate),
            "VEGA_TLS_KEY": str(key),
        }
    )
    vega.start()

    found = diagnose(vega)["HTTPS"]

    assert found["state"] == "bad"
    assert "expired" in found["text"]


def test_one_that_vega_made_itself_is_well(vega: VegaProcess) -> None:
    (port,) = free_ports(1)
    vega.request("POST", "/api/tls", {"port": port}).raise_for_status()

    assert diagnose(vega)["HTTPS"]["state"] == "ok"


# The disk and the backups


@pytest.fixture
def another_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, which has room for backups."""
    if SHARED_MEMORY.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("temporary files lie in shared memory, and there is no other disk")
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY) as name:
        yield Path(name)


def test_a_full_disk_is_seen(make_vega: MakeVega, disk: SmallDisk) -> None:
    vega = make_vega("disk/home")
    vega.home.mkdir(mode=0o700)
    disk.fill()

    found = diagnose(vega)["Disk"]

    assert found["state"] == "bad"
    assert found["text"].startswith("0 MB free")


def test_backups_on_one_disk_are_told_and_a_second_place_is_looked_at(
    make_vega: MakeVega, another_disk: Path, tmp_path: Path
) -> None:
    vega = make_vega()
    vega.start()
    alone = diagnose(vega)["Second copy"]
    vega.terminate()
    vega.settings["VEGA_BACKUP_FOLDER"] = str(another_disk)
    vega.start()
    without = diagnose(vega)["Second copy"]
    vega.request("POST", "/api/backups").raise_for_status()
    wait_until(lambda: any(another_disk.glob("*.db")), SECONDS)

    well = diagnose(vega)
    away = diagnose(vega, VEGA_BACKUP_FOLDER=str(tmp_path / "unplugged"))["Second copy"]

    assert (alone["state"], without["state"], away["state"]) == ("note", "bad", "bad")
    assert (well["Second copy"]["state"], well["Backups"]["state"]) == ("ok", "ok")


# Harmless


def test_looking_harms_no_life_that_is_written_meanwhile(vega: VegaProcess) -> None:
    for number in range(5):
        vega.chat(f"Turn {number}.")
        assert diagnose(vega)["Checksums"]["state"] == "ok"

    vega.kill()
    vega.start()

    assert len(vega.history()) == 5
    done = run_command(vega.home, "verify", variables=settings_of(vega))
    assert done.returncode == 0


def test_a_hanging_vega_is_told_within_its_bound(vega: VegaProcess) -> None:
    os.kill(vega.pid, signal.SIGSTOP)

    found = diagnose(vega)

    assert found["Server"]["state"] == "bad"
    assert found["Life"]["state"] == found["Checksums"]["state"] == "ok"


def test_a_log_that_was_damaged_is_told_before_vega_is_started_again(vega: VegaProcess) -> None:
    for number in range(20):
        vega.chat(f"Turn {number}.")
    vega.kill()
    log = vega.home / "vega.db-wal"
    with log.open("r+b") as file:
        file.seek(log.stat().st_size // 2)
        file.write(b"damage")

    found = diagnose(vega)["Log"]

    assert found["state"] in ("bad", "note")
    assert "damaged" in found["text"]
