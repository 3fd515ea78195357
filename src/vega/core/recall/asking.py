"""What kind of question it is: of a time alone, of what was said at a time, or of anything else.

English only, as the times are. Pure.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from vega.core.recall.times import TimeExpression, subject
from vega.core.words import STOP_WORDS, words

#: With these a question speaks of the conversation itself.
_SAYING_WORDS = """
say says said saying tell tells told telling talk talks talked talking discuss discusses
discussed discussing mention mentions mentioned mentioning ask asks asked asking chat chats
chatted chatting speak spoke spoken write wrote written
"""
#: And with these; what is looked for holds none of them.
_TALK_WORDS = """
remember recall remind reminded conversation conversations chat chats question questions message
messages
"""
#: These are no subject either: of "What did we talk about yesterday?" nothing is left but the time.
_NO_SUBJECT_WORDS = """
happen happens happened happening go went gone going thing things
anything something everything stuff topic topics turn turns show list give summarize summarise
summary sum recap
please hi hey hello vega ok okay tell know like get got come came see look back again exactly
quickly everybody much many make made need want let us could would can bring brought today
"""
_SAYING = frozenset(_SAYING_WORDS.split())
_TALK = _SAYING | frozenset(_TALK_WORDS.split())
_NO_SUBJECT = _TALK | frozenset(_NO_SUBJECT_WORDS.split())
#: What a question of that kind begins with, or asks for; "I met Anna yesterday." asks for nothing.
_ASKS = re.compile(
    r"\?|^\W*(?:what|when|who|where|which|how|did|do|have|has|can|could|would|will|please|remind|"
    r"tell|show|list|give|summari[sz]e|recap|sum|repeat|find|hey|vega)\b",
    re.IGNORECASE,
)
_BY_US = re.compile(r"\b(?:i|we|you|us|me|our|my)\b", re.IGNORECASE)
#: These say nothing about what is asked for: "How much did I get for it?"
_GENERIC_WORDS = """
much many ever never often long last latest first next time times name names named call called calls
thing things kind sort type number day days date year years month months week weeks someone somebody
anyone anybody something anything everything already still again once actually really finally
please just also too even us today yesterday tomorrow tonight remember recall know known
get gets got gotten getting have had having go goes went gone going come came do did done make
makes made take took taken use used keep kept put want wanted need needed like own think thinking
thought decide decided choose chose chosen pick picked plan planned suggest suggested suggestion
recommend recommended recommendation advise advised advice propose proposed explain explained answer
answered reply replied describe described promise promised new old good best bring brought let see
begin start believe believed didn doesn haven hasn hadn wasn weren isn aren ain
"""
_GENERIC = _TALK | STOP_WORDS | frozenset(_GENERIC_WORDS.split())
#: What somebody did: the word behind an auxiliary and who it is of.
_WHO = r"(?:i|we|you|he|she|they|it)"
_WHOSE = rf"(?:{_WHO}|(?:my|our|the|his|her|their|your|an?)\s+[\w'-]+)"
_OFTEN = r"(?:(?:ever|already|just|once|first|last|really|actually|never|finally|still)\s+)*"
_DEED = re.compile(
    rf"\b(?:(?:did|do|does|have|has|had|will|would)\s+{_WHOSE}|(?:am|are|was|were)\s+{_WHO})\s+"
    rf"{_OFTEN}([a-z]+)"
)
#: Forms of English verbs that the index does not take for one word.
_FORMS = """
lose lost; buy bought; sell sold; give gave given; meet met; leave left; find found; lend lent;
send sent; pay paid; eat ate eaten; drink drank drunk; read; write wrote written; see saw seen;
fly flew flown; drive drove driven; ride rode ridden; run ran; win won; hide hid hidden; break broke
broken; teach taught; catch caught; spend spent; build built; sleep slept; feel felt; hear heard;
wear wore worn; grow grew grown; fall fell fallen; forget forgot forgotten; steal stole stolen; bite
bit bitten; tear tore torn; swim swam swum; sing sang sung; draw drew drawn; throw threw thrown;
choose chose chosen; wake woke woken; begin began begun; speak spoke spoken; hold held; hurt; cut;
shoot shot; stick stuck; swear swore sworn; freeze froze frozen; dig dug; feed fed; fight fought;
marry married; divorce divorced; die died dead; child children; wife wives; knife knives
"""
_FORMS_OF = {word: tuple(group.split()) for group in _FORMS.split(";") for word in group.split()}
#: Names of one thing, long and short.
_SAME = """
op operation; bike bicycle; tv telly television; fridge refrigerator; uni university;
pic picture photo; meds medication
"""
_SAME_AS = {word: tuple(group.split()) for group in _SAME.split(";") for word in group.split()}
#: A question about what one of the two once said to the other.
_PAST_SAYING = re.compile(
    r"\b(?:did|have|had|do|were|was) (?:i|we|you) "
    r"(?:\w+ly |ever |just |already |once |first |last |been |heard? me )*"
    r"(?:say|said|tell|told|mention\w*|talk\w*|discuss\w*|ask\w*|chat\w*|sp[eo]ak\w*|spoken?|"
    r"suggest\w*|recommend\w*|advise\w*|answer\w*|explain\w*|write|wrote|written)\b|"
    r"\b(?:i|we|you) (?:\w+ly |once |just |already |had |have |ever )*(?:said|told (?:you|me)|"
    r"mentioned|discussed|asked|talked|spoke|suggested|recommended)\b",
    re.IGNORECASE,
)
_INTERROGATIVE = re.compile(
    r"\s*(?:(?:so|and|but|hey|hi|vega|ok|okay|please)\W+)*(?:what|when|who|whose|whom|where|which|"
    r"how|did|do|does|have|has|had|is|are|am|was|were)\b",
    re.IGNORECASE,
)
#: "Have we ever talked about chess?", "Did I mention Marta?"
_WHETHER = re.compile(
    r"\s*(?:(?:so|and|but|hey|hi|vega|ok|okay)\W+)*(?:have|had|did)(?:n['’]t)? (?:i|we|you) "
    r"(?:ever |already |once |really |actually |just )*"
    r"(?P<verb>mention(?:ed)?|talk(?:ed)?|spoken?|speak|discuss(?:ed)?|say|said|tell|told|"
    r"chat(?:ted)?|ask(?:ed)?|writ(?:e|ten))"
    r"(?: (?:to |with )?(?:you|me|each other))?(?: anything| something)?(?: (?P<of>about|of|on))? "
    r"(?P<about>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
#: What is said of a thing, besides its name: "that Olu is leaving", "I would not run".
_CLAUSE = re.compile(
    r"^(?:that|if|whether|how|why|what|who|when|where|which)\b|"
    r"\b(?:not|never|i|we|he|she|they|you|it|am|is|are|was|were|be|been|has|have|had|do|does|did|"
    r"will|would|can|cannot|could|should|shall|must|might)\b|n['’]t\b",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|cannot|without)\b|n['’]t\b", re.I
)
#: In front of a verb's form it is no deed: "the lost ring", "my sister's rented flat".
_DETERMINER = re.compile(r"(?:the|an?|my|our|your|his|her|their|some|any|this|that|of|\w+['’]s)$")
_PAST_FORM = re.compile(r"[a-z]{2,}[^e\W]ed$")
_WORDS_NAMED = re.compile(r"^(?:the )?(?:words?|names?|phrase|term) (?=\S)", re.IGNORECASE)
#: The same as a statement that wants a nod: "I told you about the midges, didn't I?"
_STATED = re.compile(
    r"(?:(?:so|and|but|hey|hi|vega|ok|okay)\W+)*(?:(?:i (?:think|believe|guess|suppose)|i'm sure|"
    r"i am sure|surely|maybe|perhaps),? (?:that )?)?(?:i|we)(?:'ve| have| had)? "
    r"(?:already |once |just |surely |even )*(?P<verb>mentioned|talked|spoke|spoken|discussed|"
    r"said|told|chatted)(?: (?:to |with )?(?:you|me|each other))?(?: anything| something)? "
    r"(?P<of>about|of|on) (?P<about>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
#: What wants a nod behind a statement, or says why it is asked: nothing that is looked for.
_TAG = re.compile(
    r"(?:[\s,;.–-]+(?:did|have|had|do|was|were|are|is)n['’]?t (?:i|we|you|it|that)|"
    r"\s*[,;.–-]+\s*(?:(?:did|have|had|do|was|were|are|is) (?:i|we|you|it|that)|right|correct|yes|"
    r"no|yeah|(?:but |because )?i(?:['’]ve| have)? (?:just )?(?:forgot|forget|forgotten|"
    r"(?:can['’]?t|cannot|can not|don['’]?t|do not) (?:remember|recall|know))))[\s?!.]*$",
    re.IGNORECASE,
)
#: "the word Funchal": the word itself is meant.
_THE_WORD = re.compile(
    r"\b(?:the|a) (?:words?|name|phrase|term|expression)(?: of)? (?=[\w\"'“‘])", re.IGNORECASE
)
#: Of a longer question its two ends say what it asks for.
MOST_CHARS = 4_000


def ends(text: str, most_chars: int = MOST_CHARS) -> str:
    """The text, or of a longer one its beginning and its end."""
    half = most_chars // 2
    return text if len(text) <= most_chars else f"{text[:half]} {text[-half:]}"


def is_question(text: str) -> bool:
    """Whether something is asked for, as far as its form tells."""
    return bool(_ASKS.search(text))


def sought_words(text: str) -> list[str]:
    """The words by which an answer is looked for, in all their forms: not those that speak of the
    talk itself ("did I tell you"), unless there are no others."""
    return [form for word in asked_words(text) for form in forms_of(word)]


def asked_words(text: str) -> list[str]:
    """The same as they stand there."""
    found = words(_bare(text))
    return _naming(found) or found


def _bare(text: str) -> str:
    """Without what is nothing that is asked for."""
    found = _TAG.search(text)
    if found and is_interrogative(text):
        text = text[: found.start()]
    return _THE_WORD.sub("", text)


def names_something(text: str) -> bool:
    """Whether a question is about anything that could be looked for."""
    return bool(_naming(words(text)))


def _naming(found: list[str]) -> list[str]:
    return [word for word in found if word not in _TALK and word not in STOP_WORDS]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about: each thing in the forms that its word may have."""

    things: tuple[tuple[str, ...], ...] = ()
    #: What was done with them, where that says anything: "lose" of "Where did I lose my hat?"
    deeds: tuple[tuple[str, ...], ...] = ()


def subject_of(text: str, time_words: str = "") -> Subject:
    """What a question is about, besides the time that it speaks of in these words."""
    rest = _bare(text.casefold())
    if time_words:
        rest = rest.replace(time_words.casefold(), " ")
    done = {word for match in _DEED.finditer(rest) for word in words(match[1])}
    found = [word for word in dict.fromkeys(words(rest)) if word not in _GENERIC and len(word) > 1]
    things = tuple(forms_of(word) for word in found if word not in done)
    deeds = tuple(forms_of(word) for word in found if word in done)
    return Subject(things, deeds) if things else Subject(deeds)


def forms_of(word: str) -> tuple[str, ...]:
    """The word, and what it is in other tenses and numbers where only a list tells."""
    return tuple(dict.fromkeys((word, *_FORMS_OF.get(word, ()), *_SAME_AS.get(word, ()))))


def asks_for_the_past(text: str) -> bool:
    """Whether it asks for what was said here: "What did I tell you about the garden?" """
    return is_interrogative(text) and bool(_PAST_SAYING.search(text))


def asks_for_questions(text: str) -> bool:
    """Whether what was asked here is asked for: "What did I ask about TCP?" """
    return asks_for_the_past(text) and bool(re.search(r"\b(?:ask(?:ed)?|questions?)\b", text, re.I))


def is_interrogative(text: str) -> bool:
    """Whether its form is a question's: not "Remind me to call Ana"."""
    return text.rstrip().endswith(("?", "？", "؟")) or bool(_INTERROGATIVE.match(text))


@dataclass(frozen=True, slots=True)
class Whether:
    """Whether something was ever spoken of, as a question asks it."""

    about: str
    #: Whether it was asked, and not told: "Did I ask you where I parked?"
    is_asked: bool = False
    #: Whether a thing is named and no more: who says a word says by it nothing of what is said of
    #: it, as "Did I say that Kev left?" asks.
    is_topic: bool = True
    is_denied: bool = False
    #: Whether the thing itself is to have been told, and not of it: "Did you tell me a joke?"
    is_told_itself: bool = False
    #: "Did you tell me about it?": an answer tells of it that does not name it again.
    is_told_of: bool = False


def asked_whether(text: str) -> Whether | None:
    """What a question asks about whether it was ever spoken of; None for any other."""
    said = _bare(text).strip(" ?!.")
    match = _WHETHER.fullmatch(text.strip(" ?!."))
    if match is None and text.rstrip().endswith("?"):
        match = _STATED.fullmatch(said)
    if match is None:
        return None
    about = match["about"]
    named = _WORDS_NAMED.sub("", about) if match["of"] is None else about
    is_topic = named != about or not _is_clause(about)
    verb = match["verb"].lower()
    if match["of"] is None and named == about and verb.startswith(("say", "said", "t", "writ")):
        is_topic = is_topic and len(about.split()) == 1
    is_denied = _DENIAL.search(about) is not None
    is_told_itself = match["of"] is None and verb.startswith(("t", "writ"))
    return Whether(
        about=named,
        is_asked=verb.startswith("ask"),
        is_topic=is_topic and not is_denied,
        is_denied=is_denied,
        is_told_of=match["of"] is not None and not verb.startswith("ask"),
        is_told_itself=is_told_itself and not verb.startswith("talk") and not _is_clause(about),
    )


def _is_clause(about: str) -> bool:
    if _CLAUSE.search(about):
        return True
    found = about.lower().split()
    return any(
        (word in _FORMS_OF or _PAST_FORM.match(word)) and not _DETERMINER.match(before)
        for before, word in pairwise(found)
    )


def asks_for_time_alone(text: str, expression: TimeExpression) -> bool:
    """Whether the question is about all that was said then: "What did I ask you this morning?" """
    rest = _bare(subject(text, expression))
    left = [word for word in words(rest) if word not in STOP_WORDS and word not in _NO_SUBJECT]
    return not left and is_question(text)


def asks_what_was_said(text: str) -> bool:
    """Whether the question is about what was said, so that its time is the time of the talk: "What
    did I say about the garden yesterday?", not "When does the train go tomorrow?"."""
    found = set(re.findall(r"[a-z]+", text.casefold()))
    return bool(found & _SAYING) and bool(_BY_US.search(text)) and is_question(text)
