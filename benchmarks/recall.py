"""`recall`: what a question costs in lives of 6,000, 50,000 and 1,000,000 messages.

The lives hold sentences of real text, put in by bulk SQL; their vectors are samples of a few
thousand directions, each turned a little, since embedding a million messages takes hours. The
question's vector comes ready, so its embedding is not in these times. Beside it stands a bare
full-text query of the same words, all of them joined by OR, on the same file. Each life is asked
in a process of its own, whose RSS is told.
"""

import asyncio
import multiprocessing
import random
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from benchmarks import texts
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from vega.core.life.sqlite import Connection
from vega.core.life.vector_codes import Floats
from vega.core.life.vectors import VectorRecord, Vectors
from vega.core.recall.recall import Recall
from vega.core.store import Store
from vega.core.words import STOP_WORDS, index_text, words

MODEL, DIMENSION = "benchmark", 384
DIRECTIONS = 4_000
#: How far each vector is turned from its direction: a cosine of some 0.75.
NOISE = 0.045
QUESTION_WORDS = 6
QUESTIONS = 200
TURNS_A_DAY = 40
BATCH = 5_000
P95_MS, P95_RATIO, RSS_MB = 150.0, 3.0, 200.0
#: A Monday; the lives end there.
END = datetime(2026, 11, 23, 12, tzinfo=UTC)
_DAY_MICROS = 86_400_000_000
_ADD_TURN = """
INSERT INTO turns (id, link, at, zone, origin, prompt, status, hash, day)
VALUES (?, ?, ?, 'UTC', 'import', ?, 'completed', x'00', ?)
"""
_ADD_ANSWER = """
INSERT INTO answers (turn_id, number, link, status, text, began_at, ended_at, hash)
VALUES (?, 1, ?, 'completed', ?, ?, ?, x'00')
"""
_INDEX = "INSERT INTO message_index (rowid, text) VALUES (?, ?)"
_BARE = "SELECT rowid FROM message_index WHERE message_index MATCH ? ORDER BY rank LIMIT 50"


@dataclass(frozen=True)
class Asked:
    """What a life cost its questions."""

    recall: list[float]
    bare: list[float]
    #: In MB, before the first question and after the last.
    rss: tuple[float, float]


def measure(size: Size) -> Report:
    report = Report(f"questions to lives of {', '.join(f'{n:,}' for n in size.recalls)} messages")
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name:
        found = {}
        for count in size.recalls:
            home = Path(name) / f"life-{count}"
            home.mkdir()
            asyncio.run(_grow(home, count))
            found[count] = _in_a_process(home)
    for count, asked in found.items():
        report.add(f"recall, {count:,} messages", asked.recall)
        report.add(f"bare OR query, {count:,} messages", asked.bare)
    first, last = size.recalls[0], size.recalls[-1]
    report.baseline = f"bare OR query, {last:,} messages"
    p95 = {count: 1000 * float(np.percentile(asked.recall, 95)) for count, asked in found.items()}
    report.figures += [
        *(Figure(f"p95 at {count:,}", value, "ms") for count, value in p95.items()),
        Figure.at_most(f"p95 at {last:,}", p95[last], P95_MS, "ms"),
        Figure.at_most(f"p95 at {last:,} to {first:,}", p95[last] / p95[first], P95_RATIO),
        Figure("RSS before the first question", found[last].rss[0], "MB"),
        Figure.at_most(f"RSS behind {QUESTIONS} questions", found[last].rss[1], RSS_MB, "MB"),
    ]
    report.remarks.append(f"Sentences of {texts.source()}; vectors are perturbed samples.")
    return report


def _sentences() -> list[str]:
    found: dict[str, None] = {}
    for (prompt, answer), _ in zip(texts.exchanges(), range(20_000), strict=False):
        for sentence in re.split(r"(?<=[.!?])\s+|\n+", f"{prompt}\n{answer}"):
            if 20 <= len(sentence) <= 300 and len(found) < 60_000:
                found[sentence.strip()] = None
    return list(found)


async def _grow(home: Path, count: int) -> None:
    """A life of so many messages, half of them answers, with its indexes."""
    chance, sentences = random.Random(count), _sentences()
    indexed = [index_text(sentence) for sentence in sentences]
    store = await Store.open(home)
    vectors = Vectors.open(home, MODEL, DIMENSION, store.session_id)
    turns = count // 2
    for first in range(1, turns + 1, BATCH):
        ids = range(first, min(first + BATCH, turns + 1))
        sides = [(_some(chance, sentences, 1), _some(chance, sentences, 3)) for _ in ids]

        def add(
            connection: Connection,
            ids: range = ids,
            sides: Sequence[tuple[list[int], list[int]]] = sides,
        ) -> None:
            for turn_id, (prompt, answer) in zip(ids, sides, strict=True):
                at = _at(turn_id, turns)
                day = at // _DAY_MICROS
                said = [" ".join(sentences[one] for one in side) for side in (prompt, answer)]
                link = 2 * turn_id
                connection.execute(_ADD_TURN, (turn_id, link, at, said[0], day))
                connection.execute(_ADD_ANSWER, (turn_id, link + 1, said[1], at, at))
                for row, side in ((2 * turn_id, prompt), (2 * turn_id + 1, answer)):
                    connection.execute(_INDEX, (row, " ".join(indexed[one] for one in side)))

        await store._db.write(add)
        vectors.add(_records(ids, turns))
    vectors.close()
    await store.close()


def _some(chance: random.Random, sentences: Sequence[str], most: int) -> list[int]:
    return [chance.randrange(len(sentences)) for _ in range(chance.randint(1, most))]


def _at(turn_id: int, turns: int) -> int:
    end = int(END.timestamp()) * 1_000_000
    return end - (turns - turn_id) * (_DAY_MICROS // TURNS_A_DAY)


def _directions() -> Floats:
    made = np.random.default_rng(7).normal(size=(DIRECTIONS, DIMENSION)).astype(np.float32)
    unit: Floats = made / np.linalg.norm(made, axis=1, keepdims=True)
    return unit


def _records(ids: range, turns: int) -> list[VectorRecord]:
    chance, directions = np.random.default_rng(ids.start), _directions()
    count = 2 * len(ids)
    rows = directions[chance.integers(0, DIRECTIONS, count)]
    rows = rows + NOISE * chance.normal(size=rows.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return [
        VectorRecord(
            2 * ids.start + place, 0, _at(ids.start + place // 2, turns) // _DAY_MICROS, row
        )
        for place, row in enumerate(rows)
    ]


class _Ready:
    """Gives vectors that are there already."""

    name, dimension, is_available = MODEL, DIMENSION, True

    def __init__(self) -> None:
        self._directions = _directions()
        self._next = 0

    async def embed(self, texts: Sequence[str]) -> Floats:
        self._next += len(texts)
        chosen: Floats = self._directions[[(self._next * 31) % DIRECTIONS] * len(texts)]
        return chosen


def _in_a_process(home: Path) -> Asked:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_probe, (home,))


def _probe(home: Path) -> Asked:
    return asyncio.run(_ask(home))


def _ask_bare(match: str, connection: Connection) -> list[int]:
    return [row[0] for row in connection.execute(_BARE, (match,))]


async def _ask(home: Path) -> Asked:
    questions = _questions()
    store = await Store.open(home)
    vectors = Vectors.open(home, MODEL, DIMENSION, store.session_id)
    recall = Recall(store, _Ready(), vectors, day_first=True)
    process = psutil.Process()
    before = process.memory_info().rss / 2**20
    timed, bare = [], []
    for question in questions:
        began = time.perf_counter()
        await recall.find(question, now=END, zone="UTC")
        timed.append(time.perf_counter() - began)
        match = " OR ".join(f'"{word}"' for word in words(question) if word not in STOP_WORDS)
        began = time.perf_counter()
        await store._db.read(partial(_ask_bare, match))
        bare.append(time.perf_counter() - began)
    after = process.memory_info().rss / 2**20
    recall.close()
    vectors.close()
    await store.close()
    return Asked(timed, bare, (before, after))


def _questions() -> list[str]:
    """Of six words each that stand in one sentence, and in any order."""
    chance = random.Random(5)
    found: list[str] = []
    for sentence in chance.sample(_sentences(), 10 * QUESTIONS):
        known = sorted(set(words(sentence)) - STOP_WORDS)
        if len(known) >= QUESTION_WORDS and len(found) < QUESTIONS:
            found.append(
                "What was it about " + " ".join(chance.sample(known, QUESTION_WORDS)) + "?"
            )
    return found
