"""A life is made whole, kept, migrated, or refused and left untouched."""

import re
import sqlite3
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import apsw
import pytest

from tests.lives import tell
from vega.core import db, sql
from vega.core.life import sqlite
from vega.core.store import Store
from vega.errors import DatabaseDamaged, DatabaseError, LifeRefused


def snapshot(folder: Path) -> dict[str, bytes]:
    """The life's own files; not those that only locks and shared memory live in."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name in ("vega.db", "vega.head", "vega.db.new")
    }


async def begin(home: Path, turns: int = 1) -> str:
    store = await Store.open(home)
    for _ in range(turns):
        await tell(store)
    await store.close()
    return store.session_id


def assert_refused(home: Path, match: str, error: type[Exception] = LifeRefused) -> None:
    before = snapshot(home)

    with pytest.raises(error, match=match):
        db.get_persistent_session_id(home)

    assert snapshot(home) == before


def patch_header(home: Path, offset: int, content: bytes) -> None:
    path = home / "vega.db"
    data = bytearray(path.read_bytes())
    data[offset : offset + len(content)] = content
    path.write_bytes(data)


def test_todays_schema_is_what_all_migrations_build(tmp_path: Path) -> None:
    drawn = sqlite.create(tmp_path / "drawn.db")
    drawn.execute(sql.read("schema.sql"))
    built = sqlite.create(tmp_path / "built.db")
    for _, _, statements in sql.migrations():
        built.execute(statements)

    assert schema_of(drawn) == schema_of(built)
    assert len(schema_of(drawn)) > 15
    drawn.close()
    built.close()


def schema_of(connection: sqlite.Connection) -> dict[tuple[str, str], object]:
    """Each table's, index's and trigger's statement without comments and layout, with columns
    and first rows."""
    found: dict[tuple[str, str], object] = {}
    rows: list[Any] = connection.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    for kind, name, statement in rows:
        words = " ".join(re.sub(r"--[^\n]*", "", statement or "").split())
        # What ALTER TABLE adds stands behind a space and a comma.
        found[kind, name] = words.replace(" ,", ",").replace("( ", "(").replace(" )", ")")
        if kind == "table":
            found["columns", name] = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
            found["rows", name] = connection.execute(f"SELECT * FROM {name}").fetchall()
    return found


async def test_a_new_life_has_its_session_for_ever(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"

    first = db.get_persistent_session_id(home)
    store = await Store.open(home)
    await store.close()

    assert re.fullmatch(r"persistent-[0-9a-f]{8}", first)
    assert store.session_id == db.get_persistent_session_id(home) == first
    assert home.stat().st_mode & 0o777 == 0o700


def test_the_settings_home_is_taken_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VEGA_HOME", str(tmp_path))

    assert db.get_persistent_session_id() == db.get_persistent_session_id(tmp_path)


def test_processes_that_race_at_first_start_get_the_same_session(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        ids = pool.map(db.get_persistent_session_id, [tmp_path / "home"] * 6)

    assert len(set(ids)) == 1


async def test_other_sessions_planted_by_hand_change_nothing(tmp_path: Path) -> None:
    session_id = await begin(tmp_path)
    connection = sqlite.connect(tmp_path / "vega.db")
    for name in ("a-session", "persistent-00000000", "zzz"):
        connection.execute("INSERT INTO sessions (id, created_at) VALUES (?, 0)", (name,))
    connection.close()

    assert db.get_persistent_session_id(tmp_path) == session_id


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sessions (id, is_permanent) VALUES ('other', 1)",
        "DELETE FROM sessions",
        "UPDATE sessions SET is_permanent = 0",
        "UPDATE sessions SET id = 'other'",
    ],
)
async def test_the_database_refuses_another_permanent_session(
    tmp_path: Path, statement: str
) -> None:
    session_id = await begin(tmp_path)
    connection = sqlite.connect(tmp_path / "vega.db")

    with pytest.raises(apsw.ConstraintError):
        connection.execute(statement)
    connection.close()

    assert db.get_persistent_session_id(tmp_path) == session_id


async def test_the_database_refuses_a_second_answer_that_is_being_written(tmp_path: Path) -> None:
    await begin(tmp_path)
    connection = sqlite.connect(tmp_path / "vega.db")
    add = "INSERT INTO answers (turn_id, number, began_at) VALUES (1, ?, 0)"
    connection.execute(add, (2,))

    with pytest.raises(apsw.ConstraintError):
        connection.execute(add, (3,))
    connection.close()


async def test_an_emptied_life_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    (tmp_path / "vega.db").write_bytes(b"")

    assert_refused(tmp_path, "missing or empty")


async def test_a_missing_life_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    (tmp_path / "vega.db").unlink()

    assert_refused(tmp_path, "missing or empty")


def test_a_life_of_which_only_the_log_is_left_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vega.db-wal").write_bytes(b"something")

    assert_refused(tmp_path, "vega.db-wal says so")


@pytest.mark.parametrize("content", [b"\x00", b"hello", b"\x00" * 8192, b"SQLite format 3\x00"])
def test_what_is_no_database_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "vega.db").write_bytes(content)

    assert_refused(tmp_path, "not a database|another program")


def test_a_folder_in_the_lifes_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vega.db").mkdir()
    (tmp_path / "vega.db" / "file").write_text("x")

    assert_refused(tmp_path, ".", DatabaseError)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "vega.db")
    other.execute("CREATE TABLE theirs (x)")
    other.close()

    assert_refused(tmp_path, "another program")


async def test_a_life_without_room_for_checksums_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    patch_header(tmp_path, 20, b"\x00")

    assert_refused(tmp_path, "no room for checksums")


def test_a_life_rewritten_without_checksums_is_refused(tmp_path: Path) -> None:
    plain = sqlite3.connect(tmp_path / "vega.db")
    plain.execute(f"PRAGMA application_id = {sqlite.APPLICATION_ID}")
    plain.execute("CREATE TABLE turns (x)")
    plain.close()

    assert_refused(tmp_path, "no room for checksums")


async def test_a_life_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    connection = sqlite.connect(tmp_path / "vega.db")
    connection.pragma("user_version", 9_999)
    connection.close()

    assert_refused(tmp_path, "newer Vega .schema 9999")


async def test_a_truncated_life_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    path = tmp_path / "vega.db"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    assert_refused(tmp_path, ".", DatabaseError)


async def test_a_damaged_first_page_is_refused(tmp_path: Path) -> None:
    await begin(tmp_path)
    patch_header(tmp_path, 2_000, b"\xff\x00\xff")

    assert_refused(tmp_path, ".", DatabaseDamaged)


def test_a_half_made_life_of_a_start_that_died_is_made_anew(tmp_path: Path) -> None:
    for leftover in ("vega.db.new", "vega.db.new-wal", "vega.db.new-shm"):
        (tmp_path / leftover).write_bytes(b"half")

    session_id = db.get_persistent_session_id(tmp_path)

    assert session_id == db.get_persistent_session_id(tmp_path)
    assert list(tmp_path.glob("vega.db.new*")) == []


async def test_a_half_made_leftover_beside_a_life_changes_nothing(tmp_path: Path) -> None:
    session_id = await begin(tmp_path)
    (tmp_path / "vega.db.new").write_bytes(b"half")

    assert db.get_persistent_session_id(tmp_path) == session_id


async def test_a_life_without_its_session_says_so(tmp_path: Path) -> None:
    await begin(tmp_path)
    connection = sqlite.connect(tmp_path / "vega.db")
    connection.execute("DROP TRIGGER sessions_permanent_is_kept; DELETE FROM sessions")
    connection.close()

    with pytest.raises(DatabaseError, match="lost its permanent session"):
        db.get_persistent_session_id(tmp_path)


async def test_a_life_of_an_older_version_is_migrated_with_all_that_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await begin(tmp_path)
    steps = sql.migrations()
    newer = (steps[-1][0] + 1, "later", "CREATE TABLE later (x); INSERT INTO later VALUES (1)")
    monkeypatch.setattr(db, "migrations", lambda: [*steps, newer])

    store = await Store.open(tmp_path)

    assert store.session_id == session_id
    assert len(await store.history(10)) == 1
    assert await store._db.read(lambda c: c.execute("SELECT x FROM later").get) == 1
    await store.close()


async def test_a_migration_that_fails_leaves_the_older_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session_id = await begin(tmp_path)
    steps = sql.migrations()
    torn = (steps[-1][0] + 1, "torn", "CREATE TABLE later (x); INSERT INTO nowhere VALUES (1)")
    monkeypatch.setattr(db, "migrations", lambda: [*steps, torn])
    with pytest.raises(DatabaseError):
        db.get_persistent_session_id(tmp_path)
    monkeypatch.undo()

    store = await Store.open(tmp_path)

    assert store.session_id == session_id
    tables = "SELECT count(*) FROM sqlite_master WHERE name = 'later'"
    assert await store._db.read(lambda c: c.execute(tables).get) == 0
    await store.close()
