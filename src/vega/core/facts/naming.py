"""Names and favourites: "My name is Ana", "Blue is my favourite colour"."""

import re

from vega.core.facts import values
from vega.core.facts.forms import Said
from vega.core.facts.guards import DOUBT
from vega.core.facts.rule import Drawn, Rule
from vega.core.facts.shape import bare_value, is_short
from vega.core.memory import FactKind, Statement
from vega.core.patterns import Pattern

_NO_THING = (
    r"(?!(?:and|or|but|before|after|why|when|if|was|were|is|are|because|he|she|they|i|it)\b)"
)
THING = rf"(?P<thing>{_NO_THING}[^\W\d_][\w'&-]*(?: {_NO_THING}[\w'&-]+){{0,3}}?)"
#: "My favorite teacher thinks Bob …": no noun, and the words behind it are another's.
_REPORTS = Pattern(
    r" (?:thinks?|thought|says?|said|knows?|knew|believes?|told|tells|claims?|hopes?|feels?|won|"
    r"lost|wrote|sings?|plays|played)\b",
    re.IGNORECASE,
)
FAVORITE = rf"my (?:all[- ]time |absolute )?(?P<favorite>favou?rite|fav) {THING}"
NAME = r"my (?P<name>(?:first |last |middle |full |nick|sur)?name)"
ADVERB = (
    r"(?:(?:now|actually|really|still|definitely|currently|always|has always been|also|of course|"
    r"obviously|certainly|simply|absolutely|clearly|indeed|by far|hands down|without a doubt),? )"
    r"{0,3}"
)
_CALLERS = (
    r"(?:(?:most |all )?(?:they|people|friends|everyone|everybody|(?:all )?my (?:friends|family|"
    r"wife|husband|colleagues|mates|mother|mom|mum|parents|grandchildren|kids|children|partner)))"
)
_PATTERNS = (
    Pattern(rf"{NAME}(?:'s| (?P<verb>is)) {ADVERB}(?P<value>.+)", re.IGNORECASE),
    Pattern(
        r"(?P<value>(?-i:[A-ZÀ-Þ])[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+){0,3}) is (?:actually |really )?"
        rf"{NAME}",
        re.IGNORECASE,
    ),
    Pattern(
        rf"{FAVORITE} (?:has |have )?(?:just )?(?:changed|is changed) to (?P<value>.+)",
        re.IGNORECASE,
    ),
    Pattern(
        rf"{FAVORITE}(?:'s| (?P<verb>is|are)) {ADVERB}(?:called |named )?(?P<value>.+)",
        re.IGNORECASE,
    ),
    Pattern(
        rf"(?P<first>[\w'’-]+(?: [\w'’-]+){{0,3}}) (?P<verb>is|are) {ADVERB}{FAVORITE}(?: now)?",
        re.IGNORECASE,
    ),
    Pattern(
        r"(?:(?P<nick>(?:(?:you|u) (?:can|may|should) |please |just |simply )*(?:(?:also )?call me|"
        rf"i (?:also |usually |mostly )?go by|{_CALLERS} (?:just |all |also |usually |always )?"
        r"(?:calls?|know(?:s)?) me(?: as)?|i(?:'d| would) (?:like|prefer|rather) (?:you )?to (?:be "
        r"called|call me)|i (?:like|prefer|want) to be called|i(?:'m| am) (?:better |also )?known "
        r"as))|(?:i'm|i am) called) (?P<called>.+)",
        re.IGNORECASE,
    ),
)
#: What a person adds to a name: "Bob, 30, from Rome"; a suffix stays.
_NAME_END = Pattern(
    r" (?:instead|rather than|for short)\b.*|,(?! (?:[JS]r\b|I{2,3}\b|IV\b|PhD\b|MD\b)).*|"
    r" from .*| -+ .*",
    re.DOTALL,
)
#: What is quoted for fun.
_JOKES = Pattern(
    r"\w+ is my middle name|my middle name is (?:danger|trouble|adventure|mischief|chaos)\b.*|"
    r"my name is (?:bond, james bond|inigo montoya|ozymandias|slim shady|maximus decimus|"
    r"sherlock holmes|nobody|trouble|legion|mud)\b.*|"
    # "Legion, for we are many", "Death, destroyer of worlds", "Ozymandias, king of kings".
    r"my name is [\w' ]+, (?:for|(?:the )?(?:king|queen|lord|god|master|destroyer|ruler|bringer|"
    r"slayer|breaker|mother|father|son|daughter) of)\b.*",
    re.IGNORECASE,
)
_SPELLINGS = {
    "favourite": "favorite",
    "fav": "favorite",
    "colour": "color",
    "colours": "colors",
    "flavour": "flavor",
    "flavours": "flavors",
}


def reports(thing: str) -> bool:
    """Whether the words behind "my favorite" tell what somebody says or does."""
    return _REPORTS.search(f" {thing}") is not None


def named_value(words: dict[str, str | None], group: str) -> str | None:
    """The value in the owner's words; None where the words give none."""
    text = words[group] or ""
    about = words.get("name") or words.get("favorite") or "name"
    if group == "first" and not text.isupper():
        # A sentence begins with a capital, whatever it says.
        is_good = values.is_favorite(text[0].lower() + text[1:], str(words["thing"]))
        return text if is_good and is_short(text) else None
    if words.get("favorite"):
        return _favorite(text, str(words["thing"]), about.islower())
    text = re.sub(r"^(?P<last>[\w'-]+), (?P<name>[\w'-]+ (?P=last))$", r"\g<name>", text)
    value = _NAME_END.sub("", bare_value(text, about.islower()))
    if group == "called":
        # The dot ends the sentence.
        value = re.sub(r"^([A-Z])\.$", r"\1", value)
    is_good = (
        values.is_call_name(value) if group == "called" else values.is_name(value, about.islower())
    )
    return value if is_good and is_short(value) else None


def _favorite(text: str, thing: str, case_speaks: bool = True) -> str | None:
    """The favourite thing that the words name; None where they name none."""
    if values.is_quoted(text.strip()):
        value = text.strip()[1:-1].strip()
        return value if is_short(value) and any(char.isalnum() for char in value) else None
    value = bare_value(text, case_speaks)
    for candidate in (value, value.split(", ")[0]):
        if is_short(candidate) and values.is_favorite(candidate, thing, case_speaks):
            return candidate
    return None


def phrase_of(words: dict[str, str | None]) -> str:
    """What is spoken of, in the owner's spelling: "name", "favourite colour"."""
    if words.get("name"):
        return str(words["name"]).lower()
    favorite = (words.get("favorite") or "favorite").lower()
    return f"{'favorite' if favorite == 'fav' else favorite} {words['thing']}"


def attribute_of(phrase: str, verb: str) -> str:
    """One name for one thing: "favourite colours" that "are" is "favorite color"."""
    words = [_SPELLINGS.get(word, word) for word in phrase.lower().split()]
    if verb == "are":
        words[-1] = values.singular(words[-1])
    return " ".join(words)


def _draw(match: re.Match[str]) -> Drawn | None:
    words = match.groupdict()
    group = next(one for one in ("value", "called", "first") if words.get(one))
    if _JOKES.fullmatch(match.string):
        return None
    if DOUBT.search(words[group].lower()) or reports(str(words.get("thing"))):
        return None
    value = named_value(words, group)
    if value is None:
        return None
    verb = (words.get("verb") or "is").lower()
    if words.get("called"):
        # What one is called stands beside the name, and does not take its place.
        phrase = "nickname" if words.get("nick") else "name"
    else:
        phrase = phrase_of(words)
    tail = words[group][words[group].index(value) + len(value) :]
    kind = FactKind.FAVORITE if words.get("favorite") else FactKind.NAME
    statement = Statement(attribute_of(phrase, verb), value, kind)
    clause = f"you go by {value}" if words.get("nick") else f"your {phrase} {verb} {value}"
    return Drawn((Said(statement, clause),), tail)


_NOW = (
    r"(?:[,;]| -| –| —)?(?: (?:but|and))?(?:,? (?:now|these days|nowadays),? (?:it's|it is)|"
    r"(?=.+ now$),? (?:it's|it is))"
)
_NO_MORE = r"(?: any ?more| any longer)"
#: "My favorite color used to be red, now it's blue".
_INSTEAD = Pattern(
    rf"{FAVORITE} (?:used to be|was|has been) [^,;]+?{_NOW} (?:now |rather )?(?P<value>.+)",
    re.IGNORECASE,
)
_OVER = (
    Pattern(
        rf"{FAVORITE} (?:isn't|is not|(?P<verb>aren't|are not)) (?P<value>.+?){_NO_MORE}",
        re.IGNORECASE,
    ),
    Pattern(
        rf"{FAVORITE} (?:is|(?P<verb>are)) no longer (?P<value>.+)",
        re.IGNORECASE,
    ),
    Pattern(
        r"(?P<first>[\w'’-]+(?: [\w'’-]+){0,3}?) (?:(?:isn't|is not|(?P<verb>aren't|are not)) "
        rf"{FAVORITE}{_NO_MORE}|(?:is|are) no longer {FAVORITE.replace('<', '<other_')})",
        re.IGNORECASE,
    ),
)


def _over(match: re.Match[str]) -> Drawn | None:
    """What is no longer a favourite."""
    words = {name.removeprefix("other_"): said for name, said in match.groupdict().items() if said}
    value = named_value({"name": None, **words}, "first" if "first" in words else "value")
    if value is None:
        return None
    verb = "are" if words.get("verb") else "is"
    phrase = phrase_of({"name": None, **words})
    attribute = attribute_of(phrase, verb)
    statement = Statement(attribute, value, FactKind.FAVORITE, is_over=True)
    return Drawn((Said(statement, f"your {phrase} {verb} no longer {value}"),))


RULES = (
    *(Rule(pattern, _over) for pattern in _OVER),
    Rule(_INSTEAD, _draw),
    *(Rule(pattern, _draw) for pattern in _PATTERNS),
)
