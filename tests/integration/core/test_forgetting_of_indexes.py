"""What is forgotten is in no index of words either, whichever there are."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.indexed_lives import filled, live, pages, spoil, trashed, zeroed
from tests.lives import tell
from tests.traces import files_with
from vega.core.forgetting import Forgetting
from vega.core.life import word_index_store
from vega.core.life.forget_plan import ForgetTarget
from vega.core.live_turns import LiveTurns
from vega.core.search import parse_query
from vega.core.store import Store

WORD = "xq7vzkt4"
#: What stands in a file of it, also where the index leaves out what the term before begins with.
NEEDLE = b"q7vzkt4"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole")

    async def tell_word() -> None:
        await live(home)
        store = await Store.open(home)
        await tell(store, f"My word is {WORD}", "I see")
        await store.close()

    asyncio.run(tell_word())
    return home


@pytest.fixture
def home(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "life")
    return tmp_path / "life"


async def forget(store: Store) -> None:
    forgetting = Forgetting(store, LiveTurns(store), FakeClock())
    wanted = ForgetTarget(phrase=WORD)
    report = await forgetting.forget(wanted, (await forgetting.preview(wanted)).token)
    await forgetting.close()
    assert report.left == ()


async def test_while_the_index_is_made_anew(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_index_store, "TURNS_AT_ONCE", 5)
    store = await Store.open(home)
    await store.word_index.begin()
    await store.word_index.go_on()

    await forget(store)

    assert files_with(home, NEEDLE) == set()
    await filled(store)
    assert await store.search.find(parse_query(WORD), 5) == []
    while await store.word_index.drop_some():
        pass
    await store.close()
    assert files_with(home, NEEDLE) == set()


@pytest.mark.parametrize("how", [trashed, zeroed])
async def test_after_the_index_was_damaged_so_that_it_cannot_be_dropped(
    home: Path, how: Callable[[bytes], bytes]
) -> None:
    first = [page for name, page in pages(home) if name == "data"][:1]
    spoil(home, first[0], how)
    store = await Store.open(home)
    await tell(store, "Hello")
    await store.word_index.mend()
    await filled(store)
    assert files_with(home, NEEDLE)

    await forget(store)

    assert files_with(home, NEEDLE) == set()
    assert await store.verification.file_flaw() is None
    await store.close()
