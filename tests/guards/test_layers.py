"""The layers of ARCHITECTURE.md hold, and the check that says so can fail."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.guards.tree import ROOT, python_files

#: Packages that only hold others, and stand in no layer themselves.
HOLDERS = {
    *("vega", "vega.core", "vega.core.backup", "vega.core.life", "vega.core.pressure"),
    *("vega.core.recall", "vega.core.telling"),
}

PLANTS = [
    ("core/clock.py", "from vega.core import store", "imports point downwards"),
    ("errors.py", "import vega.config", "imports point downwards"),
    ("core/assistant.py", "import fastapi", "only the api knows HTTP"),
    ("llm/base.py", "import starlette.responses", "only the api knows HTTP"),
    ("core/context.py", "import openai", "core knows no vendor"),
    (
        "core/facts/reading.py",
        "import apsw",
        "only the store and what lies below it touch the database",
    ),
    ("llm/scripted.py", "import vega.llm.openai", "a connector knows no other connector"),
]


def test_the_layers_hold() -> None:
    verdict = _lint(ROOT)

    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(("module", "line", "contract"), PLANTS)
def test_a_planted_import_breaks_a_contract(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    planted = tmp_path / "src" / "vega" / module
    planted.write_text(f"{planted.read_text()}\n{line}\n")

    verdict = _lint(tmp_path)

    assert f"{contract} BROKEN" in verdict.stdout


def test_every_module_stands_in_a_layer() -> None:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = pyproject["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = {name.strip(" ()") for layer in layers for name in layer.split("|")}
    modules = {_module(path) for path in python_files("src")} - HOLDERS

    assert {module for module in modules if not _is_within(module, placed)} == set()


def _lint(top: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache", "--config", top / "pyproject.toml"],
        cwd=top / "src",
        env={"PYTHONPATH": str(top / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _is_within(module: str, placed: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in placed)
