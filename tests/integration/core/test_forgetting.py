"""What is forgotten is gone from every place that held it, and the life is whole without it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.clocks import SOME_MOMENT
from tests.forgetting_homes import (
    TODAY,
    WORD,
    Home,
    at_home,
    has_vector,
    tell_secret,
)
from tests.lives import completed, new_turn, tell
from tests.tiers import put_into
from tests.traces import files_with, traces
from vega.core.conversation import EventKind, TurnEvent
from vega.core.importing import Line
from vega.core.memory import DigestKind, Tier
from vega.core.search import parse_query
from vega.core.telling.periods import Due, period_of
from vega.errors import (
    TurnForgotten,
)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with at_home(tmp_path) as opened:
        yield opened


ROWS_OF = {
    Tier.FULL: {"turns", "answers"},
    Tier.COMPRESSED: {"turns", "blocks"},
    Tier.ARCHIVED: {"blocks"},
}


@pytest.mark.parametrize("tier", Tier)
async def test_a_word_that_is_found_in_each_place_is_then_found_nowhere(
    home: Home, tier: Tier
) -> None:
    turn = await tell_secret(home)
    await put_into(home.store, tier, [turn.id - 1, turn.id, turn.id + 1])
    before = traces(home.path, WORD)
    assert before >= ROWS_OF[tier] | {"facts", "digests", "context_window", "terms", "segments"}
    assert before >= {"vega.db-wal", "cache/model-4096-1.cache", "cache/1234.part"}
    assert has_vector(home.vectors, 2 * turn.id)

    report = await home.forget(turn_id=turn.id)

    assert traces(home.path, WORD) == set()
    assert files_with(home.path, WORD.casefold().encode()) == set()
    assert not has_vector(home.vectors, 2 * turn.id)
    assert not has_vector(home.vectors, 2 * turn.id + 1)
    assert has_vector(home.vectors, 2)
    assert report.left == ()
    assert not report.is_rewritten
    assert report.facts == 1
    assert report.digests == 4
    assert await home.store.forgetting.pending() == []


@pytest.mark.parametrize("tier", Tier)
async def test_a_life_holds_without_it_and_all_others_are_as_they_were(
    home: Home, tier: Tier
) -> None:
    turn = await tell_secret(home)
    neighbours = [turn.id - 1, turn.id + 1]
    await put_into(home.store, tier, [turn.id - 1, turn.id, turn.id + 1])
    others = [each for each in range(1, 18) if each != turn.id]
    before = await home.originals(others)
    [whole] = await home.originals([turn.id])
    totals = await home.store.tier_totals()

    await home.forget(turn_id=turn.id)

    assert await home.flaws() == []
    assert await home.originals(others) == before
    assert [each.id for each in await home.originals(neighbours)] == neighbours
    [left] = await home.originals([turn.id])
    assert left == whole.tombstone()
    assert (left.link, left.hash, left.at) == (whole.link, whole.hash, whole.at)
    after = await home.store.tier_totals()
    assert after[tier].bytes == totals[tier].bytes - whole.text_bytes
    assert after[tier].turns == totals[tier].turns


async def test_a_forgotten_turn_is_shown_as_what_it_is_and_goes_on_through_the_tiers(
    home: Home,
) -> None:
    turn = await tell_secret(home)
    await home.forget(turn_id=turn.id)

    for tier in Tier:
        await put_into(home.store, tier, [turn.id] if tier is Tier.ARCHIVED else [])
        shown = await home.store.turn(turn.id)

        assert (shown.prompt, shown.response, shown.device) == ("", "", None)
        assert shown.forgotten_at == home.clock.now()
        assert await home.flaws() == []
    assert (await home.store.turn(turn.id)).tier is Tier.ARCHIVED


async def test_it_is_found_by_nothing_any_more(home: Home) -> None:
    turn = await tell_secret(home)
    end = (SOME_MOMENT + timedelta(days=1), 10**6)

    await home.forget(turn_id=turn.id)

    assert await home.store.search.find(parse_query(WORD), 10) == []
    exchanges = await home.store.contexts.exchanges_before(end, 100)
    assert turn.id not in [each.turn_id for each in exchanges]
    assert turn.id not in [link.turn.id for link in await home.store.links_after(0, 200)]
    assert await home.store.facts.find("favorite secret") is None
    assert turn.id not in await home.store.digests.turns_of_day(TODAY, 100)
    assert await home.store.find_window() is None


async def test_its_digests_are_due_again_and_a_day_without_turns_is_none(home: Home) -> None:
    await tell(home.store, f"only {WORD}", "yes")
    day = Due(period_of(DigestKind.DAY, TODAY), 1)
    await home.store.digests.put(day, WORD, None, (1, 1), SOME_MOMENT)

    await home.forget(turn_id=1)

    assert await home.store.digests.due(TODAY + timedelta(days=800)) == []
    await tell(home.store, "another", "one")
    due = await home.store.digests.due(TODAY + timedelta(days=1))
    assert day in due


async def test_it_is_not_asked_again_nor_said_again_under_its_key(home: Home) -> None:
    turn, _ = await home.store.accept_turn(new_turn(WORD, key="some key"))
    await home.store.end_turn(turn.id, completed(), (), SOME_MOMENT)
    await home.forget(turn_id=turn.id)

    with pytest.raises(TurnForgotten):
        await home.store.ask_again(turn.id)
    with pytest.raises(TurnForgotten):
        await home.store.accept_turn(new_turn(WORD, key="some key"))
    with pytest.raises(TurnForgotten):
        await home.forget(turn_id=turn.id)
    with pytest.raises(TurnForgotten):
        await home.live_turns.follow(turn.id, None)


async def test_those_who_read_along_are_told(home: Home) -> None:
    turn = await tell_secret(home)
    events = home.live_turns.follow_life(None)
    first: asyncio.Task[TurnEvent] = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0.01)

    await home.forget(turn_id=turn.id)

    async with asyncio.timeout(5):
        event = await first
    assert (event.kind, event.turn_id) == (EventKind.FORGOTTEN, turn.id)
    await events.aclose()
    # Who comes back may hold it still.
    back = home.live_turns.follow_life("3")
    event = await anext(back)
    assert (event.kind, event.turn_id, event.id) == (EventKind.FORGOTTEN, turn.id, "3")
    await back.aclose()


async def test_a_second_answer_of_a_forgotten_turn_is_gone_like_the_first(home: Home) -> None:
    turn = await tell_secret(home)
    again = await home.store.ask_again(turn.id)
    outcome = replace(completed(f"{WORD} again"), sources=(1,), reason=f"note {WORD}")
    await home.store.end_turn(again.id, outcome, (), SOME_MOMENT)

    await home.forget(turn_id=turn.id)

    assert traces(home.path, WORD) == set()
    assert await home.flaws() == []


def line(number: int, external_id: str, role: str, text: str, name: str = "Ann") -> Line:
    at = (SOME_MOMENT + timedelta(minutes=number)).isoformat()
    message = {"external_id": external_id, "role": role, "name": name, "text": text, "at": at}
    import json

    return Line(number, json.dumps(message).encode())


async def test_what_was_imported_and_forgotten_does_not_come_back(home: Home) -> None:
    lines = [
        line(1, "a", "user", f"I am {WORD}", name=f"Name {WORD}"),
        line(2, "b", "assistant", f"Hello {WORD}"),
        line(3, "c", "user", "and this stays"),
    ]
    await home.store.imports.take(lines, home.clock)
    await home.forget(turn_id=1)

    again = await home.store.imports.take(lines, home.clock)

    assert (again.imported, again.skipped, again.failed) == (0, 3, ())
    assert traces(home.path, WORD) == set()
    assert await home.flaws() == []


async def test_an_answer_that_is_imported_later_is_none_to_a_forgotten_prompt(home: Home) -> None:
    await home.store.imports.take([line(1, "a", "user", WORD)], home.clock)
    await home.forget(turn_id=1)

    await home.store.imports.take([line(2, "b", "assistant", "an answer")], home.clock)

    assert (await home.store.turn(1)).response == ""
    assert (await home.store.turn(2)).response == "an answer"
