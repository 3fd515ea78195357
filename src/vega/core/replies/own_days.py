"""Days that are the owner's own ("on my birthday"), of which only what they told says when it is;
and days that they call by a wrong name."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from vega.core.recall.times import read_impossible, read_time, wrong_weekday
from vega.core.recall.times.words import MONTHS
from vega.core.replies.ages import day_of
from vega.core.store import Store

_OWN_DAY = re.compile(
    r"\b(?P<joint>on|at|for|since|before|after|around) (?:my|our) (?:last )?"
    r"(?P<what>birthday|b-?day|name ?day|(?:wedding )?anniversary)\b"
    r"(?!'s| (?:party|present|gift|cake))",
    re.IGNORECASE,
)
_NAMES = {"bday": "birthday", "b-day": "birthday", "nameday": "name day"}
_ALSO = {"anniversary": "wedding anniversary", "wedding anniversary": "anniversary"}


async def by_date(store: Store, prompt: str) -> str | None:
    """The prompt with the date of such a day in its place; None where it names none, or it was
    never told when that is."""
    match = _OWN_DAY.search(prompt)
    if match is None:
        return None
    date = await _date(store, _attribute(match))
    if date is None:
        return None
    joint = "on" if match["joint"].lower() in ("at", "for") else match["joint"]
    return f"{prompt[: match.start()]}{joint} {date}{prompt[match.end() :]}"


def unknown_day(prompt: str) -> str | None:
    """What such a day is called that a prompt names: "birthday"."""
    match = _OWN_DAY.search(prompt)
    return _attribute(match) if match else None


def _attribute(match: re.Match[str]) -> str:
    what = match["what"].lower()
    return _NAMES.get(what, what)


async def _date(store: Store, attribute: str) -> str | None:
    for each in (attribute, _ALSO.get(attribute)):
        fact = await store.facts.find(each) if each else None
        day = day_of(fact.value) if fact else None
        if day is not None:
            date = f"{day[1]} {list(MONTHS)[day[0] - 1].capitalize()}"
            return date if read_impossible(f"on {date}") is None else None
    return None


def weekday_note(prompt: str, zone: str, now: datetime) -> str | None:
    """Which weekday the day was that a question calls by another; None where it names none such."""
    time = read_time(prompt, now.astimezone(ZoneInfo(zone)))
    found = wrong_weekday(time) if time is not None else None
    return f"{found}." if found is not None else None
