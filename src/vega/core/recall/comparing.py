"""What was found, held against the question: how much of it each message holds, which messages only
repeat what was said, and which one tells of a time."""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from vega.core.conversation import CHATTER_ORIGINS, IMPORT_ORIGIN
from vega.core.facts import read_question
from vega.core.facts.sentences import sentences
from vega.core.importing import Role
from vega.core.life.recall_store import Said
from vega.core.recall.asking import (
    asks_for_questions,
    asks_for_the_past,
    is_interrogative,
    subject_of,
)
from vega.core.recall.packing import Packer
from vega.core.recall.stays import is_plan
from vega.core.recollection import Recalled
from vega.core.store import Store
from vega.core.words import words
from vega.errors import DatabaseError

log = logging.getLogger(__name__)

#: So many of those that are shown are compared with the question by all of their words.
COMPARED = 24
#: Messages that are looked at for the one that tells of a time.
ANCHORS_TRIED = 40
#: A statement tells of a time where it holds so much of what is said of it; or so much, where it
#: means the same.
TELLS_SHARE = 0.75
TELLS_ALIKE_SHARE, TELLS_ALIKE = 0.5, 0.5
#: "I lost my job, too. How about you?" tells something; "Hi Vega! How are you?" does not.
LEAST_TOLD_WORDS = 3
MOST_LOOKED_AT_CHARS = 4_000
#: A longer text is no question about the past.
MOST_ASKED_CHARS = 400
#: What is asked of Vega tells of nothing: "Recap my trip", "Book a room for my holiday".
_ORDERS = re.compile(
    r"\W*(?:(?:so|and|ok|okay|hey|hi|hello|vega|please|now|just|quick(?:ly)?)\W+)*"
    r"(?:(?:can|could|would|will) you\b|let's talk\b|(?:i want|i'd like|i would like) (?:you )?to "
    r"(?:know|hear|see|tell)\b|(?:recap|summari[sz]e|sum up|tell|show|list|give|find|search|"
    r"look up|remind|repeat|review|describe|explain|write|draft|compose|translate|suggest|"
    r"recommend|propose|plan|book|help|go over|create|make me|imagine|compare|calculate|check|"
    r"bring up|recall|remember when)\b(?! (?:is|was|are|were|has|had|club|shop)\b))",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"(?:i|we|you) (?:\w+ly |first |last |once |just |had )?(?:asked|told|said|mentioned|talked|"
    r"spoke|discussed|wrote|chatted)\b",
    re.IGNORECASE,
)


async def compared(
    store: Store, items: Sequence[Recalled], question: str, time_words: str = ""
) -> tuple[Recalled, ...]:
    """The items, the first of them with how much they hold of what is asked for."""
    subject = subject_of(question, time_words)
    things = [*subject.things, *subject.deeds]
    if not things:
        return tuple(items)
    ids = [item.found.message_id for item in items[:COMPARED]]
    try:
        weights, held = await store.recall.held(ids, things)
    except DatabaseError as exc:
        log.warning("What was found is not compared by its words: %s", exc)
        return tuple(items)

    def share(item: Recalled, count: int) -> float:
        # Who speaks seldom names themselves.
        speaker = set(words(item.found.name or ""))
        whole = share_held = 0.0
        rows = zip(things, weights, held[item.found.message_id], strict=True)
        for forms, weight, is_held in list(rows)[:count]:
            whole += weight
            share_held += weight if is_held or speaker & set(forms) else 0.0
        return share_held / (whole or 1.0)

    found = [
        replace(
            item,
            word_share=share(item, len(things)),
            subject_share=share(item, len(subject.things)),
        )
        for item in items[:COMPARED]
    ]
    return (*found, *items[len(found) :])


class Aside:
    """Messages that are shown later, up to so many characters."""

    def __init__(self, most_chars: int) -> None:
        self._left = most_chars
        self._said: list[Said] = []

    def add(self, said: Said) -> None:
        self._left -= len(said.found.text)
        if self._left >= 0:
            self._said.append(said)

    def empty(self, packer: Packer, add: Callable[[Packer, Said], object]) -> None:
        """Shows them now."""
        for said in self._said:
            add(packer, said)
        self._said.clear()


def is_repetition(said: Said, *, is_of_questions: bool) -> bool:
    """Whether the message only asks for what was said, or tells it again: behind all that was
    really said. Where questions are asked for, they are what was said, but for those that asked
    just that."""
    if said.origin == IMPORT_ORIGIN:
        return False
    if said.found.role is Role.ASSISTANT:
        return said.is_of_the_store
    if is_of_questions:
        return asks_for_questions(said.found.text)
    return is_of_the_past(said)


def is_of_the_past(said: Said) -> bool:
    """Whether the owner asks in it for what was said before."""
    text = said.found.text
    if len(text) > MOST_ASKED_CHARS or not is_interrogative(text):
        return False
    return said.is_of_the_store or asks_for_the_past(text) or read_question(text) is not None


def says_something(phrase: str) -> bool:
    """Whether a phrase is of what one of the two said: "I asked about slugs"."""
    return bool(_SAYS.match(phrase))


def may_be_anchor(said: Said, *, is_of_talk: bool = False) -> bool:
    """Whether it tells of something: the words of the owner, or of a person by name, and neither
    an order nor a question alone; but a question where what was said is looked for."""
    is_a_persons = said.found.role is Role.USER or said.found.name is not None
    if not is_a_persons or said.origin in CHATTER_ORIGINS or is_of_the_past(said):
        return False
    text = said.found.text
    if is_of_talk:
        return not said.is_of_the_store
    if _ORDERS.match(text):
        return False
    if not is_interrogative(text):
        return True
    told = [each for each in sentences(text[:MOST_LOOKED_AT_CHARS]) if not is_interrogative(each)]
    return len(words(" ".join(told))) >= LEAST_TOLD_WORDS


def tells_of(items: Iterable[Recalled]) -> Recalled | None:
    """The first that surely tells of what was looked for; what was only planned where there is
    nothing else."""
    told = all_that_tell(items)
    done = [item for item in told if not is_plan(item.found.text)]
    return next(iter(done or told), None)


def all_that_tell(items: Iterable[Recalled]) -> list[Recalled]:
    """Those that surely tell of what was looked for."""
    return [item for item in items if _tells(item)]


def _tells(item: Recalled) -> bool:
    if item.subject_share >= TELLS_SHARE:
        return True
    is_alike = item.likeness is not None and item.likeness >= TELLS_ALIKE
    return is_alike and item.subject_share >= TELLS_ALIKE_SHARE
