"""A next version of Vega: this tree with one more migration, in a folder of the machine."""

import re
from pathlib import Path

from torture.boot.installed import Vega, copy_tree

NEXT = "/usr/src/vega-next"
NEXT_VERSION = "9.9.9"
MIGRATIONS = Path("src/vega/core/sql/migrations")
#: Where a version is named.
VERSIONS = {
    "pyproject.toml": r'^(version = )".*"',
    "src/vega/__init__.py": r'^(__version__ = )".*"',
}
STEP = """-- A step that only the next version knows.

CREATE TABLE next_things (id INTEGER PRIMARY KEY, turn_id INTEGER NOT NULL REFERENCES turns (id));

INSERT INTO next_things (turn_id) SELECT id FROM turns;
"""


def make_next_version(vega: Vega) -> int:
    """Lays it out; the schema's number in it."""
    clone = vega.machine.path(NEXT)
    copy_tree(clone)
    numbers = [int(file.name[:4]) for file in (clone / MIGRATIONS).glob("[0-9]*.sql")]
    number = max(numbers) + 1
    (clone / MIGRATIONS / f"{number:04}_next_things.sql").write_text(STEP)
    for name, pattern in VERSIONS.items():
        text = (clone / name).read_text()
        assert re.search(pattern, text, re.M), f"{name} names no version"
        (clone / name).write_text(re.sub(pattern, rf'\g<1>"{NEXT_VERSION}"', text, flags=re.M))
    return number
