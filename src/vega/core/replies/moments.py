"""When something was, as a person says it, by the owner's clock at that moment."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

#: So many days back a weekday alone says which one it was.
_WEEK_DAYS = 6


def at_words(moment: datetime, zone: str, now: datetime) -> str:
    """ "today at 09:05", "yesterday at 23:30", "on Monday at 14:20", "on 3 March 2024 at 10:15"."""
    then = moment.astimezone(ZoneInfo(zone))
    return f"{day_words(moment, zone, now)} at {then:%H:%M}"


def day_words(moment: datetime, zone: str, now: datetime) -> str:
    """ "today", "yesterday", "on Monday", "on 3 March", "on 3 March 2024"."""
    there = ZoneInfo(zone)
    then, today = moment.astimezone(there).date(), now.astimezone(there).date()
    age = (today - then).days
    if age == 0:
        return "today"
    if age == 1:
        return "yesterday"
    if 1 < age <= _WEEK_DAYS:
        return f"on {then:%A}"
    return f"on {date_words(then, today)}"


def told_words(moment: datetime, zone: str, now: datetime) -> str:
    """As a fact is told: with the time of today and yesterday, else with the date."""
    there = ZoneInfo(zone)
    then, today = moment.astimezone(there), now.astimezone(there)
    if today.date() - then.date() in (timedelta(0), timedelta(days=1)):
        return at_words(moment, zone, now)
    return f"on {date_words(then.date(), today.date())}"


def date_words(day: date, today: date | None = None) -> str:
    """ "3 March 2026"; without the year where it is today's."""
    year = "" if today is not None and day.year == today.year else f" {day.year}"
    return f"{day.day} {day:%B}{year}"


def span_words(start: datetime, end: datetime, zone: str) -> str:
    """ "from 1 March until 3 March 2026", "on 3 March 2026 from 09:00 until 09:05"."""
    there = ZoneInfo(zone)
    first, last = start.astimezone(there), end.astimezone(there)
    if first.date() == last.date():
        return f"on {date_words(first.date())} from {first:%H:%M} until {last:%H:%M}"
    return f"from {date_words(first.date(), last.date())} until {date_words(last.date())}"


def window_words(start: datetime, end: datetime, zone: str) -> str:
    """The days that were looked at: "22 November 2026", "1 March to 3 March 2026"."""
    there = ZoneInfo(zone)
    first = start.astimezone(there).date()
    last = (end - timedelta(microseconds=1)).astimezone(there).date()
    if first >= last:
        return date_words(first)
    return f"{date_words(first, last)} to {date_words(last)}"
