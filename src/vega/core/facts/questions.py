"""What a prompt asks of its owner's facts."""

import re
from dataclasses import replace

from vega.core import vocabulary as en
from vega.core.facts.asking import ASKS, Ask
from vega.core.facts.attributes import COUNTED, GROUPS, OTHER_WORDS, singular_relation
from vega.core.facts.forms import Question
from vega.core.facts.guards import asks
from vega.core.facts.naming_questions import read_name_question
from vega.core.facts.reading import MAX_PROMPT_CHARS
from vega.core.facts.sentences import only_sentence
from vega.core.facts.shape import is_short
from vega.core.facts.times_asked import of_a_time, of_it
from vega.core.facts.wording import as_meant, named_alone
from vega.core.facts.work import job_of
from vega.core.patterns import Pattern

_HABITS = {"smoke": "smoking", "vape": "vaping", "gamble": "gambling"}
_WHO_IS_VEGA = Pattern(
    r"(?:who|what)(?: exactly)? are you|what(?:'?s| is) your name|what can you do(?: for me)?|"
    r"(?:please )?introduce yourself|tell me about yourself",
    re.IGNORECASE,
)
_WHO_AM_I = Pattern(
    r"(?:do you (?:even |still )?(?:know|remember) |tell me )?(?:who (?:am i|i am)|"
    r"what (?:am i|i'm|i am) called|(?P<call>what (?:do|should|shall|must|can|are) you (?:to )?"
    r"(?:supposed to )?call me|how (?:should|do) you (?:call|address) me))",
    re.IGNORECASE,
)
_POLITELY = Pattern(
    r"(?:(?P<yes>(?:do|can|could) you (?:still |even )?(?:know|remember|recall))|(?:(?:can|could|"
    r"would|"
    r"will) you )?(?:please )?(?:tell|remind) me(?: again)?)(?: of| about)? (?!you\b)",
    re.IGNORECASE,
)


def read_question(prompt: str) -> Question | None:
    """What the prompt asks of its owner's facts, if it asks nothing else."""
    asked = asked_in(prompt)
    if not asked:
        return None
    if who_am_i := _WHO_AM_I.fullmatch(asked):
        called = Question("nickname", "nickname", "is", also=("name",))
        return called if who_am_i["call"] else Question("name", "name", "is")
    question = of_it(asked) or of_a_time(asked, _question_of_now) or _question_of_now(asked)
    if question is None and (whole := named_alone(asked, is_asked=asks(prompt))):
        return _question_of_now(whole)
    return question


def asks_who_vega_is(prompt: str) -> bool:
    """Whether the prompt asks Vega to introduce itself, and nothing else."""
    return _WHO_IS_VEGA.fullmatch(_only_sentence(prompt)) is not None


def _only_sentence(prompt: str) -> str:
    return only_sentence(prompt) if len(prompt) <= MAX_PROMPT_CHARS else ""


def asked_in(prompt: str) -> str:
    """The prompt's only sentence, in plain words; empty where it has more."""
    return _only_sentence(as_meant(prompt)) if len(prompt) <= MAX_PROMPT_CHARS else ""


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
    begins = re.match(
        r"(?:what|which|who|where|when|how|in|do|am|is|was|are|list|name)\b", core, re.IGNORECASE
    )
    return is_polite or begins is not None


def _question(ask: Ask, match: re.Match[str]) -> Question | None:
    words = {name.rstrip("_"): said for name, said in match.groupdict().items() if said}
    attribute, phrase, also = ask.attribute, ask.phrase, ask.also
    if "group" in words:
        attribute, *rest = GROUPS[words["group"].lower()]
        phrase, also = words["group"].lower(), tuple(rest)
    elif "who" in words:
        attribute = singular_relation(words["who"].lower())
        plural = OTHER_WORDS.get(words["who"].lower(), words["who"].lower())
        phrase = plural if ask.is_list else f"{words['who'].lower()}'s name"
        also = _also(attribute)
    elif "count" in words:
        one = singular_relation(words["count"].lower())
        attribute = "children" if one == "child" else f"{one}s"
        others = _also(one) if one in ("child", "sibling") else ()
        phrase, also = words["count"].lower(), (one, *others)
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
    value = words.get("value") or _HABITS.get(words.get("habit", "").lower())
    if trade := words.get("trade"):
        # "Am I still a member?" asks for no job.
        value = job_of(trade)
        if value is None:
            return None
    if value is not None and not _is_value(value):
        return None
    return Question(
        attribute, phrase, ask.verb, value=value, is_list=ask.is_list, all_of=ask.all_of,
        when=words.get("when"), also=also, subject=_plain(words.get("subject")),
    )  # fmt: skip


def _plain(subject: str | None) -> str | None:
    """Both of "coffee or tea"."""
    return subject.replace(" or ", " ") if subject else None


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
