"""What the owner means to do: "I'm going to Rome in June", "I want to learn Spanish"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.rule import ADVERBS, I_AM, I_HAVE, WE, Drawn, drawn, rule
from vega.core.facts.shape import bare_value, is_short

MAX_APPOINTMENT_WORDS = 18
_MONTHS = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
#: Days or more ahead: what is meant for tonight is no plan to be remembered.
_AHEAD = (
    r"(?:next (?:week|weekend|month|year|spring|summer|autumn|fall|winter|semester)|"
    r"this (?:spring|summer|autumn|fall|winter|year|christmas|easter)|"
    rf"in (?:early |late |mid-?)?{_MONTHS}(?: \d{{4}})?|in (?:the )?(?:spring|summer|autumn|fall|"
    r"winter)|in (?:20\d\d|(?:a|two|three|four|five|six|\d+) (?:weeks|months|month|years|year))|"
    r"(?:on )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?(?:the )?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th|\.)? (?:of )?{_MONTHS}|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?)"
    r"(?:,? 20\d\d)?|at (?:christmas|easter)|for (?:christmas|easter|new year)|"
    r"over (?:christmas|easter|the (?:holidays|summer)))"
)
_DAYTIME = r"(?: (?:morning|afternoon|evening|night))?"
_CLOCK = r"at (?:noon|midday|midnight|\d{1,2}(?:[:.]\d\d)?(?: ?(?:am|pm|o'clock))?)"
_DAY = (
    r"(?:(?:on |this |next |this coming )?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    rf"{_DAYTIME}|tomorrow{_DAYTIME}|the day after tomorrow|on the \d{{1,2}}(?:st|nd|rd|th)|"
    rf"in (?:two|three|four|five|six|\d+) days|{_AHEAD})"
)
#: When somebody is expected somewhere; today as well.
DATED = rf"(?:(?:{_DAY}|today)(?:,? {_CLOCK})?|{_CLOCK},? (?:{_DAY}|today))"
EVENT = (
    r"(?:appointment|meeting|job interview|interview|exam|test|flight|check-?up|surgery|operation|"
    r"viewing|reservation|rehearsal|concert|presentation|hearing|audition|date|call|lesson|class|"
    r"train|wedding|party|dinner|deadline|biopsy|mri|scan|haircut)"
)
#: "A question about my exam on Monday" is no appointment.
_NO_EVENT = (
    r"(?:question|problem|idea|issue|feeling|doubt|concern|dream|story|lot|few|bad|big|huge|"
    r"about|of|for|with|had|no)\b"
)
#: "My weekly class is on Monday" tells a habit, "my favorite class is on Monday" hardly anything.
_NOT_ONCE = r"(?:favou?rite|fav|weekly|daily|monthly|usual|regular|best|worst|previous|old)\b"
_PLACE = r"(?:the )?(?-i:[A-ZÀ-Þ])[\w'-]+(?:(?: and|,)? (?-i:[A-ZÀ-Þ])[\w'-]+){0,3}"
_SKILL = (
    r"learn (?:to (?:play|speak|swim|ski|dance|cook|drive|sail|surf|knit|sew|paint|draw|ride|fly|"
    r"code|program|sing|skate|dive|juggle|read|write)\b.*|(?:the )?(?:cello|piano|guitar|violin|"
    r"drums|flute|saxophone|ukulele|harp|accordion|trumpet|banjo|organ|clarinet|sign language|"
    r"morse code|carpentry|woodworking|pottery|photography|programming|calligraphy|"
    r"ballroom dancing|"
    r"salsa|tango|karate|judo|chess|swimming|sailing|surfing|skiing|sewing|knitting)|"
    r"(?:some |more |better )?(?-i:[A-Z])[a-z]+)"
)
_DEEDS = (
    rf"(?:{_SKILL}|run (?:a|the|my first) (?:[\w-]+ )?(?:half[- ])?marathon|run (?:a|the) "
    r"(?:5k|10k|ultra)|"
    r"lose (?:some )?(?:weight|[\w.]+ (?:kilos?|kg|pounds?|lbs?|kilograms?))|quit (?:smoking|"
    r"drinking|"
    r"my job)|retire(?: (?:in|at|next|early)\b.*)?|write a (?:book|novel|memoir|cookbook)|"
    rf"(?:move|emigrate|go back) to {_PLACE}|(?:visit|see) {_PLACE}|travel (?:to {_PLACE}|"
    r"around the world|the world)|become an? [\w -]{3,30}|start (?:a|my own) (?:business|company|"
    r"family|bakery|restaurant|blog|podcast|garden|choir|band)|climb [\w' ]{3,30}|"
    r"build (?:a|our|my) (?:house|cabin|boat|greenhouse|shed|pond)|get (?:a (?:dog|cat|puppy|"
    r"tattoo|"
    r"pilot's license|driving licence|driver's license)|married|fit|in shape)|"
    r"adopt a (?:dog|cat|child)|buy (?:a|an|our|my own) (?:house|flat|apartment|boat|camper van|"
    rf"van|farm|cabin|e-bike|electric car)|study [\w ]{{4,30}}|do a (?:phd|master's))"
)


def _plan(match: re.Match[str]) -> Drawn | None:
    value = match["value"].strip()
    words = value.lower().split()
    is_good = (
        bare_value(value) == value
        and is_short(value)
        and not any(word in en.CLAUSE - {"my", "our"} for word in words)
    )
    return drawn("plan", [value]) if is_good and words[-1] not in en.PREPOSITIONS else None


def _appointment(match: re.Match[str]) -> Drawn | None:
    value = match["value"].strip()
    return drawn("appointment", [value]) if len(value.split()) <= MAX_APPOINTMENT_WORDS else None


def _plan_in_haste(match: re.Match[str]) -> Drawn | None:
    """Of those who write no capitals at all, a flight goes to a place all the same."""
    has_joint = re.search(r"\b(?:and|or|but|work|school|my|our|the|an?)\b", match["value"])
    return _plan(match) if match.string.islower() and not has_joint else None


_WANT = (
    rf"(?:{WE} {ADVERBS}(?:want|plan|hope|intend|aim) to|{I_AM} {ADVERBS}(?:planning|hoping|"
    rf"aiming) to|"
    r"i'd (?:really )?(?:like|love) to|i would (?:really )?(?:like|love) to|my (?:plan|goal|"
    r"dream) is "
    r"to)"
)
_END = rf"(?: {_AHEAD}| one day| some ?day| by (?:20\d\d|next year|{_MONTHS}))?"
RULES = (
    rule(
        rf"{I_HAVE} (?P<value>(?:an?|my|our|another) (?:(?!{_NO_EVENT})[\w'-]+ ){{0,3}}?"
        rf"{EVENT}(?: (?:with|at|for|in|to|about|from) (?!\d)[\w'. -]{{2,40}}?)? {DATED}"
        rf"(?: (?:with|at|in) (?:(?:dr|mr|mrs|ms|prof)\.? )?(?:{_PLACE}|my \w+))?)",
        _appointment,
    ),
    rule(
        rf"(?P<value>(?:my|our) (?:(?!{_NO_EVENT}|{_NOT_ONCE})"
        rf"(?:[\w-]+|doctor's|dentist's) ){{0,3}}?{EVENT}"
        r"(?: (?:with|at|for|in|to|from) (?!\d)[\w'. -]{2,40}?)?"
        rf"(?:'s|,? (?:is|starts|begins|leaves|departs|takes off|lands|arrives)) {DATED})",
        _appointment,
    ),
    rule(
        rf"{I_AM} {ADVERBS}(?P<value>(?:seeing|meeting|visiting) (?:(?:the|my|a|an|our) (?:\w+ )?"
        rf"(?:doctor|dentist|therapist|surgeon|lawyer|optician|vet|accountant|boss|teacher|"
        rf"landlord|specialist|cardiologist|dermatologist|gynaecologist|physio|physiotherapist|"
        rf"parents|in-laws|grandparents|mother|father|mom|mum|dad|brother|sister|aunt|uncle|"
        rf"grandmother|grandfather|grandma|grandpa|son|daughter|cousin|friends?|family)|"
        rf"{_PLACE})(?: for (?:lunch|dinner|breakfast|brunch|coffee|drinks|tea|an? (?:drink|coffee|"
        rf"walk|beer|run)))? {DATED})",
        _plan,
    ),
    rule(
        rf"{I_AM} {ADVERBS}(?P<value>(?:going|flying|travell?ing|moving|driving|heading|sailing|"
        rf"cycling|taking the train|going back) to {_PLACE} {DATED})",
        _plan,
    ),
    rule(
        rf"{I_AM} {ADVERBS}(?P<value>(?:flying|travell?ing) to [a-z-]+(?: [a-z-]+)? {DATED})",
        _plan_in_haste,
    ),
    rule(rf"{_WANT} (?P<value>{_DEEDS}{_END})", _plan),
    rule(
        rf"(?:{_WANT}|{I_AM} {ADVERBS}going to) (?P<value>(?!(?:be|try|make|get|have|do|know|"
        rf"ensure|finish|ask|use|keep|see|help)\b)(?-i:[a-z])[a-z]* .+ {_AHEAD})",
        _plan,
    ),
    rule(
        rf"{I_AM} {ADVERBS}(?P<value>(?:going|flying|travell?ing|moving|driving|heading|sailing|"
        rf"cycling|going back) to {_PLACE}(?: with (?:my|our|the) \w+| for \w+ (?:days|weeks|"
        rf"months)| by \w+)? {_AHEAD})",
        _plan,
    ),
    rule(
        rf"{I_AM} {ADVERBS}(?P<value>(?:learning|studying) (?-i:[A-Z])[a-z]+|"
        rf"learning (?:to (?:play|"
        r"speak|drive|swim|ski|cook|knit|sew|sail|code) ?(?:the )?[\w ]*|the (?:cello|piano|guitar|"
        r"violin|drums|flute|saxophone)))",
        _plan,
    ),
    rule(
        rf"{I_AM} {ADVERBS}(?P<value>(?:getting married|having a baby|having (?:surgery|"
        rf"an operation|a biopsy|a scan|an mri|a check-?up)|expecting a baby|retiring|"
        rf"moving house|starting a new job|moving) {_AHEAD})",
        _plan,
    ),
    rule(
        rf"{I_AM} {ADVERBS}planning (?P<value>(?:a|an|our|my) (?:\w+ )?(?:trip|holiday|vacation|"
        rf"wedding|journey|move|sabbatical|honeymoon|tour|visit)(?: (?:to|through|around|"
        rf"in) {_PLACE})?"
        rf"(?: {_AHEAD})?)",
        _plan,
    ),
)
