"""Days of the year: "my birthday is 3 May", "our anniversary is June 12"."""

import re

from vega.core.facts.attributes import OTHER_WORDS, RELATIONS, singular_relation
from vega.core.facts.places import place
from vega.core.facts.rule import ADVERBS, Drawn, drawn, rule, say
from vega.core.facts.shape import plain_value
from vega.core.patterns import Pattern

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:the )?\d{1,2}(?:st|nd|rd|th|\.)?"
_YEAR = r"(?:1[89]\d\d|20\d\d)"
_WEEKDAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
DATE = Pattern(
    rf"{_WEEKDAY}(?:{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?|{_MONTH} {_DAY}(?:,? {_YEAR})?|"
    rf"\d{{1,2}}[./-]\d{{1,2}}(?:[./-](?:{_YEAR}|\d\d))?\.?|{_YEAR}-\d\d-\d\d|"
    r"(?:new year's (?:day|eve)|christmas(?: day| eve)?|valentine's day|halloween|leap day))",
    re.IGNORECASE,
)
_SAID = "|".join(sorted((RELATIONS | set(OTHER_WORDS)), key=lambda one: (-len(one), one)))


def _date(text: str) -> str | None:
    value = re.sub(r"^on ", "", text.strip(), flags=re.IGNORECASE)
    for one in (value, plain_value(value)):
        if DATE.fullmatch(one):
            return one
    return None


def _birthday(match: re.Match[str]) -> Drawn | None:
    value = _date(match["value"])
    return drawn("birthday", [value]) if value else None


def _born_in(match: re.Match[str]) -> Drawn | None:
    return drawn("birth year", [match["value"]])


def _born_there(match: re.Match[str]) -> Drawn | None:
    where = place(match["place"])
    return Drawn((say("birth year", match["value"]), say("birthplace", where))) if where else None


def _born_on(match: re.Match[str]) -> Drawn | None:
    where, value = place(match["place"]), _date(match["value"])
    return Drawn((say("birthday", value), say("birthplace", where))) if where and value else None


def _others_birthday(match: re.Match[str]) -> Drawn | None:
    value = _date(match["value"])
    who = singular_relation(match["who"].lower())
    return drawn(f"{who}'s birthday", [value]) if value and who in RELATIONS else None


def _anniversary(match: re.Match[str]) -> Drawn | None:
    value = _date(match["value"])
    which = "wedding anniversary" if match["which"] else "anniversary"
    return drawn(which, [value]) if value else None


def _wedding(match: re.Match[str]) -> Drawn | None:
    value = _date(match["value"])
    return drawn("wedding anniversary", [value]) if value else None


_IS = rf"(?:'s| is| falls) {ADVERBS}(?:on )?"
RULES = (
    rule(
        rf"(?:my birthday|my b-?day|my date of birth|"
        rf"my birth date){_IS}(?P<value>.+)",
        _birthday,
    ),
    rule(r"(?:i was born|i'm born) (?:on )?(?P<value>.+)", _birthday),
    rule(rf"i was born in (?P<value>{_YEAR})", _born_in),
    rule(rf"i was born in (?P<value>{_YEAR}),? (?:in|at) (?P<place>.+)", _born_there),
    rule(rf"my (?:year of birth|birth year)(?:'s| is) (?P<value>{_YEAR})", _born_in),
    rule(r"i was born in (?P<place>.+?) on (?P<value>.+)", _born_on),
    rule(rf"i was born in (?P<place>\D+?),? (?:in )?(?P<value>{_YEAR})", _born_there),
    rule(r"i was born (?:on )?(?P<value>\S.*?) in (?P<place>(?-i:[A-ZÀ-Þ]).+)", _born_on),
    rule(rf"(?:my|our) (?P<who>{_SAID})'s birthday{_IS}(?P<value>.+)", _others_birthday),
    rule(rf"(?:my|our) (?P<who>{_SAID}) was born (?:on )?(?P<value>.+)", _others_birthday),
    rule(rf"(?:my|our) (?P<which>wedding )?anniversary{_IS}(?P<value>.+)", _anniversary),
    rule(r"(?:we|i) got married (?:on )?(?P<value>.+)", _wedding),
)
