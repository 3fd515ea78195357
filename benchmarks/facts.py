"""`facts`: how well the rules read what an owner states, by kind, on sentences labelled by hand.

No server and no model: but for the time that it takes, it is the same on every machine.
"""

import time

from benchmarks.report import Figure, Report
from benchmarks.sizes import Size
from tests.labelled import DEVELOPED, HELD_OUT, UNSEEN, Result, Score, labelled, read_all
from vega.core.facts import read_statements

SETS = (
    (DEVELOPED, "the rules were made with them"),
    (HELD_OUT, "written after the rules; mended by them since"),
    (UNSEEN, "never used for the rules"),
)
AIM = 0.98


def measure(size: Size) -> Report:
    report = Report("What the rules draw from labelled sentences: right / wrong / missed")
    for name, what in SETS:
        sentences = labelled(name)
        result = read_all(sentences)
        with_trap = sum(one.trap is not None for one in sentences)
        report.remarks.append(f"{name}: {len(sentences)} sentences, {with_trap} traps; {what}")
        total = result.total
        report.figures += [
            Figure(f"{name}: precision", total.precision, "", f"≥ {AIM}", total.precision >= AIM),
            Figure(f"{name}: recall", total.recall),
            Figure(f"{name}: traps walked into", sum(drawn for _, drawn in result.traps.values())),
        ]
        report.remarks += [f"  {line}" for line in _lines(result)]
        report.remarks += [f"  mistake: {mistake}" for mistake in result.mistakes]
    texts = [one.text for name, _ in SETS for one in labelled(name)]
    began = time.perf_counter()
    for text in texts:
        read_statements(text)
    report.figures.append(
        Figure("one sentence takes", 1000 * (time.perf_counter() - began) / len(texts), "ms")
    )
    return report


def _lines(result: Result) -> list[str]:
    return [
        *(_line(kind.value, score) for kind, score in sorted(result.kinds.items())),
        _line("all", result.total),
        "traps: "
        + ", ".join(
            f"{trap} {drawn} of {count}" for trap, (count, drawn) in sorted(result.traps.items())
        ),
    ]


def _line(name: str, score: Score) -> str:
    return (
        f"{name:<12}{score.right:>4} /{score.wrong:>3} /{score.missed:>3}   "
        f"precision {score.precision:.3f}  recall {score.recall:.3f}"
    )
