"""Lives whose index of words takes many pages, in every tier, and what the disk does to these."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

from tests.integration.core.life.test_import_store import said, take
from tests.lives import tell
from tests.tiered_lives import tell_tiers
from vega.core.life import sqlite
from vega.core.live_turns import LiveTurns
from vega.core.recollection import Found
from vega.core.search import parse_query
from vega.core.store import Store
from vega.core.word_index import WordIndex

PAGE = 4096
QUERIES = ("prompt", "answer 7", "heron", '"in the reeds"', "another", "grey heron stood")
PARTS = ("data", "idx", "docsize", "config")


async def live(home: Path) -> None:
    """All tiers; what was asked again, failed and stopped; what was imported; and enough words that
    the index takes many pages."""
    store = await Store.open(home)
    await tell_tiers(store)
    chance = random.Random(4)
    for number in range(40):
        words = " ".join(f"w{chance.randrange(20_000)}" for _ in range(200))
        await tell(store, f"A grey heron stood in the reeds {number}", words)
    await take(store, said("a1", "assistant", "heron 🦭"), said("u1", "user", "the last heron"))
    await store.close()


@asynccontextmanager
async def awake(home: Path) -> AsyncIterator[tuple[Store, WordIndex]]:
    """A life whose index is looked after."""
    store = await Store.open(home)
    index = WordIndex(store)
    try:
        await index.start(LiveTurns(store))
        yield store, index
    finally:
        await index.close()
        await store.close()


async def rebuilt(store: Store) -> None:
    async with asyncio.timeout(20):
        while (await store.word_index.report()).is_rebuilding:
            await asyncio.sleep(0.005)


async def filled(store: Store) -> None:
    while await store.word_index.go_on():
        pass


async def tidied(store: Store) -> None:
    async with asyncio.timeout(20):
        while await store.word_index._leftovers():
            await asyncio.sleep(0.005)


async def answers(store: Store) -> list[list[Found]]:
    """All that those searches find, in order, with their scores."""
    return [await store.search.find(parse_query(query), 100) for query in QUERIES]


async def answers_of(home: Path) -> list[list[Found]]:
    store = await Store.open(home)
    try:
        return await answers(store)
    finally:
        await store.close()


def pages(home: Path) -> list[tuple[str, int]]:
    """The part that it is of, and the number, of each page of the index."""
    query = "SELECT name, pageno FROM dbstat WHERE name LIKE 'message_index_%' ORDER BY pageno"
    with closing(sqlite.connect(home / "vega.db", read_only=True)) as connection:
        return [(name.rpartition("_")[2], page) for name, page in connection.execute(query)]


def spoil(home: Path, page: int, how: Callable[[bytes], bytes]) -> None:
    path = home / "vega.db"
    data = bytearray(path.read_bytes())
    start = (page - 1) * PAGE
    data[start : start + PAGE] = how(bytes(data[start : start + PAGE]))
    path.write_bytes(data)


def flipped(position: int) -> Callable[[bytes], bytes]:
    def flip(page: bytes) -> bytes:
        changed = bytearray(page)
        changed[position % PAGE] ^= 1 << position % 8
        return bytes(changed)

    return flip


def zeroed(page: bytes) -> bytes:
    return bytes(len(page))


def trashed(page: bytes) -> bytes:
    return random.Random(len(page)).randbytes(len(page))


def ids(found: list[Found]) -> list[tuple[int, str]]:
    return [(item.turn_id, item.role.value) for item in found]
