"""Damaged turns of the archive come back from a backup, byte for byte, or are told."""

from pathlib import Path
from typing import Any

import pytest

from tests.clocks import FakeClock
from tests.lives import completed, tell
from tests.tampering import change, flip, rewrite_block, select, verifier
from tests.tiered_lives import ARCHIVED, COMPRESSED, TURNS, move, tell_tiers
from vega.core.backup.backup import backup_path
from vega.core.backup.backups import Backups
from vega.core.db import DATABASE_NAME
from vega.core.life import sqlite
from vega.core.life.archive import ArchivedTurn
from vega.core.repair import BROKEN, IN_NO_BACKUP, OUTSIDE, Repair, shape
from vega.core.search import parse_query
from vega.core.store import Store
from vega.errors import DatabaseDamaged, TurnDamaged

BLOCK_1 = [1, 2, 3, 4, 5, 6]
BLOCK_2 = [7, 8, 9, 10, 11, 12]
PAGE_BYTES = 4096
#: The page that says where the rest of block 2 is.
_FIRST_PAGE_OF_BLOCK_2 = """
SELECT pageno FROM dbstat WHERE name = 'archive_blocks' AND path = '/000/001+000000'
"""


class Home:
    """A life with its backups."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store = store
        self.path = home
        self._clock = FakeClock()
        self._backups = Backups(home, self._clock, "0.0.0")
        self.verification = verifier(store)

    async def back_up(self) -> str:
        self._clock.advance(days=1)
        return (await self._backups.create()).name

    async def repair(self) -> Repair:
        paths = [backup_path(self.path, each.name) for each in await self._backups.list()]
        return await self.verification.repair(paths)

    async def originals(self) -> list[ArchivedTurn]:
        return await self.store.archive.originals(range(1, TURNS + 1))

    async def damaged(self) -> list[int]:
        await self.verification.run(None)
        return list((await self.verification.report()).verdict.damaged_turns)

    def damage_block(self, block_id: int) -> None:
        """A bit of it, by SQL: its page is sound, its checksum is not."""
        data = bytearray(
            select(self.path, f"SELECT data FROM archive_blocks WHERE id = {block_id}")
        )
        data[len(data) // 2] ^= 1
        query = "UPDATE archive_blocks SET data = ? WHERE id = ?"
        change(self.path, query, values=(bytes(data), block_id))

    def damage_page(self, block_id: int) -> None:
        """A bit of one of its pages."""
        change(self.path, "PRAGMA wal_checkpoint(TRUNCATE)")
        data = select(self.path, f"SELECT data FROM archive_blocks WHERE id = {block_id}")
        flip(self.path, data[-30:])


@pytest.fixture
async def life(store: Store, tmp_path: Path) -> Home:
    await tell_tiers(store)
    return Home(store, tmp_path)


@pytest.mark.parametrize("damage", [Home.damage_block, Home.damage_page])
async def test_a_damaged_block_comes_back_byte_for_byte(life: Home, damage: object) -> None:
    said = await life.originals()
    name = await life.back_up()
    damage(life, 2)  # type: ignore[operator]
    assert await life.damaged() == BLOCK_2

    found = await life.repair()

    assert found == Repair(dict.fromkeys(BLOCK_2, name), {})
    assert await life.originals() == said
    assert await life.damaged() == []
    assert (await life.verification.report()).finding is None


async def test_what_was_mended_waits_to_be_found_by_its_meaning_again(life: Home) -> None:
    await life.back_up()
    embedding = life.store.embedding
    # As when vectors are made while the block cannot be read: its messages are passed over.
    while waiting := await embedding.waiting(100):
        await embedding.done(waiting)
    life.damage_block(2)

    await life.repair()

    found = {message.id // 2 for message in await embedding.waiting(100)}
    assert found == set(BLOCK_2)


async def test_what_was_mended_is_found_by_its_words_again(life: Home) -> None:
    await life.back_up()
    prompt = (await life.store.turn(BLOCK_2[0])).prompt
    life.damage_block(2)
    await life.store.shrink()
    # As where the index is made anew while the block cannot be read: its turns are passed over.
    await life.store.word_index.set_aside()
    while await life.store.word_index.go_on():
        pass
    query = parse_query(f'"{prompt}"')
    assert await life.store.search.find(query, 10) == []
    told: list[str] = []
    life.store.embedding.on_queued.append(lambda: told.append("queued"))

    await life.repair()

    assert BLOCK_2[0] in {found.turn_id for found in await life.store.search.find(query, 10)}
    assert told == ["queued"]
    assert [flaw async for flaw in life.store.word_index.check() if flaw] == []


async def test_a_damage_that_no_verification_has_seen_yet_is_mended(life: Home) -> None:
    await life.back_up()
    life.damage_page(2)

    found = await life.repair()

    assert list(found.mended) == BLOCK_2
    assert await life.damaged() == []


async def test_a_block_whose_page_is_broken_whole_keeps_no_other_from_being_mended(
    life: Home,
) -> None:
    name = await life.back_up()
    life.damage_block(1)
    change(life.path, "PRAGMA wal_checkpoint(TRUNCATE)")
    page = select(life.path, _FIRST_PAGE_OF_BLOCK_2)
    with (life.path / DATABASE_NAME).open("r+b") as file:
        file.seek((page - 1) * PAGE_BYTES)
        file.write(b"\xa5" * PAGE_BYTES)

    found = await life.repair()

    assert set(found.mended.values()) == {name}
    assert set(found.mended) == set(BLOCK_1)
    assert found.unmended == dict.fromkeys(BLOCK_2, BROKEN)
    assert await life.damaged() == BLOCK_2
    texts = [flaw.text for flaw in (await life.verification.report()).verdict.flaws]
    assert "The file that holds this life is damaged" in texts[-1]


async def test_mended_twice_nothing_more_is_done(life: Home) -> None:
    await life.back_up()
    life.damage_block(1)
    life.damage_block(2)
    await life.repair()
    before = select(life.path, "SELECT hex(data) || hex(checksum) FROM archive_blocks")

    found = await life.repair()

    assert found == Repair({}, {})
    assert select(life.path, "SELECT hex(data) || hex(checksum) FROM archive_blocks") == before


async def test_a_sound_life_is_left_as_it_is(life: Home) -> None:
    await life.back_up()

    assert await life.repair() == Repair({}, {})


async def test_without_a_backup_each_turn_is_told(life: Home) -> None:
    life.damage_block(2)

    found = await life.repair()

    assert found == Repair({}, dict.fromkeys(BLOCK_2, IN_NO_BACKUP))
    with pytest.raises(TurnDamaged):
        await life.store.turn(7)


async def test_what_was_said_since_the_backup_is_told_and_the_rest_mended(
    store: Store, tmp_path: Path
) -> None:
    life = Home(store, tmp_path)
    await tell_tiers(store)
    name = await life.back_up()
    turn = await store.ask_again(21)
    await store.end_turn(turn.id, completed("later"), (), FakeClock().now())
    await move(store, [19, 20, 21])
    life.damage_block(4)
    assert await life.damaged() == [19, 20, 21]

    found = await life.repair()

    assert found == Repair({19: name, 20: name}, {21: IN_NO_BACKUP})
    assert (await store.turn(19)).prompt.startswith("prompt 19")
    assert await life.damaged() == [21]
    again = await life.repair()
    assert again == Repair({}, {21: IN_NO_BACKUP})


async def test_each_turn_comes_from_the_newest_backup_that_has_it_whole(life: Home) -> None:
    older = await life.back_up()
    life.damage_block(2)
    newer = await life.back_up()
    life.damage_block(1)

    found = await life.repair()

    # The entry before the answer to turn 6 is one of turn 7, so that it proves nothing there.
    assert {found.mended[turn_id] for turn_id in range(1, 6)} == {newer}
    assert found.mended[6] == older
    assert {found.mended[turn_id] for turn_id in BLOCK_2} == {older}
    assert await life.damaged() == []


async def test_a_backup_that_was_altered_is_not_believed(life: Home) -> None:
    name = await life.back_up()
    folder = life.path / "copy"
    folder.mkdir()
    copied = folder / DATABASE_NAME
    backup = backup_path(life.path, name)
    copied.write_bytes(backup.read_bytes())
    rewrite_block(folder, 9, lambda turn: turn.update(prompt="I never said that."))
    backup.write_bytes(copied.read_bytes())
    life.damage_block(2)

    found = await life.repair()

    assert found.unmended == {9: IN_NO_BACKUP}
    assert 8 in found.mended
    with pytest.raises(TurnDamaged):
        await life.store.turn(9)


async def test_a_backup_of_another_life_gives_nothing(life: Home, tmp_path: Path) -> None:
    other_home = tmp_path / "other"
    other_store = await Store.open(other_home)
    other = Home(other_store, other_home)
    await tell_tiers(other_store)
    name = await other.back_up()
    life.damage_block(2)

    found = await life.verification.repair([backup_path(other_home, name)])

    assert found == Repair({}, dict.fromkeys(BLOCK_2, IN_NO_BACKUP))
    await other_store.close()


async def test_a_backup_that_is_damaged_itself_is_passed_over(life: Home) -> None:
    older = await life.back_up()
    newer = await life.back_up()
    path = backup_path(life.path, newer)
    path.write_bytes(path.read_bytes()[:4096] + bytes(path.stat().st_size - 4096))
    life.damage_block(2)

    found = await life.repair()

    assert set(found.mended.values()) == {older}


@pytest.mark.parametrize("turn_id", [ARCHIVED[2], COMPRESSED[2]])
async def test_a_turn_that_was_altered_in_its_block_is_taken_back(life: Home, turn_id: int) -> None:
    name = await life.back_up()
    change(life.path, "PRAGMA wal_checkpoint(TRUNCATE)")
    rewrite_block(life.path, turn_id, lambda turn: turn["answers"][0].update(text="No."))
    assert await life.damaged() == [turn_id]

    found = await life.repair()

    assert found == Repair({turn_id: name}, {})
    assert await life.damaged() == []


async def test_an_altered_turn_of_which_no_backup_knows_stays_where_it_is(life: Home) -> None:
    rewrite_block(life.path, 9, lambda turn: turn["answers"][0].update(text="No."))
    await life.damaged()

    found = await life.repair()

    assert found == Repair({}, {9: IN_NO_BACKUP})
    assert (await life.store.turn(9)).response == "No."


async def test_what_is_damaged_outside_of_the_archive_is_told(life: Home) -> None:
    await life.back_up()
    change(life.path, "UPDATE answers SET text = 'No.' WHERE turn_id = 22")
    change(life.path, "UPDATE turns SET prompt = 'No.' WHERE id = 15")
    assert await life.damaged() == [15, 22]

    found = await life.repair()

    assert found == Repair({}, {15: OUTSIDE, 22: OUTSIDE})
    assert await life.damaged() == [15, 22]
    shown = shape(found)
    assert shown["unmended"][0] == {"turn_id": 15, "reason": OUTSIDE}


async def test_a_mended_life_can_be_backed_up_again(life: Home) -> None:
    await life.back_up()
    life.damage_page(2)
    with pytest.raises(DatabaseDamaged):
        await life.back_up()

    await life.repair()

    assert await life.back_up()
    connection = sqlite.connect(life.path / DATABASE_NAME, read_only=True)
    assert connection.pragma("integrity_check") == "ok"
    connection.close()


async def test_a_smaller_block_in_place_of_a_damaged_one_leaves_no_damaged_page(
    life: Home,
) -> None:
    await life.back_up()
    change(
        life.path, "UPDATE turns SET tier = 'archived', block_id = NULL WHERE id IN (8, 9, 10, 11)"
    )
    life.damage_page(2)

    await life.repair()

    assert await life.back_up()


async def test_what_was_forgotten_is_mended_as_it_is(life: Home) -> None:
    def forget(turn: dict[str, Any]) -> None:
        turn.update(prompt="", salt=None)

    rewrite_block(life.path, 9, forget)
    assert await life.damaged() == []
    name = await life.back_up()
    life.damage_block(2)

    found = await life.repair()

    assert found.mended == dict.fromkeys(BLOCK_2, name)
    assert (await life.store.turn(9)).prompt == ""


async def test_another_turn_in_a_turns_place_is_not_believed(life: Home) -> None:
    name = await life.back_up()
    rewrite_block(life.path, 9, lambda turn: turn.update(link=999))
    assert 9 in await life.damaged()

    found = await life.repair()

    assert found.mended[9] == name
    assert await life.damaged() == []


async def test_a_turn_whose_row_is_gone_is_told(life: Home) -> None:
    await life.back_up()
    change(life.path, "PRAGMA foreign_keys = off", "DELETE FROM turns WHERE id = 9")
    assert 9 in await life.damaged()

    found = await life.repair()

    assert found.unmended == {9: OUTSIDE}


async def test_a_turn_whose_row_cannot_be_read_is_told(life: Home) -> None:
    await life.back_up()
    change(life.path, "UPDATE turns SET prompt = CAST(x'ff' AS TEXT) WHERE id = 22")
    assert await life.damaged() == [22]

    found = await life.repair()

    assert found == Repair({}, {22: OUTSIDE})


async def test_a_life_that_is_one_damaged_block_is_mended(store: Store, tmp_path: Path) -> None:
    life = Home(store, tmp_path)
    for number in range(3):
        await tell(store, f"prompt {number}", "answer " * 99)
    await move(store, [1, 2, 3], archived=[1, 2])
    await life.back_up()
    name = await life.back_up()
    life.damage_block(1)

    found = await life.repair()

    assert found == Repair(dict.fromkeys([1, 2, 3], name), {})
    assert await life.damaged() == []
