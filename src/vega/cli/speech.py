"""One prompt said to Vega, and its answer written while it comes."""

from vega.cli import screen
from vega.cli.answer import Answer, Interrupt
from vega.cli.client import ENDS, MODEL_SECONDS, Client, Event
from vega.cli.place import machine_name, machine_zone
from vega.cli.writer import Writer, open_writer

RESTARTING = "(waiting for Vega, which starts or restarts …)"


class Speech:
    """Says one prompt. Ctrl-C stops its answer, and what there is of it is kept."""

    def __init__(self, *, is_silent: bool = False) -> None:
        self.answer = Answer()
        self.is_interrupted = False
        self._client = Client(on_wait=self._show_wait)
        self._is_silent = is_silent
        self._writer: Writer | None = None

    def say(self, prompt: str, key: str, model_seconds: float = MODEL_SECONDS) -> Answer:
        """The answer, once it has ended. Raises what `Client.say` raises."""
        events = self._client.say(
            prompt,
            key=key,
            timezone=machine_zone(),
            device=machine_name(),
            model_seconds=model_seconds,
        )
        with Interrupt(self._client) as interrupt:
            try:
                for event in events:
                    self.answer.take(event)
                    interrupt.watch(self.answer)
                    if not self._is_silent:
                        self._show(event)
            finally:
                self.is_interrupted = interrupt.is_wanted
                if self._writer and not self.answer.status:
                    self._writer.leave()
        return self.answer

    def _show(self, event: Event) -> None:
        # Opened when the prompt is under way: what it loads costs the model's time.
        writer = self._writer = self._writer or open_writer()
        if event.kind in ENDS:
            writer.end(self.answer.text)
        elif event.kind == "turn.waiting":
            writer.pause(f"({self.answer.delay})")
        else:
            writer.show(self.answer.text)

    def _show_wait(self) -> None:
        if self._writer:
            self._writer.pause(RESTARTING)
        elif not self._is_silent:
            screen.tell_person(RESTARTING)
