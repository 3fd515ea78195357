"""Tables of what people say of time, and of what they mean: one a line, "text | from | until"."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from vega.core.recall.times import ElapsedSpan, LocalSpan, read_time

#: A Wednesday afternoon.
ZONE = "Europe/Vienna"
NOW = "2026-11-25 14:30"


def cases(table: str) -> list[tuple[str, str, str]]:
    """The text, and the two ends in the owner's wall clock time, of each line of a table."""
    return list(_cases(table))


def _cases(table: str) -> Iterator[tuple[str, str, str]]:
    for line in table.strip().splitlines():
        text, first, until = (cell.strip() for cell in line.split("|"))
        yield text, first, until


def at(moment: str, zone: str = ZONE) -> datetime:
    """A moment as a clock of that zone shows it."""
    return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))


def local(moment: str) -> datetime:
    """A moment of the wall clock, wherever that hangs."""
    return datetime.fromisoformat(moment)


def read(
    text: str,
    now: str = NOW,
    *,
    zone: str = ZONE,
    day_first: bool = True,
    prefers: Literal["past", "future"] = "past",
) -> tuple[str, str]:
    """The two ends of what is read, as a table writes them; midnight is only the day."""
    found = read_time(text, at(now, zone), day_first=day_first, prefers=prefers)
    assert found is not None, "no time was read"
    meaning = found.meaning
    if isinstance(meaning, ElapsedSpan):
        meaning = LocalSpan(
            meaning.start.astimezone(ZoneInfo(zone)).replace(tzinfo=None),
            meaning.end.astimezone(ZoneInfo(zone)).replace(tzinfo=None),
        )
    assert isinstance(meaning, LocalSpan), meaning
    return _shown(meaning.first), _shown(meaning.until)


def _shown(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
