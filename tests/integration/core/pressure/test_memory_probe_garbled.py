"""Whatever a machine fails to say of its memory, a reading lacks that, and nothing raises."""

import sys
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.memory_trees import MIB, SERVICE, write, write_group, write_service, write_stalls
from vega.core.pressure.memory_probe import MemoryProbe

FILES = (
    "proc/meminfo",
    "proc/pressure/memory",
    "proc/self/cgroup",
    "proc/self/mountinfo",
    "proc/self/statm",
    f"{SERVICE}/memory.current",
    f"{SERVICE}/memory.max",
    f"{SERVICE}/memory.high",
    f"{SERVICE}/memory.stat",
    f"{SERVICE}/memory.events",
    f"{SERVICE}/memory.pressure",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_service(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "some", "full"),
    [
        ("some avg10=4.00 avg60=1.00 avg300=0.00 total=9\n", 4.0, None),
        ("full avg10=4.00 avg60=1.00 avg300=0.00 total=9\n", None, 4.0),
        ("some avg10=nan\nfull avg10=3.00\n", None, 3.0),
        ("some avg10=1e999\nfull avg10=3.00\n", None, 3.0),
        ("some avg10=\nfull avg10=3.00\n", None, 3.0),
        ("some avg60=7.00\nsome\n\nfull avg10=3.00\n", None, 3.0),
        ("avg10=4.00\n", None, None),
    ],
)
def test_a_garbled_line_of_stalls_is_lacking(
    root: Path, text: str, some: float | None, full: float | None
) -> None:
    write(root, "proc/pressure/memory", text)

    reading = MemoryProbe(root).read()

    assert (reading.psi_some_percent, reading.psi_full_percent) == (some, full)


def test_a_machine_that_says_nothing_is_what_psutil_says(tmp_path: Path) -> None:
    reading = MemoryProbe(tmp_path).read()

    assert reading.source == "system"
    assert reading.limit_bytes == psutil.virtual_memory().total
    assert 0 < reading.percent <= 100
    assert reading.process_bytes > 10 * MIB
    assert reading.cgroup_percent is None
    assert (reading.psi_some_percent, reading.psi_full_percent) == (None, None)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere psutil asks the kernel itself")
def test_where_psutil_cannot_tell_either_the_limit_still_counts(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "PROCFS_PATH", str(root / "nowhere"))
    (root / "proc/meminfo").unlink()
    (root / "proc/self/statm").unlink()

    blind = MemoryProbe(root).read()
    write_group(root, SERVICE, current=256, maximum=512)
    limited = MemoryProbe(root).read()

    assert (blind.percent, blind.limit_bytes, blind.process_bytes) == (0.0, 0, 0)
    assert (limited.percent, limited.source) == (50.0, "cgroup")


def test_a_group_that_vanishes_takes_only_its_own_words_along(root: Path) -> None:
    write_group(root, SERVICE, current=460, maximum=512)
    probe = MemoryProbe(root)
    assert probe.read().source == "cgroup"

    (root / SERVICE / "memory.current").unlink()

    assert probe.read().source == "system"


@given(st.sampled_from(FILES), st.binary(max_size=200))
def test_garbage_in_any_file_does_no_harm(root: Path, name: str, garbage: bytes) -> None:
    write_group(root, SERVICE, current=460, maximum=512, events=(1, 1))
    write_stalls(root, "proc/pressure/memory", some="1.00", full="0.00")
    path = root / name
    whole = path.read_bytes() if path.exists() else None
    path.write_bytes(garbage)

    reading = MemoryProbe(root).read()
    if whole is None:
        path.unlink()
    else:
        path.write_bytes(whole)

    assert reading.percent >= 0
    assert reading.percent == max(reading.system_percent, reading.cgroup_percent or 0)


@pytest.mark.parametrize("name", FILES)
def test_a_folder_in_place_of_a_file_does_no_harm(root: Path, name: str) -> None:
    write_group(root, SERVICE, current=460, maximum=512, events=(1, 1))
    (root / name).unlink(missing_ok=True)
    (root / name).mkdir(parents=True)

    assert MemoryProbe(root).read().percent >= 0


@pytest.mark.parametrize("number", ["-1", "1.5", "9" * 5_000, "", "0x10", "1 2"])
def test_a_number_that_no_kernel_writes_is_lacking(root: Path, number: str) -> None:
    write_group(root, SERVICE, current=460, maximum=512)
    write(root, f"{SERVICE}/memory.max", number)

    assert MemoryProbe(root).read().cgroup_percent is None


def test_a_null_byte_in_the_mount_table_does_no_harm(root: Path) -> None:
    write(root, "proc/self/mountinfo", "41 31 0:38 / /a\\000b rw - cgroup2 cgroup2 rw\n")

    assert MemoryProbe(root).read().source == "system"
