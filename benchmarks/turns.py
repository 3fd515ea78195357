"""`turns`: what Vega adds to a turn, and whether a long life makes it slower.

A request to `POST /chat` is timed against the stub model server, at several lengths of the life;
beside it the same client's stream straight from the stub, and two raw commits of the same text.
All take turns, so that whatever else the machine does hits all alike.
"""

import asyncio
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks import life
from benchmarks.client import Client
from benchmarks.commits import RawCommits
from benchmarks.processes import cpu_seconds, stub_model, vega
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.vega_process import VegaProcess

WARM_UP = 20
#: About as many past turns as fit into the window that the stub tells.
TURNS_IN_PROMPT = 12
COMMITS = "two raw commits"
STUB = "the stub alone"
MORE_THAN_COMMITS_MS = 8.0
CPU_MS = 10.0
GROWTH = 1.2


def measure(size: Size) -> Report:
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        homes = asyncio.run(life.lives(folder, size.lives))
        url = stack.enter_context(stub_model())
        servers = {length: stack.enter_context(vega(home, url)) for length, home in homes.items()}
        rounds = Rounds(stack, folder, url, servers)
        rounds.run(WARM_UP)
        before = {length: cpu_seconds(server.pid) for length, server in servers.items()}
        rounds.forget()
        rounds.run(size.requests)
        cpu = {
            length: (cpu_seconds(server.pid) - before[length]) / size.requests
            for length, server in servers.items()
        }
        return _report(rounds, cpu)


class Rounds:
    """Asks everyone in turn, each round beginning with another one."""

    def __init__(
        self, stack: ExitStack, folder: Path, stub_url: str, servers: dict[int, VegaProcess]
    ) -> None:
        self._commits = RawCommits(folder)
        stack.callback(self._commits.close)
        self._stub = stack.enter_context(Client(stub_url))
        self._clients = {
            length: stack.enter_context(Client(server.url, server.key))
            for length, server in servers.items()
        }
        self._number = 0
        self.seconds: dict[str | int, list[float]] = {}
        self.forget()

    def forget(self) -> None:
        everyone: list[str | int] = [COMMITS, STUB, *self._clients]
        self.seconds = {one: [] for one in everyone}

    def run(self, count: int) -> None:
        for _ in range(count):
            self._number += 1
            everyone = list(self.seconds)
            first = self._number % len(everyone)
            for one in everyone[first:] + everyone[:first]:
                self.seconds[one].append(self._time(one))

    def _time(self, one: str | int) -> float:
        prompt = life.text(-self._number, life.PROMPT_CHARACTERS)
        if one == COMMITS:
            answer = life.text(self._number, life.ANSWER_CHARACTERS)
            return self._commits.seconds_for(prompt, answer)
        if one == STUB:
            return self._stub.seconds_to_post("/chat/completions", _request(prompt))
        assert isinstance(one, int)
        return self._clients[one].seconds_to_post("/chat", {"prompt": prompt})


def _request(prompt: str) -> dict[str, Any]:
    """What Vega sends to a model for such a prompt, in size."""
    messages = [{"role": "system", "content": life.text(0, 400)}]
    for number in range(TURNS_IN_PROMPT):
        past = life.text(number, life.PROMPT_CHARACTERS), life.text(number, life.ANSWER_CHARACTERS)
        messages += [
            {"role": "user", "content": past[0]},
            {"role": "assistant", "content": past[1]},
        ]
    messages.append({"role": "user", "content": prompt})
    options = {"include_usage": True}
    return {"model": "stub", "messages": messages, "stream": True, "stream_options": options}


def _report(rounds: Rounds, cpu: dict[int, float]) -> Report:
    report = Report(
        "POST /chat beyond the model (the stub's own median taken off), by turns in the life",
        baseline=COMMITS,
    )
    report.add(COMMITS, rounds.seconds[COMMITS])
    commits = report.spreads[COMMITS]
    stub = report.add(STUB, rounds.seconds[STUB])
    beyond = {}
    for length in cpu:
        own = [seconds - stub.median / 1000 for seconds in rounds.seconds[length]]
        beyond[length] = report.add(f"beyond it at {length:,} turns", own)
    shortest, longest = min(cpu), max(cpu)
    what = f"{longest:,} turns to {shortest:,}"
    most = commits.median + MORE_THAN_COMMITS_MS
    report.figures = [
        Figure.at_most(
            f"median at {what}", beyond[longest].median / beyond[shortest].median, GROWTH, "×"
        ),
        Figure.at_most(f"p99 at {what}", beyond[longest].p99 / beyond[shortest].p99, GROWTH, "×"),
        Figure.at_most(f"median at {longest:,} turns", beyond[longest].median, most, "ms"),
        *(
            Figure.at_most(f"CPU a turn at {length:,} turns", 1000 * seconds, CPU_MS, "ms")
            for length, seconds in cpu.items()
        ),
    ]
    noise = commits.p99 / commits.median
    spread = statistics.stdev(rounds.seconds[STUB]) * 1000
    report.remarks = [
        f"Noise of the machine: raw commits' p99 is {noise:.1f} × their median; the stub's "
        f"standard deviation is {spread:.2f} ms."
    ]
    return report
