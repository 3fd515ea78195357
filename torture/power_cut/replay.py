"""Cuts the power at every step of a recording, in every way that there is time for, and checks."""

import hashlib
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from torture.power_cut.checking import Checker, Expected, silence
from torture.power_cut.disk import CHANCES, Disk, Paths
from torture.power_cut.recording import Recording

#: Of each kind of flaw so many are shown.
SHOWN = 3


@dataclass(slots=True)
class Outcome:
    """What was found in the states of a recording."""

    #: By the digest of each that differs from all others: of what kind its flaw is, if it has one.
    states: dict[bytes, str | None] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    @property
    def kinds(self) -> Counter[str]:
        """How many have a flaw, by its kind."""
        return Counter(kind for kind in self.states.values() if kind is not None)

    def note(self, seal: bytes, place: int, flaw: str) -> None:
        kind = flaw.partition(":")[0]
        self.states[seal] = kind
        shown = self.examples.setdefault(kind, [])
        if len(shown) < SHOWN:
            shown.append(f"at step {place}: {flaw}")

    def add(self, other: "Outcome") -> None:
        self.states |= other.states
        for kind, examples in other.examples.items():
            self.examples[kind] = (self.examples.get(kind, []) + examples)[:SHOWN]


@dataclass(frozen=True, slots=True)
class Part:
    """Which of the steps of a recording one process takes."""

    recording: Recording
    number: int
    of: int
    variants: int
    #: Of so many steps in a row the power is cut behind one.
    stride: int
    seed: int
    folder: Path


def replay(recording: Recording, variants: int, stride: int = 1, seed: int = 1) -> Outcome:
    """The power is cut behind each step, or one of so many, in so many ways; each state that
    differs is checked."""
    found = Outcome()
    # Threads of Vega wait for each other a good part of the time.
    count = 2 * (os.cpu_count() or 1)
    with scratch("vega-power-cut-") as folder:
        parts = [
            Part(recording, number, count, variants, stride, seed, folder / str(number))
            for number in range(count)
        ]
        with ProcessPoolExecutor(count, mp_context=get_context("fork")) as pool:
            for each in pool.map(take_part, parts):
                found.add(each)
    return found


def take_part(part: Part) -> Outcome:
    found = Outcome()
    checker = Checker(part.recording, part.folder)
    with silence():
        for seal, place, expected, paths in _states(part):
            if seal in found.states:
                continue
            found.states[seal] = None
            flaw = checker.flaw(paths, expected)
            if flaw is not None:
                found.note(seal, place, flaw)
    return found


def _states(part: Part) -> Iterator[tuple[bytes, int, Expected, Paths]]:
    """Each with its digest, the step behind which the power is cut, and what must be there."""
    recording = part.recording
    disk, expected = Disk(recording.before, part.seed), Expected()
    promises = [*recording.promises]
    for place in range(len(recording.steps) + 1):
        while promises and promises[0].place <= place:
            expected.add(promises.pop(0))
        cut, left = divmod(place, part.stride)
        if not left and cut % part.of == part.number:
            for variant in range(part.variants):
                # So that each way has its turn also where there is time for one.
                chance = CHANCES[(cut // part.of + variant) % len(CHANCES)]
                dice = random.Random(f"{part.seed} {place} {variant}")
                paths = disk.cut(chance, dice)
                yield _digest(paths, expected), place, expected, paths
                if disk.is_settled:
                    break
        if place < len(recording.steps):
            disk.do(recording.steps[place])


def _digest(paths: Paths, expected: Expected) -> bytes:
    """Of a state, and of what it must hold."""
    found = hashlib.blake2b(digest_size=16)
    found.update(repr(expected.size).encode())
    for path, content in sorted(paths.items()):
        found.update(f"{path} {len(content or b'')} ".encode())
        found.update(content or b"")
    return found.digest()


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """A folder in memory where there is one: ten thousand disks are written to it."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=memory if memory.is_dir() else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
