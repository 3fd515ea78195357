"""What the owner tells of their family and pets: "my wife works at Bosch", "my dog is a beagle".

It is a fact of these, and never of the owner: its attribute is "wife's employer", or of one of
many who is named "Emil's age".
"""

import re

from vega.core import vocabulary as en
from vega.core.facts import naming
from vega.core.facts.attributes import (
    OTHER_WORDS,
    PETS,
    RELATIONS,
    RELATIONS_OF_ONE,
    singular_relation,
)
from vega.core.facts.dates import DATE
from vega.core.facts.forms import Said
from vega.core.facts.guards import PASSING
from vega.core.facts.others import AGE
from vega.core.facts.people import is_name_beside
from vega.core.facts.places import place
from vega.core.facts.rule import ADVERBS, I_HAVE, Draw, Drawn, any_of, drawn, rule, say
from vega.core.facts.work import any_job, employer_of, job_of
from vega.core.patterns import Pattern

#: Of the others there are too many, and what one tells of them is gossip.
_NEAR = RELATIONS - en.of("boss friend roommate flatmate neighbor colleague") - {"best friend"}
_WHO = any_of(
    {word for word, means in OTHER_WORDS.items() if means in _NEAR | PETS and word != "manager"}
    | _NEAR
    | PETS
)
DOGS = en.of("""
beagle poodle labrador dachshund dalmatian husky collie retriever shepherd terrier spaniel bulldog
boxer pug chihuahua rottweiler doberman schnauzer maltese corgi greyhound whippet pinscher mastiff
malinois samoyed akita setter pointer vizsla weimaraner havanese bichon papillon pomeranian shiba
leonberger newfoundland labradoodle cockapoo mongrel mutt basset bloodhound sheepdog ridgeback
""")
CATS = en.of("siamese persian bengal ragdoll sphynx coon shorthair tabby birman burmese abyssinian")
_OTHER_BREEDS = en.of("shetland haflinger friesian lipizzaner arabian icelandic lop angora")
_BREEDS = DOGS | CATS | _OTHER_BREEDS
#: What a capital may stand for instead of a name: a faith, a people, a sign.
_NO_RELATIVE = en.of("""
catholic protestant christian jewish muslim hindu buddhist atheist orthodox mormon sikh catholics
virgo leo libra aries taurus gemini cancer scorpio sagittarius capricorn aquarius pisces republican
democrat viennese bavarian tyrolean styrian berliner parisian londoner wife god
""")
_NATIONAL = Pattern(r"\w+(?:ish|ese|ist|ic|ian|an)", re.IGNORECASE)
_NAMES_THAT_SOUND_SO = en.of("""
ian adrian julian vivian damian fabian lilian gillian marian dorian florian sebastian maximilian
brian kilian bastian eric dominic frederic ludovic cedric alaric dan jan ivan stefan susan megan
logan ryan sean jordan nathan ethan alan evan aidan juan hassan milan zoran goran roman rowan dylan
morgan tristan duncan norman herman urban joan jean ruan jonathan stan fran ann alan allan lillian
kieran ronan brendan declan rohan aryan dean titian luan joan kazan jovan dragan bojan christian
""")
_NAME = r"(?-i:[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)?)"
_DEAR = r"(?:(?:dear|lovely|sweet|beloved|new|only|darling|own) )?"
_SUBJECT = rf"(?:my|our) {_DEAR}(?P<who>{_WHO})(?:,? (?P<name>{_NAME}),?)?"
_IS = rf"(?:'s| is| has been) {ADVERBS}"


def _of(attribute: str, value: str, match: re.Match[str]) -> Drawn | None:
    """The fact of who is spoken of, and their name where it stands beside."""
    who = singular_relation(match["who"].lower())
    name = match.groupdict().get("name")
    if name and not is_name_beside(name):
        return None
    said: list[Said] = [say(who, name)] if name else []
    owner = name if name and who not in RELATIONS_OF_ONE else who
    return Drawn((*said, say(f"{owner}'s {attribute}", value)))


def _employer(match: re.Match[str]) -> Drawn | None:
    found = employer_of(re.split(r",? (?:and|but) (?=[a-z]+s\b)", match["value"])[0])
    return _of("employer", found, match) if found and not PASSING.search(match.string) else None


def _job(match: re.Match[str]) -> Drawn | None:
    if PASSING.search(match.string) or singular_relation(match["who"].lower()) in PETS:
        return None
    words = re.split(r" (?:at|for) ", match["value"], maxsplit=1)
    job = job_of(words[0]) or (any_job(words[0]) if match.re.groupindex.get("as") else None)
    told = _of("job", job, match) if job else None
    is_taught = bool(job) and str(job).lower().endswith(("student", "pupil"))
    where = employer_of(words[1]) if told and len(words) > 1 and not is_taught else None
    beside = _of("employer", where, match) if where else None
    return Drawn((*told.said, beside.said[-1])) if told and beside else told


def _home(match: re.Match[str]) -> Drawn | None:
    found = place(match["value"])
    return _of("home", found, match) if found else None


def _age(match: re.Match[str]) -> Drawn | None:
    return _of("age", match["age"], match)


def _birthday(match: re.Match[str]) -> Drawn | None:
    value = match["value"].strip(" .!")
    return _of("birthday", value, match) if DATE.fullmatch(value) else None


def _breed(match: re.Match[str]) -> Drawn | None:
    value = re.sub(r"^(?:pure-?bred|full-blooded|real) ", "", match["value"].strip(" .!"))
    words = re.findall(r"[\w-]+", value.lower())
    is_breed = 0 < len(words) < 5 and (words[-1] in _BREEDS or _is_mixed(words))
    if singular_relation(match["who"].lower()) not in PETS or not is_breed:
        return None
    return _of("breed", value, match)


def _is_mixed(words: list[str]) -> bool:
    is_mix = words[-1] in ("mix", "cross", "mixed-breed", "crossbreed")
    return is_mix and (len(words) == 1 or bool(set(re.split(r"\W", " ".join(words))) & _BREEDS))


def _favorite(match: re.Match[str]) -> Drawn | None:
    words = {**match.groupdict(), "name": None}
    verb = (words.get("verb") or "is").lower()
    value = naming.named_value(words, "value")
    if value is None or naming.reports(str(words["thing"])):
        return None
    return _of(naming.attribute_of(naming.phrase_of(words), verb), value, match)


def _is_called(match: re.Match[str]) -> Drawn | None:
    """ "My dad is Franz"."""
    name = match["called"]
    if f"{match['who'].lower()} is " not in match.string or job_of(name):
        # Where Each Word Is So Written, a capital says nothing.
        return None
    is_person = all(
        word.lower() not in _NO_RELATIVE | en.STATES | en.QUALITIES
        and not re.search(r"-[a-z]", word)
        and (not _NATIONAL.fullmatch(word) or word.lower() in _NAMES_THAT_SOUND_SO)
        for word in name.split()
    )
    relation = singular_relation(match["who"].lower())
    return drawn(relation, [name]) if is_person and is_name_beside(name) else None


def _of_breed(animal: str) -> Draw:
    """ "I have a beagle called Bruno"."""

    def draw(match: re.Match[str]) -> Drawn | None:
        name = match["name"]
        if not is_name_beside(name):
            return None
        return Drawn((say(animal, name), say(f"{name}'s breed", match["breed"])))

    return draw


_SMALL = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen)"
)
_CALLED = r"(?: who is| that is| which is)?,? (?:called|named|by the name of)"
#: "My wife's name is Maria and she works at Bosch": who she is stands before.
_GOES_ON = Pattern(
    rf"(?P<head>(?:my|our|i have an?|we have an?|i've got an?|we've got an?) {_DEAR}(?P<who>{_WHO})"
    rf"(?:(?:'s name| name)? is(?: called| named)?|,? (?:called|named))? (?P<name>{_NAME}))"
    rf",?(?:(?: and|;| -| –)? (?:he|she|it|they(?= are|'re))| who)"
    r"(?P<be>'s| is| are|'re)? (?P<tail>.+)",
    re.IGNORECASE | re.DOTALL,
)


#: "My dog is called Bruno. He's a beagle."
_NEXT_SENTENCE = Pattern(
    rf"(?P<first>(?:^|[.!?\n]\s*)(?:my|our|i have an?|we have an?|i've got an?|we've got an?) "
    rf"{_DEAR}"
    rf"(?:{_WHO})\b[^.!?\n]{{0,60}})[.!]\s+(?P<then>(?:he|she|it)(?:'s| is| works| lives| "
    rf"turned)\b)",
    re.IGNORECASE,
)
#: "My wife works at Bosch and loves hiking".
_THEIRS = Pattern(
    rf"(?P<who>(?:my|our) (?:{_WHO})(?:,? {_NAME},?)?) (?:is|has|works|lives|turned|studies)\b",
    re.IGNORECASE,
)
_AND_DOES = Pattern(
    r"(?P<joint>,? (?:and|but) |, (?!(?:is|can|will|has)\b))"
    r"(?:(?:he|she|it) )?(?=(?:is|has|works|lives|turned|studies|loves|"
    r"likes|hates|enjoys|plays|speaks|wants|goes|eats|drives|takes|can|will)\b)",
    re.IGNORECASE,
)


#: "My dad passed away in 2015, his name was Pat".
_NAMED_BEHIND = Pattern(
    rf"(?P<head>\b(?:my|our) {_DEAR}(?P<who>{_WHO}) (?!and\b)[^,.;]{{3,60}}[,;]) (?:and )?"
    r"(?:his|her) name(?:'s| is| was) ",
    re.IGNORECASE,
)


def joined(text: str) -> str:
    """The text with what is said of "her" in the sentence that says who she is."""
    return _NEXT_SENTENCE.sub(r"\g<first> and \g<then>", text.replace("’", "'"))


def with_subjects(rest: str) -> str:
    """The words with whom they tell of in place of a "she" behind a name, and of nobody behind an
    "and"."""
    rest = _NAMED_BEHIND.sub(r"\g<head> my \g<who>'s name is ", rest)
    match = _GOES_ON.fullmatch(rest)
    if match is not None and is_name_beside(match["name"]):
        be = " is" if match["be"] else ""
        begun = f"{match['head']} and "
        rest = f"my {match['who']} {match['name']}{be} {match['tail']}"
    else:
        begun = ""
    theirs = _THEIRS.match(rest)
    if theirs is not None:
        behind = _AND_DOES.sub(rf"\g<joint>{theirs['who']} ", rest[theirs.end() :])
        rest = rest[: theirs.end()] + behind
    return begun + rest


RULES = (
    rule(
        rf"{_SUBJECT} (?:{ADVERBS}works|{ADVERBS}is (?:working|employed)) (?:at|for) (?P<value>.+)",
        _employer,
    ),
    rule(rf"{_SUBJECT} {ADVERBS}works (?P<as>as) an? (?P<value>.+)", _job),
    rule(rf"{_SUBJECT} {ADVERBS}lives in (?P<value>.+)", _home),
    rule(
        rf"{_SUBJECT}(?:{_IS}(?:turning )?|(?: has)?(?: just)? turned )(?P<age>{AGE})"
        r"(?: years? old| years of age)?(?:,? now| today| yesterday| already| (?:last|this) \w+|"
        r" on (?:\w+day|the \d\w+)|"
        r" in (?-i:[A-Z])\w+)?",
        _age,
    ),
    rule(rf"{_SUBJECT}{_IS}(?P<age>{_SMALL}) years? old(?: now)?", _age),
    rule(
        rf"{_SUBJECT}(?:'s birthday{_IS}(?:on )?| was born (?:on )?)(?P<value>.+)",
        _birthday,
    ),
    rule(rf"{_SUBJECT}{_IS}an? (?P<value>.+)", _breed),
    rule(rf"{_SUBJECT}{_IS}an? (?P<value>.+)", _job),
    rule(
        rf"{_SUBJECT}'s? (?:all[- ]time |absolute )?(?P<favorite>favou?rite|fav) {naming.THING}"
        rf"(?:'s| (?P<verb>is|are)) {naming.ADVERB}(?:called |named )?(?P<value>.+)",
        _favorite,
    ),
    rule(rf"(?:my|our) {_DEAR}(?P<who>{_WHO}) is {ADVERBS}(?P<called>{_NAME})", _is_called),
    rule(
        rf"{I_HAVE} {ADVERBS}an? (?P<breed>(?:[\w-]+ ){{0,2}}{any_of(DOGS)}){_CALLED} "
        rf"(?P<name>{_NAME})",
        _of_breed("dog"),
    ),
    rule(
        rf"{I_HAVE} {ADVERBS}an? (?P<breed>(?:[\w-]+ ){{0,2}}{any_of(CATS)})(?: cat)?{_CALLED} "
        rf"(?P<name>{_NAME})",
        _of_breed("cat"),
    ),
)
