"""Reads the Dockerfile as a list of instructions."""

import json
import re
import shlex
from dataclasses import dataclass

from tests.guards.tree import ROOT

DOCKERFILE = ROOT / "Dockerfile"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction: `COPY`, and what stands behind it, in one line."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """Its words, without options such as --from=build."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


def stages() -> list[list[Instruction]]:
    """The instructions of each stage, the image's own last."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE)
    found: list[list[Instruction]] = []
    for line in text.replace("\\\n", " ").splitlines():
        name, _, rest = line.strip().partition(" ")
        if name == "FROM":
            found.append([])
        if name:
            found[-1].append(Instruction(name, rest.strip()))
    return found


def environment() -> dict[str, str]:
    """The variables that the image sets."""
    words = [word for each in stages()[-1] if each.name == "ENV" for word in each.words]
    return dict(word.split("=", 1) for word in words)


def health_command() -> list[str]:
    """The program that says whether it is well, word by word."""
    (check,) = [each.rest for each in stages()[-1] if each.name == "HEALTHCHECK"]
    command: list[str] = json.loads(check[check.index("CMD ") + 4 :])
    return command
