"""Which words can be a name or a favourite, and which only describe one: vocabularies of English.

"My favorite team is Ajax" names the favourite, "My favorite team is losing" tells of its state.
Capitals speak for a title where the owner uses them; without them the words themselves decide.
"""

import unicodedata
from dataclasses import dataclass

from vega.core import vocabulary as en
from vega.core.patterns import Pattern

MAX_NAME_WORDS = 6
#: Without a capital, more words than these are rather a description than a name.
MAX_PLAIN_NAME_WORDS = 4


_NAME_ENDINGS = Pattern(r"\w*eed|(?:[jlmpqxybdnt]|zh|ch|sh)ing")
_DESCRIBING = Pattern(r"\w+(?:ous|less|ful|able|ible|ive)")
_PARTICIPLE = Pattern(r"\w+ed|(?:burn|spel|spoil|learn|mean|buil)t|fro[sz]en|\w*(?:broken|torn)")


_NO_NAME_MARK = Pattern(r"[,;:/()*+%$#@!?~^\"“”]|'(?!\w)(?!$)|--")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A value's words, without marks, as written where case speaks and in lower case."""

    written: tuple[str, ...]
    plain: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> "_Phrase":
        written = tuple(bare for word in text.split() if (bare := word.strip(".,!:;\"'“”*()")))
        return cls(written, tuple(word.lower() for word in written))


def is_name(text: str, case_speaks: bool = True) -> bool:
    """Whether the words look like a person's name; "bob" and "mary ann" do."""
    phrase = _Phrase.of(text)
    if not 0 < len(phrase.plain) <= MAX_NAME_WORDS or en.PLACEHOLDER.search(text):
        return False
    if phrase.plain[0] in en.FICTIONAL or (
        len(phrase.plain) == 1 and phrase.plain[0] in en.NATIONS
    ):
        return False
    if phrase.plain[0] in ("a", "an") and len(phrase.plain) > 1 and text[1:2] != ".":
        return False
    if not any(word[0].isalpha() for word in phrase.written) or _NO_NAME_MARK.search(text):
        return False
    capitals = [case_speaks and _is_capitalised(word) for word in phrase.written]
    if not any(capitals) and len(phrase.plain) > MAX_PLAIN_NAME_WORDS:
        return False
    if all(
        word in en.PARTICLES and not up for word, up in zip(phrase.plain, capitals, strict=True)
    ):
        # A particle by itself is a name only where it is one: "al", "ben", "mac".
        return phrase.plain[0] in ("al", "ben", "mac", "abu", "jr")
    return all(
        (word not in en.NEVER_NAMES if up else _can_be_plain_name(word, is_first=at == 0))
        for at, (word, up) in enumerate(zip(phrase.plain, capitals, strict=True))
    )


def is_call_name(text: str) -> bool:
    """Whether "Call me …" names: stricter, as it also says when, where and what one thinks."""
    phrase = _Phrase.of(text)
    unlikely = en.NEVER_CALLED | en.STATES | en.CLAUSE
    return (
        is_name(text)
        and not phrase.written[0][0].islower()
        and all(not word[0].islower() or word in en.PARTICLES for word in phrase.written)
        and not any(word in unlikely for word in phrase.plain)
    )


def is_favorite(text: str, thing: str, case_speaks: bool = True) -> bool:
    """Whether the words can be someone's favourite thing, rather than tell how it is."""
    phrase = _Phrase.of(text)
    head = head_of(thing)
    if en.PLACEHOLDER.search(text):
        return False
    if not phrase.plain or not any(char.isalnum() for char in text):
        return any(unicodedata.category(char) == "So" for char in text)
    if phrase.plain[0] in en.NO_VALUE or (
        len(phrase.plain) == 1 and phrase.plain[0] in en.NATIONS and head not in en.OF_NATIONS
    ):
        return False
    if _is_number(phrase.plain[0]) and not _may_be_number(phrase.plain, head):
        return False
    if case_speaks and _is_title(phrase.written):
        return True
    return not _is_clause(phrase.plain) and _can_be_favorite(phrase.plain, head)


def is_quoted(text: str) -> bool:
    """Whether quotation marks hold all of the text."""
    return len(text) > 2 and text[0] in "\"“'" and text[-1] in "\"”'" and text[1:-1].isprintable()


def head_of(thing: str) -> str:
    """What kind of thing is meant: "kinds of music" are music, a "place to eat" is a place."""
    words = thing.lower().split()
    if len(words) > 2 and words[1] == "of":
        kind = singular(words[0])
        words = words[2:] if kind in ("kind", "type", "sort", "style", "genre") else words
    at = next((at for at, word in enumerate(words) if at and word in en.PREPOSITIONS), len(words))
    return singular(words[at - 1])


#: Nouns in -ie, and those that are the same for many.
_IE = Pattern(
    r"(?:mov|cook|brown|smooth|self|hood|rook|zomb|bird|calor|food|vegg|oldi|best|group|prair|gen|"
    r"cut|ind|budg|coll|junk|newb|tech|freeb|magp|talk|goal|bog|pix|cadd|lass|t|p|d|l)ies"
)
_SAME = en.of("series species news mathematics physics gymnastics lens bus gas chess tennis pants")
_DROPS_S = en.of("""
aches headaches quiches niches caches moustaches mustaches brioches shoes toes canoes oboes foes
horseshoes axes houses uses muses excuses fuses ruses recluses causes clauses
""")
_DROPS_ES = Pattern(r"\w+(?:ch|sh|x|ss|tz|zz|o|[^oa]us)es|gases|buses")


def singular(word: str) -> str:
    """One of what the plural names: "hobby" of "hobbies"; other words as they are."""
    if word in _SAME or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word == "quizzes":
        return "quiz"
    if word.endswith("ies") and len(word) > 4 and not _IE.fullmatch(word):
        return word[:-3] + "y"
    if word not in _DROPS_S and _DROPS_ES.fullmatch(word):
        return word[:-2]
    return word[:-1]


def _is_capitalised(word: str) -> bool:
    """A capital, or a script that has none; a word that is all capitals may be mere emphasis."""
    is_loud = len(word) > 3 and word.isupper() and not any(char.isdigit() for char in word)
    return not word[0].islower() and word[0].isalpha() and not (is_loud and word.isascii())


def _can_be_plain_name(word: str, is_first: bool) -> bool:
    if (
        word in en.PARTICLES
        or word in en.TITLES
        or word in en.NAMES
        or _NAME_ENDINGS.fullmatch(word)
    ):
        return True
    if word == "an":
        return not is_first
    if not word[0].isalpha() or any(char.isdigit() or char in "@#/*+%$^~:" for char in word):
        return False
    if word in en.CLAUSE or word in en.PREPOSITIONS or word in en.ADVERBS or word in en.STATES:
        return False
    if word in en.NATIONS or word in en.TIMES or word in en.QUALITIES or word in en.NEVER_NAMES:
        return False
    if word in ("a", "the", "to") or word in en.NUMBERS or word in en.STATIVE:
        return False
    return not (word.endswith(("ly", "ing", "ed")) or _DESCRIBING.fullmatch(word))


def _is_title(words: tuple[str, ...]) -> bool:
    """Whether capitals mark the words as a title or a proper name: "The Who", "Toy Story"."""
    if words[0][0].islower() or (len(words) > 1 and words[-1][0].islower()):
        return False
    if not any(_is_capitalised(word) for word in words):
        return False
    return all(not word[0].islower() or word in en.SMALL for word in words)


def _is_number(word: str) -> bool:
    return word[0].isdigit() or word in en.NUMBERS


def _may_be_number(words: tuple[str, ...], head: str) -> bool:
    """Of an author, "75" is the age; "two hours" and "3-0" measure a film and a team."""
    if head in en.OF_NUMBERS:
        return not (len(words) > 1 and singular(words[-1]) in en.UNITS and head != "time")
    return len(words) > 1 and singular(words[1]) not in en.UNITS


def _is_clause(words: tuple[str, ...]) -> bool:
    return any(word in en.CLAUSE for word in words)


def _can_be_favorite(words: tuple[str, ...], head: str) -> bool:
    """The judgement of words without capitals: by the first, the second and the last of them."""
    first, last = words[0], words[-1]
    following = words[1] if len(words) > 1 else ""
    if len(words) == 1 and head in en.LETTERS and len(first) == 1:
        return True
    if len(words) == 1 and first in en.TIMES:
        return head in (
            "day",
            "time",
            "moment",
            "date",
            "night",
            "weekday",
            "song",
            "movie",
            "film",
        )
    if first in ("a", "an"):
        return bool(following) and head in en.KINDS and _can_be_favorite(words[1:], head)
    if first == "the":
        return bool(following) and _can_be_favorite(words[1:], head)
    if first == "off" and head in en.OF_QUALITIES:
        return len(words) == 2
    if first == "very" and following in en.QUALITIES and head in en.OF_QUALITIES:
        return len(words) > 2 and _can_be_favorite(words[1:], head)
    if first == "to" and head in en.ACTIVITIES:
        return bool(following) and following not in en.of("be get become die")
    if first in en.PREPOSITIONS or first in en.ADVERBS or last in en.PREPOSITIONS | en.ADVERBS:
        return False
    if _is_gerund(first):
        return _can_be_gerund(words, head)
    if _is_participle(last) or _is_state(last, head):
        return False
    is_said_of_it = _is_state(first, head) or (first in en.QUALITIES and bool(following))
    if (_is_participle(first) or is_said_of_it) and _ends_phrase(following):
        return False
    if all(word in en.QUALITIES or word == "and" for word in words) and head not in en.OF_QUALITIES:
        return False
    return not (_is_adverb(first) or (len(words) > 1 and (_is_adverb(last) or last in en.TIMES)))


def _can_be_gerund(words: tuple[str, ...], head: str) -> bool:
    """ "Running" is a sport and "shocking pink" a colour, but no team "is losing" by name."""
    first, following = words[0], words[1] if len(words) > 1 else ""
    if words[-1] in en.TIMES or _is_adverb(words[-1]) or _is_participle(words[-1]):
        return False
    if first == "going" and head in en.ACTIVITIES:
        is_to_do = following == "to" and words[2:3] not in (("the",), ("a",), ("concerts",))
        return bool(following) and not is_to_do and following not in en.ADVERBS
    if first in en.STATIVE or first in en.STATES:
        return False
    if head in en.ACTIVITIES:
        return True
    is_of_kind = first in en.ATTRIBUTIVE or head in ("color", "colour", "shade", "hue")
    return is_of_kind and bool(following) and not _ends_phrase(following)


def _is_gerund(word: str) -> bool:
    return len(word) > 4 and word.endswith("ing") and word not in en.ING_NOUNS


def _is_participle(word: str) -> bool:
    return word not in en.ED_NOUNS and _PARTICIPLE.fullmatch(word) is not None


def _is_state(word: str, head: str) -> bool:
    if word in en.QUALITIES and head in en.OF_QUALITIES:
        return False
    if word in en.ADJECTIVE_NOUNS:
        return False
    return word in en.STATES or _DESCRIBING.fullmatch(word) is not None


def _is_adverb(word: str) -> bool:
    return word.endswith("ly") and word not in en.LY_NOUNS


def _ends_phrase(word: str) -> bool:
    """Whether no noun follows: "closed", "closed on Mondays", "closed today"."""
    return (
        not word
        or word in en.PREPOSITIONS
        or word in en.ADVERBS
        or word in en.TIMES
        or word in ("a", "an", "the")
        or _is_adverb(word)
    )
