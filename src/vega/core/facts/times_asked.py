"""Which of a thing's values a question is after: what it was before, at first, ever; since when.

Such a question is put as one about the present, with what it asks of that: "Where have I lived?" is
"where do I live", of all times.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from vega.core.facts.forms import Question, Tense
from vega.core.patterns import Pattern

#: Reads a bare question about the present.
Read = Callable[[str], Question | None]

_WH = r"(?:what|which|who|where)(?: one)?"
_IT = r"(?:it|that|they|he|she|i|this)"
_AT_FIRST = (
    r"(?:(?:right )?(?:in|at) the (?:very )?(?:beginning|start)|at first|originally|initially|"
    r"to (?:begin|start) with|in the first place|first)"
)
#: What "it" was or is: of what was spoken of last.
_OF_IT = (
    (
        Tense.BEFORE,
        rf"(?:{_WH} (?:was|were|did) {_IT}(?: be| say| have)? (?:before(?: that| this| then)?|"
        r"previously|earlier|until then|in the past)|(?:(?:what|how) about |and )?before "
        r"(?:that|this|then)(?: one)?|(?:what about )?(?:even )?(?:earlier|previously)|"
        r"(?:what was )?the one before(?: that| this)?|before)",
    ),
    (
        Tense.FIRST,
        rf"{_WH} (?:was|were|did) {_IT}(?: be| say| have)? {_AT_FIRST}|{_AT_FIRST}|"
        rf"what was the (?:very )?first(?: one)?|what about (?:{_AT_FIRST})",
    ),
    (
        Tense.NOW,
        rf"{_WH} (?:is|are) {_IT} (?:now|today|currently|these days|nowadays|at the moment|at "
        r"present)|(?:what about )?now|how (?:do|can) you know(?: that| this| it)?",
    ),
    (
        Tense.CHANGE,
        r"since when|(?:when|did|how often|has)(?: did| has)? (?:it|that|this) (?:ever |last )?"
        r"changed?|"
        rf"(?:has|was) {_IT} always (?:been )?(?:so|like (?:that|this)|[a-z][\w' -]{{1,30}})|"
        r"when did i (?:last )?change (?:it|that|my mind)(?: about (?:it|that))?",
    ),
    (
        Tense.EVER,
        rf"what (?:has|have|else has|else have) {_IT} been|what were (?:they|those) all|"
        r"(?:what were|list|show(?: me)?) all of (?:them|those)",
    ),
)  # fmt: skip
_IT_PATTERNS = tuple((tense, Pattern(one, re.IGNORECASE)) for tense, one in _OF_IT)
_TIME = (
    r"(?:(?:early |late |mid-?)?(?:january|february|march|april|may|june|july|august|september|"
    r"october|november|december)(?: \d{4})?|(?:spring|summer|autumn|fall|winter)(?: of \d{4})?|"
    r"(?:19|20)\d\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|the (?:nineties|eighties|\d0s)|"
    r"(?:the )?\d{1,2}(?:st|nd|rd|th|\.)?(?: of)?(?: \w+)?|christmas|easter|new year)"
)
_BEHIND = Pattern(
    r",? (?:(?P<before>before(?: that| this)?|previously|earlier|in the past|until then)|"
    rf"(?P<first>{_AT_FIRST})|"
    rf"(?P<when>(?:back )?(?:in|on|at|around|before|since) (?:the )?{_TIME}|"
    r"last (?:week|month|year|spring|summer|autumn|fall|winter|\w+day)|yesterday|"
    r"(?:a|an|some|two|three|four|five|six|\d+) (?:day|week|month|year)s? ago))$",
    re.IGNORECASE,
)
_PAST = Pattern(r"\b(?:was|were|did)\b", re.IGNORECASE)
_PRESENT = {"was": "is", "were": "are", "did": "do"}
_USED_TO = Pattern(r"\bdid i used? to\b", re.IGNORECASE)
_SO_FAR = (
    r"(?: (?:so far|over time|over the years|until now|up to now|to date|in my life|before|ever|"
    r"in the past|through the years|since we (?:first )?(?:met|talked)|lately|recently|again|yet))*"
)
_MY = r"(?:my|our)"
_FORMER = r"(?:past|previous|former|old|earlier|different|other|various)"
#: (what is asked for, how, the question about the present): the first that fits.
_ASKED = (
    (Tense.EVER, rf"(?:(?:what|which) (?:were|are|have been)|list|show(?: me)?|name|tell me) "
     rf"(?:all|each|every one)(?: of)? (?:{_MY}|the) (?:{_FORMER} )?"
     r"(?P<x>fav(?:ou?rite)? [^?]+?|names|jobs|homes|addresses|employers|cars|phones)"
     r"(?: (?:that )?i(?:'ve| have)? (?:ever )?(?:had|told you(?: about)?))?", "what are my {x}"),
    (Tense.EVER, r"(?:name|list) my (?P<x>fav(?:ou?rite)? [^?]+?)", "what are my {x}"),
    (Tense.EVER, rf"(?:what|which) (?:were|have been) {_MY} {_FORMER} (?P<x>[^?]+?)",
     "what are my {x}"),
    (Tense.EVER, r"(?:what|which|how many) (?P<x>(?:different )?fav(?:ou?rite)? [^?]+?) "
     r"(?:have|did) i (?:ever )?(?:had|have|tell you|told you(?: about)?)",
     "what are my {x}"),
    (Tense.EVER, r"(?:what|which) (?P<x>job|car|phone|employer|bike|computer|address)(?:e?s)? "
     r"(?:have|did) i (?:ever )?(?:had|have|owned?|driven?|drove)", "what is my {x}"),
    (Tense.EVER, rf"(?:(?:what(?:'s| is) )?the )?history of {_MY} (?P<x>[^?]+?)", "what is my {x}"),
    (Tense.EVER, rf"(?:what|which) (?:has|have) {_MY} (?P<x>[^?]+?) been", "what is my {x}"),
    (Tense.EVER, r"where(?: all| else)? have (?:i|we) (?:ever |all )?lived?", "where do i live"),
    (Tense.EVER, r"(?:which|what) (?:cities|towns|places) (?:have|did) i (?:ever )?lived?(?: in)?",
     "where do i live"),
    (Tense.EVER, r"where(?: all| else)? have i (?:ever )?worked", "where do i work"),
    (Tense.EVER, r"have i (?:ever |once )*lived in (?P<x>[^?]+?)", "do i live in {x}"),
    (Tense.EVER, r"have i always (?:lived|been living) in [^?]+?", "where do i live"),
    (Tense.EVER, rf"(?:has|have|was|were) (?P<x>{_MY} .+?) always (?:been )?[^?]+?", "what is {x}"),
    (Tense.BEFORE, rf"what did (?P<x>{_MY} [^?]+?) used? to be", "what is {x}"),
    (Tense.EVER, r"did i (?:ever |once |use to )*live in (?P<x>[^?]+?)", "do i live in {x}"),
    (Tense.EVER, r"have i (?:ever |once )*worked (?P<x>(?:at|for|as) [^?]+?)",
     "do i work {x}"),
    (Tense.EVER, r"(?:have i (?:ever |once )*had|did i (?:ever |once |use to )*have|have i "
     r"(?:ever |once )*owned|did i (?:ever |once |use to )*own) (?P<x>[^?]+?)", "do i have {x}"),
    (Tense.EVER, rf"was (?P<v>[^?]+?) (?:ever |once )*(?P<x>{_MY} fav(?:ou?rite)? [^?]+?)",
     "is {v} {x}"),
    (Tense.EVER, rf"was (?P<x>{_MY} fav(?:ou?rite)? .+?) (?:ever|once) (?P<v>[^?]+?)",
     "is {x} {v}"),
    (Tense.CHANGE, rf"(?:(?:how|when|how often|how many times) )?"
     rf"(?:has|have|did) (?P<x>{_MY} .+?) "
     r"(?:ever |last )?changed?", "what is {x}"),
    (Tense.CHANGE, rf"(?:(?:how|when|how often|how many times) )?(?:have|did) i (?:ever |last )?"
     rf"changed? (?P<x>{_MY} [^?]+?)", "what is {x}"),
    (Tense.CHANGE, rf"since when (?:is|are|has|have) (?P<v>[^?]+?) (?:been )?"
     rf"(?P<x>{_MY} fav(?:ou?rite)? [^?]+?)", "what is {x}"),
    (Tense.CHANGE, rf"how long (?:is|are|has|have) (?P<v>[^?]+?) been "
     rf"(?P<x>{_MY} fav(?:ou?rite)? [^?]+?)", "what is {x}"),
    (Tense.CHANGE, r"(?:since when|how long) (?:do|have) i (?:live|lived|been living)"
     r"(?: (?:here|in (?P<v>[^?]+?)))?", "where do i live"),
    (Tense.CHANGE, r"when did i (?:move (?:here|to (?P<v>[^?]+?))|start living in (?P<v_>[^?]+?))",
     "where do i live"),
    (Tense.CHANGE, r"(?:since when|how long) (?:do|have) i (?:work|worked|been working)"
     r"(?: (?:here|(?:at|for) (?P<v>[^?]+?)))?", "where do i work"),
    (Tense.FIRST, r"(?:what|which|where|who) (?P<be>was|were|is|are) "
     rf"{_MY} (?:very )?(?:first(?! name)|original|initial) (?P<x>[^?]+?)", "what {be} my {x}"),
    (Tense.FIRST, r"(?:what|which) (?P<x>[^?]+?) did i (?P<like>like|love|prefer) first",
     "what {x} do i {like} best"),
    (Tense.BEFORE, rf"(?:what|which|who) (?P<be>was|is) {_MY} (?:previous|former|old|"
     r"last(?! name)) "
     r"(?P<x>fav(?:ou?rite)? [^?]+?|job|employer|home|address|car|phone|name|boss)",
     "what is my {x}"),
    (Tense.BEFORE, r"what did i (?:call|say was) (?P<x>my fav(?:ou?rite)? [^?]+?) before",
     "what is {x}"),
    (Tense.EVER, r"(?:did|have) i (?:ever |once |use to |used to |always )*"
     r"(?P<d>like|love|enjoy|hate|dislike|play)d? (?P<x>[^?]+?)", "do i {d} {x}"),
    (Tense.NOW, r"(?:did|have) i (?:ever |already |just )?(?:tell|told|mention(?:ed)?)(?: to)?"
     r"(?: you)? (?P<x>(?:(?:my|our)|where|what|when|how|who) .+)", "do you know {x}"),
    (Tense.NOW, r"do i have an? (?P<x>fav(?:ou?rite)? [^?]+?)", "do you know my {x}"),
    (Tense.NOW, rf"(?:when|where) (?:did|have) i (?:first |last )?(?:tell|told) you "
     r"(?:about |that )?"
     rf"(?:what |when )?(?P<x>{_MY} (?:fav(?:ou?rite)? \w+|name|birthday|age|job|address))"
     r"(?: (?:is|was)(?: [^?]+?)?)?", "what is {x}"),
)  # fmt: skip
_REWRITTEN = tuple(
    (tense, Pattern(f"(?:{asked}){_SO_FAR}", re.IGNORECASE), present)
    for tense, asked, present in _ASKED
)


def of_it(asked: str) -> Question | None:
    """What is asked of what was spoken of last: "And what was it before that?"."""
    for tense, pattern in _IT_PATTERNS:
        if pattern.fullmatch(asked):
            return Question(None, "", "is", tense=tense)
    return None


def of_a_time(asked: str, read: Read) -> Question | None:
    """ "What was my favorite color before?", "Where did I live in 2019?" """
    for tense, pattern, present in _REWRITTEN:
        match = pattern.fullmatch(asked)
        if match is None:
            continue
        words = {name.strip("_"): said.strip() for name, said in match.groupdict().items() if said}
        words["be"] = _PRESENT.get(words.get("be", "").lower(), words.get("be", ""))
        question = read(present.format(**words))
        if question is None or question.subject is not None or question.when is not None:
            continue
        if tense is Tense.CHANGE:
            wants_yes = re.match(r"(?:has|have|did)\b", asked, re.IGNORECASE) is not None
            question = replace(question, value=words.get("v"), wants_yes=wants_yes)
        return replace(question, tense=tense)
    return _behind(asked, read)


def _behind(asked: str, read: Read) -> Question | None:
    """With the time behind what is asked for."""
    past = _PAST.search(asked)
    suffix = _BEHIND.search(asked)
    used_to = _USED_TO.search(asked)
    if past is None or (suffix is None and used_to is None):
        return None
    core = asked[: suffix.start()] if suffix else asked
    core = _USED_TO.sub("do i", core)
    core = _PAST.sub(lambda match: _PRESENT[match.group().lower()], core, count=1)
    question = read(core)
    if question is None or question.subject is not None:
        return None
    if question.value is not None or question.when is not None:
        return None
    tense = Tense.FIRST if suffix and suffix["first"] else Tense.BEFORE
    return replace(question, tense=tense, when=suffix["when"] if suffix else None)
