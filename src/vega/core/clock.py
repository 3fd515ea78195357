"""What time it is, and in which zone the owner lives.

Whatever depends on time takes a Clock, so that a test can stand at any moment.
"""

from datetime import UTC, datetime
from typing import Protocol


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
