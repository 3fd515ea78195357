"""Where the owner lives and comes from: "I live in Graz", "I grew up in Innsbruck"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.rule import ADVERBS, I_AM, NO_MORE, WE, Draw, Drawn, drawn, rule, say
from vega.core.facts.shape import is_short, name_alone, plain_value

MAX_PLACE_WORDS = 7
_PLACE_NOUNS = en.of("""
village town city suburb suburbs countryside house flat apartment farm cottage cabin studio dorm
dormitory valley island street district neighborhood neighbourhood country houseboat van caravan
bungalow hamlet mountains outskirts north south east west
""")
#: One lives in these without living anywhere; moves to those without leaving the house.
_NO_PLACE = en.of("""
fear hope peace sin denial hell misery poverty exile hiding darkness silence harmony luxury constant
it this that a the here there interesting dread bliss paradise shame moments squalor sweatpants
heaven theory general linux windows mac macos python vim emacs rust android iphone ios github gitlab
firefox chrome ubuntu debian fedora arch typescript java kotlin go postgres mysql aws azure neovim
vscode kubernetes docker jira linear asana trello notion
excel sheets slack teams signal whatsapp telegram spotify netflix mars narnia vega
first second third next phase step level page chapter
monday tuesday wednesday thursday friday saturday sunday january february march april may june july
august september october november december
""")
_CAPITALS_OF_PLACES = en.of("us usa uk uae nyc la dc sf eu nz nl")


def place(text: str, *, may_be_plain: bool = False) -> str | None:
    """The place that the text begins with; a lower-case one only where all of it is so."""
    value = name_alone(plain_value(text))
    words = value.split()
    if not words or not is_short(value) or len(words) > MAX_PLACE_WORDS:
        return None
    lower = [word.lower().strip(",.") for word in words]
    if any(word in en.CLAUSE or word in ("or", "but") for word in lower):
        return None
    if lower[0] in ("a", "an", "the"):
        # "A small town" is not where: it would take the place of a name.
        is_named = any(word[0].isupper() and word.lower() not in _NO_PLACE for word in words[1:])
        is_the_name = lower[0] == "the" and words[-1][0].isupper() and len(words) < 4
        is_known = any(word in _PLACE_NOUNS for word in lower[1:6])
        return value if is_named and (is_known or is_the_name) else None
    if lower[0] in _NO_PLACE or lower[0] in en.PREPOSITIONS or lower[0] in en.ADVERBS:
        return None
    if any(char.isdigit() for char in words[0]):
        return None
    if words[0].isupper() and len(words[0]) < 4 and lower[0] not in _CAPITALS_OF_PLACES:
        return None
    is_plain = may_be_plain and len(words) <= 3 and value.islower() and lower[0].isalpha()
    return value if not words[0][0].islower() or is_plain else None


def _at(attribute: str, *, is_over: bool = False, may_be_plain: bool = False) -> Draw:
    def draw(match: re.Match[str]) -> Drawn | None:
        is_plain = may_be_plain and match.string[0] == "i" and match.string.islower()
        found = place(match["value"], may_be_plain=is_plain)
        return drawn(attribute, [found], is_over=is_over) if found else None

    return draw


def _from_to(match: re.Match[str]) -> Drawn | None:
    """ "We moved from Tulsa to Austin"; from what is no place one moves otherwise."""
    return _at("home")(match) if place(match["before"]) else None


def _address(match: re.Match[str]) -> Drawn | None:
    value = re.sub(r" now$", "", match["value"].strip(" .,"))
    if not is_short(value) or not re.search(r"\d", value) or not re.search(r"[^\W\d_]{3}", value):
        return None
    return Drawn((say("address", value, is_private=True),))


_LIVE = r"(?:live|reside|am living|are living|'m living)"
RULES = (
    rule(rf"{WE} no longer {_LIVE} in (?P<value>.+)", _at("home", is_over=True)),
    rule(rf"{WE} (?:don't|do not) {_LIVE} in (?P<value>.+?){NO_MORE}", _at("home", is_over=True)),
    rule(
        rf"{WE}(?:'ve| have)? {ADVERBS}moved (?:away from|out of) (?P<value>.+)",
        _at("home", is_over=True),
    ),
    rule(
        rf"(?:{WE} {ADVERBS}(?:live|reside)|{I_AM} {ADVERBS}(?:living|based)) in (?P<value>.+)",
        _at("home", may_be_plain=True),
    ),
    rule(rf"{WE} {ADVERBS}live on (?P<value>the outskirts of .+)", _at("home")),
    rule(
        rf"{WE}(?:'ve| have)? {ADVERBS}(?:moved|relocated) (?:house )?from (?P<before>.+?) "
        r"(?:back )?to (?P<value>.+)",
        _from_to,
    ),
    rule(
        rf"{WE}(?:'ve| have)? {ADVERBS}(?:moved|relocated) (?:back )?to (?P<value>.+)",
        _at("home"),
    ),
    rule(r"my (?:home|house|flat|apartment) is in (?P<value>.+)", _at("home")),
    rule(r"my home ?town(?:'s| is) (?P<value>.+)", _at("hometown")),
    rule(rf"{I_AM} {ADVERBS}(?:originally )?from (?P<value>.+)", _at("hometown")),
    rule(rf"i {ADVERBS}(?:originally )?come from (?P<value>.+)", _at("hometown")),
    rule(r"i (?:grew up|was raised|was brought up) in (?P<value>.+)", _at("hometown")),
    rule(r"i was born in (?P<value>.+)", _at("birthplace")),
    rule(rf"{WE} {ADVERBS}live at (?P<value>.+)", _address),
    rule(
        r"(?:my|our) (?:home |postal |mailing |new |full )?address(?:'s| is) (?P<value>.+)",
        _address,
    ),
)
