"""Where a value ends: the bounds of one, and what a person adds behind it."""

import re

from vega.core.patterns import Pattern

MAX_VALUE_CHARS = 80
MAX_VALUE_WORDS = 10

#: Where a value ends, in lower case: with capitals such words are a title's ("The King and I").
_VALUE_END = Pattern(
    r",? (?:because|since|as it|though|although|but|which|so please|so you|ever since|until|"
    r"whenever|and (?:my|what|how|who|where|when|why|it|its|it's|he|she|they|you|yours|hers|his|"
    r"mine|that|"
    r"that's|thanks|nice|please)|(?:and )?(?:what|what's|how|how's)|"
    r"(?:(?:and|&) )?(?:i|we|im|i'm|i've|I'm|I've|I'd)|(?:and )?I(?= [a-z]))\b.*| & I .*|"
    r",? (?:and )?not .+|"
    r", (?:nice|pleased|thanks|please|i|it|by|btw|what|how|hope|you|just|so|ok|okay|and you|"
    r"remember|always|obviously|definitely|actually|of course|clearly|love|sometimes|can|could|"
    r"translate|"
    r"write|tell|give|show|help|she|he|they|is|are|do)\b.*|"
    r"\s*[;–—].*| \(.*| -+ (?![A-Z0-9]).*| -+ (?:Nice|Thanks|Pleased|What|How|I|It)\b.*|"
    r",? (?:now|right now|today|these days|nowadays|by the way|btw|please|too|any ?more|any longer|"
    r"originally|again|lately|"
    r"lol|lmao|haha|hehe|xd|tbh|imo|imho|ofc|of course|obviously|for sure|for real|for now|"
    r"at the moment|at present|at least|so far|by far|hands down|of all time|ever|as always|"
    r"as usual|as well|as of .{1,20}|(?:this|these) (?:week|month|year|season|summer|winter)|"
    r"actually|"
    r"definitely|really|indeed|always|thanks|thank you|remember|everyone|everybody|all)[ .!]*$|"
    r"\s+(?:[:;=8xX]['-]?[()DPpOo3/]+|<3|\^_*\^)$",
    re.DOTALL,
)
_EMOJI_END = Pattern(r"(?<=\w)[\s.!,]*[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]+$")


def is_short(value: str) -> bool:
    is_one = 0 < len(value) <= MAX_VALUE_CHARS and len(value.split()) <= MAX_VALUE_WORDS
    return is_one and "?" not in value and value == value.strip()


def cut(text: str, case_speaks: bool) -> str:
    """The text without what a person adds to a value: "for now", "and I like red", "lol"."""
    value = text.strip()
    while True:
        lower = value.lower()
        read = value if case_speaks or len(lower) != len(value) else lower
        end = _VALUE_END.search(read) or _EMOJI_END.search(read)
        if end is None or end.start() == 0:
            return value
        value = value[: end.start()].strip()


def bare_value(text: str, case_speaks: bool = True) -> str:
    """The value that the text begins with, without quotation marks and end marks."""
    value = cut(text, case_speaks)
    bare = value.strip("\"'“”*_ ").rstrip("!,;:")
    # Of "St Thomas'" the mark belongs to the name.
    return f"{bare}'" if value == f"{bare}'" and bare.endswith("s") else bare


#: What joins two words into one thing.
_PAIRS = Pattern(
    r"(?:mac(?:aroni)? and cheese|rock (?:and|'?n'?) roll|fish and chips|r ?(?:and|&) ?b|"
    r"bread and butter|salt and \w+|drum and bass|dungeons and dragons|black and white|"
    r"gin and tonic|peanut butter and jelly|country and western|arts and crafts|rice and beans|"
    r"(?:ham|bacon) and eggs|track and field|hide and seek|pins and needles|cream and sugar|"
    r"science and technology|milk and honey)",
    re.IGNORECASE,
)
_JOINED = Pattern(r",? (?:and|&) |, ")
#: Behind a value, these say since when, with whom, what for.
_CIRCUMSTANCE = Pattern(
    r",? (?:since|for (?:\d+|a|an|the last|the past|about|over|almost|many|some|two|three|four|"
    r"five|six|ten|my|work|now|good)|with (?:my|our)|together|by myself|alone|(?:in|back in) \d{4}|"
    r"last (?:week|month|year|spring|summer|autumn|fall|winter|night|\w+day)|yesterday|"
    r"(?:a|an|one|two|three|four|five|six|some|\w+) (?:days?|weeks?|months?|years?) ago|recently|"
    r"every (?:\w+day|day|morning|evening|night|week|month)|daily|(?:once|twice) (?:a|per) \w+|"
    r"so much|very much|a lot|the most|most of all|more than anything|as (?:a|my) .+)\b.*$",
    re.DOTALL,
)


def plain_value(text: str) -> str:
    """The value that the text begins with, without what is said of when and with whom."""
    return _CIRCUMSTANCE.sub("", bare_value(text)).strip(" ,.")


#: Behind a name, in lower case: what is said of it, or when.
_BESIDE = Pattern(
    r",? (?:today|yesterday|tomorrow|tonight|(?:this|last|next) [A-Za-z]+|on [A-Z][a-z]+day)\b.*|"
    r", (?![A-Z0-9]).*",
    re.DOTALL,
)
#: When it was: "in September", "in the spring", "at the end of May".
_IN_TIME = Pattern(
    r",? (?:(?:back |early |late |sometime )?(?:in|during|over|before|after) (?:the )?(?:early |"
    r"late |mid-?|last |next )*(?:spring|summer|autumn|fall|winter|holidays|january|february|"
    r"march|april|may|june|july|august|september|october|november|december|\d{4})|"
    r"at (?:christmas|easter|new year|the (?:start|end|beginning) of)|around (?:christmas|easter))"
    r"\b.*",
    re.IGNORECASE | re.DOTALL,
)


def name_alone(value: str) -> str:
    """The name that a value begins with: "Leeds" of "Leeds today, the house on the hill", "Bonn" of
    "Bonn in the spring". But for the time as it is where all of it is in lower case, as some
    write."""
    value = _IN_TIME.sub("", value)
    return value if value.islower() else _BESIDE.sub("", value)


def listed(text: str, *, has_pairs: bool = True) -> list[str]:
    """The things that are listed: "tea, rock and roll and old maps" are three."""
    if not has_pairs:
        return [one.strip() for one in _JOINED.split(text) if one.strip()]
    kept = _PAIRS.sub(lambda match: match.group().replace(" ", "\x00"), text)
    return [one.replace("\x00", " ").strip() for one in _JOINED.split(kept) if one.strip()]
