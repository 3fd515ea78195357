"""Markdown as lines of a terminal."""

import io
import unicodedata

import pytest

from vega.cli.markdown import Markdown

HOSTILE = [
    "plain \x1b]0;title\x07 and \x9b2J",
    "an entity: &#27;[31m &#x1b;[2J &#155;31m",
    "[words](http://a/%1b]0;x%07)",
    "<http://b/%1b]0;x%07>",
    "`code \x1b[31m`",
    "```\nblock \x1b[31m\n```",
    "```\x1b[31m\nlanguage\n```",
    "| a \x1b[31m |\n|---|\n| b |",
    "# Title \x1b[31m",
    "![image](http://a/%1b]0;x%07 'title \x1b')",
]


@pytest.fixture
def markdown(monkeypatch: pytest.MonkeyPatch) -> Markdown:
    """On a stream without colour, so that every control character would be the text's own."""
    monkeypatch.setenv("COLUMNS", "40")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    return Markdown(io.StringIO())


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_an_answer_steers_the_terminal(text: str, markdown: Markdown) -> None:
    shown = "".join(markdown.lines(text))

    assert shown
    assert {letter for letter in shown if unicodedata.category(letter) == "Cc"} == set()


def test_a_link_shows_where_it_leads(markdown: Markdown) -> None:
    assert markdown.lines("[a bank](http://evil.example)") == ["a bank (http://evil.example)"]


def test_a_picture_stands_where_it_was_written_with_its_address(markdown: Markdown) -> None:
    assert markdown.lines("a ![cat](http://b) c") == ["a !cat (http://b) c"]


@pytest.mark.parametrize(
    "text", ["Put <title> around it.", "<div>\n", "a <script>b</script> c", "<!-- hidden -->"]
)
def test_html_is_shown_and_not_swallowed(text: str, markdown: Markdown) -> None:
    assert " ".join(markdown.lines(text)) == text.strip()


def test_no_line_is_longer_than_the_terminal_is_wide(markdown: Markdown) -> None:
    lines = markdown.lines(" ".join(f"word{number}" for number in range(100)))

    assert max(map(len, lines)) <= 40
    assert " ".join(lines).split() == [f"word{number}" for number in range(100)]


def test_a_list_that_goes_on_keeps_its_numbers(markdown: Markdown) -> None:
    assert markdown.lines("7. seven\n8. eight") == [" 7 seven", " 8 eight"]
