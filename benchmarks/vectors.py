"""`vectors`: messages found by meaning: how fast they are embedded and searched, what they take.

Texts are real and so are the vectors of the first ones; a long life is made of these with noise,
since a million texts would take hours. Baseline of a search is numpy's own product with all vectors
in 32 bits, which would take 1.5 GB of RAM for a million; here it runs over one part of them again
and again.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import psutil

from benchmarks import texts
from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.models_folder import models_folder
from vega.core.life.vector_codes import Floats
from vega.core.life.vectors import VectorRecord, Vectors
from vega.core.recall.passages import pieces
from vega.llm.embedding import EmbeddingModel

#: Of each kind.
TEXTS = 150
SHORT_CHARS = 200
#: Of one message of the long lives, as of an assistant's answer.
PIECES = 2
#: Added to each component: a vector's likeness to its source is then 0.86.
NOISE = 0.03
QUESTIONS = 30
LIMIT = 300
PART = 50_000
AIM_MILLISECONDS = 60.0
_MEGABYTE = 1_000_000


def measure(size: Size) -> Report:
    report = Report(f"messages found by meaning, on {texts.source()}")
    sample, questions = asyncio.run(_embed(report, models_folder()))
    for count in size.vectors:
        _search(report, sample, questions, count)
    return report


async def _embed(report: Report, models: Path) -> tuple[Floats, Floats]:
    exchanges = list(islice(texts.exchanges(), TEXTS))
    said = {
        "short lines": [answer[:SHORT_CHARS] for _, answer in exchanges],
        "assistant's answers": [answer for _, answer in exchanges],
    }
    embedder = EmbeddingModel(models)
    await embedder.start()
    while not embedder.is_available:
        await asyncio.sleep(0.01)
    rows = []
    for kind, messages in said.items():
        parts = [[each[one.start : one.end] for one in pieces(each)] for each in messages]
        began = time.perf_counter()
        vectors = [await embedder.embed(part) for part in parts]
        rate = len(messages) / (time.perf_counter() - began)
        rows += vectors
        report.figures.append(Figure(f"{kind}: embedded a second", rate, "messages"))
        _add_bytes(report, kind, messages, vectors)
    questions = [prompt for prompt, _ in exchanges[:QUESTIONS]]
    seconds, asked = [], []
    for question in questions:
        began = time.perf_counter()
        asked.append((await embedder.embed([question]))[0])
        seconds.append(time.perf_counter() - began)
    report.add("embedding of a question", seconds)
    process = psutil.Process(embedder.host.process_id)
    resident = process.memory_info().rss / _MEGABYTE
    report.figures.append(Figure("the model's process: RAM", resident, "MB"))
    await embedder.close()
    return np.concatenate(rows), np.array(asked, np.float32)


def _add_bytes(
    report: Report, kind: str, messages: Sequence[str], vectors: Sequence[Floats]
) -> None:
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name:
        kept = _open(name)
        empty = kept.byte_count
        kept.add(
            [
                VectorRecord(2 + number, piece, 0, row)
                for number, rows in enumerate(vectors)
                for piece, row in enumerate(rows)
            ]
        )
        taken = (kept.byte_count - empty) / len(messages)
        kept.close()
    length = sum(len(each.encode()) for each in messages) / len(messages)
    report.figures.append(Figure(f"{kind} of {length:.0f} bytes: their vectors", taken, "bytes"))


def _search(report: Report, sample: Floats, questions: Floats, count: int) -> None:
    chance = np.random.default_rng(1)
    part = _noisy(chance, sample, min(PART, count))
    with tempfile.TemporaryDirectory(prefix="vega-bench-") as name:
        kept = _open(name)
        for first in range(0, count, PART):
            rows = part if not first else _noisy(chance, sample, min(PART, count - first))
            kept.add(
                [
                    VectorRecord(2 + (first + number) // PIECES, number % PIECES, 0, row)
                    for number, row in enumerate(rows)
                ]
            )
        process = psutil.Process()
        before = process.memory_info().rss
        found, scored, plain = [], [], []
        for question in questions:
            began = time.perf_counter()
            similar = kept.search(question, LIMIT)
            found.append(time.perf_counter() - began)
            began = time.perf_counter()
            kept.scores_of(question, similar.message_ids)
            scored.append(time.perf_counter() - began)
            plain.append(_plain(part, question, count))
        grown = (process.memory_info().rss - before) / _MEGABYTE
        kept.close()
    report.add(f"{count:,} pieces: numpy, all in 32 bits", plain)
    spread = report.add(f"{count:,} pieces: search", found)
    report.add(f"{count:,} pieces: scores of {LIMIT} messages", scored)
    label = f"{count:,} pieces: a search, median"
    report.figures.append(Figure.at_most(label, spread.median, AIM_MILLISECONDS, "ms"))
    report.figures.append(Figure(f"{count:,} pieces: RAM grown by the searches", grown, "MB"))


def _plain(part: Floats, question: Floats, count: int) -> float:
    began = time.perf_counter()
    scores = [part[: min(PART, count - first)] @ question for first in range(0, count, PART)]
    np.argpartition(np.concatenate(scores), -LIMIT)
    return time.perf_counter() - began


def _noisy(chance: np.random.Generator, sample: Floats, count: int) -> Floats:
    rows = sample[chance.integers(0, len(sample), count)]
    rows = rows + chance.normal(0, NOISE, rows.shape).astype(np.float32)
    unit: Floats = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def _open(home: str) -> Vectors:
    return Vectors.open(Path(home), "benchmark", 384)
