"""A message as it is embedded: in pieces, each with who said it and when before it.

Pure and deterministic: a piece's number finds it again in the text. A change here makes vectors
that cannot be compared with those of before, so it takes a new PASSAGES.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

#: Which rules these are.
PASSAGES = "passages-1"

#: A piece ends at the first end of a sentence behind so many words,
GOOD_WORDS = 100
#: and where there is none, behind so many, at the last end of a sentence if it has one.
MOST_WORDS = 150
#: What is left over goes with the piece before it rather than be a shorter one.
LEAST_WORDS = 30
#: A longer run of characters is no word, as a link or a key: a model makes a token of each three
#: or four.
LONGEST_WORD_CHARS = 16
CHARS_A_WORD = 4
#: Of a script without spaces, where a model makes a token of each character.
WORDS_A_SIGN = 0.75

OWNER = "Owner"
VEGA = "Vega"
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_SIGNS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_SIGNS += "\U00020000-\U0003ffff"
_WORD = re.compile(rf"(?P<sign>[{_SIGNS}])|[^\s{_SIGNS}]{{1,64}}")
_END = re.compile(r"[.!?…؟۔।。！？][\"'”’»)\]*_」』]*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a message: its characters from start up to end."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    #: How many words it counts as.
    weight: float
    ends_sentence: bool


def pieces(text: str) -> list[Piece]:
    """The text in pieces of some 120 words, which end with sentences where these do not go on for
    longer. Together they hold every word; none where there is none."""
    found: list[Piece] = []
    words: list[_Word] = []
    count, cut = 0.0, 0
    for word in _words(text):
        words.append(word)
        count += word.weight
        if word.ends_sentence and count >= LEAST_WORDS:
            cut = len(words)
        if count >= MOST_WORDS or (word.ends_sentence and count >= GOOD_WORDS):
            cut = cut or len(words)
            found.append(Piece(words[0].start, words[cut - 1].end))
            words = words[cut:]
            count, cut = sum(each.weight for each in words), 0
    if not words:
        return found
    if found and count < LEAST_WORDS:
        return [*found[:-1], Piece(found[-1].start, words[-1].end)]
    return [*found, Piece(words[0].start, words[-1].end)]


def embedded_text(name: str, at: datetime, zone: str, text: str) -> str:
    """What is embedded, and by which a question is matched: "Ann (8 May 2023): I moved house."

    The day is the owner's, in their IANA zone at that moment.
    """
    day = at.astimezone(ZoneInfo(zone))
    return f"{name} ({day.day} {_MONTHS[day.month - 1]} {day.year}): {text}"


def speaker(name: str | None, *, is_owner: bool) -> str:
    """Who said it: by the name that it came with, else by what they are here."""
    return name or (OWNER if is_owner else VEGA)


def _words(text: str) -> Iterator[_Word]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        if match["sign"]:
            weight = WORDS_A_SIGN
        else:
            size = end - start
            weight = 1.0 if size <= LONGEST_WORD_CHARS else size / CHARS_A_WORD
        is_end = bool(_END.search(text, start, end)) or text.startswith("\n\n", end)
        yield _Word(start, end, weight, is_end)
