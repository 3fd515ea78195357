"""Keys and paired browsers of a life whose keys had neither number nor end go on."""

import hashlib
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.life_file import assert_sound, read_life
from tests.clocks import SOME_MOMENT, FakeClock
from vega.core import db, sql
from vega.core.keys import Keys
from vega.core.life import sqlite
from vega.core.pairing import Pairing
from vega.core.store import Store

AT = int(SOME_MOMENT.timestamp()) * 1_000_000


def hashed(word: str) -> bytes:
    return hashlib.sha256(word.encode()).digest()


async def test_a_life_of_the_fourth_schema_keeps_its_keys_and_its_browsers(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "migrations", lambda: sql.migrations()[:4])
    session_id = db.get_persistent_session_id(tmp_path)
    monkeypatch.undo()
    with closing(sqlite.connect(tmp_path / "vega.db")) as old:
        for word, name, at in (("later", "other", AT + 1), ("secret", "owner", AT)):
            old.execute("INSERT INTO keys VALUES (?, ?, ?)", (hashed(word), name, at))
        add = "INSERT INTO devices (hash, name, created_at) VALUES (?, 'Firefox', ?)"
        old.execute(add, (hashed("token"), AT))

    store = await Store.open(tmp_path)
    keys = await Keys.open(store, tmp_path, None, clock)
    pairing = await Pairing.open(store.devices, clock)

    assert store.session_id == session_id
    assert [(each.id, each.name, each.created_at == SOME_MOMENT) for each in keys.all] == [
        (1, "owner", True),
        (2, "other", False),
    ]
    assert [keys.accept(word) for word in ("secret", "later", "wrong")] == [True, True, False]
    (device,) = pairing.devices
    assert (device.id, device.name, device.kind, device.last_seen_on) == (1, "Firefox", None, None)
    assert pairing.find_device("token") == device
    await store.close()
    with read_life(tmp_path) as life:
        assert_sound(life, tmp_path)
