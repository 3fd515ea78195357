"""No function over 60 lines, no module over 400: what separates good trees is the tail."""

import ast

from tests.guards.tree import name_of, python_files

LONGEST_FUNCTION_LINES = 60
LONGEST_MODULE_LINES = 400
FOLDERS = ("src", "tests", "benchmarks", "torture")


def test_no_module_is_too_long() -> None:
    sizes = {name_of(path): len(path.read_text().splitlines()) for path in python_files(*FOLDERS)}

    assert sizes
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE_LINES} == {}


def test_no_function_is_too_long() -> None:
    too_long = {}
    for path in python_files(*FOLDERS):
        for name, size in _functions(path.read_text()):
            if size > LONGEST_FUNCTION_LINES:
                too_long[f"{name_of(path)} {name}"] = size

    assert too_long == {}


def test_the_measure_sees_a_long_function() -> None:
    source = "async def long():\n" + "    pass\n" * LONGEST_FUNCTION_LINES

    assert list(_functions(source)) == [("long", LONGEST_FUNCTION_LINES + 1)]


def _functions(source: str) -> list[tuple[str, int]]:
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
