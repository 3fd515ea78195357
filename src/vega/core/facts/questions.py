"""What a prompt asks of its owner's facts."""

import re
from dataclasses import replace

from vega.core import vocabulary as en
from vega.core.facts.asking import ASKS, Ask
from vega.core.facts.attributes import COUNTED, OTHER_WORDS, singular_relation
from vega.core.facts.forms import Question, Tense
from vega.core.facts.naming_questions import read_name_question
from vega.core.facts.reading import MAX_PROMPT_CHARS
from vega.core.facts.sentences import only_sentence
from vega.core.facts.shape import is_short

_WHO_IS_VEGA = re.compile(
    r"(?:who|what)(?: exactly)? are you|what(?:'?s| is) your name|what can you do(?: for me)?|"
    r"(?:please )?introduce yourself|tell me about yourself",
    re.IGNORECASE,
)
_WHO_AM_I = re.compile(r"(?:who am i|what am i called|what do you call me)", re.IGNORECASE)
_POLITELY = re.compile(
    r"(?:(?P<yes>(?:do|can|could) you (?:still |even )?(?:know|remember|recall))|(?:(?:can|could|"
    r"would|"
    r"will) you )?(?:please )?(?:tell|remind) me(?: again)?)(?: of| about)? (?!you\b)",
    re.IGNORECASE,
)
_IT_BEFORE = re.compile(
    r"(?:and )?(?:what|which|who|where)(?: one)? (?:was|were|did) (?:it|that|they|he|she|i)"
    r"(?: be| say| have)? (?:before(?: that| this)?|previously|earlier|until then|in the past)",
    re.IGNORECASE,
)
_TIME = (
    r"(?:(?:early |late |mid-?)?(?:january|february|march|april|may|june|july|august|september|"
    r"october|november|december)(?: \d{4})?|(?:spring|summer|autumn|fall|winter)(?: of \d{4})?|"
    r"(?:19|20)\d\d|(?:mon|tues|wednes|thurs|fri|satur|sun)day|the (?:nineties|eighties|\d0s)|"
    r"(?:the )?\d{1,2}(?:st|nd|rd|th|\.)?(?: of)?(?: \w+)?|christmas|easter|new year)"
)
_BEFORE = re.compile(
    r",? (?:(?P<before>before(?: that| this)?|previously|earlier|in the past|until then)|"
    rf"(?P<when>(?:back )?(?:in|on|at|around|before|since) (?:the )?{_TIME}|"
    r"last (?:week|month|year|spring|summer|autumn|fall|winter|\w+day)|yesterday|"
    r"(?:a|an|some|two|three|four|five|six|\d+) (?:day|week|month|year)s? ago))$",
    re.IGNORECASE,
)
_PAST = re.compile(r"\b(?:was|were|did)\b", re.IGNORECASE)
_PRESENT = {"was": "is", "were": "are", "did": "do"}
_USED_TO = re.compile(r"\bdid i used? to\b", re.IGNORECASE)


def read_question(prompt: str) -> Question | None:
    """What the prompt asks of its owner's facts, if it asks nothing else."""
    asked = _only_sentence(prompt)
    if not asked:
        return None
    if _WHO_AM_I.fullmatch(asked):
        return Question("name", "name", "is")
    if _IT_BEFORE.fullmatch(asked):
        return Question(None, "", "is", tense=Tense.BEFORE)
    return _question_of_before(asked) or _question_of_now(asked)


def asks_who_vega_is(prompt: str) -> bool:
    """Whether the prompt asks Vega to introduce itself, and nothing else."""
    return _WHO_IS_VEGA.fullmatch(_only_sentence(prompt)) is not None


def _only_sentence(prompt: str) -> str:
    return only_sentence(prompt) if len(prompt) <= MAX_PROMPT_CHARS else ""


def _question_of_now(asked: str) -> Question | None:
    question = read_name_question(asked)
    if question is not None:
        return question
    politely = _POLITELY.match(asked)
    core = asked[politely.end() :] if politely else asked
    for ask in ASKS:
        match = ask.pattern.fullmatch(core)
        question = _question(ask, match) if match else None
        if question is not None and _is_question(core, question, bool(politely)):
            wants_yes = ask.wants_yes or bool(politely and politely["yes"])
            return replace(question, wants_yes=wants_yes)
    return None


def _is_question(core: str, question: Question, is_polite: bool) -> bool:
    """ "My birthday" asks for it only behind "do you remember"."""
    begins = re.match(r"(?:what|which|who|where|when|how|do|am|is)\b", core, re.IGNORECASE)
    return is_polite or begins is not None


def _question_of_before(asked: str) -> Question | None:
    """ "What was my favourite colour before?", "Where did I live in 2019?"."""
    past = _PAST.search(asked)
    suffix = _BEFORE.search(asked)
    used_to = _USED_TO.search(asked)
    if past is None or (suffix is None and used_to is None):
        return None
    core = asked[: suffix.start()] if suffix else asked
    core = _USED_TO.sub("do i", core)
    core = _PAST.sub(lambda match: _PRESENT[match.group().lower()], core, count=1)
    question = _question_of_now(core)
    if question is None or question.subject is not None:
        return None
    if question.value is not None or question.when is not None:
        return None
    when = suffix["when"] if suffix else None
    return replace(question, tense=Tense.BEFORE, when=when)


def _question(ask: Ask, match: re.Match[str]) -> Question | None:
    words = {name.rstrip("_"): said for name, said in match.groupdict().items() if said}
    attribute, phrase, also = ask.attribute, ask.phrase, ask.also
    if "who" in words:
        attribute = singular_relation(words["who"].lower())
        plural = OTHER_WORDS.get(words["who"].lower(), words["who"].lower())
        phrase = plural if ask.is_list else f"{words['who'].lower()}'s name"
        also = _also(attribute)
    elif "count" in words:
        one = singular_relation(words["count"].lower())
        attribute = "children" if one == "child" else f"{one}s"
        phrase, also = words["count"].lower(), (one,)
    elif "born" in words:
        attribute = phrase = f"{singular_relation(words['born'].lower())}'s birthday"
    elif "what" in words:
        attribute = phrase = words["what"].lower().replace("e-mail", "email")
        attribute = attribute.removesuffix(" address") if "email" in attribute else attribute
        also = tuple(one for one in also if one != attribute)
    elif "drive" in words:
        attribute = phrase = "car"
    elif "tall" in words:
        attribute = phrase = "height"
    value = words.get("value")
    if value is not None and not _is_value(value):
        return None
    return Question(
        attribute, phrase, ask.verb, value=value, is_list=ask.is_list, all_of=ask.all_of,
        when=words.get("when"), also=also, subject=words.get("subject"),
    )  # fmt: skip


def _also(attribute: str) -> tuple[str, ...]:
    if attribute in ("wife", "husband", "partner"):
        return ("spouse",)
    plural = "children" if attribute == "child" else f"{attribute}s"
    also = {
        "child": ("son", "daughter", "children", "sons", "daughters"),
        "sibling": ("brother", "sister", "siblings", "brothers", "sisters"),
    }
    return also.get(attribute, (plural,) if plural in COUNTED else ())


def _is_value(value: str) -> bool:
    words = value.lower().split()
    unwanted = en.CLAUSE | {"or", "and", "but", "anything", "any"}
    return is_short(value) and len(words) < 6 and not any(word in unwanted for word in words)
