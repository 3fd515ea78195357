"""What time it is, and in which zone the owner lives.

Whatever depends on time takes a Clock, so that a test can stand at any moment.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = date(1970, 1, 1).toordinal()


class Clock(Protocol):
    """The present."""

    #: The IANA name of the zone that holds where a turn does not bring its own.
    zone: str

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock, in the owner's zone."""

    def __init__(self, zone: str) -> None:
        self.zone = zone

    def now(self) -> datetime:
        return datetime.now(UTC)


def local_day(micros: int, zone: str) -> int:
    """The owner's calendar day at that moment, given in microseconds since 1970 in UTC and with
    their IANA zone: in days since 1970."""
    moment = _EPOCH + timedelta(microseconds=micros)
    return day_number(moment.astimezone(ZoneInfo(zone)).date())


def day_number(day: date) -> int:
    """A calendar day in days since 1970."""
    return day.toordinal() - _FIRST_DAY


def day_of_number(number: int) -> date:
    """The calendar day so many days after the first of 1970."""
    return date.fromordinal(number + _FIRST_DAY)
