"""How people introduce themselves: "Hi, I'm Ana", "I'm Craig, a colour technologist"."""

import re

from vega.core import vocabulary as en
from vega.core.facts import values
from vega.core.facts.places import place
from vega.core.facts.rule import Drawn, rule, say
from vega.core.facts.work import job_of
from vega.core.patterns import Pattern

_GREETED = Pattern(
    r"(?:hi|hello|hey|(?:good )?(?:morning|afternoon|evening)|greetings)(?: there| vega| everyone)?"
    r"[\s,.!:-]+(?P<rest>(?:i'm|i am|this is) (?-i:[A-ZÀ-Þ])[\w'-]*(?: (?-i:[A-ZÀ-Þ])[\w'-]*)?)"
    r"(?P<behind>,? (?:and|from|nice|pleased|i) .*)?[\s.!]*",
    re.IGNORECASE,
)
#: Said after a greeting, it is no name.
_FAITHS = en.of("""
catholic protestant jewish muslim hindu buddhist atheist orthodox mormon sikh lutheran anglican
baptist agnostic vegan vegetarian republican democrat libertarian socialist batman
""")
_NO_NAME = _FAITHS | en.NATIONS | en.TIMES | en.STATES | en.NEVER_NAMES | en.CLAUSE | en.ADVERBS


def introduction(sentence: str) -> str | None:
    """The clause "my name is …" that a greeted introduction is, if the sentence is one."""
    match = _GREETED.fullmatch(sentence)
    if match is None:
        return None
    name = re.sub(r"^(?:i'm|i am|this is) ", "", match["rest"], flags=re.IGNORECASE)
    if not is_given(name):
        return None
    behind = re.sub(r"^,? and ", ", ", match["behind"] or "")
    return f"my name is {name}{behind}"


def is_given(name: str) -> bool:
    """Whether somebody who says "I'm" so may be called so."""
    words = name.lower().split()
    return values.is_call_name(name) and not any(word in _NO_NAME for word in words)


def _presented(match: re.Match[str]) -> Drawn | None:
    """ "I'm Craig, a 44-year-old colour technologist": the name, and the job where it is one."""
    name = match["name"]
    if not is_given(name) or not name.split()[0][1:].islower():
        return None
    job = job_of(re.sub(r"^\d+[- ]year[- ]old ", "", match["job"]))
    return Drawn((say("name", name), *((say("job", job),) if job else ())), is_all=job is not None)


_NAME = r"(?-i:[A-ZÀ-Þ])[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+)?"


def _of_age(match: re.Match[str]) -> Drawn | None:
    """ "I'm Karin, 34, from Graz"."""
    name = match["name"]
    if not is_given(name) or not name.split()[0][1:].islower():
        return None
    where = place(match["place"]) if match["place"] else None
    home = (say("hometown", where),) if where else ()
    return Drawn((say("name", name), say("age", match["age"]), *home))


RULES = (
    rule(
        rf"(?:i'm|i am) (?P<name>{_NAME}),? (?:and )?(?:i'm |i am )?(?P<age>[1-9]\d)"
        r"(?: years old)?(?:,? (?:and |i'm )?from (?P<place>.+))?",
        _of_age,
    ),
    rule(rf"(?:i'm|i am) (?P<name>{_NAME}), (?:an?|the) (?P<job>.+)", _presented),
)
