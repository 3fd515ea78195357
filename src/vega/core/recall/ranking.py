"""How well messages fit a question, by numbers alone.

By words: BM25 over a message's first words, since in a long answer words say less. By meaning: the
likeness of vectors, which counts double. Then what stands beside a message, who said it, and the
day. All constants are set by hand, each with its reason; nothing here was fitted to any data.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Numbers = NDArray[np.float64]

#: So many of a message's indexed words are looked at: some 300 characters.
HEAD_WORDS = 30
#: BM25: how soon a word that comes again counts no more, and how much the length counts (of heads
#: that are alike long, little).
SATURATION = 1.2
LENGTH_PART = 0.4
#: What fits the words best, in the deviations by which meaning is counted: about as far above the
#: mean as what fits best by meaning.
BEST_WORDS = 5.0
#: Meaning counts double: in long answers words alone mislead.
MEANING_WEIGHT = 2.0
#: A long message counts by the best of its pieces, and the best of many is better by chance: by
#: so much of what that would be (sqrt(2 ln n) deviations) if its pieces had nothing in common. A
#: piece is some 120 words, of which so many are indexed.
CHANCE = 0.4
PIECE_WORDS = 60
#: The deviation of that sum, where the two go a little together.
SUM_SPREAD = 2.5
#: Of the message before and of the one after: an answer belongs to its question.
BESIDE = 0.3
#: That the owner said it, or whoever the question names: it is mostly their words that are meant.
VOICE = 1.8
#: Of the day that fits the words best, of all that is said on it.
DAY = 2.4
#: Indexed words of a usual message's head. Fixed, so that a message's score does not change with
#: what else is said.
USUAL_WORDS = 20.0


@dataclass(frozen=True, slots=True)
class TermHits:
    """One word of a question in the index."""

    #: How many messages hold it.
    message_count: int
    #: Those with it among their first words, ascending, and how often; none where it is too common
    #: to be read.
    message_ids: Ids
    counts: Ids

    @classmethod
    def of(cls, message_count: int, places: Ids) -> "TermHits":
        """Of the messages in order, each once for each time."""
        firsts = np.flatnonzero(np.diff(places, prepend=-1))
        counts = np.diff(firsts, append=len(places))
        return cls(message_count, places[firsts], counts)


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """The words of a question as the index knows them."""

    terms: tuple[TermHits, ...] = ()
    stems: tuple[str, ...] = ()
    #: Messages in all.
    total: int = 0
    #: Whether the index knows all of them.
    is_complete: bool = False

    @property
    def weights(self) -> dict[str, float]:
        """How rare each is; what no message holds weighs most."""
        return {
            stem: rarity(term.message_count, self.total)
            for stem, term in zip(self.stems, self.terms, strict=True)
        }


def rarity(message_count: int, total: int) -> float:
    """What a word weighs that so many of all messages hold (BM25's inverse document frequency)."""
    total = max(total, message_count)
    return math.log(1 + (total - message_count + 0.5) / (message_count + 0.5))


def word_scores(
    terms: Sequence[TermHits], total: int, lengths: Mapping[int, int] | None = None
) -> tuple[Ids, Numbers]:
    """BM25 of messages: ids, ascending, and scores.

    Of every message that holds one of the words, as if all were alike long; with `lengths`, their
    indexed words, of those messages alone.
    """
    held = [term.message_ids for term in terms]
    if lengths is None:
        ids = np.unique(np.concatenate(held)) if held else np.zeros(0, np.int64)
        norms = np.ones(len(ids))
    else:
        ids = np.array(sorted(lengths), np.int64)
        words = np.array([lengths[id_] for id_ in ids.tolist()], np.float64)
        norms = 1 - LENGTH_PART + LENGTH_PART * np.minimum(words, HEAD_WORDS) / USUAL_WORDS
    scores = np.zeros(len(ids))
    for term in terms:
        holding, counts = term.message_ids, term.counts
        places = np.searchsorted(ids, holding)
        if lengths is not None:
            places = np.minimum(places, len(ids) - 1)
            is_asked = ids[places] == holding if len(ids) else np.zeros(len(holding), np.bool_)
            places, counts = places[is_asked], counts[is_asked]
        weight = rarity(term.message_count, total) * (SATURATION + 1)
        scores[places] += weight * counts / (counts + SATURATION * norms[places])
    return ids, scores


@dataclass(frozen=True, slots=True)
class TurnPlace:
    """What ranks the messages of one turn: 2n is the prompt of turn n, 2n + 1 its answers."""

    turn_id: int
    #: Microseconds since 1970 in UTC; with the id its place in the chronology.
    at: int
    #: The owner's, in days since 1970.
    day: int
    is_forgotten: bool
    #: Indexed words of its prompt and of its answers; None where there is no such message.
    prompt_words: int | None
    answer_words: int | None
    #: Who said them, as they were imported.
    prompt_name: str | None
    answer_name: str | None
    #: The turns beside it by chronology.
    before_id: int | None
    after_id: int | None

    @property
    def message_ids(self) -> list[int]:
        """Its messages, in their order."""
        return [message_id for message_id, _ in self.lengths]

    @property
    def lengths(self) -> list[tuple[int, int]]:
        """The same, each with its indexed words."""
        sides = ((2 * self.turn_id, self.prompt_words), (2 * self.turn_id + 1, self.answer_words))
        return [(message_id, words) for message_id, words in sides if words is not None]


Places = Mapping[int, TurnPlace]


def beside(places: Places, message_id: int) -> tuple[int | None, int | None]:
    """The messages right before and right after one, by the chronology of the life."""
    turn = places[message_id // 2]
    if message_id % 2:
        has_prompt = turn.prompt_words is not None
        before = message_id - 1 if has_prompt else _last_of(places, turn.before_id)
        return before, _first_of(places, turn.after_id)
    has_answer = turn.answer_words is not None
    after = message_id + 1 if has_answer else _first_of(places, turn.after_id)
    return _last_of(places, turn.before_id), after


def _first_of(places: Places, turn_id: int | None) -> int | None:
    turn = None if turn_id is None else places.get(turn_id)
    if turn is None:
        return None
    if turn.prompt_words is not None:
        return 2 * turn.turn_id
    return None if turn.answer_words is None else 2 * turn.turn_id + 1


def _last_of(places: Places, turn_id: int | None) -> int | None:
    turn = None if turn_id is None else places.get(turn_id)
    if turn is None:
        return None
    if turn.answer_words is not None:
        return 2 * turn.turn_id + 1
    return None if turn.prompt_words is None else 2 * turn.turn_id


def best_as(best: float, scores: Numbers) -> Numbers:
    """The scores, so that the best one is so much. BM25 grows with the life, and these do not."""
    most = float(scores.max(initial=0.0))
    return best * scores / most if most > 0 else scores


def base_scores(
    by_words: Numbers,
    by_meaning: Numbers | None,
    coverage: float = 1.0,
    most: float | None = None,
) -> Numbers:
    """Both together; what fits worse than a message taken at random does not fit at all.

    Meaning comes as deviations above the mean. Where it is not known (nan, or None for all), the
    words speak for it with half their weight. `coverage` is the part of all messages that have
    it: where these are few, the words speak for it more and more, since what was found among few
    is not the best of all. `most`: a message whose meaning is not known may have it after all, and
    then it is no more than that.
    """
    words = best_as(BEST_WORDS, by_words)
    if by_meaning is None:
        return words * (1 + MEANING_WEIGHT / 2) / SUM_SPREAD
    guess = words / 2
    unknown = guess
    if most is not None:
        unknown = coverage * np.minimum(guess, most) + (1 - coverage) * guess
    known = coverage * by_meaning + (1 - coverage) * guess
    meaning = np.where(np.isnan(by_meaning), unknown, known)
    return np.maximum((words + MEANING_WEIGHT * meaning) / SUM_SPREAD, 0.0)


def without_chance(by_meaning: Numbers, lengths: Numbers) -> Numbers:
    """Deviations above the mean, less what a message of so many indexed words has by chance."""
    pieces = np.maximum(lengths / PIECE_WORDS, 1.0)
    less: Numbers = by_meaning - CHANCE * np.sqrt(2 * np.log(pieces))
    return less


def day_scores(
    terms: Sequence[TermHits],
    days: Mapping[int, int],
    totals: Mapping[int, int],
    day_count: int,
    mean_turns: float,
) -> dict[int, float]:
    """How well whole days fit the words, up to DAY; days that hold none of them are left out.

    `days` is the day of turns, `totals` the turns of these days; `mean_turns` those of a usual day.
    """
    scores: dict[int, float] = {}
    known = np.fromiter(days, np.int64, len(days))
    for term in terms:
        is_known = np.isin(term.message_ids // 2, known)
        counts: Counter[int] = Counter()
        found = zip(
            term.message_ids[is_known].tolist(), term.counts[is_known].tolist(), strict=True
        )
        for message_id, times in found:
            counts[days[message_id // 2]] += times
        weight = rarity(len(counts), day_count)
        for day, count in counts.items():
            length = totals.get(day, 1) / max(mean_turns, 1.0)
            norm = SATURATION * (1 - LENGTH_PART + LENGTH_PART * length)
            scores[day] = scores.get(day, 0.0) + weight * count / (count + norm)
    shares = best_as(DAY, np.array(list(scores.values())))
    return dict(zip(scores, shares.tolist(), strict=True))
