"""The present."""

from datetime import UTC, datetime, timedelta

from vega.core.clock import SystemClock


def test_the_machines_clock_tells_utc_and_the_owners_zone() -> None:
    clock = SystemClock("Europe/Vienna")

    assert clock.zone == "Europe/Vienna"
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
