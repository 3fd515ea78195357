"""Sentences with the facts that they state, written by hand, and how well the rules read them."""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from vega.core.facts import read_statements
from vega.core.memory import FactKind

FOLDER = Path(__file__).parent / "unit" / "core" / "facts"
#: Written before the rules, and beside them.
DEVELOPED = "sentences"
#: Written when the rules stood; what was learnt from them has gone into the rules since.
HELD_OUT = "held_out"
#: Written last, and read once: the rules have not been touched for them.
UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Expected:
    """One fact that a sentence states."""

    kind: FactKind
    attribute: str
    value: str
    is_over: bool = False
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """One sentence, what it states, and what would mislead one where it states nothing."""

    text: str
    expected: tuple[Expected, ...]
    trap: str | None


@dataclass(slots=True)
class Score:
    """How many facts were drawn rightly, wrongly, and not at all."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def __add__(self, other: "Score") -> "Score":
        return Score(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)


@dataclass(slots=True)
class Result:
    """The scores by kind of fact, and the sentences with a trap by what misleads in them."""

    kinds: dict[FactKind, Score] = field(default_factory=lambda: defaultdict(Score))
    #: How many there are of each, and in how many of them something was drawn.
    traps: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    mistakes: list[str] = field(default_factory=list)

    @property
    def total(self) -> Score:
        return sum(self.kinds.values(), Score())


def labelled(name: str) -> list[Labelled]:
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [_labelled(json.loads(line)) for line in lines]


def read_all(sentences: list[Labelled]) -> Result:
    """What the rules draw from the sentences, against what these state."""
    result = Result()
    for one in sentences:
        found = {
            Expected(said.kind, said.attribute, said.value, said.is_over, said.is_private)
            for said in read_statements(one.text).statements
        }
        expected = set(one.expected)
        for fact in found | expected:
            score = result.kinds[fact.kind]
            score.right += fact in found and fact in expected
            score.wrong += fact not in expected
            score.missed += fact not in found
        if one.trap:
            result.traps[one.trap][0] += 1
            result.traps[one.trap][1] += bool(found)
        if found != expected:
            result.mistakes.append(
                f"{one.text!r}: drawn {found or '{}'}, stated {expected or '{}'}"
            )
    return result


def _labelled(row: dict[str, object]) -> Labelled:
    facts = row["expected"]
    assert isinstance(facts, list)
    expected = tuple(Expected(**{**fact, "kind": FactKind(fact["kind"])}) for fact in facts)
    trap = row.get("trap")
    return Labelled(str(row["text"]), expected, str(trap) if trap else None)
