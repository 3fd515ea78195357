"""Which nightly backups are kept."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vega.core.backup.retention import MOST_KEPT, kept_backups

ZONES = ("UTC", "Europe/Vienna", "America/New_York", "Pacific/Apia", "Asia/Kathmandu")

moments = st.integers(0, 15 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
made = st.lists(moments, min_size=1, max_size=200).map(
    lambda found: {f"backup {number}": moment for number, moment in enumerate(found)}
)


def nights(count: int, last: datetime = datetime(2026, 11, 22, 3, tzinfo=UTC)) -> list[datetime]:
    return [last - timedelta(days=day) for day in range(count)]


def kept_of(found: list[datetime], zone: str = "UTC") -> list[datetime]:
    """The newest first."""
    by_name = {moment.isoformat(): moment for moment in found}
    return sorted((by_name[name] for name in kept_backups(by_name, zone)), reverse=True)


@given(made, st.sampled_from(ZONES))
def test_however_many_there_are_few_are_kept(found: dict[str, datetime], zone: str) -> None:
    assert 1 <= len(kept_backups(found, zone)) <= MOST_KEPT == 23


@given(made, st.sampled_from(ZONES))
def test_the_newest_is_kept(found: dict[str, datetime], zone: str) -> None:
    newest = max(found.values())

    assert newest in {found[name] for name in kept_backups(found, zone)}


@given(made, st.sampled_from(ZONES))
def test_what_is_kept_once_is_kept_again(found: dict[str, datetime], zone: str) -> None:
    kept = kept_backups(found, zone)

    assert kept_backups({name: found[name] for name in kept}, zone) == kept


@pytest.mark.parametrize("count", [1, 7, 8, 40, 400])
def test_a_night_at_a_time_comes_to_the_same_as_all_at_once(count: int) -> None:
    kept: list[datetime] = []
    for night in reversed(nights(count)):
        kept = kept_of([*kept, night])

    assert kept == kept_of(nights(count))


def test_a_week_of_days_a_month_of_weeks_and_a_year_of_months_are_kept() -> None:
    days = [moment.date().isoformat() for moment in kept_of(nights(1000))]

    assert days == [
        *(f"2026-11-{day}" for day in (22, 21, 20, 19, 18, 17, 16)),
        *("2026-11-15", "2026-11-08", "2026-11-01"),
        *(f"2026-{month}" for month in ("10-31", "09-30", "08-31", "07-31", "06-30")),
        *(f"2026-{month}" for month in ("05-31", "04-30", "03-31", "02-28", "01-31")),
        "2025-12-31",
    ]


def test_of_two_on_one_of_the_owners_days_the_later_is_kept() -> None:
    evening = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    in_new_york = [evening, evening + timedelta(hours=1), evening - timedelta(days=9)]

    assert kept_of(in_new_york, "America/New_York") == in_new_york[1:]
    assert len(kept_of(in_new_york, "UTC")) == 3


def test_a_vega_that_was_off_for_a_year_still_has_its_backups() -> None:
    old = nights(7)
    today = old[0] + timedelta(days=400)

    assert kept_of([today, *old])[:7] == [today, *old[:6]]
