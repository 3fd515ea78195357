"""Steps that are taken back when a later one fails: no machine is left half installed."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Self

from vega.service.saying import say

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """Ctrl-C, or the end of the terminal."""


class Undo:
    """Within it, what fails is undone, the last step first."""

    def __init__(self) -> None:
        self._ways_back: list[tuple[str, Callable[[], object]]] = []

    def later(self, what: str, way_back: Callable[[], object]) -> None:
        """How to take back what is about to be done; `what` names it should that fail too."""
        self._ways_back.append((what, way_back))

    def forget(self) -> None:
        """From here on what was done stays."""
        self._ways_back.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, _: TracebackType | None
    ) -> None:
        if kind is None or not self._ways_back:
            return
        with Deaf():
            say("That failed; what this run did is being undone.")
            if exc is not None and not isinstance(exc, Interrupted):
                say(f"  {exc}")
            is_clean = True
            for what, way_back in reversed(self._ways_back):
                try:
                    way_back()
                except Exception as failed:  # noqa: BLE001 - the rest is undone all the same
                    is_clean = False
                    say(f"  This could not be undone: {what}: {failed}")
            if is_clean:
                say("Undone: this machine is as it was before.")


class Deaf:
    """Within it, nothing interrupts."""

    def __enter__(self) -> None:
        self._before = {each: signal.signal(each, signal.SIG_IGN) for each in SIGNALS}

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def heed_signals() -> None:
    """From here on they raise Interrupted, wherever this process is."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Interrupted

    for each in SIGNALS:
        signal.signal(each, interrupt)
