"""A life as it lies on the disk, read beside Vega's own code: what tests believe.

It knows the three tiers: what has left a turn's rows is read from its block, and everything that
Vega keeps count of is counted anew. Reads only; a life whose server was killed is read from a copy,
so that the next start finds its write-ahead log as the killed process left it.
"""

import hashlib
import json
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from vega.core.life.chain import link_hash
from vega.core.life.head import Head, HeadFile
from vega.core.life.sqlite import Connection, connect

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_TURNS = """
SELECT id, prompt, status, idempotency_key, tier, link, salt, hash, at, zone, origin, device, day,
    block_id, summary
FROM turns ORDER BY id
"""
_ANSWERS = """
SELECT turn_id, number, generation, status, text, link, salt, hash, reason, model, place, ended_at
FROM answers ORDER BY turn_id, number
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What an archived turn leaves in its row of the original.
_EMPTY: dict[str, Any] = {
    "prompt": "",
    "zone": "",
    "origin": "",
    "device": None,
    "salt": None,
    "hash": b"",
}


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """One prompt: of an archived turn as its block has it."""

    id: int
    prompt: str
    status: str
    idempotency_key: str | None
    tier: str
    link: int
    salt: bytes | None
    hash: bytes
    at: int
    zone: str
    origin: str
    device: str | None
    day: int
    block_id: int | None
    summary: str | None


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answer, wherever it lives. Its link is None while it is written."""

    turn_id: int
    number: int
    generation: int
    status: str
    text: str
    link: int | None
    salt: bytes | None
    hash: bytes | None
    reason: str | None
    model: str | None
    place: str | None
    ended_at: int | None

    @property
    def is_found(self) -> bool:
        """Whether the full-text index knows it."""
        return self.text != "" and self.status in ("completed", "stopped")


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
    """Every turn as it was said."""
    blocks = _blocks(life)
    return [_original(turn, blocks) for turn in _turn_rows(life)]


def answers_in(life: Connection) -> list[StoredAnswer]:
    """Every answer as it was given."""
    blocks = _blocks(life)
    found = _answer_rows(life)
    for turn in _turn_rows(life):
        if turn.block_id is not None:
            found += _archived_answers(blocks[turn.block_id][turn.id])
    return sorted(found, key=lambda answer: (answer.turn_id, answer.number))


def assert_sound(life: Connection, home: Path) -> None:
    """The file is whole, every link of its chain recomputes wherever its row lives, the head file
    names the last, and whatever Vega keeps count of is what is really there."""
    assert life.pragma("integrity_check") == "ok"
    assert life.execute("PRAGMA foreign_key_check").fetchall() == []
    rows, turns, answers = _turn_rows(life), turns_in(life), answers_in(life)
    _assert_each_lives_in_one_place(life, rows)
    _assert_blocks_are_what_they_say(life)
    _assert_chained(life, home, turns, answers)
    _assert_counted(life, rows, turns, answers)
    _assert_indexed(life, turns, answers)


def _turn_rows(life: Connection) -> list[StoredTurn]:
    return [StoredTurn(*row) for row in life.execute(_TURNS)]


def _answer_rows(life: Connection) -> list[StoredAnswer]:
    return [StoredAnswer(*row) for row in life.execute(_ANSWERS)]


def _blocks(life: Connection) -> dict[int, dict[int, dict[str, Any]]]:
    """By block, what it holds by turn."""
    rows = life.execute("SELECT id, data FROM archive_blocks")
    return {block_id: {turn["id"]: turn for turn in _unpack(data)} for block_id, data in rows}


def _unpack(data: bytes) -> list[dict[str, Any]]:
    head, *lines = zstd.decompress(data).split(b"\n")
    assert lines.pop() == b""
    turns = [json.loads(line) for line in lines]
    places, offset = [], 0
    for turn, line in zip(turns, lines, strict=True):
        places.append([turn["id"], offset, len(line)])
        offset += len(line) + 1
    assert json.loads(head) == places
    return turns


def _original(row: StoredTurn, blocks: dict[int, dict[int, dict[str, Any]]]) -> StoredTurn:
    if row.block_id is None:
        return row
    found = blocks[row.block_id][row.id]
    said = {name: found[name] for name in ("prompt", "zone", "origin", "device")}
    return replace(row, **said, salt=_bytes(found["salt"]), hash=bytes.fromhex(found["hash"]))


def _archived_answers(turn: dict[str, Any]) -> list[StoredAnswer]:
    names = set(StoredAnswer.__slots__) - {"turn_id", "salt", "hash"}
    return [
        StoredAnswer(
            **{name: answer[name] for name in names},
            turn_id=turn["id"],
            salt=_bytes(answer["salt"]),
            hash=bytes.fromhex(answer["hash"]),
        )
        for answer in turn["answers"]
    ]


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)


def _assert_each_lives_in_one_place(life: Connection, rows: list[StoredTurn]) -> None:
    """In its rows or in a block; what the row still says is what the block says."""
    blocks = _blocks(life)
    with_rows = {answer.turn_id for answer in _answer_rows(life)}
    in_blocks = set()
    for row in rows:
        if row.tier == "full":
            assert (row.block_id, row.summary) == (None, None), row
            continue
        assert row.id not in with_rows, row
        assert row.status in ("completed", "stopped", "failed"), row
        assert row.block_id is not None
        found = blocks[row.block_id][row.id]
        assert [found[name] for name in ("link", "at", "status")] == [row.link, row.at, row.status]
        original = _original(row, blocks)
        if row.tier == "archived":
            assert row == replace(original, **_EMPTY, summary=None)
        else:
            assert row == original
            assert row.summary is not None
        in_blocks |= {(each.link, row.id, each.number) for each in _archived_answers(found)}
    named = life.execute("SELECT link, turn_id, number FROM archived_answers").fetchall()
    assert sorted(named) == sorted(in_blocks)


def _assert_blocks_are_what_they_say(life: Connection) -> None:
    sizes = []
    query = "SELECT turn_count, text_bytes, checksum, data FROM archive_blocks"
    for turn_count, text_bytes, checksum, data in life.execute(query):
        assert hashlib.sha256(data).digest() == checksum
        turns = _unpack(data)
        assert turn_count == len(turns)
        texts = [turn["prompt"] for turn in turns]
        texts += [answer["text"] for turn in turns for answer in turn["answers"]]
        assert text_bytes == sum(map(_size, texts))
        sizes.append((text_bytes, len(data)))
    totals = "SELECT block_count, text_bytes, stored_bytes FROM archive_totals"
    assert life.execute(totals).fetchall() == [
        (len(sizes), sum(size[0] for size in sizes), sum(size[1] for size in sizes))
    ]


def _assert_chained(
    life: Connection, home: Path, turns: list[StoredTurn], answers: list[StoredAnswer]
) -> None:
    head = Head(0, b"")
    for link, salt, stored, content in _links(turns, answers):
        assert link == head.link + 1
        if salt is None:
            # It was forgotten: nothing is left but its hash.
            assert "" in content, content
            head = Head(link, stored)
            continue
        head = Head(link, link_hash(head.hash, salt, (link, *content)))
        assert head.hash == stored, f"link {link}: {content}"
    assert life.execute("SELECT link, hash FROM chain_head").fetchall() == [(head.link, head.hash)]
    assert HeadFile(home).load() == head


def _links(turns: list[StoredTurn], answers: list[StoredAnswer]) -> list[tuple[Any, ...]]:
    prompts = [
        (t.link, t.salt, t.hash, ("prompt", t.id, t.at, t.zone, t.origin, t.device, t.prompt))
        for t in turns
    ]
    ended = []
    for a in answers:
        if a.link is not None:
            outcome = (a.status, a.reason, a.text, a.model, a.place, a.ended_at)
            ended.append((a.link, a.salt, a.hash, ("answer", a.turn_id, a.number, *outcome)))
    return sorted([*prompts, *ended], key=lambda entry: entry[0])


def _assert_counted(
    life: Connection, rows: list[StoredTurn], turns: list[StoredTurn], answers: list[StoredAnswer]
) -> None:
    totals = {tier: [0, 0, 0] for tier in ("full", "compressed", "archived")}
    texts = Counter({turn.id: _size(turn.prompt) for turn in turns})
    for answer in answers:
        if answer.link is not None:
            texts[answer.turn_id] += _size(answer.text)
    for row in rows:
        total = totals[row.tier]
        total[0] += 1
        total[1] += texts[row.id]
        is_full = row.tier == "full"
        total[2] += texts[row.id] if is_full else _size(row.prompt) + _size(row.summary or "")
    stored = "SELECT tier, turn_count, byte_count, active_byte_count FROM tier_totals"
    assert {tier: total for tier, *total in life.execute(stored)} == totals
    assert {turn.id: turn.day for turn in turns} == {turn.id: _day(turn) for turn in turns}
    days = Counter(turn.day for turn in turns if turn.salt is not None)
    assert dict(life.execute("SELECT day, turn_count FROM days")) == dict(days)


def _assert_indexed(life: Connection, turns: list[StoredTurn], answers: list[StoredAnswer]) -> None:
    expected = {2 * turn.id for turn in turns if turn.prompt}
    expected |= {2 * answer.turn_id + 1 for answer in answers if answer.is_found}
    assert {row[0] for row in life.execute("SELECT rowid FROM message_index")} == expected


def _day(turn: StoredTurn) -> int:
    """By the owner's calendar, in days since 1970."""
    local = (_EPOCH + timedelta(microseconds=turn.at)).astimezone(ZoneInfo(turn.zone))
    return (local.date() - date(1970, 1, 1)).days


def _size(text: str) -> int:
    return len(text.encode())
