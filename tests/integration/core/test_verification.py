"""A life that is as it was stored passes; whatever is not is found, and its turn is named."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tampering import (
    change,
    damaged_in,
    fresh,
    make_whole,
    rewrite_block,
    select,
    verified,
    verifier,
)
from tests.tiered_lives import ARCHIVED, COMPRESSED, FULL, TURNS
from vega.core.life.head import Head, HeadFile
from vega.core.store import Store

PAGE = 4096
LINKS = 2 * TURNS + 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return fresh(whole, tmp_path / "home")


async def test_a_life_in_all_tiers_is_as_it_was_stored(home: Path) -> None:
    report = await verified(home)

    assert report.finding is None
    assert (report.verdict.turns, report.verdict.head.link) == (TURNS, LINKS)
    assert report.verdict.head == HeadFile(home).load()
    assert (report.progress, report.is_running) == (1.0, False)


async def test_a_life_of_which_nothing_is_said_yet_passes(tmp_path: Path) -> None:
    report = await verified(tmp_path)

    assert report.finding is None
    assert (report.verdict.turns, report.verdict.head.link) == (0, 0)


@pytest.mark.parametrize("turn_id", [COMPRESSED[0], FULL[0]])
async def test_a_prompt_that_was_changed_names_its_turn(home: Path, turn_id: int) -> None:
    change(home, f"UPDATE turns SET prompt = prompt || '.' WHERE id = {turn_id}")

    report = await verified(home)

    assert damaged_in(report) == [turn_id]
    assert report.finding is not None
    assert report.finding.startswith(f"Turn {turn_id} is not as it was stored: its ")


async def test_an_answer_that_was_changed_names_its_turn(home: Path) -> None:
    change(home, "UPDATE answers SET text = 'I never said that.' WHERE turn_id = 20")

    report = await verified(home)

    assert damaged_in(report) == [20]
    assert "its answer 1 differs" in report.verdict.flaws[0].text


async def test_a_hash_that_was_changed_is_one_flaw(home: Path) -> None:
    change(home, "UPDATE answers SET hash = randomblob(32) WHERE turn_id = 20")

    report = await verified(home)

    assert damaged_in(report) == [20]
    assert report.verdict.flaw_count == 1


async def test_changed_text_that_is_no_text_is_told(home: Path) -> None:
    change(home, "UPDATE answers SET text = CAST(x'ff41' AS TEXT) WHERE turn_id = 20")

    report = await verified(home)

    assert damaged_in(report) == [20]


@pytest.mark.parametrize("turn_id", [2, COMPRESSED[2], FULL[2]])
async def test_an_answer_that_was_deleted_names_its_turn(home: Path, turn_id: int) -> None:
    change(
        home,
        f"DELETE FROM answers WHERE turn_id = {turn_id}",
        f"DELETE FROM archived_answers WHERE turn_id = {turn_id}",
    )

    report = await verified(home)

    assert damaged_in(report) == [turn_id]
    assert report.verdict.flaws[0].text.startswith(f"An answer to turn {turn_id} is missing")


@pytest.mark.parametrize("turn_id", [2, COMPRESSED[2], FULL[2]])
async def test_a_turn_that_was_deleted_is_named(home: Path, turn_id: int) -> None:
    change(
        home,
        "PRAGMA foreign_keys = off",
        f"DELETE FROM answers WHERE turn_id = {turn_id}",
        f"DELETE FROM archived_answers WHERE turn_id = {turn_id}",
        f"DELETE FROM turns WHERE id = {turn_id}",
    )

    report = await verified(home)

    assert damaged_in(report) == [turn_id]
    assert report.verdict.flaws[0].text.startswith(f"Turn {turn_id} is missing (entries ")


async def test_an_answer_in_the_archive_whose_turn_is_gone_names_it(home: Path) -> None:
    change(home, "DELETE FROM turns WHERE id = 2")

    report = await verified(home)

    assert damaged_in(report) == [2]
    texts = [flaw.text for flaw in report.verdict.flaws]
    assert texts == ["Turn 2 is missing (entry 3).", "Turn 2 cannot be read (entry 4)."]


async def test_an_answer_that_is_neither_in_a_row_nor_in_a_block_names_its_turn(home: Path) -> None:
    change(home, "UPDATE turns SET tier = 'full', block_id = NULL WHERE id = 14")

    report = await verified(home)

    text = "Turn 14 is not as it was stored: its answer 1 is in no block (entry 28)."
    assert [flaw.text for flaw in report.verdict.flaws] == [text]


async def test_two_turns_that_changed_places_are_found(home: Path) -> None:
    change(
        home,
        "CREATE TEMP TABLE swapped AS SELECT id, link FROM turns WHERE id IN (20, 21)",
        "UPDATE turns SET link = -id WHERE id IN (20, 21)",
        "UPDATE turns SET link = (SELECT link FROM swapped WHERE swapped.id = 41 - turns.id)"
        " WHERE id IN (20, 21)",
    )

    report = await verified(home)

    assert set(damaged_in(report)) >= {20, 21}


async def test_an_entry_that_is_there_twice_is_found(home: Path) -> None:
    change(home, "INSERT INTO archived_answers (link, turn_id, number) VALUES (45, 22, 1)")

    report = await verified(home)

    assert report.verdict.flaws[0].text == "Entry 45 is there 2 times."


async def test_what_was_forgotten_leaves_the_chain_whole(home: Path) -> None:
    change(
        home,
        "UPDATE turns SET prompt = '', salt = NULL WHERE id = 20",
        "UPDATE answers SET text = '', salt = NULL WHERE turn_id = 20",
    )

    report = await verified(home)

    assert report.finding is None


def cut_off(home: Path, link: int, *, is_known: bool = False) -> None:
    """What stands behind a link is gone; and, if it is known, the head knows nothing else."""
    hash_ = select(home, f"SELECT hash FROM turns WHERE link = {link}")
    for table in ("archived_answers", "answers", "turns"):
        change(home, f"DELETE FROM {table} WHERE link > {link}")
    if is_known:
        change(home, "UPDATE chain_head SET link = ?, hash = ?", values=(link, hash_))


async def test_a_tail_that_was_cut_off_is_seen_by_the_head_outside(home: Path) -> None:
    cut_off(home, LINKS - 2, is_known=True)

    first, second = await verified(home), await verified(home)

    for report in (first, second):
        assert report.finding is not None
        assert f"had once come to entry {LINKS}" in report.finding


async def test_a_tail_that_is_cut_off_while_vega_runs_is_seen(home: Path) -> None:
    report = await verified(home, lambda: cut_off(home, LINKS - 2, is_known=True))

    assert report.finding is not None
    assert f"vega.head knows entry {LINKS}" in report.finding


async def test_a_tail_of_which_only_the_rows_are_gone_is_seen(home: Path) -> None:
    report = await verified(home, lambda: cut_off(home, LINKS - 2))

    assert report.verdict.flaws[0].link == LINKS - 1
    assert damaged_in(report) == [TURNS]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE chain_head SET hash = randomblob(32)", "says it ends with"),
        ("INSERT INTO archived_answers VALUES (99, 1, 9)", "Entries 50 to 99 stand behind"),
    ],
)
async def test_an_end_that_does_not_fit_is_told(home: Path, damage: str, told: str) -> None:
    report = await verified(home, lambda: change(home, damage))

    assert told in str(report.finding)


async def test_a_head_file_that_remembers_something_else_or_nothing_is_told(home: Path) -> None:
    store = await Store.open(home)
    found = verifier(store)
    HeadFile(home).save(Head(LINKS, bytes(32)))
    await found.run(None)
    other = (await found.report()).finding
    (home / "vega.head").unlink()
    await found.run(None)
    none = (await found.report()).finding

    assert other == f"Entry {LINKS} is not the one that vega.head remembers."
    assert none is not None
    assert none.startswith("vega.head cannot be read")
    await store.close()


TURN_COLUMNS = {
    "at": st.integers(0, 2**40),
    "zone": st.text(),
    "origin": st.text(),
    "device": st.text(),
    "prompt": st.text(),
    "salt": st.binary(min_size=16, max_size=16),
    "hash": st.binary(min_size=32, max_size=32),
    "link": st.integers(1, 100),
}
ANSWER_COLUMNS = {
    "number": st.integers(5, 9),
    "status": st.sampled_from(["failed", "stopped"]),
    "reason": st.text(),
    "text": st.text(),
    "model": st.text(),
    "place": st.text(),
    "ended_at": st.integers(0, 2**40),
    "salt": st.binary(min_size=16, max_size=16),
    "hash": st.binary(min_size=32, max_size=32),
    "link": st.integers(1, 100),
}
TEXT = st.text(st.characters(exclude_characters="\x00", codec="utf-8"))


def a_change(columns: dict[str, Any]) -> Any:
    """A column and a new value for it."""
    named = [st.tuples(st.just(name), values) for name, values in columns.items()]
    return st.one_of(named)


@given(changed=a_change(TURN_COLUMNS), turn_id=st.sampled_from([*COMPRESSED, *FULL]))
def test_no_change_of_a_row_of_turns_goes_unseen(
    whole: Path, tmp_path: Path, changed: tuple[str, Any], turn_id: int
) -> None:
    home = fresh(whole, tmp_path / "home")
    column, value = changed
    query = f"UPDATE OR IGNORE turns SET {column} = ? WHERE id = ? AND {column} IS NOT ?"
    change(home, query, values=(value, turn_id, value))
    is_changed = select(home, f"SELECT {column} FROM turns WHERE id = {turn_id}") == value

    report = asyncio.run(verified(home))

    assert (report.finding is not None) == (is_changed and differs(whole, home, turn_id))


@given(changed=a_change(ANSWER_COLUMNS), turn_id=st.sampled_from(FULL))
def test_no_change_of_a_row_of_answers_goes_unseen(
    whole: Path, tmp_path: Path, changed: tuple[str, Any], turn_id: int
) -> None:
    home = fresh(whole, tmp_path / "home")
    column, value = changed
    query = f"UPDATE OR IGNORE answers SET {column} = ? WHERE turn_id = ?"
    change(home, query, values=(value, turn_id))
    columns = "SELECT json_array({}) FROM answers WHERE turn_id = {}"
    hexed = f"hex({column})" if column in ("salt", "hash") else column
    before, after = (select(each, columns.format(hexed, turn_id)) for each in (whole, home))

    report = asyncio.run(verified(home))

    assert (report.finding is not None) == (before != after)
    if before != after and column != "link":
        assert damaged_in(report) == [turn_id]


@given(changed=a_change({**TURN_COLUMNS, **ANSWER_COLUMNS}), turn_id=st.sampled_from(ARCHIVED))
def test_no_change_of_a_turn_in_a_block_goes_unseen(
    whole: Path, tmp_path: Path, changed: tuple[str, Any], turn_id: int
) -> None:
    home = fresh(whole, tmp_path / "home")
    column, value = changed
    is_changed = False

    def edit(turn: dict[str, Any]) -> None:
        nonlocal is_changed
        row = turn if column in TURN_COLUMNS and column != "hash" else turn["answers"][0]
        new = value.hex() if isinstance(value, bytes) else value
        is_changed = row[column] != new
        row[column] = new

    rewrite_block(home, turn_id, edit)

    report = asyncio.run(verified(home))

    assert (report.finding is not None) == is_changed
    if is_changed:
        assert turn_id in damaged_in(report)


def differs(whole: Path, home: Path, turn_id: int) -> bool:
    query = (
        "SELECT json_array(at, zone, origin, device, prompt, hex(salt), hex(hash), link)"
        f" FROM turns WHERE id = {turn_id}"
    )
    return bool(select(whole, query) != select(home, query))
