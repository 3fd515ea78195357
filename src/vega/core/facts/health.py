"""Health and diet: "I'm allergic to peanuts", "I'm vegetarian", "I take 5 mg of ramipril"."""

import re

from vega.core import vocabulary as en
from vega.core.facts.guards import PASSING
from vega.core.facts.rule import ADVERBS, I_AM, I_HAVE, NO_MORE, WE, Draw, Drawn, drawn, rule, say
from vega.core.facts.shape import is_short, listed, plain_value

MAX_WORDS = 5
_NO_ALLERGEN = en.of("""
stupidity mondays monday work mornings morning people nonsense bullshit anything everything nothing
drama math maths bad idiots fools exercise effort chores housework responsibility commitment fun
something someone you it that this these those being getting losing failure compliments
hard physical manual early
""")
DIET = (
    r"(?:vegetarian|vegan|pescatarian|pescetarian|flexitarian|fruitarian|gluten[- ]free|"
    r"dairy[- ]free|keto|paleo|kosher|halal|low[- ]carb|plant[- ]based)"
)
CONDITION = (
    r"(?:(?:type (?:1|2|one|two) |gestational )?diabetes|asthma|migraines?|epilepsy|adhd|add|ocd|"
    r"ptsd|depression|bipolar disorder|anxiety(?: disorder)?|high blood pressure|hypertension|"
    r"low blood pressure|c(?:o)?eliac(?: disease)?|crohn's(?: disease)?|ibs|arthritis|rheumatism|"
    r"osteoporosis|hay fever|eczema|psoriasis|sleep apn(?:o)?ea|insomnia|tinnitus|parkinson's|"
    r"multiple sclerosis|ms|lupus|fibromyalgia|endometriosis|hypothyroidism|hyperthyroidism|"
    r"hashimoto's|glaucoma|cataracts|gout|scoliosis|an(?:a)?emia|autism|dyslexia|dyscalculia|"
    r"copd|hiv|an? (?:heart (?:condition|murmur)|pacemaker|slipped disc|bad (?:back|knee|hip)|"
    r"hearing aid|stoma)|cancer|chronic (?:back )?pain|chronic fatigue(?: syndrome)?|"
    r"high cholesterol|kidney (?:disease|stones)|acid reflux)"
)
_CONDITION_ADJECTIVES = (
    r"(?:diabetic|asthmatic|epileptic|dyslexic|autistic|anaemic|anemic|colou?r[- ]?blind|"
    r"hard of hearing|deaf|legally blind|blind|short-sighted|near-sighted|nearsighted)"
)
_DOSE = (
    r"(?:\d+(?:[.,]\d+)? ?(?:mg|milligrams?|mcg|µg|micrograms?|g|grams?|ml|iu|units?|tablets?|"
    r"pills?|drops?|puffs?))"
)
_DRUG = (
    r"(?:[a-z]+(?:pril|statin|olol|sartan|prazole|oxetine|dipine|mycin|cillin|formin|thyroxine|"
    r"tidine|zepam|zolam|profen|parin|gliptin|gliflozin|coxib|triptan)|insulin|aspirin|warfarin|"
    r"metformin|prednisone|prednisolone|cortisone|sertraline|citalopram|escitalopram|lithium|"
    r"ritalin|adderall|xarelto|eliquis|methotrexate|antidepressants|blood thinners|beta blockers|"
    r"the pill|vitamin d|iron tablets|thyroid (?:hormones|medication))"
)
_NO_FOOD = en.of("""
much many enough breakfast lunch dinner supper anything everything nothing something well out here
there alone today when before after late early a the it that this them like as at in on with too
more less so fast often and for if because while very any my your up
""")


def _allergens(match: re.Match[str]) -> Drawn | None:
    found = _plain_nouns(match["value"], _NO_ALLERGEN)
    return drawn("allergy", found, is_over=bool(match.groupdict().get("over")))


def _plain_nouns(text: str, unwanted: frozenset[str]) -> list[str]:
    """What is listed, if all of it is nouns of few words."""
    items = listed(re.sub(r" (?:or|nor) ", " and ", plain_value(text)))
    for item in items:
        words = item.lower().split()
        is_good = (
            0 < len(words) <= MAX_WORDS
            and is_short(item)
            and not any(word in en.CLAUSE for word in words)
            and words[0] not in unwanted
            and words[0] not in en.ADVERBS | en.PREPOSITIONS
            and words[-1] not in en.PREPOSITIONS
            and words[0][0].isalpha()
        )
        if not is_good:
            return []
    return items


def _value(attribute: str, *, is_over: bool = False) -> Draw:
    def draw(match: re.Match[str]) -> Drawn | None:
        return drawn(attribute, [match["value"]], is_over=is_over)

    return draw


def _has_allergy(match: re.Match[str]) -> Drawn | None:
    first = match["value"].lower().split()[0]
    return drawn("allergy", [match["value"]]) if first not in _NO_ALLERGEN else None


def _not_eaten(match: re.Match[str]) -> Drawn | None:
    if PASSING.search(match["value"]):
        return None
    found = _plain_nouns(match["value"], _NO_FOOD)
    is_of_food = all(len(one.split()) < 4 and not one.lower().endswith("ly") for one in found)
    return drawn(f"does not {match['verb'].lower()}", found if is_of_food else [])


def _eaten_again(match: re.Match[str]) -> Drawn | None:
    verb = (match["verb"] or match["verbing"]).lower().removesuffix("ing")
    found = _plain_nouns(match["value"], _NO_FOOD)
    return drawn(f"does not {verb}", found, is_over=True)


def _on_drug(match: re.Match[str]) -> Drawn | None:
    """ "I'm on metformin for my diabetes": the condition, too, where it is one."""
    told = say("medication", match["value"])
    what = re.fullmatch(CONDITION, (match["for"] or "").strip(), re.IGNORECASE)
    return Drawn((told, say("condition", match["for"].strip())) if what else (told,))


_TIMES = (
    r"(?:,? (?:every|each|once|twice|three times|daily|for|in the|at|before|after|against|a day)"
    r"\b.*)?"
)
_VERY = r"(?:severely |very |highly |deathly |slightly |mildly |badly )?"
RULES = (
    rule(
        rf"{I_AM} (?:(?P<over>no longer)|not) allergic to (?P<value>.+?)(?(over)(?:)|{NO_MORE})",
        lambda match: drawn("allergy", _plain_nouns(match["value"], _NO_ALLERGEN), is_over=True),
    ),
    rule(rf"{I_AM} {ADVERBS}{_VERY}allergic to (?P<value>.+)", _allergens),
    rule(
        rf"{I_HAVE} {ADVERBS}an? (?:severe |bad |strong |"
        rf"mild )?(?P<value>[a-z]+(?: [a-z]+)? allergy)",
        _has_allergy,
    ),
    rule(rf"{I_HAVE} {ADVERBS}an? (?:severe |bad )?allergy to (?P<value>.+)", _allergens),
    rule(
        rf"{I_AM} (?:no longer|not) (?:a )?(?P<value>{DIET}){NO_MORE}", _value("diet", is_over=True)
    ),
    rule(rf"{I_AM} no longer (?:a )?(?P<value>{DIET})", _value("diet", is_over=True)),
    rule(
        rf"(?:(?:{I_AM}|{WE}(?:'ve| have) been) {ADVERBS}(?:a )?|{WE} {ADVERBS}eat )(?:strictly |"
        rf"a strict |strict |mostly |a "
        rf"lifelong )?(?P<value>{DIET})(?: diet| food)?(?:,? (?:by the way|btw|now|again|"
        rf"since .{{1,20}}))?",
        _value("diet"),
    ),
    rule(
        rf"{I_AM} {ADVERBS}(?P<value>lactose|gluten|fructose|histamine)[- ]intolerant",
        _value("intolerance"),
    ),
    rule(
        rf"(?:{I_HAVE}|{WE} (?:suffer from|live with)|i was (?:recently |just )?diagnosed with) "
        rf"{ADVERBS}(?:severe |chronic |mild |bad |frequent )?(?P<value>{CONDITION})"
        r"(?: since .{1,20}| for .{1,20}| last (?:week|month|year))?",
        _value("condition"),
    ),
    rule(rf"{I_AM} {ADVERBS}(?:a )?(?P<value>{_CONDITION_ADJECTIVES})", _value("condition")),
    rule(
        rf"{WE} {ADVERBS}take (?P<value>{_DOSE}(?: of)? [a-z][\w-]+){_TIMES}", _value("medication")
    ),
    rule(
        rf"{WE} {ADVERBS}take (?P<value>{_DRUG}) (?:every|each|once|twice|daily|regularly|for)\b.*",
        _value("medication"),
    ),
    rule(
        rf"(?:{I_AM} {ADVERBS}(?:on|taking)|{WE}(?:'ve| have)? {ADVERBS}(?:been on|been taking|"
        rf"started taking|started on|been prescribed)) (?:{_DOSE}(?: of)? )?(?P<value>{_DRUG})"
        # Alone it may be an answer to "which of them?".
        r"(?:,? (?:for (?:my |the )?(?P<for>[^,.]+)|every|each|once|"
        r"twice|daily|regularly|since)\b.*)",
        _on_drug,
    ),
    rule(
        rf"{WE}(?:'ve| have)? {ADVERBS}(?:stopped|quit) taking (?P<value>{_DRUG})",
        _value("medication", is_over=True),
    ),
    rule(rf"{WE} no longer take (?P<value>{_DRUG})", _value("medication", is_over=True)),
    rule(
        rf"(?:{WE} {ADVERBS}(?P<verb>eat|drink)|{I_AM} {ADVERBS}(?P<verbing>eating|drinking)) "
        r"(?P<value>.+) again(?: now)?",
        _eaten_again,
    ),
    rule(
        rf"{WE} {ADVERBS}(?:don't|do not|never) {ADVERBS}(?P<verb>eat|drink) (?P<value>.+)",
        _not_eaten,
    ),
    rule(
        rf"{WE}(?:'ve| have)? {ADVERBS}(?:quit|stopped|given up|gave up) "
        r"(?P<value>smoking|drinking|vaping|gambling)(?: .*)?",
        _value("habit", is_over=True),
    ),
    rule(
        r"my blood (?:type|group)(?:'s| is) (?P<value>(?:a|b|ab|o|0)(?:[+-]| (?:rh )?(?:positive|"
        r"negative|\+|-))?)",
        _value("blood type"),
    ),
)
