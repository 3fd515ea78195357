"""A question as it is typed in haste, or put in other words, in the form that the rules read.

`What s my wifes name` is "What's my wife's name", `I forgot my own birthday, when is it?` is "when
is my birthday?", `I live in Graz, right?` is "do I live in Graz?".
"""

import re

from vega.core.facts.attributes import OTHER_WORDS, PETS, RELATIONS
from vega.core.facts.rule import any_of
from vega.core.patterns import Pattern

_ONE = any_of(RELATIONS | PETS | set(OTHER_WORDS))
_OWNED = r"(?:names?|birthday|age|job|breed|fav\w*|phone|shoe|address|house|hometown|hobby)"
_FORGOT = (
    r"i(?:'ve| have)? (?:just |totally |completely |always |keep )?(?:forgot|forget|forgotten|"
    r"forgetting|can't remember|cannot remember|don't remember|do not remember|can't recall|"
    r"don't recall)"
)
_WH = r"(?:what|when|who|where|which|how)"
_IS = r"(?:'s| is| was| are| were)"
_INVERTED = Pattern(
    r"(?:i(?:'m| am) (?P<am>.+)|i was (?P<was>.+)|i (?P<can>can|may|should) (?P<can_do>.+)|"
    r"i have (?P<have>.+)|"
    r"i (?P<do>\w+.*)|(?P<my>(?:my|our) .+?) (?P<is>is|are|was|were) (?P<value>.+))",
    re.IGNORECASE,
)
#: (what is typed, what is meant); one after the other.
_MEANT = tuple(
    (Pattern(typed, re.IGNORECASE), meant)
    for typed, meant in (
        (r"\b(?:wat|wht|wot)(?='?s?\b)", "what"),
        # A thing at hand, by no name that the world would know.
        (
            r"^what(?:'s|s| is| was) (?:the|our) (?=(?:wi-?fi|door|alarm|gate|garage)? ?"
            r"(?:password|passcode|pin|pin code|door code|code)(?: again)?[?.!]*$)",
            "what's my ",
        ),
        (r"\b(what|who|where|when|how)s\b(?= (?:my|our|the|your|his|her|that)\b)", r"\1's"),
        (r"\b(what|who|where|when|how) s\b", r"\1's"),
        (r"\b(what are (?:my|our)) ([\w-]+s) names\b", r"\1 \2' names"),
        (r"\bu\b", "you"),
        (r"\bur\b", "your"),
        (r"\bim\b", "I'm"),
        (r"\bb-?day\b", "birthday"),
        (r"\b(?:fave|favourit|favorit|favroite|favorate|faverite|favrite|favortie)\b", "favorite"),
        (r"\b(my|our) (?:very )?own\b", r"\1"),
        (rf"\b(my|our) ({_ONE}) ?s (?={_OWNED}\b)", r"\1 \2's "),
        (r"^(?:yo|hiya|heya|psst|dude|um+|uh+|erm*|hmm+)[,.! ]+(?=\w)", ""),
        (r"^(?:would you know|do you have|have you got) (?=my\b)", "do you know "),
        # What leads to a question, and what follows it.
        (rf"^{_FORGOT}(?: it| that)?[.!,;:]+ (?={_WH}\b)", ""),
        (rf",? {_FORGOT}(?: it| that)?(?=[?.!]*$)", ""),
        (
            rf"^(?:(?:sorry|damn|oh no|help|hmm+|wait)[,.! ]+)?{_FORGOT} (?:about )?(my .+?) ?"
            rf"[,;:.!-]+ (?:so )?({_WH})(?: one)?{_IS} "
            r"(?:it|that|this|he|she|they)(?: again)?(?=[?.!]*$)",
            r"\2 is \1",
        ),
        (
            rf"^(?:(?:sorry|hmm+|wait)[,.! ]+)?(?:{_FORGOT}|(?:do you have )?any idea|i wonder|"
            rf"(?:do|did) you happen to (?:know|remember)|what do you think) "
            rf"(?=(?:{_WH}|if|whether)\b)",
            "tell me ",
        ),
        (
            r"^(?:(?:now|please) )?(?:say|guess|give me|show me|"
            r"(?:name|list)(?: all)?(?= my (?!fav))) (?=my\b)",
            "tell me ",
        ),
        (r"^(?:and )?(?:what|how) about (?=my\b)", "tell me about "),
        (r"^and (?=my \w+\?$)", "tell me about "),
        (r"^am i not\b", "am i"),
        (r"^do we (?=(?:still |even )?(?:have|own)\b)", "do i "),
        (r"^(?:the )?(name|names) of (?=(?:my|our) [\w' -]+\?)", r"tell me the \1 of "),
    )
)
_NEGATED = Pattern(r"^(is|are|was|were|(?:do|did|have)(?=n't i\b))n't (?=\w)", re.IGNORECASE)
_WHETHER = Pattern(
    r"(?:(?:(?:do|can|could) you (?:still )?(?:know|remember|recall|tell me)|tell me) "
    r"(?:if|whether)|is it (?:true|right|correct|so) that) (?P<said>.+)",
    re.IGNORECASE,
)
_TAGGED = Pattern(
    r"(?:(?:so|and|but|wait|well),? )*(?P<said>(?:i|i'm|my|our) .+?), ?"
    r"(?:right|correct|yes|no|(?:is|are|do|don|isn|aren|am)"
    r"(?:'t)? (?:it|i|he|she|they|that right|not))\?+",
    re.IGNORECASE,
)
#: A thing of the owner's by its name alone.
_BARE = Pattern(
    r"(?P<my>(?:my|our) (?:.+\?|fav(?:ou?rite)? .+))|fav(?:ou?rite)? [\w' -]+\?", re.IGNORECASE
)
#: More words are rather a statement that is cut short: "My favorite movie Titanic".
MAX_BARE_WORDS = 4
MAX_BARE_ASKED_WORDS = 6


def as_meant(prompt: str) -> str:
    """The prompt in plain words, as a question where it is one."""
    text = prompt.strip().replace("’", "'")
    if text.isupper() and len(text.split()) > 1:
        text = text.lower()
    text = _NEGATED.sub(r"\1 ", text)
    for pattern, meant in _MEANT:
        text = pattern.sub(meant, text)
    for pattern in (_WHETHER, _TAGGED):
        match = pattern.fullmatch(text.rstrip(".!") if pattern is _WHETHER else text)
        asked = _inverted(match["said"].rstrip(" ?")) if match else None
        if asked:
            return asked
    return text


def named_alone(asked: str, *, is_asked: bool) -> str | None:
    """The question that a thing of the owner's by its name alone is: "favorite color?"."""
    match = _BARE.fullmatch(f"{asked}?" if is_asked else asked)
    most = MAX_BARE_ASKED_WORDS if is_asked else MAX_BARE_WORDS
    is_thing = is_asked or asked[1:].islower()
    if match is None or not is_thing or len(asked.split()) > most:
        return None
    return f"what is {asked if match['my'] else f'my {asked}'}"


def _inverted(said: str) -> str | None:
    """What is said of the owner, as a question."""
    match = _INVERTED.fullmatch(said)
    if match is None:
        return None
    if match["am"]:
        return f"am I {match['am']}?"
    if match["was"]:
        return f"was I {match['was']}?"
    if match["can"]:
        return f"{match['can']} I {match['can_do']}?"
    if match["have"]:
        return f"do I have {match['have']}?"
    if match["do"]:
        return f"do I {match['do']}?"
    return f"{match['is']} {match['my']} {match['value']}?"
