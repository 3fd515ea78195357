"""What Vega may use of a machine is seen in what systems truly say, and nothing said is no harm."""

import os
import sys
from pathlib import Path

import psutil
import pytest

from vega.llm.hardware import (
    Gpu,
    Machine,
    cpu_limit,
    drm_gpus,
    look,
    memory_limits,
    nvidia_gpus,
    probe,
)

NOWHERE = ("/nowhere/nvidia-smi",)
UNLIMITED_V1 = "9223372036854771712\n"
GIB = 1 << 30


async def test_this_machine_is_seen_as_it_is() -> None:
    machine = await probe()

    assert 0 < machine.available_mb <= machine.ram_mb <= psutil.virtual_memory().total // 1_000_000
    assert 1 <= machine.cores <= (os.cpu_count() or 1)


def test_a_machine_that_says_nothing_is_what_psutil_says(tmp_path: Path) -> None:
    machine = look(tmp_path, NOWHERE)

    assert machine.ram_mb == psutil.virtual_memory().total // 1_000_000
    assert machine.gpus == ()


def test_the_limits_of_a_service_in_version_2_are_those_above_it_too(tmp_path: Path) -> None:
    _write(tmp_path, "proc/self/cgroup", "0::/system.slice/vega-server.service\n")
    service = "sys/fs/cgroup/system.slice/vega-server.service"
    _write(tmp_path, f"{service}/memory.max", "2147483648\n")
    _write(tmp_path, f"{service}/memory.high", "max\n")
    _write(tmp_path, f"{service}/memory.current", "1073741824\n")
    _write(tmp_path, f"{service}/memory.stat", "anon 8192\nfile 9999\ninactive_file 73741824\n")
    _write(tmp_path, f"{service}/cpu.max", "max 100000\n")
    _write(tmp_path, "sys/fs/cgroup/system.slice/memory.max", "max\n")
    _write(tmp_path, "sys/fs/cgroup/system.slice/memory.high", "4294967296\n")
    _write(tmp_path, "sys/fs/cgroup/system.slice/cpu.max", "150000 100000\n")

    assert list(memory_limits(tmp_path)) == [(2 * GIB, 1_000_000_000), (4 * GIB, 0)]
    assert cpu_limit(tmp_path) == 1.5
    machine = look(tmp_path, NOWHERE)
    assert machine.ram_mb == min(2147, psutil.virtual_memory().total // 1_000_000)
    assert machine.available_mb <= 1147
    assert machine.cores == 1


def test_a_container_in_version_2_sees_its_limit_at_the_top(tmp_path: Path) -> None:
    _write(tmp_path, "proc/self/cgroup", "0::/\n")
    _write(tmp_path, "sys/fs/cgroup/memory.max", "536870912\n")
    _write(tmp_path, "sys/fs/cgroup/memory.current", "402653184\n")
    _write(tmp_path, "sys/fs/cgroup/cpu.max", "50000 100000\n")

    assert list(memory_limits(tmp_path)) == [(512 << 20, 384 << 20)]
    machine = look(tmp_path, NOWHERE)
    assert (machine.ram_mb, machine.cores) == (536, 1)
    assert machine.available_mb <= 134


def test_version_1_with_a_host_s_path_that_the_container_does_not_see(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "proc/self/cgroup",
        "12:cpu,cpuacct:/docker/6f2c\n11:memory:/docker/6f2c\n1:name=systemd:/docker/6f2c\n0::/x\n",
    )
    _write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", "1073741824\n")
    _write(tmp_path, "sys/fs/cgroup/memory/memory.usage_in_bytes", "629145600\n")
    _write(
        tmp_path,
        "sys/fs/cgroup/memory/memory.stat",
        "cache 1\ninactive_file 2\ntotal_inactive_file 104857600\n",
    )
    _write(tmp_path, "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "200000\n")
    _write(tmp_path, "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n")

    assert list(memory_limits(tmp_path)) == [(GIB, 500 << 20)]
    assert cpu_limit(tmp_path) == 2.0


def test_version_1_without_limits(tmp_path: Path) -> None:
    _write(tmp_path, "proc/self/cgroup", "4:memory:/\n1:cpu:/\n0::/\n")
    _write(tmp_path, "sys/fs/cgroup/memory/memory.limit_in_bytes", UNLIMITED_V1)
    _write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
    _write(tmp_path, "sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")

    assert cpu_limit(tmp_path) is None
    assert look(tmp_path, NOWHERE).ram_mb == psutil.virtual_memory().total // 1_000_000


@pytest.mark.parametrize(
    "nonsense", ["", "\n", "12 max\n", "\x00\xff", "0::/../../..\n", "a\nb:c\n"]
)
def test_nonsense_in_the_place_of_limits_is_no_harm(tmp_path: Path, nonsense: str) -> None:
    for name in ("proc/self/cgroup", "sys/fs/cgroup/memory.max", "sys/fs/cgroup/cpu.max"):
        _write(tmp_path, name, nonsense)

    assert look(tmp_path, NOWHERE).cores >= 1


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="only Linux has it")
def test_only_cores_that_vega_may_run_on_count(tmp_path: Path) -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert look(tmp_path, NOWHERE).cores == 1
    finally:
        os.sched_setaffinity(0, allowed)


def test_cards_that_nvidias_tool_names(tmp_path: Path) -> None:
    said = "NVIDIA GeForce RTX 3060, 12288\nNVIDIA GB10, [N/A]\nTesla T4, 15360\n"

    assert list(nvidia_gpus(_printing(tmp_path, said))) == [
        Gpu("NVIDIA GeForce RTX 3060", 12884),
        Gpu("Tesla T4", 16106),
    ]


@pytest.mark.parametrize(
    "said",
    [
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure "
        "that the latest NVIDIA driver is installed and running.\n",
        "No devices were found\n",
        "",
    ],
)
@pytest.mark.parametrize("status", [0, 9])
def test_a_tool_that_finds_no_driver_finds_no_card(tmp_path: Path, said: str, status: int) -> None:
    assert list(nvidia_gpus(_printing(tmp_path, said, status))) == []


def test_a_tool_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vega.llm.hardware.COMMAND_SECONDS", 0.2)

    assert list(nvidia_gpus((sys.executable, "-c", "import time; time.sleep(3600)"))) == []


def test_cards_of_the_amdgpu_driver(tmp_path: Path) -> None:
    _write(tmp_path, "sys/class/drm/card0/device/mem_info_vram_total", "17163091968\n")
    _write(tmp_path, "sys/class/drm/card0/device/product_name", "Radeon RX 7800 XT\n")
    _write(tmp_path, "sys/class/drm/card1/device/mem_info_vram_total", "536870912\n")
    _write(tmp_path, "sys/class/drm/card1/device/product_name", "\n")
    _write(tmp_path, "sys/class/drm/card2/device/vendor", "0x8086\n")
    _write(tmp_path, "sys/class/drm/card0-DP-1/status", "connected\n")

    assert list(drm_gpus(tmp_path)) == [Gpu("Radeon RX 7800 XT", 17163), Gpu("AMD graphics", 536)]


@pytest.mark.skipif(sys.platform != "linux", reason="a Mac names its own chip")
def test_the_machine_has_the_cards_of_both(tmp_path: Path) -> None:
    _write(tmp_path, "sys/class/drm/card0/device/mem_info_vram_total", "8573157376\n")
    machine = look(tmp_path, _printing(tmp_path, "Tesla T4, 15360\n"))

    assert machine == Machine(
        machine.ram_mb,
        machine.available_mb,
        machine.cores,
        (Gpu("Tesla T4", 16106), Gpu("AMD graphics", 8573)),
    )


def _write(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _printing(folder: Path, text: str, status: int = 0) -> tuple[str, ...]:
    """A command that prints what nvidia-smi printed on machines that are not this one."""
    (folder / "said").write_text(text)
    script = f"import sys; sys.stdout.write(open(sys.argv[1]).read()); sys.exit({status})"
    return (sys.executable, "-c", script, str(folder / "said"))
