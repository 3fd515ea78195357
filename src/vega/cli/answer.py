"""An answer put together from its events, and Ctrl-C, which stops it."""

import signal
from collections.abc import Mapping, Sequence
from types import FrameType, TracebackType
from typing import Any, Self

from vega.cli.client import Client, ConnectionLost, Event, NotRunning


class Answer:
    """What is known of an answer so far."""

    def __init__(self) -> None:
        self.turn_id = 0
        self.text = ""
        #: Empty until it has ended; then `completed`, `stopped` or `failed`.
        self.status = ""
        #: Why it failed.
        self.error = ""
        #: What else is to be known of it, as that another model than usual has written it.
        self.note = ""
        #: The turns that it rests on, as `POST /chat` gives them.
        self.sources: Sequence[Mapping[str, Any]] = ()
        #: Why it waits for a model, as long as it does.
        self.delay = ""
        #: The last event's data: at the end, what `POST /chat` answers.
        self.data: Mapping[str, Any] = {}

    def take(self, event: Event) -> None:
        self.turn_id = event.data["turn_id"]
        self.data = event.data
        self.delay = event.data["reason"] if event.kind == "turn.waiting" else ""
        match event.kind:
            case "turn.delta":
                self.text += event.data["text"]
            case "turn.restarted":
                self.text = event.data["text"]
            case "turn.completed" | "turn.failed":
                self.text = event.data["response"]
                self.status = event.data["status"]
                self.error = event.data.get("error") or ""
                self.note = event.data.get("note") or ""
                self.sources = event.data.get("sources") or ()


class Interrupt:
    """Within it, Ctrl-C stops the answer that is watched; a second one leaves at once.

    The stop is asked for on a connection of its own, so the stream goes on to its end and tells
    what was kept of the answer.
    """

    def __init__(self, client: Client) -> None:
        self.is_wanted = False
        # Within a signal nothing may wait, and nothing may be written.
        self._client = Client(client.home, is_patient=False)
        self._turn_id = 0
        self._is_asked = False
        self._before: Any = None

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def watch(self, answer: Answer) -> None:
        """Called at each event: a Vega that was away when it was to stop is asked again."""
        self._turn_id = answer.turn_id
        if self.is_wanted and not answer.status:
            self._ask()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.is_wanted or not self._turn_id:
            raise KeyboardInterrupt
        self.is_wanted = True
        self._ask()

    def _ask(self) -> None:
        if self._is_asked:
            return
        try:
            self._client.stop(self._turn_id)
        except (NotRunning, ConnectionLost):
            # It is asked again at the next event.
            return
        self._is_asked = True
