"""Scores by words, by meaning, and by the day."""

import numpy as np
import pytest

from vega.core.recall.ranking import (
    BEST_WORDS,
    DAY,
    HEAD_WORDS,
    MEANING_WEIGHT,
    PIECE_WORDS,
    TermHits,
    TurnPlace,
    base_scores,
    beside,
    best_as,
    day_scores,
    rarity,
    without_chance,
    word_scores,
)


def hits(*message_ids: int, count: int | None = None) -> TermHits:
    ids = np.array(message_ids, np.int64)
    return TermHits.of(len(set(message_ids)) if count is None else count, ids)


def place(
    turn_id: int, *, prompt: int | None = 5, answer: int | None = 5, **others: int
) -> TurnPlace:
    values = {"before_id": turn_id - 1, "after_id": turn_id + 1, "at": turn_id, "day": 0, **others}
    return TurnPlace(
        turn_id, values["at"], values["day"], False, prompt, answer, None, None,
        values["before_id"], values["after_id"],
    )  # fmt: skip


def test_a_rare_word_weighs_more_than_a_common_one_and_none_weighs_less_than_nothing() -> None:
    weights = [rarity(count, 1000) for count in (0, 1, 10, 500, 1000)]

    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


def test_a_count_that_is_larger_than_what_is_thought_to_be_all_is_no_error() -> None:
    assert rarity(20, 10) > 0


def test_a_message_with_both_words_comes_before_one_with_the_rarer_twice() -> None:
    ids, scores = word_scores([hits(2, 4, 4), hits(2, 6, 8)], 100)

    assert ids.tolist() == [2, 4, 6, 8]
    assert scores.argmax() == 0


def test_a_word_that_comes_again_counts_less_each_time() -> None:
    _, scores = word_scores([hits(2, 4, 4, 6, 6, 6)], 100)

    assert 0 < scores[2] - scores[1] < scores[1] - scores[0]


def test_of_two_messages_with_the_word_the_shorter_comes_first_and_heads_are_alike_long() -> None:
    _, scores = word_scores([hits(2, 4, 6)], 100, {2: 3, 4: HEAD_WORDS, 6: 900})

    assert scores[0] > scores[1] == scores[2]


def test_with_lengths_only_those_messages_are_scored() -> None:
    ids, scores = word_scores([hits(2, 4, 6)], 100, {4: 3, 5: 9})

    assert ids.tolist() == [4, 5]
    assert scores[0] > scores[1] == 0
    assert len(word_scores([hits(2)], 100, {})[0]) == 0


def test_hits_are_counted_once_for_each_message() -> None:
    term = hits(2, 2, 5, 8, 8, 8)

    assert (term.message_ids.tolist(), term.counts.tolist()) == ([2, 5, 8], [2, 1, 3])


def test_no_words_give_no_scores() -> None:
    assert [len(part) for part in word_scores([], 100)] == [0, 0]
    assert [len(part) for part in word_scores([hits()], 100)] == [0, 0]


def test_the_best_is_so_much_and_nothing_stays_nothing() -> None:
    assert best_as(4.0, np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
    assert best_as(4.0, np.zeros(2)).tolist() == [0.0, 0.0]


def test_meaning_counts_more_than_words_and_what_is_unlike_does_not_count_at_all() -> None:
    words, meaning = np.array([10.0, 0.0, 0.0]), np.array([0.0, BEST_WORDS, -1.0])

    by_words, by_meaning, unlike = base_scores(words, meaning).tolist()

    assert by_meaning == pytest.approx(MEANING_WEIGHT * by_words)
    assert unlike == 0


def test_without_vectors_words_speak_for_both_with_half_their_weight() -> None:
    alone = base_scores(np.array([10.0]), None)
    waiting = base_scores(np.array([10.0, 10.0]), np.array([np.nan, BEST_WORDS]))

    assert 0 < alone[0] == waiting[0] < waiting[1]


def test_where_few_messages_have_vectors_words_lead() -> None:
    words, meaning = np.array([10.0, 0.0]), np.array([np.nan, BEST_WORDS])

    few = base_scores(words, meaning, coverage=0.05)
    all_ = base_scores(words, meaning, coverage=1.0)

    assert few[0] > 10 * few[1]
    assert all_[0] <= all_[1]


def test_the_fewer_have_vectors_the_nearer_the_scores_come_to_those_of_words_alone() -> None:
    words, meaning = np.array([10.0, 4.0, 0.0]), np.array([1.0, np.nan, 4.0])
    alone = base_scores(words, None)

    apart = [
        float(np.abs(base_scores(words, meaning, coverage) - alone).max())
        for coverage in (0.0, 0.1, 0.5, 1.0)
    ]

    assert apart == sorted(apart)
    assert apart[0] == 0


def test_what_has_a_vector_and_is_not_among_the_best_is_no_more_alike_than_the_last_of_these() -> (
    None
):
    words, meaning = np.array([10.0, 0.0]), np.array([np.nan, 1.0])

    lower = base_scores(words, meaning, most=0.5)
    unknown = base_scores(words, meaning)

    assert lower[0] < unknown[0]
    assert lower[1] == unknown[1]


def test_of_a_long_message_the_best_piece_counts_less_than_of_one_that_is_a_piece() -> None:
    short, one, long, longer = without_chance(
        np.full(4, 2.0), np.array([0.0, PIECE_WORDS, 4 * PIECE_WORDS, 9 * PIECE_WORDS])
    )

    assert short == one == 2.0
    assert 1.0 < longer < long < one


def test_beside_a_message_is_what_was_said_right_before_and_after_it() -> None:
    places = {each.turn_id: each for each in (place(1), place(2, answer=None), place(3))}

    assert beside(places, 2) == (None, 3)
    assert beside(places, 3) == (2, 4)
    assert beside(places, 4) == (3, 6)
    assert beside(places, 6) == (4, 7)
    assert beside(places, 7) == (6, None)


def test_beside_goes_by_chronology_and_not_by_arrival() -> None:
    imported = place(9, before_id=1, after_id=2)
    places = {1: place(1, after_id=9), 2: place(2, before_id=9), 9: imported}

    assert beside(places, 18) == (3, 19)
    assert beside(places, 19) == (18, 4)
    assert beside(places, 3) == (2, 18)


def test_the_day_with_most_of_the_words_fits_best_and_a_long_one_less() -> None:
    terms = [hits(2, 4, 6), hits(2, 8)]
    days = {1: 100, 2: 100, 3: 200, 4: 300}

    scores = day_scores(terms, days, {100: 4, 200: 4, 300: 40}, 50, 4.0)

    assert scores[100] == DAY
    assert 0 < scores[300] < scores[100]
    assert set(scores) == {100, 200, 300}


def test_of_days_that_are_not_known_nothing_is_said() -> None:
    assert day_scores([hits(2)], {}, {}, 0, 0.0) == {}
