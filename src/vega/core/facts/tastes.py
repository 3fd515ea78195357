"""What the owner likes and dislikes: "I love hiking", "I can't stand loud music"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.guards import PASSING
from vega.core.facts.rule import ADVERBS, I_AM, NO_MORE, WE, Drawn, drawn, rule, say
from vega.core.facts.shape import is_short, listed, plain_value
from vega.core.patterns import Pattern

MAX_TASTE_WORDS = 6
MAX_TASTES = 8

_FAN = (
    r"(?:an? )?(?:big |huge |great |massive |real |lifelong |die-hard |avid )?"
    r"(?:fan of|lover of|into|fond of|crazy about|keen on|passionate about|partial to)"
)
_LIKE = (
    rf"(?:{WE} {ADVERBS}(?:do )?(?:like|love|enjoy|adore)|"
    rf"(?:i've|i have) always (?:liked|loved|enjoyed|adored)|{I_AM} {ADVERBS}(?:very |"
    rf"quite )?{_FAN})"
)
_NOT = r"(?:don't|do not|dont|never)"
_DISLIKE = (
    rf"(?:{WE} {ADVERBS}(?:hate|dislike|despise|detest|loathe|can't stand|cannot stand|"
    rf"can not stand|"
    rf"can't bear|cannot bear|{_NOT} {ADVERBS}(?:like|enjoy|care for|love))|"
    rf"(?:i've|i have) never (?:liked|enjoyed|loved)|{I_AM} {ADVERBS}not {ADVERBS}(?:so |too |"
    rf"very |that |much of )*{_FAN})"
)
#: They speak of what is at hand, or of how something is done, not of a thing that one likes.
_NO_TASTE = en.of("""
to being getting having waiting seeing knowing thinking saying feeling hearing it one ones
both everything everyone all some more many any a an another each every no not something vega
better less most too so such using when where how what why who that this these those
working-out people
""")
_NO_DEED = en.of("""
say think hate admit be break see know hear imagine believe point have tell disappoint bother ask
interrupt complain do get die differ hope disagree burst brag thank make let leave stop keep start
call add mention inform remind introduce love like help
""")
_WITH_THE = en.of("""
sea ocean beach mountains mountain outdoors forest woods rain snow sun countryside theatre theater
cinema opera ballet desert moon stars night sauna gym
wilderness
""")
_AT_HAND = en.of("""
answer answers idea ideas response reply suggestion suggestions explanation design version option
plan way look sound part question story poem joke name code picture
""")


#: "The friends I have": such things are no kind of thing.
_OF_MINE = Pattern(r"\b(?:the|those|these) [\w-]+ (?:i|we|you|he|she|they)\b", re.IGNORECASE)


def tastes(text: str) -> list[str]:
    """The things that are liked or not; none where one of them is no thing to like."""
    if PASSING.search(text) or _OF_MINE.search(text):
        return []
    items = _rejoined(listed(plain_value(text)), plain_value(text))
    found = [_taste(one) for one in items]
    return [one for one in found if one] if all(found) and len(found) <= MAX_TASTES else []


def _rejoined(items: list[str], text: str) -> list[str]:
    """ "Books about growth and mindset" are one thing, "hiking in the hills and reading" two."""
    if len(items) != 2 or "," in text:
        return items
    is_about = any(f" {word} " in items[0] for word in ("about", "of", "with", "for"))
    return [text] if is_about and not items[1].split()[0].endswith("ing") else items


def _taste(item: str) -> str | None:
    words = re.findall(r"[^\s,]+", item.lower())
    if not words or not is_short(item) or len(words) > MAX_TASTE_WORDS:
        return None
    if words[0] == "to":
        is_deed = len(words) > 1 and words[1] not in _NO_DEED
        return item if is_deed and _is_of_things(words[1:]) else None
    if words[0] == "the":
        is_known = len(words) > 1 and (
            words[1] in _WITH_THE
            or not item[4:5].islower()
            or re.match(r"the (?:smell|sound|taste|feel|colou?r)s? of \w", item)
        )
        return item if is_known and _is_of_things(words[1:]) else None
    if words[0] in _NO_TASTE or (len(words) == 1 and words[0] in _AT_HAND):
        return None
    if words[0] in en.ADVERBS or words[0] in en.PREPOSITIONS or words[0].endswith("ly"):
        return None
    return item if _is_of_things(words) else None


def _is_of_things(words: list[str]) -> bool:
    is_clause = any(
        word in en.CLAUSE
        or word in ("but", "or")
        or (word == "the" and words[at] not in en.PREPOSITIONS)
        for at, word in enumerate(words[1:])
    )
    ends_open = len(words) > 1 and words[-1] in en.PREPOSITIONS | {"there", "here"}
    return (
        not is_clause
        and not ends_open
        and words[0] not in en.CLAUSE
        and any(char.isalpha() for char in words[0])
        and not en.PLACEHOLDER.search(" ".join(words))
    )


#: What was liked before is so anew.
_AGAIN = Pattern(r"(?: now)? again(?: now)?$", re.IGNORECASE)


def _likes(match: re.Match[str]) -> Drawn | None:
    return drawn("like", tastes(_AGAIN.sub("", match["value"])))


def _dislikes(match: re.Match[str]) -> Drawn | None:
    found = tastes(match["value"])
    return None if any(one.lower().startswith("to ") for one in found) else drawn("dislike", found)


def _likes_no_more(match: re.Match[str]) -> Drawn | None:
    return drawn("like", tastes(match["value"]), is_over=True)


def _dislikes_no_more(match: re.Match[str]) -> Drawn | None:
    return drawn("dislike", tastes(match["value"]), is_over=True)


#: "I like tea but not always" leaves tea as it is.
_HOW_MUCH = Pattern(
    r"\b(?:much|always|often|enough|every|all|only|lot|really|necessarily|exclusively|usually|"
    r"generally|particularly|especially)\b",
    re.IGNORECASE,
)


def _likes_but(match: re.Match[str]) -> Drawn | None:
    """ "I like tea but not coffee"."""
    good, bad = tastes(match["value"]), tastes(match["bad"])
    if not good or not bad or _HOW_MUCH.search(match["bad"]):
        return None
    return Drawn((*(say("like", one) for one in good), *(say("dislike", one) for one in bad)))


_BAD = r"(?:hate|dislike|despise|detest|loathe|mind)"
_GOOD = r"(?:like|love|enjoy|adore)"
RULES = (
    rule(rf"{WE} {_NOT} {ADVERBS}{_GOOD} (?P<value>.+?){NO_MORE}", _likes_no_more),
    rule(rf"{WE} no longer {_GOOD} (?P<value>.+)", _likes_no_more),
    rule(rf"{I_AM} (?:no longer|not) {_FAN} (?P<value>.+?){NO_MORE}", _likes_no_more),
    rule(rf"{I_AM} no longer {_FAN} (?P<value>.+)", _likes_no_more),
    rule(rf"{WE} {_NOT} {_BAD} (?P<value>.+?){NO_MORE}", _dislikes_no_more),
    rule(rf"{WE} no longer {_BAD} (?P<value>.+)", _dislikes_no_more),
    rule(rf"{_DISLIKE} (?P<value>.+)", _dislikes),
    rule(rf"{_LIKE} (?P<value>.+?)(?:,? but not|,? and not|, not) (?P<bad>.+)", _likes_but),
    rule(rf"{_LIKE} (?P<value>.+)", _likes),
)
