"""A real server at work under strace, and what it promised when.

What is sent to it: prompts by the stream and in one piece, some at the same time, facts, an import,
a backup, something that is forgotten, an old turn asked again; the cleanup compresses and archives
all the while. It is killed and started again in between, and ended by SIGTERM.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2

from tests.vega_process import COMMAND, VegaProcess, wait_until
from torture.altered_vega import WRITTEN
from torture.power_cut.disk import Op, Paths
from torture.power_cut.trace import CALLS, LEFT_OUT, Reader, Step, Word

#: Memory is scarce whatever this machine has, so that each look is followed by a cleanup.
SETTINGS = {
    "VEGA_WARNING_THRESHOLD_PERCENT": "0.1",
    "VEGA_CRITICAL_THRESHOLD_PERCENT": "0.2",
    "VEGA_MAX_CONTEXT_ENTRIES": "4",
    "VEGA_COMPRESSION_TRIGGER": "1",
    "VEGA_CHECK_INTERVAL_SECONDS": "1",
}
MODEL = "scripted:?words=20"
ALTERED = (sys.executable, "-m", "torture.altered_vega")
MOST_TRIES = 20
#: Longer than the writer waits before it folds in the log.
IDLE_SECONDS = 3.6
_EVENT = re.compile(rb"event: (turn\.\w+)\ndata: (\{.*\})\n")
_SHAPE = re.compile(rb"\{\"(?:forgotten|imported|name)\":.*\}", re.DOTALL)
_CONFIRMED = re.compile(rb"\{\"turn_id\": ?(\d+), ?\"confirm\"")


@dataclass(frozen=True, slots=True)
class Promise:
    """What a client, or the owner at the shell, was told was done; and from which step on."""

    place: int
    #: prompt, answer, asked to forget, forgotten, imported, backup, setting.
    kind: str
    turn_id: int
    text: str


@dataclass(slots=True)
class Recording:
    """Everything that a replay must know."""

    name: str
    before: Paths
    steps: list[Op]
    promises: list[Promise]
    #: Every text that was sent, prompts and imports: nothing else may ever be found.
    said: frozenset[str]
    key: str
    #: From this step on Vega has answered somebody.
    begun: int
    has_vectors: bool = False


@dataclass(slots=True)
class Recorder:
    """One home folder, and the processes that run on it one after the other."""

    folder: Path
    command: Sequence[str] = COMMAND
    said: list[str] = field(default_factory=list)
    #: The texts of each import, in the order in which they were sent.
    imports: list[list[str]] = field(default_factory=list)
    traces: list[Path] = field(default_factory=list)
    before: Paths = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def traced(self, command: Sequence[str], *faults: str) -> list[str]:
        trace = self.folder / f"trace-{len(self.traces)}"
        self.traces.append(trace)
        options: tuple[str, ...] = (
            "-f",
            "--seccomp-bpf",
            "-y",
            "-xx",
            "-s",
            "4000000",
            "-e",
            "signal=none",
        )
        options += ("-e", f"trace={CALLS}", *faults, "-o", str(trace))
        return ["strace", *options, *command]

    def serve(self, settings: dict[str, str] | None = None, *faults: str) -> VegaProcess:
        """A server that is answering by now, under strace, which may inject faults."""
        merged = {**SETTINGS, **(settings or {})}
        command = self.traced(self.command, *faults)
        vega = VegaProcess(self.home, model_url=MODEL, settings=merged, command=command)
        vega.start()
        return vega

    def finish(self, name: str, *, has_vectors: bool = False) -> Recording:
        """What the traces say. Raises Unforeseen."""
        reader = Reader(self.home)
        reader.begin(
            {path: None if data is None else len(data) for path, data in self.before.items()}
        )
        for trace in self.traces:
            reader.read(trace)
        ops, words = _apart(reader.done)
        promises = _with_imports(_promises(words), self.imports)
        key = (self.home / "api_key").read_text().strip()
        begun = min((each.place for each in promises if each.kind == "prompt"), default=len(ops))
        said = frozenset(self.said)
        return Recording(name, self.before, ops, promises, said, key, begun, has_vectors)


def files_of(home: Path) -> Paths:
    """What is in a folder now, as it would be found after everything was synced."""
    found: Paths = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_dir() or (path.is_file() and not LEFT_OUT.fullmatch(name)):
            found[name] = None if path.is_dir() else path.read_bytes()
    return found


def _apart(steps: list[Step]) -> tuple[list[Op], list[tuple[int, Word]]]:
    """The operations, and each word with how many of them came before it."""
    ops: list[Op] = []
    words: list[tuple[int, Word]] = []
    for step in steps:
        if isinstance(step, Word):
            words.append((len(ops), step))
        else:
            ops.append(step)
    return ops, words


def _promises(words: list[tuple[int, Word]]) -> Iterator[Promise]:
    for place, word in words:
        if not word.is_told:
            if found := _CONFIRMED.search(word.data):
                yield Promise(place, "asked to forget", int(found[1]), "")
            continue
        for kind, data in _EVENT.findall(word.data):
            shape = json.loads(data)
            if kind == b"turn.accepted":
                yield Promise(place, "prompt", shape["turn_id"], shape["prompt"])
            elif kind == b"turn.completed":
                yield Promise(place, "answer", shape["turn_id"], shape["response"])
        if word.data.startswith(WRITTEN.encode()):
            text = word.data.decode().removeprefix(WRITTEN).strip()
            yield Promise(place, "setting", 0, text)
        elif found := _SHAPE.search(word.data):
            yield from _of_shape(place, found[0])


def _with_imports(promises: Iterator[Promise], imports: list[list[str]]) -> list[Promise]:
    """Each text of an import as a promise of its own."""
    found: list[Promise] = []
    left = iter(imports)
    for each in promises:
        if each.kind == "imported":
            found += [replace(each, text=text) for text in next(left)]
        else:
            found.append(each)
    return found


def _of_shape(place: int, data: bytes) -> Iterator[Promise]:
    with suppress(json.JSONDecodeError):
        shape = json.loads(data)
        for turn_id in shape.get("forgotten", []):
            yield Promise(place, "forgotten", turn_id, "")
        if "imported" in shape:
            yield Promise(place, "imported", 0, "")
        if "sha256" in shape:
            yield Promise(place, "backup", 0, shape["name"])


# What is sent


def say(vega: VegaProcess, recorder: Recorder, prompt: str) -> int:
    """By the stream, to its end: the turn."""
    recorder.said.append(prompt)
    with vega.events("/chat", prompt=prompt) as events:
        return [int(event.data["turn_id"]) for event in events].pop()


def say_stubbornly(vega: VegaProcess, recorder: Recorder, prompt: str) -> None:
    """Again and again under the same key, as a client does, until it is answered."""
    recorder.said.append(prompt)
    for _ in range(MOST_TRIES):
        with (
            suppress(httpx2.HTTPError),
            vega.events(
                "/chat", prompt=prompt, idempotency_key=prompt[:100], timeout_seconds=60
            ) as events,
        ):
            if list(events):
                return
    raise RuntimeError(f"In {MOST_TRIES} tries nobody took {prompt[:40]}")


def say_together(vega: VegaProcess, recorder: Recorder, prompts: Sequence[str]) -> None:
    threads = [threading.Thread(target=say, args=(vega, recorder, each)) for each in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def forget(vega: VegaProcess, turn_id: int) -> None:
    """Until nothing of it is left in any file."""
    shown = vega.request("POST", "/api/forget", {"turn_id": turn_id}).raise_for_status().json()
    body = {"turn_id": turn_id, "confirm": shown["confirm"]}
    done = vega.request("POST", "/api/forget", body).raise_for_status().json()
    if done["left"]:
        raise RuntimeError(f"Something was left to be forgotten: {done['left']}")


def import_lines(vega: VegaProcess, recorder: Recorder, name: str, count: int) -> None:
    lines = []
    begun = datetime.now(UTC) - timedelta(days=3)
    for number in range(count):
        role = ("user", "assistant")[number % 2]
        text = f"{name} line {number}: {'something old ' * (number % 5)}"
        recorder.said.append(text)
        at = (begun + timedelta(minutes=number)).isoformat()
        line = {"external_id": f"{name}-{number}", "role": role, "text": text, "at": at}
        lines.append(json.dumps(line))
    recorder.imports.append(recorder.said[-count:])
    url = f"{vega.url}/api/import"
    headers = {"X-API-Key": vega.key}
    vega._http.post(url, content="\n".join(lines), headers=headers).raise_for_status()


def end(vega: VegaProcess) -> None:
    """By SIGTERM, to the server itself and not to strace around it."""
    children = Path(f"/proc/{vega.pid}/task/{vega.pid}/children").read_text().split()
    os.kill(int(children[0]), signal.SIGTERM)
    vega.wait(60)


def record_settings(recorder: Recorder, values: Sequence[str]) -> None:
    command = recorder.traced([*ALTERED, "settings", str(recorder.home), *values])
    subprocess.run(command, check=True, stdout=subprocess.PIPE)


def pause() -> None:
    """Until the log has been folded into the database."""
    time.sleep(IDLE_SECONDS)


def until(is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    with suppress(TimeoutError):
        wait_until(is_so, seconds, poll_seconds=0.05)
