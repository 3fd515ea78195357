"""A clock that stands where a test puts it."""

from datetime import UTC, datetime, timedelta

#: A Sunday morning; in Vienna it is an hour later.
SOME_MOMENT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until it is moved."""

    def __init__(self, moment: datetime = SOME_MOMENT, zone: str = "Europe/Vienna") -> None:
        self.zone = zone
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def advance(self, **by: float) -> None:
        self._moment += timedelta(**by)

    def set(self, moment: datetime) -> None:
        self._moment = moment
