"""Every message gets its vectors: the newest first, once, behind live turns, past any failure."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.embedded_lives import alike, embedding, until_embedded
from tests.embedders import WordEmbedder, vector_of
from tests.lives import completed, new_turn, tell, until
from tests.tiers import damage_block, put_into
from vega.core import indexing
from vega.core.live_turns import LiveTurns
from vega.core.memory import Tier
from vega.core.store import Store
from vega.errors import StorageFull


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


async def test_what_is_said_is_found_by_its_meaning_soon(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    async with embedding(store, tmp_path, embedder) as (indexer, vectors):
        turn = await tell(store, "My boat is called Walrus", "A fine name.")
        await until_embedded(store)
        report = await indexer.report()

        assert alike(vectors, "boat called Walrus") == [2 * turn.id]
        assert alike(vectors, "a fine name") == [2 * turn.id + 1]
        assert (report.pending, report.embedded, report.trouble) == (0, 2, None)
        assert "Owner (22 November 2026): My boat is called Walrus" in embedder.texts


async def test_the_newest_come_first(
    store: Store, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "ROUND_MESSAGES", 2)
    for number in range(3):
        await tell(store, f"prompt{number}", f"answer{number}")
    async with embedding(store, tmp_path, embedder):
        await until_embedded(store)

    said = [text.rpartition(" ")[2] for text in embedder.texts]
    assert said == ["answer2", "prompt2", "answer1", "prompt1", "answer0", "prompt0"]


@pytest.mark.parametrize("tier", list(Tier))
async def test_a_message_of_any_tier_is_embedded_whole(
    store: Store, tmp_path: Path, embedder: WordEmbedder, tier: Tier
) -> None:
    turn = await tell(store, "What is a walrus?", "A walrus has tusks. " * 60 + "It likes clams.")
    await put_into(store, tier, [turn.id])
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until_embedded(store)

        best = vectors.search(vector_of("It likes clams"), 1)
        assert best.message_ids.tolist() == [2 * turn.id + 1]
        assert vectors.count > 2


async def test_another_answer_takes_the_place_of_the_vectors(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    turn = await tell(store, "A name?", "Walrus")
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until_embedded(store)
        await store.ask_again(turn.id)
        await store.end_turn(turn.id, completed("Narwhal narwhal narwhal"), (), SOME_MOMENT)
        await until_embedded(store)

        assert 2 * turn.id + 1 in alike(vectors, "narwhal")
        assert vectors.count == 2


async def test_an_answer_that_comes_while_the_last_is_embedded_is_not_missed(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    turn = await tell(store, "A name?", "Walrus")
    embedder.may_answer.clear()
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until(lambda: embedder.texts)
        await store.ask_again(turn.id)
        await store.end_turn(turn.id, completed("Narwhal narwhal narwhal"), (), SOME_MOMENT)
        embedder.may_answer.set()
        await until_embedded(store)

        assert 2 * turn.id + 1 in alike(vectors, "narwhal")


async def test_what_was_written_and_not_noted_is_made_once(
    store: Store, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(store, "My boat is called Walrus", "A fine name.")

    async def die(messages: Sequence[object]) -> None:
        raise OSError("killed")

    async with embedding(store, tmp_path, embedder) as (indexer, vectors):
        with monkeypatch.context() as patched:
            patched.setattr(store.embedding, "done", die)
            await until(lambda: vectors.count == 2)
        assert await store.embedding.count() == 2
    async with embedding(store, tmp_path, embedder) as (indexer, vectors):
        await until_embedded(store)

        assert vectors.count == 2
        assert (await indexer.report()).pending == 0


async def test_a_model_that_is_away_is_waited_for(
    store: Store, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "FIRST_PAUSE_SECONDS", 0.001)
    embedder.failures = 3
    await tell(store)
    async with embedding(store, tmp_path, embedder) as (indexer, vectors):
        await until_embedded(store)

        assert vectors.count == 2
        assert (await indexer.report()).trouble is None


async def test_it_says_why_it_does_not_get_on(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    embedder.failures = 1000
    await tell(store)
    async with embedding(store, tmp_path, embedder) as (indexer, _):
        await until(lambda: embedder.texts)
        await asyncio.sleep(0)
        report = await indexer.report()

    assert (report.pending, report.embedded) == (2, 0)
    assert report.trouble == "The embedding model is not there yet."


async def test_live_turns_go_first(store: Store, tmp_path: Path, embedder: WordEmbedder) -> None:
    live_turns = LiveTurns(store)
    await tell(store, "Before")
    turn, _ = await store.accept_turn(new_turn("Now"))
    live_turns.add(turn)
    async with embedding(store, tmp_path, embedder, rest=live_turns):
        await asyncio.sleep(0.1)
        assert embedder.texts == []
        live_turns.end(await store.end_turn(turn.id, completed(), (), SOME_MOMENT))
        await until_embedded(store)


async def test_while_memory_is_scarce_it_rests(
    store: Store, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SCARCE_PAUSE_SECONDS", 0.001)
    looks = iter([True] * 20)
    await tell(store)
    async with embedding(store, tmp_path, embedder, lambda: next(looks, False)):
        await until_embedded(store)

    assert next(looks, None) is None


async def test_a_full_disk_keeps_its_room_for_what_is_said(
    store: Store, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "FIRST_PAUSE_SECONDS", 0.001)
    await tell(store)

    def refuse() -> None:
        raise StorageFull

    with monkeypatch.context() as patched:
        patched.setattr(store.disk, "require_room", refuse)
        async with embedding(store, tmp_path, embedder) as (indexer, _):
            await asyncio.sleep(0.05)
            assert (await indexer.report()).trouble == str(StorageFull())
    assert embedder.texts == []
    async with embedding(store, tmp_path, embedder):
        await until_embedded(store)


async def test_a_damaged_turn_keeps_no_other_waiting(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    first = await tell(store, "My boat is called Walrus")
    second = await tell(store, "My cat is called Tusk")
    await put_into(store, Tier.ARCHIVED, [first.id])
    await put_into(store, Tier.ARCHIVED, [second.id])
    await damage_block(store, first.id)
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until_embedded(store)

        assert 2 * second.id in alike(vectors, "cat called Tusk")
        assert 2 * first.id not in alike(vectors, "boat called Walrus")


async def test_all_can_be_made_anew(store: Store, tmp_path: Path, embedder: WordEmbedder) -> None:
    await tell(store, "My boat is called Walrus")
    async with embedding(store, tmp_path, embedder) as (indexer, vectors):
        await until_embedded(store)
        before = vectors.search(vector_of("boat"), 10)
        await indexer.rebuild()
        await until_embedded(store)
        after = vectors.search(vector_of("boat"), 10)

    assert len(embedder.texts) == 4
    assert after.message_ids.tolist() == before.message_ids.tolist()
    assert after.scores.tolist() == before.scores.tolist()


async def test_what_waits_again_is_seen_at_once(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    turn = await tell(store, "My boat is called Walrus")
    async with embedding(store, tmp_path, embedder):
        await until_embedded(store)
        await asyncio.sleep(0.05)
        await store.embedding.queue([2 * turn.id])
        await until_embedded(store)

    assert len(embedder.texts) == 3
