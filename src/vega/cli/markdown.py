"""Markdown as lines of a terminal, by rich.

The text is not trusted, and what rich makes of it is not either: it resolves entities and writes
links' targets. So control characters are taken out of what was rendered, right before it becomes
bytes, and links are shown with their targets instead of being hidden behind words.
"""

from itertools import dropwhile
from typing import IO

from markdown_it import MarkdownIt
from rich.console import Console
from rich.markdown import Markdown as RichMarkdown
from rich.segment import Segment, Segments
from rich.text import Text
from rich.theme import Theme

from vega.cli.screen import safe

#: The terminal's own colours and background, which fit dark and light ones.
CODE_THEME = "ansi_dark"
#: As rich's own, but HTML is text like any other: rich would leave it out. A picture is a link:
#: rich would put it before its paragraph.
PARSER = MarkdownIt("commonmark", {"html": False}).enable(["strikethrough", "table"])
PARSER.disable("image")
THEME = Theme({"markdown.code": "bold cyan", "markdown.code_block": "cyan"})


class Markdown:
    """Renders for one terminal, at the width that it has at that moment."""

    def __init__(self, stream: IO[str]) -> None:
        self._console = Console(file=stream, theme=THEME, highlight=False)

    @property
    def rows(self) -> int:
        return self._console.size.height

    def lines(self, text: str) -> list[str]:
        """Its lines with their colours, without spaces behind and empty lines around them."""
        rendered = RichMarkdown("", code_theme=CODE_THEME, hyperlinks=False)
        rendered.parsed = PARSER.parse(safe(text))
        return self._lines(rendered)

    def note(self, text: str) -> list[str]:
        """Plain text, dim, in lines that fit."""
        return self._lines(Text(safe(text), style="dim"))

    def _lines(self, rendered: RichMarkdown | Text) -> list[str]:
        lines = [self._line(line) for line in self._console.render_lines(rendered, pad=False)]
        while lines and not lines[-1]:
            lines.pop()
        return list(dropwhile(lambda line: not line, lines))

    def _line(self, segments: list[Segment]) -> str:
        kept = [
            Segment(safe(segment.text), segment.style)
            for segment in segments
            if segment.control is None
        ]
        while kept and not kept[-1].text.strip():
            kept.pop()
        if kept:
            kept[-1] = Segment(kept[-1].text.rstrip(), kept[-1].style)
        with self._console.capture() as capture:
            self._console.print(Segments(kept), end="", soft_wrap=True)
        return capture.get()
