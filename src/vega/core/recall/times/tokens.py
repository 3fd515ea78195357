"""A text as tokens by which times can be read: words, numbers, clocks, dates, marks.

Each is read once from left to right; only the beginning and the end of a long text are looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

#: Characters that are looked at of each end of a long text.
_LOOKED_AT = 2000
Kind = Literal[
    "word", "number", "ordinal", "clock", "date", "decade", "year", "range", "quarter", "mark"
]

_TOKEN = re.compile(
    r"(?P<number>(?<![\w$€£¥#@.,])['’]?\d[\w.,:/'’–-]*)"
    r"|(?P<quarter>(?<!\w)[qQ][1-4](?!\w))"
    r"|(?P<meridiem>(?<!\w)[apAP]\.[mM]\b\.?)"
    r"|(?P<word>(?<![\w@])[^\W\d_]+(?:['’][^\W\d_]+)*(?![\w@]))"
    r"|(?P<mark>\S)"
)
_FORMS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("date", re.compile(r"(?P<y>\d{4})([-/])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?:t[\d:.]+z?)?")),
    ("date", re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)")),
    ("date", re.compile(r"(?P<a>\d{1,2})([./-])(?P<b>\d{1,2})\2(?P<y>\d{4}|\d\d)")),
    ("date", re.compile(r"(?P<a>\d{1,2})/(?P<b>\d{1,2})")),
    ("range", re.compile(r"(?P<a>\d{1,2})[-–](?P<b>\d{1,2})(?:st|nd|rd|th)?")),
    ("clock", re.compile(r"(?P<h>\d{1,2}):(?P<min>[0-5]\d)(?::[0-5]\d)?(?P<half>[ap]\.?m\.?)?")),
    ("clock", re.compile(r"(?P<h>\d{1,2})(?P<half>[ap]\.?m\.?)")),
    ("ordinal", re.compile(r"(?P<n>\d{1,2})(?:st|nd|rd|th)")),
    ("decade", re.compile(r"['’]?(?P<n>\d{4}|\d\d)['’]?s")),
    ("year", re.compile(r"['’](?P<n>\d\d)")),
    ("number", re.compile(r"(?P<n>\d{1,5})")),
)
_DOTTED = re.compile(r"(?P<a>\d{1,2})\.(?P<b>\d{1,2})")
#: "on 3.4. we met", "on 3.4.?": a date, where a number would end the sentence.
_GOES_ON = re.compile(r"\s*(?:[?,!;)]|\s[a-z])")


@dataclass(frozen=True, slots=True)
class Token:
    """One token: in lower case, and its place in the text."""

    kind: Kind
    text: str
    start: int
    end: int
    is_capital: bool = False
    #: The numbers in it by name: n; h, min; y, m, d; a, b (a date whose order is the owner's).
    numbers: tuple[tuple[str, int], ...] = ()
    #: "am" or "pm", of a clock.
    half: str = ""

    def number(self, name: str = "n") -> int | None:
        return dict(self.numbers).get(name)


def tokenize(text: str) -> list[Token]:
    """The tokens of a text; of the two ends of a long one, with a mark between them."""
    if len(text) <= 2 * _LOOKED_AT:
        return list(_tokens(text, 0, len(text)))
    # Words are not cut in two: in a text without a space there is then nothing to be read.
    head = max(text.rfind(" ", 0, _LOOKED_AT), 0)
    tail = text.find(" ", len(text) - _LOOKED_AT)
    tail = len(text) if tail < 0 else tail
    gap = Token("mark", "…", head, tail)
    return [*_tokens(text, 0, head), gap, *_tokens(text, tail, len(text))]


def _tokens(text: str, start: int, end: int) -> Iterator[Token]:
    at = start
    while match := _TOKEN.search(text, at, end):
        if match["number"]:
            found = _number(text, match.start(), match["number"])
            yield from found
            at = found[-1].end
            continue
        at = match.end()
        if match["quarter"]:
            numbers = (("n", int(match[0][1])),)
            yield Token("quarter", match[0].lower(), match.start(), at, True, numbers)
        elif match["meridiem"]:
            yield Token("word", match[0].lower().replace(".", ""), match.start(), at)
        elif match["word"]:
            yield from _word(match["word"], match.start())
        else:
            yield Token("mark", match[0], match.start(), at)


def _word(raw: str, start: int) -> Iterator[Token]:
    """A word; the 's of a possessive is a token of its own."""
    word = raw.lower().replace("’", "'")
    end = start + len(raw)
    # Lower case may be longer than what it is of ("İ"), but of none that tells a time.
    if word.endswith("'s"):
        yield Token("word", word[:-2], start, end - 2, raw[0].isupper())
        yield Token("mark", "'s", end - 2, end)
    else:
        yield Token("word", word, start, end, raw[0].isupper())


def _number(text: str, start: int, raw: str) -> list[Token]:
    bare = raw.rstrip(".,:/'’–-")
    end = start + len(bare)
    if raw[len(bare) :].startswith(".") and (dotted := _DOTTED.fullmatch(bare)):
        if _GOES_ON.match(text, end + 1):
            return [_token("date", dotted, start, end + 1)]
        return [Token("mark", bare, start, end)]
    lower = bare.lower()
    if not lower.isascii():
        lower = lower.replace("’", "'")
    for kind, form in _FORMS:
        if match := form.fullmatch(lower):
            return [_token(kind, match, start, end)]
    return [Token("mark", bare, start, end)]


def _token(kind: Kind, match: re.Match[str], start: int, end: int) -> Token:
    groups = {name: value for name, value in match.groupdict().items() if value}
    half = groups.pop("half", "").replace(".", "")
    numbers = tuple((name, int(value)) for name, value in groups.items())
    return Token(kind, match[0], start, end, False, numbers, half)
