"""What was said, quoted: short, in one line, and by the passage that matters."""

import re
from collections.abc import Sequence

from vega.core.facts.sentences import shown
from vega.core.importing import Role
from vega.core.telling.extract import sentence_parts
from vega.core.words import STOP_WORDS, stems, words

#: Of one quotation.
MOST_CHARS = 240
#: Of one of many in a list.
MOST_LISTED_CHARS = 120
_QUOTES = re.compile(r"[\"“”„]")
_MARKS = re.compile(r"^\s*(?:#{1,6}|[-*+>])\s+|\*\*|__|`+", re.MULTILINE)


def quote(text: str, most: int = MOST_CHARS) -> str:
    """In quotation marks and in one line, its beginning where it is long."""
    line = _QUOTES.sub("'", " ".join(_MARKS.sub("", shown(text)).split()))
    if len(line) > most:
        line = line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + " …"
    return f'"{line}"'


def passage(text: str, asked: str, most: int = MOST_CHARS) -> str:
    """The sentences of a text that hold the most of what is asked for, with those behind them as
    far as there is room."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    wanted = stems(set(words(asked)) - STOP_WORDS)
    parts = [part.strip() for part in sentence_parts(text) if part.strip()]
    if not parts:
        return line

    def score(at: int) -> tuple[int, int]:
        return len(wanted & stems(words(parts[at]))), -at

    best = max(range(len(parts)), key=score)
    kept = parts[best]
    for part in parts[best + 1 :]:
        if len(kept) + len(part) + 1 > most:
            break
        kept = f"{kept} {part}"
    return kept


def capital(text: str) -> str:
    """As it stands at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """As it stands within a sentence."""
    return text[:1].lower() + text[1:]


def said_verb(role: Role, text: str) -> str:
    """ "you asked", "you said", "I answered"."""
    if role is Role.ASSISTANT:
        return "I answered"
    return "you asked" if is_question(text) else "you said"


#: So what is told begins as well: "Can't get her to sleep", "When I was in Rome I met Ana".
_TOLD = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|vega|so|and|well)[,!.]? )*(?:"
    r"can['’]t (?!you\b|i\b|we\b|he\b|she\b|it\b|they\b|the\b|this\b|that\b|my\b)|"
    r"(?:can|could|would|will|should|may|might) (?:not|hardly|barely|only|never|finally|soon)\b|"
    r"(?:what an? |how (?:nice|lovely|funny|strange|sad|great|cute|annoying)\b)|"
    r"(?:when|where|while) (?:i|we|he|she|they|my \w+) (?!(?:do|does|did|can|should)\b)[^,]*, "
    r"(?!what|who|where|when|which|how|did|do|is|are|can|should)|"
    r"which (?:reminds|means|is why)\b|"
    r"have (?:to|a|an|been|got|no|some|finally|just|lost|found|decided|started)\b|"
    r"had (?:to|a|an|been|no|some|such|lunch|dinner|breakfast|another|the|my)\b|"
    r"(?:was|were|am|is|are) (?:at|in|on|so|too|very|back|home|not|off|out|up|still|again)\b|"
    r"am (?:going|doing|getting|making|working|thinking|feeling|trying)\b"
    r")",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:if|would|could|might|were i|imagine|suppose|pretend|wish|dreamt?|used to)\b|"
    r"[\"“].*\bmy\b.*[\"”]|\b(?:said|says|asked|wrote)[,:]? ['‘]",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|vega|so|and|please|well)[,!.]? )*"
    r"(?:what|who|whose|whom|which|when|where|why|how|can|could|would|will|should|is|are|am|was|"
    r"were|do|does|did|have|has|may|might|tell me|show me|give me|remind me|explain|suggest|"
    r"recommend|help me|find|list|write|translate|summari[sz]e)\b",
    re.IGNORECASE,
)


def is_supposed(text: str) -> bool:
    """Whether it may tell what is not so: a wish, a condition, another's words."""
    return _SUPPOSED.search(text) is not None


def is_question(text: str) -> bool:
    """Whether it asks for something."""
    line = text.strip()
    if line.endswith(("?", "？", "؟")):
        return True
    return _QUESTION.match(line) is not None and _TOLD.match(line) is None


_ORDERS = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|vega|so|and|please|well)[,!.]? )*"
    r"(?:tell me|show me|give me|remind me|explain|suggest|recommend|help me|find|list|write|"
    r"translate|summari[sz]e)\b",
    re.IGNORECASE,
)


def is_asked(text: str) -> bool:
    """Whether it is a question by its form, and no request: "Remind me to water the ficus"."""
    is_order = _ORDERS.match(text.strip()) is not None and not text.rstrip().endswith("?")
    return is_question(text) and not is_order


def listed(clauses: Sequence[str]) -> str:
    """ "one", "one and two", "one, two and three"."""
    *others, last = clauses
    return f"{', '.join(others)} and {last}" if others else last
