"""The same said at more length, as the rules read it: who does it stands before each clause.

"I'm 34 and work as a nurse" is "I'm 34 and I work as a nurse"; "my name is not Kathi, it's Karin"
is "my name is Karin, not Kathi"; "I used to love jazz" is "I no longer love jazz".
"""

import re

from vega.core.facts.attributes import PETS, RELATIONS
from vega.core.facts.introductions import is_given
from vega.core.facts.relatives import joined, with_subjects
from vega.core.facts.rule import any_of
from vega.core.patterns import Pattern

_LIVING = PETS | RELATIONS | {"kid"}
_FEEL = r"(?:like|love|enjoy|adore|hate|dislike)"
_USED_TO = Pattern(
    rf"^i used to (?:really |absolutely |always )?(?P<verb>{_FEEL}|play|have)\b"
    r"(?P<what> [^,.;]+?)??(?P<rest>,? but (?:now )?(?:i|we|not)\b.*|$)",
    re.IGNORECASE | re.DOTALL,
)
_NOT_NOW = Pattern(
    r",? but (?:(?:i )?(?:don't|do not|no longer)(?: do)?(?: (?:like|love|have) (?:it|them))?"
    r"(?: so)?(?: any ?more| any longer)?|not any ?more|now i don't)(?: now)?",
    re.IGNORECASE,
)
_NOW_PREFERS = Pattern(
    r"^(?P<joint>,? but )(?:now(?:adays)?,? i|i now|i)(?:'d rather have)? (?:now )?"
    rf"(?:{_FEEL}|(?P<prefer>prefer))\b",
    re.IGNORECASE,
)
#: Who does it is not said again.
_BEGINS = Pattern(
    r"^(?P<who>i|we)(?:'m|'re|'ve| am| are| have| live| work| was born| come| speak| study| drive|"
    r" turned| moved)\b",
    re.IGNORECASE,
)
_DEEDS_OF_LIFE = r"work (?:as|at|for|from|in)|live in|come from|study"
_ELIDED = Pattern(
    r"(?P<joint>,? (?:and|but) )(?P<also>(?:also|now|currently|just|still|really) )?(?="
    rf"(?:{_DEEDS_OF_LIFE}|(?:love|like|hate|enjoy)(?!,)|drive an?|play|speak|can't stand|"
    r"(?:have|own) (?:an?|two|three|four|\d)|don't (?:eat|drink|like)|prefer)\b)|"
    # Behind a comma alone, "like" begins an example.
    rf"(?P<comma>, )(?=(?:{_DEEDS_OF_LIFE})\b)",
    re.IGNORECASE,
)
_MINE = r"(?:my|our) [\w' -]{2,40}?"
_NOT_BUT = Pattern(
    rf"^(?:no,? |sorry,? )*(?P<head>{_MINE})(?: is not|isn't| isn't| are not| aren't)"
    r"(?P<called> called| named)? (?:actually |really )?(?P<wrong>[^,;]+?)"
    r"(?:(?:[,;]| -| –|(?= it'?s )) (?:but |(?:it'?s|it is|he's|she's|they're)"
    r"(?: called| named| actually)* |actually )+|,? but (?:rather |(?:it's|it is) )?)"
    r"(?P<value>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_NOT_CALLED = Pattern(
    r"i(?:'m| am) not (?:called )?(?P<wrong>[\w' -]{1,40}),? (?:but |i(?:'m| am) )called "
    r"(?P<value>.+)",
    re.IGNORECASE,
)
_STOPPED = Pattern(
    r"^i(?:'ve| have)? (?:just )?(?:stopped|quit) (?P<verb>lik|lov|enjoy|ador)ing (?=\w)|"
    r"^i(?:'ve| have)? (?P<off>gone off) (?=\w)",
    re.IGNORECASE,
)
#: "Emil (7) and Ida (5)".
_AGES = Pattern(r" \((?:aged? )?\d{1,2}\)")
#: "I'm 34 and a nurse", "I'm a 34-year-old nurse".
_AGED = Pattern(
    r"^(?:i'm|i am) (?:(?P<age>[1-9]\d)(?: years old)?,? and an? |an? (?P<old>[1-9]\d)"
    r"[- ]years?[- ]old )(?=\w)",
    re.IGNORECASE,
)
_HAS = Pattern(r"^(?:i|we)(?:'ve| have)\b", re.IGNORECASE)
_HAS_MORE = Pattern(
    r"(?P<joint>,? and |, )(?=(?:an?|one|two|three|four|five|six|\d) (?:[\w-]+ ){0,3}"
    rf"(?:{any_of(_LIVING | {f'{one}s' for one in _LIVING} | {'mice', 'children', 'kids'})})\b)",
    re.IGNORECASE,
)
#: Between sentences: "My name is not Kathi. It's Karin."
_TWO_SENTENCES = Pattern(
    r"(?P<first>(?:\bis not|isn't) (?:called )?[\w' -]{1,30})[.!] (?P<its>it's|it is|he's|she's) ",
    re.IGNORECASE,
)


#: "I'm Siobhan, 41, a nurse at St Thomas', living in Leeds with my husband Declan".
_PRESENTS = Pattern(
    r"(?P<head>(?:i'm|i am) (?:(?P<name>(?-i:[A-ZÀ-Þ])[\w'-]+(?: (?-i:[A-ZÀ-Þ])[\w'-]+)?)|"
    r"[1-9]\d)(?P<age>,? [1-9]\d(?: years old)?)?)(?:, | and )(?P<rest>.+)",
    re.IGNORECASE | re.DOTALL,
)
_PART = (
    r"(?P<be>(?:an? (?!bit\b|lot\b)[a-z]|living in|based in|working as|married to|"
    r"(?:originally )?from (?-i:[A-ZÀ-Þ]))|(?P<mum>(?:mum|mom|mother|dad|father) (?:of|to) ))"
)
_PARTS = Pattern(
    rf"(?P<joint>^|, (?:and )?|,? and (?=\w+ (?:in|as|to) )|"
    rf"(?<=\w) (?=(?:living|based) in )){_PART}",
    re.IGNORECASE,
)
#: "I'm a nurse, living in Leeds".
_WHERE_OR_WHOM = Pattern(
    r", (?=(?:living|based) in (?-i:[A-ZÀ-Þ])|married to (?-i:[A-ZÀ-Þ]))",
    re.IGNORECASE,
)
_WITH_MINE = Pattern(
    r",? (?P<joint>with|and|plus) (?:my|our) (?:(?P<many>(?:two|three|four|five|six|\d) )|"
    rf"(?={any_of(_LIVING)}\b))|,? with (?P<some>(?:an?|two|three|four|five|six|\d) )"
    rf"(?={any_of(_LIVING | {f'{one}s' for one in _LIVING} | {'mice', 'children'})}\b)",
    re.IGNORECASE,
)
#: "My name" in haste or in dialect; no more than begun.
_DIALECT = Pattern(r"^(?:ma|mah|mi|me) (?=name\b)", re.IGNORECASE)
_STARTED = Pattern(
    r"^i(?:'ve|'m| have| am)? (?:(?:just|recently|really|actually|finally|now) )*(?:started|"
    r"starting|begun|began|beginning|come|learned|learnt|grown) (?:(?P<ing>lik|lov|enjoy|ador|hat|"
    r"dislik)ing|to (?P<plain>like|love|enjoy|adore|hate|dislike)) (?=\w)",
    re.IGNORECASE,
)
_VERBS = {"lik": "like", "lov": "love", "ador": "adore", "hat": "hate", "dislik": "dislike"}
#: "We adopted a kitten, he's called Oreo": who is come by is had.
_CAME_BY = Pattern(
    r"^(?P<who>i|we)(?:'ve| have)? (?:(?:just|recently|finally|also|now) )*(?:adopted|rescued|"
    r"brought home|bought|got|gotten|taken in|took in) (?=(?:an?|two|another) "
    rf"(?:[\w-]+ ){{0,3}}(?:{any_of(PETS | {'kitten', 'puppy', 'pup'})})\b"
    r".*\b(?:called|named|name)\b)",
    re.IGNORECASE | re.DOTALL,
)
_AND_CALLED = Pattern(
    rf"^(?P<head>(?:(?:i|we)(?:'ve| have)?(?: got)? an? |(?:my|our) )(?:[\w-]+ ){{0,3}}"
    rf"(?:{any_of(_LIVING | {'kitten', 'puppy'})}))(?:,|;| -| –)? (?:and )?(?:(?:he|she|it|they)"
    r"(?:'s| is| are|'re) (?P<called>called|named)|(?:his|her|its|their) name(?:'s| is)) ",
    re.IGNORECASE,
)
#: "A grumpy old tortoise called Gerald": of what kind the pet is, the rules know only in part.
_QUALIFIED = Pattern(
    rf"\b(?P<have>have|got|i've|we've) (?P<a>an?|another) (?:(?!(?:imaginary|virtual|toy|"
    rf"stuffed|plush|fictional|dead|robot|neighbou?r|friend|fear|story|book|"
    rf"dream|of|for|with|about|called|named)\b)[a-z]+ "
    rf"){{1,3}}(?={any_of(PETS | {'kitten', 'puppy'})} (?:called|named)\b)",
    re.IGNORECASE,
)


def of_one(text: str) -> str:
    """The text with those sentences as one that a "he" or an "it" joins."""
    return joined(_TWO_SENTENCES.sub(r"\g<first>, \g<its> ", text))


def reworded(rest: str) -> str:
    """The bare sentence in the words that the rules are made for."""
    rest = _DIALECT.sub("my ", _AGES.sub("", rest))
    rest = _STARTED.sub(_feels, _CAME_BY.sub(r"\g<who> have ", rest))
    rest = _AND_CALLED.sub(_called, _presented(rest))
    return with_subjects(_spelled_out(_put_right(_no_longer(rest))))


def _feels(match: re.Match[str]) -> str:
    stem = (match["ing"] or match["plain"]).lower()
    return f"I {_VERBS.get(stem, stem)} "


def _called(match: re.Match[str]) -> str:
    is_mine = match["head"].lower().startswith(("my ", "our "))
    return f"{match['head']} {'is ' if is_mine else ''}called "


def _presented(rest: str) -> str:
    """With "I'm" before each thing that somebody is, and "I have" before those they name."""
    match = _PRESENTS.fullmatch(rest)
    if match is None and re.match(r"(?:i'm|i am) ", rest, re.IGNORECASE):
        return _WHERE_OR_WHOM.sub(", I'm ", rest)
    if match is None or not _PARTS.match(match["rest"]):
        return rest
    told = _PARTS.sub(lambda at: f", I'm {at['be']}", match["rest"])
    told = _WITH_MINE.sub(_with_mine, told)
    if not match["name"] or match["age"]:
        return match["head"] + told
    is_name = is_given(match["name"]) and match["name"].split()[0][1:].islower()
    return f"my name is {match['name']}{told}" if is_name else rest


def _with_mine(match: re.Match[str]) -> str:
    many = match["many"] or match["some"]
    return f", I have {many}" if many else ", my "


def _no_longer(rest: str) -> str:
    rest = _STOPPED.sub("I no longer like ", rest)
    match = _USED_TO.match(rest)
    if match is None or not match["what"]:
        return rest
    verb = match["verb"].lower()
    behind = "" if _NOT_NOW.fullmatch(match["rest"]) else match["rest"]
    if verb in ("play", "have") and behind:
        return rest
    prefers = _NOW_PREFERS.match(behind)
    if prefers and prefers["prefer"] and " to " not in behind and " over " not in behind:
        behind = f"{prefers['joint']}I like{behind[prefers.end() :]}"
    elif prefers:
        behind = re.sub(r"^(,? but )now(?:adays)?,? ", r"\1", behind)
    if prefers:
        behind = re.sub(r" (?:it|them)$", match["what"], behind)
    return f"I no longer {verb}{match['what']}{behind}"


def _put_right(rest: str) -> str:
    called = _NOT_CALLED.fullmatch(rest)
    if called is not None:
        return f"my name is {called['value']}, not {called['wrong']}"
    match = _NOT_BUT.fullmatch(rest)
    if match is None:
        return rest
    return f"{match['head']} is{match['called'] or ''} {match['value']}, not {match['wrong']}"


def _spelled_out(rest: str) -> str:
    rest = _AGED.sub(lambda at: f"I'm {at['age'] or at['old']} and I'm a ", rest)
    begins = _BEGINS.match(rest)
    if begins is None:
        return rest
    who = begins["who"]
    behind = _ELIDED.sub(
        lambda at: f"{at['joint'] or at['comma']}{who} {at['also'] or ''}", rest[begins.end() :]
    )
    if _HAS.match(rest):
        behind = _HAS_MORE.sub(rf"\g<joint>{who} have ", behind)
    return _QUALIFIED.sub(r"\g<have> \g<a> ", rest[: begins.end()] + behind)
