"""Whether a prompt asks for what was said or for the owner's own things, and which way.

Pure rules. What they do not know is about the world, and the model's. A question that is certainly
about the owner's past is answered with "I have no record of that" where nothing is found; one that
only may be is then the model's after all.
"""

import re
from dataclasses import dataclass
from enum import Enum

from vega.core.facts.sentences import bare, is_courtesy, sentences
from vega.core.importing import Role
from vega.core.vocabulary import of

#: A longer prompt hands over a text.
MAX_CHARS = 400


class Wanted(Enum):
    """What is asked for."""

    #: What the owner asked or said in a time: "What did I ask you this morning?"
    PROMPTS = "prompts"
    #: What was talked about in a time: "What did we talk about yesterday?"
    TALK = "talk"
    #: The very first words: "When did we first talk?"
    FIRST = "first"
    #: The owner's last words before these, Vega's last answer, or when that was.
    LAST = "last"
    LAST_ANSWER = "last answer"
    LAST_TIME = "last time"
    #: "What's on my schedule today?"
    SCHEDULE = "schedule"
    #: "What do you know about me?"
    OWNER = "owner"
    #: What was said about something, or when.
    PASSAGE = "passage"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Asking:
    """What a prompt asks of the past."""

    wanted: Wanted
    #: Whether it cannot be about the world.
    is_certain: bool = True
    #: Whose words are asked for; None: whoever said them.
    voice: Role | None = None
    #: "What did I ask?", and not "say".
    is_of_questions: bool = False
    #: "When did I first …?"
    is_first: bool = False


_CONTRACTIONS = re.compile(r"\b(what|when|where|who|which|how|that|there|it)'?s\b(?!')")
_DID = re.compile(r"\b(what|when|where|who|how)'d (?=i\b|we\b|you\b)")
_TALKING = (
    r"(?:talk|talked|talking|speak|spoke|spoken|speaking|discuss|discussed|discussing|chat|chatted|"
    r"chatting|cover|covered|go over|went over)"
)
_SAID = r"(?:say|said|tell|told|mention|mentioned|write|wrote|ask|asked|want|wanted|call|called)"
#: What leads to a question, and whether it says that its answer was said before.
_LEAD = re.compile(
    r"(?:(?:(?:i|i've) (?:forgot|forgotten|(?:can't|cannot|can not|don't|do not) "
    r"(?:remember|recall))|sorry|hmm+|now|then|but|just|quick question),? |"
    r"(?P<remind>(?:(?:can|could|would|will) you (?:please )?)?(?:please )?remind me (?:again )?"
    r"(?:about |of )?)|"
    r"(?P<remember>(?:(?:can|could) you|do you) (?:still |even |happen to )?(?:remember|recall) "
    r"(?:that |when i (?:said|told you) )?)|"
    r"(?:(?:can|could|would|will) you (?:please )?)?(?:please )?(?:tell|show|give|find) me "
    r"(?:again )?|"
    r"(?:do you|did you) (?:still |even |happen to )?know )"
)
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
    rf"what (?:all |else |exactly )?(?:did|have|had|were|was) we (?:just |been |already )*"
    rf"(?:{_TALKING}|say|said|do|done)(?: about| on| together)?(?P<rest>(?: .*)?)|"
    rf"(?:what|which) (?:topics|things|subjects) (?:did|have|were) we (?:{_TALKING})(?: about)?"
    r"(?P<rest2>(?: .*)?)|"
    r"what (?:was|were|is) (?:our|the) (?:last |previous |whole )?(?:conversation|chat|"
    r"discussion|talk)s?(?: (?:about|of|from))?(?P<rest3>(?: .*)?)|"
    r"(?:summari[sz]e|sum up|recap) (?:our|the|my) (?:conversation|conversations|chat|chats|"
    r"discussion|talk|day)s?(?: (?:of|from|with you))?(?P<rest4>(?: .*)?)|"
    r"what was said(?P<rest5>(?: .*)?)|"
    # Of the world, where no day is named that both of us lived through.
    r"what (?:all |else )?(?:happened|went on|has happened|was going on|did i do)"
    r"(?P<rest6>(?=.*\b(?:today|yesterday|tonight|this|last|past|ago|\w+day)\b) .*)"
)
_FIRST = re.compile(
    r"when (?:did|have) we (?:first|start|begin)(?: (?:to )?(?:meet|met|talk|talking|speak|"
    r"speaking|chat|chatting))?(?: to each other| with each other| for the first time| first)?|"
    r"when (?:did|have) we (?:meet|talk|speak|chat)(?: for the)? first(?: time)?|"
    r"when was (?:our|the) (?:very )?first (?:conversation|chat|talk|time we (?:talked|spoke|met))|"
    r"how long (?:have|do) we (?:been (?:talking|speaking|chatting)|known? each other)|"
    r"(?:what (?:was|is) )?(?:the |my )?(?:very )?first (?:thing|question|message|prompt|words?)"
    r"(?: that)?(?: i (?:ever )?(?:said|asked|told|wrote|sent))?(?: (?:to )?you)?(?: ever)?|"
    r"what did i (?:first (?:ask|say|tell)|(?:ask|say|tell)(?: to)?(?: you)? first)"
    r"(?: (?:to )?you)?"
)
_LAST = re.compile(
    r"what (?:was|is) (?:the |my )?(?:very )?(?:last|previous|latest) (?:thing|question|message|"
    r"prompt|words?)(?: that)?(?: i (?:said|asked|told|wrote|sent))?(?: (?:to )?you)?"
    r"(?: (?:about|before this|before that))?|"
    r"what did i (?:just|last) (?:ask|say|tell|write)(?: (?:to )?you)?(?: about)?|"
    r"what did i (?:ask|say|tell)(?: to)?(?: you)? (?:just now|last|before(?: this| that)?|"
    r"a moment ago|right before this)"
)
_LAST_ANSWER = re.compile(
    r"what did you (?:just )?(?:say|answer|reply|tell me)(?: just now| last| before|"
    r" a moment ago)?|"
    r"what was (?:your|the) (?:last|previous|latest) (?:answer|reply|response|message)|"
    r"(?:repeat|say) (?:that|your (?:last|previous) (?:answer|reply))(?: again)?"
)
_LAST_TIME = re.compile(
    r"when did (?:we|i|you) (?:last|most recently) (?:talk|speak|chat|say anything|write)"
    r"(?: (?:to|with) (?:you|each other|me))?|"
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
    r"what do i have (?:planned|scheduled|going on|coming up|on|to do)\b.*|"
    r"(?:what|how) does my (?:day|week|weekend|schedule|calendar|agenda|morning|afternoon|evening) "
    r"look(?: like)?(?: .*)?|"
    r"what (?:am|was) i supposed to do(?: .*)?|"
    r"am i (?:free|busy|available) (?:on |at )?(?:today|tonight|tomorrow|this|next|on|\w+day)\b.*"
)
_OWNER = re.compile(
    r"(?:what|everything|all)(?: all| else| exactly)?(?: that)? (?:do |have |did )?you "
    r"(?:know|remember|learned|learnt|remembered)(?: so far)? (?:about|of) me(?: so far)?"
)
#: Who speaks with whom about something: it was said here, or nowhere.
_I_SAID = re.compile(
    r"\b(?:did|have|had|do) i (?:ever |already |just |once |first |last )*"
    r"(?:say|said|tell|told|mention|mentioned|write|ask|asked|want|promise|promised|call|called|"
    r"describe|described|explain|explained|suggest|suggested|complain|ask)\b|"
    r"\bi (?:\w+ly |once |just |already |had |have |ever |first |last )*(?:said|told you|"
    r"asked(?: you)?|mentioned|wrote|described|talked|spoke|was talking|was telling|"
    r"complained|promised)\b"
)
_YOU_SAID = re.compile(
    r"\b(?:did|have|had) you (?:ever |already |just |once |first |last )*(?:say|said|tell|told|"
    r"suggest|suggested|recommend|recommended|mention|mentioned|answer|answered|propose|proposed|"
    r"advise|advised|give|given|write|written|explain|explained|show|shown|call|called|"
    r"name|named)\b|"
    r"\byou (?:\w+ly |once |just |already |had |have |ever |last )*(?:said|told me|suggested|"
    r"recommended|mentioned|proposed|advised|gave me|wrote|explained|showed me|came up with)\b|"
    r"\byour (?:suggestion|recommendation|advice|proposal)s?\b"
)
_WE_TALKED = re.compile(
    r"\b(?:did|have|had|were|do) we (?:ever |already |just |once |first |last |been )*"
    rf"(?:{_TALKING}|decide|decided|agree|agreed|plan|planned|say|said|conclude|settle|choose|pick|"
    r"come up|end up|make|write|mention|mentioned)\b|"
    rf"\bwe (?:\w+ly |once |just |already |had |have |were |ever |last |both )*(?:{_TALKING}|"
    r"decided|agreed|planned|concluded|settled on|chose|picked|came up with|worked on|made|wrote|"
    r"mentioned|said)\b|"
    r"\bour (?:last |previous |earlier |first )?(?:conversation|chat|discussion|talk)s?\b"
)
#: What only the owner did, and can have told.
_I_DID = re.compile(
    r"(?:where|when|who|whom|what|which|why|how (?:much|many|often|long)|with whom)\b.*"
    r"\b(?:did|have|had|was|were) i\b(?! (?:do wrong|mean|miss|get wrong|supposed|born))|"
    r"(?:did|have|had|was) i (?:ever |already |really |actually )?\w+|"
    # As it is asked in another sentence: "I forgot where I parked the car".
    r"(?:where|when|who|whom|what|which|how (?:much|many|often|long))\b.*\bi (?:\w+ed|put|left|hid|"
    r"kept|met|saw|bought|sold|gave|lent|took|went|ate|read|found|lost|paid|won|heard|made|was)\b|"
    r"(?:who|what|which)\b.* \w+ed\b.*\b(?:to|for|with) me\b|who (?:told|gave|lent|sold) me\b"
)
#: What the owner is going to do, and can have told: "When am I flying to Lisbon?"
_I_WILL = re.compile(
    r"(?:when|where|who|whom|which \w+|what (?:time|day|date)|with whom|on (?:what|which) day|"
    r"at what time) (?:am|are) (?:i|we) (?!doing\b|supposed\b|getting (?:wrong|paid))\w+ing\b"
)
#: So it may be asked of anybody's way as well: "When do I leave the motorway?"
_I_MAY = re.compile(
    r"(?:when|where|what (?:time|day|date)|(?:on|at) (?:what|which) (?:day|time)) (?:do|will) "
    r"(?:i|we) (?:fly|leave|depart|travel|drive|meet|be|go|arrive|see)\b|"
    r"(?:am|are) (?:i|we) (?:flying|travelling|traveling|driving|meeting|seeing|visiting)\b.*"
    r"\b(?:on|in|next|this|tomorrow|today)\b"
)
_HOW_IT_WENT = re.compile(
    r"\b(?:wrong|mistake|supposed to|do next|right thing|if|"
    r"(?:was|am) i (?:right|thinking|being))\b|"
    r"^(?:how|why) (?:did|was) i\b|\bwas i \w+$"
)
#: Things of the owner's: asked after, not asked about.
_OWN_THING = re.compile(
    r"(?:what|who|which|when|where|how (?:old|many|much|long|tall|often|far))\b.*?"
    r"(?:\bmy\b|\bour\b|\bdo i (?:keep|have|own|take|use|work|live|park)\b)|"
    r"(?:is|are|was|were|does|did|do|has|have) my\b"
)
#: What may as well be so of the world: "Is my train on time?", "our galaxy".
_MAYBE_OWN = re.compile(r"(?:is|are|does|do|has|have) my\b|(?!.*\b(?:my|i)\b).*\bour\b")
#: What the owner may have told of others and of things, where nobody else can know it.
_MAYBE_TOLD = re.compile(
    r"(?:what|who|whom|which|when|where|how (?:much|many|long|often|old))\b.*?\b(?:did|was|were|"
    r"had|has|have)\b|(?:did|was|were|has|have)\b|"
    r"(?:what|where|who|when) (?:is|are) (?:the|that) .*\b(?:password|passcode|code|pin|number|"
    r"address|combination|size|deadline|name of|plan)\b"
)
#: Things at hand, by no name that the world would know: "Where is the spare key?"
_NEARBY = re.compile(r"(?:where|when|who|whose) (?:is|are|[a-z]+s) the \w+")
_OWN_EVENT = re.compile(
    r"(?:when|where|what time|what day|at what time|on what day|which day|how long)\b.*?\bthe "
    r"(?:\w+(?:'s)? ){0,2}(?P<event>appointment|dentist|doctor|meeting|reservation|booking|"
    r"interview|check-?up|rehearsal|viewing|flight|wedding|party|dinner|exam|deadline|delivery|"
    r"trip|train|concert)\b(?! of the| in (?:history|19|20))"
)
_CERTAIN_EVENTS = of(
    "appointment dentist doctor reservation booking interview checkup check-up viewing"
)
#: A question of advice or about a text at hand, whoever's the thing is.
_ADVICE = re.compile(
    r"(?:how|what|which|where|when|why|who|should|can|could|may|would|is|are|do|does)\b.*?"
    r"\b(?:should|can|could|would|might|must|do i (?:need|get|fix|make|find|use|install|change|set|"
    r"know|say|write|cook|clean|stop|start|reset|deal|improve|convert|calculate|compute|tell|ask|"
    r"go|begin|apply|choose)|"
    r"to (?:fix|make|get|clean|cook|improve|reset|install|find))\b|"
    r"how (?:do|can|could|should|would|to|does)\b|why\b|"
    r".*\b(?:this|these|the following) (?:code|text|sentence|function|error|email|paragraph|poem|"
    r"list|story|essay)\b|"
    r".*\bmy (?:code|function|script|query|sentence|grammar|essay|paragraph|text|poem|regex|"
    r"horoscope|ip address|ip|browser|options|rights|chances|purpose|zodiac|star sign)\b|"
    r".*\bin (?:\w+(?:ish|ese)|french|german|italian|russian|arabic|hindi|dutch|greek|latin)$|"
    r"what (?:does|do) .+ (?:mean|cost|weigh)$|is it (?:ok|okay|normal|safe|true|possible)\b"
)
_ASKS = re.compile(
    r"(?:what|which|who|whom|whose|when|where|why|how|did|do|does|have|has|had|is|are|was|were|can|"
    r"could|with whom|at what|on what|in which)\b"
)
_WORLD_VERB = re.compile(r"\bdid you know\b|\b(?:imagine|pretend|suppose|write|draft|compose)\b")
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


def read_asking(prompt: str) -> Asking | None:
    """What the prompt asks of the past; None where it is about the world, or no question."""
    if len(prompt) > MAX_CHARS:
        return None
    said = [rest for each in sentences(prompt) if not is_courtesy(rest := bare(each))]
    if len(said) != 1:
        return None
    asked = _normal(said[0])
    is_led, whole = False, asked
    while (lead := _LEAD.match(asked)) and lead.end() < len(asked):
        is_led = is_led or bool(lead["remind"] or lead["remember"])
        asked = asked[lead.end() :]
    # "Remind me to call Ana" asks for something else.
    if not asked or (is_led and asked.startswith(("to ", "in ", "at ", "when "))):
        return _moment_of(asked) if asked.startswith("when ") else None
    if by_form := _by_form(asked):
        return by_form
    is_question = asked != whole or said[0].endswith("?") or prompt.rstrip().endswith("?")
    if not is_question and not _ASKS.match(asked):
        # It says that something was said.
        return None
    by_words = _by_words(asked, is_led=is_led)
    if by_words is None and _NEARBY.match(asked) and said[0][1:].islower():
        return None if _ADVICE.match(asked) else Asking(Wanted.PASSAGE, is_certain=False)
    return by_words


def _normal(sentence: str) -> str:
    text = " ".join(sentence.lower().replace("’", "'").split()).strip(" ?.!,")
    text = _DID.sub(r"\1 did ", text)
    return _CONTRACTIONS.sub(r"\1 is", text)


def _moment_of(asked: str) -> Asking | None:
    return _by_form(asked) or _by_words(asked, is_led=True)


def _by_form(asked: str) -> Asking | None:
    """Questions of a fixed form, about time or place in the conversation alone."""
    for pattern, wanted in (
        (_FIRST, Wanted.FIRST),
        (_LAST, Wanted.LAST),
        (_LAST_ANSWER, Wanted.LAST_ANSWER),
        (_LAST_TIME, Wanted.LAST_TIME),
        (_SCHEDULE, Wanted.SCHEDULE),
        (_OWNER, Wanted.OWNER),
    ):
        if pattern.fullmatch(asked):
            return Asking(wanted)
    match = _PROMPTS.fullmatch(asked)
    if match and _is_time(match["rest"] or match["rest2"] or match["rest3"] or ""):
        verb = match["verb"] or match["verb2"] or ""
        is_asked = verb.startswith("ask") or match["noun"] in ("questions", "requests")
        return Asking(Wanted.PROMPTS, is_of_questions=is_asked)
    match = _TALK.fullmatch(asked)
    if match and _is_time("".join(rest or "" for rest in match.groups())):
        return Asking(Wanted.TALK)
    return None


def _is_time(rest: str) -> bool:
    return _TIME_ONLY.fullmatch(rest) is not None


def _by_words(asked: str, *, is_led: bool) -> Asking | None:
    """Questions about something that was said, or about the owner's own things."""
    if _WORLD_VERB.match(asked):
        return None
    wanted = (
        Wanted.MOMENT
        if asked.startswith(("when ", "what day did", "what time did"))
        else (Wanted.PASSAGE)
    )
    is_first = " first " in f" {asked} "
    by_owner, by_vega = _I_SAID.search(asked), _YOU_SAID.search(asked)
    if by_owner or by_vega or _WE_TALKED.search(asked):
        if _is_task(asked):
            return None
        voice = None
        if by_owner and not by_vega:
            voice = Role.USER
        elif by_vega and not by_owner:
            voice = Role.ASSISTANT
        is_asked = bool(by_owner) and re.search(r"\bask(?:ed)?\b", asked) is not None
        return Asking(wanted, voice=voice, is_of_questions=is_asked, is_first=is_first)
    if _ADVICE.match(asked) or _HOW_IT_WENT.search(asked):
        return None
    if _I_WILL.match(asked):
        return Asking(Wanted.PASSAGE)
    if _I_DID.match(asked):
        return Asking(wanted if asked.startswith("when ") else Wanted.PASSAGE)
    event = _OWN_EVENT.match(asked)
    if event:
        return Asking(Wanted.PASSAGE, is_certain=event["event"] in _CERTAIN_EVENTS or is_led)
    if _OWN_THING.match(asked):
        return Asking(Wanted.PASSAGE, is_certain=is_led or not _MAYBE_OWN.match(asked))
    if _I_MAY.match(asked):
        return Asking(Wanted.PASSAGE, is_certain=is_led)
    if is_led:
        is_own = re.search(r"\b(?:my|our|that|i|we)\b", asked) is not None
        return Asking(Wanted.PASSAGE, is_certain=is_own)
    return Asking(wanted, is_certain=False) if _MAYBE_TOLD.match(asked) else None


def _is_task(asked: str) -> bool:
    """Whether what was said is only what something is to be made of: "Translate what I said"."""
    return (
        re.match(
            r"(?:translate|rewrite|write|summari[sz]e|explain|draft|compose|shorten|make|turn|use|"
            r"why|how (?:do|can|could|should|would|to))\b",
            asked,
        )
        is not None
    )
