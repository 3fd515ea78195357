"""Whether what was recalled is surely about what was asked. Pure."""

from vega.core.recall.asking import asks_what_was_said, ends, names_something, sought_words
from vega.core.recollection import Recalled

#: A message that holds so much of what the question asks for, by the weight of its words, is about
#: it: all but a common word or two.
SURE_SHARE = 0.75
#: So much is enough where the message also means what the question means; and so much where it
#: means just that: something must be named that both speak of.
LIKELY_SHARE = 0.5
NAMED_SHARE = 0.15
#: Cosines of all-MiniLM-L6-v2: a question and a message about the same thing; and one that says
#: nearly the same.
LIKE = 0.5
VERY_LIKE = 0.7


def is_about(question: str, recalled: Recalled) -> bool:
    """Whether the message surely speaks of what the question asks. Conservative: where it says no,
    the message may still be what was meant; nobody should be told that there is no record of it
    on this word alone where a fact or a time fits.
    """
    question = ends(question)
    if not names_something(question):
        return False
    likeness = recalled.likeness
    if likeness is not None and likeness >= VERY_LIKE:
        return recalled.word_share >= NAMED_SHARE
    if recalled.word_share >= SURE_SHARE:
        if asks_what_was_said(question) and len(set(sought_words(question))) == 1:
            # "That project we discussed": more it does not say, and a likeness to it is no measure.
            return True
        # The same words in another matter: "Is my table round?", "The round table is at noon."
        return likeness is None or likeness >= LIKE / 2
    return likeness is not None and likeness >= LIKE and recalled.word_share >= LIKELY_SHARE
