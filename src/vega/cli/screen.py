"""What the terminal is like, and what may be written to it.

What was said is not trusted: nothing that a prompt, an answer or a message holds may steer the
terminal, so control characters are shown as pictures. A pipe gets the text as it is, since a
program reads it: what `cat` would not change, Vega does not change.
"""

import os
import sys
from typing import IO

#: Control characters are shown by their pictures (U+2400 …), those without one by U+FFFD. Carriage
#: returns go: with a line feed they mean a line's end, alone they would hide what stands before.
_PICTURES: dict[int, int | None] = {
    **{code: 0x2400 + code for code in range(0x20)},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
    # These turn the direction of what follows, also of what Vega itself writes there.
    **dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)), 0xFFFD),
}
_PICTURES |= {ord("\n"): ord("\n"), ord("\t"): ord("\t"), ord("\r"): None}


def safe(text: str) -> str:
    """The text without anything that a terminal would obey."""
    return text.translate(_PICTURES)


def prepare_streams() -> None:
    """After this, writing never fails for a closed stream or a character that cannot be encoded."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            # Else the next file that is opened would get its number, and what is meant for it.
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, mode, encoding="utf-8"))  # noqa: SIM115
        elif mode == "w":
            stream.reconfigure(errors="replace")


def is_terminal(stream: IO[str]) -> bool:
    return stream.isatty()


def can_redraw(stream: IO[str]) -> bool:
    """Whether the cursor can be moved there; a terminal that is `dumb` only writes on."""
    return stream.isatty() and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")


def tell(text: str) -> None:
    """One line for the person, beside the output."""
    print(safe(text), file=sys.stderr, flush=True)


def tell_person(text: str) -> None:
    """What only somebody who sits there needs to know."""
    if is_terminal(sys.stderr):
        tell(text)


def bold(text: str) -> str:
    """A heading on standard output."""
    return _styled(text, "1")


def dim(text: str) -> str:
    """What may be overlooked, on standard output."""
    return _styled(text, "2")


def printable(text: str) -> str:
    """As it may stand on standard output."""
    return safe(text) if is_terminal(sys.stdout) else text


def _styled(text: str, code: str) -> str:
    shown = printable(text)
    return f"\x1b[{code}m{shown}\x1b[0m" if can_redraw(sys.stdout) else shown
