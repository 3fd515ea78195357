"""Requests to sum up a time: "Summarize last month", "recap my week"."""

import re

from vega.core.recall.times import subject, told_time
from vega.core.replies.wanted import Asking, Wanted

_RECAP = re.compile(
    r"(?:(?:briefly|quickly|shortly) )?(?:tl;?dr(?: of| for)?|what (?:is|was) the (?:summary|gist)"
    r"(?: of)?|summari[sz]e|sum up|recap|recapitulate|review|"
    r"go over|run (?:me )?through|(?:(?:give|write|make|show|tell)(?: me| us)? )?"
    r"(?:a |the |an )?(?:short |quick |brief |little )?"
    r"(?:summary|recap|overview|rundown|digest|round-?up)(?: of| for| about| from)?)"
    r"(?: (?:what (?:all )?(?:i|we) (?:have )?(?:said|talked about|discussed|did|asked|spoke about|"
    r"chatted about)|what happened|everything|(?:all )?(?:our|my|the) "
    r"(?:conversation|chat|talk|discussion|message|question)s?)(?: (?:of|from|with you))?)?"
    r" (?P<rest>.+)"
)
_OF_MINE = {
    "day": "today",
    "morning": "this morning",
    "afternoon": "this afternoon",
    "evening": "this evening",
    "week": "this week",
    "weekend": "last weekend",
    "month": "this month",
    "year": "this year",
}
_MINE = re.compile(rf"(?:my|our|the|this)(?: whole)? (?P<unit>{'|'.join(_OF_MINE)})(?: so far)?")
#: What nobody but the owner can tell of: "Recap my trip to Osaka".
_OWN_OCCASION = re.compile(
    r"(?:my|our) (?:\w+ ){0,2}(?:trips?|holidays?|vacations?|journeys?|visits?|stay|weekend|"
    r"honeymoon|wedding|birthday|party|appointments?|surgery|operation|move|pregnancy)"
    r"(?: (?:to|in|at|with|on|from|of|last|this)\b[^:]*)?"
)
_TALKS = ("conversation", "conversations", "chat", "chats", "talk", "talks", "discussion")
_YEARS = re.compile(r"(?:in )?(?:the )?(?:year )?['’]?\d{2,4}['’]?s?|the \w+ties")


def read_recap(asked: str) -> Asking | None:
    """What is to be summed up, where that is a time and nothing else: a text at hand is not."""
    asked = re.sub(r",? (?:for me|please|again|briefly|shortly|quickly|in short)$", "", asked)
    match = _RECAP.fullmatch(asked)
    if match is None:
        return None
    rest = match["rest"]
    if _OWN_OCCASION.fullmatch(rest):
        return Asking(Wanted.PASSAGE, restated=f"What did I tell you about {rest}?")
    if mine := _MINE.fullmatch(rest):
        return _of(_OF_MINE[mine["unit"]])
    # "1984" may as well be the name of a book, and the nineties are everybody's.
    is_certain = _YEARS.fullmatch(rest) is None
    for said in (rest, f"in {rest}", f"on {rest}", f"at {rest}"):
        if _is_time(said):
            return _of(said, is_certain=is_certain)
    return None


def _of(said: str, *, is_certain: bool = True) -> Asking:
    restated = f"What did we talk about {said}?"
    return Asking(Wanted.TALK, is_certain=is_certain, names_time=True, restated=restated)


def _is_time(said: str) -> bool:
    found = told_time(said)
    return found is not None and subject(said, found) in ("", *_TALKS)
