"""What must not get into the repository: big files, places on one machine, swallowed errors."""

import ast
import re
from pathlib import Path

import pytest

from tests.guards.tree import ROOT, name_of, project_files, python_files

LARGEST_FILE_BYTES = 1_000_000
#: Written so that it does not match itself.
MACHINE_PATH = re.compile(r"/(?:work|farm|root|home/(?!<)\w+|tmp/ceo)/")
#: Files that may name such places, each because the founding document's words stand in them.
MAY_NAME_MACHINE_PATHS: frozenset[str] = frozenset()
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
ADDRESS = re.compile(r"://|\bfile:|@ |--index-url|--extra-index|--find-links|\.org|\.com")
LOCKS = ("requirements.lock", "requirements-dev.lock")


def test_no_file_is_big() -> None:
    sizes = {name_of(path): path.stat().st_size for path in project_files()}

    assert {name: size for name, size in sizes.items() if size > LARGEST_FILE_BYTES} == {}


def test_no_file_names_a_place_on_one_machine() -> None:
    found = []
    for path in project_files():
        if name_of(path) in MAY_NAME_MACHINE_PATHS:
            continue
        for number, line in enumerate(_text(path).splitlines(), start=1):
            if MACHINE_PATH.search(line):
                found.append(f"{name_of(path)}:{number}")

    assert found == []


def test_the_measure_sees_a_place_on_one_machine() -> None:
    places = ["/".join(["", *parts, "x"]) for parts in (["root"], ["work"], ["home", "ann"])]

    assert [place for place in places if not MACHINE_PATH.search(place)] == []


def test_every_module_is_named_by_what_it_holds() -> None:
    names = [name_of(path) for path in python_files("src", "tests", "benchmarks", "torture")]

    assert [name for name in names if EMPTY_NAMES & set(Path(name).with_suffix("").parts)] == []


def test_no_error_is_swallowed() -> None:
    found = [
        f"{name_of(path)}:{line}"
        for path in python_files("src", "tests", "benchmarks", "torture")
        for line in _swallowed(path.read_text())
    ]

    assert found == []


@pytest.mark.parametrize(
    "handler",
    [
        "except:\n    raise",
        "except Exception:\n    pass",
        "except (OSError, BaseException):\n    ...",
    ],
)
def test_the_measure_sees_a_swallowed_error(handler: str) -> None:
    assert _swallowed(f"try:\n    work()\n{handler}\n") == [3]


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    requirements = [entry for entry in text.replace("\\\n", " ").splitlines() if entry.strip()]

    assert requirements
    assert [entry for entry in requirements if "--hash=sha256:" not in entry] == []
    assert ADDRESS.findall(text) == []


def test_the_locks_agree() -> None:
    base, dev = (_pins(ROOT / lock) for lock in LOCKS)

    assert base.items() <= dev.items()


def test_every_dependency_is_locked() -> None:
    declared = re.findall(r'^  "([a-z0-9-]+)[=><]', (ROOT / "pyproject.toml").read_text(), re.M)

    assert "apsw" in declared
    assert set(declared) <= _pins(ROOT / "requirements-dev.lock").keys()


def _pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), re.M))


def _swallowed(source: str) -> list[int]:
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (_catches_all(node.type) and all(map(_is_empty, node.body))))
    ]


def _catches_all(caught: ast.expr) -> bool:
    names = {node.id for node in ast.walk(caught) if isinstance(node, ast.Name)}
    return bool(names & {"Exception", "BaseException"})


def _is_empty(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass | ast.Continue)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
