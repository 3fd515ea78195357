"""What the owner prefers: "I prefer short answers", "I prefer tea to coffee"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.attributes import MANNERS
from vega.core.facts.guards import PASSING
from vega.core.facts.rule import ADVERBS, WE, Drawn, any_of, drawn, rule
from vega.core.facts.shape import bare_value, is_short
from vega.core.patterns import Pattern

_QUALITY = (
    r"(?:short|shorter|long|longer|brief|detailed|concise|simple|plain|direct|honest|metric|"
    r"imperial|formal|informal|casual|friendly|polite|technical|thorough|precise|blunt|24-hour|"
    r"british|american|si|bulleted|numbered|gender-neutral|straightforward|straight|clear|"
    r"non-technical|everyday|step-by-step)"
)
_OF_ANSWERS = Pattern(
    rf"(?:(?:very )?{_QUALITY}(?:,? and |, | ))+{any_of(MANNERS)}(?: .+)?", re.IGNORECASE
)
_COMPARED = Pattern(r"\S.* (?:over|rather than|instead of|to|than) \S.*", re.IGNORECASE)
#: They speak of what is at hand.
_AT_HAND = en.of("""
it this that these those option options one ones version former latter yours not first second third
last answer choice approach idea design suggestion
""")


def _preference(match: re.Match[str]) -> Drawn | None:
    value = bare_value(match["value"])
    words = value.lower().split()
    if not words or not is_short(value) or PASSING.search(match.string):
        return None
    if words[0] in ("the", "to") or any(word in _AT_HAND for word in words):
        return None
    if any(word in en.CLAUSE - {"my", "our", "me", "i", "when"} for word in words):
        return None
    is_deed = words[0].endswith("ing") and words[0] not in en.ING_NOUNS
    is_preferred = is_deed or _OF_ANSWERS.fullmatch(value) or _COMPARED.fullmatch(value)
    return drawn("preference", [value]) if is_preferred else None


SERVED = (
    r"(?:coffee|tea|espresso|cappuccino|eggs?|steak|toast|pasta|curry|burger|bacon|whisky|whiskey|"
    r"beer|wine|bread|meat|water|food|pizza|rice|vegetables|chai|cocoa|porridge|bath|showers?)"
)
_HOW_SERVED = (
    r"(?:very |really |quite |extra )?(?:black|white|strong|weak|hot|iced|cold|warm|sweet|"
    r"unsweetened|decaf|bitter|mild|spicy|crispy|rare|medium rare|medium|well[- ]done|scrambled|"
    r"fried|poached|(?:soft|hard)[- ]boiled|sunny side up|al dente|neat|straight|on the rocks|dry|"
    r"milky|room temperature|with(?:out)? (?:a (?:little|lot of|bit of|splash of) )?(?:\w+ )?"
    r"(?:milk|sugars?|cream|honey|lemon|ice|cheese|butter|salt|foam)"
    r"(?: and (?:(?:no|without|with|a little|two|one) )?(?:milk|sugars?|cream|honey|lemon|ice))?)"
)


def _served(match: re.Match[str]) -> Drawn | None:
    return None if PASSING.search(match.string) else drawn("preference", [match["value"]])


RULES = (
    rule(
        rf"i {ADVERBS}(?:like|love|take|drink|eat|prefer|want|have) "
        rf"(?P<value>my {SERVED} {_HOW_SERVED}(?:(?:,| and|, and)? {_HOW_SERVED}){{0,2}})",
        _served,
    ),
    rule(
        rf"{WE} {ADVERBS}(?:generally |usually |much |"
        rf"strongly )?prefer (?P<value>.+)",
        _preference,
    ),
    rule(r"i(?:'d| would) (?:rather have|prefer) (?P<value>.+)", _preference),
)
