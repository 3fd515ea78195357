"""What the past says to a question, over a real life in every tier."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.clocks import FakeClock
from tests.embedders import WordEmbedder, vector_of
from tests.lives import completed, new_turn, tell
from tests.tiers import damage_block, put_into
from vega.core.conversation import NewTurn
from vega.core.importing import Line, Role
from vega.core.life.vectors import VectorRecord, Vectors
from vega.core.memory import Tier
from vega.core.recall.passages import pieces
from vega.core.recall.recall import Recall
from vega.core.recall.relevance import is_about
from vega.core.recollection import Recollection
from vega.core.store import Store

VIENNA = "Europe/Vienna"
#: A Wednesday, noon in Vienna.
NOW = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def recall(store: Store) -> AsyncIterator[Recall]:
    """By words and time alone."""
    made = Recall(store, None, None, day_first=True)
    yield made
    made.close()


async def find(recall: Recall, question: str, **more: object) -> Recollection:
    return await recall.find(question, **{"now": NOW, "zone": VIENNA, **more})  # type: ignore[arg-type]


def said(found: Recollection) -> list[str]:
    return [item.found.text for item in found.items]


async def tell_days(store: Store) -> None:
    """Some talk of two days before, of yesterday and of this morning."""
    for at, prompt, answer in (
        (NOW - timedelta(days=2), "The garden needs water.", "Water it in the evening."),
        (YESTERDAY, "I plan a project about bees.", "A project about bees is a fine idea."),
        (YESTERDAY + timedelta(hours=1), "How much is a hive?", "Some 200 euros."),
        (NOW - timedelta(hours=2), "Is it going to rain?", "It is not."),
    ):
        await tell(store, prompt, answer, at=at)


@pytest.mark.parametrize("tier", list(Tier))
async def test_the_owners_words_are_found_before_their_answer_in_every_tier(
    store: Store, recall: Recall, tier: Tier
) -> None:
    await tell_days(store)
    await put_into(store, tier, [1, 2, 3, 4])

    found = await find(recall, "What was it about the bees?")

    assert said(found)[:2] == [
        "I plan a project about bees.",
        "A project about bees is a fine idea.",
    ]
    assert {item.found.tier for item in found.items} == {tier}
    assert is_about("What was it about the bees?", found.items[0])


@pytest.mark.parametrize("tier", list(Tier))
async def test_a_question_of_time_alone_gives_that_time_in_its_order(
    store: Store, recall: Recall, tier: Tier
) -> None:
    await tell_days(store)
    await put_into(store, tier, [1, 2, 3, 4])

    found = await find(recall, "What did we talk about yesterday?")

    assert found.is_by_time_alone
    assert said(found) == [
        "I plan a project about bees.",
        "A project about bees is a fine idea.",
        "How much is a hive?",
        "Some 200 euros.",
    ]
    assert found.window is not None
    assert found.window.start == datetime(2026, 11, 23, 23, tzinfo=UTC)
    assert found.window.end == datetime(2026, 11, 24, 23, tzinfo=UTC)


async def test_of_a_time_in_which_nothing_was_said_there_is_nothing(
    store: Store, recall: Recall
) -> None:
    await tell_days(store)

    found = await find(recall, "What did I ask you last March?")

    assert found.is_by_time_alone
    assert found.window is not None
    assert found.items == ()


async def test_what_was_said_of_a_subject_then_comes_first(store: Store, recall: Recall) -> None:
    await tell(store, "The project of the bees grows.", at=NOW - timedelta(days=5))
    await tell_days(store)
    await tell(store, "The bees project again, the bees project!", at=NOW - timedelta(hours=1))

    found = await find(recall, "Remind me about that bees project we discussed yesterday")

    assert not found.is_by_time_alone
    assert said(found)[0] == "I plan a project about bees."
    assert "The project of the bees grows." in said(found)


async def test_where_nothing_of_that_time_fits_the_rest_is_still_found(
    store: Store, recall: Recall
) -> None:
    await tell_days(store)

    found = await find(recall, "What did I say about the garden yesterday?")

    assert found.window is not None
    assert "The garden needs water." in said(found)[:2]


async def test_a_time_to_come_is_no_time_in_which_something_was_said(
    store: Store, recall: Recall
) -> None:
    await tell(store, "The dentist is on Friday at ten.", at=YESTERDAY)
    await tell_days(store)

    found = await find(recall, "What is there next Friday, the dentist?")

    assert said(found)[0] == "The dentist is on Friday at ten."


async def test_the_day_is_that_of_the_zone_that_the_owner_had_then(
    store: Store, recall: Recall
) -> None:
    """Yesterday they were in Tokyo, where that evening was this morning's small hours in Vienna."""
    tokyo_evening = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
    new = NewTurn(prompt="Good night from Tokyo.", at=tokyo_evening, zone="Asia/Tokyo")
    turn, _ = await store.accept_turn(new)
    await store.end_turn(turn.id, completed("Sleep well."), (), tokyo_evening)
    await tell(store, "Just landed.", at=NOW - timedelta(hours=3))

    found = await find(recall, "What did I say yesterday evening?")

    assert found.window is not None
    assert found.window.end <= datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
    assert said(found)[0] == "Good night from Tokyo."


async def test_a_window_is_hung_on_the_turn_that_a_phrase_means(
    store: Store, recall: Recall
) -> None:
    await tell(store, "We bought a tent.", at=NOW - timedelta(days=40))
    await tell(store, "My trip to Crete begins today!", at=NOW - timedelta(days=30))
    await tell(store, "The tent leaks.", at=NOW - timedelta(days=20))

    found = await find(recall, "What did I tell you about the tent before my trip to Crete?")

    assert found.window is not None
    assert found.window.end == NOW - timedelta(days=30)
    assert said(found)[0] == "We bought a tent."


async def test_when_we_first_talked_is_the_day_of_the_first_turn(
    store: Store, recall: Recall
) -> None:
    await tell_days(store)

    found = await find(recall, "What did we talk about when we first talked?")

    assert said(found) == ["The garden needs water.", "Water it in the evening."]


async def test_neither_the_turn_that_asks_nor_what_is_later_is_found(
    store: Store, recall: Recall
) -> None:
    await tell_days(store)
    asking, _ = await store.accept_turn(new_turn("What about the bees?", at=NOW))
    await tell(store, "The bees are gone.", at=NOW + timedelta(hours=1))

    found = await find(recall, "What about the bees?", before=(asking.at, asking.id))
    by_time = await find(recall, "What did I say today?", before=(asking.at, asking.id))

    assert said(found)[0] == "I plan a project about bees."
    assert {item.found.turn_id for item in found.items} <= {1, 2, 3, 4}
    assert said(by_time) == ["Is it going to rain?", "It is not."]


async def test_the_same_question_asked_before_comes_behind_what_answers_it(
    store: Store, recall: Recall
) -> None:
    await tell(store, "The red bees of Malta", at=NOW - timedelta(days=3))
    for days in (2, 1):
        at = NOW - timedelta(days=days)
        await tell(store, "Which bees are red?", "I have no record of that.", at=at)

    found = await find(recall, "Which bees are red?")

    assert said(found)[0] == "The red bees of Malta"


async def test_what_is_no_talk_of_the_owners_comes_last(store: Store, recall: Recall) -> None:
    new = NewTurn(prompt="Lamp lamp lamp on", at=YESTERDAY, zone=VIENNA, origin="home")
    turn, _ = await store.accept_turn(new)
    await store.end_turn(turn.id, completed("Lamp on."), (), YESTERDAY)
    await tell(store, "The lamp in the hall is broken.", at=NOW - timedelta(days=9))
    await put_into(store, Tier.ARCHIVED, [turn.id])

    found = await find(recall, "lamp")
    by_time = await find(recall, "What did we talk about yesterday?")

    assert said(found)[0] == "The lamp in the hall is broken."
    assert set(said(found)[-2:]) == {"Lamp lamp lamp on", "Lamp on."}
    assert by_time.items == ()


async def test_who_is_named_is_meant_and_else_the_owner(store: Store, recall: Recall) -> None:
    lines = (
        ("user", "Jon", "I dance every day."),
        ("assistant", "Gina", "I dance on Sundays."),
    )
    await import_lines(store, *lines)

    of_gina = await find(recall, "When does Gina dance?")
    of_anybody = await find(recall, "Who likes to dance?")

    assert of_gina.items[0].found.role is Role.ASSISTANT
    assert of_anybody.items[0].found.role is Role.USER


async def test_by_meaning_a_message_is_found_that_shares_no_word(
    store: Store, tmp_path: Path
) -> None:
    await tell_days(store)
    embedder = WordEmbedder()
    vectors = Vectors.open(tmp_path, embedder.name, embedder.dimension, store.session_id)
    texts = {2: "garden", 4: "bees honey insects", 6: "hive", 8: "rain"}
    vectors.add([VectorRecord(id_, 0, 20000, vector_of(text)) for id_, text in texts.items()])
    recall = Recall(store, embedder, vectors, day_first=True)

    found = await find(recall, "honey insects")

    assert said(found)[0] == "I plan a project about bees."
    assert found.items[0].likeness is not None
    recall.close()
    vectors.close()


@pytest.mark.parametrize("trouble", ["loading", "failing", "hanging"])
async def test_without_its_meaning_a_question_is_answered_by_its_words_and_soon(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr("vega.core.recall.meaning.EMBEDDING_SECONDS", 0.05)
    await tell_days(store)
    embedder = WordEmbedder()
    vectors = Vectors.open(tmp_path, embedder.name, embedder.dimension, store.session_id)
    recall = Recall(store, embedder, vectors, day_first=True)
    if trouble == "loading":
        monkeypatch.setattr(WordEmbedder, "is_available", False)
    elif trouble == "failing":
        monkeypatch.setattr(WordEmbedder, "is_available", True)
        embedder.failures = 1
    else:
        embedder.may_answer.clear()

    found = await find(recall, "What was it about the bees?")

    assert said(found)[0] == "I plan a project about bees."
    assert found.items[0].likeness is None
    assert len(embedder.texts) == (trouble != "loading")
    recall.close()
    vectors.close()


async def test_a_message_that_waits_for_its_vector_is_found_by_its_words(
    store: Store, tmp_path: Path
) -> None:
    await tell_days(store)
    embedder = WordEmbedder()
    vectors = Vectors.open(tmp_path, embedder.name, embedder.dimension, store.session_id)
    vectors.add([VectorRecord(id_, 0, 20000, vector_of(f"{id_}")) for id_ in (2, 3, 8)])
    recall = Recall(store, embedder, vectors, day_first=True)

    found = await find(recall, "bees project plan")

    assert said(found)[0] == "I plan a project about bees."
    recall.close()
    vectors.close()


async def test_the_passage_that_fits_is_shown_of_a_long_message(
    store: Store, tmp_path: Path
) -> None:
    long = " ".join(
        f"Part {number} tells of nothing at all, at some length." for number in range(150)
    )
    long = f"{long} The treasure lies under the old oak, said the map that he had found there."
    await tell(store, long, at=YESTERDAY)
    embedder = WordEmbedder()
    vectors = Vectors.open(tmp_path, embedder.name, embedder.dimension, store.session_id)
    records = [
        VectorRecord(2, number, 20000, vector_of(long[piece.start : piece.end]))
        for number, piece in enumerate(pieces(long))
    ]
    vectors.add([*records, VectorRecord(3, 0, 20000, vector_of("hello"))])
    recall = Recall(store, embedder, vectors, day_first=True)

    found = await find(recall, "where does the treasure lie, under the old oak?")

    shown = found.items[0].text
    assert shown.startswith(long[:800])
    assert "The treasure lies under the old oak" in shown
    assert len(shown) < len(long)
    recall.close()
    vectors.close()


async def test_a_damaged_block_keeps_only_its_own_turns_away(store: Store, recall: Recall) -> None:
    await tell_days(store)
    await put_into(store, Tier.ARCHIVED, [2])
    await damage_block(store, 2)

    found = await find(recall, "Is there a hive for the bees, and rain?")

    assert "How much is a hive?" in said(found)
    assert all(item.found.turn_id != 2 for item in found.items)


async def test_without_an_index_a_question_of_time_is_answered_all_the_same(
    store: Store, recall: Recall
) -> None:
    await tell_days(store)
    await store._db.write(lambda connection: connection.execute("DROP TABLE message_index"))

    by_time = await find(recall, "What did we talk about yesterday?")
    by_words = await find(recall, "bees")

    assert len(by_time.items) == 4
    assert by_words.items == ()


async def test_the_index_forgets_a_word_that_a_message_has_no_more(
    store: Store, recall: Recall
) -> None:
    await tell(store, "The heron stands still.", at=YESTERDAY)
    await store._db.write(
        lambda connection: connection.execute("DELETE FROM message_index WHERE rowid = 2")
    )

    assert "The heron stands still." not in said(await find(recall, "heron"))


async def import_lines(store: Store, *lines: tuple[str, str, str]) -> None:
    """One request, by who said what under which name."""
    fields = ("external_id", "role", "name", "text", "at")
    rows = [
        json.dumps(dict(zip(fields, (str(number), *line, "2026-10-01T10:00:00Z"), strict=True)))
        for number, line in enumerate(lines, start=1)
    ]
    taken = [Line(number, row.encode()) for number, row in enumerate(rows, start=1)]
    await store.imports.take(taken, FakeClock(NOW))
