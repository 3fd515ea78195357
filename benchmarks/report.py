"""What a measurement has found, as text for people and as JSON for programs."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """How one thing came out over many times."""

    count: int
    least: float
    median: float
    p99: float
    most: float

    @classmethod
    def of(cls, samples: Sequence[float]) -> "Spread":
        ordered = sorted(samples)
        return cls(
            len(ordered),
            ordered[0],
            statistics.median(ordered),
            ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
            ordered[-1],
        )


@dataclass(frozen=True, slots=True)
class Figure:
    """One result, and what was aimed at."""

    what: str
    value: float
    unit: str = ""
    aim: str = ""
    #: Whether the aim is reached; None where there is none.
    is_reached: bool | None = None

    @classmethod
    def at_most(cls, what: str, value: float, limit: float, unit: str = "") -> "Figure":
        return cls(what, value, unit, f"≤ {limit:.4g} {unit}".rstrip(), value <= limit)


@dataclass(slots=True)
class Report:
    """Spreads in milliseconds beside their baseline, the figures that follow, and remarks."""

    question: str
    baseline: str = ""
    spreads: dict[str, Spread] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, label: str, seconds: Sequence[float]) -> Spread:
        spread = self.spreads[label] = Spread.of([1000 * sample for sample in seconds])
        return spread

    def as_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "baseline": self.baseline,
            "milliseconds": {label: asdict(spread) for label, spread in self.spreads.items()},
            "figures": [asdict(figure) for figure in self.figures],
            "remarks": self.remarks,
        }

    def __str__(self) -> str:
        parts = [self.question]
        if self.spreads:
            parts += ["", *_aligned(self._spread_rows())]
        if self.figures:
            parts += ["", *_aligned([_figure_row(figure) for figure in self.figures])]
        parts += [f"   {remark}" for remark in ("", *self.remarks) if self.remarks]
        return "\n".join(parts)

    def _spread_rows(self) -> list[list[str]]:
        rows = [["milliseconds", "n", "min", "median", "p99", "× baseline"]]
        base = self.spreads[self.baseline].median if self.baseline else 0.0
        for label, spread in self.spreads.items():
            ratio = f"{spread.median / base:.2f}" if base else ""
            values = (spread.least, spread.median, spread.p99)
            rows.append([label, str(spread.count), *(f"{value:.2f}" for value in values), ratio])
        return rows


def _figure_row(figure: Figure) -> list[str]:
    verdict = {True: "reached", False: "NOT reached", None: ""}[figure.is_reached]
    aim = f"aim {figure.aim}" if figure.aim else ""
    return [figure.what, f"{figure.value:.4g} {figure.unit}".rstrip(), aim, verdict]


def _aligned(rows: list[list[str]]) -> list[str]:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("   " + "   ".join([f"{first:<{widths[0]}}", *cells]).rstrip())
    return lines
