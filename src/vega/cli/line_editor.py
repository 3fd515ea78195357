"""Reads what the owner types, by prompt_toolkit: several lines, a history, pasted text as it is."""

import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.shortcuts.prompt import CompleteStyle

from vega.cli.turns import PROMPT_MARK


class LineEditor:
    """Enter sends, Alt-Enter begins a new line."""

    def __init__(self, past: Sequence[str]) -> None:
        """`past`: what was said before, oldest first, for the arrow keys."""
        self._session: PromptSession[str | None] = PromptSession(
            history=InMemoryHistory(past),
            multiline=True,
            key_bindings=_bindings(),
            prompt_continuation=" " * len(PROMPT_MARK),
            complete_style=CompleteStyle.COLUMN,
            enable_suspend=True,
        )

    def read(self, draft: str = "") -> str | None:
        """What was typed; None for Ctrl-C on an empty line. Raises EOFError for Ctrl-D on one."""
        return self._session.prompt(PROMPT_MARK, default=draft)


def _bindings() -> KeyBindings:
    bindings = KeyBindings()

    @bindings.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @bindings.add("escape", "enter")
    def _begin_line(event: KeyPressEvent) -> None:
        event.current_buffer.newline(copy_margin=False)

    @bindings.add("c-c")
    @bindings.add("<sigint>")
    def _clear(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(result=None)

    return bindings


@contextmanager
def typing_ahead(*, is_interruptible: bool) -> Iterator[None]:
    """What is typed while no line is read is not shown, and is there when one is.

    Each key arrives as it was pressed, also Ctrl-D, Enter and, unless that is to interrupt, Ctrl-C:
    the terminal's own line editing would keep them for itself.
    """
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    quiet = termios.tcgetattr(number)
    quiet[0] &= ~termios.ICRNL
    quiet[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    if is_interruptible:
        quiet[3] |= termios.ISIG
    termios.tcsetattr(number, termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(number, termios.TCSANOW, before)
