"""A prompt as bare sentences: without greetings, courtesies and end marks."""

import re
import unicodedata
from collections.abc import Iterator

from vega.core.patterns import Pattern

_OPENING = Pattern(
    r"(?:(?:(?:hey|hi|hello)(?: there)?|good (?:morning|afternoon|evening)|"
    r"(?:morning|afternoon|evening)(?=[,!.])|ok(?:ay)?|well|so|oh|"
    r"yes|no|and|also|sorry|oops|oh no|wait|correction|i mean|"
    r"actually|by the way|btw|fyi|please|vega|(?:it's )?nice to meet you|just so you know|"
    r"for (?:the|your) record|"
    r"(?:(?:please )?(?:remember|note|know)|i (?:just )?want you to (?:know|remember)|i think|"
    r"i(?:'d| would) like you to (?:know|remember)|did you know|you should know|"
    r"(?:i )?(?:just )?wanted to (?:tell you|say))(?: that)?)"
    r"(?=[\s,:;!.-]|$)[\s,:;!.-]*)+",
    re.IGNORECASE,
)
_COURTESY = Pattern(
    r"(?:thanks|thank you(?: very much)?|(?:please )?(?:remember|keep|note) (?:it|that|this)"
    r"(?: in mind)?|don'?t forget(?: it| that| this)?|"
    r"(?:it's )?(?:nice|pleased|good|great|happy|glad) to (?:meet|see) you|cheers)",
    re.IGNORECASE,
)

_UNSEEN = ("Cc", "Cf", "Co", "Cs")


def shown(text: str) -> str:
    """The text without what is not seen of it: control and format characters, as those that turn
    the direction of writing. White space and the joiners of scripts and emoji stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char
        for char in text
        if char in "\n\t\r\x0b\x0c\u200c\u200d" or unicodedata.category(char) not in _UNSEEN
    )


def only_sentence(prompt: str) -> str:
    """The bare sentence of a prompt that has one beside courtesies; empty for any other."""
    said = [rest for sentence in sentences(prompt) if not is_courtesy(rest := bare(sentence))]
    return said[0] if len(said) == 1 else ""


def is_courtesy(rest: str) -> bool:
    return not rest or _COURTESY.fullmatch(rest) is not None


def sentences(prompt: str) -> Iterator[str]:
    """Sentences with their end marks; a dot after an initial or a title ends none."""
    text = shown(prompt).replace("’", "'")
    text = re.sub(r"\b((?i:Dr|Mr|Mrs|Ms|Mx|St|Jr|Sr|Prof)|[A-Z])\.(?=\s)", "\\1\x00", text)
    # In haste the space is left out: "my favorite color is blue.my name is bob".
    for part in re.split(r"(?<=[.!?])\s+|(?<=[a-z][.!?])(?=(?:my|My|i'm|what|call) ?)|\n+", text):
        if part.strip():
            yield part.strip().replace("\x00", ".")


def bare(sentence: str) -> str:
    """The sentence without greeting, address and end mark."""
    rest = re.sub(r"[\s.!?]+$", "", sentence) if not _ends_in_initial(sentence) else sentence
    opening = _OPENING.match(rest)
    rest = rest[opening.end() :] if opening else rest
    return re.sub(r",? (?:vega|please|thanks|thank you)$", "", rest, flags=re.IGNORECASE).strip()


def _ends_in_initial(sentence: str) -> bool:
    return re.search(r"\b(?:[A-Z]|[JS]r)\.$", sentence) is not None
