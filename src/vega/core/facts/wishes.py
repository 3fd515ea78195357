"""How Vega is to behave, always: "always answer in metric units", "never use emojis"."""

import re

from vega.core.facts.forms import Said
from vega.core.facts.phrasing import to_owner
from vega.core.facts.rule import Drawn, say
from vega.core.facts.shape import is_short
from vega.core.patterns import Pattern

#: What Vega can be asked to do or to leave undone, whatever the talk is about.
_DEED = (
    r"(?:answer|respond|reply|use|write|speak|talk|address|call|explain|keep|give|tell|ask|greet|"
    r"cite|"
    r"convert|show|remind|mention|apologi[sz]e|format|include|add|begin|start|end|finish|say|"
    r"suggest|"
    r"recommend|translate|round|spell|swear|lie|repeat|assume|send|warn|correct|be|put|list|make|"
    r"criticize|flatter|interrupt|lecture|judge|sugarcoat|nag|quote|stick|switch|refer|wish)"
)
_IDIOM = Pattern(
    r"(?:never|don't ever|do not ever) call me\b|(?:always|never) (?:be (?:yourself|afraid|a |an |"
    r"the |too |alone|home|there)|say (?:never|die|"
    r"goodbye)|tell a lie|judge a book|look|use (?:protection|a |the |your )|make (?:a|the) same|"
    r"end|start|begin|repeat|write off|put off|call (?:home|back|in)|add up|speak too|give (?:up|"
    r"in|way))",
    re.IGNORECASE,
)
#: "Never call": of most deeds it must be said what is done.
_BARE = Pattern(
    r"(?:always|never|don't ever|do not ever) (?!apologi[sz]e|swear|lie|flatter|nag|lecture|"
    r"sugarcoat)\w+",
    re.IGNORECASE,
)
#: They bind it to what is at hand, or make it a role.
_AT_HAND = Pattern(
    r"\b(?:this|these|those|here|above|below|following|function|story|essay|poem|paragraph|game|"
    r"scene|character|until|while we|today|tonight|now|right away|immediately|first line)\b|"
    r"[:\"“`]|"
    r"\b(?:a|an|the) (?:pirate|detective|wizard|dragon|king|queen|robot|vampire|dungeon master)\b",
    re.IGNORECASE,
)
_PLEASE = (
    r"(?:(?:please|could you|can you|you should|and|vega,?|also|make sure (?:you|to|that you)|"
    r"remember to|try to|i(?:'d| would) (?:like|prefer|love) you to|i want you to|i need you to) )*"
)
_ALWAYS = Pattern(
    rf"{_PLEASE}(?P<value>(?:always|never|don't ever|do not ever) (?:please )?{_DEED}\b.*?)"
    r"(?:,? (?:from now on|in (?:the )?future|going forward|please|ok(?:ay)?|again))?",
    re.IGNORECASE,
)
_FROM_NOW = (
    r"(?:from now on(?:wards?)?|from here on|in (?:the )?future|going forward|henceforth|from "
    r"today(?: on)?)"
)
_STANDING = (
    Pattern(
        rf"{_FROM_NOW},? {_PLEASE}(?P<value>(?:always |never |only |don't |do not )?{_DEED}\b.+)",
        re.I,
    ),
    Pattern(
        rf"{_PLEASE}(?P<value>(?:always |never |only |don't |do not )?{_DEED}\b.+?),? {_FROM_NOW}",
        re.I,
    ),
)
#: Of these a refusal is meant for good, though it does not say so.
_STYLE = (
    r"(?:emojis?|emoticons?|bullet points|bullets|bullet lists|lists|markdown|tables|exclamation "
    r"(?:marks|points)|jargon|slang|headings|footnotes|disclaimers|filler|small talk|puns|jokes|"
    r"metaphors|italics|bold|abbreviations|acronyms|formal language|informal language|swear words|"
    r"sarcasm|irony|long sentences|long answers|capital letters|all caps|hashtags|em dashes|"
    r"cliches|"
    r"clichés|anglicisms|passive voice|flattery)"
)
_REFUSAL = Pattern(
    rf"{_PLEASE}(?P<value>(?:don't|do not|stop|avoid) (?:use |using |tell me |telling |make |"
    rf"making |"
    rf"write |writing |give me |send |add |adding |include |put )?(?:any |so many |me )?{_STYLE}"
    r"(?: (?:in|with|to) (?:your|the|me)(?: \w+)?)?|(?:don't|do not|stop) (?:apologi[sz](?:e|ing)|"
    r"swear(?:ing)?|flatter(?:ing)? me|lecture me|lecturing me|nag(?:ging)? me|"
    r"sugarcoat\w*(?: things)?)"
    r"(?: (?:to me|so much|all the time|every time))?)",
    re.IGNORECASE,
)
_UNITS = Pattern(
    rf"{_PLEASE}(?P<value>keep (?:your |the |all )?(?:answers|replies|responses|"
    rf"messages) (?:very )?"
    r"(?:short|brief|simple|concise|to the point|formal|casual)(?: and \w+)?|(?:use|give me|"
    r"stick to) "
    r"(?:the )?(?:metric|imperial|si) (?:units|system)|use (?:24|12)[- ]hour (?:times?|clock|"
    r"format)|"
    r"(?:write|answer|reply|speak|explain things) in (?:plain|simple|easy) (?:english|language|"
    r"words))",
    re.IGNORECASE,
)
_MANNER = (
    Pattern(
        r"(?P<may>(?:you|u) (?:may|can) (?:now )?)(?P<value>[a-z]+ .+?) again(?: now)?",
        re.IGNORECASE,
    ),
    Pattern(
        r"you (?:don't|do not|needn't|no longer) (?:have to |need to )?(?P<value>[a-z]+ .+?)"
        r"(?: any ?more| any longer)?",
        re.IGNORECASE,
    ),
)


def read_wish(rest: str) -> tuple[Drawn, bool] | None:
    """The wish that the bare sentence is, and whether it says itself that it is for good."""
    for pattern in (_ALWAYS, *_STANDING):
        match = pattern.fullmatch(rest)
        if match is not None:
            is_idiom = _IDIOM.match(match["value"]) or _BARE.fullmatch(match["value"])
            drawn = None if is_idiom else _wish(match["value"])
            return (drawn, True) if drawn else None
    match = _REFUSAL.fullmatch(rest) or _UNITS.fullmatch(rest)
    drawn = _wish(match["value"]) if match else None
    if drawn is not None:
        return drawn, False
    return _taken_back(rest)


def _wish(text: str) -> Drawn | None:
    value = text.strip(" ,.!")
    is_good = is_short(value) and not _AT_HAND.search(value) and len(value.split()) > 1
    if not is_good:
        return None
    return Drawn((say("wish", value),))


def _taken_back(rest: str) -> tuple[Drawn, bool] | None:
    for pattern in _MANNER:
        match = pattern.fullmatch(rest)
        if match is None or not re.match(rf"{_DEED}\b", match["value"], re.IGNORECASE):
            continue
        value = match["value"]
        is_over = "may" in match.re.groupindex or re.search(r"any ?more|any longer|no longer", rest)
        if not is_over or not is_short(value) or _AT_HAND.search(value):
            continue
        said = say("wish", value, is_over=True)
        may = "may" in match.re.groupindex
        clause = (
            f"I may {to_owner(value)} again" if may else f"I need not {to_owner(value)} any more"
        )
        return Drawn((Said(said.statement, clause),)), True
    return None
