"""The turns that an answer rests on, in a line."""

from datetime import UTC, datetime, timedelta

from vega.cli.turns import SHOWN_SOURCES, local_time, sources_line

AT = datetime(2026, 11, 20, 9, 12, tzinfo=UTC)


def test_a_source_is_named_with_its_time_and_its_turn() -> None:
    there = local_time(AT.isoformat())

    line = sources_line([{"turn_id": 12, "at": AT.isoformat()}])

    assert line == f"(from {there.day} {there:%b %Y, %H:%M}: turn 12)"


def test_of_many_sources_the_rest_is_counted() -> None:
    many = [
        {"turn_id": number, "at": (AT + timedelta(days=number)).isoformat()} for number in range(10)
    ]

    line = sources_line(many)

    assert line.count("turn ") == SHOWN_SOURCES
    assert line.endswith(f"; and {10 - SHOWN_SOURCES} more)")


def test_a_source_is_named_by_the_clocks_of_where_it_was_asked() -> None:
    source = {"turn_id": 12, "at": "2026-11-20T23:30:00+00:00", "timezone": "Asia/Tokyo"}

    assert sources_line([source]) == "(from 21 Nov 2026, 08:30: turn 12)"
