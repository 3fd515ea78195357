"""What a prompt states about its owner, and what it asks of that: rules for plain English.

The rules are careful rather than clever. They read sentences that are nothing but a statement
("My name is Ana", "Hey Vega, my favourite color is blue now"), never what is quoted, supposed,
asked or handed over to be worked on, because a wrong fact is worse than a missed one.
"""

import re
from dataclasses import dataclass

from vega.core import values
from vega.core.memory import Statement
from vega.core.sentences import bare, is_courtesy, only_sentence, sentences

#: Longer than this a prompt is a text, and its owner does not introduce themselves in it.
MAX_PROMPT_CHARS = 2_000
MAX_VALUE_CHARS = 80
MAX_VALUE_WORDS = 10


@dataclass(frozen=True, slots=True)
class Said:
    """One statement with the words that it was said in: "name", "is", "Ana"."""

    statement: Statement
    phrase: str
    verb: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a prompt states, and whether it says nothing else."""

    said: tuple[Said, ...] = ()
    is_all: bool = False

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(said.statement for said in self.said)


@dataclass(frozen=True, slots=True)
class Question:
    """What a prompt asks of the owner's facts: "favorite color", in the owner's words."""

    attribute: str
    phrase: str
    verb: str
    #: "Do you remember …?" wants a yes or no first.
    wants_yes: bool = False
    #: "Is my favorite color blue?" names a value.
    value: str | None = None


#: From here on the prompt hands over a text or a task, whose "my" need not be the owner's.
_TASK = re.compile(
    r"\b(?:translate|summari[sz]e|rewrite|rephrase|paraphrase|proofread|correct|edit|write|draft|"
    r"compose|pretend|imagine|suppose|act as|role-?play|story|poem|lyrics|letter|e-?mail|"
    r"says?|said|quote|example|if)\b|[:>`]\s*$|^\s*>|```",
    re.IGNORECASE,
)
#: An order to work on what follows, a role to be played, a text's beginning; as a sentence begins.
_HANDS_OVER = re.compile(
    r"(?:(?:please|now|just|then|(?:can|could|would|will) you|i (?:want|need) you to) )*"
    r"(?:print|repeat|convert|explain|consider|finish|complete|continue|read|copy|echo|say|spell|"
    r"analy[sz]e|parse|count|check|fix|improve|shorten|expand|answer|respond|reply|transcribe|type|"
    r"output|rate|review|critique|polish|reword|simplify|compare|format|encode|decode|reverse|"
    r"sort|split|replace|play|let's|lets|be|become|use|turn|change|put|assume|speak|talk|recite|"
    r"sing|paste|interpret|judge|evaluate|grade|identify|classify|extract|tag|annotate|define|"
    r"introduce|generate|create|make|return|take|here(?:'s| is| are)|below (?:is|are)|"
    r"(?:the )?following|once upon|dear|in this|this is an?|your (?:name|role|task|job) is|"
    r"(?:from now on,? )?you(?:'re| are| will be) (?:now )?(?:an?|the|my|[A-Z]\w+))\b",
    re.IGNORECASE,
)
#: A question about a text at hand: "Is this sentence right?"
_OF_A_TEXT = re.compile(r"\b(?:this|these|following|below)\b.*\?", re.IGNORECASE | re.DOTALL)
#: What was just said does not hold: "Just kidding", "No, blue".
_TAKEN_BACK = re.compile(
    r"(?:(?:oh|wait|sorry|haha|no|well|ok|actually)[,.! ]+)*(?:(?:i'm |i am |i was )?"
    r"(?:just |only )?(?:kidding|joking|lying)|jk|just a joke|not|nope|no|scratch (?:that|it)|"
    r"never ?mind|(?:please )?(?:forget|ignore|delete|disregard) (?:it|that|this|what i)|"
    r"(?:please )?(?:do not|don'?t|never) (?:remember|save|store|keep|record|believe)|i lied|"
    r"that(?:'s| is| was) (?:a lie|a joke|wrong|not true|false)|psych|sike|april fools?|i mean[t]?|"
    r"wait|sorry|oops|correction|or (?:maybe|rather)|maybe (?:not)?|rather|strike that)"
    r"\b[\s,:;.!-]*",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:or|either|neither|nor|maybe|perhaps|probably|possibly|presumably|idk|i guess|i think|"
    r"i suppose|depends|depending|not sure|unsure|isn't it|is it not|aren't they|innit|supposedly|"
    r"just kidding|jk|kidding|joking|forget it|forget that|(?:do not|don'?t|never) remember)\b|"
    r"[,.]? (?:not|NOT|right)$"
)
#: In what follows a value, these ask for more than to be remembered.
_ASKS_MORE = re.compile(r"\b(?:what|how|why|yours|can you|could you)\b", re.I)
_NO_THING = (
    r"(?!(?:and|or|but|before|after|why|when|if|was|were|is|are|because|he|she|they|i|it)\b)"
)
_THING = rf"(?P<thing>{_NO_THING}[^\W\d_][\w'&-]*(?: {_NO_THING}[\w'&-]+){{0,3}}?)"
#: "My favorite teacher thinks Bob …": no noun, and the words behind it are another's.
_REPORTS = re.compile(
    r" (?:thinks?|thought|says?|said|knows?|knew|believes?|told|tells|claims?|hopes?|feels?|won|"
    r"lost|wrote|sings?|plays|played)\b",
    re.IGNORECASE,
)
_FAVORITE = rf"my (?P<favorite>favou?rite|fav) {_THING}"
_NAME = r"my (?P<name>(?:first |last |middle |full |nick)?name)"
_ADVERB = (
    r"(?:(?:now|actually|really|still|definitely|currently|always|has always been|also|of course|"
    r"obviously|certainly|simply|absolutely|clearly|indeed|by far|hands down|without a doubt),? )"
    r"{0,3}"
)
_STATEMENTS = (
    re.compile(rf"{_NAME}(?:'s| (?P<verb>is)) {_ADVERB}(?P<value>.+)", re.IGNORECASE),
    re.compile(
        rf"{_FAVORITE} (?:has |have )?(?:just )?(?:changed|is changed) to (?P<value>.+)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_FAVORITE}(?:'s| (?P<verb>is|are)) {_ADVERB}(?:called |named )?(?P<value>.+)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?P<first>[\w'’-]+(?: [\w'’-]+){{0,3}}) (?P<verb>is|are) {_ADVERB}{_FAVORITE}(?: now)?",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:(?:you|u) (?:can|may) |please |just )*(?:call me|i'm called|i am called|i go by|"
        r"(?:people|friends|everyone|everybody|my friends) calls? me) (?P<called>.+)",
        re.IGNORECASE,
    ),
)
_NEXT_STATEMENT = re.compile(
    r"[,;]?\s(?:and|but|so|&)\s(?:also\s)?(?=(?:my|(?:please |just |you can |you may )?call me|"
    r"i'm called|i go by|(?:my )?(?:everyone|people|friends) calls? me)\b)|"
    r"[,;]\s(?=(?:my|(?:please |just |you can |you may )?call me|i go by|everyone calls me)\b)",
    re.IGNORECASE,
)
#: Where a value ends, in lower case: with capitals such words are a title's ("The King and I").
_VALUE_END = re.compile(
    r",? (?:because|since|as it|though|although|but|which|so please|so you|ever since|until|"
    r"whenever|and (?:my|what|how|who|where|when|why|it|its|it's|he|she|they|you|yours|hers|his|"
    r"mine|that|"
    r"that's|thanks|nice|please)|(?:and )?(?:what|what's|how|how's)|"
    r"(?:(?:and|&) )?(?:i|we|im|i'm|i've|I'm|I've|I'd)|(?:and )?I(?= [a-z]))\b.*| & I .*|"
    r",? (?:and )?not .+|"
    r", (?:nice|pleased|thanks|please|i|it|by|btw|what|how|hope|you|just|so|ok|okay|and you|"
    r"remember|always|obviously|definitely|actually|of course|clearly|love|sometimes|can|could|"
    r"translate|"
    r"write|tell|give|show|help|she|he|they|is|are|do)\b.*|"
    r"\s*[;–—].*| \(.*| -+ (?![A-Z0-9]).*| -+ (?:Nice|Thanks|Pleased|What|How|I|It)\b.*|"
    r",? (?:now|right now|today|these days|nowadays|by the way|btw|please|too|anymore|again|lately|"
    r"lol|lmao|haha|hehe|xd|tbh|imo|imho|ofc|of course|obviously|for sure|for real|for now|"
    r"at the moment|at present|at least|so far|by far|hands down|of all time|ever|as always|"
    r"as usual|as well|as of .{1,20}|(?:this|these) (?:week|month|year|season|summer|winter)|"
    r"actually|"
    r"definitely|really|indeed|always|thanks|thank you|remember|everyone|everybody|all)[ .!]*$|"
    r"\s+(?:[:;=8xX]['-]?[()DPpOo3/]+|<3|\^_*\^)$",
    re.DOTALL,
)
_EMOJI_END = re.compile(r"(?<=\w)[\s.!,]*[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]+$")
#: What a person adds to a name: "Bob, 30, from Rome"; a suffix stays.
_NAME_END = re.compile(r",(?! (?:[JS]r\b|I{2,3}\b|IV\b|PhD\b|MD\b)).*| from .*| -+ .*", re.DOTALL)
_ASKED = rf"(?:{_FAVORITE}|{_NAME})"
_ASK_END = r"(?: (?:again|now|please|currently|called))*"
_QUESTIONS = (
    re.compile(rf"(?:what|which|who)(?:'?s| (?P<verb>is|are|was|were)) {_ASKED}{_ASK_END}", re.I),
    re.compile(
        r"(?P<yes>(?:do|can|could) you (?:still |even )?(?:know|remember|recall))"
        rf" (?:what |which |who )?{_ASKED}(?: (?P<verb>is|are|was|were))?{_ASK_END}",
        re.I,
    ),
    re.compile(
        r"(?:(?:can|could|would|will) you )?(?:please )?(?:tell|remind) me (?:again )?"
        rf"(?:what |of |about )?{_ASKED}(?: (?P<verb>is|are|was|were))?{_ASK_END}",
        re.I,
    ),
    re.compile(
        rf"what did i (?:say|tell you)(?: that)? {_ASKED} (?P<verb>is|are|was|were){_ASK_END}", re.I
    ),
    re.compile(rf"(?:what|which) {_THING} (?P<verb>is|are) my (?P<favorite>favou?rite|fav)", re.I),
    re.compile(rf"(?:what|which) {_THING} do i (?:like|love|prefer) (?:the )?(?:best|most)", re.I),
    re.compile(rf"(?P<verb>is|are) {_ASKED} {_ADVERB}(?P<value>[^?]+)", re.I),
)
_WHO_IS_VEGA = re.compile(
    r"(?:who|what)(?: exactly)? are you|what(?:'?s| is) your name|what can you do(?: for me)?|"
    r"(?:please )?introduce yourself|tell me about yourself",
    re.IGNORECASE,
)
_WHO_AM_I = re.compile(r"(?:who am i|what am i called|what do you call me)", re.IGNORECASE)
#: "What is my favorite movie about?", "… color in French?": such a thing is more than a thing.
_MORE_THAN_A_THING = re.compile(
    r"'s?\b|\b(?:last|next|this|yesterday|today|tomorrow|tonight|yet|made|worth|like)\b|"
    r"\bin (?:\w+(?:ish|ese)|french|german|italian|russian|arabic|hindi|dutch|greek|latin|korean|"
    r"rgb|hex|cmyk|another|other|different|\w+ (?:language|words?|letters))\b|"
    r" (?:about|to|from|for|with|at|on|in|of|by|up|until|doing|playing|wearing|dating|selling|"
    r"serving|known|worth|\w+ed)\b"
    r"(?=$| (?:to|for|by|in|with|at|as)\b)",
    re.IGNORECASE,
)
_SPELLINGS = {"favourite": "favorite", "fav": "favorite", "colour": "color", "colours": "colors"}


def read_statements(prompt: str) -> Reading:
    """What the prompt states about its owner."""
    if len(prompt) > MAX_PROMPT_CHARS:
        return Reading()
    said: list[Said] = []
    is_all = True
    for sentence in sentences(prompt):
        taken_back = _TAKEN_BACK.match(sentence) if said else None
        rest = bare(sentence)
        found, is_only = ([], False) if _asks(sentence) else _statements(rest)
        if not found and _is_task(sentence, rest):
            is_all = False
            break
        if is_courtesy(rest):
            continue
        if taken_back and not found:
            said.clear()
            rest = bare(sentence[taken_back.end() :])
            found = [] if _asks(sentence) else _statements(rest)[0]
            is_all = False
        said += found
        is_all = is_all and bool(found) and is_only
    return Reading(tuple(said), is_all and bool(said))


def read_question(prompt: str) -> Question | None:
    """What the prompt asks of its owner's facts, if it asks nothing else."""
    asked = _only_sentence(prompt)
    if _WHO_AM_I.fullmatch(asked):
        return Question("name", "name", "is")
    for pattern in _QUESTIONS:
        match = pattern.fullmatch(asked)
        if match:
            return _question(match)
    return None


def asks_who_vega_is(prompt: str) -> bool:
    """Whether the prompt asks Vega to introduce itself, and nothing else."""
    return _WHO_IS_VEGA.fullmatch(_only_sentence(prompt)) is not None


def _only_sentence(prompt: str) -> str:
    return only_sentence(prompt) if len(prompt) <= MAX_PROMPT_CHARS else ""


def _question(match: re.Match[str]) -> Question | None:
    """What is asked; None where it is about the world: "Is my favorite restaurant open?"."""
    words = match.groupdict()
    if words.get("thing") and _MORE_THAN_A_THING.search(words["thing"]):
        return None
    verb = (words.get("verb") or "is").lower().replace("was", "is").replace("were", "are")
    phrase = _phrase(words)
    is_yes = bool(words.get("yes"))
    attribute = _attribute(phrase, verb)
    if not words.get("value"):
        return Question(attribute, phrase, verb, is_yes)
    choices = re.split(r",? or ", words["value"])
    named = [_value({**words, "value": one}, "value") for one in choices]
    if None in named:
        return None
    # "Blue or green?" is answered with what is known, not with yes or no.
    return Question(attribute, phrase, verb, is_yes, named[0] if len(named) == 1 else None)


def _asks(sentence: str) -> bool:
    return "?" in sentence[len(sentence.rstrip("?! .")) :]


def _is_task(sentence: str, rest: str) -> bool:
    """Whether the sentence hands over what follows; an open quotation does, too."""
    is_open = sum(sentence.count(mark) for mark in '"“”') % 2 == 1
    return bool(
        is_open
        or sentence.endswith(('"', "”"))
        or _TASK.search(sentence)
        or (_HANDS_OVER.match(rest) and not is_courtesy(rest))
        or _OF_A_TEXT.search(sentence)
    )


def _statements(rest: str) -> tuple[list[Said], bool]:
    """The statements that the words begin with, and whether nothing more is asked behind them."""
    found: list[Said] = []
    is_only = True
    while rest:
        following = _NEXT_STATEMENT.search(rest)
        clause = rest[: following.start()] if following else rest
        one = _said(clause)
        if one is None:
            return found, is_only and not _ASKS_MORE.search(rest)
        said, tail = one
        if _TASK.search(tail):
            # The sentence itself is what is to be worked on.
            return [], False
        is_only = is_only and not _ASKS_MORE.search(tail)
        found.append(said)
        rest = rest[following.end() :] if following else ""
    return found, is_only


def _said(clause: str) -> tuple[Said, str] | None:
    """The statement that the clause is, and what follows its value."""
    for pattern in _STATEMENTS:
        match = pattern.fullmatch(clause)
        if match is None:
            continue
        words = match.groupdict()
        group = next(one for one in ("value", "called", "first") if words.get(one))
        if _DOUBT.search(words[group].lower()) or _REPORTS.search(f" {words.get('thing')}"):
            return None
        value = _value(words, group)
        if value is None:
            return None
        verb = (words.get("verb") or "is").lower()
        phrase = "name" if words.get("called") else _phrase(words)
        tail = words[group][words[group].index(value) + len(value) :]
        return Said(Statement(_attribute(phrase, verb), value), phrase, verb), tail
    return None


def _value(words: dict[str, str | None], group: str) -> str | None:
    """The value in the owner's words; None where the words give none."""
    text = words[group] or ""
    about = words.get("name") or words.get("favorite") or "name"
    if group == "first" and not text.isupper():
        # A sentence begins with a capital, whatever it says.
        is_good = values.is_favorite(text[0].lower() + text[1:], str(words["thing"]))
        return text if is_good and _is_short(text) else None
    if words.get("favorite"):
        return _favorite(text, str(words["thing"]), about.islower())
    value = _NAME_END.sub("", _cut(text, about.islower())).strip("\"'“”*_ ").rstrip("!,;:")
    is_good = (
        values.is_call_name(value) if group == "called" else values.is_name(value, about.islower())
    )
    return value if is_good and _is_short(value) else None


def _favorite(text: str, thing: str, case_speaks: bool = True) -> str | None:
    """The favourite thing that the words name; None where they name none."""
    if values.is_quoted(text.strip()):
        value = text.strip()[1:-1].strip()
        return value if _is_short(value) and any(char.isalnum() for char in value) else None
    value = _cut(text, case_speaks).strip("\"'“”*_ ").rstrip("!,;:")
    for candidate in (value, value.split(", ")[0]):
        if _is_short(candidate) and values.is_favorite(candidate, thing, case_speaks):
            return candidate
    return None


def _is_short(value: str) -> bool:
    is_one = 0 < len(value) <= MAX_VALUE_CHARS and len(value.split()) <= MAX_VALUE_WORDS
    return is_one and "?" not in value and value == value.strip()


def _cut(text: str, case_speaks: bool) -> str:
    """The text without what a person adds to a value: "for now", "and I like red", "lol"."""
    value = text.strip()
    while True:
        lower = value.lower()
        read = value if case_speaks or len(lower) != len(value) else lower
        end = _VALUE_END.search(read) or _EMOJI_END.search(read)
        if end is None or end.start() == 0:
            return value
        value = value[: end.start()].strip()


def _phrase(words: dict[str, str | None]) -> str:
    """What is spoken of, in the owner's spelling: "name", "favourite colour"."""
    if words.get("name"):
        return str(words["name"]).lower()
    favorite = (words.get("favorite") or "favorite").lower()
    return f"{'favorite' if favorite == 'fav' else favorite} {words['thing']}"


def _attribute(phrase: str, verb: str) -> str:
    """One name for one thing: "favourite colours" that "are" is "favorite color"."""
    words = [_SPELLINGS.get(word, word) for word in phrase.lower().split()]
    if verb == "are":
        words[-1] = values.singular(words[-1])
    return " ".join(words)
