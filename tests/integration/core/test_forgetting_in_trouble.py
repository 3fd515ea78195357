"""Whatever is at work beside a forgetting or ends it in the middle brings nothing back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.forgetting_homes import (
    WORD,
    Home,
    at_home,
    has_vector,
    tell_others,
    tell_secret,
)
from tests.lives import completed, tell
from tests.tiers import damage_block, put_into
from tests.traces import traces
from vega.core.life.archive import pack
from vega.core.life.archive_store import TurnsChanged
from vega.core.life.sqlite import Connection, connect
from vega.core.memory import Summary, Tier
from vega.core.verification import Verification


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with at_home(tmp_path) as opened:
        yield opened


async def test_a_block_may_be_forgotten_whole(home: Home) -> None:
    told = [(await tell(home.store, f"{WORD} {each}", WORD)).id for each in range(5)]
    await put_into(home.store, Tier.ARCHIVED, told)
    await tell_others(home.store)

    await home.forget(phrase=WORD)

    assert traces(home.path, WORD) == set()
    assert await home.flaws() == []
    assert [(await home.store.turn(each)).forgotten_at is not None for each in told] == [True] * 5


async def test_a_copy_that_stayed_behind_in_a_block_goes_too(home: Home) -> None:
    turn = await tell_secret(home)
    await put_into(home.store, Tier.ARCHIVED, [turn.id - 1, turn.id])
    again = await home.store.ask_again(turn.id)
    await home.store.end_turn(again.id, completed("anew"), (), SOME_MOMENT)
    assert "blocks" in traces(home.path, WORD)

    await home.forget(turn_id=turn.id)

    assert traces(home.path, WORD) == set()
    assert await home.flaws() == []


async def test_a_cleanup_that_has_packed_it_before_does_not_bring_it_back(home: Home) -> None:
    turn = await tell_secret(home)
    originals = await home.originals([turn.id - 1, turn.id])
    summaries = {each.id: Summary("in short", None) for each in originals}

    await home.forget(turn_id=turn.id)

    with pytest.raises(TurnsChanged):
        await home.store.archive.compress(originals, pack(originals), summaries)
    assert traces(home.path, WORD) == set()


async def test_a_turn_that_is_about_to_be_archived_is_counted_right(home: Home) -> None:
    turn = await tell_secret(home)
    await put_into(home.store, Tier.COMPRESSED, [turn.id])
    originals = await home.originals([turn.id])
    await home.forget(turn_id=turn.id)

    assert await home.store.archive.archive(originals) == 0
    await home.store.archive.archive(await home.originals([turn.id]))

    totals = await home.store.tier_totals()
    assert (totals[Tier.ARCHIVED].turns, totals[Tier.ARCHIVED].bytes) == (1, 0)
    assert (await home.store.turn(turn.id)).forgotten_at is not None


async def test_a_merge_of_blocks_does_not_bring_it_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = await tell_secret(home)
    await put_into(home.store, Tier.ARCHIVED, [1, 2])
    await put_into(home.store, Tier.ARCHIVED, [turn.id, turn.id + 1])
    [group] = await home.store.archive.small_blocks()
    packing, may_end = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow_pack(*args: object) -> object:
        loop.call_soon_threadsafe(packing.set)
        asyncio.run_coroutine_threadsafe(may_end.wait(), loop).result()
        return pack(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("vega.core.life.archive_store.pack", slow_pack)
    merging = asyncio.create_task(home.store.archive.merge(group))
    await packing.wait()
    await home.forget(turn_id=turn.id)
    may_end.set()

    with pytest.raises(TurnsChanged):
        await merging
    assert traces(home.path, WORD) == set()


@pytest.mark.parametrize("steps", range(4))
@pytest.mark.parametrize("tier", Tier)
async def test_what_a_crash_has_broken_off_is_gone_on_with_at_the_next_start(
    tmp_path: Path, tier: Tier, steps: int
) -> None:
    async with at_home(tmp_path) as home:
        turn = await tell_secret(home)
        await put_into(home.store, tier, [turn.id, turn.id + 1])
        before = [each for each in range(1, 18) if each != turn.id]
        originals = await home.originals(before)
        plan = await home.plan(turn_id=turn.id)
        await home.store.forgetting.begin(plan, SOME_MOMENT)
        if steps > 0:
            await home.store.forgetting.erase_texts([turn.id])
        if steps > 1:
            await home.store.forgetting.merge_index(is_first=True)
        if steps > 2:
            home.vectors.remove([2 * turn.id])

    async with at_home(tmp_path) as home:
        assert (await home.store.turn(turn.id)).prompt == ""
        await home.forgetting.start()
        async with asyncio.timeout(20):
            while await home.store.forgetting.pending():
                await asyncio.sleep(0.01)

        assert traces(tmp_path, WORD) == set()
        assert not has_vector(home.vectors, 2 * turn.id + 1)
        assert await home.originals(before) == originals
        assert await home.flaws() == []


async def test_a_reader_of_the_log_delays_only_the_end(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vega.core.forgetting.LOG_TRIES", 2)
    monkeypatch.setattr("vega.core.life.sqlite.BUSY_TIMEOUT_MS", 10)
    monkeypatch.setattr("vega.core.forgetting.RETRY_SECONDS", 0.01)
    turn = await tell_secret(home)
    with closing(connect(home.path / "vega.db", read_only=True)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM turns").fetchall()
        await home.store._db.write_alone(lambda connection: connection.set_busy_timeout(10))

        report = await home.forget(turn_id=turn.id)

        assert "log" in report.left[0]
        assert await home.store.forgetting.pending() == [turn.id]
    async with asyncio.timeout(20):
        while await home.store.forgetting.pending():
            await asyncio.sleep(0.01)
    assert traces(home.path, WORD) == set()


async def test_what_an_earlier_vega_left_on_unused_pages_goes_too(home: Home) -> None:
    """Before deleted text was overwritten, each move to the archive left it there."""
    store = home.store
    await store._db.write_alone(lambda connection: connection.pragma("secure_delete", False))
    turn = await tell_secret(home)
    await put_into(store, Tier.ARCHIVED, range(1, 18))
    await store._db.write_alone(lambda connection: connection.pragma("secure_delete", True))
    await store._db.write(
        lambda connection: connection.execute("INSERT INTO rewritings_due (id) VALUES (1)").get
    )

    report = await home.forget(turn_id=turn.id)

    assert report.is_rewritten
    assert traces(home.path, WORD) == set()
    assert not await store.forgetting.is_rewriting_due()
    assert await home.flaws() == []


async def test_text_that_is_seen_between_rows_has_the_file_written_anew(home: Home) -> None:
    """As the test before it, on a life that does not know of it."""
    store = home.store
    turn = await tell(store, f"{WORD} is a secret that I have told to nobody else yet", "I see.")
    await tell_others(store, 40)
    await store._db.write_alone(lambda connection: connection.pragma("secure_delete", False))

    def leave_behind(connection: Connection) -> None:
        connection.execute("CREATE TABLE once_there (text TEXT)")
        connection.execute("INSERT INTO once_there (text) VALUES (?)", (turn.prompt,))
        connection.execute("DELETE FROM once_there")

    await store._db.write(leave_behind)
    await store._db.write_alone(lambda connection: connection.pragma("secure_delete", True))

    report = await home.forget(turn_id=turn.id)

    assert report.is_rewritten
    assert traces(home.path, WORD) == set()


async def test_a_repair_takes_no_text_from_a_backup_that_was_forgotten_since(
    home: Home, tmp_path: Path
) -> None:
    turn = await tell_secret(home)
    await put_into(home.store, Tier.ARCHIVED, [turn.id, turn.id + 1])
    await home.store.forgetting.empty_log()
    backup = tmp_path / "backup.db"
    backup.write_bytes(await asyncio.to_thread((home.path / "vega.db").read_bytes))
    await home.forget(turn_id=turn.id)
    await damage_block(home.store, turn.id)

    verification = Verification(home.store, home.live_turns, home.clock)
    await verification.repair([backup])
    await verification.close()

    [left, other] = await home.originals([turn.id, turn.id + 1])
    assert (left.prompt, left.salt, other.prompt) == ("", None, "plain prompt 0")
    backup.unlink()
    assert traces(home.path, WORD) == set()


async def test_an_index_that_was_merged_meanwhile_is_no_flaw(home: Home) -> None:
    """Each reader of the file knows how the index was put together when it last asked it."""
    turn = await tell_secret(home)
    for _ in range(4):
        assert await home.flaws() == []
        await tell_others(home.store)
        await home.store.forgetting.merge_index(is_first=True)

    await home.forget(turn_id=turn.id)

    assert await home.flaws() == []
