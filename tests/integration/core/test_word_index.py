"""The index of words is made anew from the turns while it is asked, and ranks as before."""

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.indexed_lives import (
    QUERIES,
    answers,
    answers_of,
    awake,
    filled,
    live,
    rebuilt,
    tidied,
)
from tests.lives import completed, set_room, tell
from tests.tampering import change, select
from tests.tiers import damage_block
from vega.core import word_index as module
from vega.core.life import word_index_store
from vega.core.search import parse_query
from vega.core.store import Store
from vega.core.word_index import WordIndex
from vega.errors import StorageFull


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole")
    asyncio.run(live(home))
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "life")
    return tmp_path / "life"


async def test_a_rebuild_gives_the_same_ranking(home: Path) -> None:
    before = await answers_of(home)
    assert all(before)

    async with awake(home) as (store, index):
        await index.rebuild()
        await rebuilt(store)

        assert await answers(store) == before
        assert await index.check() is None
        await tidied(store)


async def test_the_old_index_is_asked_until_the_new_one_is_there(home: Path) -> None:
    before = await answers_of(home)
    store = await Store.open(home)
    await store.word_index.begin()
    await store.word_index.go_on()

    found = await store.search.search(parse_query("heron"), 100)

    assert (await store.word_index.report()).is_rebuilding
    assert (list(found.items), found.is_complete) == (before[QUERIES.index("heron")], True)
    await store.close()


async def test_two_rebuilds_at_once_are_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_index_store, "TURNS_AT_ONCE", 5)
    store = await Store.open(home)
    await store.word_index.begin()
    await store.word_index.go_on()
    report = await store.word_index.report()

    await store.word_index.begin()

    assert await store.word_index.report() == report
    assert report.done == 5
    await store.close()


async def test_what_is_said_during_a_rebuild_is_found_then_and_afterwards(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_index_store, "TURNS_AT_ONCE", 5)
    store = await Store.open(home)
    await store.word_index.begin()
    await store.word_index.go_on()
    waiting = await store.ask_again(3)
    new = await tell(store, "A kingfisher?", "Over the kingfisher's brook")
    await store.end_turn(waiting.id, completed("a kingfisher again"), (), SOME_MOMENT)

    during = await store.search.find(parse_query("kingfisher"), 10)
    await filled(store)
    after = await store.search.find(parse_query("kingfisher"), 10)

    assert {item.turn_id for item in during} == {3, new.id}
    assert after == during
    assert [flaw async for flaw in store.word_index.check() if flaw] == []
    await store.close()


async def test_a_rebuild_that_was_cut_off_goes_on_where_it_was(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await answers_of(home)
    monkeypatch.setattr(word_index_store, "TURNS_AT_ONCE", 5)
    store = await Store.open(home)
    await store.word_index.begin()
    for _ in range(3):
        await store.word_index.go_on()
    await store.close()

    async with awake(home) as (store, _):
        assert (await store.word_index.report()).done >= 15
        await rebuilt(store)

        assert await answers(store) == before


async def test_what_was_forgotten_is_in_no_new_index(home: Path) -> None:
    change(home, "UPDATE turns SET forgotten_at = 1 WHERE id = 30")

    async with awake(home) as (store, _):
        # It had been there: the look at the whole index sees that.
        async with asyncio.timeout(20):
            while await store.search.find(parse_query('"in the reeds 5"'), 1):
                await asyncio.sleep(0.01)
        await rebuilt(store)

        with_it = select(home, "SELECT count(*) FROM message_index_docsize WHERE id / 2 = 30")
        assert with_it == 0


async def test_until_it_is_done_a_search_finds_the_newest_and_says_that_it_is_not_all(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_index_store, "TURNS_AT_ONCE", 5)
    change(home, "DROP TABLE message_index")
    store = await Store.open(home)
    index = WordIndex(store)

    nothing = await store.search.search(parse_query("heron"), 100)
    await store.word_index.go_on()
    some = await store.search.search(parse_query("heron"), 100)
    notice = await index.notice()
    await filled(store)
    every = await store.search.search(parse_query("heron"), 100)

    assert (nothing.items, nothing.is_complete) == ((), False)
    assert 0 < len(some.items) < len(every.items)
    assert {item.turn_id for item in some.items} == {62, 63, 64, 65, 66}
    assert (some.is_complete, every.is_complete) == (False, True)
    assert notice is not None
    assert notice.startswith("The word index is being rebuilt (7 %)")
    assert await index.notice() is None
    await store.close()


async def test_a_damaged_turn_is_left_out_of_the_new_index_and_no_reason_to_begin_again(
    home: Path,
) -> None:
    store = await Store.open(home)
    await damage_block(store, 2)
    await store.word_index.set_aside()
    await filled(store)

    assert {item.turn_id for item in await store.search.find(parse_query("prompt"), 50)} == (
        {*range(7, 25)} - {7}
    )
    assert [flaw async for flaw in store.word_index.check() if flaw] == []
    await store.close()


async def test_without_room_it_waits_and_nothing_is_lost(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await answers_of(home)
    monkeypatch.setattr(word_index_store, "TURNS_AT_ONCE", 5)
    store = await Store.open(home)
    await store.word_index.begin()
    await set_room(store, 2)

    with pytest.raises(StorageFull):
        await filled(store)
    assert await answers(store) == before

    await set_room(store, None)
    await filled(store)
    assert await answers(store) == before
    await store.close()


async def test_room_that_the_turns_need_is_left_to_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(home)
    await store.word_index.begin()
    monkeypatch.setattr(word_index_store, "SPARED_BYTES", 2**62)

    with pytest.raises(StorageFull, match=r"no room for a new index of words .* MB more are free"):
        await store.word_index.go_on()
    await store.close()


async def test_who_wants_a_new_one_hears_at_once_how_much_room_it_waits_for(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0.001)
    async with awake(home) as (store, index):
        asked = await answers(store)
        with monkeypatch.context() as patched:
            patched.setattr(word_index_store, "SPARED_BYTES", 2**62)
            await index.rebuild()
            at_once = index.trouble
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await rebuilt(store)
            notice = await index.notice()
            meanwhile = await answers(store)
        await rebuilt(store)

        assert at_once is not None
        assert "MB more are free" in at_once
        assert notice is not None
        assert notice.startswith(
            "The word index is being rebuilt; until then the old one is asked. The disk has no room"
        )
        assert caplog.text.count("is not made anew yet") == 1
        assert meanwhile == asked == await answers(store)
        assert (index.trouble, await index.notice()) == (None, None)


async def test_nothing_is_said_of_room_where_nothing_is_to_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(word_index_store, "SPARED_BYTES", 2**62)
    async with awake(tmp_path) as (store, index):
        await tell(store, "A grey heron")
        await asyncio.sleep(0.05)

        assert (index.trouble, await index.notice()) == (None, None)
    assert caplog.text == ""


async def test_recall_reads_the_new_index_as_it_did_the_old_one(home: Path) -> None:
    async def hits(store: Store) -> list[list[int]]:
        found = await store.recall.words("another grey heron, and the answer")
        return [each.message_ids.tolist() for each in found.terms]

    store = await Store.open(home)
    before = [await hits(store) for _ in range(4)]

    await store.word_index.begin()
    await filled(store)
    assert [await hits(store) for _ in range(4)] == before

    await store.word_index.set_aside()
    assert [len(each) for each in await hits(store)] == [0] * len(before[0])
    await filled(store)
    assert [await hits(store) for _ in range(4)] == before
    await store.close()
