"""Answers that a small model has only repeated.

Such a model says again what it sees that it has said; with each repetition in its prompt the next
becomes more certain, until it gives every question the same answer.
"""

import re
from collections.abc import Sequence

#: So many words in a row make no phrase of everybody's.
RUN_WORDS = 5
#: Who begins with the same words goes on with the same, too.
OPENING_WORDS = 6
#: An answer with this share of its runs in another one is the same answer.
ECHO_SHARE = 0.5
_WORD = re.compile(r"\w+")


def count_to_last_echo(answers: Sequence[str], first: int = 0) -> int:
    """How many of the answers, which are in their order, stand before all that may be shown: up to
    the last one that repeats any before it, itself among them; at least `first`, which are only
    there to be compared with."""
    spoken = [_WORD.findall(answer.casefold()) for answer in answers]
    for number in range(len(spoken) - 1, first - 1, -1):
        if any(_is_alike(spoken[number], before) for before in spoken[:number]):
            return number + 1
    return first


def _is_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    if min(len(one), len(other)) < RUN_WORDS:
        return one == other
    if one[:OPENING_WORDS] == other[:OPENING_WORDS]:
        return True
    runs, others = _runs(one), _runs(other)
    return len(runs & others) >= ECHO_SHARE * min(len(runs), len(others))


def _runs(spoken: Sequence[str]) -> set[tuple[str, ...]]:
    """What stands in it side by side."""
    return {
        tuple(spoken[start : start + RUN_WORDS]) for start in range(len(spoken) - RUN_WORDS + 1)
    }
