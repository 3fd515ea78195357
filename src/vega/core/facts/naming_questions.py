"""Questions for names and favourites: "What is my favourite colour?"."""

import re

from vega.core.facts.forms import Question
from vega.core.facts.naming import (
    ADVERB,
    FAVORITE,
    NAME,
    THING,
    attribute_of,
    named_value,
    phrase_of,
)
from vega.core.patterns import Pattern
from vega.core.vocabulary import of

_ASKED = rf"(?:{FAVORITE}|{NAME})"
_ASK_END = r"(?: (?:again|now|please|currently|called))*"
_QUESTIONS = (
    Pattern(rf"(?:what|which|who)(?:'?s| (?P<verb>is|are|was|were)) {_ASKED}{_ASK_END}", re.I),
    Pattern(
        r"(?P<yes>(?:do|can|could) you (?:still |even )?(?:know|remember|recall))"
        rf" (?:what |which |who )?{_ASKED}(?: (?P<verb>is|are|was|were))?{_ASK_END}",
        re.I,
    ),
    Pattern(
        r"(?:(?:can|could|would|will) you )?(?:please )?(?:tell|remind) me (?:again )?"
        rf"(?:what |of |about )?{_ASKED}(?: (?P<verb>is|are|was|were))?{_ASK_END}",
        re.I,
    ),
    Pattern(
        rf"what did i (?:say|tell you)(?: that)? {_ASKED} (?P<verb>is|are|was|were){_ASK_END}", re.I
    ),
    Pattern(rf"(?:what|which) {THING} (?P<verb>is|are) my (?P<favorite>favou?rite|fav)", re.I),
    Pattern(
        rf"(?:what|which) {THING} do i (?:like|love|prefer)(?P<most> (?:the )?(?:best|most))?", re.I
    ),
    Pattern(
        rf"what(?:'s| is| was) the {THING} (?:that )?i (?:like|love|prefer) "
        r"(?P<most>(?:the )?(?:best|most))",
        re.I,
    ),
    Pattern(rf"(?P<verb>is|are) {_ASKED} {ADVERB}(?:called |named )?(?P<value>[^?]+)", re.I),
    Pattern(rf"(?P<verb>is|are) (?P<value>[^?]+?) {ADVERB}{_ASKED}(?: now| still)?", re.I),
)
#: "What is my favorite movie about?", "… color in French?": such a thing is more than a thing.
_MORE_THAN_A_THING = Pattern(
    r"'s?\b|\b(?:last|next|this|yesterday|today|tomorrow|tonight|yet|made|worth|like)\b|"
    r"\bin (?:\w+(?:ish|ese)|french|german|italian|russian|arabic|hindi|dutch|greek|latin|korean|"
    r"rgb|hex|cmyk|another|other|different|\w+ (?:language|words?|letters))\b|"
    r" (?:about|to|from|for|with|at|on|in|of|by|up|until|doing|playing|wearing|dating|selling|"
    r"serving|known|worth|\w+ed)\b"
    r"(?=$| (?:to|for|by|in|with|at|as)\b)",
    re.IGNORECASE,
)


#: "Is his name my favorite …?", "Is it my favorite color?" point at what was said elsewhere.
_ANOTHERS = of("it this that these those he she they his her their your there")


def read_name_question(asked: str) -> Question | None:
    """What the bare sentence asks about a name or a favourite."""
    for pattern in _QUESTIONS:
        match = pattern.fullmatch(asked)
        if match:
            return _question(match)
    return None


def _question(match: re.Match[str]) -> Question | None:
    """What is asked; None where it is about the world: "Is my favorite restaurant open?"."""
    words = match.groupdict()
    if (words.get("thing") or "").lower() in ("thing", "things", "one", "ones"):
        return None
    if words.get("value") and words["value"].lower().split()[0] in _ANOTHERS:
        return None
    if words.get("thing") and _MORE_THAN_A_THING.search(words["thing"]):
        return None
    verb = (words.get("verb") or "is").lower().replace("was", "is").replace("were", "are")
    phrase = phrase_of(words)
    is_yes = bool(words.get("yes"))
    attribute = attribute_of(phrase, verb)
    if not words.get("value"):
        # "What music do I like?": a favorite, or what else is liked.
        is_any = "most" in words and not words["most"]
        return Question(attribute, phrase, verb, is_yes, also=("like",) if is_any else ())
    choices = re.split(r",? or ", words["value"])
    named = [named_value({**words, "value": one}, "value") for one in choices]
    if None in named:
        return None
    # "Blue or green?" is answered with what is known, not with yes or no.
    return Question(attribute, phrase, verb, is_yes, named[0] if len(named) == 1 else None)
