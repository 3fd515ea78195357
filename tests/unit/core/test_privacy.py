"""What may not be sent: the turns of a private fact, and every text that holds all of its words."""

import pytest

from vega.core.privacy import Privacy, privacy_of

PRIVATE = privacy_of({3}, ["type 1 diabetes", "🦄", "Green Street 5"])


@pytest.mark.parametrize(
    "text",
    [
        "I have type 1 diabetes.",
        "DIABETES, of type 1",
        "you told of your 🦄",
        "the green door in the street, number 5",
    ],
)
def test_a_text_with_all_words_of_a_private_value_is_hidden(text: str) -> None:
    assert PRIVATE.hides(text)
    assert PRIVATE.hides("Hello.", text)
    assert PRIVATE.hides_turn(9, text)


@pytest.mark.parametrize("text", ["", "I drew a horse.", "A green door.", "type 1"])
def test_another_text_is_not_hidden(text: str) -> None:
    assert not PRIVATE.hides(text)
    assert PRIVATE.hides_turn(3, text)
    assert not PRIVATE.hides_turn(4, text)


def test_where_nothing_is_private_nothing_is_hidden() -> None:
    for nothing in (Privacy(), privacy_of((), ()), privacy_of((), ["", "  "])):
        assert not nothing.hides("", "anything")
        assert not nothing.hides_turn(1, "anything")
