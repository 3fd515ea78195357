"""Statements in any order of arrival: of each slot one value holds at a time, and the last word
that was said is the one that holds."""

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.clocks import SOME_MOMENT
from vega.core.conversation import Turn, TurnStatus
from vega.core.life import sqlite
from vega.core.life.fact_history import add_fact, erase_told_in, replace_facts
from vega.core.life.fact_rows import is_stop, read_fact, rows_of
from vega.core.life.fact_store import _mark, _put_right, forget_fact
from vega.core.life.sqlite import Connection
from vega.core.memory import Fact, FactEnding, FactKind, Statement, Tier
from vega.core.sql import SCHEMA, queries, read

HOUR = timedelta(hours=1)
LAST = SOME_MOMENT + 99 * HOUR
VALUES = ("blue", "red", "Blue")
#: Of one value at a time, and of many.
COLOR, LIKE, DISLIKE = "favorite color", "like", "dislike"


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with contextlib.closing(sqlite.create(tmp_path_factory.mktemp("life") / "vega.db")) as life:
        life.execute(read(SCHEMA))
        yield life


@contextlib.contextmanager
def nothing_kept(life: Connection) -> Iterator[Connection]:
    life.execute("BEGIN")
    try:
        yield life
    finally:
        life.execute("ROLLBACK")


def turn(number: int, hour: int) -> Turn:
    return Turn(
        id=number,
        link=number,
        prompt="",
        at=SOME_MOMENT + hour * HOUR,
        zone="Europe/Vienna",
        origin="api",
        device=None,
        status=TurnStatus.COMPLETED,
        tier=Tier.FULL,
        attempts=0,
        interruptions=0,
    )


def color(value: str, *, is_over: bool = False) -> Statement:
    return Statement(COLOR, value, FactKind.FAVORITE, is_over=is_over)


def like(value: str, attribute: str = LIKE, *, is_over: bool = False) -> Statement:
    kind = FactKind(attribute)
    return Statement(attribute, value, kind, is_one_of_many=True, is_over=is_over)


def facts(life: Connection, attribute: str = COLOR) -> list[Fact]:
    return rows_of(life, attribute)


def spans(life: Connection, attribute: str = COLOR) -> list[tuple[str, int, int | None]]:
    """Every value that was ever so, with the hours between which it held."""

    def hour(at: datetime | None) -> int | None:
        return None if at is None else (at - SOME_MOMENT) // HOUR

    return [
        (fact.value, hour(fact.held_from) or 0, hour(fact.held_until))
        for fact in facts(life, attribute)
        if fact.ending is not FactEnding.CORRECTED and not is_stop(fact)
    ]


def see_that_one_holds_at_a_time(life: Connection) -> None:
    rows = [read_fact(row) for row in life.execute("SELECT * FROM facts")]
    for slot in {row.slot for row in rows}:
        line = sorted(
            (
                row
                for row in rows
                if row.slot == slot and row.ending is not FactEnding.CORRECTED and not is_stop(row)
            ),
            key=lambda row: (row.held_from, row.turn_id, row.held_until or LAST, row.id),
        )
        for row in line:
            assert row.held_until is None or row.held_from <= row.held_until
            assert (row.held_until is None) == (row.ending is None)
            again = row.said_again_at
            assert again is None or row.held_until is None or again <= row.held_until
        for one, other in pairwise(line):
            assert one.held_until is not None
            assert one.held_until <= other.held_from


Told = tuple[int, str, bool]
TOLD = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 12), st.sampled_from(VALUES), st.booleans()),
        # "I have none any more": whichever it was.
        st.tuples(st.integers(0, 12), st.just(COLOR), st.just(True)),
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=400)
@given(told=TOLD, data=st.data())
def test_in_whatever_order_they_arrive_the_last_word_holds(
    life: Connection, told: list[Told], data: st.DataObject
) -> None:
    numbered = [(number + 1, *one) for number, one in enumerate(told)]
    arriving = data.draw(st.permutations(numbered))
    with nothing_kept(life):
        for number, hour, value, is_over in arriving:
            add_fact(life, turn(number, hour), color(value, is_over=is_over))
            see_that_one_holds_at_a_time(life)

        holds: list[str] = []
        for _, _, value, is_over in sorted(numbered, key=lambda each: (each[1], each[0])):
            if not is_over:
                holds = [value.casefold()]
            elif value in (COLOR, *holds) or value.casefold() in holds:
                holds = []
        current = [fact.value.casefold() for fact in facts(life) if fact.held_until is None]
        assert current == holds


@settings(max_examples=200)
@given(
    told=st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from((LIKE, DISLIKE)), st.booleans()),
        min_size=1,
        max_size=8,
    ),
    data=st.data(),
)
def test_what_is_liked_is_not_disliked_in_whatever_order_it_was_heard(
    life: Connection, told: list[Told], data: st.DataObject
) -> None:
    numbered = [(number + 1, *one) for number, one in enumerate(told)]
    with nothing_kept(life):
        for number, hour, attribute, is_over in data.draw(st.permutations(numbered)):
            add_fact(life, turn(number, hour), like("olives", attribute, is_over=is_over))
            see_that_one_holds_at_a_time(life)

        current = {fact.attribute for fact in facts(life) if fact.held_until is None}
        assert current != {LIKE, DISLIKE}


@settings(max_examples=300)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(
                ("told", "drawn", "over", "again", "correct", "forget", "pin", "close", "redraw")
            ),
            st.integers(0, 12),
            st.sampled_from(VALUES),
        ),
        max_size=12,
    )
)
def test_whatever_the_owner_does_one_value_holds_at_a_time(
    life: Connection, steps: list[tuple[str, int, str]]
) -> None:
    with nothing_kept(life):
        for number, (what, hour, value) in enumerate(steps, 1):
            said = turn(number, hour)
            there = facts(life) + facts(life, LIKE)
            one = there[hour % len(there)] if there else None
            match what:
                case "told":
                    add_fact(life, said, color(value))
                case "drawn":
                    add_fact(life, said, color(value), "a model")
                case "over":
                    add_fact(life, said, color(value, is_over=True))
                case "again":
                    add_fact(life, said, like(value))
                case "redraw" if one:
                    old = turn(one.turn_id, (one.held_from - SOME_MOMENT) // HOUR)
                    replace_facts(life, old, [(color(value), None)], is_by_model=hour % 2 == 0)
                case "close" if one:
                    erase_told_in(life, one.turn_id)
                case "forget" if one:
                    forget_fact(life, one.id)
                case "correct" if one and one.ending is not FactEnding.CORRECTED:
                    _put_right(life, one, value, SOME_MOMENT + 20 * HOUR)
                case "pin" if one and one.held_until is None:
                    _mark(life, queries["pin_fact"], one.id, is_so=True)
            see_that_one_holds_at_a_time(life)


def test_what_was_said_again_goes_on_after_what_arrives_late(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 0), color("blue"))
        add_fact(life, turn(2, 10), color("blue"))
        add_fact(life, turn(3, 5), color("red"))

        assert spans(life) == [("blue", 0, 5), ("red", 5, 10), ("blue", 10, None)]
        assert [fact.turn_id for fact in facts(life)] == [1, 3, 2]


def test_what_was_told_earlier_than_known_holds_since_then(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 5), color("blue"))
        add_fact(life, turn(2, 0), color("Blue"))

        (fact,) = facts(life)
        assert (fact.turn_id, fact.held_from) == (2, SOME_MOMENT)
        assert (fact.said_again_in, fact.said_again_at) == (1, SOME_MOMENT + 5 * HOUR)


def test_what_is_over_leaves_a_gap(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 0), color("blue"))
        add_fact(life, turn(2, 3), color(COLOR, is_over=True))
        add_fact(life, turn(3, 6), color("red"))

        assert spans(life) == [("blue", 0, 3), ("red", 6, None)]
        assert facts(life)[0].ending is FactEnding.TAKEN_BACK


def test_what_arrives_behind_its_end_is_over(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(2, 3), like("tea", is_over=True))
        add_fact(life, turn(1, 0), like("tea"))

        assert spans(life, LIKE) == [("tea", 0, 3)]


def test_another_value_that_is_over_ends_nothing(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(3, 3), color("blue", is_over=True))
        add_fact(life, turn(1, 1), color("blue"))
        add_fact(life, turn(2, 2), color("red"))

        assert spans(life) == [("blue", 1, 2), ("red", 2, None)]


def test_who_has_lost_their_job_has_lost_its_place(life: Connection) -> None:
    employer = Statement("employer", "Bosch", FactKind.WORK)
    over = Statement("job", "job", FactKind.WORK, is_over=True)
    for order in ((1, 2), (2, 1)):
        with nothing_kept(life):
            for number in order:
                add_fact(life, turn(number, number), employer if number == 1 else over)

            assert spans(life, "employer") == [("Bosch", 1, 2)]


def test_a_wish_is_taken_back_whatever_it_was_about(life: Connection) -> None:
    wish = Statement("wish", "never use emojis", FactKind.WISH, is_one_of_many=True)
    over = Statement("wish", "emojis", FactKind.WISH, is_one_of_many=True, is_over=True)
    for order in ((1, 2), (2, 1)):
        with nothing_kept(life):
            for number in order:
                add_fact(life, turn(number, number), wish if number == 1 else over)

            assert spans(life, "wish") == [("never use emojis", 1, 2)]


def test_many_values_hold_side_by_side_and_end_alone(life: Connection) -> None:
    with nothing_kept(life):
        for number, value in enumerate(("tea", "rain", "a Volvo", "Volvo"), 1):
            add_fact(life, turn(number, number), like(value))
        add_fact(life, turn(6, 6), like("Tea", is_over=True))

        assert spans(life, LIKE) == [("tea", 1, 6), ("rain", 2, None), ("a Volvo", 3, None)]


def test_who_dislikes_a_thing_likes_it_no_more(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), like("olives"))
        add_fact(life, turn(2, 2), like("Olives", DISLIKE))

        assert spans(life, LIKE) == [("olives", 1, 2)]
        assert spans(life, DISLIKE) == [("Olives", 2, None)]


def test_nothing_is_drawn_from_a_closed_turn(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), color("blue"))
        forget_fact(life, facts(life)[0].id)
        add_fact(life, turn(1, 1), color("blue"))
        replace_facts(life, turn(1, 1), [(color("blue"), None)], is_by_model=True)

        assert facts(life) == []


def test_a_model_does_not_change_what_is_pinned_and_the_owner_does(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), color("blue"))
        _mark(life, queries["pin_fact"], facts(life)[0].id, is_so=True)
        add_fact(life, turn(2, 2), color("red"), "a model")
        add_fact(life, turn(3, 3), color("blue", is_over=True), "a model")
        assert spans(life) == [("blue", 1, None)]

        add_fact(life, turn(4, 4), color("green"))

        assert spans(life) == [("blue", 1, 4), ("green", 4, None)]
        # What the owner wants to be known always, they want to be known of the new value too.
        assert facts(life)[-1].is_pinned


def test_a_rule_goes_before_a_model_in_the_same_turn(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), color("blue"))
        add_fact(life, turn(1, 1), color("blue, I think"), "a model")

        assert spans(life) == [("blue", 1, None)]


def test_what_is_drawn_anew_takes_the_place_of_what_was_misread(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), color("blue"))
        add_fact(life, turn(2, 2), color("a joke"))

        replace_facts(life, turn(2, 2), [(like("jokes"), "a model")], is_by_model=True)

        assert spans(life) == [("blue", 1, None)]
        assert spans(life, LIKE) == [("jokes", 2, None)]


def test_what_a_model_drew_stays_where_none_is_asked(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), like("tea"), "a model")

        replace_facts(life, turn(1, 1), [], is_by_model=False)

        assert spans(life, LIKE) == [("tea", 1, None)]


def test_drawing_twice_changes_nothing(life: Connection) -> None:
    drawn = [(Statement("name", "Robert"), None), (Statement("name", "Bob"), None)]
    with nothing_kept(life):
        for statement, _ in drawn:
            add_fact(life, turn(1, 1), statement)
        replace_facts(life, turn(1, 1), drawn, is_by_model=True)
        once = facts(life, "name")

        replace_facts(life, turn(1, 1), drawn, is_by_model=True)

        assert facts(life, "name") == once
        assert [fact.value for fact in once if fact.held_until is None] == ["Bob"]


def test_what_the_owner_put_right_is_not_drawn_again(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), color("blue"))
        _put_right(life, facts(life)[0], "navy", SOME_MOMENT + 9 * HOUR)

        add_fact(life, turn(1, 1), color("blue"))
        replace_facts(life, turn(1, 1), [(color("blue"), "a model")], is_by_model=True)

        assert spans(life) == [("navy", 1, None)]


def test_a_fact_whose_turn_is_forgotten_rests_on_the_one_that_said_it_again(
    life: Connection,
) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), color("blue"))
        add_fact(life, turn(2, 2), color("blue"))

        erase_told_in(life, 1)
        assert spans(life) == [("blue", 2, None)]
        assert facts(life)[0].turn_id == 2

        erase_told_in(life, 2)
        assert facts(life) == []


def test_what_takes_the_place_of_something_private_is_private(life: Connection) -> None:
    with nothing_kept(life):
        add_fact(life, turn(1, 1), color("blue"))
        _mark(life, queries["make_fact_private"], facts(life)[0].id, is_so=True)

        add_fact(life, turn(2, 2), color("red"))
        add_fact(life, turn(3, 0), color("green"))

        assert all(fact.is_private for fact in facts(life))
