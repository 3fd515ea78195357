"""How people introduce themselves: "Hi, I'm Ana", "I'm Craig, a colour technologist"."""

import re

from vega.core import vocabulary as en
from vega.core.facts import values
from vega.core.facts.rule import Drawn, rule, say
from vega.core.facts.work import job_of

_GREETED = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings)(?: there| vega| everyone)?"
    r"[\s,.!:-]+(?P<rest>(?:i'm|i am|this is) (?-i:[A-ZÀ-Þ])[\w'-]*(?: (?-i:[A-ZÀ-Þ])[\w'-]*)?)"
    r"(?P<behind>,? (?:and|from|nice|pleased|i) .*)?[\s.!]*",
    re.IGNORECASE,
)
#: Said after a greeting, it is no name.
_NO_NAME = en.NATIONS | en.TIMES | en.STATES | en.NEVER_NAMES | en.CLAUSE | en.ADVERBS


def introduction(sentence: str) -> str | None:
    """The clause "my name is …" that a greeted introduction is, if the sentence is one."""
    match = _GREETED.fullmatch(sentence)
    if match is None:
        return None
    name = re.sub(r"^(?:i'm|i am|this is) ", "", match["rest"], flags=re.IGNORECASE)
    if not _is_given(name):
        return None
    behind = re.sub(r"^,? and ", ", ", match["behind"] or "")
    return f"my name is {name}{behind}"


def _is_given(name: str) -> bool:
    words = name.lower().split()
    return values.is_call_name(name) and not any(word in _NO_NAME for word in words)


def _presented(match: re.Match[str]) -> Drawn | None:
    """ "I'm Craig, a 44-year-old colour technologist": the name, and the job where it is one."""
    name = match["name"]
    if not _is_given(name) or not name.split()[0][1:].islower():
        return None
    job = job_of(re.sub(r"^\d+[- ]year[- ]old ", "", match["job"]))
    return Drawn((say("name", name), *((say("job", job),) if job else ())), is_all=job is not None)


_NAME = r"(?-i:[A-ZÀ-Þ])[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+)?"
RULES = (rule(rf"(?:i'm|i am) (?P<name>{_NAME}), (?:an?|the) (?P<job>.+)", _presented),)
