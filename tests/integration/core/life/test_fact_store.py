"""Facts as they are asked for: what holds, what held then, what it was before, what is wished."""

from datetime import timedelta

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import tell
from vega.core.memory import FactKind, Statement
from vega.core.store import Store, Window
from vega.errors import FactNotFound

HOUR = timedelta(hours=1)


def color(value: str) -> Statement:
    return Statement("favorite color", value, FactKind.FAVORITE)


def like(value: str) -> Statement:
    return Statement("like", value, FactKind.LIKE, is_one_of_many=True)


def wish(value: str) -> Statement:
    return Statement("wish", value, FactKind.WISH, is_one_of_many=True)


async def test_what_held_at_a_moment_and_before_is_known(store: Store) -> None:
    for hours, value in enumerate(("blue", "green")):
        await tell(store, facts=[color(value)], at=SOME_MOMENT + 2 * hours * HOUR)

    async def held(hours: float) -> str | None:
        fact = await store.facts.held_at("favorite color", SOME_MOMENT + hours * HOUR)
        return fact.value if fact else None

    assert [await held(hours) for hours in (-1, 0, 1, 2, 99)] == [
        None,
        "blue",
        "blue",
        "green",
        "green",
    ]
    assert [fact.value for fact in await store.facts.history("favorite color")] == ["blue", "green"]


async def test_of_many_values_each_held_in_its_time(store: Store) -> None:
    await tell(store, facts=[like("tea"), like("rain")])
    over = Statement("like", "tea", FactKind.LIKE, is_one_of_many=True, is_over=True)
    await tell(store, facts=[over], at=SOME_MOMENT + 2 * HOUR)

    then = await store.facts.all_held_at("like", SOME_MOMENT + HOUR)
    now = await store.facts.all_held_at("like", SOME_MOMENT + 3 * HOUR)

    assert {fact.value for fact in then} == {"tea", "rain"}
    assert [fact.value for fact in now] == ["rain"]
    assert [fact.value for fact in await store.facts.history("like")] == ["tea", "rain"]


async def test_what_was_put_right_never_held(store: Store) -> None:
    await tell(store, facts=[color("blue")])
    fact = await store.facts.find("favorite color")
    assert fact is not None

    right = await store.facts.correct(fact.id, "navy", SOME_MOMENT + 5 * HOUR)

    held = await store.facts.held_at("favorite color", SOME_MOMENT + HOUR)
    assert held == right
    assert await store.facts.history("favorite color") == [right]
    assert [each.value for each in await store.facts.trail(right)] == ["blue", "navy"]
    assert (right.turn_id, right.held_from, right.model) == (fact.turn_id, fact.held_from, None)


async def test_what_holds_is_asked_for_by_kind_with_or_without_what_is_private(
    store: Store,
) -> None:
    await tell(store, facts=[wish("never use emojis"), like("tea"), color("blue")])
    fact = await store.facts.find("like")
    assert fact is not None
    await store.facts.set_private(fact.id, True)

    assert [each.value for each in await store.facts.wishes()] == ["never use emojis"]
    public = await store.facts.current(
        10, [FactKind.LIKE, FactKind.FAVORITE], include_private=False
    )
    assert [each.value for each in public] == ["blue"]
    assert await store.facts.private_turn_ids() == {1}


async def test_where_there_is_room_for_few_the_pinned_and_the_newest_are_given(
    store: Store,
) -> None:
    for hours, value in enumerate(("tea", "rain", "snow", "jazz")):
        await tell(store, facts=[like(value)], at=SOME_MOMENT + hours * HOUR)
    await store.facts.pin((await store.facts.current(10))[0].id, True)

    assert [fact.value for fact in await store.facts.current(2)] == ["tea", "jazz"]


async def test_a_fact_that_is_not_there_is_not_found(store: Store) -> None:
    for attempt in (
        store.facts.get(5),
        store.facts.correct(5, "x", SOME_MOMENT),
        store.facts.pin(5, True),
        store.facts.set_private(5, True),
        store.facts.forget(5),
    ):
        with pytest.raises(FactNotFound):
            await attempt


async def test_the_owners_hand_has_the_frozen_context_composed_anew(store: Store) -> None:
    await tell(store, facts=[color("blue")])
    fact = await store.facts.find("favorite color")
    assert fact is not None
    await store.set_window(Window("favorite color: blue", SOME_MOMENT, 1))

    await store.facts.forget(fact.id)

    assert await store.find_window() is None
