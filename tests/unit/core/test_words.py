"""The words that the full-text index knows a text by."""

import pytest

from vega.core.words import KEPT_RUN, index_text, words


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("The quick brown fox isn't lazy", "quick brown fox isn lazy"),
        ("to be or not", "to be or not"),
        ("東京都 is far", "東 京 都 far"),
        ("GRÜN, gru\u0308n", "grün grün"),
        ("snake_case 3.5", "snake case 3 5"),
        ("😀 ?!", ""),
        ("كَتَبْتُ رِســالَةً", "كتبت رسالة"),
        ("שָׁלוֹם לְכֻלָּם", "שלום לכלם"),
    ],
)
def test_stop_words_are_left_out_where_there_are_others(text: str, known: str) -> None:
    assert index_text(text) == known


def test_a_long_run_of_stop_words_is_kept_whole() -> None:
    run = "so have you been up to"

    assert len(run.split()) == KEPT_RUN
    assert index_text(f"Same here! {run} anything new?") == f"same here {run} anything new"
    assert index_text("Well, have you been up to mischief?") == "well mischief"


def test_of_words_that_are_looked_up_one_by_one_no_stop_word_is_kept() -> None:
    assert words("So have you been up to mischief?") == ["mischief"]
    assert words("So have you been up to") == ["so", "have", "you", "been", "up", "to"]
