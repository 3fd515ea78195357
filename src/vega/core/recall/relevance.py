"""How surely what was recalled is about what was asked. Pure."""

from enum import IntEnum

from vega.core.recall.asking import asks_what_was_said, ends, names_something, subject_of
from vega.core.recollection import Recalled

#: A message that holds so much of what the question asks for, by the weight of its words, is about
#: it: all but a common word or two.
SURE_SHARE = 0.75
#: So much is enough where the message also means what the question means; and so much where it
#: means just that: something must be named that both speak of.
LIKELY_SHARE = 0.5
NAMED_SHARE = 0.15
#: A message that means the like, and holds at least so much of it, may be about it.
OTHER_SHARE = 0.3
#: Cosines of all-MiniLM-L6-v2: a question and a message about the same thing; and one that says
#: nearly the same. Below these others, the same words are of quite another matter, or say nothing.
LIKE = 0.5
VERY_LIKE = 0.7
OTHER_MATTER = 0.25
FAR = 0.15
#: What may be about it by its meaning alone: "film" and "movie".
ALIKE_IN_OTHER_WORDS = 0.58


class Fit(IntEnum):
    """How surely a message is about what was asked."""

    NONE = 0
    #: It may be: nothing that an answer may rest on.
    NEAR = 1
    SURE = 2


def fit(question: str, recalled: Recalled) -> Fit:
    """How surely the message speaks of what the question asks."""
    question = ends(question)
    if not names_something(question):
        return Fit.NONE
    if _is_sure(question, recalled):
        return Fit.SURE
    likeness = recalled.likeness
    if recalled.subject_share >= LIKELY_SHARE and (likeness is None or likeness >= FAR):
        return Fit.NEAR
    held = max(recalled.subject_share, recalled.word_share)
    if likeness is not None and likeness >= (LIKE if held >= OTHER_SHARE else ALIKE_IN_OTHER_WORDS):
        return Fit.NEAR
    return Fit.NONE


def is_about(question: str, recalled: Recalled) -> bool:
    """Whether the message surely speaks of what the question asks. Conservative: where it says no,
    the message may still be what was meant; nobody should be told that there is no record of it
    on this word alone.
    """
    return fit(question, recalled) is Fit.SURE


def _is_sure(question: str, recalled: Recalled) -> bool:
    likeness, share = recalled.likeness, recalled.word_share
    if likeness is not None and likeness >= VERY_LIKE and share >= NAMED_SHARE:
        return True
    if share >= SURE_SHARE:
        if asks_what_was_said(question) and len(subject_of(question).things) == 1:
            # "That project we discussed": more it does not say, and a likeness to it is no measure.
            return True
        # The same words in another matter: "Is my table round?", "The round table is at noon."
        return likeness is None or likeness >= OTHER_MATTER
    return likeness is not None and likeness >= LIKE and share >= LIKELY_SHARE
