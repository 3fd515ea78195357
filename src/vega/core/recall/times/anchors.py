"""Times that other turns tell: "before my trip in June", "when I was in Rome", the first talk."""

from datetime import timedelta

from vega.core.recall.times.compounds import read_compound
from vega.core.recall.times.pieces import Said
from vega.core.recall.times.values import Anchor, FirstTalk, LocalSpan, Relation
from vega.core.recall.times.words import (
    ASKED,
    ASKS_WHEN,
    CONVERSATIONS,
    DETERMINERS,
    DISCUSSED,
    ENDS_PHRASE,
    HABITS,
    NO_EVENTS,
    NOT_AFTER,
    PAST_VERBS,
    PRONOUNS,
    SAYINGS,
    TALKED,
    of,
)

_RELATIONS: dict[str, Relation] = {
    "before": "before",
    "after": "after",
    "since": "since",
    "during": "during",
    "when": "during",
    "while": "during",
    "around": "around",
}
_LONGEST_PHRASE = 10
#: So soon the verb of a clause is heard.
_VERB_WITHIN = 6
_SUBJECT_ENDS = ("about", "of", "regarding", "concerning")
_INNER = of("in on at during last this yesterday over from two three a")


def read_anchor(
    said: Said,
    at: int,
    within: timedelta | None = None,
    day: int | None = None,
    part: str = "",
) -> tuple[Anchor, int] | None:
    """A relation and what it relates to; None where "after" or "when" tells no time."""
    relation = _RELATIONS.get(said.word(at))
    is_beside = within is not None or day is not None
    if relation is None or (not is_beside and not _is_time(said, at)):
        return None
    first = at + 1
    if relation == "around":
        if not said.has(first, "the", "time"):
            return None
        first = said.skip(first + 2, "of", "that", "when")
    if not _is_event(said, first, said.word(at)):
        return None
    end, span, behind = _phrase_end(said, first)
    if said.word(at) == "when" and _says(said, first, first + 2):
        # Of "your answer when I asked about slugs" the slugs tell more than the time.
        return None
    if said.word(end) in HABITS:
        # "Since the meter is broken" gives a reason, "when the bell is rung" tells a habit.
        return None
    phrase = _text(said, first, end)
    return (Anchor(relation, phrase, span, within, day, part), behind) if phrase else None


def _is_time(said: Said, at: int) -> bool:
    before = said.word(at - 1)
    if said.word(at) in ("when", "while"):
        # "Did I say when I moved?" asks for a time, "what did I say when I moved?" tells one.
        tells = any(said.word(index) in ("what", "which") for index in range(at))
        return tells or before not in ASKS_WHEN
    if said.word(at) != "after" or before not in NOT_AFTER:
        return True
    # "Who asked after my mother?", but "What did I ask after my trip?"
    return before in ("ask", "asked") and any(
        said.word(index) in ("what", "which") for index in range(at)
    )


def _is_event(said: Said, at: int, relation: str) -> bool:
    """Whether something that happened is named here: "my trip", "I moved"."""
    word = said.word(at)
    if not word:
        return False
    is_clause = relation in ("when", "while") or word in PRONOUNS
    if not is_clause and said.is_capital(at) and _tells_of_talk(said, at):
        # "What did I ask after Norway?"
        return True
    if is_clause or word in ("i've", "we've"):
        can_begin = word in PRONOUNS or word in DETERMINERS or said.is_capital(at)
        verbs = (said.word(at + index) for index in range(_VERB_WITHIN))
        told = (verb for verb in verbs if verb in HABITS or verb in PAST_VERBS or _is_past(verb))
        return can_begin and next(told, "is") not in HABITS
    if word in ("that", "this"):
        return False
    return word in DETERMINERS and said.word(at + 1) not in ("", *ENDS_PHRASE, *NO_EVENTS)


def _tells_of_talk(said: Said, until: int) -> bool:
    """Whether somebody asked or said something, by what stands before."""
    before = {said.word(at) for at in range(until)}
    return bool(before & (ASKED | TALKED | DISCUSSED)) and bool(before & {"i", "we", "you"})


def _says(said: Said, first: int, until: int) -> bool:
    """Whether one of the two speaks there: "I told you", so that what it was about goes on."""
    verbs = {said.word(at) for at in range(first + 1, until)}
    return said.word(first) in ("i", "we", "you") and bool(verbs & (ASKED | TALKED | DISCUSSED))


def _is_past(word: str) -> bool:
    return len(word) > 4 and word.endswith("ed")


def _phrase_end(said: Said, first: int) -> tuple[int, LocalSpan | None, int]:
    """Where the phrase ends, the time that is said with it, and where that ends."""
    for at in range(first, first + _LONGEST_PHRASE):
        token = said.token(at)
        if token is None or (token.kind == "mark" and token.text not in ("'s", "-")):
            return at, None, at
        is_of_talk = token.text in _SUBJECT_ENDS and _says(said, first, at)
        if at > first + 1 and token.text in ENDS_PHRASE and not is_of_talk:
            return at, None, at
        if at > first and token.text in _INNER:
            is_preposition = token.text in ("in", "on", "at", "during", "over", "from")
            start, preposition = (at + 1, token.text) if is_preposition else (at, "")
            found = read_compound(said, start, preposition, said.choice)
            if found and isinstance(found.span, LocalSpan):
                return at, found.span, found.end
    return first + _LONGEST_PHRASE, None, first + _LONGEST_PHRASE


def _text(said: Said, first: int, end: int) -> str:
    """The words as they were written, one space between them."""
    text = ""
    for at in range(first, end):
        token, before = said.token(at), said.token(at - 1)
        if token is None:
            break
        if text and before and before.end < token.start:
            text += " "
        text += token.text.capitalize() if token.is_capital else token.text
    return text


def read_first_talk(said: Said, at: int) -> tuple[FirstTalk, int] | None:
    """As "When we first talked", "the first thing I ever asked you"; not "... about Anna"."""
    end = _first_talk_end(said, at)
    if end is None:
        return None
    end = said.skip(said.skip(end, "to", "with"), "you", "vega")
    is_of_subject = said.word(end) in _SUBJECT_ENDS
    return None if is_of_subject else (FirstTalk(), end)


def _first_talk_end(said: Said, at: int) -> int | None:
    word = said.word(at)
    if word == "when":
        behind = said.skip(at + 1, "did")
        if said.word(behind) in ("we", "i") and said.word(behind + 1) == "first":
            return behind + 3 if said.word(behind + 2) in TALKED else None
        if said.word(behind) == "we" and said.word(behind + 1) in TALKED:
            is_first = said.has(behind + 2, "for", "the", "first", "time")
            return behind + 6 if is_first else None
        return None
    if word not in ("our", "my", "the"):
        return None
    behind = said.skip(at + 1, "very")
    if said.word(behind) != "first":
        return None
    noun = said.word(behind + 1)
    if word == "our":
        return behind + 2 if noun in CONVERSATIONS else None
    if word == "my":
        return behind + 2 if noun in CONVERSATIONS and noun in SAYINGS else None
    end = said.skip(behind + 2, "that")
    if said.word(end) not in ("we", "i"):
        return None
    end = said.skip(end + 1, "ever")
    verbs = TALKED if noun == "time" else ASKED if noun in SAYINGS else frozenset[str]()
    return end + 1 if said.word(end) in verbs else None
