"""Questions of a fixed form: about a time, or a place in the conversation, alone.

Pure rules. Those that name a time are looked at without it, as `vega.core.recall.times` reads it.
"""

import re

from vega.core.importing import Role
from vega.core.replies.recaps import read_recap
from vega.core.replies.wanted import Asking, Wanted
from vega.core.vocabulary import of

TALKING = (
    r"(?:talk|talked|talking|speak|spoke|spoken|speaking|discuss|discussed|discussing|chat|chatted|"
    r"chatting|cover|covered|go over|went over)"
)
_SAID = r"(?:say|said|tell|told|mention|mentioned|write|wrote|ask|asked|want|wanted|call|called)"
_NAMES = r"(?: (?:you|vega|me|us))?"
_PROMPTS = re.compile(
    rf"(?:what|which)(?: all| else| exactly| things| questions| topics| stuff)*"
    rf" (?:did|have|had) i (?:already |all |just )?(?P<verb>{_SAID})(?: to)?{_NAMES}(?: about|"
    r" to do| for)?(?P<rest>(?: .*)?)|"
    r"(?:what (?:were|are)|(?:show|list) (?:me )?)(?: all)? ?(?:of )?my (?P<noun>questions|prompts|"
    r"messages|requests)(?P<rest2>(?: .*)?)|"
    r"what (?:questions|things) (?:did|have) i (?P<verb2>ask|asked)(?: you)?(?P<rest3>(?: .*)?)"
)
_TALK = re.compile(
    rf"what (?:all |else |exactly )?(?:did|have|had|were|was) we "
    rf"(?:just |last |been |already )*(?:{TALKING}|say|said|do|done)(?: about| on| together)?"
    r"(?P<rest>(?: .*)?)|"
    rf"(?:what|which) (?:topics|things|subjects) (?:did|have|were) we (?:{TALKING})(?: about)?"
    r"(?P<rest2>(?: .*)?)|"
    r"what are we (?:just )?(?:talking|speaking|chatting) about|"
    r"where (?:were we|(?:did|have) we (?:leave|left) off|did we (?:stop|leave it|end))|"
    r"what (?:was|were|is) (?:our|the) (?:last |previous |whole )?(?:conversation|chat|"
    r"discussion|talk)s?(?: (?:about|of|from))?(?P<rest3>(?: .*)?)|"
    r"(?:summari[sz]e|sum up|recap) (?:our|the|my) (?:conversation|conversations|chat|chats|"
    r"discussion|talk|day)s?(?: (?:of|from|with you))?(?P<rest4>(?: .*)?)|"
    r"what was said(?P<rest5>(?: .*)?)|"
    # Of the world, where no day is named that both of us lived through.
    r"what (?:all |else )?(?:happened|went on|has happened|was going on|did i do)"
    r"(?P<rest6>(?=.*\b(?:today|yesterday|tonight|this|last|past|ago|\w+day)\b) .*)"
)
_DID_WE_TALK = re.compile(
    rf"(?:did|have) (?:we|you|i) (?:ever |already |even |also )*(?:{TALKING}|(?:say|said|tell|told|"
    r"write|written|mention|mentioned)(?: (?:to )?(?:you|me))? (?:anything|something))"
    r"(?: (?:to|with))?(?: (?:you|me|each other))?(?: (?:about )?(?:anything|something))?"
    r"(?: at all)?"
)
_WENT_ON = r"what (?:all |else )?(?:happened|went on|was going on)(?: with (?:me|us))?"
_ON_A_DAY = re.compile(rf"{_WENT_ON} on ")
_HAPPENED = re.compile(rf"{_WENT_ON}(?: on)?")
_FIRST = re.compile(
    r"when (?:did|have) we (?:first|start|begin)(?: (?:to )?(?:meet|met|talk|talking|speak|"
    r"speaking|chat|chatting))?(?: to each other| with each other| for the first time| first)?|"
    r"when (?:did|have) we (?:meet|talk|speak|chat)(?: for the)? first(?: time)?|"
    r"when did we (?:meet|get to know each other)|"
    r"how long (?:ago did we (?:first|start)|is it since we (?:first|started)|"
    r"has it been since we (?:first|started)) "
    r"(?:talk(?:ed|ing)?|sp[eo]ak(?:ing)?|spoke|chat(?:ted|ting)?|meet|met)|"
    r"when was (?:our|the) (?:very )?first (?:conversation|chat|talk|time we (?:talked|spoke|met))|"
    r"how (?:long|many (?:days|weeks|months|years)) (?:have|do) (?:we|i|you) (?:been "
    r"(?:talking|speaking|chatting|together|in touch|using)|known?|talked)"
    r"(?: (?:to|with))?(?: (?:you|me|vega|each other))?(?: (?:now|already|so far))?|"
    r"since when (?:have|do|did|are) (?:we|i|you) (?:been |had )?(?:talk(?:ed|ing)?|speak(?:ing)?|"
    r"chat(?:ted|ting)?|known?|us(?:e|ed|ing)|in touch)(?: (?:to|with))?"
    r"(?: (?:you|me|vega|each other))?|"
    r"(?:what (?:was|is) )?(?:the |my )?(?:very )?first (?:thing|question|message|prompt|words?)"
    r"(?: that)?(?: i (?:ever )?(?:said|asked|told|wrote|sent))?(?: (?:to )?you)?(?: ever)?|"
    r"what did i (?:first (?:ask|say|tell)|(?:ask|say|tell)(?: to)?(?: you)? first)"
    r"(?: (?:to )?you)?"
)
_LAST = re.compile(
    r"what (?:was|is) (?:the |my )?(?:very )?(?:last|previous|latest) (?:thing|question|message|"
    r"prompt|words?)(?: that)?(?: i (?:said|asked|told|wrote|sent))?(?: (?:to )?you)?"
    r"(?: (?:about|before this|before that))?|"
    r"(?:repeat|what was) my (?:last |previous )?(?:question|message|prompt)|"
    r"what was i (?:just )?(?:saying|asking|talking about|telling you)|"
    r"what did i (?:just|last) (?:ask|say|tell|write)(?: (?:to )?you)?(?: about)?|"
    r"what did i (?:ask|say|tell)(?: to)?(?: you)? (?:just now|last|before(?: this| that)?|"
    r"a moment ago|right before this)"
)
_LAST_ANSWER = re.compile(
    r"what did you (?:just )?(?:say|answer|reply|tell me)"
    r"(?: just now| last| before(?: (?:that|this))?| a moment ago)?|"
    r"what was (?:your|the) (?:(?:last|previous|latest) )?(?:answer|reply|response)|"
    r"what was (?:your|the) (?:last|previous|latest) message|"
    r"what were you (?:just )?(?:saying|telling me|talking about)|"
    r"(?:repeat|say) (?:that|(?:what|the thing|that) you (?:just )?(?:said|answered|told me|wrote)|"
    r"your(?: (?:last|previous))? (?:answer|reply|response|message))"
    r"(?: (?:again|once more|one more time))?"
)
_LAST_TIME = re.compile(
    r"when did (?:we|i|you) (?:last|most recently) (?:talk|speak|chat|say anything|write)"
    r"(?: (?:to|with) (?:you|each other|me))?|"
    r"how long (?:ago did we last|is it since we last|has it been since we last) "
    r"(?:talk(?:ed)?|sp[eo]ak|spoke|chat(?:ted)?)|"
    r"when was (?:the last time|our last (?:conversation|chat|talk))"
    r"(?: (?:that )?we (?:talked|spoke|chatted))?"
)
_EVENTS = r"(?:meetings?|appointments?|plans?|events?|calls?|reminders?)"
_SCHEDULE = re.compile(
    r"what (?:is|do i have) (?:up |coming up )?(?:on|in) (?:my |the )?(?:schedule|calendar|agenda|"
    r"plate|diary|planner)\b.*|"
    r"what (?:is|are) my (?:schedule|calendar|agenda|(?:meetings?|appointments?|plans?))"
    r"(?: (?:for|on|like|today|tomorrow|this|next|tonight)\b.*)?|"
    rf"(?:do|have) i (?:have |got )?(?:any(?:thing)?|some|something)(?: other)?(?: {_EVENTS}|"
    r" (?:scheduled|planned|going on|coming up|on))+(?: .*)?|"
    rf"(?:what|which|how many) {_EVENTS} (?:do|have) i (?:have|got)\b.*|"
    r"what is (?:planned|scheduled|coming up)"
    r"(?: (?:for|in|on|this|next|today|tomorrow|tonight)\b.*)?|"
    r"(?:any|what) plans (?:for|on|this|next|today|tomorrow|tonight)\b.*|"
    r"what do i have (?:planned|scheduled|going on|coming up|on|to do)\b.*|"
    r"(?:what|how) does my (?:day|week|weekend|schedule|calendar|agenda|morning|afternoon|evening) "
    r"look(?: like)?(?: .*)?|"
    r"what (?:am|was) i supposed to do(?: .*)?|"
    r"am i (?:free|busy|available) (?:on |at )?(?:today|tonight|tomorrow|this|next|on|\w+day)\b.*"
)
_REMINDERS = re.compile(
    r"what (?:all |else )?(?:did|do|have) i (?:just )?(?:want|need|wanted|ask(?:ed)?|tell|told)"
    r"(?: (?:you|vega))? to (?:be reminded|remind me)(?: (?:of|about|to do))?|"
    r"what (?:do|did|should|must|were|are|will|would) you (?:have to |need to |going to |"
    r"supposed to |want to )?remind me (?:of|about)|what (?:are|were) my reminders"
)
_OWNER = re.compile(
    r"(?:what|everything|all)(?: all| else| exactly)?(?: that)? (?:do |have |did )?you "
    r"(?:know|remember|learned|learnt|remembered)(?: so far)? (?:about|of) me(?: so far)?"
)
_TIME_ONLY = re.compile(
    r"(?: (?:about|on|in|at|from|during|for|of|to|the|this|that|last|past|previous|these|other|"
    r"earlier|"
    r"early|late|today|tonight|yesterday|tomorrow|now|just|recently|lately|so|far|before|day|days|"
    r"morning|afternoon|evening|night|noon|midday|lunchtime|midnight|week|weeks|weekend|month|months|"
    r"year|years|hour|hours|minute|minutes|ago|an|a|one|two|three|four|five|six|seven|ten|few|couple|"
    r"since|until|and|between|around|after|again|exactly|all|please|then|there|with|you|me|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|christmas|easter|spring|summer|autumn|fall|winter|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"conversation|chat|talk|discussion|[\d:.,/-]+(?:st|nd|rd|th|am|pm)?|o'clock))*"
)


#: One by its place: "my first question", "the last thing that I told you".
_NTH = re.compile(
    r"(?:what (?:was|is|were|are) |which (?:was|is) |(?:repeat|quote|tell me|show me) )?"
    r"(?P<whose>(?:(?:the |my |your |our )(?:very )?)?)(?P<place>first|second|third|fourth|fifth|"
    r"1st|2nd|3rd|[45]th|last|"
    r"latest|most recent|final|previous)(?: (?P<most>\d{1,2}|two|three|four|five|six|ten|few))? "
    r"(?P<noun>thing|question|message|prompt|request|word|answer|reply|response|topic|subject)s?"
    r"(?: that)?(?: (?P<who>i|you|we) (?:ever |have |had )?(?:said|asked|told|wrote|sent|gave|"
    r"answered|mentioned|talked about|discussed))?(?: to)?(?: (?:you|me|vega|about))?"
    r"(?: of (?:the|this|my) (?P<unit>day|morning|week|month|year))?"
)
_NTH_DONE = re.compile(
    r"(?:what|which (?:question|thing|message)) did (?P<who>i|you|we) (?:(?P<before>first|last) )?"
    r"(?P<verb>ask|say|tell|write|answer|talk about|discuss|mention)(?: to)?(?: (?:you|me))?"
    r"(?: about)?(?: (?P<behind>first|last))?"
)
_PLACES = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5,
}  # fmt: skip
_HOW_MANY = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "few": 3}
_SPOKE = r"(?:talk(?:ed)?|speak|spoken?|chat(?:ted)?|convers(?:e|ed)|write|wrote|written)"
_WITH = r"(?:(?: (?:to|with))? (?:you|me|us|vega|each other))?"
_IN_ALL = r"(?: (?:in total|altogether|in all|overall|so far|up to now|until now|ever|already))?"
#: How often something was said here; not how often anything else was done.
_COUNT = re.compile(
    r"(?:on )?how (?:many (?P<noun>(?:different )?days|times|questions|messages|prompts|requests|"
    r"things|conversations|chats|talks)|often|much) (?:did|have|had|do) (?:i|we) "
    r"(?:ever |already |just |both )?"
    rf"(?:(?P<ask>ask(?:ed)?)(?: you)?|(?:say|said|tell|told|send|sent)(?: to)?(?: you)?|"
    rf"{_SPOKE}{_WITH}|(?P<named>discuss(?:ed)?|mention(?:ed)?|bring up|brought up)|"
    r"(?:have|had)(?: for you)?)"
    rf"{_IN_ALL}(?:(?: about| of| on)? (?P<subject>.+?))?{_IN_ALL}|"
    r"count (?:all )?(?:of )?(?:my|our|the) (?P<noun2>questions|messages|prompts|conversations)|"
    r"how (?:often|many times) (?:did|has|have) (?P<subject2>.+) (?:come|came) up"
)
#: Of these no message holds the word.
_ANYTHING = of("something anything things stuff")
_NOT_COUNTED = re.compile(r"(?:that|it|this|to|for|with|from|him|her|them)\b|(?:he|she|they)\b")
#: When something was first or last spoken of.
_SPOKEN_OF = (
    r"(?:mention(?:ed)?|discuss(?:ed)?|bring up|brought up|(?:talk(?:ed)?|speak|spoke|chat(?:ted)?|"
    r"ask(?:ed)?|t[eo]ll?d?|say something|said something|hear|heard)"
    r"(?: (?:to|with))?(?: (?:you|me))? (?:about|of|on)|"
    r"ask(?:ed)?(?: (?:you|me))?(?= (?:where|when|who|what|which|whose|how|why|whether|if)\b))"
)
_WHEN_DID = r"(?:when|(?:at |on )?(?:what|which) (?:time|day|date)) did"
_MENTION = re.compile(
    rf"{_WHEN_DID} (?:i|we) (?:(?P<place>first|last|most recently) )?"
    rf"(?P<verb>{_SPOKEN_OF}) (?P<what>.+)|"
    rf"{_WHEN_DID} (?:i|we) (?P<verb2>{_SPOKEN_OF}) (?P<what2>.+) (?P<place2>first|last)|"
    r"(?:when|how long ago) was the (?:very )?(?P<place3>first|last) time (?:that )?(?:i|we) "
    rf"(?P<verb3>{_SPOKEN_OF}) (?P<what3>.+)|"
    rf"how long ago did (?:i|we) (?:(?P<place4>first|last) )?(?P<verb4>{_SPOKEN_OF}) (?P<what4>.+)|"
    r"(?:what (?:was|is) )?the (?:very )?(?P<place5>first|last) (?:thing|question)(?: that)? i "
    r"(?:ever )?(?P<verb5>said|told|asked|mentioned)(?: to)?(?: you)? (?:about|of) (?P<what5>.+)"
)
_WILL = re.compile(
    r"what (?:will|shall|am|are) (?:i|we|you) (?:going to )?(?:ask|say|tell|talk|discuss|speak)"
    r"(?: to)?(?: (?:you|me))?(?: about)?"
)
_DID = re.compile(r"what (?:all |else )?(?:did|have) (?:i|we) (?:do|done|been doing|been up to)")
_EVERYTHING = re.compile(
    r"(?:list |show )?(?:me )?(?:everything|all|all (?:the )?(?:things|questions))(?: that)? "
    r"(?P<who>i|we) (?:have )?(?P<verb>asked|said|told|wrote|talked about|discussed|spoke about)"
    r"(?: to)?(?: you)?(?: about)?"
)
_LISTED = re.compile(
    r"(?:what (?:were|are|was) |(?:list|show) (?:me )?)?(?:all )?(?:of )?(?:the |my |our )?"
    r"(?:(?P<asked>questions|prompts|requests|messages)|"
    r"(?:conversation|chat|talk|discussion|topic|subject)s?)"
)
_FOR = re.compile(r" for (?:today|tonight|tomorrow|next|this|the|\w+day)\b")
#: They point at a time without telling it.
_VAGUE = of(
    """
    about on in at from during for of to the this that these other just recently lately so far now
    again exactly all please then there with you me our my last past previous earlier conversation
    conversations chat talk discussion before today until and between around after
    """
)


def by_form(asked: str, timeless: str, *, has_time: bool) -> Asking | None:
    """What such a question wants. `timeless` is the same without the time that it names."""
    for pattern, wanted in (
        (_FIRST, Wanted.FIRST),
        (_LAST, Wanted.LAST),
        (_LAST_ANSWER, Wanted.LAST_ANSWER),
        (_LAST_TIME, Wanted.LAST_TIME),
        (_SCHEDULE, Wanted.SCHEDULE),
        (_REMINDERS, Wanted.REMINDERS),
        (_OWNER, Wanted.OWNER),
    ):
        if pattern.fullmatch(asked):
            is_how_long = asked.startswith(("how ", "since "))
            return Asking(wanted, is_how_long=is_how_long)
    return (
        read_recap(asked)
        or (_done_first_or_last(timeless) if has_time else None)
        or _of_all(asked, asked, names_time=False)
        or (_of_all(timeless, asked, names_time=True) if has_time else None)
        or _placed(timeless, has_time=has_time)
        or _counted(timeless, has_time=has_time)
        or _mentioned(timeless)
    )


def _of_all(asked: str, whole: str, *, names_time: bool) -> Asking | None:
    """All that was said or talked about in a time, or lately."""
    match = _PROMPTS.fullmatch(asked)
    rest = (match["rest"] or match["rest2"] or match["rest3"] or "") if match else ""
    # "What did I ask for tomorrow?" is of plans.
    if match and _is_time(rest) and (names_time or not _FOR.search(asked)):
        verb = match["verb"] or match["verb2"] or ""
        is_asked = verb.startswith("ask") or match["noun"] in ("questions", "requests")
        is_timed = names_time or bool(set(rest.split()) - _VAGUE)
        return Asking(Wanted.PROMPTS, is_of_questions=is_asked, names_time=is_timed)
    if names_time and _DID_WE_TALK.fullmatch(asked):
        by_owner = asked.split(" ")[1] == "i"
        return Asking(Wanted.PROMPTS if by_owner else Wanted.TALK, names_time=True)
    if names_time and _ON_A_DAY.match(whole) and _HAPPENED.fullmatch(asked):
        # It may be asked of a day in history as well.
        return Asking(Wanted.TALK, is_certain=False, names_time=True)
    match = _TALK.fullmatch(asked)
    if match and _is_time(rest := "".join(rest or "" for rest in match.groups())):
        return Asking(Wanted.TALK, names_time=names_time or bool(set(rest.split()) - _VAGUE))
    if not names_time:
        return None
    if _DID.fullmatch(asked):
        return Asking(Wanted.TALK, names_time=True)
    if _WILL.fullmatch(asked):
        return Asking(Wanted.PROMPTS, names_time=True)
    if match := _EVERYTHING.fullmatch(asked):
        is_asked = match["verb"] == "asked"
        wanted = Wanted.PROMPTS if match["who"] == "i" else Wanted.TALK
        return Asking(wanted, is_of_questions=is_asked, names_time=True)
    listed = _LISTED.fullmatch(asked)
    if listed and (asked.startswith(("what", "list", "show")) or whole != asked):
        wanted = Wanted.PROMPTS if listed["asked"] else Wanted.TALK
        is_asked = listed["asked"] in ("questions", "requests")
        return Asking(wanted, is_of_questions=is_asked, names_time=True)
    return None


def _placed(asked: str, *, has_time: bool) -> Asking | None:
    """One by its place among those of a time, or of the whole life; or the last few."""
    match = _NTH.fullmatch(asked)
    if match is None:
        return _last_time(asked) if has_time else None
    is_ours = match["who"] is not None or match["whose"].startswith(("my", "your", "our"))
    if not (is_ours or has_time or match["unit"]):
        return None
    place = _PLACES.get(match["place"], -1)
    noun, who = match["noun"], match["who"]
    is_vegas = noun in ("answer", "reply", "response") or who == "you"
    is_vegas = is_vegas or match["whose"].startswith("your")
    unit = match["unit"]
    restated = f"What did I say {'today' if unit == 'day' else f'this {unit}'}?" if unit else ""
    said = match["most"]
    most = _HOW_MANY.get(said or "", 0) or int(said or 0)
    is_asked = noun in ("question", "request") or " asked" in asked
    return Asking(
        Wanted.NTH,
        voice=Role.ASSISTANT if is_vegas else Role.USER,
        is_of_questions=is_asked and not is_vegas,
        place=place,
        most=most,
        names_time=has_time or bool(unit),
        restated=restated,
    )


def _done_first_or_last(asked: str) -> Asking | None:
    match = _NTH_DONE.fullmatch(asked)
    place = (match["before"] or match["behind"]) if match else None
    if match is None or place is None:
        return None
    return Asking(
        Wanted.NTH,
        voice=Role.ASSISTANT if match["who"] == "you" else Role.USER,
        is_of_questions=match["verb"] == "ask",
        place=1 if place == "first" else -1,
        names_time=True,
    )


def _last_time(asked: str) -> Asking | None:
    """When there was talk, of a time: "When did we last talk before today?" """
    if _LAST_TIME.fullmatch(asked):
        return Asking(Wanted.LAST_TIME, place=-1, names_time=True)
    # "How many days have we talked this year?" is counted.
    is_first = _FIRST.fullmatch(asked) is not None and not asked.startswith("how many")
    return Asking(Wanted.LAST_TIME, place=1, names_time=True) if is_first else None


def _counted(asked: str, *, has_time: bool) -> Asking | None:
    match = _COUNT.fullmatch(asked)
    if match is None:
        return None
    subject = match["subject"] or match["subject2"] or ""
    subject = "" if subject in _ANYTHING else subject
    # "How often did I ask you for a joke?"
    subject = subject.removeprefix("for ") if match["ask"] else subject
    if _NOT_COUNTED.match(subject):
        return None
    is_much = asked.startswith("how much")
    if is_much and (subject or match["ask"]):
        return None
    is_asked = match["ask"] is not None or match["noun"] in ("questions", "requests")
    is_asked = is_asked or match["noun2"] == "questions"
    return Asking(
        Wanted.COUNT,
        is_of_questions=is_asked,
        is_of_days=(match["noun"] or "").endswith("days"),
        subject=subject,
        names_time=has_time,
    )


def _mentioned(asked: str) -> Asking | None:
    match = _MENTION.fullmatch(asked)
    if match is None:
        return None
    found = {
        name[:-1] if name[-1].isdigit() else name: v for name, v in match.groupdict().items() if v
    }
    named = found.get("place", "last" if asked.startswith("how long") else "")
    is_first = named == "first"
    return Asking(
        Wanted.MOMENT,
        voice=Role.USER if " i " in f" {asked} " else None,
        is_of_questions="ask" in found["verb"],
        is_first=is_first,
        place=0 if not named else 1 if is_first else -1,
        subject=found["what"],
    )


def _is_time(rest: str) -> bool:
    return _TIME_ONLY.fullmatch(rest) is not None
