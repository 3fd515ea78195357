"""A life of an earlier Vega goes on, with every word that is in it, in today's schema."""

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.life_file import assert_sound, read_life
from vega.core import db, sql
from vega.core.clock import day_number
from vega.core.life import sqlite
from vega.core.life.chain import link_hash
from vega.core.life.head import Head, HeadFile
from vega.core.memory import Tier, TierTotal
from vega.core.search import parse_query
from vega.core.store import Store

#: 22 November 2026, 23:30 UTC, which is the 23rd in Vienna.
AT = 1_795_390_200_000_000
_ADD_TURN = """
INSERT INTO turns (id, link, at, zone, origin, prompt, status, salt, hash)
VALUES (?, ?, ?, 'Europe/Vienna', 'api', ?, ?, ?, ?)
"""
_ADD_ANSWER = """
INSERT INTO answers (turn_id, number, began_at) VALUES (?, 1, ?)
"""
_END_ANSWER = """
UPDATE answers SET link = ?, status = 'completed', text = ?, model = 'small',
    place = 'this machine', ended_at = ?, salt = ?, hash = ?
WHERE turn_id = ?
"""


def live_in_the_first_schemas(home: Path, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Two answered turns and one that waits, as the first Vega stored them."""
    monkeypatch.setattr(db, "migrations", lambda: sql.migrations()[:count])
    db.get_persistent_session_id(home)
    monkeypatch.undo()
    head, salt = Head(0, b""), b"0123456789abcdef"
    with closing(sqlite.connect(home / "vega.db")) as old:
        for turn_id, prompt, answer in (
            (1, "My favorite color is blue", "Got it! Blue it is."),
            (2, "Tell me about Größenwahn", "It is the belief in one's own greatness."),
            (3, "Are you there?", None),
        ):
            at = AT + turn_id
            content = ("prompt", turn_id, at, "Europe/Vienna", "api", None, prompt)
            head = _next(head, salt, content)
            status = "completed" if answer else "pending"
            row = (turn_id, head.link, at, prompt, status, salt, head.hash)
            old.execute(_ADD_TURN, row)
            if answer is None:
                continue
            old.execute(_ADD_ANSWER, (turn_id, at))
            ended = ("completed", None, answer, "small", "this machine", at)
            head = _next(head, salt, ("answer", turn_id, 1, *ended))
            old.execute(_END_ANSWER, (head.link, answer, at, salt, head.hash, turn_id))
    HeadFile(home).save(head)


def _next(head: Head, salt: bytes, content: tuple[str | int | None, ...]) -> Head:
    link = head.link + 1
    return Head(link, link_hash(head.hash, salt, (link, *content)))


@pytest.mark.parametrize("count", [1, 2])
async def test_a_life_of_an_earlier_schema_goes_on_as_if_it_had_always_had_todays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    live_in_the_first_schemas(tmp_path, monkeypatch, count)

    store = await Store.open(tmp_path)

    turns = [await store.turn(number) for number in (1, 2, 3)]
    assert [turn.response for turn in turns] == [
        "Got it! Blue it is.",
        "It is the belief in one's own greatness.",
        "",
    ]
    assert (store.attention, store.newest_link) == ([], 5)
    found = await store.search.find(parse_query("grossenwahn"), 5)
    assert [(each.turn_id, each.role) for each in found] == [(2, "user")]
    found = await store.search.find(parse_query('"own greatness"'), 5)
    assert [(each.turn_id, each.role) for each in found] == [(2, "assistant")]
    said = sum(len(turn.prompt.encode()) + len(turn.response.encode()) for turn in turns)
    assert (await store.tier_totals())[Tier.FULL] == TierTotal(3, said, said, 3)
    days = "SELECT day, turn_count FROM days"
    assert await store._db.read(lambda connection: connection.execute(days).fetchall()) == [
        (day_number(date(2026, 11, 23)), 3)
    ]
    await store.close()
    with read_life(tmp_path) as life:
        assert_sound(life, tmp_path)
