"""What the owner has: "I drive a Volvo", "I bought a Canon camera", "my phone is a Fairphone 5"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.attributes import OWN_THINGS
from vega.core.facts.guards import PASSING
from vega.core.facts.rule import ADVERBS, I_HAVE, WE, Drawn, drawn, rule
from vega.core.facts.shape import is_short, plain_value

MAX_WORDS = 6
#: Things that one keeps for years.
LASTING = en.of("""
car van truck motorbike motorcycle scooter bike bicycle e-bike camper caravan boat sailboat yacht
kayak canoe camera telescope piano keyboard guitar violin cello drum accordion ukulele banjo
saxophone flute harp house cottage cabin farm garden greenhouse allotment flat apartment condo
pickup sauna pool workshop kiln loom laptop computer pc macbook ipad tablet phone smartphone iphone
printer 3d-printer drone console playstation xbox tv television record-player turntable
sewing-machine espresso-machine treehouse tractor trailer horsebox aquarium vineyard orchard
beehive surfboard snowboard skateboard tent watch
""")
_NO_CAR = en.of("hard bargain rental hire bus truck taxi cab lorry tram train company school")
_DETERMINER = r"(?:an?|my first|our first)"


def _thing(text: str) -> str | None:
    """The thing with its article: it lasts, or has a name."""
    value = plain_value(text)
    words = value.lower().split()
    if PASSING.search(text) or not 1 < len(words) <= MAX_WORDS or not is_short(value):
        return None
    if any(word in en.CLAUSE - {"my", "our"} or word in ("of", "and") for word in words):
        return None
    return value if words[-1] in LASTING else None


def _named(text: str) -> str | None:
    """A make or a model with its article: a capital or a digit shows it."""
    value = plain_value(text)
    words = value.split()
    if PASSING.search(text) or not 0 < len(words) <= MAX_WORDS or not is_short(value):
        return None
    if any(word.lower() in en.CLAUSE for word in words):
        return None
    kind = [word for word in words if word.lower() not in ("a", "an")]
    is_named = any(word[0].isupper() or any(c.isdigit() for c in word) for word in kind)
    return value if is_named or (kind and kind[-1] == "iphone") else None


def _car(match: re.Match[str]) -> Drawn | None:
    value = match["value"]
    if any(word in _NO_CAR for word in value.lower().split()):
        return None
    found = _named(value)
    return drawn("car", [found]) if found else None


def _own(match: re.Match[str]) -> Drawn | None:
    found = _named(match["value"])
    starts_well = found and (found[:2].lower() in ("a ", "an") or found[0].isupper())
    return drawn(match["thing"].lower(), [found]) if found and starts_well else None


def _has(match: re.Match[str]) -> Drawn | None:
    found = _thing(match["value"])
    return drawn("possession", [found]) if found else None


def _gone(match: re.Match[str]) -> Drawn | None:
    thing = match["value"].lower()
    attribute = thing if thing in OWN_THINGS else "possession"
    return drawn(attribute, [match["value"]], is_over=True)


_OWN = "|".join(sorted(OWN_THINGS))
_LASTS = "|".join(sorted(LASTING, key=lambda one: (-len(one), one)))
RULES = (
    rule(rf"{WE} {ADVERBS}drive (?P<value>an? .+)", _car),
    rule(rf"(?:my|our) (?:new )?(?P<thing>{_OWN})(?:'s| is) {ADVERBS}(?P<value>.+)", _own),
    rule(
        rf"{WE}(?:'ve| have)? {ADVERBS}(?:own|bought|got|purchased|bought myself) "
        rf"(?P<value>{_DETERMINER} .+)",
        _has,
    ),
    rule(
        rf"{I_HAVE} {ADVERBS}an? (?:[\w-]+ )?(?:car|pickup|pickup truck|truck|van|suv|hatchback|"
        r"estate|coupe|convertible)(?:,|:| -| –) (?P<value>an? .+)",
        _car,
    ),
    rule(rf"{I_HAVE} {ADVERBS}(?P<value>an? .+)", _has),
    rule(rf"{WE}(?:'ve| have)? {ADVERBS}sold (?:my|our) (?:old )?(?P<value>{_LASTS})", _gone),
)
