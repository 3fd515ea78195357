"""Answers written while they come."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.terminal import screen_lines
from vega.cli.writer import MarkdownWriter, PlainWriter, finished_length

MARKDOWN = st.lists(
    st.sampled_from(
        ["word ", "\n", "\n\n", "```", "~~~", "- item", "1. item", "    code", "# Title", "> quote"]
    ),
    max_size=30,
).map("".join)


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("", ""),
        ("One paragraph that goes", ""),
        ("One.\n\n", ""),
        ("One.\n\nT", "One.\n\n"),
        ("One.\n\nTwo.\n\nThree", "One.\n\nTwo.\n\n"),
        ("One.\n\n\n\nTwo", "One.\n\n\n\n"),
        ("- a\n\n  still a", ""),
        ("- a\n\n  still a\n\nNo item", "- a\n\n  still a\n\n"),
        ("```\none\n\ntwo", ""),
        ("```\none\n\ntwo\n```\n\nThree", "```\none\n\ntwo\n```\n\n"),
        ("````\n```\n\nstill code", ""),
        ("~~~\n```\n\nstill code", ""),
        ("```py\nx\n\n``` no end\n\nstill", ""),
    ],
)
def test_what_is_finished_is_what_nothing_can_change(text: str, finished: str) -> None:
    assert text[: finished_length(text)] == finished


@given(MARKDOWN, MARKDOWN)
def test_what_is_finished_stays_finished(text: str, more: str) -> None:
    assert finished_length(text + more) >= finished_length(text)


@given(st.lists(st.text(max_size=8), max_size=8))
def test_plain_text_is_written_once_and_whole(pieces: list[str]) -> None:
    out = io.StringIO(newline="")
    writer = PlainWriter(out)
    text = ""
    for piece in pieces:
        text += piece
        writer.show(text)
    writer.end(text)

    assert out.getvalue().removesuffix("\n") == text.removesuffix("\n")


def test_text_that_a_crash_took_back_is_not_written_again() -> None:
    out = io.StringIO()
    writer = PlainWriter(out)
    for text in ("One two three", "One", "One two", "One two three four"):
        writer.show(text)
    writer.end("One two three four")

    assert out.getvalue() == "One two three four\n"


def test_an_answer_that_begins_anew_is_written_below(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    writer = PlainWriter(out)
    writer.show("The first try")
    writer.end("Another one.")

    assert out.getvalue() == "The first try\n\nAnother one.\n"
    assert "begins anew" in capsys.readouterr().err


class TerminalStream(io.StringIO):
    """A stream that says it is a terminal, since what is tested is what is written to one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> TerminalStream:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    monkeypatch.setenv("TERM", "xterm")
    return TerminalStream()


def _seen(terminal: TerminalStream) -> str:
    return "\n".join(screen_lines(terminal.getvalue().replace("\n", "\r\n"), 40)).strip()


def test_markdown_is_there_once_however_it_came(terminal: TerminalStream) -> None:
    text = "One.\n\n- a\n- b\n\n```\ncode\n\nmore\n```\n\n" + "word " * 200 + "\n\nEnd."
    whole, piecewise = TerminalStream(), terminal
    MarkdownWriter(whole).end(text)
    writer = MarkdownWriter(piecewise)
    for length in range(0, len(text), 7):
        writer.show(text[:length])
    writer.end(text)

    assert _seen(piecewise) == _seen(whole)


def test_a_note_goes_away_when_the_answer_goes_on(terminal: TerminalStream) -> None:
    writer = MarkdownWriter(terminal)
    writer.show("One two")
    writer.pause("A reason that is longer than the line of a narrow terminal.")
    writer.end("One two three.")

    assert _seen(terminal) == "One two three."


def test_words_that_a_crash_took_back_are_taken_back_on_the_screen(
    terminal: TerminalStream,
) -> None:
    writer = MarkdownWriter(terminal)
    writer.show("First.\n\nOne two thr")
    writer.pause("Waiting.")
    writer.show("First.\n\nOne")
    writer.end("First.\n\nOne 2.")

    assert _seen(terminal) == "First.\n\nOne 2."


def test_a_finished_block_that_turns_out_otherwise_is_written_anew_below(
    terminal: TerminalStream,
) -> None:
    writer = MarkdownWriter(terminal)
    writer.show("First.\n\nSecond")
    writer.end("Other.")

    assert _seen(terminal).startswith("First.")
    assert "begins anew" in " ".join(_seen(terminal).split())
    assert _seen(terminal).endswith("Other.")
