"""The messages that may fit a question, scored and put in order: what `ranking` gives, together.

Pure; the messages of turns come as `TurnPlace`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from vega.core.recall.ranking import (
    BESIDE,
    VOICE,
    Ids,
    Numbers,
    Places,
    QuestionWords,
    base_scores,
    beside,
    without_chance,
)

#: That a message is of the time that the question speaks of.
IN_WINDOW = 2.0
#: The same where the question asks what was said then, and the message fits at all: before all
#: others.
SAID_THEN = 20.0
#: By its words and its meaning, in deviations above a message taken at random.
FITS = 1.0


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Messages by their meaning."""

    #: Cosines, and the piece of the message that has it.
    scores: Mapping[int, float] = field(default_factory=dict)
    pieces: Mapping[int, int] = field(default_factory=dict)
    #: Of all messages.
    mean: float = 0.0
    deviation: float = 0.0
    #: The part of all messages that have a vector.
    coverage: float = 1.0
    #: What is not among the scores and has a vector is no more alike than this; None where the
    #: scores are of all that have one.
    least: float | None = None

    @property
    def is_known(self) -> bool:
        return self.deviation > 0 and bool(self.scores)

    def joined(self, other: "Likenesses") -> "Likenesses":
        """With what is known of further messages."""
        scores = {**self.scores, **other.scores}
        return replace(self, scores=scores, pieces={**self.pieces, **other.pieces})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked, as far as scores depend on it."""

    words: QuestionWords
    #: The question's own words, in lower case, by which it may name somebody.
    names: frozenset[str]
    #: What may be found comes before this place in the chronology: (at, id).
    end: tuple[int, int]
    #: The time that it speaks of, in microseconds since 1970, its end not included; None where it
    #: speaks of none.
    window: tuple[int, int] | None = None
    is_what_was_said: bool = False
    #: How well days fit.
    days: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Messages, the best first."""

    ids: tuple[int, ...] = ()
    scores: tuple[float, ...] = ()
    #: Those of them that fit no better than a message taken at random.
    unfit: frozenset[int] = frozenset()


def best_turns(hits: tuple[Ids, Numbers], count: int) -> list[int]:
    """The turns of so many messages that fit the words best."""
    ids, scores = hits
    best: list[int] = (ids[np.argsort(-scores, kind="stable")[:count]] // 2).tolist()
    return best


def best_candidates(
    hits: tuple[Ids, Numbers],
    likenesses: Likenesses,
    count: int,
    without: Sequence[int],
    among: Sequence[int] | None = None,
) -> list[int]:
    """The messages that are looked at closely, by words, meaning and voice alone: not of turns that
    may not be found, and of some turns only where these are given."""
    ids = np.union1d(hits[0], np.fromiter(likenesses.scores, np.int64, len(likenesses.scores)))
    ids = ids[~np.isin(ids // 2, np.array(without, np.int64))]
    if among is not None:
        ids = ids[np.isin(ids // 2, np.array(among, np.int64))]
    scores = _base(ids, hits, likenesses, _by_meaning(ids, likenesses))
    scores += VOICE * (ids % 2 == 0)
    best = np.lexsort((-ids, -scores))[:count]
    found: list[int] = ids[best].tolist()
    return found


def rank(asked: Asked, places: Places, likenesses: Likenesses, hits: tuple[Ids, Numbers]) -> Ranked:
    """All messages of these turns that may be found, by everything that counts."""
    kept = [turn for turn in places.values() if _may_be_found(turn.at, turn.turn_id, asked)]
    ids = np.array(
        sorted(id_ for turn in kept if not turn.is_forgotten for id_ in turn.message_ids), np.int64
    )
    if not len(ids):
        return Ranked()
    named = np.array([_is_named(_name(places, id_), asked.names) for id_ in ids.tolist()])
    by_meaning = _by_meaning(ids, likenesses)
    if by_meaning is not None:
        by_meaning = without_chance(by_meaning, _lengths(ids, places))
    base = _base(ids, hits, likenesses, by_meaning)
    by_id = dict(zip(ids.tolist(), base.tolist(), strict=True))
    scores = base + VOICE * (named if named.any() else ids % 2 == 0)
    scores += [
        BESIDE * sum(by_id.get(other, 0.0) for other in beside(places, id_) if other is not None)
        + asked.days.get(places[id_ // 2].day, 0.0)
        + _by_window(asked, places[id_ // 2].at, fit)
        for id_, fit in by_id.items()
    ]
    order = np.lexsort((-ids, -scores))
    unfit = frozenset(id_ for id_, fit in by_id.items() if fit <= 0)
    return Ranked(tuple(ids[order].tolist()), tuple(scores[order].tolist()), unfit)


def _may_be_found(at: int, turn_id: int, asked: Asked) -> bool:
    return (at, turn_id) < asked.end


def _base(
    ids: Ids, hits: tuple[Ids, Numbers], likenesses: Likenesses, by_meaning: Numbers | None
) -> Numbers:
    most = None
    if likenesses.is_known and likenesses.least is not None:
        most = (likenesses.least - likenesses.mean) / likenesses.deviation
    return base_scores(_by_words(ids, hits), by_meaning, likenesses.coverage, most)


def _by_words(ids: Ids, hits: tuple[Ids, Numbers]) -> Numbers:
    found = np.zeros(len(ids))
    known, scores = hits
    if len(known):
        places = np.minimum(np.searchsorted(known, ids), len(known) - 1)
        is_hit = known[places] == ids
        found[is_hit] = scores[places[is_hit]]
    return found


def _by_meaning(ids: Ids, likenesses: Likenesses) -> Numbers | None:
    """Deviations above the mean; nan where it is not known, None where of none it is."""
    if not likenesses.is_known:
        return None
    count = len(likenesses.scores)
    known = np.fromiter(likenesses.scores, np.int64, count)
    cosines = np.fromiter(likenesses.scores.values(), np.float64, count)
    order = np.argsort(known)
    known, cosines = known[order], cosines[order]
    places = np.minimum(np.searchsorted(known, ids), count - 1)
    found = np.where(known[places] == ids, cosines[places], np.nan)
    return (found - likenesses.mean) / likenesses.deviation


def _lengths(ids: Ids, places: Places) -> Numbers:
    known = {id_: words for turn in places.values() for id_, words in turn.lengths}
    return np.array([known[id_] for id_ in ids.tolist()], np.float64)


def _by_window(asked: Asked, at: int, base: float) -> float:
    if asked.window is None or not asked.window[0] <= at < asked.window[1]:
        return 0.0
    return SAID_THEN if asked.is_what_was_said and base >= FITS else IN_WINDOW


def _name(places: Places, message_id: int) -> str | None:
    turn = places[message_id // 2]
    return turn.answer_name if message_id % 2 else turn.prompt_name


def _is_named(name: str | None, words: frozenset[str]) -> bool:
    """Whether the question names them: by the first of their names."""
    return bool(name) and (name or "").casefold().split()[0] in words
