"""What may be written to a terminal."""

import unicodedata

from vega.cli.screen import safe


def test_text_that_a_terminal_only_shows_stays_as_it_is() -> None:
    text = "Grüße, 世界 🙂\n\tindented – “quoted”"

    assert safe(text) == text


def test_no_control_character_is_left_but_line_feed_and_tab() -> None:
    every = "".join(map(chr, range(0x110000 - 1)))

    left = {letter for letter in safe(every) if unicodedata.category(letter) == "Cc"}

    assert left == {"\n", "\t"}


def test_an_escape_sequence_is_shown_and_not_obeyed() -> None:
    assert safe("\x1b[31mred\x07\x9b2J") == "␛[31mred␇\ufffd2J"


def test_a_line_cannot_be_overwritten_by_a_carriage_return() -> None:
    assert safe("rm -rf /\rls") == "rm -rf /ls"
    assert safe("one\r\ntwo") == "one\ntwo"


def test_the_direction_of_what_follows_cannot_be_turned() -> None:
    assert safe("\u202eevil\u2066") == "\ufffdevil\ufffd"
