"""Whatever the disk does to the index of words, one can speak and search, and it is made anew."""

import asyncio
import random
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.indexed_lives import (
    PARTS,
    answers,
    answers_of,
    awake,
    filled,
    flipped,
    ids,
    live,
    pages,
    rebuilt,
    spoil,
    trashed,
    zeroed,
)
from tests.integration.core.life.test_import_store import said, take
from tests.lives import new_turn, tell
from tests.tampering import change, verified
from vega.core.life import sqlite
from vega.core.life.readers import Connection
from vega.core.search import parse_query
from vega.core.store import Store
from vega.core.word_index import WordIndex
from vega.errors import DatabaseError


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole")
    asyncio.run(live(home))
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "life")
    return tmp_path / "life"


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("how", [flipped(3), flipped(777), flipped(4090), zeroed, trashed])
async def test_a_damaged_page_is_mended_while_one_speaks_and_searches(
    home: Path, part: str, how: Callable[[bytes], bytes]
) -> None:
    before = await answers_of(home)
    chance = random.Random(f"{part}{how}")
    spoil(home, chance.choice([page for name, page in pages(home) if name == part]), how)

    async with awake(home) as (store, index):
        new = await tell(store, "An ibis?", "Two ibises")
        await store.search.find(parse_query("heron"), 10)
        await index.check()
        await rebuilt(store)
        await tidied_or_stuck(store, index)

        found = await store.search.find(parse_query("ibis"), 10)
        assert {item.turn_id for item in found} == {new.id}
        assert [ids(each) for each in await answers(store)] == [ids(each) for each in before]
        assert await index.check() is None
        assert await store.verification.file_flaw() is None


async def tidied_or_stuck(store: Store, index: WordIndex) -> None:
    async with asyncio.timeout(20):
        while set(await store.word_index._leftovers()) - store.word_index._stuck:
            await asyncio.sleep(0.005)
    await index.tend()


async def test_any_page_may_be_damaged_without_anybody_looking_after_the_index(
    whole: Path, tmp_path: Path
) -> None:
    """Turns are stored and searches answered; what the index knew no more is found at the end."""
    chance = random.Random(11)
    every = pages(whole)
    before = [sorted(ids(each)) for each in await answers_of(whole)]
    for number in range(40):
        home = tmp_path / "life"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(whole, home)
        how = chance.choice([flipped(chance.randrange(2**15)), zeroed, trashed])
        for _, page in chance.sample(every, chance.choice([1, 1, 5, len(every)])):
            spoil(home, page, how)

        store = await Store.open(home)
        for word in range(20):
            await tell(store, f"ibis {'k' * word}", "ibises")
        await answers(store)
        await store.word_index.mend()
        await filled(store)

        assert [sorted(ids(each)) for each in await answers(store)] == before, number
        assert len(await store.search.find(parse_query("ibis"), 100)) == 20
        await store.close()


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE message_index",
        "DROP TABLE message_index_docsize",
        "DROP TABLE message_index_config",
        "DROP TABLE message_index_idx",
        "DELETE FROM message_index_docsize WHERE id = 20",
        "DELETE FROM message_index WHERE rowid = 61",
        "DELETE FROM message_index_data",
        "DELETE FROM message_index_docsize",
        "INSERT INTO message_index_docsize (id, sz) VALUES (999, x'01')",
        "UPDATE message_index_data SET block = zeroblob(length(block)) WHERE id > 10",
    ],
)
async def test_what_is_missing_or_wrong_is_seen_at_the_start(home: Path, statement: str) -> None:
    before = [ids(each) for each in await answers_of(home)]
    change(home, statement)

    async with awake(home) as (store, index):
        turn = await tell(store, "An ibis?", "Two ibises")
        await store.search.find(parse_query("ibis"), 10)
        await index.check()
        await rebuilt(store)

        assert [ids(each) for each in await answers(store)] == before

        assert {i.turn_id for i in await store.search.find(parse_query("ibis"), 9)} == {turn.id}


async def test_damage_elsewhere_is_no_reason_to_set_the_index_aside(home: Path) -> None:
    with closing(sqlite.connect(home / "vega.db", read_only=True)) as connection:
        query = "SELECT pageno FROM dbstat WHERE name = 'unembedded' LIMIT 1"
        page = connection.execute(query).get
    spoil(home, page, trashed)
    store = await Store.open(home)

    with pytest.raises(DatabaseError):
        await tell(store, "Hello")
    await store.word_index.mend()

    assert not (await store.word_index.report()).is_rebuilding
    await store.close()


async def test_an_import_goes_on_over_a_damaged_index(home: Path) -> None:
    for _, page in pages(home):
        spoil(home, page, trashed)
    store = await Store.open(home)

    report = await take(store, *[said(f"i{n}", "user", f"ibis {n}") for n in range(50)])

    assert (report.imported, report.failed) == (50, ())
    assert len(await store.search.find(parse_query("ibis"), 100)) == 50
    await store.close()


async def test_a_prompt_that_met_the_damage_is_stored_once(home: Path) -> None:
    for _, page in pages(home):
        spoil(home, page, zeroed)
    store = await Store.open(home)
    newest = store.newest_link

    turn, is_new = await store.accept_turn(new_turn("Hello"))

    def count(connection: Connection) -> int:
        query = "SELECT count(*) FROM turns WHERE prompt = 'Hello'"
        return int(connection.execute(query).get)

    assert is_new
    assert await store._db.read(count) == 1
    assert (turn.link, store.newest_link) == (newest + 1, newest + 1)
    await store.close()


@pytest.mark.parametrize("part", PARTS)
async def test_recall_goes_on_over_a_damaged_index(home: Path, part: str) -> None:
    for _, page in [each for each in pages(home) if each[0] == part]:
        spoil(home, page, flipped(1234))
    store = await Store.open(home)

    await store.recall.words("another grey heron")
    await store.recall.places(range(1, 60))
    await store.word_index.mend()
    await filled(store)

    assert len(await store.search.find(parse_query('"grey heron"'), 100)) == 40
    await store.close()


@pytest.mark.parametrize("part", PARTS)
async def test_a_verification_mends_the_index_and_finds_the_life_whole(
    home: Path, part: str
) -> None:
    def damage() -> None:
        for _, page in [each for each in pages(home) if each[0] == part]:
            spoil(home, page, flipped(321))

    report = await verified(home, damage)

    assert report.finding is None
    async with awake(home) as (store, _):
        await rebuilt(store)
        assert len(await store.search.find(parse_query('"grey heron"'), 100)) == 40
