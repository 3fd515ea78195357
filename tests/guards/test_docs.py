"""Settings, routes, commands and words are documented, and nothing is that does not exist."""

import re
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
import typer.main
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from tests.guards.tree import ROOT, name_of, project_files
from vega.api.app import create_app
from vega.cli import app as commands
from vega.config import TEST_PREFIX, Settings, variable
from vega.core import conversation, memory

CONFIGURATION = ROOT / "docs" / "configuration.md"
API = ROOT / "docs" / "api.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
PAGES = [path for path in project_files() if path.suffix == ".md"]


@pytest.mark.parametrize("key", Settings.model_fields)
def test_a_setting_stands_in_its_table_with_its_default(key: str) -> None:
    rows = _rows(CONFIGURATION)
    default = Settings.model_fields[key].default

    assert Settings.model_fields[key].description
    assert variable(key) in rows, f"{variable(key)} has no row in {name_of(CONFIGURATION)}"
    assert _shown(default) in rows[variable(key)]


def test_no_page_names_a_setting_that_does_not_exist() -> None:
    known = {variable(key) for key in Settings.model_fields}
    for page in PAGES:
        named = set(re.findall(r"\bVEGA_[A-Z_]*[A-Z]\b", page.read_text()))
        unknown = {name for name in named - known if not name.startswith(TEST_PREFIX)}

        assert unknown == set(), name_of(page)


def test_every_route_is_documented_and_every_documented_route_exists() -> None:
    named = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/[^\s`?]*)", API.read_text())
    documented = {(method, _nameless(path)) for method, path in named}
    served = _routes(_app())

    # What stands outside the schema, as the files of the /docs page, may go unmentioned.
    assert {route for route, in_schema in served.items() if in_schema} <= documented
    assert documented <= served.keys()


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    text = "\n".join(page.read_text() for page in pages)
    # As a reader types it: in backticks, or at the start of a line of a code block.
    typed = re.compile(r"(?:`|^\s*(?:\$ )?)(?:\.venv/bin/)?vega ([a-z][a-z-]*)", re.M)
    documented = set(typed.findall(text))

    assert documented == _commands()


@pytest.mark.parametrize("module", [conversation, memory])
def test_every_value_has_its_word_in_the_glossary(module: ModuleType) -> None:
    words = set(re.findall(r"^\| \*{0,2}([a-z][a-z ,/-]*)", GLOSSARY.read_text().lower(), re.M))
    defined = {word.strip() for entry in words for word in re.split(r"[,/]", entry)}
    names = {
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }

    assert {name for name in names if not _words_of(name) & defined} == set()


def _app() -> FastAPI:
    # Its routes are there before any part that they call.
    return create_app(cast(Any, None))


def _routes(app: FastAPI) -> dict[tuple[str, str], bool]:
    """Method and path of every route, and whether it stands in the schema."""
    return {
        (method, _nameless(route.path or "")): bool(route.include_in_schema)
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }


def _nameless(path: str) -> str:
    """A path without its parameters' names: a page may choose simpler ones."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def _commands() -> set[str]:
    group = typer.main.get_command(commands.app)
    return set(cast(Any, group).commands)


def _rows(page: Path) -> dict[str, str]:
    """The rows of a page's tables by the name in backticks in their first cell."""
    return dict(re.findall(r"^\| `([^`]+)` \|(.*)$", page.read_text(), re.M))


def _shown(default: object) -> str:
    """A default as its row shows it; nothing to look for where there is none to write down."""
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    if isinstance(default, Enum):
        return f"`{default.value}`"
    if isinstance(default, int | float | str | Path) and str(default):
        return f"`{default:g}`" if isinstance(default, float) else f"`{default}`"
    return ""


def _words_of(name: str) -> set[str]:
    """TurnEvent is the word "turn event", or a kind of "event", or belongs to "turn"."""
    parts = re.findall(r"[A-Z][a-z]*", name)
    return {" ".join(parts).lower(), *(part.lower() for part in parts)}
