"""Random kills: a Vega under load loses its server or its model again and again, at any moment."""

import random
import statistics
import time

from torture.boot import (
    SCRIPTED,
    door_of,
    ended_by_sigterm,
    install,
    mixed_prompts,
    settle_accounts,
    short_prompts,
)
from torture.boot.installed import SERVICE, Vega, kill
from torture.boot.machine import CommandFailed, Machine, NoBoot
from torture.findings import Findings
from torture.load import Load

KILLS = {"ci": 10, "release": 300}
SEED = 6
#: Between being served again and the next kill, at most.
LONGEST_PAUSE_SECONDS = 2.5
PATIENCE_SECONDS = 60.0
#: How often it is the server, the model's host, and both.
SHARES = {"server": 5, "host": 4, "both": 1}
#: The load's name, what its clients say, and how the service is told of the model. The built-in
#: one takes seconds for an answer; with the scripted one there are many more of them.
PARTS = (("built-in", mixed_prompts, ()), ("scripted", short_prompts, (SCRIPTED,)))


def run(size: str) -> Findings:
    findings = Findings("Does a Vega that is killed at random moments lose, double or refuse any?")
    chance = random.Random(SEED)
    waits: dict[str, list[float]] = {what: [] for what in SHARES}
    seconds = 0.0
    try:
        with ended_by_sigterm(), Machine() as machine:
            machine.boot()
            vega = Vega(machine)
            install(vega)
            vega.wait_for_host()
            for name, prompts, lines in PARTS:
                vega.drop_in(*lines)
                vega.systemctl("restart", SERVICE)
                with Load(name, door_of(vega), prompts) as load:
                    load.settle()
                    seconds += _kill(vega, load, KILLS[size] // len(PARTS), chance, waits)
                    for words in load.settle():
                        findings.must(False, f"After the last kill: {words}.")
                    findings.figure(f"clients, {name} model", str(load.seen()))
                    settle_accounts(vega, load, findings)
    except (NoBoot, CommandFailed, TimeoutError) as exc:
        findings.must(False, str(exc))
    _sum_up(waits, seconds, findings)
    return findings


def _kill(
    vega: Vega, load: Load, kills: int, chance: random.Random, waits: dict[str, list[float]]
) -> float:
    """Kills so often, and notes until when nobody was served; the seconds that it took."""
    load.begin()
    began = time.monotonic()
    for number in range(1, kills + 1):
        time.sleep(chance.uniform(0, LONGEST_PAUSE_SECONDS))
        [what] = chance.choices(list(SHARES), list(SHARES.values()))
        pids = [vega.server] if what != "host" else []
        pids += vega.hosts if what != "server" else []
        at = time.monotonic()
        kill(*pids)
        waits[what].append(load.served_again(at, PATIENCE_SECONDS))
        if number % 50 == 0:
            print(f"   {number} kills: {load.seen()}", flush=True)
    return time.monotonic() - began


def _sum_up(waits: dict[str, list[float]], seconds: float, findings: Findings) -> None:
    findings.figure("kills", ", ".join(f"{what} {len(each)}" for what, each in waits.items()))
    for what, each in waits.items():
        if each:
            words = f"median {statistics.median(each):.2f} s, worst {max(each):.2f} s"
            findings.figure(f"{what} killed, until served", words)
    outages = [*waits["server"], *waits["both"]]
    if outages:
        up = 1 - sum(outages) / seconds
        hourly = 1 - statistics.fmean(outages) / 3600
        words = f"{up:.1%} of {seconds:.0f} s; {hourly:.3%} at one such kill an hour"
        findings.figure("availability", words)
