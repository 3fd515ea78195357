"""Regular expressions that are compiled when they are first used.

The rules of `vega.core.facts` are some 300 long expressions: compiled at import they were more than
half of what a start of Vega cost, and a start is what a client waits for after a crash.
"""

import re
from collections.abc import Callable, Iterator


class Pattern:
    """One expression, as `re.compile` takes it. Raises re.error at its first use."""

    __slots__ = ("_compiled", "_flags", "_text")

    def __init__(self, text: str, flags: int = 0) -> None:
        self._text = text
        self._flags = flags
        self._compiled: re.Pattern[str] | None = None
        _waiting.append(self)

    @property
    def compiled(self) -> re.Pattern[str]:
        # Two threads may both compile it: they get the same.
        if self._compiled is None:
            self._compiled = re.compile(self._text, self._flags)
        return self._compiled

    def match(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self.compiled.match(text, start)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self.compiled.fullmatch(text)

    def search(self, text: str, start: int = 0) -> re.Match[str] | None:
        return self.compiled.search(text, start)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        return self.compiled.finditer(text)

    def findall(self, text: str) -> list[str]:
        return self.compiled.findall(text)

    def split(self, text: str, most: int = 0) -> list[str]:
        return self.compiled.split(text, most)

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str, count: int = 0) -> str:
        return self.compiled.sub(by, text, count)

    def subn(self, by: str | Callable[[re.Match[str]], str], text: str) -> tuple[str, int]:
        return self.compiled.subn(by, text)


_waiting: list[Pattern] = []


def compile_patterns() -> None:
    """Compiles all that is not yet: half a second of work, for a thread that nobody waits for."""
    while _waiting:
        _ = _waiting.pop().compiled
