"""The SQL of Vega, read once from the files beside this one.

All but `schema.sql` hold named statements: a line `-- name: accept_turn`, a comment saying what it
is for, the statement.
"""

import re
from importlib.resources import files

SCHEMA = "schema.sql"

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def read(file_name: str) -> str:
    """The text of one SQL file of this package."""
    return files(__name__).joinpath(file_name).read_text(encoding="utf-8")


def migrations() -> list[tuple[int, str, str]]:
    """Every migration as (number, name, statements), in their order."""
    found = []
    for entry in files(__name__).joinpath("migrations").iterdir():
        match = re.fullmatch(r"(\d{4})_(\w+)\.sql", entry.name)
        if match:
            found.append((int(match[1]), match[2], entry.read_text(encoding="utf-8")))
    return sorted(found)


def _named_statements(text: str) -> dict[str, str]:
    _, *parts = _NAME.split(text)
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def _all_statements() -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in sorted(files(__name__).iterdir(), key=lambda each: each.name):
        if entry.name.endswith(".sql") and entry.name != SCHEMA:
            statements = _named_statements(entry.read_text(encoding="utf-8"))
            if twice := found.keys() & statements.keys():
                raise ValueError(f"{entry.name} names again: {', '.join(sorted(twice))}")
            found |= statements
    return found


queries = _all_statements()
