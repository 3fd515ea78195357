"""What was said, quoted: short, in one line, and by the passage that matters."""

import re
from collections.abc import Sequence

from vega.core.importing import Role
from vega.core.telling.extract import sentence_parts
from vega.core.words import STOP_WORDS, words

#: Of one quotation.
MOST_CHARS = 240
#: Of one of many in a list.
MOST_LISTED_CHARS = 120
_QUOTES = re.compile(r"[\"“”„]")
_MARKS = re.compile(r"^\s*(?:#{1,6}|[-*+>])\s+|\*\*|__|`+", re.MULTILINE)


def quote(text: str, most: int = MOST_CHARS) -> str:
    """In quotation marks and in one line, its beginning where it is long."""
    line = _QUOTES.sub("'", " ".join(_MARKS.sub("", text).split()))
    if len(line) > most:
        line = line[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:-") + " …"
    return f'"{line}"'


def passage(text: str, asked: str, most: int = MOST_CHARS) -> str:
    """The sentences of a text that hold the most of what is asked for, with those behind them as
    far as there is room."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    wanted = set(words(asked)) - STOP_WORDS
    parts = [part.strip() for part in sentence_parts(text) if part.strip()]
    if not parts:
        return line
    stems = {word[:5] for word in wanted}

    def score(at: int) -> tuple[int, int]:
        known = {word[:5] for word in words(parts[at])}
        return len(stems & known), -at

    best = max(range(len(parts)), key=score)
    kept = parts[best]
    for part in parts[best + 1 :]:
        if len(kept) + len(part) + 1 > most:
            break
        kept = f"{kept} {part}"
    return kept


def said_verb(role: Role, text: str) -> str:
    """ "you asked", "you said", "I answered"."""
    if role is Role.ASSISTANT:
        return "I answered"
    return "you asked" if is_question(text) else "you said"


_QUESTION = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|vega|so|and|please|well)[,!.]? )*"
    r"(?:what|who|whose|whom|which|when|where|why|how|can|could|would|will|should|is|are|am|was|"
    r"were|do|does|did|have|has|may|might|tell me|show me|give me|remind me|explain|suggest|"
    r"recommend|help me|find|list|write|translate|summari[sz]e)\b",
    re.IGNORECASE,
)


def is_question(text: str) -> bool:
    """Whether it asks for something."""
    line = text.strip()
    return line.endswith(("?", "？", "؟")) or _QUESTION.match(line) is not None


def listed(clauses: Sequence[str]) -> str:
    """ "one", "one and two", "one, two and three"."""
    *others, last = clauses
    return f"{', '.join(others)} and {last}" if others else last
