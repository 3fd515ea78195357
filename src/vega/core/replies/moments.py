"""When something was, as a person says it, by the owner's clock at that moment."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vega.core.memory import TimeWindow
from vega.core.recall.times import EARLIEST

#: So many days back a weekday alone says which one it was.
_WEEK_DAYS = 6
#: Words for the owner and for Vega, as the other one says them.
_TURNED = {
    "i": "you", "i'm": "you're", "i've": "you've", "i'd": "you'd", "i'll": "you'll",
    "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
    "we": "you", "we're": "you're", "we've": "you've", "we'd": "you'd", "us": "you",
    "our": "your", "ours": "yours", "ourselves": "yourselves",
    "your": "my", "yours": "mine", "yourself": "myself", "you're": "I'm", "you've": "I've",
}  # fmt: skip
_VERBS = {"am": "are", "was": "were", "wasn't": "weren't", "are": "am", "were": "was"}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
#: What both of us did is told by "we".
_OF_US = re.compile(
    r"\b(?:we (?:first |last |just |both |ever )*(?:talk|talked|spoke|speak|met|chat|chatted|"
    r"started|discussed)\b|our (?:very )?(?:first|last|conversation|chat|talk)\b)",
    re.IGNORECASE,
)
_BEFORE_SUBJECTS = ("when", "while", "before", "after", "since", "that", "time")
_HAS_YEAR = re.compile(r"\b\d{4}\b|\byears? ago\b|\b(?:last|this|past) year\b")


def turned(words: str) -> str:
    """What the owner said of themselves, as Vega says it: "before my trip", "before your trip"."""
    if _OF_US.search(words):
        return words
    found = list(_WORD.finditer(words))
    said = [match[0].replace("’", "'").lower() for match in found]
    text, end = "", 0
    for at, match in enumerate(found):
        text += words[end : match.start()] + _turned_word(said, at, match[0])
        end = match.end()
    return text + words[end:]


def _turned_word(said: list[str], at: int, word: str) -> str:
    low = said[at]
    if low == "you":
        # What is done by it stands behind it, what is done to it before.
        is_subject = at + 1 < len(said) and (at == 0 or said[at - 1] in _BEFORE_SUBJECTS)
        return "I" if is_subject else "me"
    beside = [*said[max(0, at - 1) : at], *said[at + 1 : at + 2]]
    if low in ("am", "was", "wasn't") and "i" in beside:
        return _VERBS[low]
    if low in ("are", "were") and "you" in beside:
        return "am" if low == "are" else "was"
    return _TURNED.get(low, word)


def window_name(window: TimeWindow, zone: str, now: datetime) -> str:
    """What a time is called in an answer: as the owner called it, with its days where these may
    be others than is thought."""
    name = turned(window.words)
    there = ZoneInfo(zone)
    last = (window.end - timedelta(microseconds=1)).astimezone(there).date()
    is_open = window.start <= EARLIEST.replace(tzinfo=UTC)
    if is_open or last.year == now.astimezone(there).year or _HAS_YEAR.search(name):
        return name
    return f"{name} ({window_words(window.start, window.end, zone)})"


def ago_words(then: datetime, now: datetime, zone: str) -> str:
    """ "4 years and 8 months", "3 months", "12 days", "less than a day"."""
    there = ZoneInfo(zone)
    first, today = then.astimezone(there).date(), now.astimezone(there).date()
    months = (today.year - first.year) * 12 + today.month - first.month - (today.day < first.day)
    days = (today - first).days
    if months < 1:
        return _counted(days, "day") if days > 0 else "less than a day"
    years, rest = divmod(months, 12)
    parts = [_counted(years, "year"), _counted(rest, "month")]
    return " and ".join(part for part in parts if not part.startswith("0 "))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


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
    if start <= EARLIEST.replace(tzinfo=UTC):
        return f"up to {date_words((end - timedelta(microseconds=1)).astimezone(there).date())}"
    first = start.astimezone(there).date()
    last = (end - timedelta(microseconds=1)).astimezone(there).date()
    if first >= last:
        return date_words(first)
    return f"{date_words(first, last)} to {date_words(last)}"
