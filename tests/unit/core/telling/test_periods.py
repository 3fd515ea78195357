"""Spans of the owner's calendar: what they hold, how they are called, which are due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.memory import DigestKind
from vega.core.telling.periods import (
    Due,
    Period,
    find_due,
    find_ready,
    name_of,
    period_of,
    read_period,
)
from vega.errors import InvalidInput

TODAY = date(2026, 3, 6)


def day(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("kind", "within", "first", "last"),
    [
        (DigestKind.DAY, "2026-03-05", "2026-03-05", "2026-03-05"),
        (DigestKind.WEEK, "2026-03-05", "2026-03-02", "2026-03-08"),
        (DigestKind.WEEK, "2026-01-01", "2025-12-29", "2026-01-04"),
        (DigestKind.WEEK, "2027-01-03", "2026-12-28", "2027-01-03"),
        (DigestKind.MONTH, "2024-02-10", "2024-02-01", "2024-02-29"),
        (DigestKind.MONTH, "2100-02-28", "2100-02-01", "2100-02-28"),
        (DigestKind.YEAR, "2024-02-29", "2024-01-01", "2024-12-31"),
        (DigestKind.WEEK, "0001-01-01", "0001-01-01", "0001-01-07"),
        (DigestKind.WEEK, "9999-12-31", "9999-12-27", "9999-12-31"),
    ],
)
def test_a_period_has_its_first_and_last_day(
    kind: DigestKind, within: str, first: str, last: str
) -> None:
    assert period_of(kind, day(within)) == Period(kind, day(first), day(last))


@given(st.sampled_from(DigestKind), st.dates())
def test_every_day_is_in_one_period_of_each_kind(kind: DigestKind, within: date) -> None:
    period = period_of(kind, within)

    assert period.first <= within <= period.last
    assert period_of(kind, period.first) == period_of(kind, period.last) == period
    if period.last < date.max:
        assert period_of(kind, period.last + timedelta(days=1)).first > period.last


@pytest.mark.parametrize(
    ("said", "kind", "first"),
    [
        ("yesterday", DigestKind.DAY, "2026-03-05"),
        ("Today", DigestKind.DAY, "2026-03-06"),
        (" 2026-03-05 ", DigestKind.DAY, "2026-03-05"),
        ("2026-W12", DigestKind.WEEK, "2026-03-16"),
        ("2026-w01", DigestKind.WEEK, "2025-12-29"),
        ("2026-W53", DigestKind.WEEK, "2026-12-28"),
        ("2026-03", DigestKind.MONTH, "2026-03-01"),
        ("2024", DigestKind.YEAR, "2024-01-01"),
    ],
)
def test_a_person_can_name_a_period(said: str, kind: DigestKind, first: str) -> None:
    assert read_period(said, TODAY) == period_of(kind, day(first))


@pytest.mark.parametrize(
    "said",
    ["", "tomorrow", "2026-13", "2026-00", "2026-02-30", "2026-03-00", "2025-W53", "2026-W00",
     "0000", "26-03-05", "2026-3", "2026-03-05T10", "2026-W1", "٢٠٢٦", "2026-W12-1"],
)  # fmt: skip
def test_what_is_no_period_is_refused_in_a_sentence(said: str) -> None:
    with pytest.raises(InvalidInput, match=r"\w+.*\.$"):
        read_period(said, TODAY)


@pytest.mark.parametrize(
    ("kind", "within", "name"),
    [
        (DigestKind.DAY, "2026-03-05", "Thursday, 5 March 2026"),
        (DigestKind.WEEK, "2026-03-05", "2 to 8 March 2026"),
        (DigestKind.WEEK, "2026-04-01", "30 March to 5 April 2026"),
        (DigestKind.WEEK, "2026-01-01", "29 December 2025 to 4 January 2026"),
        (DigestKind.MONTH, "2026-03-05", "March 2026"),
        (DigestKind.YEAR, "0026-03-05", "26"),
    ],
)
def test_a_period_is_called_as_a_person_would_call_it(
    kind: DigestKind, within: str, name: str
) -> None:
    assert name_of(period_of(kind, day(within))) == name


def test_what_is_over_and_not_written_is_due_the_newest_first() -> None:
    said = {day("2026-03-05"): 3, day("2026-02-28"): 2, TODAY: 7}

    due = find_due(said, {}, TODAY)

    assert due == [
        Due(period_of(DigestKind.DAY, day("2026-03-05")), 3),
        Due(period_of(DigestKind.WEEK, day("2026-02-28")), 2),
        Due(period_of(DigestKind.DAY, day("2026-02-28")), 2),
        Due(period_of(DigestKind.MONTH, day("2026-02-28")), 2),
    ]


def test_what_tells_of_as_many_turns_is_not_due_and_what_tells_of_others_is() -> None:
    said = {day("2026-02-02"): 3, day("2026-02-03"): 2}
    written = {
        (DigestKind.DAY, day("2026-02-02")): 3,
        (DigestKind.DAY, day("2026-02-03")): 1,
        (DigestKind.WEEK, day("2026-02-02")): 5,
        (DigestKind.MONTH, day("2026-02-01")): 4,
    }

    kinds = [(each.period.kind, each.turns) for each in find_due(said, written, TODAY)]

    assert kinds == [(DigestKind.MONTH, 5), (DigestKind.DAY, 2)]


def test_a_day_without_turns_is_never_due() -> None:
    assert find_due({day("2026-02-02"): 0}, {}, TODAY) == []


def test_a_longer_period_waits_for_all_that_it_is_made_from() -> None:
    said = {day("2025-12-30"): 1, day("2025-06-02"): 1}
    days = {(DigestKind.DAY, each): 1 for each in said}
    months = {(DigestKind.MONTH, day("2025-12-01")): 1, (DigestKind.MONTH, day("2025-06-01")): 1}

    def ready(written: dict[tuple[DigestKind, date], int]) -> set[tuple[DigestKind, date]]:
        due = find_ready(find_due(said, written, TODAY))
        return {(each.period.kind, each.period.first) for each in due}

    weeks = {(DigestKind.WEEK, day("2025-12-29")), (DigestKind.WEEK, day("2025-06-02"))}
    year = {(DigestKind.YEAR, day("2025-01-01"))}
    assert ready({}) == days.keys()
    assert ready(days) == weeks | months.keys()
    assert ready(days | months) == weeks | year
