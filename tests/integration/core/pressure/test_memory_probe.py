"""How scarce memory is, read from what kernels truly say."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.memory_limit import memory_limit
from tests.memory_trees import (
    MEMINFO,
    MIB,
    SERVICE,
    write,
    write_group,
    write_group_v1,
    write_service,
    write_stalls,
)
from vega.core.pressure.memory_probe import MemoryProbe

V1 = "sys/fs/cgroup/memory"
#: Moves itself into the cgroup, takes memory there, and tells what it reads.
CHILD = """
import dataclasses, json, os, sys
from pathlib import Path
from vega.core.pressure.memory_probe import MemoryProbe
Path(sys.argv[1], "cgroup.procs").write_text(str(os.getpid()))
taken = bytearray(os.urandom(1)) * int(sys.argv[2])
print(json.dumps(dataclasses.asdict(MemoryProbe().read())))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_service(tmp_path)
    return tmp_path


@pytest.fixture
def old_root(tmp_path: Path) -> Path:
    """A service under version 1, without a limit."""
    write(tmp_path, "proc/meminfo", MEMINFO)
    write(tmp_path, "proc/self/cgroup", "9:cpu,cpuacct:/\n4:memory:/vega\n1:name=systemd:/\n")
    write_group_v1(tmp_path, f"{V1}/vega", usage=300)
    write_group_v1(tmp_path, V1, usage=900)
    return tmp_path


def test_without_a_limit_the_system_counts(root: Path) -> None:
    reading = MemoryProbe(root).read()

    assert (reading.percent, reading.source) == (40.0, "system")
    assert (reading.used_bytes, reading.limit_bytes) == (400 * MIB, 1000 * MIB)
    assert reading.system_percent == 40.0
    assert reading.cgroup_percent is None
    assert reading.limit_hits is None


def test_the_process_is_as_large_as_its_resident_pages(root: Path) -> None:
    assert MemoryProbe(root).read().process_bytes == 2000 * os.sysconf("SC_PAGE_SIZE")


def test_a_limit_that_is_scarcer_than_the_system_counts(root: Path) -> None:
    write_group(root, SERVICE, current=460, maximum=512, inactive_file=50)

    reading = MemoryProbe(root).read()

    assert reading.source == "cgroup"
    assert (reading.used_bytes, reading.limit_bytes) == (410 * MIB, 512 * MIB)
    assert reading.percent == reading.cgroup_percent == 100 * 410 / 512
    assert reading.system_percent == 40.0


def test_a_limit_that_is_wider_than_the_system_is_told_and_does_not_count(root: Path) -> None:
    write_group(root, SERVICE, current=300, maximum=900)

    reading = MemoryProbe(root).read()

    assert (reading.percent, reading.source, reading.limit_bytes) == (40.0, "system", 1000 * MIB)
    assert reading.cgroup_percent == 100 * 300 / 900


def test_a_parents_limit_holds_for_us(root: Path) -> None:
    write_group(root, SERVICE, current=300, maximum=600)
    write_group(root, "sys/fs/cgroup/system.slice", current=900, maximum=1000, inactive_file=100)

    reading = MemoryProbe(root).read()

    assert (reading.percent, reading.limit_bytes) == (80.0, 1000 * MIB)


@pytest.mark.parametrize(("high", "limit"), [(400, 400), (600, 512), (None, 512)])
def test_the_lower_of_high_and_max_is_the_limit(root: Path, high: int | None, limit: int) -> None:
    write_group(root, SERVICE, current=300, maximum=512, high=high)

    assert MemoryProbe(root).read().limit_bytes == limit * MIB


def test_a_soft_limit_alone_is_a_limit_and_may_be_exceeded(root: Path) -> None:
    write_group(root, SERVICE, current=500, high=400)

    assert MemoryProbe(root).read().percent == 125.0


def test_a_limit_of_nothing_is_none(root: Path) -> None:
    write_group(root, SERVICE, current=500, high=0)

    assert MemoryProbe(root).read().cgroup_percent is None


def test_more_cache_than_use_is_no_use(root: Path) -> None:
    write_group(root, SERVICE, current=300, maximum=512, inactive_file=301)

    assert MemoryProbe(root).read().cgroup_percent == 0.0


def test_hits_are_those_of_the_limits_that_hold_for_us(root: Path) -> None:
    write_group(root, SERVICE, current=300, maximum=512, events=(2, 3))
    write_group(root, "sys/fs/cgroup/system.slice", current=900, maximum=990, events=(500, 500))
    write(root, "sys/fs/cgroup/system.slice/memory.events.local", "low 9\nhigh 0\nmax 4\noom 1\n")

    assert MemoryProbe(root).read().limit_hits == 9


def test_hits_of_groups_without_a_limit_are_their_neighbours(root: Path) -> None:
    write_group(root, "sys/fs/cgroup/system.slice", current=900, events=(500, 500))

    assert MemoryProbe(root).read().limit_hits is None


def test_a_container_under_version_2_sees_its_limit_at_the_top(root: Path) -> None:
    write(root, "proc/self/cgroup", "0::/docker/0123abcd\n")
    write_group(root, "sys/fs/cgroup", current=256, maximum=512)

    assert MemoryProbe(root).read().percent == 50.0


def test_a_group_outside_of_our_namespace_is_not_followed(root: Path) -> None:
    write(root, "proc/self/cgroup", "0::/../../elsewhere\n")
    write_group(root, "sys/elsewhere", current=500, maximum=512)
    write_group(root, "sys/fs/cgroup", current=256, maximum=512)

    assert MemoryProbe(root).read().percent == 50.0


def test_a_group_that_cannot_be_looked_for_is_the_top(root: Path) -> None:
    write(root, "proc/self/cgroup", f"0::/{'x' * 300}\n")
    write_group(root, "sys/fs/cgroup", current=256, maximum=512)

    assert MemoryProbe(root).read().percent == 50.0


def test_the_mount_table_says_where_the_groups_are(root: Path) -> None:
    write(
        root,
        "proc/self/mountinfo",
        "22 27 0:21 / /proc rw - proc proc rw\n"
        "41 31 0:38 /other /elsewhere rw - cgroup2 cgroup2 rw\n"
        "42 31 0:38 /system.slice /mnt/my\\040groups rw,relatime shared:4 - cgroup2 cgroup2 rw\n",
    )
    write_group(root, "mnt/my groups/vega-server.service", current=256, maximum=512)
    write_group(root, "mnt/my groups", current=700, maximum=1000)
    write_group(root, "mnt", current=999, maximum=1000)

    assert MemoryProbe(root).read().percent == 70.0


def test_version_1_has_limits_too(old_root: Path) -> None:
    write_group_v1(old_root, f"{V1}/vega", usage=460, limit=512 * MIB, inactive_file=50, failcnt=7)

    reading = MemoryProbe(old_root).read()

    assert reading.source == "cgroup"
    assert (reading.used_bytes, reading.limit_bytes) == (410 * MIB, 512 * MIB)
    assert reading.limit_hits == 7


def test_version_1_without_a_limit_says_a_huge_number(old_root: Path) -> None:
    reading = MemoryProbe(old_root).read()

    assert (reading.percent, reading.source) == (40.0, "system")
    assert reading.cgroup_percent is None
    assert reading.limit_hits is None


def test_a_parents_limit_holds_in_version_1(old_root: Path) -> None:
    write_group_v1(old_root, V1, usage=900, limit=1000 * MIB, failcnt=3)

    reading = MemoryProbe(old_root).read()

    assert (reading.percent, reading.limit_hits) == (90.0, 3)


def test_a_container_under_version_1_sees_its_limit_at_the_top(old_root: Path) -> None:
    write(old_root, "proc/self/cgroup", "4:memory:/docker/0123abcd\n")
    write_group_v1(old_root, V1, usage=256, limit=512 * MIB)

    assert MemoryProbe(old_root).read().percent == 50.0


def test_controllers_that_are_mounted_together_are_found(old_root: Path) -> None:
    write(old_root, "proc/self/cgroup", "4:cpu,memory:/docker/0123abcd/vega\n")
    write(
        old_root,
        "proc/self/mountinfo",
        "34 31 0:30 / /groups/pids rw - cgroup cgroup rw,pids\n"
        "35 31 0:32 /docker/0123abcd /groups/cpu,memory rw - cgroup cgroup rw,cpu,memory\n",
    )
    write_group_v1(old_root, "groups/cpu,memory/vega", usage=256, limit=512 * MIB)

    assert MemoryProbe(old_root).read().percent == 50.0


def test_beside_version_1_the_second_has_no_limits_and_still_counts_stalls(
    old_root: Path,
) -> None:
    write(
        old_root,
        "proc/self/mountinfo",
        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
        "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw\n",
    )
    write(old_root, "proc/self/cgroup", "4:memory:/vega\n0::/session\n")
    write_group_v1(old_root, f"{V1}/vega", usage=256, limit=512 * MIB)
    write_group(old_root, "sys/fs/cgroup/unified/session", current=500, maximum=512)
    write_stalls(
        old_root, "sys/fs/cgroup/unified/session/memory.pressure", some="2.50", full="1.25"
    )

    reading = MemoryProbe(old_root).read()

    assert reading.percent == 50.0
    assert (reading.psi_some_percent, reading.psi_full_percent) == (2.5, 1.25)


def test_our_own_stalls_count_before_the_systems(root: Path) -> None:
    write_stalls(root, "proc/pressure/memory", some="31.00", full="30.00")
    write_stalls(root, f"{SERVICE}/memory.pressure", some="1.53", full="0.00")

    reading = MemoryProbe(root).read()

    assert (reading.psi_some_percent, reading.psi_full_percent) == (1.53, 0.0)


def test_where_our_group_counts_no_stalls_the_systems_count(root: Path) -> None:
    write(root, f"{SERVICE}/memory.pressure", "")
    write_stalls(root, "proc/pressure/memory", some="31.00", full="30.00")

    reading = MemoryProbe(root).read()

    assert (reading.psi_some_percent, reading.psi_full_percent) == (31.0, 30.0)


def test_this_machine_is_read_as_it_is() -> None:
    reading = MemoryProbe().read()
    memory = psutil.virtual_memory()

    assert reading.system_percent == pytest.approx(memory.percent, abs=5)
    assert reading.process_bytes == pytest.approx(psutil.Process().memory_info().rss, rel=0.2)
    assert reading.percent == max(reading.system_percent, reading.cgroup_percent or 0)
    assert 0 < reading.limit_bytes <= memory.total or reading.source == "cgroup"


def test_a_process_below_a_real_limit_reads_it(limited_group: Path) -> None:
    taken = 96 * MIB

    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(limited_group), str(taken)],
        capture_output=True,
        check=True,
        timeout=60,
    )
    reading = json.loads(done.stdout)

    assert taken < reading["cgroup_percent"] / 100 * 256 * MIB < taken + 64 * MIB
    assert taken < reading["process_bytes"] < taken + 128 * MIB
    assert reading["percent"] == max(reading["cgroup_percent"], reading["system_percent"])
    assert reading["limit_hits"] == 0
    if reading["source"] == "cgroup":
        assert reading["limit_bytes"] == 256 * MIB


@pytest.fixture
def limited_group() -> Iterator[Path]:
    with memory_limit(256 * MIB) as group:
        yield group
