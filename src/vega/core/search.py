"""What somebody looks for, in words of their own: phrases in quotes, which are verbatim, and words.

Read into expressions of the full-text index in which every term is quoted, so that nothing that a
person types is ever syntax there. Knows no database.
"""

import re
import unicodedata
from dataclasses import dataclass

from vega.core.words import KEPT_RUN, STOP_WORDS, index_text, words
from vega.errors import InvalidInput

#: Words of one search that are looked up.
MAX_TERMS = 64
_QUOTED = re.compile(r'"([^"]*)"|“([^”]*)”|„([^“”]*)[“”]')


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for."""

    #: What a text must hold, as `normal_form` makes it.
    phrases: tuple[str, ...]
    #: The phrases' words in a row, and single words, each quoted for the index.
    phrase_terms: tuple[str, ...]
    word_terms: tuple[str, ...]
    #: Whether a text may hold it that the index does not know by it.
    is_beyond_index: bool


def parse_query(text: str) -> Query:
    """What that text asks for. Raises InvalidInput where it asks for nothing."""
    phrases = ["".join(parts) for parts in _QUOTED.findall(text)]
    phrases = [phrase for phrase in phrases if phrase.strip()]
    found = words(_QUOTED.sub(" ", text))
    if not phrases and not found:
        # Neither letters nor digits: signs, which are what they are.
        phrases = [sign for sign in text.replace('"', " ").split() if sign]
    if not phrases and not found:
        raise InvalidInput("q: is empty; say what to look for.")
    by_phrase = [index_text(phrase).split()[:MAX_TERMS] for phrase in phrases]
    # Of a few stop words the index knows only where they are all that there is.
    known = [each for each in by_phrase if len(each) >= KEPT_RUN or STOP_WORDS.isdisjoint(each)]
    known = [each for each in known if each]
    if known:
        found = [word for word in found if word not in STOP_WORDS]
    is_beyond_index = not known and not found
    if is_beyond_index:
        known = [each for each in by_phrase if each]
    return Query(
        phrases=tuple(normal_form(phrase) for phrase in phrases),
        phrase_terms=tuple(_quoted(" ".join(each)) for each in known[:MAX_TERMS]),
        word_terms=tuple(_quoted(word) for word in list(dict.fromkeys(found))[:MAX_TERMS]),
        is_beyond_index=is_beyond_index,
    )


def is_held(query: Query, text: str) -> bool:
    """Whether the text holds every phrase, word for word; capitals and white space do not count."""
    if not query.phrases:
        return True
    normal = normal_form(text)
    return all(phrase in normal for phrase in query.phrases)


def normal_form(text: str) -> str:
    """The text without what does not count when it is compared."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
