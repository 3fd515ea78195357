"""What is no more: "I got divorced", "my dog died", "we don't have a car any more"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.attributes import OTHER_WORDS, OWN_THINGS, PETS, RELATIONS, singular_relation
from vega.core.facts.forms import Said
from vega.core.facts.others import INSTRUMENTS
from vega.core.facts.people import is_name_beside
from vega.core.facts.possessions import LASTING
from vega.core.facts.rule import I_AM, NO_MORE, WE, Drawn, any_of, rule, say

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_WHEN = (
    r"(?:,? (?:today|yesterday|recently|now|again|sadly|unfortunately|for good|already|"
    r"(?:last|this) "
    r"\w+(?: \w+)?|(?:back )?in (?:the )?(?:early |late |mid-?)?(?:spring|summer|autumn|fall|"
    r"winter|"
    rf"morning|evening|night|{_MONTH}|19\d\d|20\d\d)(?: \d{{4}})?|on (?:the )?(?:\w+day|"
    rf"\d{{1,2}}\S*"
    rf"(?: of)? {_MONTH}|{_MONTH} \d{{1,2}})|at (?:christmas|easter|new year|the age of \d+)|"
    r"(?:an?|two|three|four|five|six|some|\d+|a few|a couple of|many|several) \w+ ago|"
    r"after .{3,40}|since .{3,20}|because of .{3,40}|of (?:old age|cancer|\w+)))*"
)
_WHERE = r"(?: (?:on|in|at|from|near) (?:the |a |my )?[\w ]{3,30}?)?"
_JUST = r"(?:(?:just|recently|finally|sadly|unfortunately|now|officially|happily|actually|also) )*"
_HAVE = rf"(?:'ve|'s| have| has)? ?{_JUST}"
_NAME = r"(?-i:[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)?)"
_COUPLE = any_of(
    en.of("wife husband hubby spouse partner girlfriend boyfriend fiancé fiancée fiance fiancee")
)
_PET = any_of(PETS | {word for word, means in OTHER_WORDS.items() if means in PETS})
_PETS = any_of({f"{one}s" for one in PETS} | {"puppies", "mice", "pets"})
_RELATION = any_of(en.of("girlfriend boyfriend partner wife husband boss flatmate roommate"))
_THING = any_of(OWN_THINGS | LASTING)


def _divorced(match: re.Match[str]) -> Drawn | None:
    said = _parted(match, "spouse")
    clause = "you are divorced"
    if said is not None and said[0].statement.value != said[0].statement.attribute:
        clause += f" from {said[0].statement.value}"
    status = say("marital status", "divorced")
    return Drawn((Said(status.statement, clause), *said)) if said is not None else None


def _parted(match: re.Match[str], attribute: str) -> list[Said] | None:
    """That the bond is over; its clause is told by another, or by who it was."""
    words = match.groupdict()
    name = words.get("name") or words.get("name2")
    if name and not is_name_beside(name):
        return None
    bond = singular_relation((words.get("who") or attribute).lower())
    statement = say(bond, name or bond, is_over=True).statement
    return [Said(statement, "")]


def _split(match: re.Match[str]) -> Drawn | None:
    said = _parted(match, "partner")
    if said is None:
        return None
    statement = said[0].statement
    whom = f"your {statement.attribute}" if match.groupdict().get("who") else statement.value
    return Drawn((Said(statement, f"you and {whom} are no longer together"),))


def _status(match: re.Match[str]) -> Drawn | None:
    status = match["status"].lower()
    told = say("marital status", status)
    if status != "single":
        return Drawn((told,))
    return Drawn((told, Said(say("partner", "partner", is_over=True).statement, "")))


def _wed(match: re.Match[str]) -> Drawn | None:
    """ "Keisha and I got married"."""
    name = match["name"]
    return Drawn((say("spouse", name),)) if is_name_beside(name) else None


def _not_married(match: re.Match[str]) -> Drawn | None:
    over = say("spouse", "spouse", is_over=True).statement
    return Drawn((say("marital status", "married", is_over=True), Said(over, "")))


def _died(match: re.Match[str]) -> Drawn | None:
    """A pet is no more: that it was stays known."""
    pet = singular_relation(match["pet"].lower())
    name = match.groupdict().get("name")
    if name and not is_name_beside(name):
        return None
    called = f"your {pet} {name}" if name else f"your {pet}"
    statement = say(pet, name or f"my {pet}", is_over=True).statement
    has_gone = "gone" in match.re.groupindex
    return Drawn(
        (Said(statement, f"you no longer have {called}" if has_gone else f"{called} died"),)
    )


def _none_left(match: re.Match[str]) -> Drawn | None:
    """ "I don't have a dog any more", whatever it was called."""
    word = match["what"].lower()
    if word in OWN_THINGS or word == "job":
        return Drawn((say(word, word, is_over=True),))
    if word in LASTING:
        return Drawn((say("possession", f"a {word}", is_over=True),))
    one = singular_relation(word)
    if one not in PETS | RELATIONS:
        return None
    statement = say(one, one, is_over=True).statement
    return Drawn(
        (Said(statement, f"you no longer have {'an' if one[0] in 'aeiou' else 'a'} {one}"),)
    )


def _thing_gone(match: re.Match[str]) -> Drawn | None:
    thing = match["what"].lower()
    if thing in INSTRUMENTS and re.search(r"\b(?:gave|given) up\b", match.string, re.IGNORECASE):
        # One plays it no more, and may have it still.
        return None
    attribute = thing if thing in OWN_THINGS else "possession"
    value = thing if attribute == thing else f"a {thing}"
    statement = say(attribute, value, is_over=True).statement
    return Drawn((Said(statement, f"you no longer have your {thing}"),))


def _job_lost(match: re.Match[str]) -> Drawn | None:
    return Drawn((say("job", "job", is_over=True),))


_OLD = r"(?:(?:old|beloved|dear|little|first|second) )?"
_FROM = rf"(?: from (?:my (?:husband|wife|spouse)|(?P<name>{_NAME})))?"
_ENDED = (
    r"(?:died|passed away|passed|is dead|is gone|(?:got|was) run over(?: by .{3,20})?|"
    r"(?:was|had to be) put (?:down|to sleep)|crossed the rainbow bridge)"
)
_APART = (
    r"(?:split(?: up)?|broke up|broken up|separated|parted(?: ways)?|are (?:no longer together|"
    rf"separated|not together{NO_MORE})|aren't together{NO_MORE})"
)
#: Of somebody who is only named; they may as well split a bill.
_ASUNDER = (
    r"(?:split up|broke up|broken up|separated|are (?:no longer together|separated|not together"
    rf"{NO_MORE})|aren't together{NO_MORE})"
)
_ANY = rf"(?P<what>{_PETS}|{_PET}|{_THING}|{_RELATION}|job)"
RULES = (
    rule(
        rf"(?:(?:i'm|i am|we're|we are) {_JUST}|{WE}{_HAVE}(?:got|gotten|get|was|were|been) )"
        rf"divorced{_FROM}{_WHEN}",
        _divorced,
    ),
    rule(
        rf"i{_HAVE}divorced (?:my (?:husband|wife|spouse),? ?)?(?P<name>{_NAME})?{_WHEN}", _divorced
    ),
    rule(rf"my (?P<who>wife|husband) and i{_HAVE}(?:are |got |were )?divorced{_WHEN}", _divorced),
    rule(rf"my (?P<who>{_COUPLE}) and i{_HAVE}{_APART}{_WHEN}", _split),
    rule(rf"my (?P<who>{_COUPLE}),? (?P<name>{_NAME}),? and i{_HAVE}{_APART}{_WHEN}", _split),
    rule(
        rf"(?:(?P<name>{_NAME}) and (?:i|me)|me and (?P<name2>{_NAME})){_HAVE}{_ASUNDER}{_WHEN}",
        _split,
    ),
    rule(
        rf"we{_HAVE}{_ASUNDER}{_WHEN},? (?:me and (?P<name2>{_NAME})|(?P<name>{_NAME}) and "
        r"(?:i|me))",
        _split,
    ),
    rule(
        rf"i{_HAVE}(?:broke up|broken up|split up|split|parted) (?:with|from) (?:my "
        rf"(?P<who>{_COUPLE})"
        rf"|(?P<name>{_NAME})){_WHEN}",
        _split,
    ),
    rule(rf"i{_HAVE}(?:left|dumped|separated from) my (?P<who>{_COUPLE}){_WHEN}", _split),
    rule(rf"my (?P<who>{_COUPLE}){_HAVE}(?:left|dumped) me{_WHEN}", _split),
    rule(
        rf"(?:i'm|i am) {_JUST}(?P<status>married|widowed|single|engaged)(?: again| now)?",
        _status,
    ),
    rule(rf"(?:i|we){_HAVE}(?:got|gotten) (?:(?P<status>married|engaged)){_WHEN}", _status),
    rule(rf"(?P<name>{_NAME}) and i{_HAVE}(?:got|gotten|are|are now) married{_WHEN}", _wed),
    rule(rf"{I_AM} (?:no longer married|not married{NO_MORE})", _not_married),
    rule(
        rf"(?:my|our) {_OLD}(?P<pet>{_PET})(?:,? (?P<name>{_NAME}),?)?{_HAVE}{_ENDED}{_WHEN}",
        _died,
    ),
    rule(
        rf"(?:my|our) {_OLD}(?P<pet>{_PET})(?:,? (?P<name>{_NAME}),?)?{_HAVE}"
        rf"(?P<gone>ran away|run away|ran off|escaped for good|never came back){_WHEN}",
        _died,
    ),
    rule(
        rf"{WE}{_HAVE}(?:had to )?(?:put (?:down )?|have )(?:my|our|the) {_OLD}(?P<pet>{_PET})"
        rf"(?:,? (?P<name>{_NAME}),?)?(?: put)?(?: down| to sleep){_WHEN}",
        _died,
    ),
    rule(
        rf"{WE}{_HAVE}(?:had to )?(?P<gone>give|gave|given|rehomed|sold) (?:up |away )?(?:my|"
        rf"our|the) "
        rf"{_OLD}(?P<pet>{_PET})(?:,? (?P<name>{_NAME}),?)?(?: away| up| to .{{3,30}})?{_WHEN}",
        _died,
    ),
    rule(
        rf"{WE} (?:don't|do not|haven't) (?:have|own|got|keep) (?:an?|any|my|our|the) {_ANY}"
        rf"{NO_MORE}",
        _none_left,
    ),
    rule(rf"{WE} no longer (?:have|own|keep) (?:an?|any|my|our|the) {_ANY}", _none_left),
    rule(rf"{WE} (?:have|own) no (?:more )?{_ANY}{NO_MORE}", _none_left),
    rule(
        rf"{WE}{_HAVE}(?:sold|gave away|(?:gave|given) up(?! the)|got rid of|scrapped|traded in) "
        rf"(?:my|our|the) {_OLD}(?P<what>{_THING}){_WHEN}",
        _thing_gone,
    ),
    rule(
        rf"(?:my|our) {_OLD}(?P<what>{_THING})(?: was| got|'s been| has been) "
        rf"stolen{_WHERE}{_WHEN}",
        _thing_gone,
    ),
    rule(
        r"i(?:'ve| have)? (?:just |recently |finally )?(?:was|got|been|gotten) (?:fired|laid off|"
        rf"let go|made redundant|sacked)(?: from my (?:old )?job| by my boss|(?: from| by) "
        rf"{_NAME})?{_WHEN}",
        _job_lost,
    ),
    rule(
        r"(?:i'm|i am) (?:now |currently |sadly )?(?:out of work|out of a job|unemployed|jobless|"
        rf"between jobs){_WHEN}",
        _job_lost,
    ),
    rule(rf"i{_HAVE}resigned(?: from (?:my job|{_NAME}))?{_WHEN}", _job_lost),
)
