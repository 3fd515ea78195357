"""Steps between the tiers: each moves what it was told of and as it was, or nothing at all."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.acceptance.life_file import assert_sound, read_life
from tests.clocks import SOME_MOMENT
from tests.lives import completed, tell
from vega.core.conversation import Turn
from vega.core.life import archive_store, blocks, records
from vega.core.life.archive import BLOCK_BYTES, ArchivedTurn, pack
from vega.core.life.archive_store import TurnsChanged
from vega.core.memory import Summary, Tier
from vega.core.store import Store
from vega.errors import BlockDamaged, TurnDamaged, TurnNotFound

SUMMARY = Summary("In short.", None)


@pytest.fixture
async def said(store: Store, tmp_path: Path) -> AsyncIterator[list[Turn]]:
    """Six turns, of which each test leaves a sound life."""
    yield [await tell(store, f"Prompt {number}", f"Answer {number}") for number in range(6)]
    await store.close()
    with read_life(tmp_path) as life:
        assert_sound(life, tmp_path)


async def originals(store: Store, turns: Sequence[Turn]) -> tuple[ArchivedTurn, ...]:
    return (await store.archive.batch([turn.id for turn in turns], BLOCK_BYTES)).originals


async def compress(store: Store, turns: Sequence[Turn]) -> None:
    packed = await originals(store, turns)
    summaries = {each.id: SUMMARY for each in packed}
    await store.archive.compress(packed, pack(packed), summaries)


async def block_ids(store: Store) -> list[int]:
    return [group for groups in await store.archive.small_blocks() for group in groups]


async def damage(store: Store, turn: Turn) -> None:
    """A bit of the turn's block flips."""

    def flip(connection: object) -> None:
        connection.execute(  # type: ignore[attr-defined]
            "UPDATE archive_blocks SET data = CAST(substr(data, 2) || x'00' AS BLOB) "
            "WHERE id = (SELECT block_id FROM turns WHERE id = ?)",
            (turn.id,),
        )

    await store._db.write(flip)
    blocks.forget_open_blocks()


async def test_a_turn_that_was_asked_again_since_it_was_packed_is_not_moved(
    store: Store, said: list[Turn]
) -> None:
    packed = await originals(store, said[:3])
    block, summaries = pack(packed), {each.id: SUMMARY for each in packed}
    await store.ask_again(said[1].id)

    with pytest.raises(TurnsChanged):
        await store.archive.compress(packed, block, summaries)
    await store.end_turn(said[1].id, completed("Another."), (), SOME_MOMENT)
    with pytest.raises(TurnsChanged):
        await store.archive.compress(packed, block, summaries)

    assert (await store.tier_totals())[Tier.FULL].turns == 6
    assert (await store.archive.total()).blocks == 0
    assert (await store.turn(said[1].id)).response == "Another."


async def test_turns_that_wait_are_packed_by_nobody(store: Store, said: list[Turn]) -> None:
    waiting = await store.ask_again(said[1].id)

    assert [each.id for each in await originals(store, said[:3])] == [said[0].id, said[2].id]
    packed = await store.archive.originals([waiting.id])
    with pytest.raises(TurnsChanged):
        await store.archive.compress(packed, pack(packed), {waiting.id: SUMMARY})
    await store.end_turn(waiting.id, completed("Another."), (), SOME_MOMENT)


async def test_a_turn_that_came_back_meanwhile_is_not_archived(
    store: Store, said: list[Turn]
) -> None:
    await compress(store, said[:2])
    packed = await originals(store, said[:2])
    await store.ask_again(said[0].id)

    await store.archive.archive(packed)

    assert [(await store.turn(turn.id)).tier for turn in said[:2]] == [Tier.FULL, Tier.ARCHIVED]
    await store.end_turn(said[0].id, completed("Another."), (), SOME_MOMENT)


async def test_a_batch_ends_with_the_turn_that_fills_it(store: Store, said: list[Turn]) -> None:
    ids = [turn.id for turn in said]

    batch = await store.archive.batch(ids, 2 * len("Prompt 0Answer 0") - 1)

    assert [each.id for each in batch.originals] == ids[:2]


async def test_a_turn_that_is_too_large_for_any_block_stays_in_full(
    store: Store, said: list[Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive_store, "MOST_TURN_BYTES", len("Prompt 0Answer 0") - 1)
    small = await tell(store, "P", "A")

    batch = await store.archive.batch([*(turn.id for turn in said), small.id], BLOCK_BYTES)

    assert [each.id for each in batch.originals] == [small.id]
    assert batch.stuck == {turn.id for turn in said}


async def test_small_blocks_become_one_that_holds_what_still_lives_in_them(
    store: Store, said: list[Turn]
) -> None:
    for first in (0, 2, 4):
        await compress(store, said[first : first + 2])
    await store.archive.archive(await originals(store, said[:3]))
    await store.ask_again(said[3].id)
    await store.end_turn(said[3].id, completed("Another."), (), SOME_MOMENT)

    await store.archive.merge(await block_ids(store))

    total = await store.archive.total()
    assert (total.blocks, total.text_bytes) == (1, 5 * len("Prompt 0Answer 0"))
    expected = [turn.response for turn in said]
    expected[3] = "Another."
    assert [(await store.turn(turn.id)).response for turn in said] == expected


async def test_blocks_in_which_nothing_lives_any_more_go_without_one_in_their_place(
    store: Store, said: list[Turn]
) -> None:
    await compress(store, said[:1])
    await compress(store, said[1:2])
    ids = await block_ids(store)
    for turn in said[:2]:
        await store.ask_again(turn.id)
        await store.end_turn(turn.id, completed("Another."), (), SOME_MOMENT)

    await store.archive.merge(ids)

    assert (await store.archive.total()).blocks == 0


async def test_a_merge_holds_up_nobody_and_gives_way_to_a_turn_that_comes_back(
    store: Store, said: list[Turn], monkeypatch: pytest.MonkeyPatch
) -> None:
    packs, may_pack = threading.Event(), threading.Event()

    def slowly(*values: object) -> object:
        packs.set()
        assert may_pack.wait(10)
        return pack(*values)  # type: ignore[arg-type]

    await compress(store, said[:2])
    await compress(store, said[2:4])
    ids = await block_ids(store)
    monkeypatch.setattr(archive_store, "pack", slowly)
    merging = asyncio.create_task(store.archive.merge(ids))
    await asyncio.to_thread(packs.wait, 10)
    await store.ask_again(said[2].id)
    may_pack.set()

    with pytest.raises(TurnsChanged):
        await merging
    assert (await store.archive.total()).blocks == 2
    await store.end_turn(said[2].id, completed("Another."), (), SOME_MOMENT)


async def test_turns_can_be_read_while_their_blocks_are_merged(
    store: Store, said: list[Turn]
) -> None:
    is_over = False
    seen = 0

    async def read() -> None:
        nonlocal seen
        while not is_over:
            shown = await store.history(10)
            assert [turn.response for turn in shown[::-1]] == [turn.response for turn in said]
            assert len(await store.contexts.exchanges_before((SOME_MOMENT, 1000), 10)) == 6
            seen += 1

    reading = [asyncio.create_task(read()) for _ in range(3)]
    for turn in said:
        await compress(store, [turn])
    await store.archive.archive(await originals(store, said))
    for _ in range(40):
        await store.archive.merge(await block_ids(store))
        for turn in said[:3]:
            await store._db.write(partial(blocks.bring_back_turn, turn_id=turn.id))
            await compress(store, [turn])
    is_over = True
    await asyncio.gather(*reading)

    assert seen > 3


async def test_a_damaged_block_is_not_merged_and_keeps_nobody_else_away(
    store: Store, said: list[Turn], tmp_path: Path
) -> None:
    await compress(store, said[:2])
    await compress(store, said[2:4])
    good = await originals(store, said[:2])
    block_id = (await block_ids(store))[0]
    await damage(store, said[0])

    with pytest.raises(BlockDamaged):
        await store.archive.merge(await block_ids(store))
    batch = await store.archive.batch([turn.id for turn in said], BLOCK_BYTES)
    assert batch.stuck == {said[0].id, said[1].id}
    assert [each.id for each in batch.originals] == [turn.id for turn in said[2:]]
    assert len(await store.archive.originals([turn.id for turn in said])) == 4
    with pytest.raises(TurnDamaged):
        await store.turn(said[0].id)
    with pytest.raises(TurnDamaged):
        await store.ask_again(said[0].id)
    with pytest.raises(BlockDamaged):
        await store._db.read(lambda connection: blocks.check_block(connection, block_id))
    shown = await store.history(10)
    assert [turn.is_damaged for turn in shown[::-1]] == [True, True, *[False] * 4]
    told = await store.contexts.exchanges_before((SOME_MOMENT, 1000), 10)
    assert [one.turn_id for one in told[::-1]] == [turn.id for turn in said[2:]]
    assert await store._db.read(lambda c: records.find_hash(c, said[0].link + 1)) is None

    await store.archive.mend(block_id, good)
    await store._db.read(lambda connection: blocks.check_block(connection, block_id))
    assert [(await store.turn(turn.id)).response for turn in said] == [
        turn.response for turn in said
    ]


async def test_what_is_not_there_is_not_found(store: Store, said: list[Turn]) -> None:
    with pytest.raises(TurnNotFound):
        await store.archive.originals([999])
    with pytest.raises(TurnNotFound):
        await store.ask_again(999)
    for look in (blocks.open_block, blocks.check_block):
        with pytest.raises(BlockDamaged):
            await store._db.read(partial(look, block_id=999))
    [original] = await store.archive.originals([said[0].id])
    missing = replace(original, id=999)
    with pytest.raises(TurnsChanged):
        await store.archive.compress([missing], pack([missing]), {999: SUMMARY})


async def test_a_page_of_a_block_that_the_disk_damaged_costs_the_turns_of_that_block_alone(
    tmp_path: Path,
) -> None:
    store = await Store.open(tmp_path)
    noise = [random.Random(number).randbytes(20_000).hex() for number in range(4)]
    said = [await tell(store, f"Prompt {number}", text) for number, text in enumerate(noise)]
    await compress(store, said[1:2])
    await compress(store, said[2:3])
    data = await store._db.read(
        lambda c: bytes(c.execute("SELECT data FROM archive_blocks ORDER BY id LIMIT 1").get)
    )
    await store.close()
    blocks.forget_open_blocks()
    path = tmp_path / "vega.db"
    content = bytearray(path.read_bytes())
    place = content.find(data[9_000:9_040])
    content[place] ^= 1
    path.write_bytes(content)
    store = await Store.open(tmp_path)

    later = (SOME_MOMENT + timedelta(days=1), 0)
    told = await store.contexts.exchanges_before(later, 10)
    also = await store.contexts.exchanges_between((SOME_MOMENT, 0), later, 10)
    shown = await store.history(10)
    with pytest.raises(BlockDamaged):
        await store._db.read(partial(blocks.check_block, block_id=1))
    await store._db.read(partial(blocks.check_block, block_id=2))
    await store.close()

    assert [one.response for one in told[::-1]] == [noise[0], noise[2], noise[3]]
    assert also == told[::-1]
    assert [turn.is_damaged for turn in shown[::-1]] == [False, True, False, False]
