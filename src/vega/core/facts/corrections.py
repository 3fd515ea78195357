"""What puts right, without naming it, what was spoken of last: "No, green", "It's green now"."""

import re

from vega.core import vocabulary as en
from vega.core.facts import values
from vega.core.facts.forms import Correction
from vega.core.facts.guards import DOUBT, asks, is_task
from vega.core.facts.reading import MAX_PROMPT_CHARS
from vega.core.facts.sentences import is_courtesy, sentences
from vega.core.facts.shape import bare_value, is_short
from vega.core.patterns import Pattern

MAX_WORDS = 6
_IT_IS = r"(?:it's|it is|that's|that is|she's|he's|they're|they are|its)"
_WRONG = (
    r"(?:no|nope|nah|wrong|sorry|oops|correction|not quite|wait|(?:that|it)(?:'s| is| was) "
    r"(?:wrong|not right|not true|incorrect|a mistake)|not any ?more)"
)
_VALUE = r"(?P<value>.+?)"
#: What never was right.
_PUT_RIGHT = (
    rf"(?:{_WRONG}[,.:;!]? )+(?:(?:i )?(?:mean|meant|said) |actually,? |not .+?, |"
    rf"{_IT_IS} (?:actually |really )?|make (?:it|that) )?{_VALUE}(?:,? (?:actually|not .+|please|"
    rf"sorry))?",
    rf"(?:sorry,? )?i (?:mean|meant)(?: to say)?,? {_VALUE}(?:,? not .+)?",
    rf"{_IT_IS} not .+?[,;] (?:but |{_IT_IS} )?{_VALUE}",
    rf"not .+?[,;] (?:but )?{_VALUE}",
    rf"actually,? {_IT_IS} {_VALUE}",
    rf"{_IT_IS} actually {_VALUE}",
)
#: What has changed since.
_CHANGED = (
    rf"(?:(?:no|yes|well|and|but|actually|oh)[,.]? )*(?:{_IT_IS} |now )(?:now |become )?{_VALUE} "
    r"(?:now|these days|since (?:today|yesterday|last \w+))",
    rf"(?:(?:no|yes|well|and|but|actually)[,.]? )*(?:now {_IT_IS}|{_IT_IS} now) {_VALUE}",
    rf"(?:well,? |actually,? |no,? )?(?:it|that) (?:has |just )*changed to {_VALUE}(?: now)?",
)
_PATTERNS = tuple(
    (Pattern(pattern, re.IGNORECASE), was_wrong)
    for patterns, was_wrong in ((_CHANGED, False), (_PUT_RIGHT, True))
    for pattern in patterns
)
#: "No, thanks", "It's fine now": nothing is put right by these.
_NO_VALUE = en.NO_VALUE | en.of("""
thanks thank problem way need worries idea matter please wait sorry yes no yeah ok okay right wrong
good fine great cool true false done over better worse time late early enough more less actually
stop go continue nevermind really sure maybe clear try chat window person again shorter longer
simpler bigger smaller different monday tuesday wednesday thursday friday saturday sunday
""")


def read_correction(prompt: str) -> Correction | None:
    """The new value for what was spoken of last; None where the prompt is anything else.

    The caller knows what was spoken of, and whether anything was.
    """
    if len(prompt) > MAX_PROMPT_CHARS:
        return None
    said = [one.rstrip(" .!") for one in sentences(prompt) if not is_courtesy(one.rstrip(" .!"))]
    if not 0 < len(said) < 3 or any(asks(one) or is_task(one, one) for one in sentences(prompt)):
        return None
    # "No. It's green." is one correction in two sentences.
    text = re.sub(r"^(?:vega|hey|hi)[, ]+", "", ", ".join(said), flags=re.IGNORECASE)
    for pattern, was_wrong in _PATTERNS:
        match = pattern.fullmatch(text)
        value = _value(match["value"]) if match else None
        if value is not None:
            return Correction(value, was_wrong)
    return None


def _value(text: str) -> str | None:
    value = bare_value(text)
    words = value.lower().replace(",", " ").split()
    if not 0 < len(words) <= MAX_WORDS or not is_short(value) or DOUBT.search(text.lower()):
        return None
    if any(word in en.CLAUSE for word in words) or words[0] in _NO_VALUE | en.ADVERBS:
        return None
    if words[0] in en.PREPOSITIONS or (words[0].endswith("ing") and words[0] not in en.ING_NOUNS):
        return None
    is_figure = any(char.isdigit() for char in value)
    return value if is_figure or values.is_favorite(value, "color") else None
