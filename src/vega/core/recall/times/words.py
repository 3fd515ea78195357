"""The vocabulary of English by which times are told, and told from other things."""


def of(text: str) -> frozenset[str]:
    """Words with spaces between them."""
    return frozenset(text.split())


_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday"
WEEKDAYS = {name: number for number, name in enumerate(_WEEKDAYS.split())}
#: Short forms; those that are also common words count only with a capital.
SHORT_WEEKDAYS = {
    "mon": 0, "tue": 1, "tues": 1, "wed": 2, "weds": 2, "thu": 3, "thur": 3, "thurs": 3,
    "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_MONTHS = """
january february march april may june july august september october november december
"""
MONTHS = {name: number for number, name in enumerate(_MONTHS.split(), start=1)}
SHORT_MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "sept": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
#: Short forms of weekdays and months that are words of their own, and so need a capital.
NEED_CAPITAL = of("mon wed sat sun mar")
#: Verbs as well as months.
VERBS = frozenset({"may", "march"})
#: Names of people as well as months.
NAMES = frozenset({"april", "may", "june", "august"})
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

_UP_TO_TWENTY = """
one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty
"""
NUMBERS = {name: number for number, name in enumerate(_UP_TO_TWENTY.split(), start=1)} | {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
    "hundred": 100,
}
_UP_TO_TWENTIETH = """
first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
"""
ORDINALS = {name: number for number, name in enumerate(_UP_TO_TWENTIETH.split(), start=1)} | {
    "thirtieth": 30
}
#: At least and at most so many.
VAGUE = {"couple": (2, 3), "few": (2, 6), "several": (3, 8), "some": (2, 6)}
DECADES = {
    "seventies": 1970,
    "eighties": 1980,
    "nineties": 1990,
    "noughties": 2000,
    "tens": 2010,
    "twenties": 2020,
}

_UNITS = "second minute hour day week fortnight month year decade"
UNITS = frozenset(_UNITS.split())
PLURALS = {f"{unit}s": unit for unit in UNITS} | {"mins": "minute", "hrs": "hour", "secs": "second"}
SHORT_UNITS = {"min": "minute", "hr": "hour", "sec": "second"}

#: From which hour to which, of one day; 29 is five in the morning after. They overlap, as they do
#: among people.
PARTS = {
    "small hours": (0, 5),
    "morning": (4, 12),
    "lunchtime": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 24),
    "night": (18, 29),
}
#: Before this hour a person who is awake still lives in the day before.
DAY_TURNS_AT = 4

#: What may stand before a time, by what kind of time it is.
BEFORE_CLOCKS = of(
    """
    at around about by since before after until till from between to
    """
)
BEFORE_DAYS = of(
    """
    on since before after until till by from between and to of around about during through
    """
)
BEFORE_MONTHS = BEFORE_DAYS - {"on", "about", "to", "of"} | {"in", "over", "throughout", "to"}
BEFORE_FEASTS = BEFORE_DAYS | {"at", "over"}
#: Words that begin a time but are no part of what it is called in an answer.
LEADING = of("from of for by")
#: After these no single time is meant, but each or any.
EACH = of("every each any most many alternate other no")

#: A name or a habit, and no day, if one of these stands before a weekday or behind a time.
NOT_A_WEEKDAY_AFTER = of(
    """
    black cyber ruby blue super ash palm bloody stormy manic holy fat shrove maundy freaky casual
    whit girl sweet
    """
)
THINGS = of(
    """
    present presents gift gifts tree trees card cards carol carols song songs cake cookies dress
    dresses onion onions roll rolls cleaning coat coats jacket jackets boot boots tyre tyres tire
    tires sale sales water school camp job jobs house squash body clothes shoes cottage lights
    live fever football times post telegraph mirror addams roast blues prayers club magazine paper
    newspaper edition market markets collection fashion festival olympics games palace solstice
    equinox garden gardens term semester chicken pudding jumper sweater movie movies bunny egg
    eggs island islands costume costumes madness hare
    """
)
#: They are counted or measured; a number before them is no time.
COUNTED = of(
    """
    people feet percent percentage kg km cm mm ml degrees dollars euros usd eur mph kmh gb mb
    million billion thousand hundred dozen times per
    """
)
#: What a conversation is called: "yesterday's chat" is one that took place yesterday.
CONVERSATIONS = of(
    """
    conversation conversations talk talks chat chats discussion discussions question questions
    prompt prompts message messages session sessions answer answers exchange dialogue dialog
    """
)

#: Where Mother's Day is in Lent; elsewhere it is in May.
MOTHERING_ZONES = of(
    """
    Europe/London Europe/Dublin Europe/Belfast Europe/Jersey Europe/Guernsey Europe/Isle_of_Man
    GB Eire
    """
)

DETERMINERS = of("my our the his her their your its that this")
PRONOUNS = of("i we he she they you it")
#: Where "since" or "when" tells a time and no reason or habit, one of these or a word in -ed
#: follows soon.
PAST_VERBS = of(
    """
    was were had did went came got moved left met began started became bought sold told said saw
    took gave made lost found broke fell flew drove ran wrote read heard felt thought knew kept
    held lived grew built sent spent won quit hurt slept woke ate drank chose taught caught
    brought lay sat stood hit put set cut let paid wed split shut sang swam rode wore tore i've
    we've
    """
)
#: After these "when" asks, and "after" is no time.
ASKS_WHEN = of(
    """
    know remember recall tell me remind ask asked wonder say said sure guess show see us forgot
    forget exactly
    """
)
NOT_AFTER = of(
    """
    look looks looking looked name named names call called take takes took taking chase chased
    come comes coming run runs running one two day days week weeks ask asked
    """
)
#: Where what an anchor is called ends.
ENDS_PHRASE = of(
    """
    about regarding concerning what who which where why how did do does is are can could should
    would will must isn't aren't doesn't please and but or so because
    """
)
#: They go on with a habit or a reason where a phrase ends.
HABITS = of("is are does must isn't aren't doesn't")
NO_EVENTS = of("other others first last next same following end fact beginning start")
TALKED = of(
    """
    talked met spoke chatted talk meet speak chat started began conversed
    """
)
ASKED = of("asked told said wrote typed sent ask tell say write")
DISCUSSED = of("discuss discussed discussing talking speaking chatting mention mentioned")
SAYINGS = of("thing question message prompt words word")
