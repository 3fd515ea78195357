"""What belongs to no other family: languages, sizes, and what must stay a secret."""

import re

from vega.core.facts.guards import PASSING
from vega.core.facts.rule import ADVERBS, NO_MORE, WE, Drawn, Rule, drawn, rule, say
from vega.core.facts.shape import bare_value, is_short, listed, plain_value
from vega.core.patterns import Pattern
from vega.core.vocabulary import of

_LANGUAGES = of("""
english german french spanish italian portuguese dutch danish swedish norwegian finnish icelandic
polish czech slovak slovene slovenian croatian serbian bosnian bulgarian romanian hungarian greek
turkish russian ukrainian arabic hebrew persian farsi hindi urdu bengali punjabi tamil telugu
chinese mandarin cantonese japanese korean vietnamese thai indonesian malay tagalog swahili yoruba
igbo hausa amharic zulu afrikaans latin esperanto welsh irish catalan basque galician albanian
macedonian lithuanian latvian estonian klingon bavarian yiddish
""")
#: A secret, or what leads to the owner's door and money: kept, and never sent to another machine.
_SECRETS = (
    r"(?:(?:[\w-]+ )?(?:pin|pin code|password|passcode|passphrase|puk)|(?:bank )?account "
    r"number|iban|"
    r"(?:credit |debit )?card number|social security number|ssn|passport number|tax (?:number|id)|"
    r"(?:locker|safe|door|alarm|gate|bike lock) (?:combination|code)|"
    r"(?:phone|mobile|cell|telephone) number|(?:e-?mail|email)(?: address)?|insurance number|"
    r"licen[cs]e plate|number plate)"
)
_FIGURES = r"(?:shoe size|dress size|ring size|height|weight|clothing size|hat size|collar size)"
_TRAITS = (
    r"(?:star sign|zodiac sign|native language|mother tongue|first language|nationality|religion)"
)
#: All that is told as "my … is …" and asked for in the same words.
TOLD = rf"(?:{_SECRETS}|{_FIGURES}|{_TRAITS})"

_HOW_WELL = Pattern(
    r"^(?:both |fluent |native |basic |broken |good |decent |passable |(?:just |only )?"
    r"(?:a little|a bit|a little bit|a few words)(?: of)? )+|"
    r" (?:fluently|well|natively|(?:just |only )?(?:a little|a bit|a little bit))$",
    re.IGNORECASE,
)


def _languages(match: re.Match[str]) -> Drawn | None:
    listing = re.sub(r",? as well as ", " and ", plain_value(match["value"]))
    listing = re.sub(r"^some ", "", listing)
    found = [_HOW_WELL.sub("", one) for one in listed(listing)]
    is_good = all(one.lower() in _LANGUAGES for one in found)
    return drawn("language", found) if is_good and not PASSING.search(match.string) else None


def _secret(match: re.Match[str]) -> Drawn | None:
    return _kept(match["what"], match["value"])


def _secret_of(match: re.Match[str]) -> Drawn | None:
    """ "My password for Netflix is …": the "netflix password"."""
    return _kept(f"{match['of']} {match['kind']}", match["value"])


def _phone(match: re.Match[str]) -> Drawn | None:
    return _kept("phone number", match["value"])


def _kept(what: str, told: str) -> Drawn | None:
    value = told.strip(" \"'“”.,!")
    attribute = what.lower().replace("e-mail", "email").removesuffix(" address")
    is_word = "password" in attribute or "passphrase" in attribute or "passcode" in attribute
    has_mark = any(char.isdigit() or char in "@!#$%&*-_" for char in value)
    is_good = has_mark or (is_word and " " not in value and not value.islower())
    if not is_good or not is_short(value) or (" " in value and any(c.islower() for c in value)):
        return None
    return Drawn((say(attribute, value, is_private=True),))


def _figure(match: re.Match[str]) -> Drawn | None:
    value = bare_value(match["value"])
    is_good = value[:1].isdigit() or value.isupper()
    return drawn(match["what"].lower(), [value]) if is_good and is_short(value) else None


def _trait(match: re.Match[str]) -> Drawn | None:
    value = plain_value(match["value"])
    is_good = value[:1].isupper() and len(value.split()) < 4 and is_short(value)
    return drawn(match["what"].lower(), [value]) if is_good else None


_METRES = (
    r"\d(?:[.,]\d\d?)? ?m|\d{3} ?(?:cm|centimet(?:er|re)s)|\d ?(?:feet|foot|ft)(?: \d{1,2}"
    r"(?: ?in(?:ches)?)?)?|\d'\d{1,2}\"?"
)
_KILOS = r"\d{2,3}(?:[.,]\d)? ?(?:kg|kilos?|kilograms?|pounds|lbs?|stone)"


def _measured(match: re.Match[str]) -> Drawn | None:
    attribute = "height" if match.groupdict().get("height") else "weight"
    return drawn(attribute, [match[attribute]])


_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
AGE = (
    rf"(?:1[01]\d|\d{{1,2}}|{_TENS}(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|"
    r"eighteen|nineteen)"
)


def _age(match: re.Match[str]) -> Drawn | None:
    return drawn("age", [match["age"]])


INSTRUMENTS = of("""
guitar piano violin cello viola drums drum flute saxophone sax clarinet trumpet trombone harp organ
accordion ukulele banjo oboe bassoon tuba horn keyboard keyboards harmonica mandolin bass zither
double-bass bagpipes recorder lute sitar harpsichord percussion
""") | {"bass guitar", "double bass", "french horn", "electric guitar", "acoustic guitar"}
GAMES = of("""
chess tennis football soccer basketball volleyball handball hockey rugby cricket golf badminton
squash baseball softball lacrosse polo padel pickleball poker bridge go shogi backgammon checkers
scrabble darts billiards snooker pool petanque boules minecraft d&d floorball
""") | {"table tennis", "ice hockey", "field hockey", "water polo", "video games", "board games",
        "dungeons and dragons", "american football", "ping pong"}  # fmt: skip


def _plays(match: re.Match[str], *, is_over: bool = False) -> Drawn | None:
    if PASSING.search(match.string):
        return None
    said = []
    for one in listed(plain_value(match["value"])):
        bare = one.lower().removeprefix("the ").removeprefix("a ")
        is_game = bare in GAMES and bare == one.lower()
        if not is_game and bare not in INSTRUMENTS:
            return None
        said.append(say("game" if is_game else "instrument", one, is_over=is_over))
    return Drawn(tuple(said)) if said else None


def _plays_no_more(match: re.Match[str]) -> Drawn | None:
    return _plays(match, is_over=True)


_AT_HOME = r"(?:wi-?fi|wlan|home|router|alarm|gate|garage|front|back|house|safe)"
_IN = r"(?: in an? (?:\w+ )?(?:band|orchestra|quartet|trio|church|club|league|team|ensemble))?"
RULES: tuple[Rule, ...] = (
    rule(rf"(?:i'm|i am) {ADVERBS}(?:only )?(?P<age>{AGE}) (?:years? old|years of age)", _age),
    # More figures than words come alone: "I'm sixty" and "I'm 41", not "I'm 100".
    rule(
        r"(?:i'm|i am) (?:now |only |already |actually |really )*(?P<age>[1-9]\d)"
        r"(?: years old)?(?:,? (?:and )?not \d\d)?",
        _age,
    ),
    rule(
        rf"i(?:'ve| have)? (?:just |recently )?turned (?P<age>{AGE})(?: (?:today|yesterday|"
        r"last \w+|this \w+|(?:on|in) \w+))?",
        _age,
    ),
    rule(rf"i {ADVERBS}(?:can )?play (?P<value>.+?){_IN}", _plays),
    rule(rf"i (?:don't|do not) play (?P<value>.+?){NO_MORE}", _plays_no_more),
    rule(r"i no longer play (?P<value>.+)", _plays_no_more),
    rule(
        r"i(?:'ve| have)? (?:stopped|quit|given up|gave up) playing (?P<value>.+)", _plays_no_more
    ),
    rule(rf"(?:i'm|i am) {ADVERBS}(?P<height>{_METRES}) tall", _measured),
    rule(rf"i {ADVERBS}weigh (?P<weight>{_KILOS})", _measured),
    rule(rf"{WE} {ADVERBS}speak (?P<value>.+)", _languages),
    rule(rf"(?:my|our) (?:new )?(?P<what>{_SECRETS})(?:'s| is):? {ADVERBS}(?P<value>.+)", _secret),
    rule(rf"the (?P<what>{_AT_HOME} {_SECRETS})(?:'s| is):? {ADVERBS}(?P<value>.+)", _secret),
    rule(
        rf"my (?:new )?(?P<kind>password|pin|passcode) (?:for|of|to) (?:my |the )?"
        rf"(?P<of>[\w-]+(?: [\w-]+)?)(?:'s| is):? {ADVERBS}(?P<value>.+)",
        _secret_of,
    ),
    rule(r"my (?:new )?number(?:'s| is) (?P<value>\+?\d[\d /()-]{6,})", _phone),
    rule(rf"my (?P<what>{_FIGURES})(?:'s| is) {ADVERBS}(?P<value>.+)", _figure),
    rule(rf"my (?P<what>{_TRAITS})(?:'s| is) {ADVERBS}(?P<value>.+)", _trait),
)
