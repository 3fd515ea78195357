"""Writes an answer while it comes: as Markdown in a terminal, as it is everywhere else.

Both are handed the whole text so far each time. Nothing that was written is written again: in a
terminal what is finished scrolls away, and only the unfinished block at its end is redrawn.
"""

import re
import sys
import time
from typing import IO, Protocol

from vega.cli import screen

#: An answer that begins anew after a crash, where the old one cannot be taken back.
ANEW = "(Vega was restarted; the answer begins anew.)"
#: Redrawing takes at most one part in so many of the time, however long a block gets.
DRAWING_SHARE = 4
#: Rows of the terminal that an unfinished block leaves free.
FREE_ROWS = 2
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


class Writer(Protocol):
    """Where an answer goes."""

    def show(self, text: str) -> None:
        """The answer is now this."""

    def pause(self, note: str) -> None:
        """Why nothing comes now; it goes away when something does."""

    def leave(self) -> None:
        """The answer goes on without us."""

    def end(self, text: str) -> None:
        """The whole answer."""


class PlainWriter:
    """The text as it streams, each character once."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._is_terminal = screen.is_terminal(stream)
        self._shown = ""

    def show(self, text: str) -> None:
        shown = screen.safe(text) if self._is_terminal else text
        if shown.startswith(self._shown):
            self._stream.write(shown[len(self._shown) :])
        elif self._shown.startswith(shown):
            # A crash has taken its last second; what comes next is most likely the same again.
            return
        else:
            screen.tell(ANEW)
            self._stream.write(f"\n\n{shown}")
        self._shown = shown
        self._stream.flush()

    def pause(self, note: str) -> None:
        screen.tell_person(note)

    def leave(self) -> None:
        if self._shown and not self._shown.endswith("\n"):
            self._stream.write("\n")
        self._stream.flush()

    def end(self, text: str) -> None:
        self.show(text)
        self.leave()


class MarkdownWriter:
    """Markdown in a terminal whose cursor can be moved."""

    def __init__(self, stream: IO[str]) -> None:
        # Imported here, when the prompt has been sent: its time is the model's time.
        from vega.cli.markdown import Markdown

        self._stream = stream
        self._markdown = Markdown(stream)
        #: What was finished, and the lines of the unfinished block that stand on the screen.
        self._finished = ""
        self._drawn: list[str] = []
        self._may_draw_at = 0.0

    def show(self, text: str) -> None:
        began = time.monotonic()
        if began < self._may_draw_at or self._finished.startswith(text):
            return
        kept = len(self._finished) if text.startswith(self._finished) else 0
        self._finish(text, kept + finished_length(text[kept:]))
        rows = max(1, self._markdown.rows - FREE_ROWS)
        self._draw(self._markdown.lines(text[len(self._finished) :])[-rows:])
        ended = time.monotonic()
        self._may_draw_at = ended + (ended - began) * (DRAWING_SHARE - 1)

    def pause(self, note: str) -> None:
        self._draw([*self._drawn, *self._markdown.note(note)])

    def leave(self) -> None:
        if self._drawn:
            self._stream.write("\n")
            self._stream.flush()

    def end(self, text: str) -> None:
        if text and self._finished.startswith(text):
            self._draw([])
        else:
            self._finish(text, len(text))
        self._stream.flush()

    def _finish(self, text: str, length: int) -> None:
        """Writes what is finished, so that it is never touched again."""
        if not text.startswith(self._finished):
            self._draw(self._markdown.note(ANEW))
            self._stream.write("\n\n")
            self._finished, self._drawn = "", []
        block = text[len(self._finished) : length]
        if block.strip():
            self._draw(self._markdown.lines(block))
            self._stream.write("\n\n" if length < len(text) else "\n")
            self._finished, self._drawn = text[:length], []
        elif length == len(text):
            self._draw([])

    def _draw(self, lines: list[str]) -> None:
        """Puts these lines in the place of those that are drawn, beginning where they differ."""
        drawn = self._drawn
        same = 0
        while same < min(len(lines), len(drawn)) and lines[same] == drawn[same]:
            same += 1
        if same == len(lines) == len(drawn):
            return
        if same == len(lines):
            # Fewer lines than before: the cursor belongs behind the last of them.
            same = max(0, same - 1)
        rest = "\n".join(lines[same:])
        if same == len(drawn):
            self._stream.write(f"\n{rest}" if drawn else rest)
        elif same == len(drawn) - 1 and rest.startswith(drawn[same]):
            # The last line goes on: what most pieces of an answer do.
            self._stream.write(rest[len(drawn[same]) :])
        else:
            up = len(drawn) - 1 - same
            self._stream.write("\r" + (f"\x1b[{up}A" if up else "") + f"\x1b[J{rest}")
        self._stream.flush()
        self._drawn = lines


def open_writer(stream: IO[str] | None = None) -> Writer:
    """The writer that fits where standard output goes."""
    stream = stream or sys.stdout
    return MarkdownWriter(stream) if screen.can_redraw(stream) else PlainWriter(stream)


def finished_length(text: str) -> int:
    """How much of a Markdown text stays as it is, whatever follows.

    Up to the last blank line outside of a code block behind which something begins in the first
    column: what is indented may still belong to a list.
    """
    finished = position = 0
    fence = ""
    is_after_blank = False
    for line in text.splitlines(keepends=True):
        if is_after_blank and not fence and not line[0].isspace():
            finished = position
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
                fence = ""
        elif mark:
            fence = mark[1]
        is_after_blank = not fence and not line.strip()
        position += len(line)
    return finished
