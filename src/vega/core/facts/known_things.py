"""What a prompt states of things that are known already, and that it names no further: "Biscuit
died", "I sold my Mazda", "the Lagos trip is cancelled", and "She's 38" behind "My sister is Eva".

What the rules read without that is not read here.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from vega.core.facts.attributes import OWN_THINGS, PETS, RELATIONS, RELATIONS_OF_ONE
from vega.core.facts.forms import Reading, Said
from vega.core.facts.guards import asks, is_plain, is_task
from vega.core.facts.matching import about, is_same_value, is_unnamed
from vega.core.facts.plans import DATED
from vega.core.facts.reading import MAX_PROMPT_CHARS, read_statements
from vega.core.facts.rule import say
from vega.core.facts.sentences import bare, only_sentence
from vega.core.facts.shape import plain_value
from vega.core.memory import Fact
from vega.core.patterns import Pattern
from vega.core.vocabulary import of

_SHE = of("wife mother daughter sister girlfriend aunt grandmother niece granddaughter fiancée")
_HE = of("husband father son brother boyfriend uncle grandfather nephew grandson fiancé")
_FACE = Pattern(r"[\s.!]*(?::'?-?[()]+|<3|[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F]+)[\s.!]*$")
#: Who is spoken of stands first, or is what somebody did away with.
_BEFORE_NAME = Pattern(
    r"^(?:(?:sadly|unfortunately|today|yesterday|last night|poor),? )?$|"
    r"\b(?:put(?: down)?|gave(?: up| away)?|give(?: up| away)?|rehomed?|had|lost)(?: poor)? $",
    re.IGNORECASE,
)
_PRONOUN = Pattern(
    r"^(?P<who>he|she)(?P<be>'s| is| works| lives| turned| turns| has|'s been) |"
    r"^(?P<whose>his|her) (?=[a-z])",
    re.IGNORECASE,
)
_GOT_RID = (
    r"(?:(?:i|we)(?:'ve| have)? )?(?:just |recently |finally |also )*(?:sold|got rid of|scrapped|"
    r"gave away|traded in|wrecked|totall?ed)"
)
_SOLD = Pattern(
    rf"{_GOT_RID} (?:my|our|the) (?:old |beloved |trusty )*(?P<what>[\w -]+?)"
    r"(?: (?:today|yesterday|now|recently|last \w+|this \w+|in [\w ]{3,20}|to .{2,30}))?"
    r"(?:,? (?:and|then|to) (?:(?:i|we)(?:'ve| have)? )?(?:then |now )?(?:bought|got|drive|buy|get)"
    r"(?: myself| ourselves)? (?P<new>(?:an?|the) .+))?",
    re.IGNORECASE,
)
_OFF = r"(?:cancell?ed|called off|off(?: now)?|not happening(?: any ?more| after all)?)"
_IS = r"(?:'s| is| was| got| has been|'s been| just got| gets)(?: now| just| sadly)?"
_CANCELLED = (
    Pattern(rf"(?:my|our|the) (?P<what>[\w'. -]{{3,50}}?){_IS} {_OFF}", re.IGNORECASE),
    Pattern(
        r"(?:i|we)(?:'ve| have)? (?:had to |just )*(?:cancell?ed|cancel|called off|call off) "
        r"(?:my|our|the) (?P<what>[\w'. -]{3,50})",
        re.IGNORECASE,
    ),
    Pattern(
        r"(?:i'm|i am|we're|we are) (?:not|no longer) (?P<what>(?:going|flying|travell?ing|moving|"
        r"driving|seeing|meeting|visiting) [\w'. -]{3,50}?)(?: any ?more| after all)?",
        re.IGNORECASE,
    ),
)
_MOVES = (
    r"(?:moved|rescheduled|postponed|pushed(?: back)?|pushed|brought forward|shifted|"
    r"changed|put off|delayed)"
)
_MOVED = (
    Pattern(
        rf"(?:my|our|the) (?P<what>[\w'. -]{{3,50}}?){_IS} {_MOVES} (?:to|until|till) "
        rf"(?P<when>{DATED})",
        re.IGNORECASE,
    ),
    Pattern(
        rf"(?:my|our|the) (?P<what>[\w'. -]{{3,50}}?)(?:'s| is) now (?P<when>{DATED})",
        re.IGNORECASE,
    ),
    Pattern(
        r"(?:(?:i|we|they)(?:'ve| have)? (?:had to |just )*)"
        rf"(?:{_MOVES}|move|reschedule|postpone|shift|change) (?:my|our|the) "
        rf"(?P<what>[\w'. -]{{3,50}}?) (?:to|until|till) (?P<when>{DATED})",
        re.IGNORECASE,
    ),
    Pattern(
        rf"(?:the |my )?(?P<what>[\w'. -]{{3,40}}?)(?: has| just|'s)* {_MOVES} (?:it|me|us|"
        rf"(?:my|our|the) \w+) (?:to|until|till) (?P<when>{DATED})",
        re.IGNORECASE,
    ),
)
_DATED_AT_END = Pattern(rf",?(?: is| starts| begins| leaves)? {DATED}", re.IGNORECASE)
_NOT_HATED = Pattern(
    r"(?:i|we) (?:don't|do not) (?:actually |really )?(?:hate|dislike|detest|loathe) (?P<what>.+)",
    re.IGNORECASE,
)
_MAY_BE = Pattern(
    r"^\W*(?:\w+[,!.]? )?(?:he|she|his|her)\b|\b(?:sold|got rid|scrapped|traded|gave|wrecked|"
    r"total+ed|cancel\w*|called off|is off|not happening|moved|rescheduled?|postponed?|pushed|"
    r"brought forward|shifted|changed|is now|'s now|don't (?:hate|dislike)|not \w+ing|no longer)\b|"
    r"(?-i:[A-ZÀ-Þ])[\w-]+(?:'s)? ?",
    re.IGNORECASE,
)


def may_be_of_known(prompt: str) -> bool:
    """Whether it is worth to look up what is known: nearly all that states something is."""
    return len(prompt) <= MAX_PROMPT_CHARS and _MAY_BE.search(prompt) is not None


def read_of_known(prompt: str, held: Sequence[Fact], turn_id: int) -> Reading:
    """What the only sentence of that turn's prompt states of what is held when it is said."""
    sentence = _FACE.sub("", prompt.strip())
    rest = bare(only_sentence(sentence)) if sentence else ""
    if not rest or asks(prompt) or is_task(sentence, rest) or not is_plain(_lenient(rest)):
        return Reading()
    said = (
        _sold(rest, held)
        or _cancelled(rest, held)
        or _moved(rest, held)
        or _not_hated(rest, held)
        or _by_name(rest, held)
        or _by_pronoun(rest, held, turn_id)
    )
    return Reading(tuple(said), bool(said))


def _lenient(rest: str) -> str:
    """Without the "was" of what was moved: that is plain."""
    return re.sub(rf"\bwas (?=(?:now |just )?(?:{_MOVES}|{_OFF})\b)", "is ", rest, flags=re.I)


def _over(fact: Fact, clause: str) -> Said:
    return Said(say(fact.attribute, fact.value, is_over=True).statement, clause)


def _sold(rest: str, held: Sequence[Fact]) -> list[Said]:
    match = _SOLD.fullmatch(rest)
    if match is None:
        return []
    words = set(match["what"].casefold().split())
    things = [one for one in held if one.attribute in OWN_THINGS | {"possession"}]
    found = [one for one in things if words <= set(one.value.casefold().split())]
    if len(found) != 1:
        return []
    fact = found[0]
    said = [_over(fact, f"you no longer have your {match['what']}")]
    new = plain_value(match["new"] or "")
    is_named = any(word[:1].isupper() for word in new.split())
    if new and is_named and fact.attribute in OWN_THINGS:
        return [say(fact.attribute, new)]
    return said


def _plans(what: str, held: Sequence[Fact]) -> Fact | None:
    plans = [one for one in held if one.attribute in ("plan", "appointment")]
    found, is_that_day = about(what, plans)
    return found[0] if len(found) == 1 and is_that_day else None


def _cancelled(rest: str, held: Sequence[Fact]) -> list[Said]:
    for pattern in _CANCELLED:
        match = pattern.fullmatch(rest)
        fact = _plans(match["what"], held) if match else None
        if match and fact:
            return [say(fact.attribute, fact.value, is_over=True)]
    return []


def _moved(rest: str, held: Sequence[Fact]) -> list[Said]:
    """The plan with its new time, in place of the old one."""
    for pattern in _MOVED:
        match = pattern.fullmatch(rest)
        fact = _plans(match["what"], held) if match else None
        at = list(_DATED_AT_END.finditer(fact.value)) if fact else []
        if match is None or fact is None or not at:
            continue
        when = match["when"]
        is_day = re.match(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|the \d", when, re.I)
        joint = " is " if " is " in at[-1].group() else " "
        value = f"{fact.value[: at[-1].start()]}{joint}{'on ' if is_day else ''}{when}"
        value += fact.value[at[-1].end() :]
        new = say(fact.attribute, value)
        if is_same_value(value, fact.value):
            return [new]
        return [new, _over(fact, "")]
    return []


def _not_hated(rest: str, held: Sequence[Fact]) -> list[Said]:
    match = _NOT_HATED.fullmatch(rest)
    hated = [one for one in held if one.attribute == "dislike"]
    found = [one for one in hated if match and is_same_value(one.value, plain_value(match["what"]))]
    return [say(one.attribute, one.value, is_over=True) for one in found]


def _by_name(rest: str, held: Sequence[Fact]) -> list[Said]:
    """As with what they are before their name: "my dog Biscuit died"."""
    known = [one for one in held if one.attribute in RELATIONS | PETS and not is_unnamed(one)]
    named = [
        (one, at)
        for one in known
        if (at := re.search(rf"(?<![\w'-]){re.escape(one.value)}(?![\w-])", rest))
        and _BEFORE_NAME.search(rest[: at.start()])
    ]
    if len(named) != 1:
        return []
    fact, at = named[0]
    begun = re.sub(r"poor $", "", rest[: at.start()], flags=re.IGNORECASE)
    return _of_them(f"{begun}my {fact.attribute} {rest[at.start() :]}", fact, held)


def _of_them(text: str, fact: Fact, held: Sequence[Fact]) -> list[Said]:
    """What is read of them, but for the name, which is known."""
    relation = fact.attribute
    alike = [one for one in held if one.attribute == relation]
    said = []
    for one in read_statements(text).said:
        stated = one.statement
        if (stated.attribute, stated.value) == (relation, fact.value) and not stated.is_over:
            continue
        of_relation = f"{relation}{stated.attribute.removeprefix(fact.value)}"
        is_kept_so = len(alike) == 1 and any(each.attribute == of_relation for each in held)
        if stated.attribute.startswith(f"{fact.value}'s ") and is_kept_so:
            # "My daughter is 4" was told before her name.
            one = replace(one, statement=replace(stated, attribute=of_relation))
        said.append(one)
    return said


def _by_pronoun(rest: str, held: Sequence[Fact], turn_id: int) -> list[Said]:
    """Of the only one that the turn just before told of."""
    match = _PRONOUN.match(rest)
    if match is None:
        return []
    told = [one for one in held if turn_id - 1 in (one.turn_id, one.said_again_in)]
    people = {relation: name for one in told for relation, name in _person(one, held)}
    if len(people) != 1:
        return []
    [(relation, name)] = people.items()
    is_she = (match["who"] or match["whose"]).lower() in ("she", "her")
    if relation in (_HE if is_she else _SHE):
        return []
    whom = (
        f"my {relation} {name}" if name and relation not in RELATIONS_OF_ONE else f"my {relation}"
    )
    be = (match["be"] or "").replace("'s", " is")
    text = f"{whom}{be} {rest[match.end() :]}" if be else f"{whom}'s {rest[match.end() :]}"
    fact = replace(told[0], attribute=relation, value=name or relation)
    return _of_them(text, fact, held)


def _person(fact: Fact, held: Sequence[Fact]) -> list[tuple[str, str]]:
    if fact.attribute in RELATIONS | PETS:
        return [(fact.attribute, "" if is_unnamed(fact) else fact.value)]
    owner = fact.attribute.partition("'s ")[0]
    if owner == fact.attribute:
        return []
    if owner in RELATIONS | PETS:
        return [(owner, "")]
    return [(one.attribute, one.value) for one in held if one.value == owner][:1]
