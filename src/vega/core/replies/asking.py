"""Whether a prompt asks for what was said or for the owner's own things, and which way.

Pure rules. What they do not know is about the world, and the model's. A question that is certainly
about the owner's past is answered with "I have no record of that" where nothing is found; one that
only may be is then the model's after all.
"""

import re
from dataclasses import replace

from vega.core.importing import Role
from vega.core.recall.times import subject, told_time
from vega.core.replies.forms import TALKING, by_form
from vega.core.replies.one_question import OneQuestion, one_question
from vega.core.replies.wanted import Asking, Wanted
from vega.core.vocabulary import of

__all__ = ["MAX_CHARS", "Asking", "Wanted", "read_asking"]

#: A longer prompt hands over a text.
MAX_CHARS = 400
_HAD = re.compile(r"\b(i|you|we)'d (?=\w+ed\b|said\b|told\b|given\b|ever\b|already\b|once\b)")
#: What is asked of Vega is asked of the talk: "Have you ever heard me mention Olu?"
_HEARD = re.compile(
    r"(?:have|did|had) you (?P<ever>ever )?(?:heard?|hear|known?|catch|caught) me "
    r"(?P<verb>mention|say|tell you|talk|speak|ask|complain)(?:ing)?\b"
)
_CONTRACTIONS = re.compile(r"\b(what|when|where|who|which|how|that|there|it)'?s\b(?!')")
_DID = re.compile(r"\b(what|when|where|who|how)'d (?=i\b|we\b|you\b)")
_EXACTLY = re.compile(r"^(when|where|who|how often|what time|which day) (?:exactly|precisely)\b")
_ASKS_WHEN = re.compile(
    r"when |(?:(?:on|at|in) )?(?:what|which) (?:exact )?(?:day|date|time|month|year|week|weekday)"
    r"(?: of the (?:week|month|year))? (?:did|have|had|was|were) "
)
#: What leads to a question, and whether it says that its answer was said before.
_LEAD = re.compile(
    r"(?:(?:(?:i|i've) (?:forgot|forgotten|(?:can't|cannot|can not|don't|do not) "
    r"(?:remember|recall))|sorry|hmm+|now|then|but|just|(?:a |one )?quick (?:question|one))[,:]? |"
    r"(?P<remind>(?:(?:can|could|would|will) you (?:please )?)?(?:please )?remind me (?:again )?"
    r"(?:about |of )?)|"
    r"(?P<remember>(?:(?:can|could) you|do you) (?:still |even |happen to )?(?:remember|recall) "
    r"(?:that |when i (?:said|told you) )?)|"
    r"(?:(?:can|could|would|will) you (?:please )?)?(?:please )?(?:tell|show|give|find) me "
    r"(?:again )?(?=\w)|"
    r"(?:(?:can|could|would|will) you (?:please )?|please )(?=repeat|summari|sum up|recap|say that|"
    r"give|review|go over|list|find)|"
    r"(?:do you |have you )?(?:have |got )?(?:any (?:idea|clue)|an idea) (?:about )?|"
    r"(?:i'm |i am |i was )?(?:just )?(?:wondering|wonder|curious) |i wonder |"
    r"(?:i(?:'d| would) (?:like|love)|i (?:want|need)) to know |let me know |"
    r"(?:do you|did you) (?:still |even |happen to )?know )"
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
    r"advise|advised|respond|responded|reply|replied|react|reacted|give|given|write|written|explain|explained|show|shown|call|called|"
    r"name|named)\b|"
    r"\b(?:was|were) your reactions? (?:to|about|when)\b|"
    r"\byou (?:\w+ly |once |just |already |had |have |ever |last )*(?:said|told me|suggested|"
    r"recommended|mentioned|proposed|advised|gave me|wrote|explained|showed me|came up with)\b|"
    r"\byour (?:suggestion|recommendation|advice|proposal)s?\b|"
    r"\b(?:was|were) (?:your|\w+'s) (?:answer|reply|response)s? (?:about|to|on|regarding)\b|"
    r"\b(?:was|were) your (?:answer|reply|response)s? (?:yesterday|last|this|on|in|from)\b"
)
_WE_TALKED = re.compile(
    r"\b(?:did|have|had|were|do) we (?:ever |already |just |once |first |last |been )*"
    rf"(?:{TALKING}|decide|decided|agree|agreed|plan|planned|say|said|conclude|settle|choose|pick|"
    r"come up|end up|make|write|mention|mentioned)\b|"
    rf"\bwe (?:\w+ly |once |just |already |had |have |were |ever |last |both )*(?:{TALKING}|"
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
    # "When did we go to the moon?" is asked of mankind.
    r"(?:when|where|what (?:time|day|date|year|month)|which \w+|how (?:much|long))\b.*\bdid we "
    r"(?:(?:come|get|be) (?:back|home)|return|book|order|rent|adopt|hire|park)\b.*|"
    r"(?:who|what|which)\b.* \w+ed\b.*\b(?:to|for|with) me\b|who (?:told|gave|lent|sold) me\b"
)
#: What the owner is going to do, and can have told: "When am I flying to Lisbon?"
_I_WILL = re.compile(
    r"(?:what|when|where|who|whom|which \w+|what (?:time|day|date)|with whom|on (?:what|which) "
    r"day|at what time) (?:am|are) (?:i|we) "
    r"(?!doing\b|supposed\b|missing\b|thinking\b|getting (?:wrong|paid))\w+ing\b"
)
#: So it may be asked of anybody's way as well: "When do I leave the motorway?"
_I_MAY = re.compile(
    r"(?:when|where|what (?:time|day|date)|(?:on|at) (?:what|which) (?:day|time)) (?:do|will) "
    r"(?:i|we) (?:fly|leave|depart|travel|drive|meet|be|go|arrive|see)\b|"
    r"(?:am|are) (?:i|we) (?:flying|travelling|traveling|driving|meeting|seeing|visiting)\b.*"
    r"\b(?:on|in|next|this|tomorrow|today)\b"
)
_HOW_IT_WENT = re.compile(
    r"\b(?:wrong(?! with (?:the|my|our|his|her)\b)|mistake|supposed to|do next|right thing|if|"
    r"(?:was|am) i (?:right|thinking|being))\b|"
    r"^(?:how|why) (?:did|was) i\b|\bwas i \w+$"
)
#: Things of the owner's: asked after, not asked about.
_OWN_THING = re.compile(
    r"(?:what|who|which|when|where|how (?:old|many|much|long|tall|often|far))\b.*?"
    r"(?:\bmy\b|\bour\b|\bdo i (?:keep|have|own|take|use|work|live|park)\b)|"
    # "Which hospital is mum going to?": "a mum" is anybody's.
    r"(?:what|who|which|when|where|how \w+)\b.*?\b(?:is|are|was|were|did|does|has|had|will)"
    r"(?<!\bthe)(?<!\ba) (?:mum|mom|mummy|mommy|dad|daddy|grandma|grandpa|granny|grandad|nan)\b|"
    r"(?:is|are|was|were|does|did|do|has|have) my\b|how (?:did|was|were) my\b"
)
#: What may as well be so of the world: "Is my train on time?", "our galaxy".
_MAYBE_OWN = re.compile(r"(?:is|are|does|do|has|have) my\b|(?!.*\b(?:my|i)\b).*\bour\b")
#: What the owner may have told of others and of things, where nobody else can know it.
_MAYBE_TOLD = re.compile(
    r"(?:what|who|whom|which|when|where|how (?!do\b|can\b|to\b)\w+)\b.*?\b(?:did|was|were|"
    r"had|has|have)\b|(?:did|was|were|has|have)\b|"
    r"(?:what|where|who|when) (?:is|are) (?:the|that) .*\b(?:password|passcode|code|pin|number|"
    r"address|combination|size|deadline|name of|plan)\b|"
    r"(?:what|which) \w+ (?:is|are) \S.*\b(?:\w+ing|in|at|to|from|on|with|for)\b|"
    r"(?:where|when|who|how \w+|what) (?:the|that|this|our|\S+(?:'s)?) .*\b(?:is|are|was|were)$|"
    # Of somebody or something by name: "Who is Marta?", "How much is the pottery class?"
    r"(?:who|whose|where|when|how(?: (?:much|old|long|many))?|what (?:time|day|date)) (?:is|are) "
    r"\S+|what (?:is|are) .+ (?:called|named|doing|\w+ing)$"
)
#: "What do I know about Marta?"
_KNOWN_OF = re.compile(
    r"(?:what|everything) (?:all )?(?:do |that )?(?:i|we|you) know (?:about|of) (?!me\b)\S+"
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
    r"could|with whom|(?:at|on|in|for|to|from|with|by) (?:what|which|whom))\b"
)
#: Whatever was said is to be found or told: "Everything I ever said about my ring, please".
_MESSAGE_WHERE = re.compile(
    r"(?:list|find|show)(?: me)? (?:the|my|that|any|all|every)(?: the| my)? "
    r"(?:message|conversation|chat)s? (?:where|in which|when|that) (?P<rest>.+)",
    re.IGNORECASE,
)
_ALL_OF_IT = re.compile(
    r"(?:list|find|show)?(?: me)? ?(?:me )?(?:again )?(?:everything|anything|all(?: the things?)?|"
    r"whatever|(?:the|any|every|each|all)(?: of)?(?: the)? "
    r"(?:time|place|message|turn|conversation|chat)s?|where|when|what)(?: that| where| when|"
    r" in which)? (?:i|you|we)\b"
)
_MESSAGE = re.compile(
    r"(?:list|find|show)?(?: me)? ?(?:the|my|that|our|any|all|every)(?: the| my| our)? "
    r"(?:message|conversation|chat)s? (?:where|in which|when|about|of|on|with)\b"
)
_EVER_SAID = re.compile(
    r"(?:(?:(?:can|could) you )?(?:please )?(?:list|find|show|give|tell)(?: me)? )?(?:everything|"
    r"anything|all|whatever|where|when|(?:the|all|all the|every|any) (?:time|message|conversation|"
    r"chat|place)s?(?: where| when| in which)?)(?: that)? (?P<who>i|you|we)(?:'ve| have| had)? "
    r"(?:ever |once |already )*"
    r"(?P<verb>said|told|mentioned|talked|spoke|wrote|discussed)(?P<rest> .+)",
    re.IGNORECASE,
)
_VERBS = {"told": "tell", "mentioned": "mention", "wrote": "write", "discussed": "discuss"}
_WHERE_IT_IS = re.compile(
    r"(?:(?:do you |have you )?(?:have |got )?(?:any|an) (?:idea|clue)|i wonder|(?:i'm |i am )?"
    r"(?:just )?(?:wondering|curious)|let me know|do you know) (?P<asks>where|when|who|what) "
    r"(?P<what>.+) (?P<be>is|are|was|were)",
    re.IGNORECASE,
)
_HOW_LONG = re.compile(
    r"how (?:long|many (?:days|weeks|months|years)) ago did (?P<did>.+)|"
    r"how (?:long|many (?:days|weeks|months|years)) (?:is it|has it been|ago is it) since "
    r"(?P<since>(?:i|we|my|our|you) .+)",
    re.IGNORECASE,
)
#: Not what was told, whoever told what: "I told you. What do you think?"
_OF_NOW = re.compile(r"\b(?:do|are|would|will|can|could) you\b|\byou$")
_PREPOSITION = re.compile(r"^(?:on|at|in|for|from|to|by|with) (?=what\b|which\b)")
_WORLD_VERB = re.compile(r"\bdid you know\b|\b(?:imagine|pretend|suppose|write|draft|compose)\b")


def read_asking(prompt: str) -> Asking | None:
    """What the prompt asks of the past; None where it is about the world, or no question."""
    if len(prompt) > MAX_CHARS:
        return None
    found = one_question(prompt)
    if found is None:
        return None
    asking = _of_two(found) if found.aside else _of_one(found)
    restated = _plainer(found.restated or found.text) or found.restated
    if asking is None or not restated or asking.restated:
        return asking
    return replace(asking, restated=restated)


def _plainer(text: str) -> str:
    """The same as a plain question of what was said; "" where it is one."""
    plain = text.strip(" ?.!")
    said = _EVER_SAID.fullmatch(plain)
    if said and not plain.lower().startswith(("where ", "when ")):
        verb = _VERBS.get(said["verb"].lower(), "say")
        return f"What did {said['who']} {verb}{said['rest']}?"
    if place := _WHERE_IT_IS.fullmatch(plain):
        return f"{place['asks'].capitalize()} {place['be']} {place['what']}?"
    if message := _MESSAGE_WHERE.fullmatch(plain):
        return f"What did I tell you: {message['rest']}?"
    heard = _HEARD.match(text.lower())
    return f"Did I {heard['ever'] or ''}{heard['verb']}{text[heard.end() :]}?" if heard else ""


def _of_two(found: OneQuestion) -> Asking | None:
    """What one sentence asks of what another one says: only where that was said here."""
    text = found.aside if found.is_which else found.text
    asked = _unled(_normal(text))[0]
    if not (_I_SAID.search(asked) or _YOU_SAID.search(asked) or _WE_TALKED.search(asked)):
        return None
    if found.is_which:
        return _by_words(asked, is_led=False)
    return _of_one(replace(found, aside=""))


def _of_one(found: OneQuestion) -> Asking | None:
    whole = _normal(found.text)
    asked, is_led = _unled(whole)
    # "Remind me to call Ana" asks for something else.
    if not asked or (is_led and asked.startswith(("to ", "in ", "at "))):
        return None
    time = told_time(found.text)
    timeless = _unled(_normal(subject(found.text, time)))[0] if time else asked
    if form := by_form(asked, timeless, has_time=time is not None):
        return form
    if how_long := _HOW_LONG.fullmatch(found.text.strip(" ?.!")):
        when = f"When did {how_long['did']}?" if how_long["did"] else ""
        when = when or f"When was it that {how_long['since']}?"
        asking = _of_one(OneQuestion(when, True))
        return replace(asking, is_how_long=True, restated=when) if asking else None
    if _MESSAGE.match(asked) and not _ADVICE.match(asked):
        return Asking(Wanted.PASSAGE)
    is_all = _ALL_OF_IT.match(asked) is not None
    if not (asked != whole or found.is_marked or _ASKS.match(asked) or is_all):
        # It says that something was said.
        return None
    is_advice = _ADVICE.match(asked) is not None and found.told_by != "you"
    is_other = is_advice or _OF_NOW.search(asked) or _WORLD_VERB.match(asked)
    if found.told_by and not is_other and _ASKS.match(asked):
        # "Which tape should I use? You told me."
        voices = {"i": Role.USER, "you": Role.ASSISTANT}
        wanted = Wanted.MOMENT if _ASKS_WHEN.match(asked) else Wanted.PASSAGE
        return Asking(wanted, voice=voices.get(found.told_by))
    by_words = _by_words(asked, is_led=is_led)
    if by_words is None and _NEARBY.match(asked) and found.text[1:].islower():
        return None if _ADVICE.match(asked) else Asking(Wanted.PASSAGE, is_certain=False)
    return by_words


def _normal(sentence: str) -> str:
    text = " ".join(sentence.lower().replace("’", "'").split()).strip(" ?.!,")
    text = _HAD.sub(r"\1 had ", _DID.sub(r"\1 did ", text))
    text = _HEARD.sub(r"did i \g<ever>\g<verb>", text) if "ever " in text else text
    text = _EXACTLY.sub(r"\1", text)
    return _CONTRACTIONS.sub(r"\1 is", text)


def _unled(text: str) -> tuple[str, bool]:
    """Without what leads to the question; whether that says that its answer was said before."""
    is_led = False
    while (lead := _LEAD.match(text)) and lead.end() < len(text):
        is_led = is_led or bool(lead["remind"] or lead["remember"])
        text = text[lead.end() :]
    return text, is_led


def _by_words(asked: str, *, is_led: bool) -> Asking | None:
    """Questions about something that was said, or about the owner's own things."""
    if _WORLD_VERB.match(asked):
        return None
    wanted = Wanted.MOMENT if _ASKS_WHEN.match(asked) else (Wanted.PASSAGE)
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
    asked = _PREPOSITION.sub("", asked)
    if _KNOWN_OF.match(asked):
        return Asking(Wanted.PASSAGE, is_certain=False)
    if _ADVICE.match(asked) or _HOW_IT_WENT.search(asked):
        return None
    if _I_WILL.match(asked):
        return Asking(Wanted.PASSAGE)
    if _I_DID.match(asked):
        return Asking(wanted)
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
