"""A real `vega serve` by a clock that a test moves: it reads the present from a file.

    python -m tests.clocked_vega FILE     serves as `vega serve` does, with the settings of its
                                          environment; FILE holds the moment, as ISO 8601

A test sets it through `ClockFile`.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.vega_process import VegaProcess
from vega.config import load_settings
from vega.llm.download import tell_nobody
from vega.server import serve


class ClockFile:
    """The clock of one Vega, in a file; stands still until it is moved."""

    def __init__(self, path: Path, moment: datetime, zone: str = "Europe/Vienna") -> None:
        self.path = path
        self.zone = zone
        self.set(moment)

    @property
    def command(self) -> tuple[str, ...]:
        """What `VegaProcess` is to run."""
        return (sys.executable, "-m", "tests.clocked_vega", str(self.path), self.zone)

    def set(self, moment: datetime) -> None:
        # Whole or not at all: the server may read it at any moment.
        draft = self.path.with_suffix(".new")
        draft.write_text(moment.astimezone(UTC).isoformat())
        draft.replace(self.path)

    def advance(self, **by: float) -> None:
        self.set(datetime.fromisoformat(self.path.read_text()) + timedelta(**by))


class FileClock:
    """The other end of a `ClockFile`."""

    def __init__(self, path: Path, zone: str) -> None:
        self.zone = zone
        self._path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text())


def clocked_vega(home: Path, clock: ClockFile, **options: object) -> VegaProcess:
    """A Vega by that clock, in that zone; starts nothing yet."""
    settings = {"VEGA_TIMEZONE": clock.zone, **options.pop("settings", {})}  # type: ignore[dict-item]
    return VegaProcess(home, command=clock.command, settings=settings, **options)  # type: ignore[arg-type]


def main(path: str, zone: str) -> None:
    settings = load_settings()
    asyncio.run(serve(settings, lambda *_: None, tell_nobody, FileClock(Path(path), zone)))


if __name__ == "__main__":
    main(*sys.argv[1:])
