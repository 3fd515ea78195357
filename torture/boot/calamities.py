"""What befalls a Vega under load, one after the other, and what its clients saw of it."""

import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torture.boot.injected import EAT, SPIN
from torture.boot.installed import SERVICE, UNIT, Vega, kill, send
from torture.findings import Findings
from torture.load import Load, Seen

#: Enough for Vega and its model, and soon full.
MEMORY_MAX = "1G"
CRASHING_SECONDS = 6.0
#: Aims, in seconds, for a machine with two processors that does nothing else.
KILL_AIM = 2.5
WATCHDOG_AIM_ABOVE = 3.0
RESTART_AIM = 3.0
FAR_OFF = 4
DEATH_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Calamity:
    """`strike` does it and returns when it is over or under way; with what is to be said of it."""

    name: str
    strike: Callable[[Vega], str | None]
    #: Until requests are served again, in seconds.
    aim: float | None = None


def kill_server(vega: Vega) -> None:
    kill(vega.server)


def kill_host(vega: Vega) -> str:
    host = vega.wait_for_host()
    kill(host)
    return _host_is_back(vega, [host])


def kill_both(vega: Vega) -> str:
    hosts = vega.hosts
    kill(vega.server, *hosts)
    return _host_is_back(vega, hosts)


def stop_server(vega: Vega) -> None:
    _until_gone(vega, vega.server, signal.SIGSTOP)


def hang_server(vega: Vega) -> None:
    _until_gone(vega, vega.server, SPIN)


def restart(vega: Vega) -> None:
    vega.systemctl("restart", SERVICE)


def systemctl_kill(vega: Vega) -> None:
    vega.systemctl("kill", SERVICE)


def fill_server(vega: Vega) -> None:
    _fill(vega, vega.server)


def fill_host(vega: Vega) -> str:
    host = vega.wait_for_host()
    _fill(vega, host)
    return _host_is_back(vega, [host])


def crash_at_start(vega: Vega) -> None:
    vega.switch("crash-at-start", on=True)
    kill(vega.server)
    time.sleep(CRASHING_SECONDS)
    vega.switch("crash-at-start", on=False)


def with_the_model() -> list[Calamity]:
    """Those that need the real model's host."""
    return [
        Calamity("kill -9 of the model host", kill_host, KILL_AIM),
        Calamity("kill -9 of server and host", kill_both, KILL_AIM),
        Calamity(f"MemoryMax={MEMORY_MAX} reached by the host", fill_host),
    ]


def of_the_server(watchdog_seconds: int) -> list[Calamity]:
    hang_aim = watchdog_seconds + WATCHDOG_AIM_ABOVE
    return [
        Calamity("kill -9 of the server", kill_server, KILL_AIM),
        Calamity("systemctl kill", systemctl_kill, KILL_AIM + RESTART_AIM),
        Calamity("systemctl restart", restart, RESTART_AIM),
        Calamity(f"SIGSTOP, WatchdogSec={watchdog_seconds}", stop_server, hang_aim),
        Calamity(f"an endless loop, WatchdogSec={watchdog_seconds}", hang_server, hang_aim),
        Calamity(f"MemoryMax={MEMORY_MAX} reached by the server", fill_server),
        Calamity(f"a crash at every start for {CRASHING_SECONDS:.0f} s", crash_at_start),
    ]


def befall(calamity: Calamity, vega: Vega, load: Load, findings: Findings) -> Seen:
    """Strikes, waits until everybody goes on, and notes what was seen."""
    load.begin()
    note = calamity.strike(vega)
    for words in load.settle():
        findings.must(False, f"After {calamity.name}: {words}.")
    seen = load.seen()
    told = [str(seen)]
    if note:
        told.append(note)
    if calamity.aim is not None:
        told.append(_judge(calamity, calamity.aim, seen.outage, findings))
    findings.figure(calamity.name, "; ".join(told))
    print(f"   {calamity.name}: {'; '.join(told)}", flush=True)
    return seen


def _judge(calamity: Calamity, aim: float, outage: float, findings: Findings) -> str:
    """A slow machine misses an aim; only what is far off says that something is broken."""
    findings.must(
        outage <= FAR_OFF * aim,
        f"{calamity.name}: served again after {outage:.2f} s; the aim is {aim:.1f} s.",
    )
    return f"aim {aim:.1f} s {'met' if outage <= aim else 'MISSED'}"


def _host_is_back(vega: Vega, but: Sequence[int]) -> str:
    began = time.monotonic()
    vega.wait_for_host(but)
    return f"model back after {time.monotonic() - began:.1f} s"


def _fill(vega: Vega, pid: int) -> None:
    """Lowers the limit of memory, has that process take all there is, and lifts it again."""
    vega.systemctl("set-property", "--runtime", UNIT, f"MemoryMax={MEMORY_MAX}")
    try:
        _until_gone(vega, pid, EAT)
    finally:
        vega.systemctl("set-property", "--runtime", UNIT, "MemoryMax=infinity")


def _until_gone(vega: Vega, pid: int, number: int) -> None:
    send(pid, number)
    deadline = time.monotonic() + DEATH_SECONDS
    while pid in (vega.server, *vega.hosts):
        if time.monotonic() > deadline:
            raise TimeoutError(f"process {pid} outlives signal {number}; its log:\n{vega.log()}")
        time.sleep(0.05)
