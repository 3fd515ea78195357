"""Recall over both indexes, also while they are made anew, and of texts as long as books."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.embedders import WordEmbedder
from tests.integration.core.recall.test_recall import (
    NOW,
    YESTERDAY,
    find,
    said,
    tell_days,
)
from tests.lives import tell
from tests.tiers import put_into
from vega.core.indexing import Indexer
from vega.core.life.vectors import Vectors
from vega.core.live_turns import LiveTurns
from vega.core.memory import Tier
from vega.core.recall import recall as module
from vega.core.recall.recall import Recall
from vega.core.recall.relevance import is_about
from vega.core.store import Store


@pytest.fixture
async def recall(store: Store) -> AsyncIterator[Recall]:
    """By words and time alone."""
    made = Recall(store, None, None, day_first=True)
    yield made
    made.close()


async def test_what_was_discussed_is_surely_found_by_the_one_word_that_is_said_of_it(
    store: Store, tmp_path: Path
) -> None:
    project = "The Vega upgrade project is delayed because the supplier went bankrupt"
    await tell(store, project, "That is bad luck.", at=YESTERDAY)
    await tell(store, "My cat is called Tusk.", "Lovely.", at=YESTERDAY)
    embedder = WordEmbedder()
    vectors = Vectors.open(tmp_path, embedder.name, embedder.dimension, store.session_id)
    indexer = Indexer(store, embedder, vectors, LiveTurns(store))
    while await indexer.index_waiting():
        pass
    recall = Recall(store, embedder, vectors, day_first=True)
    question = "Remind me about that project we discussed"

    found = await find(recall, question)

    assert said(found)[0] == project
    assert (found.items[0].likeness or 0) < 0.25
    assert [is_about(question, item) for item in found.items[:2]] == [True, False]
    recall.close()
    vectors.close()


@pytest.mark.parametrize("has_vectors", [False, True])
async def test_the_end_of_a_long_time_is_of_that_time_too(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_vectors: bool
) -> None:
    monkeypatch.setattr(module, "WINDOW_TURNS", 5)
    for number in range(30):
        await tell(store, f"Line {number}.", "Yes.", at=NOW - timedelta(days=400 - number))
    await tell(store, "The walrus is in the garden.", "Yes.", at=NOW - timedelta(days=340))
    for number in range(20):
        await tell(store, "The walrus, the garden walrus!", at=NOW - timedelta(hours=1 + number))
    embedder = WordEmbedder() if has_vectors else None
    vectors = Vectors.open(tmp_path, "words 1", 384, store.session_id)
    if embedder is not None:
        indexer = Indexer(store, embedder, vectors, LiveTurns(store))
        while await indexer.index_waiting():
            pass
    recall = Recall(store, embedder, vectors, day_first=True)
    if has_vectors:
        # By its meaning alone.
        monkeypatch.setattr(module, "DAY_HITS", 0)

    found = await find(recall, "What did I say about the walrus last year?")

    assert said(found)[0] == "The walrus is in the garden."
    recall.close()
    vectors.close()


async def test_of_a_question_as_long_as_a_book_the_ends_say_what_it_asks(
    store: Store, recall: Recall
) -> None:
    await tell_days(store)
    book = "Once upon a time there was nothing. " * 30_000

    found = await find(recall, f"{book} What was it about the bees?")

    assert said(found)[0] == "I plan a project about bees."


async def test_the_widest_budget_shows_books_by_their_beginnings(
    store: Store, recall: Recall
) -> None:
    for number in range(12):
        book = f"Bees, book {number}. " + "The hive hums. " * 60_000
        await tell(store, book, "Long.", at=YESTERDAY)

    found = await find(recall, "What was it about the bees?", budget_tokens=100_000)

    assert len([item for item in found.items if item.text.startswith("Bees")]) == 12
    assert found.tokens <= 100_000
    assert max(len(item.text) for item in found.items) < 2_000


async def test_while_the_index_is_made_anew_after_damage_what_is_found_is_not_complete(
    store: Store, recall: Recall
) -> None:
    await tell_days(store)
    assert (await find(recall, "What was it about the bees?")).is_complete
    await store.word_index.set_aside()

    found = await find(recall, "What was it about the bees?")
    assert (found.items, found.is_complete) == ((), False)
    by_time = await find(recall, "What did we talk about yesterday?")
    assert by_time.items
    assert by_time.is_complete

    while await store.word_index.go_on():
        pass
    assert (await find(recall, "What was it about the bees?")).is_complete
    # Beside the old one, which is asked until then.
    await store.word_index.begin()
    assert (await find(recall, "What was it about the bees?")).is_complete


async def test_both_indexes_made_anew_rank_as_before(store: Store, tmp_path: Path) -> None:
    await tell_days(store)
    for number in range(40):
        at = NOW - timedelta(days=number % 9, minutes=number)
        await tell(store, f"The bees of hive {number} swarm.", f"Hive {number % 7}?", at=at)
    await put_into(store, Tier.ARCHIVED, [5, 6, 7, 8])
    embedder = WordEmbedder()
    vectors = Vectors.open(tmp_path, embedder.name, embedder.dimension, store.session_id)
    indexer = Indexer(store, embedder, vectors, LiveTurns(store))
    recall = Recall(store, embedder, vectors, day_first=True)
    questions = ("Which hive did swarm?", "What about bees and hive 5 yesterday?", "Rain?")

    async def index() -> None:
        while await indexer.index_waiting():
            pass

    await index()
    before = [await find(recall, question) for question in questions]
    assert all(found.items for found in before)
    for begin in (store.word_index.begin, store.word_index.set_aside):
        await begin()
        while await store.word_index.go_on():
            pass
        vectors.clear()
        await indexer.rebuild()
        await index()

        after = [await find(recall, question) for question in questions]
        assert after == before
    recall.close()
    vectors.close()
