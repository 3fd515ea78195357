"""The short form of a text, made of its own sentences."""

import re
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vega.core.telling.extract import MOST_SUMMARY_CHARS, clip, extract, summary_budget

GARDEN = """\
Certainly! I'd be happy to help.

## Herbs on a balcony

A herb garden on a **balcony** needs sun, pots with a drain, and [good soil](https://example.org/a).
Basil and rosemary like it warm; parsley stands the shade.

1. **Water** the herb pots in the morning, so that the soil is moist.
2. Herbs need hardly any fertilizer, since they like a poor soil.
   - [x] Harvest `herbs` often.

```python
def water(herbs):
    return [herb.water() for herb in herbs]
```

| Herb | Sun |
|------|:---:|
| Mint | no  |

By following these steps, you will have a herb garden with herbs on your balcony.
Let me know if you have any other questions about your herb garden!
"""

PARAGRAPH = (
    "The library closes at nine on weekdays. The library in the old town closes at six. "
    "My aunt once saw a heron. Books of the library can be renewed by telephone. "
)

LANGUAGES = {
    "chinese": "阳台种植香草需要充足的阳光和排水良好的土壤。罗勒喜欢温暖的环境！最好在早上浇水，"
    * 5,
    "japanese": "ハーブは日当たりの良い場所で育てます。水やりは朝が一番です。肥料は要りません。"
    * 4,
    "thai": "สวนสมุนไพรบนระเบียงต้องการแสงแดด โหระพาชอบความอบอุ่น ควรรดน้ำสมุนไพรในตอนเช้า" * 4,
    "arabic": "تحتاج حديقة الأعشاب إلى الشمس. هل تحتاج إلى السماد؟ من الأفضل ري الأعشاب صباحا. "
    * 4,
    "hebrew": "גינת תבלינים צריכה שמש ואדמה טובה. בזיליקום אוהב חום. כדאי להשקות בבוקר. " * 4,
    "hindi": "जड़ी बूटियों को धूप चाहिए। सुबह पानी देना सबसे अच्छा है। खाद की ज़रूरत कम होती है। " * 4,
    "german": "Für Kräuter auf dem Balkon brauchst du Sonne. Am 3. Mai ist der Frost vorbei. " * 4,
}
ODD = {
    "one enormous sentence": "a garden of herbs that grows " * 40,
    "one enormous word": "x" * 3000,
    "no punctuation": "sun and soil and water\nherbs and pots\n" * 20,
    "only code": "```python\n" + "print('a herb', 1 + 2)\n" * 20 + "```",
    "code that is never closed": "~~~\n" + "rm -rf herbs\n" * 30,
    "only emoji": "🎉👨‍👩‍👧🔥 " * 60,
    "only marks": "*** --- ### |||\n" * 30,
    "only headings": "# Herbs\n## Water\n### Soil\n" * 20,
    "only a table": "| Herb | Sun |\n|---|---|\n| Mint | no |\n" * 20,
    "one line and spaces": "herbs" + " " * 500 + "soil",
}


def words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


def test_it_holds_what_the_text_is_about_in_the_texts_order() -> None:
    summary = extract(GARDEN, 230)

    assert "herb garden on a balcony needs sun" in summary
    assert summary.index("needs sun") < summary.index("Herbs need hardly any fertilizer")


def test_courtesies_code_and_repetitions_are_left_out() -> None:
    summary = extract(GARDEN, 400)

    for filler in ("Certainly", "happy to help", "Let me know", "By following", "def water", "|"):
        assert filler not in summary
    assert extract(PARAGRAPH * 10, 300).count("old town") == 1


def test_what_is_beside_the_point_goes_first() -> None:
    assert "heron" not in extract(PARAGRAPH, len(PARAGRAPH) - 20)


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("1. **Water** the pots.", "Water the pots."),
        ("> - [x] Harvest `herbs` _often_.", "Harvest herbs often."),
        ("***See*** [the *list*](https://example.org/a 'x') ~~now~~.", "See the list now."),
        ("### Soil for herbs", "Soil for herbs"),
        ("**Soil for herbs:**", "Soil for herbs:"),
        ("| Mint | **no** sun |\n|---|:--:|", "Mint, no sun"),
        (
            "Herbs like sun,<br>and water\nin the morning.",
            "Herbs like sun, and water in the morning.",
        ),
        ("把花盆**搬到**阳台上。", "把花盆搬到阳台上。"),
        ("Pots.\n````md\n```\ncode\n```\n````\nHerbs grow.", "Pots. Herbs grow."),
    ],
)
def test_marks_of_markdown_are_taken_off(marked: str, plain: str) -> None:
    assert extract(f"{marked}{' ' * 90}\n---\n~~~\n{'code ' * 20}", 60) == plain


def test_what_only_looks_like_a_mark_stays() -> None:
    text = "Set `__init__` so that x**2 + y**2 equals 2*3*4 in snake_case_name. " * 4

    assert extract(text, 80) == text[:68].strip().replace("`", "")


def test_items_without_an_end_mark_are_held_apart() -> None:
    assert extract("- sun for herbs\n- soil for herbs\n- pots for them in many sizes\n", 40) == (
        "sun for herbs; soil for herbs"
    )


def test_a_dot_behind_an_initial_a_title_or_an_ordinal_ends_no_sentence() -> None:
    text = "Dr. J. Lind met us on the 3. May about herbs. " + "All agreed. Few spoke. None left. "

    assert extract(text, 50) == "Dr. J. Lind met us on the 3. May about herbs."


def test_an_enormous_sentence_is_clipped_behind_a_word() -> None:
    summary = extract(ODD["one enormous sentence"], 100)

    assert summary.endswith("…")
    assert ODD["one enormous sentence"].startswith(summary[:-1] + " ")
    assert 80 < len(summary) <= 100


def test_a_fitting_courtesy_is_not_preferred_to_a_clipped_statement() -> None:
    text = "Great question! " + "Herbs need soil that lets water through, and more sun " * 8

    assert extract(text, 80).startswith("Herbs need soil")


@pytest.mark.parametrize("kind", LANGUAGES)
def test_whole_sentences_of_any_language_are_found(kind: str) -> None:
    text = LANGUAGES[kind]

    summary = extract(text, max(70, summary_budget(text)))

    sentences = re.split(r"(?<=[。！?؟।])\s*|(?<=[a-zא-ת]\.)\s+|(?<=[^\d\s]\.)\s+| ", text)
    assert 0 < len(summary) <= max(70, summary_budget(text))
    assert any(part and summary.startswith(part) for part in sentences)
    assert words(summary) <= words(text)


@pytest.mark.parametrize("kind", ODD)
def test_any_text_has_a_summary_within_its_budget(kind: str) -> None:
    text = ODD[kind]

    for budget in (1, 2, 10, 60, summary_budget(text), len(text) - 1):
        assert 0 < len(extract(text, budget)) <= budget


def test_of_mere_code_the_beginning_is_shown_without_its_fence() -> None:
    assert extract(ODD["only code"], 60).startswith("print('a herb', 1 + 2)")


def test_a_short_text_is_its_own_summary() -> None:
    text = "Take the train at 5:10; your flight leaves at 07:25."

    assert extract(f"{text}\n", summary_budget(text)) == text
    assert summary_budget("x" * 100) == 100


def test_a_blank_text_has_an_empty_summary() -> None:
    assert extract(" \n\t ", 60) == ""
    assert extract("something", 0) == ""


@pytest.mark.parametrize("chars", [1000, 4000, 20_000])
def test_between_80_and_90_percent_of_a_text_are_saved(chars: int) -> None:
    assert 0.80 <= 1 - summary_budget("x" * chars) / chars <= 0.90


def test_no_summary_is_longer_than_anybody_reads() -> None:
    assert summary_budget("x" * 1_000_000) == MOST_SUMMARY_CHARS


@given(st.text(max_size=400), st.integers(1, 120))
def test_never_longer_never_empty_and_every_word_from_the_text(text: str, budget: int) -> None:
    summary = extract(text, budget)

    assert len(summary) <= budget
    assert bool(summary) == bool(text.strip())
    # The last word may be clipped.
    assert all(word in text for word in words(summary))


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from(["herb", "Soil.", "\n", "- ", "```\n", "**", "# ", "|", "水。", "!"]))
)
def test_markdown_in_any_disorder_is_borne(parts: list[str]) -> None:
    text = " ".join(parts)

    assert len(extract(text, 30)) <= 30
    assert bool(extract(text, 30)) == bool(text.strip())


@pytest.mark.parametrize(
    "text",
    ["*a " * 30_000, "[x" * 50_000, "# " + "#" * 60_000 + "a", "`" * 50_000 + "a", "~~a" * 30_000,
     "a. " * 40_000, '."' * 50_000, "_a" * 50_000, "herbs need soil. " * 6000],
    ids=lambda text: text[:5],
)  # fmt: skip
def test_a_hostile_text_takes_no_longer_than_others_of_its_length(text: str) -> None:
    begun_at = process_time()

    extract(text, summary_budget(text))

    assert process_time() - begun_at < 1.0


def test_what_fits_is_not_clipped() -> None:
    assert clip("two words", 9) == "two words"
    assert clip("two words", 8) == "two…"
    assert clip("two words", 4) == "two…"
