"""A life of an earlier Vega goes on, with every word that is in it, in today's schema."""

from datetime import date
from pathlib import Path

import pytest

from tests.acceptance.life_file import assert_sound, read_life
from tests.old_lives import live_in_the_first_schemas, live_in_the_fourth_schema
from vega.core.clock import day_number
from vega.core.memory import Tier, TierTotal
from vega.core.search import parse_query
from vega.core.store import Store


@pytest.mark.parametrize("count", [1, 2])
async def test_a_life_of_an_earlier_schema_goes_on_as_if_it_had_always_had_todays(
    tmp_path: Path, count: int
) -> None:
    live_in_the_first_schemas(tmp_path, count)

    store = await Store.open(tmp_path)

    turns = [await store.turn(number) for number in (1, 2, 3)]
    assert [turn.response for turn in turns] == [
        "Got it! Blue it is.",
        "It is the belief in one's own greatness.",
        "",
    ]
    assert (store.attention, store.newest_link) == ([], 5)
    found = await store.search.find(parse_query("grossenwahn"), 5)
    assert [(each.turn_id, each.role) for each in found] == [(2, "user")]
    found = await store.search.find(parse_query('"own greatness"'), 5)
    assert [(each.turn_id, each.role) for each in found] == [(2, "assistant")]
    said = sum(len(turn.prompt.encode()) + len(turn.response.encode()) for turn in turns)
    assert (await store.tier_totals())[Tier.FULL] == TierTotal(3, said, said, 3)
    days = "SELECT day, turn_count FROM days"
    assert await store._db.read(lambda connection: connection.execute(days).fetchall()) == [
        (day_number(date(2026, 11, 23)), 3)
    ]
    await store.close()
    with read_life(tmp_path) as life:
        assert_sound(life, tmp_path)


async def test_a_life_of_the_first_release_goes_on(tmp_path: Path) -> None:
    texts = live_in_the_fourth_schema(tmp_path)

    store = await Store.open(tmp_path)

    turns = [await store.turn(number) for number in range(1, len(texts) // 2 + 1)]
    assert store.attention == []
    assert [text for turn in turns for text in (turn.prompt, turn.response)] == texts
    await store.close()
    with read_life(tmp_path) as life:
        assert_sound(life, tmp_path)
