"""The SQL of Vega, read once from the files beside this one.

`queries.sql` holds named statements: a line `-- name: accept_turn`, a comment saying what it is
for, the statement.
"""

import re
from importlib.resources import files

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


queries = _named_statements(read("queries.sql"))
