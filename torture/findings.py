"""What a drill has found: its figures, and each thing that was not as it must be."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Findings:
    """The outcome of one drill."""

    question: str
    figures: list[tuple[str, float | str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def figure(self, what: str, value: float | str, unit: str = "") -> None:
        self.figures.append((what, value, unit))

    def must(self, is_so: bool, otherwise: str) -> None:
        """Notes a failure where something that must be so is not."""
        if not is_so:
            self.failures.append(otherwise)

    def as_json(self) -> dict[str, Any]:
        figures = [
            {"what": what, "value": value, "unit": unit} for what, value, unit in self.figures
        ]
        return {"question": self.question, "figures": figures, "failures": self.failures}

    def __str__(self) -> str:
        width = max((len(what) for what, _, _ in self.figures), default=0)
        lines = [
            f"   {what:<{width}}  {value} {unit}".rstrip() for what, value, unit in self.figures
        ]
        failures = [f"   FAILED: {failure}" for failure in self.failures]
        return "\n".join([self.question, *lines, *failures])
