"""Bits that the disk turned over are found wherever they are, and named by their turns."""

from pathlib import Path

import pytest

from tests.tampering import change, damaged_in, flip, fresh, make_whole, select, verified
from tests.tiered_lives import COMPRESSED

PAGE = 4096


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_whole(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    return fresh(whole, tmp_path / "home")


async def test_a_block_that_fails_its_checksum_names_its_turns(home: Path) -> None:
    block = select(home, "SELECT block_id FROM turns WHERE id = 9")
    data = bytearray(select(home, f"SELECT data FROM archive_blocks WHERE id = {block}"))
    data[len(data) // 2] ^= 1
    change(home, "UPDATE archive_blocks SET data = ? WHERE id = ?", values=(bytes(data), block))

    report = await verified(home)

    assert damaged_in(report) == [7, 8, 9, 10, 11, 12]
    assert report.finding is not None
    assert report.finding.startswith("Turn 7 is damaged in the archive (entry 12).")
    assert "6 turns" in report.finding
    assert "vega doctor --repair" in report.finding


async def test_a_block_whose_page_the_disk_damaged_names_its_turns(home: Path) -> None:
    data = select(home, "SELECT data FROM archive_blocks WHERE id = 2")
    flip(home, data[-40:])

    report = await verified(home)

    assert damaged_in(report) == [7, 8, 9, 10, 11, 12]


@pytest.mark.parametrize("text", [b"prompt 22 ", b"answer 19 "])
async def test_a_damaged_page_of_rows_is_told_by_turn(home: Path, text: bytes) -> None:
    report = await verified(home, lambda: flip(home, text))

    assert int(text.split()[1]) in damaged_in(report)
    assert "cannot be read" in report.verdict.flaws[0].text


def flip_page(home: Path, page: int) -> None:
    data = bytearray((home / "vega.db").read_bytes())
    data[page * PAGE - 100] ^= 1
    (home / "vega.db").write_bytes(data)


async def test_a_damaged_index_of_links_is_told(home: Path) -> None:
    query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_answers_1'"
    page = select(home, query)

    report = await verified(home, lambda: flip_page(home, page))

    assert "an index is damaged" in report.verdict.flaws[0].text


async def test_a_damaged_row_that_no_index_names_is_told_by_its_entry(home: Path) -> None:
    query = "SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_answers_2'"
    page = select(home, query)

    def damage() -> None:
        flip(home, b"answer 19 ")
        flip_page(home, page)

    report = await verified(home, damage)

    assert report.verdict.flaws[0].text == "It cannot be read (entry 38)."


async def test_a_missing_answer_beside_a_damaged_block_is_told(home: Path) -> None:
    turn_id = COMPRESSED[0]
    change(
        home,
        f"DELETE FROM archived_answers WHERE turn_id = {turn_id}",
        f"UPDATE archive_blocks SET data = x'00' WHERE id IN ({', '.join('123')})",
    )

    report = await verified(home)

    texts = [flaw.text for flaw in report.verdict.flaws]
    assert "Of this life entry 26 cannot be found." in texts
