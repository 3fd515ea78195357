"""What the owner has put right, forgotten or hidden does not come back, however often it was said
and whatever is drawn again."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.clocks import SOME_MOMENT
from tests.lives import tell
from vega.core.conversation import Turn, TurnStatus
from vega.core.life import sqlite
from vega.core.life.fact_history import add_fact, erase_told_in, replace_facts
from vega.core.life.fact_rows import rows_of
from vega.core.life.fact_store import _put_right, forget_fact
from vega.core.life.sqlite import Connection
from vega.core.memory import Fact, FactEnding, FactKind, Statement, Tier
from vega.core.sql import SCHEMA, read
from vega.core.store import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with contextlib.closing(sqlite.create(tmp_path_factory.mktemp("life") / "vega.db")) as life:
        life.execute(read(SCHEMA))
        yield life


def turn(number: int) -> Turn:
    return Turn(
        id=number,
        link=number,
        prompt="",
        at=SOME_MOMENT + number * HOUR,
        zone="Europe/Vienna",
        origin="api",
        device=None,
        status=TurnStatus.COMPLETED,
        tier=Tier.FULL,
        attempts=0,
        interruptions=0,
    )


def color(value: str) -> Statement:
    return Statement("favorite color", value, FactKind.FAVORITE)


def like(value: str) -> Statement:
    return Statement("like", value, FactKind.LIKE, is_one_of_many=True)


def holding(life: Connection, attribute: str) -> list[Fact]:
    return [fact for fact in rows_of(life, attribute) if fact.held_until is None]


def ever(life: Connection, attribute: str) -> list[str]:
    """Every value that was ever so."""
    rows = rows_of(life, attribute)
    return [fact.value for fact in rows if fact.ending is not FactEnding.CORRECTED]


@pytest.mark.parametrize("say", [color, like])
def test_what_was_put_right_stays_so_though_it_was_said_three_times(
    life: Connection, say: Callable[[str], Statement]
) -> None:
    said = say("blue")
    for number in (1, 2, 3):
        add_fact(life, turn(number), said)
    _put_right(life, holding(life, said.attribute)[0], "navy", SOME_MOMENT + 9 * HOUR)

    for _ in range(2):
        for number in (3, 2, 1):
            replace_facts(life, turn(number), [(said, None)], is_by_model=False)

    assert ever(life, said.attribute) == ["navy"]


def test_what_was_put_right_in_the_same_breath_gives_way_to_what_is_said_later(
    life: Connection,
) -> None:
    add_fact(life, turn(1), color("blue"))
    add_fact(life, turn(1), color("red"))
    blue = next(fact for fact in rows_of(life, "favorite color") if fact.value == "blue")
    _put_right(life, blue, "navy", SOME_MOMENT + 9 * HOUR)

    add_fact(life, turn(2), color("green"))

    assert ever(life, "favorite color") == ["navy", "red", "green"]
    assert [fact.value for fact in holding(life, "favorite color")] == ["green"]


def test_what_was_put_right_may_be_said_anew(life: Connection) -> None:
    add_fact(life, turn(1), color("blue"))
    _put_right(life, holding(life, "favorite color")[0], "navy", SOME_MOMENT + 2 * HOUR)

    add_fact(life, turn(3), color("blue"))

    assert ever(life, "favorite color") == ["navy", "blue"]


@pytest.mark.parametrize("say", [color, like])
def test_what_was_forgotten_stays_so_though_it_was_said_three_times(
    life: Connection, say: Callable[[str], Statement]
) -> None:
    said = say("blue")
    # They arrive in any order.
    for number in (3, 1, 2, 5, 4):
        add_fact(life, turn(number), said)
    forget_fact(life, holding(life, said.attribute)[0].id)

    for number in (5, 4, 3, 2, 1):
        replace_facts(life, turn(number), [(said, None)], is_by_model=False)

    assert rows_of(life, said.attribute) == []
    assert life.execute("SELECT count(*) FROM sayings").get == 0


def test_with_what_is_forgotten_goes_what_it_was_put_right_from(life: Connection) -> None:
    for number in (1, 2, 3):
        add_fact(life, turn(number), like("tea"))
    right = _put_right(life, holding(life, "like")[0], "coffee", SOME_MOMENT + 9 * HOUR)

    forget_fact(life, right)
    for number in (1, 2, 3):
        replace_facts(life, turn(number), [(like("tea"), None)], is_by_model=False)

    assert rows_of(life, "like") == []


def test_another_value_of_the_same_thing_is_drawn_on(life: Connection) -> None:
    for number, value in ((1, "blue"), (2, "blue"), (3, "red"), (4, "red"), (5, "red")):
        add_fact(life, turn(number), color(value))
    (red,) = holding(life, "favorite color")

    forget_fact(life, red.id)
    for number, value in ((2, "blue"), (4, "red")):
        replace_facts(life, turn(number), [(color(value), None)], is_by_model=False)

    assert ever(life, "favorite color") == ["blue"]


def test_a_forgotten_turn_leaves_no_trace_of_what_it_said_again(life: Connection) -> None:
    for number in (1, 2, 3):
        add_fact(life, turn(number), like("tea"))

    erase_told_in(life, 2)

    assert life.execute("SELECT count(*) FROM sayings WHERE turn_id = 2").get == 0


async def test_every_turn_that_said_something_private_is_private(store: Store) -> None:
    turns = [
        await tell(store, facts=[color("blue")], at=SOME_MOMENT + number * HOUR)
        for number in range(4)
    ]
    fact = await store.facts.find("favorite color")
    assert fact is not None
    await store.facts.set_private(fact.id, True)

    assert await store.facts.private_turn_ids() == {one.id for one in turns}
    assert await store.facts.told_in(fact) == [one.id for one in turns]


async def test_what_a_private_fact_was_put_right_from_is_private(store: Store) -> None:
    await tell(store, "My dog is called Bear.", facts=[Statement("dog", "Bear", FactKind.PET)])
    bear = await store.facts.find("dog")
    assert bear is not None
    teddy = await store.facts.correct(bear.id, "Teddy", SOME_MOMENT + HOUR)

    await store.facts.set_private(teddy.id, True)
    assert (await store.facts.privacy()).hides("Bear is a good dog.")

    await store.facts.set_private(teddy.id, False)
    assert not (await store.facts.privacy()).hides("Bear is a good dog.")


async def test_what_is_put_right_to_something_known_stays_private_and_pinned(store: Store) -> None:
    await tell(store, facts=[like("tea"), like("coffee")])
    tea = next(fact for fact in await store.facts.current(5) if fact.value == "tea")
    await store.facts.pin(tea.id, True)
    await store.facts.set_private(tea.id, True)

    coffee = await store.facts.correct(tea.id, "coffee", SOME_MOMENT + HOUR)

    assert (coffee.value, coffee.is_private, coffee.is_pinned) == ("coffee", True, True)
