"""Facts: the newer supersedes the older, which stays as history."""

from datetime import datetime, timedelta

from tests.clocks import SOME_MOMENT
from tests.lives import completed, new_turn, tell
from vega.core.conversation import Outcome, TurnStatus
from vega.core.life.records import moment
from vega.core.memory import Statement
from vega.core.store import Store

HOUR = timedelta(hours=1)


def color(value: str) -> tuple[Statement, ...]:
    return (Statement("favorite color", value),)


async def history(store: Store) -> list[tuple[str, datetime, datetime | None]]:
    """Every value of the favorite color with the time that it held, in order."""
    rows = await store._db.read(
        lambda connection: list(
            connection.execute("SELECT value, held_from, held_until FROM facts ORDER BY held_from")
        )
    )
    return [(value, moment(begin), end and moment(end)) for value, begin, end in rows]


async def test_a_fact_is_known_with_its_turn_and_time(store: Store) -> None:
    turn = await tell(store, facts=color("blue"))

    fact = await store.facts.find("favorite color")

    assert fact is not None
    assert (fact.value, fact.turn_id, fact.held_from) == ("blue", turn.id, SOME_MOMENT)
    assert (fact.held_until, fact.zone) == (None, "Europe/Vienna")
    assert await store.facts.current(10) == [fact]
    assert await store.facts.find("name") is None


async def test_a_newer_statement_supersedes_the_older_which_stays(store: Store) -> None:
    await tell(store, facts=color("blue"))
    await tell(store, facts=color("red"), at=SOME_MOMENT + HOUR)

    fact = await store.facts.find("favorite color")

    assert fact is not None
    assert fact.value == "red"
    assert await store.facts.current(10) == [fact]
    assert await history(store) == [
        ("blue", SOME_MOMENT, SOME_MOMENT + HOUR),
        ("red", SOME_MOMENT + HOUR, None),
    ]


async def test_an_older_statement_that_arrives_late_is_history(store: Store) -> None:
    await tell(store, facts=color("blue"))
    await tell(store, facts=color("red"), at=SOME_MOMENT - HOUR)

    fact = await store.facts.find("favorite color")

    assert fact is not None
    assert fact.value == "blue"
    assert await history(store) == [
        ("red", SOME_MOMENT - HOUR, SOME_MOMENT),
        ("blue", SOME_MOMENT, None),
    ]


async def test_history_has_no_two_values_at_the_same_time(store: Store) -> None:
    for hours, value in [(10, "blue"), (5, "red"), (1, "green"), (7, "black")]:
        await tell(store, facts=color(value), at=SOME_MOMENT + hours * HOUR)

    spans = await history(store)

    assert [value for value, _, _ in spans] == ["green", "red", "black", "blue"]
    ends = [end for _, _, end in spans]
    assert ends == [begin for _, begin, _ in spans[1:]] + [None]


async def test_the_same_value_said_again_holds_on(store: Store) -> None:
    await tell(store, facts=color("blue"))
    await tell(store, facts=color("Blue"), at=SOME_MOMENT + HOUR)

    assert len(await history(store)) == 1


async def test_the_last_word_of_one_prompt_holds(store: Store) -> None:
    await tell(store, facts=(Statement("name", "Robert"), Statement("name", "Bob")))

    fact = await store.facts.find("name")

    assert fact is not None
    assert fact.value == "Bob"


async def test_a_turn_answered_again_is_not_drawn_again(store: Store) -> None:
    turn = await tell(store, facts=color("blue"))
    await tell(store, facts=color("red"), at=SOME_MOMENT + HOUR)

    await store.ask_again(turn.id)
    await store.end_turn(turn.id, completed(), color("blue"), SOME_MOMENT + 2 * HOUR)

    fact = await store.facts.find("favorite color")
    assert fact is not None
    assert fact.value == "red"


async def test_what_a_failed_turn_stated_is_known_once_it_is_answered(store: Store) -> None:
    turn, _ = await store.accept_turn(new_turn())
    await store.end_turn(turn.id, Outcome(TurnStatus.FAILED, "", reason="no"), (), SOME_MOMENT)

    await store.ask_again(turn.id)
    await store.end_turn(turn.id, completed(), color("blue"), SOME_MOMENT)

    assert await store.facts.find("favorite color") is not None
