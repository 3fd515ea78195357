"""Vectors that are lost are made again, those of what was forgotten go, and one text that no model
can take keeps no other waiting."""

import os
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.embedded_lives import alike, embedding, until_embedded
from tests.embedders import WordEmbedder, vector_of
from tests.lives import tell, until
from tests.tiers import put_into
from vega.core import indexing
from vega.core.life.forget_plan import ForgetTarget
from vega.core.life.vectors import VectorRecord, Vectors
from vega.core.memory import Tier
from vega.core.store import Store


@pytest.fixture
def embedder() -> WordEmbedder:
    return WordEmbedder()


@pytest.mark.parametrize("what", ["removed", "garbage", "another model"])
async def test_files_that_are_lost_are_made_again(
    store: Store, tmp_path: Path, embedder: WordEmbedder, what: str
) -> None:
    turn = await tell(store, "My boat is called Walrus")
    async with embedding(store, tmp_path, embedder):
        await until_embedded(store)
    for path in (tmp_path / "index").iterdir():
        if what == "removed":
            path.unlink()
        elif what == "garbage":
            path.write_bytes(b"\x00" * 10_000)
    if what == "another model":
        embedder.name = "words 2"
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until(lambda: vectors.count == 2)

        assert 2 * turn.id in alike(vectors, "boat called Walrus")
        assert not vectors.needs_rebuild


async def test_a_flipped_bit_is_mended_at_the_next_start(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    turn = await tell(store, "My boat is called Walrus", "Yes.")
    async with embedding(store, tmp_path, embedder):
        await until_embedded(store)
    path = tmp_path / "index" / "vectors.codes"
    content = bytearray(path.read_bytes())
    content[4096 + 30] ^= 1
    path.write_bytes(content)
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until(lambda: len(embedder.texts) == 3)
        await until_embedded(store)

        assert sorted(vectors.search(vector_of("boat"), 9).message_ids) == [
            2 * turn.id,
            2 * turn.id + 1,
        ]


async def test_vectors_of_turns_that_the_life_does_not_have_are_dropped(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    turn = await tell(store, "My boat is called Walrus")
    vectors = Vectors.open(tmp_path, embedder.name, embedder.dimension, store.session_id)
    vectors.add([VectorRecord(1000, 0, 0, vector_of("of a later life"))])
    vectors.note_queued()
    vectors.close()
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until(lambda: vectors.count == 2)

        assert alike(vectors, "of a later life") == []
        assert 2 * turn.id in alike(vectors, "boat called Walrus")


async def test_what_is_forgotten_while_it_is_embedded_leaves_no_vector(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    turn = await tell(store, "My boat is called Walrus")
    embedder.may_answer.clear()
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until(lambda: embedder.texts)
        vectors.remove([2 * turn.id])
        embedder.may_answer.set()
        await until_embedded(store)

        assert vectors.search(vector_of("boat"), 10).message_ids.tolist() == [2 * turn.id + 1]


@pytest.mark.parametrize("is_archived", [False, True])
async def test_what_is_forgotten_is_not_embedded_again(
    store: Store, tmp_path: Path, embedder: WordEmbedder, *, is_archived: bool
) -> None:
    turn = await tell(store, "My boat is called Walrus")
    if is_archived:
        await put_into(store, Tier.ARCHIVED, [turn.id])
    plan = await store.forgetting.plan(ForgetTarget(turn_id=turn.id))
    await store.forgetting.begin(plan, SOME_MOMENT)
    # Before its text is erased.
    await store.embedding.queue_all()
    await store.embedding.queue([2 * turn.id])
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until_embedded(store)

        assert vectors.count == 0
    assert embedder.texts == []


@pytest.mark.parametrize("name", ["vectors.codes", "vectors.planes"])
async def test_vectors_that_were_cut_off_are_made_again(
    store: Store, tmp_path: Path, embedder: WordEmbedder, name: str
) -> None:
    for number in range(5):
        await tell(store, f"prompt{number}", f"answer{number}")
    async with embedding(store, tmp_path, embedder):
        await until_embedded(store)
    path = tmp_path / "index" / name
    os.truncate(path, 4096 + (path.stat().st_size - 4096) // 2)
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until(lambda: vectors.message_count == 10)

    assert len(embedder.texts) == 15


async def test_vectors_of_what_was_forgotten_meanwhile_are_removed(
    store: Store, tmp_path: Path, embedder: WordEmbedder
) -> None:
    turn = await tell(store, "My boat is called Walrus")
    other = await tell(store, "My cat is called Tusk", "Lovely.")
    async with embedding(store, tmp_path, embedder):
        await until_embedded(store)
    # As where the files of an older copy were put back.
    plan = await store.forgetting.plan(ForgetTarget(turn_id=turn.id))
    await store.forgetting.begin(plan, SOME_MOMENT)
    await store.forgetting.erase_texts([turn.id])
    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until(lambda: vectors.message_count == 2)

        found = vectors.search(vector_of("called"), 10).message_ids.tolist()
        assert sorted(found) == [2 * other.id, 2 * other.id + 1]


async def test_a_text_with_which_the_model_fails_keeps_no_other_waiting(
    store: Store, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(indexing, "LEFT_SECONDS", 0.5)
    await tell(store, "One", "An answer")
    bad = await tell(store, "Poison", "Another answer")
    await tell(store, "Two", "A third answer")
    embedder.poison = "Poison"
    async with embedding(store, tmp_path, embedder) as (indexer, vectors):
        await until(lambda: vectors.message_count == 5)
        await until(lambda: indexer._trouble is not None)
        report = await indexer.report()
        assert (report.pending, report.embedded) == (1, 5)
        assert "fails with some messages" in (report.trouble or "")

        embedder.poison = None
        await until(lambda: vectors.message_count == 6)
        assert 2 * bad.id in alike(vectors, "Poison")


async def test_after_a_sync_that_failed_the_files_are_not_trusted_and_all_is_made_again(
    store: Store, tmp_path: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the files that could not be synced nobody knows what is on the disk, however often they
    are synced afterwards."""
    turn = await tell(store, "My boat is called Walrus")
    sync, failed = os.fsync, list[int]()

    def fsync(file: int) -> None:
        codes = tmp_path / "index" / "vectors.codes"
        if not failed and os.fstat(file).st_ino == codes.stat().st_ino:
            failed.append(file)
            raise OSError(5, "Input/output error")
        sync(file)

    async with embedding(store, tmp_path, embedder) as (_, vectors):
        await until_embedded(store)
        before = (tmp_path / "index" / "vectors.codes").stat().st_ino
        monkeypatch.setattr(os, "fsync", fsync)
        other = await tell(store, "My cat is called Tom")
        await until(lambda: vectors.count == 4)
        await until_embedded(store)

        assert failed
        assert (tmp_path / "index" / "vectors.codes").stat().st_ino != before
        assert {2 * turn.id, 2 * other.id} <= set(alike(vectors, "boat called Walrus cat Tom"))
        assert not vectors.needs_rebuild
