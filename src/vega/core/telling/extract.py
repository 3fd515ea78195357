"""The short form of a text, made of its own sentences, without a model.

Centroid-based selection (Radev et al. 2004, "Centroid-based summarization of multiple documents"):
the sentences that are most like the text as a whole, in their order, until the room is full.
Nothing is worded anew, so nothing can be invented. It knows Markdown, and scripts without spaces.
"""

import re
from collections import Counter
from collections.abc import Iterator
from math import log, sqrt

from vega.core import words
from vega.core.vocabulary import of

#: Of a text, what its summary takes: between 80 and 90 % are to be saved.
SUMMARY_SHARE = 0.14
LEAST_SUMMARY_CHARS = 60
#: Nobody reads a longer one, and prompts have to hold it.
MOST_SUMMARY_CHARS = 4000
#: A text of this length is its own summary.
SHORT_CHARS = 100
#: More of a text is not looked at.
MOST_CHARS = 50_000

#: What the first sentence gets on top of its likeness, and later ones less and less, as a share of
#: the best likeness that there is.
LEAD_BONUS = 0.25
#: A sentence that says this share of what the chosen ones say already is left out.
MOST_REPEATED = 0.6
#: A heading names what is said elsewhere.
HEADING_WEIGHT = 0.8
ROW_WEIGHT = 0.7
ANNOUNCEMENT_WEIGHT = 0.6
QUESTION_WEIGHT = 0.6
COURTESY_WEIGHT = 0.2
#: A longer sentence says something, though it begins as a courtesy does.
MOST_OPENING_CHARS = 60
#: Rather than begin with one of a lower share of the best sentence's score, the best is clipped.
GOOD_SCORE = 0.75
#: What reaches less than this share of the best sentence's score only fills the room.
LEAST_SCORE = 0.3
#: Behind a sentence without an end mark.
SEPARATOR = "; "

#: Beside those of the index: what is no subject either, and the commonest of other languages.
STOP_WORDS = words.STOP_WORDS | of("""
would may might must shall let using used via etc however therefore thus without within
der die das den dem des ein eine einen einem einer eines und oder aber nicht ist sind war wird
werden mit von für auf auch sich als wie wenn dass bei nach aus zum zur sie wir ihr man noch nur
les une des est sont dans pour que qui sur avec pas par plus vous nous ils elles ces cette mais
los las del una uno unos con por para como pero más sus está son fue ser este esta lo que
gli della delle che non per sono nel nella anche come questo questa
não com uma dos das mais seu sua você isso het een van voor niet zijn wordt ook maar deze
это как что для или при его она они если так все
""")
#: Shorter words of a script with spaces are no terms.
LEAST_TERM_CHARS = 3

# What is written without spaces: its terms are pairs of characters.
_SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_SPACELESS += "\U00020000-\U0003ffff"
_HAS_SPACELESS = re.compile(f"[{_SPACELESS}]")
_TERM_WITH_SPACELESS = re.compile(rf"[{_SPACELESS}]+|[^\W_{_SPACELESS}]+")
_TERM = re.compile(r"[^\W_]+")

_CLOSERS = "[\"'”’»)\\]*]"
_SENTENCE_END = re.compile(
    # A dot after an initial, a title, an ordinal or before a small letter ends none.
    r"[.!?…؟۔։።](?<!\b[^\W\d_]\.)(?<!\b\d\.)(?<!\b\d\d\.)(?<!\b(?:Dr|Mr|Ms|St|Jr|Sr|No|vs)\.)"
    rf"(?<!\bMrs\.)(?<!\bProf\.){_CLOSERS}{{0,3}}\s+(?=[^a-z\s])"
    r"|[。！？；।॥](?![」』”’）])"
)
_END_MARK = re.compile(r"[.!?…؟۔։።。！？；।॥:：;,][\"'”’»)\]」』]*$")
_LINE = re.compile(
    r"(?P<fence>```+(?!.*`)|~~~+)"
    r"|(?P<rule>[\s|:+=*_-]+$)"
    r"|#{1,6}\s+(?P<heading>.*)"
    r"|(?P<item>(?:[-*+•‣–]|\(?\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?)"
    r"|(?P<row>\|)"
)
_FENCE_LINE = re.compile(r"^[ \t>]*(?:```|~~~).*$", re.MULTILINE)
_MARKS = (
    # A line that is all bold is a heading.
    ("**", re.compile(r"^[ \t]*\*\*([^*\n]+)\*\*(:?)[ \t]*$", re.MULTILINE), r"# \1\2"),
    ("](", re.compile(r"!?\[([^\]\[\n]*)\]\([^()\s]*(?:\s[\"'][^()\n]*)?\)"), r"\1"),
    # Not the powers of "x**2 + y**2".
    (
        "*",
        re.compile(r"(?<![0-9A-Za-z)*])(\*{1,3})(?=[^\s*])(.{1,200}?)(?<=[^\s*])\1(?!\*)"),
        r"\2",
    ),
    # Two on either side are a name of Python more often than a mark.
    ("_", re.compile(r"(?<![\w_])_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w_])"), r"\1"),
    ("`", re.compile(r"(?<!`)(`{1,2})([^`\n]+)\1(?!`)"), r"\2"),
    ("~~", re.compile(r"(?<!~)~~(?=[^\s~])(.{1,200}?)~~"), r"\1"),
    ("<", re.compile(r"<br ?/?>", re.IGNORECASE), " "),
)
_OPENING = re.compile(
    r"(?:certainly|sure|of course|absolutely|great|thanks?|glad|happy|hello|hi|hey|perfect|yes|no|"
    r"excellent|congratulations|got it|understood|good luck|gerne?|natürlich|klar|viel (?:spaß|"
    r"erfolg)|bien sûr|avec plaisir|claro|por supuesto|certo|конечно)\b|¡claro|当然|好的|没问题|"
    r"祝你|もちろん",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:thank you|you['’]re welcome|no problem|i['’]m (?:glad|happy|sorry)|i understand|i hope|"
    r"hope (?:this|that|it)|let me know|feel free|would you like|do you have|"
    r"that['’]s (?:a )?(?:great|good|wonderful|fantastic|awesome|excellent|impressive)|"
    r"if you (?:have|need|want|would like|['’]d like)|let['’]s (?:go|break|dive|walk)|"
    r"by \w+ing (?:these|this|the above))\b",
    re.IGNORECASE,
)


def summary_budget(text: str) -> int:
    """How many characters the summary of a text may have."""
    if len(text) <= SHORT_CHARS:
        return len(text)
    return min(max(LEAST_SUMMARY_CHARS, int(len(text) * SUMMARY_SHARE)), MOST_SUMMARY_CHARS)


def extract(text: str, budget_chars: int) -> str:
    """The text's sentences that say most of it; never longer than the budget, and of a text that
    is not blank never empty."""
    text = text.strip()
    if len(text) <= budget_chars:
        return text
    if budget_chars <= 0:
        return ""
    text = text[:MOST_CHARS]
    if sentences := list(_prose(text)):
        return _join(_select(sentences, budget_chars))
    return clip(_only_spaces(_FENCE_LINE.sub("", text)) or _only_spaces(text), budget_chars)


def clip(text: str, limit: int) -> str:
    """The beginning of a text, up to the end of a word, with a mark that something is missing."""
    if len(text) <= limit:
        return text
    room = max(limit - 1, 1)
    kept = text[:room]
    if not text[room].isspace() and (space := kept.rfind(" ")) > room // 4:
        kept = kept[:space]
    kept = kept.rstrip(" ,;:-–—\u200d\ufe0f") or text[:room]
    return kept + "…" if len(kept) < limit else kept


def sentence_parts(text: str) -> Iterator[str]:
    """The sentences of prose that is in one piece."""
    start = 0
    for end in _SENTENCE_END.finditer(text):
        yield text[start : end.end()].strip()
        start = end.end()
    yield text[start:].strip()


def _prose(text: str) -> Iterator[tuple[str, float]]:
    """The sentences of a Markdown text without its marks and its code, each with its weight."""
    for sign, mark, kept in _MARKS:
        if sign in text:
            text = mark.sub(kept, text)
    for block, weight in _blocks(text):
        for sentence in sentence_parts(block):
            if any(map(str.isalnum, sentence)):
                yield sentence, weight * _weight(sentence)


def _blocks(text: str) -> Iterator[tuple[str, float]]:
    """What belongs together, in one line: a paragraph, an item, a heading, a row of a table."""
    fence, lines = "", list[str]()
    for line in text.splitlines():
        line = line.strip().lstrip("> ")
        kind = _LINE.match(line) if not line[:1].isalpha() else None
        if fence and not (kind and kind["fence"]):
            continue
        # A line goes on in the next one where that begins small, as in wrapped prose.
        if lines and not line[:1].islower():
            yield _only_spaces(" ".join(lines)), 1.0
            lines = []
        if kind is None:
            lines.append(line)
        elif mark := kind["fence"]:
            # It is closed by one of its kind that is as long.
            if not fence or mark.startswith(fence):
                fence = "" if fence else mark
        elif heading := kind["heading"]:
            yield _only_spaces(heading), HEADING_WEIGHT
        elif item := kind["item"]:
            lines.append(line[len(item) :])
        elif kind["row"]:
            yield ", ".join(filter(None, map(str.strip, line.split("|")))), ROW_WEIGHT
    if lines:
        yield _only_spaces(" ".join(lines)), 1.0


def _only_spaces(text: str) -> str:
    return " ".join(text.split())


def _weight(sentence: str) -> float:
    is_short = len(sentence) <= MOST_OPENING_CHARS
    if (is_short and _OPENING.match(sentence)) or _COURTESY.match(sentence):
        return COURTESY_WEIGHT
    if sentence.endswith((":", "：")):
        return ANNOUNCEMENT_WEIGHT
    return QUESTION_WEIGHT if sentence.endswith(("?", "？", "؟")) else 1.0


def _select(sentences: list[tuple[str, float]], room: int) -> list[str]:
    """The best that fit, in the text's order."""
    terms = [frozenset(_terms(sentence)) for sentence, _ in sentences]
    scores = _scores(terms, [weight for _, weight in sentences])
    order = sorted(range(len(sentences)), key=scores.__getitem__, reverse=True)
    best = order[0]
    first = next((index for index in order if len(sentences[index][0]) <= room), best)
    if scores[first] < GOOD_SCORE * scores[best]:
        first = best
    chosen = {first: clip(sentences[first][0], room)}
    said, left = set(terms[first]), room - len(chosen[first]) - len(SEPARATOR)
    for index in order:
        if scores[index] < LEAST_SCORE * scores[best]:
            break
        sentence, of_it = sentences[index][0], terms[index]
        is_new = len(of_it & said) <= MOST_REPEATED * len(of_it)
        if len(sentence) <= left and is_new and index not in chosen:
            chosen[index] = sentence
            said |= of_it
            left -= len(sentence) + len(SEPARATOR)
    return [chosen[index] for index in sorted(chosen)]


def _scores(terms: list[frozenset[str]], weights: list[float]) -> list[float]:
    """Each sentence's likeness to the centre of all, with what its place and kind add."""
    counts = Counter(term for of_one in terms for term in of_one)
    total = len(terms)
    # A term of one sentence says little of the text, one of all sentences tells none apart.
    centroid = {term: count * log(1 + total / count) for term, count in counts.items() if count > 1}
    if not centroid:
        centroid = dict.fromkeys(counts, 1.0)
    likeness = [
        sum(centroid.get(term, 0.0) for term in of_one) / sqrt(len(of_one) + 3) for of_one in terms
    ]
    bonus = LEAD_BONUS * max(likeness, default=0.0)
    return [(like + bonus / (1 + index)) * weights[index] for index, like in enumerate(likeness)]


def _terms(sentence: str) -> Iterator[str]:
    has_spaces = sentence.isascii() or not _HAS_SPACELESS.search(sentence)
    for word in (_TERM if has_spaces else _TERM_WITH_SPACELESS).findall(sentence.lower()):
        if not has_spaces and _HAS_SPACELESS.match(word):
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif len(word) >= LEAST_TERM_CHARS and word not in STOP_WORDS:
            yield word[: words.STEM_CHARS]


def _join(sentences: list[str]) -> str:
    """One line, in which it can be seen where an item ends."""
    parts = [part if _END_MARK.search(part) else f"{part};" for part in sentences[:-1]]
    return " ".join([*parts, *sentences[-1:]])
