"""The one question of a prompt: without what stands around it, and typed as it was meant.

Pure rules, for those who ask in haste: "cant find it!! wen did i tell u about the key, i forgot".
"""

import re
from dataclasses import dataclass

from vega.core.facts.sentences import bare, is_courtesy, sentences
from vega.core.replies.quoting import capital

#: A word that no other is meant by, where a question of the past is asked.
_TYPED = {
    "wen": "when", "whn": "when", "waht": "what", "wat": "what", "wht": "what", "whta": "what",
    "hwat": "what", "waht's": "what's", "whre": "where", "wher": "where", "wehre": "where",
    "whcih": "which", "wich": "which", "whihc": "which", "hwo": "how", "hwen": "when",
    "abuot": "about", "abt": "about", "aobut": "about", "baout": "about", "abotu": "about",
    "siad": "said", "sya": "say", "yesteday": "yesterday", "yestrday": "yesterday",
    "remeber": "remember", "rember": "remember", "recomend": "recommend",
    "reccomend": "recommend", "recomended": "recommended", "reccomended": "recommended",
    "mentiond": "mentioned", "sugest": "suggest", "sugested": "suggested", "dindt": "didn't",
}  # fmt: skip
_MISTYPED = re.compile(rf"(?<![\w'])(?:{'|'.join(_TYPED)})(?![\w'])")
#: "u" is a letter as well, "tel" and "ur" may be names.
_SHORT = (
    (re.compile(r"(?<![\w'])(did|have|had|do|can|could|would|will|were) u\b"), r"\1 you"),
    (re.compile(r"\b(tell|told|ask|asked|to|with|remind) u\b"), r"\1 you"),
    (re.compile(r"(?<![\w'])u (?=(?:once |ever |just )?(?:said|told|gave|recommend|suggest|mention|"
                r"remember|know))"), "you "),
    (re.compile(r"\b(i|you|we|u) tel\b"), r"\1 tell"),
    (re.compile(r"\b(was|were) ur\b"), r"\1 your"),
)  # fmt: skip
_OATH = re.compile(
    r"\b(what|where|who|when|how|why) (?:on earth|in the world|the (?:hell|heck)) ", re.IGNORECASE
)
#: What "it" is: "I can't find the key. Where did I say it was?"
_MISSED = re.compile(
    r"i(?: am|'m)? (?:can't find|cant find|cannot find|lost|have lost|need|miss|looking for|"
    r"searching for) (?P<thing>(?:my|the|our|that) [^,;:]+)"
)
#: Said before or behind a question: it asks for nothing.
_PREAMBLE = re.compile(
    r"(?:(?:just )?(?:a |one )?(?:quick|short|small|silly|simple|stupid|random)"
    r"(?: one| question)?|"
    r"(?:one |another )?question|one (?:more )?thing|help(?: me)?|(?:please|sorry|hm+|um+|ta|"
    r"cheers|thx|ty)(?: to (?:ask|bother you)(?: again)?)?|thanks (?:a lot|so much|in advance)|"
    r"thank you so much|"
    r"(?:can|could) you help(?: me)?|i (?:need|could use) (?:your |some )?help|"
    r"(?:i'm |i am )?(?:just )?(?:wondering|curious))"
)
_FORGOT = (
    r"(?:i(?:'ve| have)? (?:completely |totally |just )?(?:forgot|forgotten)"
    r"(?: (?:it|that|again))?|"
    r"i (?:can't|cant|cannot|can not|don't|dont|do not) (?:quite )?(?:remember|recall|find it|"
    r"find (?:this|that))(?: (?:it|that|anymore|any more))?)"
)
#: "I forgot where I parked": what was forgotten is what is asked.
_FORGOTTEN = re.compile(
    r"i(?:'ve| have)? (?:completely |totally |just )?(?:forgot|forgotten),? "
    r"(?=(?:what|where|when|who|which|how)\b)",
    re.IGNORECASE,
)
_SURELY = r"(?:(?:i|i'm|i am) (?:know|think|believe|swear|remember|sure|certain|guess)(?: that)? )?"
_TOLD = re.compile(
    rf"(?:(?P<forgot>{_FORGOT})|{_SURELY}(?P<who>i|you|we)(?:'ve| have|'d| had)? (?:already |once |"
    r"just |definitely |must have )*(?:told|said|mentioned|talked|discussed|asked|recommended|"
    r"suggested|spoke|wrote)(?: (?:you|me|it|that|this|so|to|about|of|one|before|already|once|"
    r"earlier|recently|ages ago|some time ago|a while ago|the other day))*)"
)
_TAIL = re.compile(
    r"(?P<core>.+?)(?:,| -+| –| —|;) ?(?:and |but |as |because |though )?(?P<tail>[^,;]+)"
)
_ENDING = re.compile(r"(?:,? (?:cheers|ta|thx|ty|pls|plz|many thanks|thanks a lot|mate))+$")
#: It asks for a thing that another sentence names: "Which one was it?"
_WHICH_ONE = re.compile(
    r"(?:and |so |but )?(?:which|what|where|when|who)(?: (?:one|ones|was|is|were|are|it|that|this|"
    r"them|those|did|have|called|named|again|i|you|we|say|said|exactly))*"
)
_POINTS_BACK = re.compile(r"\b(?:it|that|this|them|those|him|her|there|one)\b")
_ASKS = re.compile(
    r"(?:what|which|who|whom|whose|when|where|how|did|do|have|had|remind me|can you|could you|"
    r"tell me|on what|on which|at what)\b"
)


@dataclass(frozen=True, slots=True)
class OneQuestion:
    """What is asked, and what else the prompt says of it."""

    text: str
    #: Whether it ends in a question mark.
    is_marked: bool = False
    #: What the prompt says beside it; "" where that is nothing.
    aside: str = ""
    #: Whether it asks for no more than which thing the aside speaks of.
    is_which: bool = False
    #: That it was said before, and by whom: "i", "you", "we"; "" where that is not said.
    told_by: str = ""
    #: The same in words that say all of it; "" where the prompt itself does.
    restated: str = ""


def one_question(prompt: str) -> OneQuestion | None:
    """What the prompt asks beside courtesies and asides; None where more than that is said."""
    typed = _typed(prompt)
    told_by, is_cut, parts = "", typed != prompt, []
    for sentence in sentences(typed):
        marked = sentence.rstrip().endswith("?")
        rest = _ENDING.sub("", bare(sentence))
        if forgotten := _FORGOTTEN.match(rest):
            rest, marked = rest[forgotten.end() :], True
        rest, by = _without_tail(rest)
        low = rest.lower()
        told_by = by or told_by
        if told := _TOLD.fullmatch(low):
            told_by = told["who"] or told_by
        elif not is_courtesy(rest) and not _PREAMBLE.fullmatch(low):
            is_cut = is_cut or rest != sentence.strip(" ?.!")
            parts.append((rest, marked))
            continue
        is_cut = True
    is_marked = typed.rstrip().endswith("?")
    if len(parts) == 1:
        text = parts[0][0]
        said = f", as {told_by} told {'me' if told_by == 'you' else 'you'}" if told_by else ""
        restated = f"{capital(text)}{said}?" if is_cut else ""
        return OneQuestion(text, is_marked or parts[0][1], told_by=told_by, restated=restated)
    return _of_two(parts[0][0], parts[1][0]) if len(parts) == 2 else None


def _of_two(first: str, second: str) -> OneQuestion | None:
    """One of them asks, and the other says what it is about."""
    for asked, aside in ((second, first), (first, second)):
        low = asked.lower()
        if not _ASKS.match(low) or _ASKS.match(aside.lower()):
            continue
        both = f"{aside}: {asked}?"
        if _WHICH_ONE.fullmatch(low) and not re.search(r"\b(?:say|said|i|you|we)\b", low):
            return OneQuestion(asked, True, aside, is_which=True, restated=both)
        # "Where did I say it was?"
        missed = _MISSED.match(aside.lower())
        if missed:
            asked = re.sub(r"\b(?:it|that|them)\b", missed["thing"], asked, count=1)
        is_whole = missed or not _POINTS_BACK.search(low)
        restated = f"{capital(asked)}?" if is_whole else both
        return OneQuestion(asked, True, aside, restated=restated)
    return None


def _typed(prompt: str) -> str:
    """In the words that were meant."""
    text = _OATH.sub(r"\1 ", prompt)
    text = _MISTYPED.sub(lambda match: _TYPED[match[0]], _lowered_first(text))
    for pattern, meant in _SHORT:
        text = pattern.sub(meant, text)
    return text if text.lower() != prompt.lower() else prompt


def _lowered_first(text: str) -> str:
    """ "Waht did I say": a sentence begins with a capital letter."""
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}" if first.lower() in _TYPED else text


def _without_tail(sentence: str) -> tuple[str, str]:
    """Without "…, I know I told you", and who told it."""
    match = _TAIL.fullmatch(sentence)
    told = _TOLD.fullmatch(match["tail"].lower()) if match else None
    if match is None or told is None:
        return sentence, ""
    return match["core"], told["who"] or ""
