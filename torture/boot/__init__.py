"""A real boot: Vega installed by its own script under a booted systemd, proven, and tortured.

The machine is this one's disk under namespaces of its own (`torture.boot.machine`). What is asked
of Vega is asked over HTTP from out here; what befalls it comes from systemd, signals and a module
that misbehaves on demand (`torture.boot.injected`).
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from torture.boot import calamities, proofs
from torture.boot.calamities import befall
from torture.boot.installed import INJECTED_INSIDE, SERVICE, Vega
from torture.boot.machine import CommandFailed, Machine, NoBoot
from torture.boot.upgrade import NEXT, NEXT_VERSION, make_next_version
from torture.clients import Door
from torture.findings import Findings
from torture.load import Load

WATCHDOG_SECONDS = {"ci": 5, "release": 30}
ROUNDS = {"ci": 1, "release": 3}
SCRIPTED = "Environment='VEGA_MODEL_URL=scripted:?words=12&delay_ms=5'"
TURNS_BY_KEY = "SELECT idempotency_key, count(*) FROM turns GROUP BY idempotency_key"


def run(size: str) -> Findings:
    findings = Findings(
        "Does Vega come back whatever befalls it, without refusing or losing a word?"
    )
    try:
        with ended_by_sigterm(), Machine() as machine:
            _run(machine, size, findings)
    except (NoBoot, CommandFailed, TimeoutError) as exc:
        findings.must(False, str(exc))
    return findings


def _run(machine: Machine, size: str, findings: Findings) -> None:
    vega = Vega(machine)
    findings.figure("load of this machine before", round(os.getloadavg()[0], 1))
    findings.figure("boot of the empty machine", round(machine.boot(), 2), "s")
    if not machine.groups.has_memory:
        findings.must(False, "No memory can be limited here: run it outside of a container.")
    if not vega.has_sudo:
        findings.figure("sudo", "a stand-in that calls what follows: this machine has none")
    install(vega)
    proofs.first_boot(vega, findings)

    misbehave(vega, WATCHDOG_SECONDS[size])
    vega.wait_for_host()
    with Load("model", door_of(vega), mixed_prompts) as load:
        load.settle()
        for _ in range(ROUNDS[size]):
            for calamity in calamities.with_the_model():
                befall(calamity, vega, load, findings)
        settle_accounts(vega, load, findings)

    misbehave(vega, WATCHDOG_SECONDS[size], SCRIPTED)
    with Load("scripted", door_of(vega), short_prompts) as load:
        load.settle()
        for _ in range(ROUNDS[size]):
            for calamity in calamities.of_the_server(WATCHDOG_SECONDS[size]):
                befall(calamity, vega, load, findings)
        findings.must("in _spin" in vega.log(5000), "The journal has no stack of the endless loop.")
        _upgrade(vega, load, findings)
        settle_accounts(vega, load, findings)

    findings.figure("reboot", round(machine.reboot(), 2), "s")
    proofs.second_boot(vega, findings)
    verify(vega, findings)


def install(vega: Vega) -> None:
    """By the setup script; then the built-in model, which there is no network to fetch by."""
    vega.setup()
    vega.give_models()
    vega.systemctl("restart", SERVICE)


def misbehave(vega: Vega, watchdog_seconds: int, *lines: str) -> None:
    """From here on the service does so on demand."""
    vega.drop_in(
        f"WatchdogSec={watchdog_seconds}", f"Environment=PYTHONPATH={INJECTED_INSIDE}", *lines
    )
    vega.systemctl("restart", SERVICE)


def door_of(vega: Vega) -> Door:
    return Door(vega.key, enter=vega.machine.enter_network)


def short_prompts(name: str, number: int) -> str:
    return f"Client {name} counts {number}."


def mixed_prompts(name: str, number: int) -> str:
    """One in five is for the model, which takes seconds; the others the store can answer."""
    if number % 5 == 1:
        return f"Write a sentence about the number {number} for {name}."
    return f"My number {number} of {name} is {number}"


def settle_accounts(vega: Vega, load: Load, findings: Findings) -> None:
    """Ends a load. What it was told is in the life, once; nobody was refused."""
    for words in load.end():
        findings.must(False, words)
    keys = [said.key for said in load.said]
    counts = dict(vega.query(TURNS_BY_KEY))
    wrong = {key: counts.get(key, 0) for key in keys if counts.get(key, 0) != 1}
    findings.must(not wrong, f"Turns by key that are not one each: {wrong}")
    account = load.account
    findings.must(account.refused == 0, f"{account.refused} connections were refused.")
    unmeant = {code: n for code, n in account.failures.items() if code < 500 and code != 429}
    findings.must(not unmeant, f"Requests that are right were answered {unmeant}.")
    lost = [words for words in load.account.wrong if words.startswith("lost")]
    findings.figure(
        f"prompts of {load.said[0].key.split('-')[0]} clients",
        f"{len(keys)}: lost {len(lost)}, doubled {sum(n > 1 for n in wrong.values())}, "
        f"refused {account.refused}, broken connections {account.broken}",
    )
    verify(vega, findings)


def verify(vega: Vega, findings: Findings) -> None:
    """The whole chain is recomputed by `vega verify`, which fails where a link is wrong."""
    try:
        vega.says("verify")
    except CommandFailed as exc:
        findings.must(False, str(exc))


def _upgrade(vega: Vega, load: Load, findings: Findings) -> None:
    number = make_next_version(vega)
    befall(
        calamities.Calamity(
            "an upgrade with a migration",
            lambda vega: vega.setup(NEXT).splitlines()[0],
            calamities.RESTART_AIM,
        ),
        vega,
        load,
        findings,
    )
    said = vega.says("--version").strip()
    findings.must(NEXT_VERSION in said, f"After the upgrade it is {said}.")
    version = vega.query("PRAGMA user_version")[0][0]
    findings.must(version == number, f"The schema is {version} after the upgrade, not {number}.")


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl-C does, so that what it began is cleaned away."""

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
