"""A life as it lies on the disk, read beside Vega's own code: what tests believe.

Reads only; a life whose server was killed is read from a copy, so that the next start finds its
write-ahead log as the killed process left it.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vega.core.chain import link_hash
from vega.core.head import Head, HeadFile
from vega.core.sqlite import Connection, connect

_TURNS = "SELECT id, prompt, status, idempotency_key FROM turns ORDER BY id"
_ANSWERS = "SELECT turn_id, number, generation, status, text FROM answers ORDER BY turn_id, number"
_PROMPT_LINKS = "SELECT link, salt, hash, id, at, zone, origin, device, prompt FROM turns"
_ANSWER_LINKS = """
SELECT link, salt, hash, turn_id, number, status, reason, text, model, place, ended_at
FROM answers WHERE link IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class StoredTurn:
    id: int
    prompt: str
    status: str
    idempotency_key: str | None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    turn_id: int
    number: int
    generation: int
    status: str
    text: str


@contextmanager
def read_life(home: Path) -> Iterator[Connection]:
    """The life of a Vega that has ended."""
    with closing(connect(home / "vega.db", read_only=True)) as connection:
        yield connection


@contextmanager
def read_copy(home: Path, folder: Path) -> Iterator[Connection]:
    """The life of a Vega that was killed, from a copy in that folder, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("vega.db", "vega.db-wal"):
        if (home / name).exists():
            shutil.copy2(home / name, folder / name)
    with closing(connect(folder / "vega.db")) as connection:
        yield connection


def turns_in(life: Connection) -> list[StoredTurn]:
    return [StoredTurn(*row) for row in life.execute(_TURNS)]


def answers_in(life: Connection) -> list[StoredAnswer]:
    return [StoredAnswer(*row) for row in life.execute(_ANSWERS)]


def assert_sound(life: Connection, home: Path) -> None:
    """The file is whole, every link of its chain recomputes, and the head file names the last."""
    assert life.pragma("integrity_check") == "ok"
    head = Head(0, b"")
    for link, salt, stored, content in _links(life):
        assert link == head.link + 1
        head = Head(link, link_hash(head.hash, salt, (link, *content)))
        assert head.hash == stored, f"link {link}: {content}"
    assert HeadFile(home).load() == head


def _links(life: Connection) -> list[tuple[int, bytes, bytes, tuple[Any, ...]]]:
    found = []
    for kind, query in (("prompt", _PROMPT_LINKS), ("answer", _ANSWER_LINKS)):
        for link, salt, stored, *content in life.execute(query):
            found.append((link, salt, stored, (kind, *content)))
    return sorted(found, key=lambda entry: entry[0])
