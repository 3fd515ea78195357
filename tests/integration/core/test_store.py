"""The store keeps what it was given, once, in order."""

import asyncio
import contextlib
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from tests.tiers import damage_block, put_into
from vega.core.conversation import Outcome, TurnStatus
from vega.core.live_turns import LiveTurn, Signal
from vega.core.memory import Tier, TierTotal
from vega.core.store import Link, Store, Window
from vega.errors import DatabaseError, KeyReused, TurnEnded, TurnNotFound

HOUR = timedelta(hours=1)


def places(links: list[Link]) -> list[tuple[int, int, bool]]:
    return [(link.number, link.turn.id, link.is_answer) for link in links]


async def test_an_accepted_prompt_is_there_as_it_was_said(store: Store) -> None:
    turn, is_new = await store.accept_turn(new_turn("Grüß dich 😀\n\x01"))

    assert is_new
    assert (turn.id, turn.link, turn.status, turn.tier) == (1, 1, TurnStatus.PENDING, Tier.FULL)
    assert (turn.at, turn.zone, turn.origin) == (SOME_MOMENT, "Europe/Vienna", "api")
    assert turn.prompt == "Grüß dich 😀\n\x01"
    assert await store.turn(1) == turn


async def test_an_unknown_turn_is_not_found(store: Store) -> None:
    with pytest.raises(TurnNotFound, match="no turn 99"):
        await store.turn(99)
    with pytest.raises(TurnNotFound):
        await store.ask_again(99)
    with pytest.raises(TurnNotFound):
        await store.end_turn(99, completed(), (), SOME_MOMENT)


async def test_a_key_names_one_turn_however_often_it_is_sent(store: Store) -> None:
    first = await store.accept_turn(new_turn("Hello", key="k"))
    again = await asyncio.gather(*(store.accept_turn(new_turn("Hello", key="k")) for _ in range(5)))

    assert first[1]
    assert all((turn.id, is_new) == (first[0].id, False) for turn, is_new in again)
    assert await store.find_turn_of_key("k") == first[0]
    assert await store.find_turn_of_key("other") is None


async def test_a_key_used_for_another_prompt_is_refused_and_nothing_stored(store: Store) -> None:
    await store.accept_turn(new_turn("Hello", key="k"))

    with pytest.raises(KeyReused):
        await store.accept_turn(new_turn("Bye", key="k"))

    assert len(await store.history(10)) == 1
    assert store.newest_link == 1


async def test_a_turn_ends_once(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())
    await store.begin_attempt(turn.id, 1, "", SOME_MOMENT)
    outcome = completed("Hi!", model="m", place="p", prompt_tokens=5, completion_tokens=2)

    ended = await store.end_turn(turn.id, outcome, (), SOME_MOMENT + HOUR)
    with pytest.raises(TurnEnded):
        await store.end_turn(turn.id, completed("Other"), (), SOME_MOMENT)
    with pytest.raises(TurnEnded):
        await store.begin_attempt(turn.id, 2, "", SOME_MOMENT)

    assert await store.turn(turn.id) == ended
    assert ended.status is TurnStatus.COMPLETED
    assert ended.answer is not None
    assert (ended.response, ended.answer.model, ended.answer.place) == ("Hi!", "m", "p")
    assert (ended.answer.prompt_tokens, ended.answer.completion_tokens) == (5, 2)
    assert ended.answer.ended_at == SOME_MOMENT + HOUR


async def test_a_part_is_kept_only_for_the_writing_that_it_belongs_to(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())
    await store.begin_attempt(turn.id, 2, "", SOME_MOMENT)

    await store.save_part(turn.id, 1, "of an older writing")
    older = (await store.turn(turn.id)).response
    await store.save_part(turn.id, 2, "of this one")
    newer = (await store.turn(turn.id)).response
    await store.end_turn(turn.id, completed("whole", generation=2), (), SOME_MOMENT)
    await store.save_part(turn.id, 2, "too late")

    assert (older, newer) == ("", "of this one")
    assert (await store.turn(turn.id)).response == "whole"


async def test_a_second_attempt_goes_on_with_the_same_answer(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())
    await store.begin_attempt(turn.id, 1, "", SOME_MOMENT)

    await store.begin_attempt(turn.id, 2, "part", SOME_MOMENT)

    answer = (await store.turn(turn.id)).answer
    assert answer is not None
    assert (answer.number, answer.generation, answer.text) == (1, 2, "part")


async def test_a_turn_asked_again_gets_one_more_answer_and_the_first_stays(store: Store) -> None:
    turn = await tell(store, answer="first")

    waiting = await store.ask_again(turn.id)
    ended = await store.end_turn(turn.id, completed("second", generation=2), (), SOME_MOMENT)

    assert (waiting.status, waiting.attempts) == (TurnStatus.PENDING, 0)
    assert ended.answer is not None
    assert (ended.answer.number, ended.response) == (2, "second")
    links = await store.links_after(0, 10)
    assert places(links) == [(1, 1, False), (2, 1, True), (3, 1, True)]
    assert [link.turn.response for link in links[1:]] == ["first", "second"]
    texts = await store._db.read(
        lambda connection: [row[0] for row in connection.execute("SELECT text FROM answers")]
    )
    assert texts == ["first", "second"]


async def test_a_waiting_turn_that_is_asked_again_stays_as_it_is(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())

    assert await store.ask_again(turn.id) == turn


async def test_history_is_by_time_said_and_then_by_arrival(store: Store) -> None:
    late = await tell(store, "late", at=SOME_MOMENT + HOUR)
    early = await tell(store, "early", at=SOME_MOMENT - HOUR)
    middle = [await tell(store, f"middle {n}") for n in range(3)]

    newest = await store.history(2)
    rest = await store.history(10, before=(newest[-1].at, newest[-1].id))
    between = store.contexts.exchanges_between
    span = await between((early.at, early.id), (middle[2].at, middle[2].id), 10)

    assert [turn.id for turn in newest] == [late.id, middle[2].id]
    assert [turn.id for turn in rest] == [middle[1].id, middle[0].id, early.id]
    assert [one.turn_id for one in span] == [early.id, middle[0].id, middle[1].id]
    assert await store.history(10, before=(early.at, early.id)) == []
    assert len(await between((early.at, early.id), (late.at, late.id), 2)) == 2


async def test_links_tell_what_happened_in_its_order(store: Store) -> None:
    first, _ = await store.accept_turn(new_turn())
    second, _ = await store.accept_turn(new_turn())
    await store.end_turn(first.id, completed(), (), SOME_MOMENT)
    await store.end_turn(second.id, completed(), (), SOME_MOMENT)

    links = [(1, 1, False), (2, 2, False), (3, 1, True), (4, 2, True)]
    assert places(await store.links_after(0, 10)) == links
    assert places(await store.links_after(1, 2)) == links[1:3]
    assert await store.links_after(4, 10) == []
    assert store.newest_link == 4


async def test_tiers_are_counted_in_turns_and_utf8_bytes(store: Store) -> None:
    await tell(store, "é", "😀😀")
    await store.accept_turn(new_turn("abc"))

    totals = await store.tier_totals()

    full = TierTotal(turns=2, bytes=2 + 8 + 3, active_bytes=2 + 8 + 3, entered=2)
    assert totals[Tier.FULL] == full
    assert totals[Tier.COMPRESSED] == totals[Tier.ARCHIVED] == TierTotal(0, 0)


async def test_an_answer_names_the_turns_that_it_rests_on(store: Store) -> None:
    told = await tell(store, at=SOME_MOMENT - HOUR)
    turn, _ = await store.accept_turn(new_turn())

    ended = await store.end_turn(
        turn.id, completed(sources=(told.id, told.id, 999)), (), SOME_MOMENT
    )

    assert ended.answer is not None
    assert [(source.turn_id, source.at) for source in ended.answer.sources] == [(told.id, told.at)]


async def test_the_window_of_the_context_is_kept(store: Store) -> None:
    assert await store.find_window() is None

    await store.set_window(Window("one", SOME_MOMENT, 1))
    await store.set_window(Window("two", SOME_MOMENT + HOUR, 2))

    assert await store.find_window() == Window("two", SOME_MOMENT + HOUR, 2)


async def test_what_was_being_answered_is_taken_up_again_in_order(store: Store) -> None:
    turns = [(await store.accept_turn(new_turn(f"{n}")))[0] for n in range(3)]
    await tell(store)
    await store.begin_attempt(turns[1].id, 1, "", SOME_MOMENT)
    await store.save_part(turns[1].id, 1, "half an ans")

    waiting = await store.take_up_turns()

    assert [turn.id for turn in waiting] == [turn.id for turn in turns]
    assert [turn.interruptions for turn in waiting] == [0, 1, 0]
    assert {turn.status for turn in waiting} == {TurnStatus.PENDING}
    assert waiting[1].response == "half an ans"


async def test_progress_forgives_interruptions(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())
    for _ in range(3):
        await store.begin_attempt(turn.id, 1, "", SOME_MOMENT)
        await store.take_up_turns()
    counted = (await store.turn(turn.id)).interruptions

    await store.begin_attempt(turn.id, 1, "", SOME_MOMENT)
    await store.save_part(turn.id, 1, "further")

    assert (counted, (await store.turn(turn.id)).interruptions) == (3, 0)


async def test_failed_attempts_are_counted(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())
    await store.begin_attempt(turn.id, 1, "", SOME_MOMENT)

    counts = [await store.count_failed_attempt(turn.id) for _ in range(2)]

    assert counts == [1, 2]
    assert (await store.turn(turn.id)).status is TurnStatus.PENDING


async def test_a_late_failure_does_not_wake_an_ended_turn(store: Store) -> None:
    turn = await tell(store)

    with contextlib.suppress(TurnEnded):
        await store.count_failed_attempt(turn.id)

    assert (await store.turn(turn.id)).status is TurnStatus.COMPLETED
    assert await store.take_up_turns() == []


async def test_a_sound_store_is_writable(store: Store) -> None:
    await store.check_writable()


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    turn = await tell(store)
    open_turn, _ = await store.accept_turn(new_turn(key="k"))
    await store.close()

    again = await Store.open(tmp_path)

    assert await again.turn(turn.id) == turn
    assert await again.find_turn_of_key("k") == open_turn
    assert (again.session_id, again.newest_link) == (store.session_id, 3)
    assert again.attention == []
    await again.close()


async def test_a_lost_tail_is_told_at_every_start(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await tell(store, "kept")
    await store.close()
    older = (tmp_path / "vega.db").read_bytes()
    store = await Store.open(tmp_path)
    await tell(store, "lost")
    await store.close()
    (tmp_path / "vega.db").write_bytes(older)

    for _ in range(2):
        store = await Store.open(tmp_path)
        assert "entry 4" in store.attention[0]
        assert "end at 2" in store.attention[0]
        await store.close()


async def test_a_newest_entry_in_a_damaged_block_is_not_a_lost_one(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    turn = await tell(store)
    await put_into(store, Tier.ARCHIVED, [turn.id])
    await damage_block(store, turn.id)
    await store.close()

    again = await Store.open(tmp_path)

    assert again.attention == []
    await again.close()


async def test_another_history_of_the_same_length_is_seen(tmp_path: Path) -> None:
    store = await Store.open(tmp_path)
    await tell(store)
    await store.close()
    head = (tmp_path / "vega.head").read_text()
    (tmp_path / "vega.head").write_text(head.replace('"hash": "', '"hash": "00'))

    store = await Store.open(tmp_path)

    assert len(store.attention) == 1
    await store.close()


async def test_a_stopped_turn_that_never_began_has_an_empty_answer(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())

    ended = await store.end_turn(turn.id, Outcome(TurnStatus.STOPPED, ""), (), SOME_MOMENT)

    assert ended.status is TurnStatus.STOPPED
    assert ended.answer is not None
    assert ended.answer.number == 1


async def test_a_stored_prompt_is_accepted_though_the_head_file_cannot_be_written(
    tmp_path: Path,
) -> None:
    store = await Store.open(tmp_path)
    (tmp_path / "vega.head").unlink()
    (tmp_path / "vega.head").mkdir()

    turn, is_new = await store.accept_turn(new_turn())

    assert is_new
    assert store.newest_link == turn.link
    await store.close()


async def test_no_generation_is_given_twice_though_an_answer_in_between_failed(
    store: Store,
) -> None:
    """Else a reader that holds the failed text is sent the end of another one behind it."""
    turn = await tell(store)
    await store.ask_again(turn.id)
    failed = Outcome(TurnStatus.FAILED, "half", generation=4, reason="no")
    await store.end_turn(turn.id, failed, (), SOME_MOMENT)

    again = await store.ask_again(turn.id)

    assert again.response == turn.response
    assert again.last_generation == 4
    assert LiveTurn(again, Signal()).generation == 5


async def test_stopped_before_its_first_word_the_earlier_answer_is_still_shown(
    store: Store,
) -> None:
    turn = await tell(store, answer="Good.")
    await store.ask_again(turn.id)

    shown = await store.end_turn(turn.id, Outcome(TurnStatus.STOPPED, ""), (), SOME_MOMENT)

    assert (shown.status, shown.response) == (TurnStatus.COMPLETED, "Good.")


@pytest.mark.parametrize("replacement", [None, b"another file"])
async def test_nothing_is_accepted_once_the_file_was_removed_or_replaced(
    tmp_path: Path, replacement: bytes | None
) -> None:
    store = await Store.open(tmp_path)
    (tmp_path / "vega.db").rename(tmp_path / "moved")
    if replacement is not None:
        (tmp_path / "vega.db").write_bytes(replacement)

    with pytest.raises(DatabaseError, match="while Vega runs"):
        await store.accept_turn(new_turn())
    with pytest.raises(DatabaseError, match="while Vega runs"):
        await store.check_writable()

    (tmp_path / "moved").replace(tmp_path / "vega.db")
    await store.accept_turn(new_turn())
    await store.close()


async def test_of_a_turn_asked_again_the_newest_good_answer_is_exchanged(store: Store) -> None:
    turn = await tell(store, answer="First.")
    for text, status in (("Second.", TurnStatus.COMPLETED), ("half", TurnStatus.FAILED)):
        await store.ask_again(turn.id)
        await store.end_turn(turn.id, Outcome(status, text), (), SOME_MOMENT)
    later = (SOME_MOMENT + HOUR, 0)

    before = await store.contexts.exchanges_before(later, 10)
    between = await store.contexts.exchanges_between((turn.at, turn.id), later, 10)

    assert [one.response for one in before] == [one.response for one in between] == ["Second."]
