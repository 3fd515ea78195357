"""A span of time told in the words that were said in it, without a model.

Of a day, what the owner asked and said; of a longer span, the best of its parts. A sentence is
taken for what it adds to those that were taken before it (greedy coverage: Lin & Bilmes 2011, "A
class of submodular functions for document summarization"), so that a subject which fills the day
is told once, and the others are told too. Pure, and the same for the same words.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt

from vega.core.telling.extract import STOP_WORDS, clip, extract, sentence_parts
from vega.core.vocabulary import of
from vega.core.words import words

ASKED, SAID, ANSWERED = "You asked: ", "You said: ", "Vega answered: "
#: Of one prompt, what is looked at.
MOST_PROMPT_CHARS = 2_000
#: A longer sentence is told by its beginning.
MOST_SENTENCE_CHARS = 110
#: What adds less than this share of what the first sentence says is left out.
LEAST_SHARE = 0.1
#: What the owner tells of themselves is what they will look for one day.
OWN_WEIGHT = 1.4
OTHER_WEIGHT = 0.8
#: What is said to Vega says less of its owner.
YOU_WEIGHT = 0.5
ANSWER_WEIGHT = 0.5
#: An exclamation, as "Wonderful, Ana!"
SHORT_WEIGHT = 0.3
LEAST_TERMS = 2
#: With fewer letters than this, or more signs, it is code, a log or a table.
LEAST_LETTERS = 0.5
MOST_SIGNS = 0.05
_SIGNS = frozenset("{}[]=<>;_|\\$#@^~`")

_FENCED = re.compile(r"^[ \t>]*(```+|~~~+).*?(?:^[ \t>]*\1|\Z)", re.MULTILINE | re.DOTALL)
_LINE_MARK = re.compile(r"^(?:[-*+•>]|#{1,6}|\d{1,3}[.)])\s+")
_OPENING = re.compile(
    r"(?:(?:(?:h?mm+|and|but|also|um+|uh|oh)\b[,!.:]*|(?:so|well|ok(?:ay)?|yeah|yes|no|hey|hi|hello|"
    r"vega|thanks|great|sure|actually|by the way)[,!.:]+)\s+)+(?=\w)",
    re.IGNORECASE,
)
#: What only leads to something that is not told, and what is no sentence.
_SKIPPED = re.compile(r"\[|(?:here['’]s|here (?:is|are)|for example|e\.g\.)\b", re.IGNORECASE)
_QUESTION = re.compile(
    r"(?:what|who|whose|whom|which|when|where|why|how|can|could|would|will|should|is|are|do|does|"
    r"did|have you|has|was|were|wer|wie|wo|wann|warum|welche[rsn]?|kannst|könntest)\b",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:please|tell|show|give|help|explain|write|make|find|list|suggest|recommend|summarize|"
    r"translate|compare|describe|calculate|create|draft|plan|remind|fix|check|rewrite|convert|"
    r"bitte|schreib|erkläre?|zeig|hilf|übersetze?)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;:](?=\s)|\s[-–—](?=\s)")
_END_MARK = re.compile(r"[.!?…؟。！？।][\"'”’»)\]」』]*$")
_OWN = of("i i'm i've i'd i'll my mine me we we're we've our us ich mein meine meinen wir unser")
_YOU = of("you you're you've you'll your yours du dich dir dein deine")
#: What says nothing about what is talked of.
_EMPTY_WORDS = STOP_WORDS | of("""
hi hello hey thanks thank ok okay yes no sure great good nice cool wow please bye morning evening
night awesome perfect lol haha continue really right well like know think want need get got make
help thing things lot bit way sound sounds look looks amazing glad love tell give show kinda gonna
hallo danke bitte ja nein gut
""")
_FRAME = re.compile(r"(?:^|(?<=\s))(You asked|You said|Vega answered): ")
_LABEL = re.compile(
    r"(?:^|(?<=\s))(?:(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December)|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day): "
)


@dataclass(frozen=True, slots=True)
class Span:
    """A shorter span of time, as it is told within a longer one."""

    #: Its name, as "Monday" or "3 March".
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    #: Which turn or span it is of.
    part: int
    #: What stands before it.
    frame: str
    text: str
    weight: float
    terms: frozenset[str]


def retell_turns(turns: Sequence[tuple[str, str]], room: int) -> str:
    """A day by its prompts and answers, in at most so many characters; "" where none has words."""
    asked, answered = list[_Sentence](), list[_Sentence]()
    for index, (prompt, answer) in enumerate(turns):
        asked += (_sentence(index, text) for text in _prose(prompt[:MOST_PROMPT_CHARS]))
        if text := next(_prose(extract(answer, MOST_SENTENCE_CHARS)), ""):
            answered.append(_sentence(index, text, ANSWERED, ANSWER_WEIGHT))
    chosen = _choose(asked, [], room)
    # An answer is told only with its question, or where nothing was asked.
    told = {each.part for each in chosen} | {i for i, turn in enumerate(turns) if not turn[0]}
    chosen = _choose([each for each in answered if each.part in told], chosen, room)
    if chosen:
        return _told(chosen)
    first = next((" ".join(prompt.split()) for prompt, _ in turns if prompt.strip()), "")
    return clip(SAID + first, room) if first else ""


def retell_spans(spans: Sequence[Span], room: int) -> str:
    """A longer span by the digests of its parts, in at most so many characters."""
    sentences = list[_Sentence]()
    for index, span in enumerate(spans):
        text = _LABEL.sub("", span.text)
        pieces = _FRAME.split(text)
        # The text before the first frame is a model's.
        framed = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
        own = [piece for frame, piece in framed if f"{frame}: " != ANSWERED]
        for piece in own if any(map(str.strip, own)) else pieces[2::2]:
            sentences += (_sentence(index, each, f"{span.label}: ") for each in _prose(piece))
    chosen = _choose(sentences, [], room)
    return _told(chosen) or next(
        (clip(f"{span.label}: {span.text}", room) for span in spans if span.text), ""
    )


def _prose(text: str) -> Iterator[str]:
    """The sentences of a text that are worth retelling, none of them long."""
    for line in _FENCED.sub("\n", text).splitlines():
        for sentence in sentence_parts(" ".join(_LINE_MARK.sub("", line.strip()).split())):
            if opening := _OPENING.match(sentence):
                sentence = sentence[opening.end() :]
            if _is_prose(sentence) and not _SKIPPED.match(sentence):
                yield _short(sentence[:1].upper() + sentence[1:])


def _is_prose(sentence: str) -> bool:
    letters = sum(map(str.isalpha, sentence))
    signs = sum(sign in _SIGNS for sign in sentence)
    return (
        letters > 0
        and letters + sentence.count(" ") >= LEAST_LETTERS * len(sentence)
        and signs <= MOST_SIGNS * len(sentence)
    )


def _short(sentence: str) -> str:
    """Of a long sentence its first clauses, with an end mark in any case."""
    if len(sentence) <= MOST_SENTENCE_CHARS:
        if _END_MARK.search(sentence):
            return sentence
        return sentence.rstrip(" ,;:-–—") + ("?" if _QUESTION.match(sentence) else ".")
    ends = [
        end.start()
        for end in _CLAUSE_END.finditer(sentence, MOST_SENTENCE_CHARS // 3, MOST_SENTENCE_CHARS)
    ]
    return sentence[: ends[-1]] + "…" if ends else clip(sentence, MOST_SENTENCE_CHARS)


def _sentence(part: int, text: str, frame: str = "", weight: float = 0.0) -> _Sentence:
    is_asked = text.endswith(("?", "？", "؟")) or _QUESTION.match(text) or _REQUEST.match(text)
    if not weight:
        weight = 1.0 if is_asked else _weight(text.lower().split())
    terms = frozenset(term for term in words(text) if term not in _EMPTY_WORDS)
    if len(terms) < LEAST_TERMS:
        weight *= SHORT_WEIGHT
    return _Sentence(part, frame or (ASKED if is_asked else SAID), text, weight, terms)


def _weight(said: Sequence[str]) -> float:
    """Of a sentence that asks for nothing."""
    if not _YOU.isdisjoint(said):
        return YOU_WEIGHT
    return OTHER_WEIGHT if _OWN.isdisjoint(said) else OWN_WEIGHT


def _choose(
    sentences: Sequence[_Sentence], chosen: Sequence[_Sentence], room: int
) -> list[_Sentence]:
    """Those that were chosen before, and of these the best that have room beside them."""
    # A term of several turns or days says more of the whole.
    counts = Counter(term for term, _ in {(term, s.part) for s in sentences for term in s.terms})
    values = {term: log(1 + count) for term, count in counts.items()}
    found, left, best = list(chosen), list(sentences), 0.0
    covered = {term for each in found for term in each.terms}
    told = Counter(each.part for each in found)

    def worth(sentence: _Sentence) -> float:
        news = sum(values[term] for term in sentence.terms - covered)
        share = sentence.weight / (1 + told[sentence.part])
        return share * news / sqrt(len(sentence.terms) + 3)

    while left := [each for each in left if len(_told([*found, each])) <= room]:
        # max takes the first of equals, so the same is chosen each time.
        taken = max(left, key=worth)
        gain = worth(taken)
        if gain <= LEAST_SHARE * best:
            break
        best = max(best, gain)
        left.remove(taken)
        found.append(taken)
        covered |= taken.terms
        told[taken.part] += 1
    return found


def _told(sentences: Sequence[_Sentence]) -> str:
    """In their order, with what stands before them wherever that is another."""
    order = {ANSWERED: 1}
    told, frame = list[str](), ""
    for each in sorted(sentences, key=lambda each: (each.part, order.get(each.frame, 0))):
        told.append(each.text if each.frame == frame else each.frame + each.text)
        frame = each.frame
    return " ".join(told)
